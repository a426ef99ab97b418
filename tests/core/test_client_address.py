"""From which address a request comes: what a stranger writes into a header is not believed."""

import pytest
from django.test import RequestFactory

from core.client_address import client_address


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "found"),
    [
        (0, "192.0.2.1", None, "192.0.2.1"),
        (0, "192.0.2.1", "198.51.100.9", "192.0.2.1"),
        (1, "127.0.0.1", "198.51.100.9", "198.51.100.9"),
        (1, "127.0.0.1", "203.0.113.5, 198.51.100.9", "198.51.100.9"),
        (2, "127.0.0.1", "203.0.113.5, 198.51.100.9, 10.0.0.2", "198.51.100.9"),
        (2, "127.0.0.1", "198.51.100.9", "198.51.100.9"),
        (1, "127.0.0.1", None, "127.0.0.1"),  # from this machine, past the proxy
        (1, "127.0.0.1", " , ", "127.0.0.1"),
        (1, "127.0.0.1", "198.51.100.9:4711", "198.51.100.9"),
        (1, "127.0.0.1", "[2001:DB8::1]:4711", "2001:db8::1"),
        (1, "127.0.0.1", "::ffff:198.51.100.9", "198.51.100.9"),
        (1, "127.0.0.1", "fe80::1%eth0", "fe80::1"),
        (1, "127.0.0.1", "unknown", "127.0.0.1"),
        (1, "127.0.0.1", "x" * 10_000, "127.0.0.1"),
        (1, "", "198.51.100.9", "198.51.100.9"),
        (0, "", None, None),
    ],
)
def test_the_address_is_what_our_own_proxies_saw(settings, proxies, remote, forwarded, found):
    settings.TRUSTED_PROXIES = proxies
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=remote, headers=headers)) == found

"""Pages of the admin as a test reads them: who asks, what they say, and what leads from a preview to its confirmation."""

import re

from django.test import Client


def client_of(user):
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def token(response):
    return re.search(r'name="file" value="([0-9a-f]+)"', response.text)[1]


def lines(response):
    """The page's words, one line a cell or paragraph."""
    text = re.sub(r"</(?:td|th|p|li|h\d)>", "\n", response.text.partition('id="content"')[2])
    text = re.sub(r"<[^>]+>", "", text)
    return [line for line in (re.sub(r"\s+", " ", line).strip() for line in text.splitlines()) if line]

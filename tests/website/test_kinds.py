"""What is measured and looked at in a browser is a page of every kind."""

import re

from django.urls import resolve, reverse

from tests.browser.kinds import kinds
from tests.website.addresses import NAMES

FILE = re.compile(r"\.[a-z]+$")  # a PDF or Excel file takes seconds to make


def test_every_page_is_among_the_kinds_that_are_measured(client, filled):
    addresses = {name: reverse(name, args=args) for name, args in NAMES.items()}
    asked = {name: address for name, address in addresses.items() if not FILE.search(address)}
    pages = {name for name, address in asked.items() if client.get(address)["Content-Type"].startswith("text/html")}
    measured = {resolve(address.partition("?")[0]).url_name for address in kinds().values() if "nix/" not in address}
    assert measured - {"api_docs"} == pages

"""What is measured and looked at in a browser is a page of every kind."""

from django.urls import resolve, reverse

from tests.browser.kinds import kinds
from tests.website.addresses import NAMES


def test_every_page_is_among_the_kinds_that_are_measured(client, filled):
    answers = {name: client.get(reverse(name, args=args)) for name, args in NAMES.items()}
    pages = {
        name for name, answer in answers.items() if answer.getvalue() and answer["Content-Type"].startswith("text/html")
    }
    measured = {resolve(address.partition("?")[0]).url_name for address in kinds().values() if "nix/" not in address}
    assert measured - {"api_docs"} == pages

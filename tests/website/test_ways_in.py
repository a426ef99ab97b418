"""Every number is a way in: it leads to the list that it counts, and the list has so many items."""

import re
from html import unescape
from urllib.parse import urldefrag, urljoin

import pytest

_LINKED = re.compile(r'<a href="([^"]+)">([\d,]+)</a>')
_COUNTED = re.compile(r"<strong>([\d,]+)</strong>\s*件")
PLAN = "/plans/kodaira-2"


def numbers(client, address):
    """(where it leads, the number, how many the list there says) of every number of a page that is a link."""
    found = _LINKED.findall(client.get(address).content.decode())
    places = [(urldefrag(urljoin(address, unescape(href)))[0], number) for href, number in found]
    return [(place, number, _COUNTED.search(client.get(place).content.decode())[1]) for place, number in places]


@pytest.mark.parametrize(
    ("page", "some"),
    [
        ("", "programs/?grade=B&round=2015-03-31"),
        ("progress/", "programs/?grade=S&round=2014-09-30"),
        ("", "programs/?change=worse&round=2015-03-31"),
        ("progress/2015-03-31/", "programs/?policy=1&grade=S&round=2015-03-31"),
        ("progress/2015-03-31/", "programs/?change=better&round=2015-03-31&since=2014-09-30"),
        ("progress/2015-03-31/", "programs/?grade=S&lead=zaisei&round=2015-03-31"),
        ("compare/?from=2014-09-30&to=2015-03-31", "programs/?grade=S&was=A&round=2015-03-31&since=2014-09-30"),
        ("revisions/", "revisions/fy2013-revision/?aspect=contents"),
        ("report/2014-09-30/", "programs/?policy=1&grade=A&round=2014-09-30"),
        ("policies/1/", "programs/?policy=1&grade=S&round=2015-03-31"),
        ("revisions/fy2013-revision/", "revisions/fy2013-revision/?aspect=contents"),
    ],
)
def test_a_number_leads_to_the_list_that_it_counts(client, filled, page, some):
    found = numbers(client, f"{PLAN}/{page}")
    assert f"{PLAN}/{some}" in [place for place, *_ in found]
    assert [each for each in found if each[1] != each[2]] == []

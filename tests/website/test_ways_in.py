"""Every number of items is a way in: the list that it leads to counts the same."""

import re
from html import unescape

import pytest

from tests.reading import read

NUMBER = re.compile(r'<a href="(/plans/kodaira-2/programs/\?[^"]+)">([\d,]+)</a>')


def ways(client, page):
    return [(unescape(href), int(count)) for href, count in NUMBER.findall(client.get(page).text)]


@pytest.mark.parametrize(
    ("page", "least"), [("/", 9), ("/plans/kodaira-2/policies/1/", 2), ("/plans/kodaira-2/progress/2014-09-30/", 8)]
)
def test_a_list_counts_what_the_number_says(client, published, page, least):
    found = ways(client, page)
    assert len(found) >= least
    for href, count in found:
        answer = client.get(href)
        assert answer.status_code == 200, href
        said = next(text for text in read(answer).texts["p"] if text.endswith("件"))
        assert said.endswith(f" {count}件") or said == f"{count}件", (href, said)


def test_the_headline_leads_to_several_grades_at_once(client, published):
    html = client.get("/").text
    assert '<a href="/plans/kodaira-2/programs/?grade=S&amp;grade=A">1</a>項目（50%）' in html
    assert '<a href="/plans/kodaira-2/programs/?grade=B">1</a>項目' in html


def test_totals_that_only_the_city_printed_lead_nowhere(client, official):
    assert [href for href, _ in ways(client, "/") if "grade=" in href] == []

"""The page of all components."""

import re
from pathlib import Path

import pytest

from tests.reading import read

ROOT = Path(__file__).resolve().parents[2]
PAGE = "/demo/components/"


def test_a_server_for_citizens_does_not_have_it(client, db):
    assert client.get(PAGE).status_code == 404


@pytest.mark.urls("tests.demo.urls")
def test_it_shows_every_component_twice_and_asks_not_to_be_found(client):
    html = client.get(PAGE).content.decode()  # without a database
    assert '<meta name="robots" content="noindex">' in html
    assert [html.count(f'data-theme="{scheme}"') for scheme in ("light", "dark")] == [1, 1]
    assert html.count('class="plot') == 8
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


@pytest.mark.urls("tests.demo.urls")
def test_no_component_of_the_stylesheet_is_missing_from_it(client):
    """Those of the staff's pages that only a signed-in person sees are shown by the one that has their rules."""
    css = re.sub(r"/\*.*?\*/", "", (ROOT / "static/css/components.css").read_text(), flags=re.DOTALL)
    named = set(re.findall(r"\.([a-z][\w-]*)", "".join(re.findall(r"(?:^|\})([^{}]*)\{", css))))
    shown = set(" ".join(re.findall(r'class="([^"]*)"', client.get(PAGE).content.decode())).split())
    same = {"reason", "returned", "writing", "task", "told", "said"}
    same |= {"cell-label", "state-published", "changes"}
    assert named - shown == same


@pytest.mark.urls("tests.demo.urls")
def test_nothing_leads_to_it(client, db):
    assert "/demo/" not in client.get("/plans/").content.decode() + client.get("/robots.txt").content.decode()
    assert read(client.get(PAGE)) != ""

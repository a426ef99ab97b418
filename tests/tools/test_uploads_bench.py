"""A short run of what `make bench` measures of hostile files: the site itself, its reader, another visitor."""

import pytest

from tools import hostile_files
from tools.bench import BROKEN, uploads

pytestmark = [pytest.mark.soak, pytest.mark.sqlite]


@pytest.mark.django_db(transaction=True)
def test_the_site_refuses_and_answers_meanwhile():
    name = "長い文字列を50万回.xlsx"
    lines = list(uploads.hostile({name: hostile_files.FILES[name]}))
    assert len(lines) == 1, lines
    assert not lines[0].startswith(BROKEN)
    assert "200 ファイルの中身が大きすぎます。" in lines[0]

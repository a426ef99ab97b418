"""Staff meet Japanese only: translations, sign-in, lock-out."""

import re
from html import unescape
from pathlib import Path

import polib
import pytest
from axes.utils import reset
from django.conf import settings
from django.contrib import admin

from reviews import workflow

# Names of things that are written in Latin letters in Japanese too.
KNOWN = re.compile(
    r"Excel|LibreOffice|CSV|UTF-8|xlsx?|ods|csv|MB|https?://\S+|[\w.+-]+@\S+|JavaScript|PBKDF2\S*|md5|MD5|Django"
)


def test_the_compiled_translations_are_those_of_the_source():
    folder = Path(settings.LOCALE_PATHS[0]) / "ja" / "LC_MESSAGES"
    source = {entry.msgid: entry.msgstr for entry in polib.pofile(str(folder / "django.po"))}
    assert {entry.msgid: entry.msgstr for entry in polib.mofile(str(folder / "django.mo"))} == source
    assert [msgid for msgid, msgstr in source.items() if not msgstr] == []


def english(html):
    """English words that a reader of the page would see (two letters and more, outside of codes and addresses)."""
    body = re.sub(r"(?s)<(script|style|svg|textarea|code)\b.*?</\1>", " ", re.split(r"<body[^>]*>", html)[1])
    text = KNOWN.sub(" ", unescape(re.sub(r"<[^>]+>", " ", body)))
    return sorted(set(re.findall(r"[A-Za-z]{2,}", text)))


@pytest.mark.parametrize(
    "path",
    [
        "/admin/password_change/",
        "/admin/programs/program/import/",
        "/admin/programs/program/export/",
        "/admin/programs/program/1/history/",
        "/admin/reviews/round/",
        "/admin/reviews/report/",
        "/admin/reviews/report/import/",
        "/admin/reviews/report/1/change/",
        "/admin/reviews/report/1/history/",
        "/admin/reviews/round/add/",
    ],
)
def test_a_page_has_no_english_words(path, client, cast, plan):
    opened = workflow.open_round(plan.rounds.first(), by=cast.office)
    pk = {"program": plan.programs.first().pk, "report": opened.reports.first().pk}
    client.force_login(cast.office)
    response = client.get(path.replace("/1/", f"/{pk.get(path.split('/')[3])}/"))
    assert response.status_code == 200
    assert english(response.content.decode()) == []


def test_every_model_and_field_of_the_admin_has_a_japanese_name():
    names = [
        (model.__name__, field.name, str(field.verbose_name))
        for model in admin.site._registry
        for field in [model._meta, *model._meta.fields]
        if field is not model._meta and field.name not in ("id", "sort_key", "search_text")
    ]
    assert [entry for entry in names if re.fullmatch(r"[ -~]*", entry[2])] == []


def test_the_sign_in_page_is_japanese(client, db):
    html = client.get("/admin/login/").content.decode()
    assert english(html) == []
    assert "行財政改革プラン進捗管理" in html


def test_ten_wrong_passwords_lock_the_name_and_the_page_says_what_to_do(client, cast, settings):
    settings.AXES_ENABLED = True
    reset()
    answers = [
        client.post("/admin/login/", {"username": "reporter", "password": f"wrong{attempt}"}) for attempt in range(10)
    ]
    assert [answer.status_code for answer in answers] == [200] * 9 + [429]
    html = answers[-1].content.decode()
    assert "パスワードの誤りが続いたため、この利用者名では" in html
    assert "30分たってから" in html
    assert english(html) == []
    right = client.post("/admin/login/", {"username": "reporter", "password": "pass"})
    assert right.status_code == 429


def test_a_person_who_signs_in_comes_to_the_start_page(client, cast, plan):
    response = client.post("/admin/login/?next=/admin/", {"username": "reporter", "password": "pass"}, follow=True)
    assert response.request["PATH_INFO"] == "/admin/"


def test_no_field_of_a_record_drops_the_end_of_what_is_pasted(client, cast, plan):
    """A browser cuts at `maxlength` without a word: the pages count, and what is too long is refused."""
    client.force_login(cast.root)
    counted = {}
    for model in admin.site._registry:
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/add/"
        answer = client.get(address)
        if answer.status_code == 200:
            assert "maxlength" not in answer.text, address
            counted[model._meta.label] = re.findall(r'name="(\w+)"[^>]*data-most="(\d+)"', answer.text)
    assert ("url", "500") in counted["policies.Source"]
    assert ("code", "40") in counted["accounts.Department"]
    assert {("username", "150"), ("email", "254")} <= set(counted["accounts.User"])

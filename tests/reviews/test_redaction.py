"""Personal data that was published by mistake is taken out of everything, and what stays says who, when and why."""

import datetime
import hashlib
import io
import json
import sqlite3
import time
import zipfile

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import models
from django.utils import timezone

from committee.models import Opinion
from core.acts import NotAllowed, WrongState
from core.fiscal import date_label
from core.redaction import MARK, UnopenedFile, cut_from_text, stands_in_file
from programs.models import ProgramEdition
from reviews import redaction
from reviews.models import PublishedReport, Redaction, Report, Round
from reviews.redaction import SKIPPED_FIELDS, find, redact, searched_models
from tests.archives import zipped
from tests.website.whole_site import some_of_each_kind, texts_of_site
from workbooks.models import Export, SurveyUpload, TableUpload, exports_storage

SECRET = "山田サクラ"
WHY = "氏名が載っていたため"


def xlsx(text):
    """A workbook as a program may write it: a cell in two runs, with the reading of its first word."""
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as file:
        runs = f"<si><r><t>{text[:2]}</t></r><rPh><t>ヨミ</t></rPh><r><t>{text[2:]}</t></r></si>"
        file.writestr("xl/sharedStrings.xml", f"<sst>{runs}</sst>")
    return book.getvalue()


def everywhere():
    """All that the database holds, as text, and where: JSON unescaped, and for searches as it is folded."""
    held = {}
    for model in apps.get_models(include_auto_created=True):
        for row in model._base_manager.values():
            for name, value in row.items():
                if isinstance(value, bytes | memoryview):
                    value = "file: " + (SECRET if stands_in_file(bytes(value), SECRET) else "")
                held[f"{model._meta.label}.{name}"] = held.get(f"{model._meta.label}.{name}", "") + json.dumps(
                    value, ensure_ascii=False, default=str
                )
    return held


def holding(words):
    escaped = json.dumps(words)[1:-1]
    return sorted(name for name, text in everywhere().items() if words in text or escaped in text.replace("\\\\", "\\"))


def with_secret(model, name):
    """A value for a field that holds the secret."""
    own = model._meta.get_field(name)
    if isinstance(own, models.JSONField):
        return [{"text": f"担当の{SECRET}が", SECRET: ["", {"deep": SECRET}]}]
    if isinstance(own, models.BinaryField):
        return xlsx(SECRET)
    if name == "search_text":
        return f"やまだの{redaction.fold(SECRET)}さん"
    return SECRET if own.max_length and own.max_length < 20 else f"担当の{SECRET}さん"


def test_a_secret_in_every_text_of_every_model_is_found_and_taken_out_of_every_table(filled, cast, exports_folder):
    written = []
    for model, names in searched_models().items():
        row = model._base_manager.order_by("pk").first() or _made(model)
        model._base_manager.filter(pk=row.pk).update(
            **WHOLE.get(model._meta.label, {}) | {name: with_secret(model, name) for name in names}
        )
        written += [(f"{model._meta.label}.{name}", name == "search_text") for name in names]
    folded = redaction.fold(SECRET)
    assert holding(SECRET) == sorted(name for name, is_folded in written if not is_folded)
    assert holding(folded) == sorted(name for name, is_folded in written if is_folded)
    redact(SECRET, reason=WHY, by=cast.root)
    assert (holding(SECRET), holding(folded), find(SECRET)) == ([], [], [])
    assert len(written) > 150


# What a row needs beside its texts, because its constraints ask for pairs.
WHOLE = {
    "policies.Axis": {"order": 2},
    "policies.Plan": {"is_public": False},
    "policies.Source": {"public_at": None},
    "programs.Program": {"end_reason": "carried", "ended_on": datetime.date(2015, 3, 31), "public_at": None},
    "programs.PlanIndicatorTarget": {"value": 1},
    "programs.PlanIndicatorActual": {"value": 1},
    "reviews.Round": {"public_at": None},
    "committee.Meeting": {"public_at": None},
    "reviews.ReportActual": {"value": 1},
    "reviews.Settlement": {"kind": "saving"},
    "committee.Opinion": {"disposition": "adopted", "answered_on": datetime.date(2015, 3, 31), "published_on": None},
    "policies.LineageFigure": {"grade_order": 1, "grade_code": "S", "grade_label": "S", "tone": "ahead"},
    "workbooks.Export": {"state": "failed", "begun_at": timezone.now(), "heartbeat_at": timezone.now(), "finished_at": timezone.now(), "error": "x"},
}  # fmt: skip


def _made(model):
    """A row of a model that the plan has none of. Where a record is gone, its history is what is left."""
    values = dict(WHOLE.get(model._meta.label.replace("Historical", ""), {}))
    for own in model._meta.concrete_fields:
        if own.name in values:
            continue
        if own.name == "history_type":
            values[own.name] = "+"
        elif own.primary_key or own.null or own.has_default() or (own.blank and own.empty_strings_allowed):
            continue
        elif isinstance(own, models.ForeignKey):
            values[own.name] = own.related_model._base_manager.first() or _made(own.related_model)
        elif own.choices:
            values[own.name] = own.choices[0][0]
        elif isinstance(own, models.DateTimeField):
            values[own.name] = timezone.now()
        elif isinstance(own, models.DateField):
            values[own.name] = datetime.date(2014, 4, 1)
        elif isinstance(own, models.IntegerField):
            values[own.name] = 2014
        elif isinstance(own, models.BinaryField):
            values[own.name] = b"file"
        elif isinstance(own, models.DecimalField):
            values[own.name] = 1
        else:
            values[own.name] = "x"
    rows = model._base_manager.bulk_create([model(**values)])
    return rows[0]


def test_every_field_that_holds_words_is_searched():
    """What is left out holds choices, names of the program, or what was computed from secrets."""
    searched = {(model, name) for model, names in searched_models().items() for name in names}
    left_out = {
        f"{model._meta.label_lower}.{own.name}"
        for model in apps.get_models(include_auto_created=True)
        for own in model._meta.concrete_fields
        if isinstance(own, models.CharField | models.TextField | models.JSONField | models.BinaryField)
        and (model, own.name) not in searched
        and not own.choices
        and own.name not in SKIPPED_FIELDS
    }
    assert left_out == {
        "auth.group.name",
        "auth.permission.codename",
        "auth.permission.name",
        "contenttypes.contenttype.app_label",
        "contenttypes.contenttype.model",
        "sessions.session.session_data",
        "sessions.session.session_key",
    }


@pytest.fixture
def told(filled, cast):
    """A published report, a content of a frozen edition and an opinion say the name of a citizen."""
    row = PublishedReport.objects.get(program__number="2", round__as_of="2015-03-31")
    PublishedReport.objects.filter(pk=row.pk).update(progress=f"{SECRET}さんの申し出を受けた。", note=SECRET)
    Report.objects.filter(program__number="2", round__as_of="2015-03-31").update(
        progress=f"{SECRET}さんの申し出を受けた。"
    )
    ProgramEdition.objects.filter(program__number="2", edition__key="original").update(
        contents=f"{SECRET}の土地を売る。"
    )
    Opinion.objects.published().update(text=f"{SECRET}の意見")
    return filled


def test_it_leaves_a_mark_in_the_text_and_says_who_when_and_why(told, cast):
    made = redact(SECRET, reason=WHY, by=cast.root)
    row = PublishedReport.objects.get(program__number="2", round__as_of="2015-03-31")
    assert (row.progress, row.note) == (f"{MARK}さんの申し出を受けた。", MARK)
    content = ProgramEdition.objects.get(program__number="2", edition__key="original")
    assert content.contents == f"{MARK}の土地を売る。"
    last = content.history.first()
    assert (last.history_user, last.history_change_reason, last.contents) == (
        cast.root,
        "個人情報の削除",
        content.contents,
    )
    [of_row] = [one for one in made if one.place == "公表した報告"]
    assert (of_row.plan, of_row.program, of_row.round) == (told, row.program, row.round)
    assert (of_row.fields, of_row.count, of_row.is_public, of_row.is_frozen) == ("取組状況、備考", 2, True, True)
    assert (of_row.reason, of_row.redacted_by) == (WHY, cast.root)
    [of_report] = [one for one in made if one.place == "進捗報告"]
    assert (of_report.is_public, of_report.is_frozen) == (False, False)
    assert SECRET not in json.dumps(list(Redaction.objects.values()), default=str, ensure_ascii=False)


def test_only_the_chosen_records_are_touched(told, cast):
    chosen = [place.key for place in find(SECRET) if place.model is PublishedReport]
    redact(SECRET, reason=WHY, by=cast.root, where=chosen)
    assert {place.label for place in find(SECRET)} == {"計画内容", "進捗報告", "意見・助言"}


@pytest.mark.parametrize(
    ("words", "reason", "field"),
    [
        ("山", WHY, "words"),
        ("　 \n", WHY, "words"),
        ("個人情報", WHY, "words"),
        ("どこにもない言葉", WHY, "where"),
        (SECRET, " ", "reason"),
        (SECRET, f"{SECRET}さんの申し出", "reason"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_touched(told, cast, words, reason, field):
    with pytest.raises(ValidationError) as refused:
        redact(words, reason=reason, by=cast.root)
    assert list(refused.value.message_dict) == [field]
    assert (len(find(SECRET)), Redaction.objects.count()) == (4, 0)


def test_nobody_but_a_superuser(told, cast):
    cast.root.is_active = False
    for person in (cast.office, cast.reporter, cast.committee, cast.root):
        with pytest.raises(NotAllowed):
            redact(SECRET, reason=WHY, by=person)


def test_a_frozen_edition_is_guarded_again_afterwards(told, cast):
    redact(SECRET, reason=WHY, by=cast.root)
    content = ProgramEdition.objects.get(program__number="2", edition__key="original")
    content.contents = "別の内容"
    with pytest.raises(WrongState):
        content.save()


def test_a_failure_leaves_everything_as_it_was(told, cast, monkeypatch):
    def fails(*_args):
        raise RuntimeError

    monkeypatch.setattr(redaction, "_note", fails)
    with pytest.raises(RuntimeError):
        redact(SECRET, reason=WHY, by=cast.root)
    assert len(find(SECRET)) == 4


def test_a_mark_never_grows_beyond_its_field():
    assert cut_from_text("担当 山田", "山田", 12) == "担当 ［個人情報を削除］"
    assert cut_from_text("担当 山田", "山田", 8) == "担当 ［削除］"
    assert cut_from_text("山田山田", "山田", 4) == "■■"


def test_a_file_is_opened(tmp_path):
    assert stands_in_file(xlsx(SECRET), SECRET)
    assert not stands_in_file(xlsx("別の人の名前"), SECRET)
    for encoding in ("utf-8", "utf-8-sig", "cp932", "euc_jp", "iso2022_jp", "utf-16", "utf-16-be"):
        assert stands_in_file(f"番号,氏名\r\n1,担当の{SECRET}です".encode(encoding), SECRET), encoding
        assert not stands_in_file("番号,氏名\r\n1,山田サツキ".encode(encoding), SECRET), encoding
    page = f"<html><table><tr><td><b>{SECRET[:2]}</b>&#12469;{SECRET[3:]}</td></tr></table>"
    assert SECRET not in page
    for encoding in ("utf-8", "cp932", "euc_jp", "iso2022_jp"):
        assert stands_in_file(page.encode(encoding), SECRET), encoding
    for damaged in (b"PK damaged", xlsx(SECRET)[:-30], xlsx(SECRET)[:60] + b"\xff" * 9 + xlsx(SECRET)[69:]):
        with pytest.raises(UnopenedFile):
            stands_in_file(damaged, SECRET)


@pytest.mark.parametrize("part", ["<rPh ", "<", "<a", "<rPh></rPh", "&#0", "&a"])
def test_what_begins_again_and_again_and_never_ends_is_read_in_no_time(part):
    """A reporter may send a sheet with a part of his own, which no reader of sheets opens."""
    began = time.process_time()
    for data in (zipped({"xl/own.xml": f"{part * 40_000}{SECRET}"}), f"{part * 40_000}{SECRET}".encode()):
        assert stands_in_file(data, SECRET)
        assert not stands_in_file(data, f"{SECRET}子")
    assert time.process_time() - began < 2


def test_as_many_beginnings_of_references_as_a_file_may_hold_are_read_in_seconds():
    began = time.process_time()
    assert not stands_in_file(b"&a" * (10 * 1024 * 1024), SECRET)
    assert time.process_time() - began < 5


def test_a_character_may_be_written_in_any_way_of_html():
    """By its number, its name, and the number that it had in Windows; a longer number is another character."""
    ways = ("&#23665;&#30000;", "&#x5C71&#x7530", "&#x5c71;&#0030000;", "山<b>田</b>", "&#23665<i>&#30000</i>")
    assert [way for way in ways if not stands_in_file(way.encode(), "山田")] == []
    assert not stands_in_file("&#236650;&#30000; 山&#x7530f".encode(), "山田")
    assert stands_in_file(b"A&amp;B &euro;&quot;", 'A&B €"')
    assert stands_in_file(b"5 &#128;", "5 €")


def test_a_file_that_is_larger_than_any_sheet_may_hold_anything_and_no_number_stops_the_search():
    with pytest.raises(UnopenedFile):
        stands_in_file(zipped({"xl/own.xml": "い" * 7_000_000}), SECRET)
    assert stands_in_file(zipped({"xl/own.xml": "い" * 6_000_000 + SECRET}), SECRET)
    for never in ("&#" + "9" * 5000, "&#" + "0" * 5000 + "26085;"):
        assert stands_in_file(f"<html>{never};{SECRET}".encode(), SECRET)


def test_a_damaged_file_is_named_and_stops_nothing_and_a_table_on_its_way_goes(told, cast, client):
    """The file of a table that nobody can open; and one in the encoding of an old system, whose reading is kept beside it."""
    *_gone, other = (
        TableUpload.objects.create(plan=told, file_name=name, content=content, uploaded_by=cast.office)
        for name, content in (
            ("euc.csv", f"氏名\n{SECRET}".encode("euc_jp")),
            ("broken.xlsx", b"PK damaged"),
            ("other.csv", "氏名\n別の人".encode("euc_jp")),
        )
    )
    places = {place.record: place.is_damaged for place in find(SECRET) if place.model is TableUpload}
    assert places == {"euc.csv": False, "broken.xlsx": True}
    client.force_login(cast.root)
    text = client.post("/admin/reviews/redaction/redact/", {"words": SECRET}).content.decode()
    assert "取り込む表「broken.xlsx」：ファイルが壊れているか大きすぎて開けないため" in text
    redact(SECRET, reason=WHY, by=cast.root)
    assert list(TableUpload.objects.all()) == [other]
    assert find(SECRET) == []


def test_sheets_forms_and_files_that_wait_go_too(told, cast, exports_folder, django_capture_on_commit_callbacks):
    round_ = Round.objects.filter(plan=told).first()
    waiting, taken = (
        SurveyUpload(
            round=round_,
            department=cast.zaisei,
            file_name=f"{SECRET}.xlsx",
            content=xlsx(SECRET),
            uploaded_by=cast.office,
        )
        for _ in range(2)
    )
    waiting.save()
    taken.state, taken.confirmed_at = "confirmed", timezone.now()
    taken.changes = [{"cells": [{"old": "", "new": SECRET}]}]
    taken.save()
    typed = SessionStore()
    typed["typed_before_sign_in"] = {"typed": "progress=%E5%B1%B1%E7%94%B0%E3%82%B5%E3%82%AF%E3%83%A9"}
    typed.save()
    other = SessionStore()
    other["waiting"] = "別のもの"
    other.save()
    name = exports_storage().save("book.xlsx", ContentFile(b"book"))
    now = timezone.now()
    Export.objects.create(
        plan=told, kind="book", state="done", name="book.xlsx", site="s", task_id="t", file=name, size=4, asked_by=cast.office,
        asked_at=now, begun_at=now, heartbeat_at=now, finished_at=now,
    )  # fmt: skip
    LogEntry.objects.create(user=cast.office, action_flag=2, object_repr=SECRET, change_message=json.dumps([SECRET]))
    with django_capture_on_commit_callbacks(execute=True):
        redact(SECRET, reason=WHY, by=cast.root)
    assert not SurveyUpload.objects.filter(pk=waiting.pk).exists()
    taken.refresh_from_db()
    assert (taken.file_name, bytes(taken.content)) == (f"{MARK}.xlsx", b"")
    assert taken.changes == [{"cells": [{"old": "", "new": MARK}]}]
    assert list(Session.objects.values_list("session_key", flat=True)) == [other.session_key]
    assert (Export.objects.count(), exports_storage().exists(name)) == (0, False)
    entry = LogEntry.objects.get()
    assert (entry.object_repr, json.loads(entry.change_message)) == (MARK, [MARK])


def test_the_history_of_a_record_that_is_gone(plan, cast):
    from committee.models import Meeting

    meeting = Meeting.objects.create(plan=plan, title=f"{SECRET}委員の説明", held_on=datetime.date(2015, 5, 1))
    pk = meeting.pk
    meeting.delete()
    [place] = find(SECRET)
    assert (place.record, place.now, place.then, place.plan) == ("（削除された会議）", 0, 2, plan.pk)
    [made] = redact(SECRET, reason=WHY, by=cast.root)
    assert (made.place, made.count, made.is_public) == ("会議", 2, False)
    assert set(Meeting.history.filter(id=pk).values_list("title", flat=True)) == {f"{MARK}委員の説明"}


def test_the_file_of_the_database_holds_it_no_more_after_vacuum(tmp_path):
    """SQLite keeps what was overwritten until its file is written anew, as docs/operations.md says."""
    path = tmp_path / "one.sqlite3"
    with sqlite3.connect(path) as one:
        one.execute("PRAGMA secure_delete=OFF")
        one.execute("CREATE TABLE t (x TEXT)")
        one.executemany("INSERT INTO t VALUES (?)", [(SECRET * 50,)] * 50)
        one.commit()
        one.execute("UPDATE t SET x = ?", (MARK,))
        one.commit()
    one.execute("VACUUM")
    one.close()
    assert SECRET.encode() not in path.read_bytes()


@some_of_each_kind
def test_no_public_page_or_file_holds_it_afterwards(told, cast, client, most):
    before = texts_of_site(client, told, most)
    assert len([path for path, body in before.items() if stands_in_file(body, SECRET)]) > 6
    redact(SECRET, reason=WHY, by=cast.root)
    after = texts_of_site(client, told, most)
    assert set(before) <= set(after)
    assert [path for path, body in after.items() if stands_in_file(body, SECRET)] == []


def test_the_pages_and_the_file_of_the_round_say_it(told, cast, client, settings):
    base = f"/plans/{told.slug}"
    files = f"{base}/data/rounds/2015-03-31"
    first = client.get(f"{files}/programs.csv")
    assert SECRET in first.getvalue().decode()
    digest = client.get(f"{files}/SHA256SUMS").getvalue().decode().split()[0]
    redact(SECRET, reason=WHY, by=cast.root)
    day = date_label(timezone.localdate())
    for path in (f"{base}/programs/2/", f"{base}/progress/2015-03-31/"):
        page = client.get(path).content.decode()
        assert f"{day}に、公開していた個人情報を削除しました（公表した報告：取組状況、備考）。" in page
        assert f"削除の理由：{WHY}" in page
    assert f"{MARK}の土地を売る。" in client.get(f"{base}/programs/2/").content.decode()
    assert "個人情報" not in client.get(f"{base}/progress/2014-09-30/").content.decode()
    assert "公表した報告" not in client.get(f"{base}/programs/1/").content.decode()
    note, line = client.get(f"{files}/SHA256SUMS").getvalue().decode().splitlines()
    again = client.get(f"{files}/programs.csv")
    assert note == f"# {day}に個人情報を削除"
    assert line == f"{hashlib.sha256(again.getvalue()).hexdigest()}  programs.csv"
    assert digest not in line
    assert (again["ETag"] == first["ETag"], again["Last-Modified"] >= first["Last-Modified"]) == (False, True)
    assert client.get(f"{base}/data/").content.decode().count(f"（{day}に個人情報を削除）") == 1


def test_a_superuser_sees_every_place_before_it_is_done(told, cast, client):
    address = "/admin/reviews/redaction/redact/"
    client.force_login(cast.root)
    page = client.post(address, {"words": f" {SECRET}\n"})
    text = page.content.decode()
    assert (page.status_code, text.count('type="checkbox"'), Redaction.objects.count()) == (200, 4, 0)
    assert "公表した報告「2 項目2の取組（平成27年3月31日現在）」 取組状況、備考：いまの内容に2か所" in text
    keys = [place.key for place in find(SECRET)]
    lacking = client.post(address, {"words": SECRET, "where": keys, "confirm": "1"})
    assert (lacking.status_code, "削除の理由を入力してください。" in lacking.content.decode()) == (400, True)
    done = client.post(address, {"words": SECRET, "reason": WHY, "where": keys[1:], "confirm": "1"})
    assert (done.status_code, len(find(SECRET))) == (302, 1)
    assert LogEntry.objects.filter(change_message__contains=SECRET).count() == 0
    listed = client.get(done["Location"]).content.decode()
    assert (WHY in listed, SECRET in listed) == (True, False)
    nowhere = client.post(address, {"words": "どこにもない言葉"})
    assert (nowhere.status_code, "どの記録にもありません" in nowhere.content.decode()) == (400, True)


def test_the_office_reads_what_was_done_and_does_not_do_it(told, cast, client):
    redact(SECRET, reason=WHY, by=cast.root)
    client.force_login(cast.office)
    assert WHY in client.get("/admin/reviews/redaction/").content.decode()
    assert client.get("/admin/reviews/redaction/redact/").status_code == 403
    assert client.post("/admin/reviews/redaction/redact/", {"words": SECRET}).status_code == 403

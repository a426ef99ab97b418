"""An act (公開する, 確定, 引き継ぎ …) at the same instant as a form, a list or a plan workbook: neither undoes the other.

Forms, lists and workbooks write whole rows, also the columns that they do not show and that acts move. So nobody else may
write to a row between its being read and its being written.
"""

import threading

import pytest
from django.db import OperationalError, connection
from django.test import Client
from zeal import zeal_ignore

from policies.publicity import make_public
from programs.models import Program
from staff.lists.rows import ListResource
from tests.soak import whole_in_soak
from tests.staff.addresses import url
from tests.staff.files import problems, xlsx
from tests.staff.forms import filled as fields_of
from tests.staff.record_forms import FORMS, ONLY_READ
from tests.workbooks.plan import books
from tests.workbooks.plan.filled import filled
from workbooks.plan import importing

pytestmark = pytest.mark.django_db(transaction=True)


def in_a_thread(work):
    thread = threading.Thread(target=lambda: (work(), connection.close()))
    thread.start()
    return thread


def can_be_written(model, pks):
    """Whether another connection may write to these rows now."""
    answers = []

    def write():
        table, key = (connection.ops.quote_name(name) for name in (model._meta.db_table, model._meta.pk.column))
        with connection.cursor() as cursor:
            wait = "PRAGMA busy_timeout = 100" if connection.vendor == "sqlite" else "SET lock_timeout = 100"
            cursor.execute(wait)
            for pk in pks:
                try:
                    cursor.execute(f"UPDATE {table} SET {key} = {key} WHERE {key} = %s", [pk])  # noqa: S608
                    answers.append(pk)
                except OperationalError:  # somebody has locked it
                    continue

    in_a_thread(write).join(30)
    return answers


@pytest.mark.parametrize("marks", [True, False], ids=["as a browser sends it", "without the marks of what was shown"])
@pytest.mark.parametrize(
    "labels", whole_in_soak(["programs.program", "committee.meeting", "accounts.user"], list(FORMS))
)
def test_nobody_writes_to_a_row_between_its_form_being_read_and_saved(labels, marks, cast, monkeypatch):
    books.bring_in(books.written(filled()), cast.root)
    client = Client()
    client.force_login(cast.root)
    free = {}
    for label in labels:
        one = FORMS[label]
        record = one.model._default_manager.order_by("pk").first()
        if label in ONLY_READ:
            assert record is None or 'name="_save"' not in client.get(url(record)).text, label
            continue
        address = url(record)
        page = client.get(address)

        def once_read(request, read, change, one=one, label=label, real=one._create_formsets):
            rows = {one.model: [read.pk]}
            for formset, _inline in one.get_formsets_with_inlines(request, read):
                lines = formset.model._default_manager.filter(**{formset.fk.name: read.pk})
                rows.setdefault(formset.model, []).extend(lines.values_list("pk", flat=True))
            free[label] = {model.__name__: pks for model, all_ in rows.items() if (pks := can_be_written(model, all_))}
            return real(request, read, change)

        sent = fields_of(page)
        if not marks:
            del sent["_seen"]
        with monkeypatch.context() as patched:
            patched.setattr(one, "_create_formsets", once_read)
            with zeal_ignore():  # a form with several choices of one kind looks up each
                client.post(address, sent)
    assert free == {label: {} for label in labels if label not in ONLY_READ}


@pytest.fixture
def hidden(plan):
    """An item that is about to be made public."""
    Program.objects.filter(number="1").update(public_at=None)
    return Program.objects.get(number="1")


@pytest.fixture
def published_meanwhile(hidden, cast, monkeypatch):
    """公開する comes while `name` of `owner` is about to be called: it is done at once, or waits for its turn."""
    running = []

    def begin(owner, name):
        real = getattr(owner, name)

        def called(*args, **kwargs):
            if not running:
                running.append(in_a_thread(lambda: make_public(hidden, by=cast.root)))
                running[0].join(1)
            return real(*args, **kwargs)

        monkeypatch.setattr(owner, name, called)

    yield begin
    for thread in running:
        thread.join(30)
    hidden.refresh_from_db()
    assert hidden.public_at is not None
    assert "公開" in hidden.history.values_list("history_change_reason", flat=True)


@pytest.mark.parametrize("marks", [True, False])
def test_a_form_does_not_take_back_what_is_made_public_meanwhile(marks, client, cast, hidden, published_meanwhile):
    client.force_login(cast.office)
    sent = fields_of(client.get(url(hidden))) | {"note": "同じ時の備考"}
    if not marks:
        del sent["_seen"]
    published_meanwhile(FORMS["programs.program"], "save_form")
    assert client.post(url(hidden), sent).status_code == 302
    hidden.refresh_from_db()
    assert hidden.note == "同じ時の備考"


def test_a_list_does_not_take_it_back(client, cast, hidden, published_meanwhile, preview, confirm):
    client.force_login(cast.office)
    seen = preview("programs.program", xlsx([["計画", "番号", "備考"], ["kodaira-2", "1", "一覧の備考"]]))
    assert problems(seen) == []
    published_meanwhile(ListResource, "before_save_instance")
    confirm("programs.program", seen)
    hidden.refresh_from_db()
    assert hidden.note == "一覧の備考"


def test_a_workbook_does_not_take_it_back(cast, plan, hidden, published_meanwhile):
    """SQLite has one writer at a time, so 公開する waits; on PostgreSQL it comes first, and the workbook is looked at again."""
    book = books.workbook_of({"plan": [{"slug": plan.slug}], "programs": [{"number": "1", "note": "ブックの備考"}]})
    published_meanwhile(importing, "compare")
    if connection.vendor == "sqlite":
        books.bring_in(books.saved(book), cast.office)
        note = "ブックの備考"
    else:
        with pytest.raises(importing.PreviewOutdated, match="計画が変更されました。何も取り込んでいません。"):
            books.bring_in(books.saved(book), cast.office)
        note = ""
    hidden.refresh_from_db()
    assert hidden.note == note

"""A short run of what `make bench` measures; the large one is not for every day."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from programs.models import IndicatorTarget, Program, Responsibility, YearPlan
from tests.workbooks.plan import books
from tools.bench import BROKEN, PARTS, imports
from workbooks.plan.importing import import_tables
from workbooks.plan.reading import read_book


def queries_of(items):
    tables = read_book(imports.written(imports.rows_of(items))).tables
    with CaptureQueriesContext(connection) as captured:
        import_tables(tables, by=None)
    return len(captured)


def test_queries_do_not_grow_with_rows(db):
    few = queries_of(10)
    books.empty_database()
    # SQLite takes fewer values in one statement, so its inserts come in more statements of many rows each.
    inserts = 60 if connection.vendor == "sqlite" else 0
    assert queries_of(200) <= few + inserts
    assert (Program.objects.count(), YearPlan.objects.count(), Responsibility.objects.count()) == (200, 1000, 800)
    assert Responsibility.history.filter(history_type="+").count() >= 800
    tables = read_book(imports.written(imports.rows_of(200))).tables
    with CaptureQueriesContext(connection) as again:
        assert import_tables(tables, by=None).is_empty
    assert len(again) == 18  # one per sheet, and the lock of the rounds


def test_short_run_keeps_what_is_promised(db, monkeypatch):
    monkeypatch.setattr(imports, "measured", imports.measure)  # another process would not see the rows of this test
    lines = list(imports.run(120))
    assert lines[0].startswith("120項目、1,326行")
    assert "履歴のない行: 0" in lines
    assert [line for line in lines if line.startswith(BROKEN) and "履歴" in line] == []
    assert IndicatorTarget.objects.count() == 240 + imports.SAMPLE


@pytest.mark.soak
def test_missing_history_is_told(db, monkeypatch):
    monkeypatch.setattr(imports, "measured", imports.measure)
    monkeypatch.setattr(imports, "import_tables", lambda tables, by: _without_history(tables))
    lines = list(imports.run(5))
    assert f"{BROKEN}履歴がそろっていません" in "\n".join(lines)


def _without_history(tables):
    import_tables(tables, by=None)
    Program.history.all().delete()


def test_unknown_part_is_refused(capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("bench", "nothing")
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"計れるのは {'、'.join(PARTS)} です。「nothing」はありません。\n"

"""A process that is killed while it imports or exports leaves everything or nothing, and a retry works."""

from collections import Counter
from datetime import timedelta

import openpyxl
import pytest
from django.utils import timezone

from programs.models import Program
from tests import factories, killing
from tests.workbooks.plan.books import cells, exported, saved
from tests.worker import FOLDER
from workbooks import exports
from workbooks.models import Export

pytestmark = pytest.mark.django_db(transaction=True)
WORK = 'call_command("db_worker", "--batch", "--no-startup-delay", "--interval", "0.05")'


@pytest.mark.soak  # `make test` kills a publication and a backup
@pytest.mark.parametrize("kills", [100])
def test_an_import_that_is_killed_is_in_as_a_whole_or_not_at_all_and_can_be_repeated(cast, tmp_path, kills):
    factories.small_plan(programs=60)
    one, other = tmp_path / "one.xlsx", tmp_path / "other.xlsx"
    one.write_bytes(exported("kodaira-2"))
    book = openpyxl.load_workbook(one)
    for title, column, value in (("programs", "name", "殺されても"), ("program_editions", "departments", "zeimu")):
        header, *rows = book[title]
        place = [cell.value for cell in header].index(column)
        for row in rows:
            row[place].value = value
    other.write_bytes(saved(book))
    wanted = {path: cells(path.read_bytes()) for path in (one, other)}
    left, brought, told = one, other, Program.history.count()
    found = Counter()

    def turn(seconds):
        """From the workbook that is in to the other one; how long it took, or None."""
        nonlocal left, brought, told
        took = killing.run(killing.COMMAND, "import_plan", str(brought), "--by", "office", seconds=seconds)
        now, rows = cells(exported("kodaira-2")), Program.history.count()
        if now == wanted[left]:
            assert (took, rows) == (None, told)
        else:
            assert (now, rows) == (wanted[brought], told + 60)
            left, brought, told = brought, left, rows
        found[took is None] += 1
        return took

    longest = turn(None)
    for seconds in killing.moments(longest, kills, seed=4):
        turn(seconds)
    print(f"{kills} kills of import within {longest:.2f} s: {found[True]} killed, {found[False]} done before")
    assert found[True] > 0
    assert turn(None)


@pytest.mark.usefixtures("exports_folder")
@pytest.mark.soak  # `make test` kills a publication and a backup
@pytest.mark.parametrize("kills", [100])
def test_an_export_that_is_killed_gives_the_whole_file_or_none_and_can_be_repeated(cast, kills):
    plan = factories.small_plan(programs=60)
    whole = cells(exported("kodaira-2"))
    found = Counter()

    def turn(seconds):
        """Somebody asks for a file, and the worker makes it or is killed; how long it took, or None."""
        asked = exports.start(plan, "book", site="", by=cast.office)
        took = killing.run(WORK, before="from django.core.management import call_command", seconds=seconds)
        export = Export.objects.get()
        found[export.state] += 1
        assert export.task_id == asked.task_id
        assert took is None or export.state == "done"
        if export.state == "done":
            assert cells((FOLDER / export.file.name).read_bytes()) == whole
        else:  # nobody can fetch anything; a minute later it is taken for dead, and is made again
            assert (export.state in {"waiting", "running"}, export.file.name) == (True, "")
            quiet = timezone.now() - timedelta(seconds=61)
            Export.objects.filter(state="running").update(heartbeat_at=quiet)
            Export.objects.filter(state="waiting").update(asked_at=quiet)
        return took

    longest = turn(None)
    for seconds in killing.moments(longest, kills, seed=4):
        turn(seconds)
    print(f"{kills} kills of export within {longest:.2f} s: {dict(found)}")
    assert found["running"] + found["waiting"] > 0
    assert turn(None)

"""What was published does not move: a round answers the same bytes, whatever is renamed, moved, merged or published later."""

import datetime
import io
import zipfile

import pytest
import time_machine

from accounts.models import Department
from core.text import fold
from policies.models import Edition, Grade, Policy
from programs.models import EndReason, Program, Responsibility
from reviews.models import Round
from tests import factories
from tests.reading import finish, read
from tests.soak import whole_in_soak

BOTH = ("2014-09-30", "2015-03-31")
QUERIES = ("", "&department=zaisei", "&policy=2", "&grade=B", "&grade=unreported", "&q=項目")


FILES = [f"{name}?{query}" for name in ("programs.csv", "programs.json", "programs.xlsx") for query in QUERIES]
ONE_OF_EACH = ["programs.csv?&department=zaisei", "programs.json?&q=項目", "programs.xlsx?&grade=B"]


def answers(client, files):
    """Every page and file of the two published rounds, as bytes."""
    addresses = [f"progress/{day}/" for day in BOTH]
    addresses += [file.replace("?", f"?round={day}") for day in BOTH for file in files]
    found = {}
    for address in addresses:
        response = client.get(f"/plans/kodaira-2/{address}")
        assert response.status_code == 200, address
        content = finish(response)
        if ".xlsx" in address:  # the archive notes the time of each of its parts
            archive = zipfile.ZipFile(io.BytesIO(content))
            content = {name: archive.read(name) for name in archive.namelist()}
        found[address] = content
    return found


def rename_department(plan, cast):
    Department.objects.filter(code="zaisei").update(name="財務課")


def replace_department(plan, cast):
    new = Department.objects.create(city="小平市", code="zaimu", name="財務課")
    Department.objects.filter(code="zaisei").update(successor=new)
    Responsibility.objects.filter(department__code="zaisei").update(department=new, order=3)


def relabel_grades(plan, cast):
    Grade.objects.filter(plan=plan).update(label="改称", definition="改めた定義")
    Grade.objects.create(plan=plan, code="C", label="大幅に遅れている", order=4, tone="behind")


def rename_items(plan, cast):
    for program in Program.objects.all():
        program.name, program.note, program.number_is_provisional = f"改称{program.number}", "改めた備考", False
        program.save()


def move_item(plan, cast):
    Program.objects.filter(number="1").update(policy=plan.policies.get(number=2))
    Policy.objects.update(name="改めた方針", direction=None)


def renumber_items(plan, cast):
    for program in Program.objects.all():
        program.number = f"N-{program.number}"
        program.save()


def merge_item(plan, cast):
    Program.objects.filter(number="2").update(
        ended_on=datetime.date(2015, 4, 1), end_reason=EndReason.MERGED, merged_into=Program.objects.get(number="1")
    )


def rename_edition(plan, cast):
    Edition.objects.update(name="改めた名")


def add_items_and_policies(plan, cast):
    policy = Policy.objects.create(plan=plan, number=3, name="加えた方針")
    Program.objects.create(plan=plan, policy=policy, number="R1-1", name="加えた項目", **factories.PUBLIC)


def publish_later_and_late(plan, cast):
    edition = plan.editions.last()
    for as_of in (datetime.date(2015, 9, 30), datetime.date(2014, 12, 31), datetime.date(2014, 3, 31)):
        Round.objects.create(plan=plan, as_of=as_of, edition=edition)
        factories.published_round(plan, {1: "B"}, by=cast.office, as_of=as_of)


CHANGES = (
    *(rename_department, replace_department, relabel_grades, rename_items, move_item, merge_item),
    *(rename_edition, add_items_and_policies, publish_later_and_late, renumber_items),
)


@pytest.mark.parametrize("files", whole_in_soak(ONE_OF_EACH, FILES))  # in `make soak` after each of the changes
def test_a_published_round_answers_the_same_bytes_ever_after(files, client, published, cast):
    """The changes pile up. Only the clock stands still: a workbook says when it was made."""
    with time_machine.travel("2031-04-01 09:00+09:00", tick=False):
        before = answers(client, files)
        for change in CHANGES:
            change(published, cast)
            if files is ONE_OF_EACH and change is not CHANGES[-1]:
                continue
            after = answers(client, files)
            assert [address for address in before if after[address] != before[address]] == [], change.__name__


def test_the_list_without_a_round_shows_todays_names_and_the_published_grade(client, published, cast):
    relabel_grades(published, cast)
    rename_items(published, cast)
    rename_department(published, cast)
    move_item(published, cast)
    rows = read(client.get("/plans/kodaira-2/programs/")).tables[0]
    assert [[*row[:3], *row[4:]] for row in rows[1:]] == [
        ["方針2 改めた方針"],
        ["1", "改称1", "財務課", "▲S 予定以上に進捗"],
        ["2", "改称2", "税務課", "▼B 予定よりも遅れている"],
        ["方針1 改めた方針"],
        ["3", "改称3", "財務課", "○未報告"],
    ]
    assert read(client.get("/plans/kodaira-2/programs/?q=改称1")).tables[0][1][0] == "1"
    older = read(client.get("/plans/kodaira-2/programs/?round=2014-09-30")).tables[0]
    assert older[1:3] == [["方針1 財政基盤の強化"], ["1", "項目1の取組", "財政課", "●A 予定どおりに進捗"]]
    assert Program.objects.get(number="1").search_text == fold("改称1")


def test_departments_are_published_with_the_edition_that_is_frozen(plan, cast):
    row = factories.published_round(plan, {1: "A"}, by=cast.office).published_reports.get(number="1")
    zaisei = [{"code": "zaisei", "name": "財政課"}]
    assert (row.departments, row.department_codes) == (zaisei, ";zaisei;")

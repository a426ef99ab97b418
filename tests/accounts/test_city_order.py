"""Departments in the order of their city: where the order comes from, and that every list of them follows it."""

import csv
import io
from datetime import date

import openpyxl
import pytest

from accounts import departments
from accounts.models import Department
from policies.models import Plan
from tests.reading import read
from tests.workbooks.plan import books, full_plan
from tests.workbooks.tables import human
from tests.workbooks.tables.reading import read as read_table
from workbooks.tables import building
from workbooks.tables.known import known_of

LIST = "/plans/kodaira-2/programs/"


def stored(city="小平市"):
    return [(one.code, one.order) for one in Department.objects.filter(city=city)]


def put_in_order(**orders):
    for code, order in orders.items():
        Department.objects.filter(code=code).update(order=order)


# Where departments are listed


def shown(client):
    """財政課 and 税務課 as every page and file lists them."""
    labels = read(client.get(LIST)).texts["label"]
    of_round = read(client.get(f"{LIST}?round=2014-09-30")).texts["label"]
    names = ("財政課", "税務課")
    day = "2015-03-31"
    [counts] = [t for t in read(client.get(f"/plans/kodaira-2/progress/{day}/")).tables if t[0][0] == "推進担当課"]
    report = read(client.get(f"/plans/kodaira-2/report/{day}/")).tables[1]
    today, frozen = (
        [row["lead_department_name"] for row in csv.DictReader(io.StringIO(client.get(address).getvalue().decode()))]
        for address in (f"{LIST[:-1]}.csv?sort=department", f"{LIST[:-1]}.csv?sort=department&round={day}")
    )
    grid = [
        row[0][:3] for row in read(client.get("/plans/kodaira-2/progress/?sort=department")).tables[0] if len(row) == 1
    ]
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{LIST[:-1]}.xlsx").getvalue()))
    table = csv.DictReader(
        io.StringIO(client.get("/plans/kodaira-2/data/departments.csv").getvalue().decode("utf-8-sig"))
    )
    return {
        "filter": [label for label in labels if label in names],
        "filter of a round": [label for label in of_round if label in names],
        "round": [row[0] for row in counts[1:]],
        "report": [row[0] for row in report[1:]],
        "today": list(dict.fromkeys(today)),
        "frozen": list(dict.fromkeys(frozen)),
        "grid": grid,
        "Excel": [row[0] for row in book["集計"].iter_rows(values_only=True) if row[0] in names],
        "open table": [row["department_name"] for row in table],
    }


@pytest.mark.parametrize(
    ("orders", "listed"),
    [
        ({}, ["財政課", "税務課"]),  # unknown: by code
        ({"zeimu": 7}, ["税務課", "財政課"]),  # the known before the unknown
        ({"zaisei": 2, "zeimu": 1}, ["税務課", "財政課"]),
        ({"zaisei": 10, "zeimu": 9}, ["税務課", "財政課"]),
    ],
)
def test_every_list_of_departments_is_in_the_order_of_the_city(client, published, orders, listed):
    put_in_order(**orders)
    found = shown(client)
    assert found == dict.fromkeys(found, listed)


def test_an_item_without_a_department_comes_after_all(client, published):
    put_in_order(zeimu=1)
    report = published.rounds.get(as_of="2015-03-31").published_reports.get(number="2")
    type(report).objects.filter(pk=report.pk).update(departments=[], department_codes="")
    rows = csv.DictReader(
        io.StringIO(client.get(f"{LIST[:-1]}.csv?sort=department&round=2015-03-31").getvalue().decode("utf-8-sig"))
    )
    assert [row["program_number"] for row in rows] == ["1", "3", "2"]
    [counts] = [t for t in read(client.get("/plans/kodaira-2/progress/2015-03-31/")).tables if t[0][0] == "推進担当課"]
    assert [row[0] for row in counts[1:]] == ["財政課", "未登録"]


def test_the_open_table_ends_with_the_order(client, published):
    put_in_order(zeimu=1)
    lines = client.get("/plans/kodaira-2/data/departments.csv").getvalue().decode("utf-8-sig").splitlines()
    assert lines == [
        "plan,department_code,department_name,valid_from,valid_to,successor_department_code,order,is_fictional",
        "kodaira-2,zeimu,税務課,,,,1,false",
        "kodaira-2,zaisei,財政課,,,,,false",
    ]


def test_the_board_lists_them_in_the_order_of_the_city(client, published, cast):
    put_in_order(zeimu=1)
    client.force_login(cast.office)
    round_ = published.rounds.get(as_of="2015-03-31")
    page = client.get(f"/admin/reviews/round/{round_.pk}/board/")
    assert [str(row.department) for row in page.context_data["board"].rows] == ["税務課", "財政課"]


# Where the order comes from


def test_a_workbook_without_the_column_gives_them_the_order_of_its_rows(db):
    tables = full_plan.full()
    tables["departments"] = [{name: row[name] for name in row if name != "order"} for row in tables["departments"]]
    assert books.bring_in(books.written(tables), None).problems == []
    assert stored("みどり市") == [("old", 1), ("zaisei", 2), ("kyodo", 3)]
    tables["departments"] = [{"code": "zzz", "name": "新しい課"}, {"code": "aaa", "name": "もう一つの課"}]
    books.bring_in(books.written({name: tables[name] for name in ("plan", "departments")}), None)
    assert stored("みどり市")[3:] == [("zzz", 4), ("aaa", 5)]


def test_a_workbook_that_leaves_the_place_blank_leaves_it_unknown(db):
    books.bring_in(books.written(full_plan.full()), None)
    assert stored("みどり市") == [("kyodo", 1), ("old", 12), ("zaisei", None)]
    tables = {"plan": full_plan.full()["plan"], "departments": [{"code": "b", "name": "新課"}]}
    books.bring_in(books.written(tables), None)
    assert stored("みどり市")[2:] == [("b", None), ("zaisei", None)]  # after one of which nobody knows where it stands


def test_the_guide_for_tables_gives_them_the_order_in_which_they_appear(db):
    plan = Plan.objects.create(slug="human", city="○○市", name="プラン", first_fiscal_year=2011, last_fiscal_year=2015)
    known = known_of(plan, plan.editions.first())
    books.bring_in(building.write(building.tables_of(read_table(human.FILE, known), known), plan.name), None)
    assert stored("○○市") == [(f"d{number:02}", number) for number in range(1, 7)]


def test_the_new_name_of_a_department_stands_where_the_old_one_stood(cast):
    put_in_order(zaisei=2, zeimu=3)
    departments.rename(cast.zaisei, code="zaimu", name="財務課", on=date(2016, 4, 1), by=cast.office)
    assert stored() == [("zaimu", 2), ("zaisei", 2), ("zeimu", 3)]

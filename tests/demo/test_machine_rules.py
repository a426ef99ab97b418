"""The rules of the state for tables that machines read (統計表における機械判読可能なデータの表記方法の統一ルール, 2020),
on every file of the package of every plan, the workbook and the JSON of its items; and what the files say about each other."""

import csv
import io
import json
import re
import zipfile

import openpyxl
import pytest
from django.core.management import call_command

from tests.kept import kept
from tests.soak import others_in_soak

PLANS = ("kodaira-2", "sample", "sample-2")
# Texts as people wrote them, in which an era is part of the sentence.
PROSE = re.compile(
    r"name|title|text|note|label|meaning|summary|purpose|definition|reason|progress|evidence|remedy|answer|locator|contents|"
    r"expected_effect|old|new|printed|criteria_note|.*_(note|reason|name|label)"
)
VALUES = {
    "integer": r"-?\d+",
    "number": r"-?\d+(\.\d+)?",
    "date": r"\d{4}-\d\d-\d\d",
    "boolean": r"true|false",
    "any": r".+",
    "string": r".+",
}
ERA = re.compile(r"(明治|大正|昭和|平成|令和)(元|\d+)年")


@kept
def plans():
    call_command("load_official", verbosity=0)
    call_command("load_sample", every=True, verbosity=0)


@pytest.fixture(params=others_in_soak(PLANS, ("sample-2",)))  # with axes, quarters, 万円 and plan indicators
def plan(request, plans):
    return request.param


@pytest.fixture
def package(client, plan):
    """({table: its rows, the header first}, datapackage.json, csv-metadata.json)"""
    content = client.get(f"/plans/{plan}/data.zip?bom=0").getvalue()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        tables = {
            name.removesuffix(".csv"): list(csv.reader(io.StringIO(archive.read(name).decode(), newline="")))
            for name in archive.namelist()
            if name.endswith(".csv")
        }
        return tables, *(json.loads(archive.read(name)) for name in ("datapackage.json", "csv-metadata.json"))


def rows_of(tables, resource):
    header, *rows = tables[resource["path"].removesuffix(".csv")]
    return [dict(zip(header, row, strict=True)) for row in rows]


def of_cells(table, header, rows):
    """What the rules forbid in any table, whatever is told about its columns."""
    found = set()
    if any(not re.fullmatch("[a-z][a-z0-9_]*", name) for name in header) or len(set(header)) != len(header):
        found.add((table, "", "header"))
    if any(len(row) != len(header) or all(value in (None, "") for value in row) for row in rows):
        found.add((table, "", "blank or ragged row"))
    for name, *values in zip(header, *rows, strict=True):
        texts = [value for value in values if isinstance(value, str) and value]
        if any(re.search(r"[\x00-\x1f\x7f]|^\s|\s$", value) for value in texts):
            found.add((table, name, "line end or space at the edge"))
        if any("; " in value or ("、" in value and not PROSE.fullmatch(name)) for value in texts):
            found.add((table, name, "several values in one cell"))
        told = not PROSE.fullmatch(name) and f"{name}_gregorian" not in header
        if told and any(ERA.search(value) for value in texts):
            found.add((table, name, "only the Japanese calendar"))
    return found


def findings(tables, described):
    """What the rules forbid: (table, column or "", rule)."""
    found = set()
    for resource in described["resources"]:
        table = resource["name"]
        fields = {field["name"]: field for field in resource["schema"]["fields"]}
        header, *rows = tables[resource["path"].removesuffix(".csv")]
        found |= of_cells(table, header, rows)
        if header != list(fields):
            found.add((table, "", "header"))
        for name, field in fields.items():
            values = [row[header.index(name)] for row in rows]
            known = [value for value in values if value]
            if any(not re.fullmatch(VALUES[field["type"]], value) for value in known):
                found.add((table, name, field["type"]))
            if (field["type"] == "boolean") != name.startswith("is_"):
                found.add((table, name, "name of a flag"))
            if field.get("unit") == "項目" and not name.endswith("_count"):
                found.add((table, name, "name of a count"))
            if field.get("unit") not in (None, "項目") and "unit" not in fields:
                found.add((table, name, "no column for the unit"))
            if field["type"] == "number" and "unit" not in fields and not name.endswith("_count"):
                found.add((table, name, "a number without a unit"))
            if field.get("unit") == "%" and "unit" in fields and not name.endswith("_percent"):
                found.add((table, name, "another unit than its column says"))
        key = resource["schema"].get("primaryKey", [])
        keys = [tuple(row[header.index(name)] for name in key) for row in rows if key]
        if len(keys) != len(set(keys)) or any(not all(each) for each in keys):
            found.add((table, "", "key"))
    return found


def test_no_rule_is_broken_in_any_file(package):
    tables, described, _ = package
    assert len(tables) == len(described["resources"]) >= 30
    assert findings(tables, described) == set()


def test_no_rule_is_broken_in_the_workbook(client, plan):
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/plans/{plan}/programs.xlsx").getvalue()))
    for name in ("long", "errata", "codes", "sources"):
        header, *rows = [list(row) for row in book[name].iter_rows(values_only=True)]
        assert of_cells(name, header, rows) == set()
        assert not book[name].merged_cells.ranges
        flags = {
            column
            for column, *values in zip(header, *rows, strict=True)
            if any(isinstance(one, bool) for one in values)
        }
        assert flags <= {column for column in header if column.startswith("is_")}
        assert not [cell for row in rows for cell in row if isinstance(cell, str) and cell.startswith("=")]


def named(values):
    """(name, value) of whatever stands in an answer, lists and all."""
    for name, value in values.items():
        yield name, value
        inside = value if isinstance(value, list) else [value]
        for one in inside:
            if isinstance(one, dict):
                yield from named(one)


def test_no_rule_is_broken_in_the_items_as_json(client, plan, package):
    answer = json.loads(client.get(f"/plans/{plan}/programs.json").getvalue())
    assert answer["count"] == len(answer["items"]) == len(package[0]["programs"]) - 1
    for name, value in (pair for item in answer["items"] for pair in named(item)):
        assert re.fullmatch("[a-z][a-z0-9_]*", name), name
        assert isinstance(value, bool) == name.startswith("is_") or value is None, (name, value)
        if isinstance(value, str):
            assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]|; |^\s|\s$", value), (name, value)
            assert PROSE.fullmatch(name) or not ERA.search(value) or name == "planned_years", (name, value)


def test_a_broken_rule_is_found(package):
    tables, described, _ = package
    header, *rows = tables["policies"]
    tables["policies"] = [header, [value.replace("1", "1\n") for value in rows[0]], [""] * len(header)]
    assert {("policies", "", "blank or ragged row"), ("policies", "policy_number", "integer")} <= findings(
        tables, described
    )


def test_every_reference_leads_to_a_row(package):
    tables, described, csvw = package
    by_name = {resource["name"]: resource for resource in described["resources"]}
    count = 0
    for resource in described["resources"]:
        rows = rows_of(tables, resource)
        for key in resource["schema"]["foreignKeys"]:
            there = by_name[key["reference"]["resource"] or resource["name"]]
            listed = [tuple(row[name] for name in key["reference"]["fields"]) for row in rows_of(tables, there)]
            known = set(listed)
            assert len(known) == len(listed), (there["name"], key["reference"]["fields"])
            named = {tuple(row[name] for name in key["fields"]) for row in rows}
            lost = {values for values in named if all(values)} - known
            assert lost == set(), (resource["name"], key["fields"])
            for name, named_there in zip(key["fields"], key["reference"]["fields"], strict=True):
                assert name == named_there or name.endswith(f"_{named_there}"), (resource["name"], name)
            count += 1
    in_csvw = [
        (table["url"], tuple(key["columnReference"]), key["reference"]["resource"])
        for table in csvw["tables"]
        for key in table["tableSchema"]["foreignKeys"]
    ]
    assert len(in_csvw) == count >= 65
    assert {
        ("program_departments.csv", ("department_code",), "departments.csv"),
        ("programs.csv", ("lead_department_code",), "departments.csv"),
        ("reports.csv", ("as_of",), "rounds.csv"),
        ("opinions.csv", ("meeting_on",), "meetings.csv"),
        ("figures.csv", ("superseded_figure",), "figures.csv"),
        ("long.csv", ("plan_indicator",), "plan_indicators.csv"),
    } <= set(in_csvw)


def test_a_name_is_of_one_type_and_no_table_names_its_rows_as_no_other_can(package):
    _, described, _ = package
    types = {}
    for resource in described["resources"]:
        for field in resource["schema"]["fields"]:
            types.setdefault(field["name"], set()).add(field["type"])
    assert {name: found for name, found in types.items() if len(found) > 1} == {"value": {"any", "number"}}
    assert not {"key", "code", "number", "fields"} & set(types)

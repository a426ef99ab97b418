"""Every number in a table of the sample's pages, computed again with pandas from what analysts take: Excel, CSV, API.

A page is read as a person reads it: by the heads of its columns and rows. A table that nobody checks is a failure, so a
new one must say here where its numbers can be computed from.
"""

import io
import json
import re
import zipfile
from dataclasses import dataclass, replace
from functools import cached_property

import pandas
import pytest
from django.core.management import call_command
from django.utils import timezone

from committee.models import Disposition
from core.fiscal import date_label, fiscal_year_label
from core.text import natural_key
from figures.search import Search
from opendata import page_cache as kept_pages
from tests.kept import kept
from tests.reading import read
from tests.soak import others_in_soak
from tools.bench import BROKEN, pages, searches

BETTER = {"上がった": "better", "下がった": "worse", "変わらない": "same"}
EFFECT = {"合計": "total", "歳入確保": "revenue", "歳出削減": "saving"}
BASES = ["actual", "budget", "forecast"]  # of several amounts of one item, year and kind the first counts
TEXT = {"dtype": str, "keep_default_na": False}


@dataclass(frozen=True)
class Seen:
    """What is looked at of a plan: one of each kind in `make test`, everything in `make soak`."""

    slug: str
    policy: str  # what it calls a 方針
    program: str
    edition: str  # that of the revision
    places: tuple[int, ...]  # of the rounds
    items: tuple[str, ...]
    queries: tuple[str, ...]
    compared: int  # so many numbers at least
    thousands: int = 1  # how many 千円 are one of its unit of money


SAMPLE = Seen(
    "sample",
    "方針",
    "実施項目",
    "fy2013-revision",
    (0, 5, -1),
    ("1", "10", "14", "62"),
    ("", "?policy=4&grade=B", "?round=2014-03-31&grade=S", "?revised=no", "?aspect=indicators", "?key=2014"),
    2200,
)
SECOND = Seen(
    "sample-2",
    "重点改革項目",
    "取組項目",
    "extension",
    (0, 4, 6, -1),
    ("R1-1", "R1-3", "R1-4", "R2-3", "R3-3"),
    ("", "?policy=4&grade=B", "?round=2023-12-31&grade=unreported", "?revised=no", "?aspect=contents", "?key=2023"),
    2200,
    thousands=10,
)


# Totals that the city printed, and hardly a record behind them: no grades to walk through.
OFFICIAL = Seen("kodaira-2", "方針", "実施項目", "fy2013-revision", (), (), (), 130)


@kept
def official():
    call_command("load_official", verbosity=0)


@kept
def sample():
    call_command("load_sample", every=True, verbosity=0)


class Csv:
    """What an analyst has who takes the zip and the CSV files."""

    def __init__(self, client, plan):
        self._get, self.address = client.get, f"/plans/{plan}"
        with zipfile.ZipFile(io.BytesIO(client.get(f"{self.address}/data.zip").getvalue())) as archive:
            self._tables = {
                name.removesuffix(".csv"): pandas.read_csv(archive.open(name), **TEXT)
                for name in archive.namelist()
                if name.endswith(".csv")
            }

    def table(self, name):
        return self._tables[name]

    def items(self, query=""):
        """program_number, policy_number, grade, change of the items that a query finds."""
        content = self._get(f"{self.address}/programs.csv{query}").getvalue()
        return pandas.read_csv(io.BytesIO(content), **TEXT)


class Api(Csv):
    """What a program has that reads the API page by page."""

    def __init__(self, client, plan):
        self._get, self.address, self._known = client.get, f"/plans/{plan}", {}

    def _read(self, path):
        found, address = [], f"/api/v1{self.address}/{path}"
        while address:
            page = json.loads(self._get(address).content)
            found += page["items"]
            address = page["next"]
        return pandas.DataFrame([{name: _text(value) for name, value in item.items()} for item in found])

    def table(self, name):
        if name not in self._known:
            self._known[name] = self._read(f"{name.replace('_', '-')}?per_page=1000")
        return self._known[name]

    def items(self, query=""):
        items = self._read(f"programs{query}")
        return items if "program_number" in items else items.rename(columns={"number": "program_number"})


class Excel(Csv):
    """What an analyst has who only opens Excel; what stands in no sheet is counted by asking the list."""

    def __init__(self, client, plan):
        self._get, self.address, self._books = client.get, f"/plans/{plan}", {}

    def _sheet(self, query, name):
        if query not in self._books:
            content = self._get(f"{self.address}/programs.xlsx{query}").getvalue()
            self._books[query] = pandas.read_excel(io.BytesIO(content), sheet_name=None, engine="openpyxl")
        return self._books[query][name].map(_text)

    def table(self, name):
        assert name == "long"
        return self._sheet("", "long")

    def items(self, query=""):
        sheet = self._sheet(query, "programs")
        return pandas.DataFrame(
            {
                "program_number": sheet["番号"],
                "policy_number": [text.split()[0] for text in sheet.iloc[:, 4]],
                "grade": sheet["評価"],
                "change": [BETTER.get(text, "") for text in sheet["前回から"]],
                "delay_cause": sheet["遅れの原因"],
            }
        )


def _text(value):
    if isinstance(value, list) or pandas.isna(value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.date().isoformat() if isinstance(value, pandas.Timestamp) else str(value)


def number(text):
    """The number at the head of a cell; None where the page says that it is unknown."""
    found = re.match(r"約?(-?[\d,]+(?:\.\d+)?)", text)
    return float(found[1].replace(",", "")) if found else None


def counted(effects):
    """Of several amounts of one item, year and kind the surest; what was planned is none of them."""
    effects = effects[effects["basis"] != "planned"]
    in_order = effects.assign(order=effects["basis"].map(BASES.index)).sort_values("order")
    return in_order.drop_duplicates(["program_number", "fiscal_year", "kind"])


def amount_of(done, plan):
    return round(done["amount"].sum(), 3) if len(done) else None


def compared(done, plan):
    """(result, plan); None where a result, or the plan of a year, is missing."""
    subject = ["program_number", "year", "kind", "account"]
    known = set(done[subject].itertuples(index=False, name=None))
    is_whole = known >= set(plan[subject].itertuples(index=False, name=None))
    is_whole = is_whole and set(done["year"]) == set(plan["year"]) and len(done)
    return (done["amount"].sum(), plan["amount"].sum()) if is_whole else None


def difference(done, plan):
    return round(pair[0] - pair[1], 3) if (pair := compared(done, plan)) else None


def rate(done, plan):
    return round(100 * pair[0] / pair[1], 1) if (pair := compared(done, plan)) else None


# The rows of a plan below those of the results.
AGAINST = {"計画": lambda done, plan: amount_of(plan, plan), "計画との差": difference, "達成率": rate}


class Walk:
    """Compares the tables of pages with one source."""

    def __init__(self, client, source, csv, seen):
        self.client, self.source, self.seen = client, source, seen
        grades = csv.table("grades")
        labels = dict(grades[grades["axis"] == "main"][["code", "label"]].itertuples(index=False))
        # One label may hold another: the longest first.
        self.labels = dict(sorted(labels.items(), key=lambda each: -len(each[1])))
        self.rounds = [pandas.Timestamp(day).date() for day in csv.table("rounds")["as_of"]]
        self.long = source.table("long")
        self.compared = 0
        self._items = {}
        self.policy_of = {}  # of items that ended, too
        for items in (source.items(), *(self.items_of(self.rounds[place]) for place in seen.places)):
            self.policy_of |= dict(items[["program_number", "policy_number"]].itertuples(index=False))
        self.grades = self.long[self.long["measure"] == "grade"].copy()
        self.grades["policy"] = self.grades["program_number"].map(self.policy_of)

    def visit(self, page, query=""):
        """`query` finds on the list what the page is about. Returns what was on it."""
        response = self.client.get(f"/plans/{self.seen.slug}/{page}")
        assert response.status_code == 200, page
        shown = read(response)
        for caption, (head, *rows) in zip(shown.captions, shown.tables, strict=True):
            called, first = (
                text.replace(self.seen.policy, "方針").replace(self.seen.program, "実施項目")
                for text in (caption, head[0])
            )
            checks = (
                name
                for name in CHECKS
                if called.startswith(name) or first == name or (name in INSIDE and name in called)
            )
            check = next(checks, None)  # by the caption, or by the head of the first column
            self.page, self.caption = page, caption
            assert check, f"{page}: nobody checks the table 「{caption}」 {head}"
            CHECKS[check](self, head, rows, query)
        return shown

    def same(self, shown, computed, where):
        assert shown == computed, f"{where}: {shown} on the page, {computed} from {type(self.source).__name__}"
        self.compared += 1

    def code(self, text):
        """The grade that a text with its label stands for; "" for an item without one."""
        return next((code for code, label in self.labels.items() if label in text), "")

    def letter(self, cell):
        """The grade of a narrow cell: its letter; a mark alone where that is the code."""
        return re.sub(r"[^A-Z]", "", cell) or ("-" if "－" in cell else "")

    def count(self, items, column):
        if column in ("計", "登録した項目"):
            return len(items)
        return (items["grade"] == self.code(column)).sum()

    def by_policy(self, head, rows, query):
        items = self.items(query)
        for name, *cells in rows:
            policy = re.match(rf"{self.seen.policy}(\d+)", name)
            part = items[items["policy_number"] == policy[1]] if policy else items
            for column, cell in zip(head[1:], cells, strict=True):
                if column != "公表された項目数":
                    self.same(number(cell), self.count(part, column), (name, column))

    def by_round(self, head, rows, query):
        """All rounds of the plan or, with `query`, those with items of a policy."""
        policy = query.partition("policy=")[2]
        axis, _, _rest = self.caption.partition("の、基準日ごとの項目数")
        if axis != self.caption:
            self.by_round_of_axis(axis, head, rows, policy)
            return
        grades = self.grades[self.grades["policy"] == policy] if policy else self.grades
        days = {date_label(day): day for day in self.rounds}
        if not policy:
            assert len(rows) == len(days)
        for name, *cells in rows:
            [day] = [day for label, day in days.items() if name.startswith(label)]
            if self.seen is OFFICIAL:
                shown = [(self.code(column), number(cell)) for column, cell in zip(head[1:], cells, strict=False)]
                self.same({code: count for code, count in shown if count is not None}, self.printed(day), day)
                continue
            part = grades[grades["as_of"] == day.isoformat()]
            for column, cell in zip(head[1:], cells, strict=True):
                if self.code(column):
                    computed = (part["value"] == self.code(column)).sum()
                else:
                    items = self.items_of(day)
                    computed = self.count(items[items["policy_number"] == policy] if policy else items, column)
                self.same(number(cell), computed, (name, column))

    def printed(self, day):
        """How many items the city said to have which grade; nothing of most days."""
        told = self.source.table("figures")
        told = told[(told["measure"] == "grade_count") & (told["policy_number"] == "")]
        of_day = told[told["as_of"] == day.isoformat()]
        return {row.category: float(row.value) for row in of_day.itertuples()}

    def by_round_of_axis(self, axis, head, rows, policy):
        """The rounds in which an axis beside the first judged."""
        if isinstance(self.source, Excel):
            return
        judged = self.source.table("judgements")
        judged = judged[judged["axis_name"] == axis]
        grades = self.source.table("grades")
        codes = {row.label: row.code for row in grades[grades["axis"].isin(judged["axis"])].itertuples()}
        days = {date_label(day): day for day in self.rounds}
        seen = []
        for name, *cells in rows:
            [day] = [day for label, day in days.items() if name.startswith(label)]
            seen.append(day.isoformat())
            items = self.items_of(day)
            items = items[items["policy_number"] == policy] if policy else items
            part = judged[(judged["as_of"] == day.isoformat()) & judged["program_number"].isin(items["program_number"])]
            for column, cell in zip(head[1:], cells, strict=True):
                code = next((code for label, code in codes.items() if column.endswith(label)), None)
                computed = (part["grade"] == code).sum() if code else len(items) - len(part)
                self.same(number(cell), computed, (axis, name, column))
        if not policy:
            assert seen == sorted(set(judged["as_of"]))

    def grid(self, head, rows, query):
        """Items × rounds, with the counts of each round at the end."""
        days = [day.isoformat() for day in self.rounds]
        shown = {(item, day): code for item, day, code in self.grades[["program_number", "as_of", "value"]].values}
        first = 3  # number, name, department
        seen = []
        for row in rows:
            if row[0] in self.policy_of:
                seen.append(row[0])
                for day, cell in zip(days, row[first:-1], strict=True):
                    self.same(self.letter(cell), shown.get((row[0], day), ""), (row[0], day))
                self.same(self.code(row[-1]), shown.get((row[0], days[-1]), ""), (row[0], "now"))
            elif row[0].endswith("の項目数"):
                for day, cell in zip(self.rounds, row[1:-1], strict=True):
                    if self.code(row[0]):
                        computed = sum(
                            code == self.code(row[0]) for (_, at), code in shown.items() if at == day.isoformat()
                        )
                    else:
                        computed = (self.items_of(day)["grade"] == "").sum()
                    self.same(number(cell), computed, (row[0], day))
            elif found := re.match(rf"{self.seen.policy}(\d+) .*（(\d+)件）", row[0]):
                self.same(int(found[2]), list(self.policy_of.values()).count(found[1]), row[0])
        self.same(seen, sorted(self.policy_of, key=natural_key), "items of the grid")

    def items(self, query=""):
        if query not in self._items:
            self._items[query] = self.source.items(query)
        return self._items[query]

    def items_of(self, day):
        return self.items(f"?round={day}")

    def causes(self, head, rows, query):
        """How many items of a round are behind for which cause."""
        items = self.items(query)
        for name, cell in rows:
            named = items["delay_cause"] == ("" if name == "未登録" else name)
            self.same(number(cell), (named & (items["tone"] == "behind" if "tone" in items else named)).sum(), name)

    def item_list(self, head, rows, query):
        items = self.items(query)
        rows = [row for row in rows if len(row) > 1]  # a policy stands in one cell above its items
        if "name" in items:
            items = items[items["name"] != ""]  # those without one are only counted
        self.same([row[0].removesuffix("仮") for row in rows], list(items["program_number"]), "items")
        for item, row in zip(items.itertuples(), rows, strict=True):
            self.same(self.code(row[head.index("評価")]), item.grade, (item.program_number, "grade"))
            if "前回から" in head:
                moved = next((code for label, code in BETTER.items() if label in row[head.index("前回から")]), "")
                self.same(moved, item.change, (item.program_number, "change"))

    def effects(self, head, rows, query):
        """By policy or by item: a row for each kind and one for their sum, a column for each year."""
        if self.page.startswith("report/"):  # of the round alone
            self.effects_of_round(head[1:], [row[-len(head) + 1 :] for row in rows], query)
            return
        found = self.amounts()
        name = ""
        for row in rows:
            if len(row) == len(head):
                name, *row = row  # what the rows of a group are about
            part = found[found["program_number"] == name.split()[0]]
            if policy := re.match(rf"{self.seen.policy}(\d+)", name):
                part = found[found["policy"] == policy[1]]
            elif account := next((code for code, label in ACCOUNTS.items() if name.startswith(label)), ""):
                part = found[found["account"] == account]
            self.effect_cells(head[2:], row, part, (name, *row))

    def amounts(self):
        """The effects of items, in the unit of the plan."""
        found = self.long[(self.long["measure"] == "effect") & (self.long["level"] == "program")]
        amount = found["value"].astype(float) / self.seen.thousands
        return found.assign(
            amount=amount, year=found["fiscal_year"].map(int), policy=found["program_number"].map(self.policy_of)
        )

    def effect_cells(self, columns, row, part, at):
        label, *cells = row
        done, plan = counted(part), part[part["basis"] == "planned"]
        if label not in ("計", *AGAINST):
            kind, _, basis = label.removesuffix("）").partition("（")
            done = done[done["kind"] == EFFECT[kind]]
            done = done[done["basis"].map(BASIS_LABELS) == basis] if basis else done
        for column, cell in zip(columns, cells, strict=True):
            sums = [
                each if column == "計" else each[each["year"].map(fiscal_year_label) == column] for each in (done, plan)
            ]
            self.same(number(cell), AGAINST.get(label, amount_of)(*sums), (*at, column))

    def compared_rounds(self, head, rows, query):
        """Items of two rounds by their grades then and now."""
        first, last = self.items_of(self.rounds[0]), self.items(query)
        then = dict(first[["program_number", "grade"]].itertuples(index=False))
        both = last[last["program_number"].isin(then)]
        for name, *cells in rows:
            part = both[both["program_number"].map(then) == self.code(name)]
            for column, cell in zip(head[1:], cells, strict=True):
                self.same(number(cell), self.count(part, column), (name, column))

    def by_department(self, head, rows, query):
        """The items that each leads, which are those of the round together."""
        items = self.items(query)
        for place, column in enumerate(head[1:], 1):
            self.same(sum(number(row[place]) for row in rows), self.count(items, column), column)
            for row in rows if "lead_department_name" in items else ():
                part = items[items["lead_department_name"] == row[0].replace("未登録", "")]
                self.same(number(row[place]), self.count(part, column), (row[0], column))

    def course(self, head, rows, query):
        """The grades of an item, year by year, in its sheet of the report: as many as it was given, and no other letter."""
        given = set(self.grades["value"])
        for _year, _plan, cell in rows:
            assert set(re.findall(r"月 (\S)", cell.replace("、", " "))) <= given | {"未"}, cell
            self.compared += 1

    def of_plan(self, head, rows, query):
        """Numbers of 全体の指標: each stands in the open tables of these."""
        if isinstance(self.source, Excel):
            return
        known = {float(value) for value in self.source.table("plan_indicators")["baseline"] if value}
        for name in ("plan_indicator_targets", "plan_indicator_actuals"):
            known |= {float(value) for value in self.source.table(name)["value"] if value}
        for row in rows:
            numbers = {column: number(cell) for column, cell in zip(head[1:], row[1:], strict=True)}
            for shown in numbers.values():
                if shown is not None:
                    assert shown in known, (self.page, row)
                    self.compared += 1
            for column, cell in zip(head[1:], row[1:], strict=True):
                if told := re.search(r"達成率([\d.]+)%", cell):
                    self.same(float(told[1]), round(100 * numbers["実績"] / numbers[column], 1), row)

    def years_of_item(self, head, rows, query):
        """Year by year: no letter that the item was not given."""
        item = query.partition("item=")[2]
        given = {self.labels[code] for code in self.grades[self.grades["program_number"] == item]["value"]}
        for row in rows:
            if (label := self.labels.get(self.code(row[-1]))) is not None:
                assert label in given, (item, row)
            self.compared += 1

    def targets_of_sheet(self, head, rows, query):
        """One indicator in the sheet of an item: the targets are those of the promise; the actuals are those of the day."""
        for name, cell, _actual in rows:
            if (shown := number(cell)) is not None:
                assert shown in self.targets[name], (self.caption, name, shown)
                self.compared += 1

    @cached_property
    def targets(self):
        """The year, as it is shown → all targets for it."""
        known = self.long[self.long["measure"] == "indicator_target"]
        years = known.groupby("fiscal_year")["value"]
        return {fiscal_year_label(int(year)): set(values.astype(float)) for year, values in years}

    def effects_of_round(self, head, rows, query):
        """What was reported in a round: the parts of a line are its sum."""
        for name, *cells in rows:
            *parts, whole = (number(cell) for cell in cells)
            self.same(whole, sum(part for part in parts if part is not None), name)

    def of_its_line(self, head, rows, query):
        """The numbers that the city printed of a day, of the plan itself: those that are not replaced."""
        if isinstance(self.source, Excel):
            return
        table = self.source.table("figures")
        table = table[~table["key"].isin(set(table["supersedes"])) & (table["measure"] == "grade_count")]
        days = {f"{date_label(day)}現在の、評価ごとの項目数": day.isoformat() for day in self.rounds}
        of_day = table[table["as_of"] == days.get(self.caption, "")]
        for name, *cells in rows if len(of_day) else ():
            policy = re.match(rf"{self.seen.policy}(\d+)", name)
            part = of_day[of_day["policy_number"] == (policy[1] if policy else "")]
            for column, cell in zip(head[1:-1], cells, strict=False):
                told = part[part["category"] == self.code(column)]["value"].astype(float)
                self.same(number(cell), told.sum() if len(told) else None, (self.caption, name, column))

    def effects_by_basis(self, head, rows, query):
        found = self.amounts()
        if item := query.partition("item=")[2]:
            found = found[found["program_number"] == item]
        if head[0] == "年度":
            self.effects_of_item(rows, found)
            return
        for row in rows:
            self.effect_cells(head[1:], row, found, row)

    def effects_of_item(self, rows, found):
        known = {
            (fiscal_year_label(int(row.fiscal_year)), row.kind, BASIS_LABELS[row.basis]): row.amount
            for row in found.itertuples()
        }
        lines = [row for row in rows if len(row) == 4]
        self.same(len(lines), len(known), "effects of the item")
        for year, kind, basis, amount in lines:
            at = (year, EFFECT[kind], basis[:2])
            self.same(number(amount), known[at], at)
        for label, amount in (row for row in rows if len(row) == 2):
            parts = [value for (_, _, basis), value in known.items() if label == f"{basis}の計"]
            self.same(number(amount), round(sum(parts), 3), label)

    def indicator(self, head, rows, query):
        """One indicator of an item: the target that holds in each year, and the actual."""
        if self.page.startswith("policies/"):
            self.of_plan(head, rows, query)
            return
        item = query.partition("item=")[2]
        long = self.long[self.long["program_number"] == item]
        targets, actuals = (
            {(row.fiscal_year, float(row.value)) for row in long[long["measure"].isin(measures)].itertuples()}
            for measures in (["indicator_target"], ["indicator_actual", "indicator_forecast"])
        )
        for name, *cells in rows:
            year = next(
                year for year in long["fiscal_year"].unique() if year and name.startswith(fiscal_year_label(int(year)))
            )
            for column, known in (("目標", targets), ("実績", actuals)):
                shown = number(cells[head.index(column) - 1])
                if shown is not None:
                    assert (year, shown) in known, (item, name, column, shown)
                    self.compared += 1

    def words(self, head, rows, query):
        """A table without numbers that could be computed."""

    def revised(self, head, rows, query):
        """Published, computed and marked; only the tables have the first and the last, the list finds the second."""
        if isinstance(self.source, Excel):
            counts = {aspect: len(self.items(f"?aspect={aspect}")) for aspect in ASPECTS}
            counts["items"] = len(self.items("?revised=yes"))
            at = head.index("計算") if "計算" in head else None
            if at is not None:
                for row, aspect in zip(rows, ["items", *ASPECTS], strict=True):
                    self.same(number(row[at]), counts[aspect], row[0])
            return
        table = self.source.table("revision_counts")
        columns = {
            "公表": "published_count",
            "計算": "computed_count",
            "市の表の○印": "marked_count",
            "項目数": "published_count",
        }
        lines = {line.aspect: line for line in table.itertuples()}
        for row, aspect in zip(rows, ["items", *ASPECTS], strict=True):
            line = lines[aspect]
            for column, cell in zip(head[1:], row[1:], strict=True):
                if column in columns:
                    told = getattr(line, columns[column])
                    self.same(number(cell), float(told) if told else None, (row[0], column))

    def ledger(self, head, rows, query):
        if isinstance(self.source, Excel):
            return
        table = self.source.table("figures")
        found = [row for row in rows if len(row) == len(head)]
        printed, status = head.index("印刷された表記"), head.index("照合")
        labels = {label: list(lines.itertuples()) for label, lines in table.groupby("label")}
        for row in found:
            meant = [line for label, lines in labels.items() if row[0].startswith(label) for line in lines]
            meant = [line for line in meant if row[printed].startswith(line.printed) and line.status in row[status]]
            assert meant, row
            self.compared += 1
        if printed == 1 and len(found) == len(table):
            for name, lines in table.groupby("status"):
                self.same(sum(name in row[status] for row in found), len(lines), name)

    def published_effects(self, head, rows, query):
        if isinstance(self.source, Excel):
            return
        table = self.source.table("figures")
        account = next((code for code, label in ACCOUNTS.items() if f"（{label}）" in self.caption), "")
        is_plan = table["measure"] == "effect_planned"
        table = table.assign(basis=table["basis"].mask(is_plan, "planned"))
        table = table[(is_plan | (table["measure"] == "effect")) & (table["policy_number"] == "")]
        table = table[~table["key"].isin(set(table["supersedes"])) & (table["account"] == account)]
        for name, *cells in rows:
            for column, cell in zip(head[1:], cells, strict=True):
                part = table[table["category"] == EFFECT[column]]
                is_year = name.startswith(("平成", "令和"))
                listed = [name] if is_year else [row[0] for row in rows]
                basis = next((code for code, label in BASIS_LABELS.items() if name.endswith(label)), "actual")
                starts = (
                    part["fiscal_year"]
                    .map(lambda year: fiscal_year_label(int(year)))
                    .map(lambda year, listed=listed: any(each.startswith(year) for each in listed))
                )
                part = part[starts.astype(bool) & (part["basis"] == basis)]
                told = round(part["value"].astype(float).sum(), 3) if len(part) else None
                self.same(number(cell), told, (self.caption, name, column))


DISPOSITIONS = {"": "回答を待っている", **dict(Disposition.choices)}
ASPECTS = [
    *("departments", "contents", "planned_years", "expected_effect", "indicators", "indicators_new", "year_plans"),
]
BASIS_LABELS = {"actual": "実績", "budget": "予算", "forecast": "見込", "planned": "計画"}
ACCOUNTS = {"general": "一般会計", "special": "特別会計"}
# What the caption of a table says after a name or a day.
INSIDE = {"指標：", "現在の、評価ごとの項目数"}
CHECKS = {
    "年度、種類、根拠ごとの効果額": Walk.effects_by_basis,
    "実施項目の評価（": Walk.grid,
    "遅れている項目の数（": Walk.causes,
    "市のほかの計画との関係": Walk.words,
    "目標と実績": Walk.indicator,
    "最も新しい実績と、目標": Walk.of_plan,
    "年度ごとの計画と、公表された評価": Walk.course,
    "指標：": Walk.targets_of_sheet,
    "いまの計画、目標と実績、公表された評価": Walk.years_of_item,
    "方針と年度ごとの効果額": Walk.effects_of_round,
    "年度ごとの効果額。": Walk.effects_of_round,
    "現在の、評価ごとの項目数": Walk.of_its_line,
    "前の評価": Walk.compared_rounds,
    "主な": Walk.by_department,
    "計画の効果額と結果": Walk.effects_by_basis,
    "会計ごとの効果額": Walk.effects,
    "方針ごとの効果額": Walk.effects,
    "項目ごとの効果額": Walk.effects,
    "年度と根拠": Walk.published_effects,
    "方針": Walk.by_policy,
    "基準日": Walk.by_round,
    "番号": Walk.item_list,
    "見直した箇所": Walk.revised,
    "公表値": Walk.ledger,
}


def facts(walk, shown):
    """Numbers of cards and lists: {term: number}, grades by their code."""
    return {walk.code(term) or term: number(text) for term, text in shown.definitions.items()}


def test_thirty_queries_made_from_the_texts_find_all_items_that_hold_them(sample):
    written = searches.texts("sample")
    asked = searches.queries(written)
    assert len(written) == 62
    assert len(asked) == searches.QUERIES
    assert all(asked.values())
    for lines in (list(searches.measured("sample")), list(searches.measured(searches.many(300)))):
        assert [line for line in lines if "見つからない" in line] == []


def test_the_bench_of_searches_tells_what_was_not_found(sample, monkeypatch):
    monkeypatch.setattr(Search, "find", lambda self, text: frozenset())
    _, told, *_ = searches.measured("sample")
    assert told.startswith(f"{BROKEN}見つからない項目があります")


def test_the_bench_of_pages_finds_them_kept(client, sample):
    [bare, *lines] = pages.measured(1)
    assert bare.startswith("何もしないページ: ")
    assert [line.partition(":")[0] for line in lines] == list(pages.PAGES)


@pytest.mark.soak
def test_the_bench_of_pages_tells_when_none_is_kept(client, sample, monkeypatch):
    monkeypatch.setattr(kept_pages, "find", lambda request: None)
    lines = list(pages.measured(1))
    assert [line for line in lines if line.startswith(f"{BROKEN}概要")]


def further_axes(walk, day, shown):
    """The cards of what was judged on a day beside the first axis."""
    if isinstance(walk.source, Excel):
        return
    judged, grades = walk.source.table("judgements"), walk.source.table("grades")
    if judged.empty or (of_day := judged[judged["as_of"] == day.isoformat()]).empty:
        return
    for grade in grades[grades["axis"] != "main"].itertuples():
        [card] = [value for term, value in shown.items() if term.endswith(grade.label)]
        walk.same(card, (of_day["grade"] == grade.code).sum(), (day, grade.label))
    items = len(walk.items_of(day))
    missing = sum(value for term, value in shown.items() if term.endswith("未登録"))
    walk.same(missing, items - len(of_day), (day, "not judged"))


def walk_through(walk, is_short=False):
    seen, labels = walk.seen, walk.labels
    shown = facts(walk, walk.visit(""))
    items = walk.items()
    walk.same(shown[f"登録した{seen.program}"], len(items), "")
    revised = next(value for term, value in shown.items() if term.startswith("見直した"))
    walk.same(revised, len(walk.items("?revised=yes")), "revised")
    for code in labels:
        walk.same(shown[code], (items["grade"] == code).sum(), code)
    walk.visit("about/")
    walk.visit("progress/")
    for place in seen.places:
        day = walk.rounds[place]
        shown = facts(walk, walk.visit(f"progress/{day}/", f"?round={day}"))
        items = walk.items(f"?round={day}")
        for code in labels:
            walk.same(shown[code], (items["grade"] == code).sum(), (day, code))
        for label, term in (("worse", "評価が下がった"), ("better", "評価が上がった"), ("same", "変わらない")):
            if term in shown:  # not of the first round, nor of the first of a scale
                walk.same(shown[term], (items["change"] == label).sum(), (day, term))
        further_axes(walk, day, shown)
        if not is_short or place == seen.places[-1]:
            walk.visit(f"report/{day}/", f"?round={day}")
        if place:
            walk.visit(f"compare/?from={walk.rounds[0]}&to={day}", f"?round={day}")
    for policy in sorted(set(walk.policy_of.values())):
        shown = facts(walk, walk.visit(f"policies/{policy}/", f"?policy={policy}"))
        items = walk.items(f"?policy={policy}")
        walk.same(shown[f"登録した{seen.program}"], len(items), policy)
        for code in labels:
            walk.same(shown[code], (items["grade"] == code).sum(), (policy, code))
    for query in seen.queries:
        page = walk.visit(f"programs/{query}", query)
        [result] = [text for text in page.texts["strong"] if text.isdigit()]
        walk.same(int(result), len(walk.items(query)), query)
    walk.visit(f"revisions/{seen.edition}/")
    walk.visit("revisions/")
    walk.visit("effects/")
    walk.visit("figures/")
    for item in seen.items:
        walk.visit(f"programs/{item}/", f"?item={item}")
    page = walk.visit("committee/")
    if not isinstance(walk.source, Excel):
        opinions, meetings = walk.source.table("opinions"), walk.source.table("meetings")
        said = " ".join(page.texts["p"] + page.texts["a"])
        unanswered = opinions[opinions["disposition"] == ""]
        late = unanswered["answer_due_on"].between("0001-01-01", timezone.localdate().isoformat(), inclusive="left")
        for phrase in (
            f"公開した意見は{len(opinions)}件、このうち回答を待っているものは{len(unanswered)}件です",
            f"回答の期限を過ぎたものが{late.sum()}件" if late.sum() else "",
            f"会議と資料（{len(meetings)}回）",
            *(
                f"{label}（{count}）"
                for label, count in opinions["disposition"].map(DISPOSITIONS).value_counts().items()
            ),
        ):
            walk.same(phrase if phrase in said else said, phrase, "committee")


@pytest.mark.parametrize(
    ("seen", "source"),
    others_in_soak(
        [(seen, source) for seen in (SAMPLE, SECOND) for source in (Csv, Api, Excel)],
        [(SAMPLE, Csv), (SECOND, Csv)],
    ),
    ids=lambda value: getattr(value, "slug", None) or value.__name__,
)
def test_every_number_of_a_page_can_be_computed_from_what_analysts_take(client, sample, seen, source):
    csv = Csv(client, seen.slug)
    walk = Walk(client, csv if source is Csv else source(client, seen.slug), csv, seen)
    walk_through(walk, is_short=source is Csv)  # the long run asks both
    assert walk.compared > seen.compared


@pytest.mark.parametrize("source", others_in_soak([Csv, Api], [Csv]))
def test_so_can_those_of_a_plan_that_is_known_by_printed_totals(client, official, source):
    csv = Csv(client, OFFICIAL.slug)
    walk = Walk(client, csv if source is Csv else source(client, OFFICIAL.slug), csv, OFFICIAL)
    for page in ("about/", "effects/", "figures/", f"revisions/{OFFICIAL.edition}/", "programs/", "progress/"):
        walk.visit(page)
    pages = {"": walk.rounds[-1]} | {f"progress/{day}/": day for day in walk.rounds}
    for page, day in ({**pages, f"report/{walk.rounds[-1]}/": walk.rounds[-1]}).items():
        shown = facts(walk, walk.visit(page))
        walk.same({code: shown[code] for code in walk.labels if code in shown}, walk.printed(day), page)
    for policy in sorted(set(walk.policy_of.values())):
        walk.visit(f"policies/{policy}/", f"?policy={policy}")
    assert walk.compared > OFFICIAL.compared


@pytest.mark.soak
@pytest.mark.parametrize("seen", [SAMPLE, SECOND], ids=lambda seen: seen.slug)
def test_so_it_is_at_every_round_and_of_every_item(client, sample, seen):
    csv = Csv(client, seen.slug)
    places = range(len(csv.table("rounds")))
    items = csv.table("programs")["program_number"]
    walk = Walk(client, csv, csv, replace(seen, places=tuple(places), items=tuple(items)))
    walk_through(walk)
    assert walk.compared > seen.compared


def test_a_number_that_differs_or_a_table_that_nobody_checks_is_found(client, sample, monkeypatch):
    csv = Csv(client, SAMPLE.slug)
    walk = Walk(client, csv, csv, SAMPLE)
    csv.table("long").loc[lambda table: table["measure"] == "effect", "value"] = "1"
    with pytest.raises(AssertionError, match=r"on the page, \d\.0 from Csv"):
        Walk(client, csv, csv, SAMPLE).visit("effects/")
    monkeypatch.delitem(CHECKS, "番号")
    with pytest.raises(AssertionError, match="nobody checks the table 「この方針の実施項目"):
        walk.visit("policies/1/", "?policy=1")

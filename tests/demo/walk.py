"""The tables of pages, read as a person reads them and computed again from one source (tests/demo/sources.py)."""

import re
from functools import cached_property

import pandas

from committee.models import Disposition
from core.fiscal import date_label, fiscal_year_label
from core.text import natural_key
from tests.demo.sources import AGAINST, BETTER, Excel, amount_of, counted, number
from tests.reading import read

EFFECT = {"合計": "total", "歳入確保": "revenue", "歳出削減": "saving"}


class Walk:
    """Compares the tables of pages with one source."""

    def __init__(self, client, source, csv, seen):
        self.client, self.source, self.seen = client, source, seen
        grades = csv.table("grades")
        labels = dict(grades[grades["axis"] == "main"][["grade", "grade_label"]].itertuples(index=False))
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
        self.days_told = 0
        for caption, (heads, *rows) in zip(shown.captions, shown.tables, strict=True):
            head = [each.rstrip("↑↓ ") for each in heads]  # by which of them a list is sorted
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
        assert self.days_told in (0, len(self.rounds)), page
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
        if not policy:  # on the overview in two tables, where there are many
            self.days_told += len(rows)
        for name, *cells in rows:
            [day] = [day for label, day in days.items() if name.startswith(label)]
            if not self.seen.places:
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
        codes = {row.grade_label: row.grade for row in grades[grades["axis"].isin(judged["axis"])].itertuples()}
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
            done = done if kind == "計" else done[done["kind"] == EFFECT[kind]]
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
        table = table[~table["figure"].isin(set(table["superseded_figure"])) & (table["measure"] == "grade_count")]
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
        table = table[~table["figure"].isin(set(table["superseded_figure"])) & (table["account"] == account)]
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

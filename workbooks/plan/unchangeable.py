"""What a workbook cannot change: frozen editions, and rounds that were opened or published.

Wording that was frozen changes by an erratum, a round by its own screens. A round that is new in a file (or still 予定)
may come with its reports in any state: that is how an archive is restored, and the only way beside publish() in which
published rows are written.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from decimal import Decimal

from core.text import show_number
from figures.taking_back import read_by_citizens
from policies.models import MAIN_AXIS, PlanPart, Withdrawable, former_names
from programs.frozen import SETTLED_REVISION
from reviews.models import Basis, Report, Round
from workbooks.plan.changes import DELETE, PlanComparison, Problem, SheetChanges, show_cell, show_key
from workbooks.plan.columns import Value
from workbooks.plan.specification import BY_NAME, Key, Rows, Values, place_of
from workbooks.plan.stored_plan import StoredPlan

OF_EDITIONS = ("program_editions", "year_plans", "indicator_targets")
OF_ROUNDS = (
    *("reports", "report_actuals", "report_effects", "contributions", "judgements"),
    *("published_reports", "published_judgements"),
)
SETTLED = ("edition", "state", "published_at", "released_on", "framework")
OF_INDICATORS = ("plan_indicators", "plan_indicator_targets", "plan_indicator_actuals")
_TO_PUBLISH = "公開は、全体の指標の画面の「公開する」でします。この欄を空にしてください。"
_TO_ERRATA = "計画ブックでは変えられません。元の値に戻し、管理画面の「正誤」で訂正してください。"
_ONLY_RECORDED = (
    "個人情報の削除の記録は計画ブックでは登録できません。この行を消し、管理画面の「個人情報の削除」で削除してください。"
)

_ONLY_SETTLED = "決算で確定した値は計画ブックでは登録できません。この行を消し、項目の画面の「決算で確定した値を登録する」で登録してください。"
_TO_TAKE_BACK = (
    "市民のページに出ているか、出ていたため、計画ブックでは削除できません。"
    "この欄を空にし、管理画面で、理由を入れて削除してください。"
)
_TO_SETTLE = "変わったときは、項目の画面の「決算で確定した値を登録する」で登録します。"

Numbers = dict[str, dict[Key, int]]


def check_published(
    result: PlanComparison, numbers: Numbers, stored: StoredPlan, only_missing: bool
) -> Iterator[Problem]:
    """List what a file would change in frozen editions and begun rounds. `numbers` are the rows of the file by sheet
    and key."""
    frozen = {key[0] for key, values in stored.rows["editions"].items() if values["frozen_at"]}
    begun = {
        key[0]: Round.State(str(values["state"]))
        for key, values in stored.rows["rounds"].items()
        if values["state"] != Round.State.PLANNED
    }
    touched = _Touched(result, numbers, stored, only_missing)
    for name in OF_EDITIONS:
        for number, values in touched.rows(name):
            if (edition := values["edition"]) in frozen:
                yield Problem(name, number, "edition", show_cell(edition), f"この版は確定しているため、{_TO_ERRATA}")
    for name in OF_ROUNDS:
        for number, values in touched.rows(name):
            if state := begun.get(values["as_of"]):
                yield Problem(
                    name,
                    number,
                    "as_of",
                    show_cell(values["as_of"]),
                    f"この調査は{state.label}のため、計画ブックでは変えられません。元の値に戻し、調査の画面で直してください。",
                )
    yield from _check_indicators(touched)
    yield from _check_editions(touched, frozen)
    yield from _check_rounds(touched, begun)
    if stored.rows["plan"]:
        for number, _values in touched.created("redactions"):
            yield Problem("redactions", number, "", "", _ONLY_RECORDED)
        for number, _values in touched.created("settlements"):
            yield Problem("settlements", number, "", "", _ONLY_SETTLED)
    yield from _check_settled(touched)
    yield from _check_errata(touched, frozen, begun, result.final)
    yield from _check_restored(touched, begun, result.final)


def check_kept(
    result: PlanComparison, numbers: Numbers, stored: StoredPlan, only_missing: bool, found: Collection[Problem]
) -> Iterator[Problem]:
    """List what a file would delete that citizens have read, or call by a name that is not given again. `found` are the
    problems that are known."""
    told = {(problem.sheet, problem.row) for problem in found}
    yield from _check_kept(_Touched(result, numbers, stored, only_missing), told)


def _check_kept(touched: _Touched, told: set[tuple[str, int]]) -> Iterator[Problem]:
    """What citizens have read, or what was answered, is withdrawn by an act and never deleted; what it was called is not
    given again. `told` are rows that are refused already."""
    for sheet in BY_NAME.values():
        if issubclass(sheet.model, PlanPart) and sheet.model.lasting:
            yield from _check_new_names(touched, sheet.name, sheet.model)
        keys = {touched.stored.pks[sheet.name][key]: (number, key) for number, key in touched.deleted(sheet.name)}
        for pk in sorted(read_by_citizens(sheet.model, keys)):
            number, key = keys[pk]
            if not issubclass(sheet.model, Withdrawable) and (sheet.name, number) not in told:
                yield Problem(sheet.name, number, DELETE, show_key(key), _TO_TAKE_BACK)
    for name in ("sources", "programs", "rounds", "meetings", "opinions"):
        for number, key in touched.deleted(name):
            values = touched.stored.rows[name][key]
            if values.get("state") not in (None, Round.State.PLANNED):  # told with the rounds
                continue
            if any(values.get(each) for each in ("public_at", "published_on", "answered_on", "withdrawn")):
                message = (
                    "公開したか回答したものは削除できません。この欄を空にし、管理画面で「取り下げる」を押してください。"
                )
                yield Problem(name, number, DELETE, show_key(key), message)


def _check_new_names(touched: _Touched, name: str, model: type[PlanPart]) -> Iterator[Problem]:
    new = {values[model.lasting]: number for number, values in touched.created(name)}
    if not new or touched.plan is None:
        return
    for value in sorted(former_names(model, touched.plan, list(new)), key=str):
        message = "取り下げたもので使ったため、使えません。別の値にしてください。"
        yield Problem(name, new[value], model.lasting, show_cell(value), message)


def _check_settled(touched: _Touched) -> Iterator[Problem]:
    """What the accounts settled neither goes nor changes: a settlement that is stored says the value."""
    actuals: dict[Key, Decimal] = {}
    effects: dict[Key, Decimal] = {}
    for _key, row in sorted(touched.stored.rows["settlements"].items(), key=lambda item: int(str(item[1]["number"]))):
        if row["indicator"]:
            actuals[row["program"], row["indicator"], row["fiscal_year"]] = Decimal(str(row["value"]))
        else:
            place = (row["fiscal_year"], row["kind"], Basis.ACTUAL.value, row["account"], row["series"])
            effects[row["program"], *place] = Decimal(str(row["value"]))
    for name, settled, fixed in (
        ("indicator_actuals", actuals, {"value", "is_forecast"}),
        ("effects", effects, {"amount", "source"}),
    ):
        for number, key in touched.deleted(name):
            if key in settled:
                message = (
                    f"決算で確定した値が登録されているため、削除できません。この欄を空にしてください。{_TO_SETTLE}"
                )
                yield Problem(name, number, DELETE, show_key(key), message)
        for number, key, fields in touched.changed(name):
            for column in sorted(fields & fixed) if key in settled else ():
                message = f"決算で確定した値が登録されているため、変えられません。元の値に戻してください。{_TO_SETTLE}"
                yield Problem(name, number, column, show_key(key), message)
        for number, key in touched.new_keys(name):
            values = touched.result.final[name][key]
            column = "value" if name == "indicator_actuals" else "amount"
            if key in settled and values[column] != settled[key]:
                message = f"決算で確定した値（{show_number(settled[key])}）が登録されています。その値にするか、この行を消してください。{_TO_SETTLE}"
                yield Problem(name, number, column, show_cell(values[column]), message)


class _Touched:
    """The rows that a file creates, changes or deletes."""

    @property
    def plan(self) -> int | None:
        """The key of the plan, if it is there already."""
        return next(iter(self.stored.pks["plan"].values()), None)

    def __init__(self, result: PlanComparison, numbers: Numbers, stored: StoredPlan, only_missing: bool) -> None:
        self.result, self.numbers, self.stored, self.only_missing = result, numbers, stored, only_missing

    def changes(self, name: str) -> SheetChanges | None:
        return self.result.sheets.get(name)

    def created(self, name: str) -> Iterator[tuple[int, Values]]:
        if changes := self.changes(name):
            for key, values in changes.created.items():
                yield self.numbers[name][key], values

    def new_keys(self, name: str) -> Iterator[tuple[int, Key]]:
        if changes := self.changes(name):
            for key in changes.created:
                yield self.numbers[name][key], key

    def changed(self, name: str) -> Iterator[tuple[int, Key, set[str]]]:
        if (changes := self.changes(name)) and not self.only_missing:
            for change in changes.changed:
                yield self.numbers[name][change.key], change.key, set(change.fields)

    def deleted(self, name: str) -> Iterator[tuple[int, Key]]:
        if (changes := self.changes(name)) and not self.only_missing:
            for key in changes.deleted:
                yield self.numbers[name][key], key

    def rows(self, name: str) -> Iterator[tuple[int, Values]]:
        yield from self.created(name)
        for number, key, _fields in self.changed(name):
            yield number, self.stored.rows[name][key]
        for number, key in self.deleted(name):
            yield number, self.stored.rows[name][key]


def _check_indicators(touched: _Touched) -> Iterator[Problem]:
    """What was published of 全体の指標 stays; and a file does not publish what is there already."""
    for name in OF_INDICATORS:
        for number, key, fields in touched.changed(name):
            if touched.stored.rows[name][key]["published_at"]:
                if fields != {"source"}:
                    yield Problem(name, number, "", show_key(key), f"公開しているため、{_TO_ERRATA}")
            elif "published_at" in fields:
                yield Problem(name, number, "published_at", show_key(key), _TO_PUBLISH)
        for number, values in touched.created(name):
            there = "indicator" in values and (values["indicator"],) in touched.stored.rows["plan_indicators"]
            if there and values["published_at"]:
                yield Problem(name, number, "published_at", show_cell(values["indicator"]), _TO_PUBLISH)
        for number, key in touched.deleted(name):
            if touched.stored.rows[name][key]["published_at"]:
                yield Problem(
                    name, number, DELETE, show_key(key), "公開しているため、削除できません。この欄を空にしてください。"
                )


def _check_editions(touched: _Touched, frozen: set[Value]) -> Iterator[Problem]:
    for number, key, fields in touched.changed("editions"):
        if key[0] in frozen and "frozen_at" in fields:
            yield Problem(
                "editions",
                number,
                "frozen_at",
                show_cell(key[0]),
                "確定した版の確定日時は変えられません。元の値に戻してください。",
            )
    for number, key in touched.deleted("editions"):
        if key[0] in frozen:
            yield Problem(
                "editions",
                number,
                DELETE,
                show_cell(key[0]),
                "確定した版は削除できません。この欄を空にしてください。",
            )
    for number, key in touched.deleted("revisions"):
        if (edition := touched.stored.rows["revisions"][key]["to_edition"]) in frozen:
            yield Problem(
                "revisions", number, DELETE, show_cell(edition), f"{SETTLED_REVISION}この欄を空にしてください。"
            )


def _check_rounds(touched: _Touched, begun: dict[Value, Round.State]) -> Iterator[Problem]:
    for number, key, fields in touched.changed("rounds"):
        if state := begun.get(key[0]):
            settled = SETTLED if state == Round.State.OPEN else (*SETTLED, "opens_on", "due_on")
            for name in settled:
                if name in fields:
                    message = f"{state.label}の調査では変えられません。元の値に戻してください。"
                    yield Problem("rounds", number, name, show_cell(key[0]), message)
    for number, key in touched.deleted("rounds"):
        if state := begun.get(key[0]):
            message = f"{state.label}の調査は削除できません。この欄を空にしてください。"
            yield Problem("rounds", number, DELETE, show_cell(key[0]), message)


def _check_errata(
    touched: _Touched, frozen: set[Value], begun: dict[Value, Round.State], final: Rows
) -> Iterator[Problem]:
    """Errata come with the archive that they belong to; a new one is made in the admin."""
    message = "新しい正誤は計画ブックでは登録できません。この行を消し、管理画面の「正誤」で登録してください。"
    for number, values in touched.created("errata"):
        if values["as_of"] in begun:
            yield Problem("errata", number, "", "", message)
    public = {key[0] for key, values in touched.stored.rows["plan_indicators"].items() if values["published_at"]}
    for number, values in touched.created("plan_indicator_errata"):
        if values["indicator"] in public:
            yield Problem("plan_indicator_errata", number, "", "", message)
    late = (
        "あとから分かった内容は計画ブックでは登録できません。"
        "この行を消し、計画内容の画面の「あとから分かった内容を登録する」で登録してください。"
    )
    for name, what, refusal in (("content_errata", "正誤", message), ("late_contents", "あとから分かった内容", late)):
        for number, values in touched.created(name):
            if values["edition"] in frozen:
                yield Problem(name, number, "", "", refusal)
            edition = final["editions"].get((values["edition"],))
            if edition is not None and not edition["frozen_at"]:
                where = place_of("editions", "frozen_at")
                unfrozen = f"{what}は、確定した版（{where}に入力のある版）だけに登録できます。"
                yield Problem(name, number, "edition", show_cell(values["edition"]), unfrozen)


def _check_restored(touched: _Touched, begun: dict[Value, Round.State], final: Rows) -> Iterator[Problem]:
    """A round that comes whole: the states of its rows agree."""
    look, rows_of_published = f"{place_of('rounds', 'state')}を確かめてください。", BY_NAME["published_reports"].named

    def state_of(values: Values) -> Value:
        round_ = final["rounds"].get((values["as_of"],))
        return round_["state"] if round_ is not None and values["as_of"] not in begun else None

    for number, values in touched.rows("reports"):
        state, report = state_of(values), final["reports"].get((values["as_of"], values["program"]))
        if state == Round.State.PLANNED:
            message = f"予定の調査には報告を登録できません。{look}"
            yield Problem("reports", number, "as_of", show_cell(values["as_of"]), message)
        elif report and report["state"] == Report.State.PUBLISHED:
            if state == Round.State.OPEN:
                message = f"公表済みの報告は、公表済みの調査だけに登録できます。{look}"
                yield Problem("reports", number, "state", "", message)
            elif state and (values["as_of"], values["program"]) not in final["published_reports"]:
                message = f"公表済みの報告には、シート「{rows_of_published}」に同じ調査・項目の行が必要です。"
                yield Problem("reports", number, "program", show_cell(values["program"]), message)
    for number, values in touched.rows("published_reports"):
        if state_of(values) not in (None, Round.State.PUBLISHED):
            message = f"公表した報告は、公表済みの調査だけに登録できます。{look}"
            yield Problem("published_reports", number, "as_of", show_cell(values["as_of"]), message)
    yield from _check_published_whole(touched, state_of, final)
    yield from _check_published_grades(touched, final)


def _check_published_grades(touched: _Touched, final: Rows) -> Iterator[Problem]:
    """Published rows name their grade by its code: it is one of those that their round was published with, or of the plan."""
    of_plan: dict[Value, set[str]] = defaultdict(set)
    for axis, code in final["grades"]:
        of_plan[axis].add(str(code))
    of_rounds: dict[tuple[Value, Value], set[str]] = {}  # by day and axis
    for (as_of,), round_ in final["rounds"].items():
        framework = json.loads(str(round_["framework"]))
        for axis in ({"key": MAIN_AXIS, "grades": framework.get("grades")}, *framework.get("axes", [])):
            if isinstance(axis, dict) and (grades := axis.get("grades")):
                codes = {grade["code"] for grade in grades if isinstance(grade, dict) and "code" in grade}
                of_rounds[as_of, axis.get("key")] = codes
    used: set[tuple[Value, Value]] = set()
    for name in ("published_reports", "published_judgements"):
        for number, values in touched.rows(name):
            axis, code = values.get("axis", MAIN_AXIS), values["grade_code"]
            known = of_rounds.get((values["as_of"], axis)) or of_plan[axis]
            if code and code not in known:
                shown = "、".join(sorted(known)) or "まだありません"
                message = f"この調査の評価にない記号です。シート「{BY_NAME['grades'].named}」にあるのは {shown} です。"
                yield Problem(name, number, "grade_code", show_cell(code), message)
        for values in final[name].values():
            axis = values.get("axis", MAIN_AXIS)
            if not of_rounds.get((values["as_of"], axis)):
                used.add((axis, values["grade_code"]))
    for number, key in touched.deleted("grades"):
        if key in used:
            message = "この評価で公表した報告があるため、削除できません。この欄を空にしてください。"
            yield Problem("grades", number, DELETE, show_cell(key[1]), message)


def _check_published_whole(touched: _Touched, state_of: Callable[[Values], Value], final: Rows) -> Iterator[Problem]:
    published = {key[0] for key in final["published_reports"]}
    keys: dict[Key, int] = {(values["as_of"],): number for number, values in touched.created("rounds")}
    keys |= {key: number for number, key, _fields in touched.changed("rounds")}
    for key, number in keys.items():
        if state_of(final["rounds"][key]) == Round.State.PUBLISHED and key[0] not in published:
            message = f"公表済みの調査には、シート「{BY_NAME['published_reports'].named}」にその調査の行が必要です。"
            yield Problem("rounds", number, "state", show_cell(key[0]), message)

"""What a reader may ask of the item list. The list, its downloads and later the API read the same names in one way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, TypedDict, Unpack
from urllib.parse import urlencode

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict

from core.fiscal import date_label, era_fiscal_year
from figures.revised import Revised
from figures.rows import NO, UNNAMED, UNREPORTED, YES, FrozenEditionRow, GradeChange, Selection
from policies.models import Grade, Plan, Policy
from policies.words import in_words_of, word
from programs.differences import Aspect
from reviews.models import Round


def _choice(label: str, empty: str, wrong: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        required=False,
        choices=[("", empty)],
        error_messages={"invalid_choice": f"{wrong}一覧から選び直してください。"},
    )


def says_where_from(name: str) -> bool:
    """Whether a name in a query string only says where a reader came from: mails and other sites add it to links."""
    return name.startswith("utm_") or name in ("fbclid", "gclid", "yclid")


def refused_conditions(asked: Iterable[str], taken: Collection[str]) -> list[str]:
    """Why an address is refused that holds conditions which it does not take, one reason each."""
    unknown = sorted(name for name in asked if name not in taken and not says_where_from(name))
    return [f"「{name[:40]}」という条件はありません。アドレスから消してください。" for name in unknown]


class AnyOf(forms.MultipleChoiceField):
    """A condition that may be asked for several times: any of the values. Empty ones ask for nothing."""

    widget = forms.CheckboxSelectMultiple

    def to_python(self, value: object) -> list[str]:
        return list(dict.fromkeys(each for each in super().to_python(value) if each))


def any_of(label: str, wrong: str) -> AnyOf:
    return AnyOf(label=label, required=False, error_messages={"invalid_choice": f"{wrong}一覧から選び直してください。"})


def policy_choices(plan: Plan, policies: Iterable[tuple[int, str]]) -> list[tuple[str, str]]:
    """Choices of policies, of (number, name)."""
    return [(str(number), f"{word(plan, 'policy')}{number} {name}") for number, name in policies]


def days_of(rounds: Iterable[Round]) -> list[tuple[str, str]]:
    """Choices of rounds."""
    return [(each.as_of.isoformat(), f"{date_label(each.as_of)}現在") for each in rounds]


def _aspects(plan: Plan) -> list[tuple[str, str]]:
    """Choices of what a revision changes, in the words of the plan."""
    return [(aspect.value, in_words_of(plan, str(aspect.label))) for aspect in Aspect]


class QueryForm(forms.Form):
    """Validates a query string. Unknown names are errors, and repeated ones that only one answer fits: ignoring them would
    show too much."""

    CRITERIA: tuple[str, ...] = ()

    page = forms.IntegerField(
        required=False,
        widget=forms.HiddenInput,
        error_messages={"invalid": "ページの番号は半角の数字で指定してください。"},
    )

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data, use_required_attribute=False)
        self.asked = data

    def _speak(self, plan: Plan) -> None:
        """Say what is asked in the words of the plan."""
        for field in self.fields.values():
            if field.label:
                field.label = in_words_of(plan, str(field.label))
            for code, message in field.error_messages.items():
                field.error_messages[code] = in_words_of(plan, str(message))
            if isinstance(field, forms.ChoiceField):
                field.choices = [
                    (value, in_words_of(plan, text) if value == "" else text) for value, text in self._pairs(field)
                ]

    def _offer(self, name: str, choices: list[tuple[str, str]], empty: str = "") -> None:
        """`empty` is what is said where none of them is chosen, if the plan says it in words of its own."""
        field = self.fields[name]
        if not isinstance(field, forms.ChoiceField):
            raise TypeError(f"{name} has no choices")
        field.choices = [*([("", empty)] if empty else self._pairs(field)), *choices]

    def _pairs(self, field: Any) -> list[tuple[str, str]]:
        """The choices of a field; Django knows more kinds of choices than the pairs of these forms."""
        return list(field.choices)

    def offers(self, name: str, value: str) -> bool:
        """Whether a value may be asked for."""
        field = self.fields[name]
        return not isinstance(field, forms.ChoiceField) or value in dict(self._pairs(field))

    def clean(self) -> dict[str, Any]:
        for reason in refused_conditions(self.asked, self.fields):
            self.add_error(None, reason)
        for name in self.asked:
            if name in self.fields and len(self.asked.getlist(name)) > 1 and not isinstance(self.fields[name], AnyOf):
                self.add_error(name, "同じ条件が二つ以上あります。一つだけ指定してください。")
        return self.cleaned_data

    @property
    def page_number(self) -> int:
        number = self.cleaned_data["page"]
        return 1 if number is None else number

    @property
    def conditions(self) -> list[tuple[str, str, str, str]]:
        """What a valid form asks for: (name, value, Japanese name, Japanese value), one for each of several values."""
        asked = []
        for name in self.CRITERIA:
            answer = self.cleaned_data[name]
            for value in answer if isinstance(answer, list) else [answer] if answer else []:
                shown = value if name == "q" else dict(self._pairs(self.fields[name]))[value]
                asked.append((name, value, str(self.fields[name].label), str(shown)))
        return asked

    @property
    def query(self) -> str:
        """The query string that asks the same of another page or file: "" or "?policy=4&grade=B"."""
        return self.query_of()

    def query_of(self, **more: str) -> str:
        """The same with further conditions, which take the place of those of the same name; an empty one takes it away."""
        asked = [(name, value) for name, value, *_ in self.conditions if name not in more]
        asked += [(name, value) for name, value in more.items() if value]
        return f"?{urlencode(asked)}" if asked else ""

    @property
    def answerable(self) -> list[BoundField]:
        """The fields with choices that can be answered; each choice alone is never refused."""
        return [
            field
            for field in self.visible_fields()
            if isinstance(field.field, forms.ChoiceField) and any(value for value, _ in self._pairs(field.field))
        ]

    def reasons(self) -> dict[str, list[str]]:
        """Why a query was refused, by name; "" for the query as a whole."""
        return {
            name if name != "__all__" else "": [str(error) for error in errors] for name, errors in self.errors.items()
        }


class FilterChoices(TypedDict):
    """What a plan offers to choose from, except its rounds. `revised` reads the latest revision, and is called only when it
    is asked for; `may_tell_revised` says whether to offer it. `key_years` are those that the committee may have chosen items
    for; empty if none is registered. `causes` reads why items were behind, and is called only when it is asked for. `find`
    gives the keys of the items that hold what somebody typed."""

    plan: Plan
    policies: Sequence[Policy]
    editions: Sequence[FrozenEditionRow]
    department_order: Callable[[str], tuple[int, str]]
    grades: list[Grade]
    revised: Callable[[], Revised | None]
    may_tell_revised: bool
    key_years: Sequence[int]
    causes: Callable[[], Iterable[str]]
    find: Callable[[str], frozenset[int]]


LONGEST_SEARCH = 100  # characters


class ItemFilter(QueryForm):
    """What items may be asked for, wherever they stand."""

    CRITERIA: tuple[str, ...] = ("q", "policy", "department", "grade", "round", "revised", "aspect", "key", "sort")

    q = forms.CharField(
        label="キーワード",
        required=False,
        max_length=LONGEST_SEARCH,
        widget=forms.TextInput(attrs={"type": "search"}),
        help_text="番号、または項目名・計画・報告・委員会の意見にある言葉。いくつかの言葉は空白で区切ります。",
        error_messages={
            "max_length": "キーワードは%(limit_value)d文字以内にしてください（%(show_value)d文字あります）。",
            "null_characters_not_allowed": "キーワードに使えない文字が含まれています。入力し直してください。",
        },
    )
    policy = any_of("方針", "この方針はありません。")
    department = any_of("推進担当課", "この推進担当課はありません。")
    grade = any_of("評価", "この評価はありません。")
    round = _choice("基準日", "最新の公表", "この基準日の公表はありません。")
    revised = _choice("見直し", "すべて", "revised には yes か no を指定してください。")
    aspect = any_of("見直した箇所", "この箇所はありません。")
    key = any_of("主要管理項目", "key には yes か no か、計画の年度（始まる年の西暦）を指定してください。")
    sort = _choice("並び順", "番号の順", "この並び順はありません。")
    SORTS: tuple[tuple[str, str], ...] = ()

    def __init__(self, data: QueryDict, *, rounds: Sequence[Round], **offered: Unpack[FilterChoices]) -> None:
        """`data` is the query string; the rest is what the plan offers to choose from."""
        super().__init__(data)
        key_years = offered["key_years"]
        self._revised, self._may_tell_revised = offered["revised"], offered["may_tell_revised"]
        self._has_keys, self._find = bool(key_years), offered["find"]
        self.programs: frozenset[int] | None = None
        departments = {one.code: one.name for edition in offered["editions"] for one in edition.departments}
        self._speak(offered["plan"])
        self._offer("policy", policy_choices(offered["plan"], ((one.number, one.name) for one in offered["policies"])))
        self.departments = sorted(departments.items(), key=lambda one: offered["department_order"](one[0]))
        self._offer("department", self.departments)
        self._offer("grade", [*((grade.code, str(grade)) for grade in offered["grades"]), (UNREPORTED, "未報告")])
        self._offer("revised", [("yes", "見直した項目"), ("no", "見直していない項目")])
        self._offer("aspect", _aspects(offered["plan"]))
        self._offer("key", [(YES, "いずれかの年度の主要管理項目"), (NO, "主要管理項目でない項目")])
        self._offer("key", [(str(year), era_fiscal_year(year)) for year in key_years])
        self._offer("round", days_of(rounds))
        self._offer("sort", [(value, in_words_of(offered["plan"], label)) for value, label in self.SORTS])

    def clean(self) -> dict[str, Any]:
        asked = super().clean()
        revised, aspects = asked.get("revised"), asked.get("aspect")
        if revised or aspects:
            latest = self._revised()
            if latest is None:
                name = "revised" if revised else "aspect"
                self.add_error(name, "どの項目を見直したかは、まだ登録されていません。この条件を消してください。")
            else:
                wanted = [Aspect(aspect) for aspect in aspects] if aspects else [None]
                self.programs = frozenset().union(*(latest.select(revised != "no", aspect) for aspect in wanted))
        if asked.get("q"):
            found = self._find(asked["q"])
            self.programs = found if self.programs is None else self.programs & found
        if asked.get("key") and not self._has_keys:
            self.add_error("key", "主要管理項目は、まだ登録されていません。この条件を消してください。")
        return asked

    def visible_fields(self) -> list[BoundField]:
        """Those to offer: what cannot be answered is not asked, unless an address asked for it."""
        hidden = set() if self._may_tell_revised else {"revised", "aspect"}
        hidden |= set() if self._has_keys else {"key"}
        return [field for field in super().visible_fields() if field.name not in hidden or field.name in self.data]

    @property
    def selection(self) -> Selection:
        """Of a valid form."""
        asked = self.cleaned_data
        return Selection(
            policies=tuple(int(number) for number in asked["policy"]),
            departments=tuple(asked["department"]),
            grades=tuple(asked["grade"]),
            programs=self.programs,
            keys=tuple(asked["key"]),
            sort=asked["sort"],
        )

    @property
    def as_of(self) -> date | None:
        """The round that was asked for, of a valid form."""
        return date.fromisoformat(self.cleaned_data["round"]) if self.cleaned_data["round"] else None


class ProgramFilter(ItemFilter):
    """What the item list and its downloads may be asked for: also how grades moved, who leads, and why items are behind."""

    CRITERIA = (
        *("q", "policy", "department", "lead", "grade", "round", "change", "since", "was", "cause"),
        *("revised", "aspect", "key", "sort"),
    )
    field_order = CRITERIA
    # What only the numbers of other pages ask for: a reader finds the same by other conditions.
    UNOFFERED = frozenset({"lead", "since", "was", "cause"})

    lead = any_of("主な推進担当課", "この推進担当課はありません。")
    change = any_of("前回からの変化", "前回からの変化にこの値はありません。")
    since = _choice("比べる基準日", "一つ前の公表", "この基準日の公表はありません。")
    was = any_of("前の評価", "この評価はありません。")
    cause = any_of("遅れの原因", "この原因はありません。")
    SORTS = (
        *(("-number", "番号の大きい順"), ("name", "項目名の順"), ("-name", "項目名の逆の順")),
        *(("department", "推進担当課の順"), ("-department", "推進担当課の逆の順")),
        *(("grade", "遅れている項目から"), ("-grade", "進んでいる項目から")),
        *(("change", "評価が下がった項目から"), ("-change", "評価が上がった項目から")),
    )

    def __init__(self, data: QueryDict, *, rounds: Sequence[Round], **offered: Unpack[FilterChoices]) -> None:
        super().__init__(data, rounds=rounds, **offered)
        self._has_moves = len(rounds) > 1
        self._latest = max((round_.as_of.isoformat() for round_ in rounds), default="")
        self._offer("lead", [*self.departments, (UNNAMED, "未登録")])
        if self._has_moves:
            self._offer("change", [(change.value, change.label) for change in GradeChange])
        self._offer("since", days_of(rounds))
        # A round of another scale was judged by grades of its own.
        known = [Grade(**grade) for round_ in rounds for grade in round_.framework.get("grades", ())]
        was = {grade.code: str(grade) for grade in (*known, *offered["grades"])}
        self._offer("was", [*was.items(), (UNREPORTED, "評価なし")])
        if "cause" in data:
            self._offer("cause", [*((cause, cause) for cause in offered["causes"]()), (UNNAMED, "未登録")])

    def clean(self) -> dict[str, Any]:
        asked = super().clean()
        if asked.get("since") and asked["since"] >= (asked.get("round") or self._latest):
            self.add_error("since", "比べる基準日には、基準日より前の日を選んでください。")
        return asked

    def visible_fields(self) -> list[BoundField]:
        hidden = self.UNOFFERED | (set() if self._has_moves else {"change"})
        return [field for field in super().visible_fields() if field.name not in hidden or field.name in self.data]

    @property
    def selection(self) -> Selection:
        asked = self.cleaned_data
        return replace(
            super().selection,
            changes=tuple(asked["change"]),
            was=tuple(asked["was"]),
            leads=tuple(asked["lead"]),
            causes=tuple(asked["cause"]),
        )

    @property
    def compared_with(self) -> date | None:
        """The round that it is compared with instead of the one before, of a valid form."""
        return date.fromisoformat(self.cleaned_data["since"]) if self.cleaned_data["since"] else None


class GridFilter(ItemFilter):
    """What the grid of items and rounds may be asked for: the same, up to a round, in which order, and by which axis.

    `axes` are (key, name), the first with the key ""; `grades` and `rounds` are those of the axis that is asked for."""

    CRITERIA = (*ItemFilter.CRITERIA, "axis")

    axis = _choice("評価の軸", "", "この評価の軸はありません。")
    sort = _choice("並び順", "方針の順", "この並び順はありません。")
    SORTS = (("department", "推進担当課の順"), ("worst", "遅れている項目から"))

    def __init__(
        self,
        data: QueryDict,
        *,
        axes: Sequence[tuple[str, str]],
        rounds: Sequence[Round],
        **offered: Unpack[FilterChoices],
    ) -> None:
        super().__init__(data, rounds=rounds, **offered)
        self._has_axes = len(axes) > 1
        self._offer("axis", list(axes[1:]), empty=axes[0][1])

    def visible_fields(self) -> list[BoundField]:
        return [
            each for each in super().visible_fields() if each.name != "axis" or self._has_axes or "axis" in self.data
        ]


def _bom() -> forms.ChoiceField:
    return forms.ChoiceField(
        required=False,
        choices=[("", ""), ("1", "1"), ("0", "0")],
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": "bom には 0 か 1 を指定してください。"},
    )


class CsvFilter(ProgramFilter):
    """The same, and whether the file begins with the mark that tells Excel its encoding."""

    bom = _bom()


class FileQuery(QueryForm):
    """What may be asked of a file that is always whole."""

    page = None  # type: ignore[assignment]
    bom = _bom()


class RevisionFilter(QueryForm):
    """What the page of a revision may be asked for."""

    CRITERIA: tuple[str, ...] = ("aspect", "policy")

    aspect = any_of("見直した箇所", "この箇所はありません。")
    policy = any_of("方針", "この方針はありません。")

    def __init__(self, data: QueryDict, *, plan: Plan, policies: Sequence[tuple[int, str]]) -> None:
        """`policies` are (number, name)."""
        super().__init__(data)
        self._speak(plan)
        self._offer("aspect", _aspects(plan))
        self._offer("policy", policy_choices(plan, policies))

    def wants(self, aspects: Iterable[Aspect], policy: int) -> bool:
        """Whether a valid form asks for an item of a policy with these aspects revised."""
        any_aspect, any_policy = self.cleaned_data["aspect"], self.cleaned_data["policy"]
        return (not any_aspect or any(aspect in any_aspect for aspect in aspects)) and (
            not any_policy or str(policy) in any_policy
        )

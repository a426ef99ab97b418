"""Registering printed figures, many at once: what they are beside those that are registered, and the act that writes them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from core.acts import require
from core.history import create_with_history, signed, update_with_history
from figures.measures import Measure, grades_named
from figures.models import PublishedFigure
from policies.models import Grade, Plan, Source, former_names

PERMISSION, SOURCE_PERMISSION = "figures.import_publishedfigure", "policies.add_source"
REASON = "公表された集計表の取り込み"
_LONGEST_KEY = 60
# What a printed number says; the rest of a figure says what it is the number of, and where it stands.
_REFERENCES = {
    "plan",
    "policy",
    "edition",
    "source",
    "supersedes",
    "plan_indicator",
}  # rows that were read a moment ago
SAID = ("printed", "value", "unit", "is_approximate", "triangle", "source", "locator")


def identity(figure: PublishedFigure, grades: Sequence[Grade]) -> tuple[object, ...]:
    """What two printed numbers share if they are of one thing: everything but what was printed, and where. `grades` are those
    of the first axis; an A of another is another thing."""
    measure = Measure(figure.measure)
    if measure is Measure.GRADE_COUNT and figure.is_share:
        measure = Measure.GRADE_SHARE
    of_main = figure.category and figure.axis_id is None
    named, _unknown = grades_named(figure.category, grades) if of_main else ([], "")
    category = tuple(sorted(grade.code for grade in named)) or (unicodedata.normalize("NFKC", figure.category),)
    own = figure.label if measure is Measure.OTHER else ""
    where = (
        figure.policy_id,
        figure.edition_id,
        figure.as_of,
        figure.fiscal_year,
        figure.plan_indicator_id,
        figure.axis_id,
    )
    return (measure, *where, figure.basis, figure.account, figure.series, category, figure.unit, own)


def says_the_same(one: PublishedFigure, other: PublishedFigure) -> bool:
    """Whether two figures of one thing print the same number. 15項目 and 15 are."""
    return (one.value, one.is_approximate) == (other.value, other.is_approximate) and (
        one.value is not None or one.printed == other.printed
    )


@dataclass(frozen=True)
class RegisteredFigures:
    """The current figures of a plan, by what they are the number of."""

    figures: dict[tuple[object, ...], PublishedFigure]
    grades: Sequence[Grade]

    @classmethod
    def of(cls, figures: Sequence[PublishedFigure], grades: Sequence[Grade]) -> RegisteredFigures:
        over = {figure.supersedes_id for figure in figures}
        return cls({identity(figure, grades): figure for figure in figures if figure.pk not in over}, grades)

    def beside(self, figure: PublishedFigure) -> PublishedFigure | None:
        return self.figures.get(identity(figure, self.grades))


def name_keys(figures: Iterable[PublishedFigure], taken: Iterable[str]) -> None:
    """Give each new figure a key: what it is the number of, as the figures of the plan are named."""
    used = set(taken)
    for figure in figures:
        parts = [
            figure.measure,
            figure.edition.key if figure.edition else "",
            figure.as_of.isoformat() if figure.as_of else "",
            str(figure.fiscal_year or ""),
            f"policy-{figure.policy.number}" if figure.policy else "",
            figure.axis.key if figure.axis else "",
            *(figure.category, figure.account, figure.series),
        ]
        key = ".".join(filter(None, parts))[: _LONGEST_KEY - 5]
        number = 1
        while (own := key if number == 1 else f"{key}-{number}") in used:
            number += 1
        used.add(own)
        figure.key = own


def next_source_key(plan: Plan) -> str:
    """S3, if S2 is the last one that is numbered so."""
    numbers = [
        int(key[1:]) for key in plan.sources.values_list("key", flat=True) if key[:1] == "S" and key[1:].isdecimal()
    ]
    return f"S{max([0, *numbers]) + 1}"


@transaction.atomic
def register(
    plan: Plan, new: Sequence[PublishedFigure], corrected: Sequence[PublishedFigure], source: Source, *, by: User
) -> None:
    """Write figures of a plan that stand in one source, which is registered with them if it is new; `corrected` are stored
    ones with what is right. All of them or none. Raises ValidationError with the label of the figure that cannot be."""
    require(by, PERMISSION, "公表値を取り込む")
    if source.pk is None:
        require(by, SOURCE_PERMISSION, "出典を登録する")
        source.full_clean()
        signed(source, by, REASON).save()
    wrong = []
    for figure in (*new, *corrected):
        figure.source = source
        try:
            figure.clean_fields(exclude=_REFERENCES)
            figure.clean()
        except ValidationError as refused:
            wrong += [f"{figure.label}: {text}" for text in refused.messages]
    if wrong:
        raise ValidationError(wrong)
    if used := former_names(PublishedFigure, plan.pk, [figure.key for figure in new]):
        raise ValidationError(
            [f"{key}: 取り下げたもので使った記号のため、使えません。" for key in sorted(used, key=str)]
        )
    create_with_history(PublishedFigure, new, by=by, reason=REASON)
    update_with_history(PublishedFigure, corrected, by=by, reason=REASON)

"""The acts on an edition: prepare the next one, add what is missing in it, freeze it.

Each takes its actor as `by=`, runs in one transaction, locks the plan or the edition, and writes its rows in bulk with their
history: a fixed number of queries, and some more per thousand rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from core.acts import WrongState, require
from core.fiscal import first_day, fiscal_year_label, last_day
from core.history import create_with_history, signed
from policies.locking import lock_plan
from policies.models import Edition, Plan
from policies.publicity import show_with
from programs.frozen import refuse_frozen
from programs.models import IndicatorTarget, PlanIndicatorTarget, Program, ProgramEdition, Responsibility, YearPlan
from programs.plan_indicators import publish_targets

PERMISSION = "policies.freeze_edition"
COPIED = ("contents", "planned_years", "expected_effect")


@dataclass(frozen=True)
class Missing:
    """An item of an edition, and what the edition does not say about it. `content` is None without any content."""

    program: Program
    content: ProgramEdition | None
    lacks: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.program}（{'、'.join(self.lacks)}）"


class IncompleteEdition(WrongState):
    """Items lack contents, and it was not said that this is meant."""

    def __init__(self, missing: list[Missing]) -> None:
        shown = "、".join(map(str, missing[:3]))
        more = " など" if len(missing) > 3 else ""
        super().__init__(
            f"計画内容の足りない項目が{len(missing)}件あります: {shown}{more}。"
            "登録するか、足りないまま確定することを選んでください。"
        )
        self.missing = missing


def lock_edition(pk: int) -> Edition:
    """Read an edition with its plan, and lock it until the end of the transaction. Raises Edition.DoesNotExist."""
    return Edition.objects.select_for_update(of=("self",)).select_related("plan").get(pk=pk)


def programs_of(edition: Edition) -> QuerySet[Program]:
    """The items that an edition has to speak of: not ended before its first day, not added after its last."""
    first, last = first_day(edition.first_fiscal_year), last_day(edition.last_fiscal_year)
    return Program.objects.filter(
        Q(ended_on=None) | Q(ended_on__gt=first), Q(added_on=None) | Q(added_on__lte=last), plan=edition.plan_id
    )


def latest_edition(plan: Plan) -> Edition | None:
    """Find the edition that the next one is copied from: the one that begins last. None for a plan without editions."""
    return Edition.objects.filter(plan=plan).order_by("first_fiscal_year").last()


def prepare(
    plan: Plan, *, key: str, name: str, first_fiscal_year: int, last_fiscal_year: int, by: User, decided: str = ""
) -> Edition:
    """Make the next edition by copying what the latest one says, for the years that the new one covers.

    Items that ended before are left out; items that the latest edition does not have begin with an empty content.
    """
    require(by, PERMISSION, "次の版を作る")
    with transaction.atomic():
        plan = lock_plan(plan.pk)
        previous = latest_edition(plan)
        edition = Edition(
            plan=plan,
            key=key,
            name=name,
            first_fiscal_year=first_fiscal_year,
            last_fiscal_year=last_fiscal_year,
            decided=decided,
        )
        if previous and first_fiscal_year <= previous.first_fiscal_year:
            raise ValidationError(
                {
                    "first_fiscal_year": f"いまの版（{previous}）は{fiscal_year_label(previous.first_fiscal_year)}から"
                    "適用されています。それより後の年度にしてください。"
                }
            )
        edition.full_clean()
        signed(edition, by, "次の版を作成").save()
        _copy(previous, edition, by)
        return edition


def _copy(previous: Edition | None, edition: Edition, by: User) -> None:
    reason = "前の版から複写" if previous else "版を作成"
    years = {"fiscal_year__range": (edition.first_fiscal_year, edition.last_fiscal_year)}
    olds = {content.program_id: content for content in ProgramEdition.objects.filter(edition=previous)}
    contents = []
    for program in programs_of(edition).order_by("sort_key"):
        old = olds.get(program.pk)
        texts = {field: getattr(old, field) for field in COPIED} if old else {}
        contents.append(ProgramEdition(program=program, edition=edition, **texts))
    create_with_history(ProgramEdition, contents, by=by, reason=reason)
    new = {olds[content.program_id].pk: content for content in contents if content.program_id in olds}

    owners = [
        Responsibility(program_edition=new[row.program_edition_id], department_id=row.department_id, order=row.order)
        for row in Responsibility.objects.filter(program_edition__edition=previous)
        if row.program_edition_id in new
    ]
    create_with_history(Responsibility, owners, by=by, reason=reason)
    plans = [
        YearPlan(
            program_edition=new[row.program_edition_id],
            fiscal_year=row.fiscal_year,
            text=row.text,
            is_none=row.is_none,
        )
        for row in YearPlan.objects.filter(program_edition__edition=previous, **years)
        if row.program_edition_id in new
    ]
    create_with_history(YearPlan, plans, by=by, reason=reason)
    programs = {content.program_id for content in new.values()}
    targets = [
        IndicatorTarget(
            indicator_id=target.indicator_id,
            edition=edition,
            fiscal_year=target.fiscal_year,
            value=target.value,
            text=target.text,
        )
        for target in IndicatorTarget.objects.filter(edition=previous, **years).select_related("indicator")
        if target.indicator.program_id in programs
    ]
    create_with_history(IndicatorTarget, targets, by=by, reason=reason)
    of_plan = [
        PlanIndicatorTarget(
            indicator_id=target.indicator_id,
            edition=edition,
            **{name: getattr(target, name) for name in ("fiscal_year", "value", "text", "note")},
        )
        for target in PlanIndicatorTarget.objects.filter(edition=previous, **years)
    ]
    create_with_history(PlanIndicatorTarget, of_plan, by=by, reason=reason)


def begin(edition: Edition, *, by: User, programs: Iterable[Program] | None = None) -> int:
    """Give items that have none an empty content in an edition: the given ones, or all that it has to speak of.

    Returns how many were made.
    """
    require(by, "programs.add_programedition", "計画内容を登録する")
    with transaction.atomic():
        edition = lock_edition(edition.pk)
        refuse_frozen(edition)
        wanted = list(programs_of(edition)) if programs is None else list(programs)
        if any(program.plan_id != edition.plan_id for program in wanted):
            raise ValidationError({"edition": f"「{edition}」は別の計画の版です。同じ計画の版を選んでください。"})
        there = set(ProgramEdition.objects.filter(edition=edition).values_list("program", flat=True))
        made = [ProgramEdition(program=program, edition=edition) for program in wanted if program.pk not in there]
        create_with_history(ProgramEdition, made, by=by, reason="計画内容の登録を開始")
        return len(made)


def missing(edition: Edition) -> list[Missing]:
    """List what the edition does not say yet, item by item. Two queries."""
    owners = Responsibility.objects.filter(program_edition=models.OuterRef("pk"))
    contents = {
        content.program_id: content
        for content in ProgramEdition.objects.filter(edition=edition).annotate(is_owned=models.Exists(owners))
    }
    found = []
    for program in programs_of(edition).order_by("sort_key"):
        content = contents.get(program.pk)
        lacks: tuple[str, ...] = ("計画内容",)
        if content is not None:
            parts = {"実施内容": content.contents, "推進担当課": content.is_owned}
            lacks = tuple(name for name, value in parts.items() if not value)
        if lacks:
            found.append(Missing(program, content, lacks))
    return found


def extends(edition: Edition) -> bool:
    """Whether freezing an edition extends the period of its plan."""
    return edition.frozen_at is None and edition.last_fiscal_year > edition.plan.last_fiscal_year


def _extend(edition: Edition, by: User) -> None:
    plan = edition.plan
    if edition.last_fiscal_year > plan.last_fiscal_year:
        plan.original_last_fiscal_year = plan.original_last_fiscal_year or plan.last_fiscal_year
        plan.last_fiscal_year = edition.last_fiscal_year
        signed(plan, by, "期間の延長").save()


def freeze(edition: Edition, *, by: User, accept_incomplete: bool = False) -> Edition:
    """Freeze an edition: from now on it is the promise, citizens may read it, and only an erratum changes it.

    An edition that goes on after the last year of its plan extends the plan. Items that lack something are listed in
    IncompleteEdition, unless the caller says that this is meant.
    """
    require(by, PERMISSION, "版を確定する")
    with transaction.atomic():
        lock_plan(edition.plan_id)
        current = lock_edition(edition.pk)
        if current.frozen_at is not None:
            raise WrongState(f"「{current}」はもう確定しています。")
        if not current.contents.exists():
            raise WrongState(f"「{current}」には計画内容が一つもありません。登録してから確定してください。")
        if not accept_incomplete and (lacking := missing(current)):
            raise IncompleteEdition(lacking)
        promised = Program.objects.filter(pk__in=current.contents.values("program"))
        list(promised.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
        current.frozen_at, current.frozen_by = timezone.now(), by
        signed(current, by, "確定").save()
        _extend(current, by)
        publish_targets(current, by=by)
        show_with(promised, by=by, reason="版の確定にともなう公開")
        return current

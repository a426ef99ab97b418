"""Errata to a frozen edition: the only way in which what it says still changes.

Each correction is one row that says what stood there, what stands there now, why, and since when, and the new value takes
its place in the content. Errata to published reports are an act of the publication.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Unpack

from django.core.exceptions import ValidationError
from django.db import models, transaction

from accounts.models import Department, User
from core import grammar
from core.acts import WrongState, require
from core.fields import field_label
from core.fiscal import fiscal_year_label
from core.history import signed
from policies.models import Source
from programs.content import TEXTS, TYPED_FACTS
from programs.correction import REASON, Why, put, refuse_unseen, replace_one, said, shown
from programs.editions import lock_edition
from programs.frozen import correcting
from programs.models import ContentErratum, Indicator, IndicatorTarget, ProgramEdition, Responsibility, YearPlan

PERMISSION = "programs.add_contenterratum"
DEPARTMENTS = "departments"


def fields_of(content: ProgramEdition) -> list[tuple[str, str, str]]:
    """List what of a content can be corrected: (field, its Japanese name, what stands there now), as `correct_content`
    takes it."""
    found = [(name, field_label(ProgramEdition, name), getattr(content, name)) for name in TEXTS]
    found.append(("source", field_label(ProgramEdition, "source"), content.source.key if content.source else ""))
    found.append((DEPARTMENTS, "推進担当課", _departments(content)))
    plans = {plan.fiscal_year: plan for plan in YearPlan.objects.filter(program_edition=content)}
    years = content.edition.fiscal_years
    for year in sorted({*years, *plans}):
        when = fiscal_year_label(year)
        found.append((f"year_plans:{year}", f"年度計画 {when}", plans[year].text if year in plans else ""))
        if year in plans:
            no_plan = field_label(YearPlan, "is_none")
            found.append((f"no_plan:{year}", f"年度計画 {when} {no_plan}", shown(plans[year], "is_none")))
    targets = IndicatorTarget.objects.filter(edition=content.edition_id)
    for indicator in Indicator.objects.filter(program=content.program_id).prefetch_related(
        models.Prefetch("targets", targets, to_attr="of_edition")
    ):
        of_years = {target.fiscal_year: target for target in indicator.of_edition}
        where = f"成果指標{indicator.number}"
        for name in TYPED_FACTS:
            field = f"indicators:{indicator.number}:{name}"
            found.append((field, f"{where} {field_label(Indicator, name)}", shown(indicator, name)))
        for year in sorted({*years, *of_years}):
            for name in ("value", "text"):
                field = f"targets:{indicator.number}:{year}:{name}"
                label = f"{where} {field_label(IndicatorTarget, name)} {fiscal_year_label(year)}"
                found.append((field, label, shown(of_years[year], name) if year in of_years else ""))
    return found


def correct_content(content: ProgramEdition, field: str, new: str, *, by: User, **why: Unpack[Why]) -> ContentErratum:
    """Correct one field of a content in a frozen edition. `new` is text as people write it; departments are codes.

    Fields: contents, planned_years, expected_effect, revision_reason, source (its key), departments, year_plans:<year>,
    no_plan:<year> (はい or いいえ), indicators:<number>:<fact>, targets:<number>:<year>:value and …:text.
    """
    require(by, PERMISSION, "確定した計画内容を訂正する")
    reason, corrected_on = said(why)
    with transaction.atomic():
        edition = lock_edition(content.edition_id)
        if edition.frozen_at is None:
            raise WrongState(f"「{edition}」はまだ確定していません。計画内容の画面で、そのまま直してください。")
        current = ProgramEdition.objects.select_for_update(of=("self",)).select_related("program").get(pk=content.pk)
        current.edition = edition
        refuse_unseen(current.errata.all(), why.get("seen"))
        what = replace_one(
            lambda: fields_of(current), field, lambda: _ContentCorrection(current, by).write(field, new.strip())
        )
        erratum = ContentErratum(
            plan=edition.plan,
            program_edition=current,
            reason=reason,
            corrected_on=corrected_on,
            corrected_by=by,
            **what,
        )
        signed(erratum, by, REASON).save()
        return erratum


def _departments(content: ProgramEdition) -> str:
    owners = Responsibility.objects.filter(program_edition=content).order_by("order")
    return "、".join(owners.values_list("department__name", flat=True))


class _ContentCorrection:
    """Writes one corrected value; the guard of frozen editions lets pass what is written inside `correcting`."""

    def __init__(self, content: ProgramEdition, by: User) -> None:
        self.content = content
        self.by = by

    def write(self, field: str, new: str) -> None:
        kind, *key = field.split(":")
        match kind:
            case "source":
                self._write_source(new)
            case "departments":
                self._write_departments(new)
            case "year_plans":
                key_of_row = {"program_edition": self.content, "fiscal_year": int(key[0])}
                row = YearPlan.objects.filter(**key_of_row).first() or YearPlan(**key_of_row)
                self._set(row, "text", new, is_empty=not new)
            case "no_plan":
                row = YearPlan.objects.get(program_edition=self.content, fiscal_year=int(key[0]))
                self._set(row, "is_none", new)
            case "indicators":
                self._set(self._indicator(key[0]), key[1], new)
            case "targets":
                number, year, name = key
                of_year = {
                    "indicator": self._indicator(number),
                    "edition": self.content.edition,
                    "fiscal_year": int(year),
                }
                target = IndicatorTarget.objects.filter(**of_year).first() or IndicatorTarget(**of_year)
                other = target.text if name == "value" else target.value
                self._set(target, name, new, is_empty=not new and other in (None, ""))
            case _:
                self._set(self.content, kind, new)

    def _indicator(self, number: str) -> Indicator:
        return Indicator.objects.get(program=self.content.program_id, number=int(number))

    def _set(self, row: models.Model, name: str, new: str, *, is_empty: bool = False) -> None:
        with correcting(self.content):
            put(row, name, new, by=self.by, is_empty=is_empty)

    def _write_source(self, key: str) -> None:
        sources = Source.objects.filter(plan=self.content.edition.plan_id)
        source = grammar.Codes((one.key, one) for one in sources).meant(grammar.code(key))
        if key and source is None:
            raise ValidationError({"new": f"「{key}」という出典はこの計画にありません。出典の記号を入力してください。"})
        self.content.source = source
        with correcting(self.content):
            signed(self.content, self.by, REASON).save()

    def _write_departments(self, new: str) -> None:
        departments = self._by_code(code for part in new.replace(",", "、").split("、") if (code := grammar.code(part)))
        with correcting(self.content):
            for old in Responsibility.objects.filter(program_edition=self.content):
                signed(old, self.by, REASON).delete()
            for order, department in enumerate(departments, 1):
                row = Responsibility(program_edition=self.content, department=department, order=order)
                signed(row, self.by, REASON).save()

    def _by_code(self, codes: Iterable[str]) -> list[Department]:
        wanted = list(codes)
        city = self.content.edition.plan.city
        known = grammar.Codes((one.code, one) for one in Department.objects.filter(city=city))
        found = [known.meant(code) for code in wanted]
        if unknown := [code for code, department in zip(wanted, found, strict=True) if department is None]:
            raise ValidationError({"new": f"{city}に「{'」「'.join(unknown)}」という部署はありません。"})
        departments = [department for department in found if department is not None]
        if len(set(departments)) < len(departments):
            raise ValidationError({"new": "同じ部署が2回あります。1回だけにしてください。"})
        return departments

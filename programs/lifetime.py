"""The acts on an item over time: it ends, is merged into another one, is carried to the next plan, or goes on after all.

An item that has ended is asked about in no round as of a later day; the day on which it ended is its last. Whoever still works with it as of such a day may
object: receivers of `ending` raise WrongState.
"""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.dispatch import Signal

from accounts.models import User
from core.acts import WrongState, require
from core.fiscal import era_date
from core.history import signed
from core.text import clean_code
from policies.models import Plan
from programs.models import EndReason, Program

PERMISSION = "programs.change_program"
# Sent with `program` and `on` before an item is locked, inside the transaction in which it ends.
ending = Signal()

_OTHER_ACTS = {EndReason.MERGED: "統合", EndReason.CARRIED: "次の計画へ引き継ぐ"}


def end(program: Program, *, on: date, reason: str, by: User, note: str = "") -> Program:
    """End an item for one of the reasons that need no other item (EndReason; merging and carrying are acts of their
    own)."""
    if reason in _OTHER_ACTS:
        raise ValidationError({"reason": f"この理由のときは「{_OTHER_ACTS[EndReason(reason)]}」から登録してください。"})
    if reason not in EndReason.values:
        raise ValidationError({"reason": "終了の理由を選んでください。"})
    return _end(program, on, by, "終了", end_reason=reason, end_note=note.strip())


def merge(program: Program, into: Program, *, on: date, by: User, note: str = "") -> Program:
    """End an item because another item of the same plan goes on with it. Raises ValidationError for `into`, NotAllowed,
    WrongState."""
    if into.pk == program.pk:
        raise ValidationError({"into": "統合先に自分自身は選べません。"})
    if into.plan_id != program.plan_id:
        raise ValidationError({"into": f"「{into}」は別の計画の項目です。同じ計画の項目を選んでください。"})
    if program.is_shown and not into.is_shown:
        raise ValidationError({"into": f"「{into}」はまだ公開していません。先に公開してください。"})
    return _end(program, on, by, "統合", end_reason=EndReason.MERGED, merged_into_id=into.pk, end_note=note.strip())


def carry(program: Program, plan_slug: str, number: str, *, on: date, by: User, note: str = "") -> Program:
    """End an item because another plan goes on with it. The plan may live elsewhere; one that lives here is checked."""
    slug, number = clean_code(plan_slug), clean_code(number)
    if not slug:
        raise ValidationError({"plan_slug": "引き継いだ計画の識別名を入力してください。"})
    plan = Plan.objects.filter(slug=slug).first()
    if plan is not None and plan.pk == program.plan_id:
        raise ValidationError({"plan_slug": "同じ計画の中で引き継ぐときは「統合」から登録してください。"})
    if plan is not None and number and not Program.objects.filter(plan=plan, number=number).exists():
        raise ValidationError({"number": f"{plan}に、番号{number}の項目はありません。"})
    return _end(
        program,
        on,
        by,
        "次の計画へ継続",
        end_reason=EndReason.CARRIED,
        carried_plan=slug,
        carried_number=number,
        end_note=note.strip(),
    )


def resume(program: Program, *, by: User) -> Program:
    """Take an ending back that was registered by mistake."""
    require(by, PERMISSION, "項目の終了を取り消す")
    with transaction.atomic():
        current = _locked([program.pk])[program.pk]
        if current.ended_on is None:
            raise WrongState(f"「{current}」は終了していません。")
        current.ended_on = None
        current.end_reason = current.end_note = current.carried_plan = current.carried_number = ""
        current.merged_into = None
        return _save(current, by, "終了の取り消し")


def _locked(pks: list[int]) -> dict[int, Program]:
    programs = Program.objects.select_for_update(of=("self",)).select_related("plan").filter(pk__in=pks)
    return {program.pk: program for program in programs.order_by("pk")}


def _save(current: Program, by: User, what: str) -> Program:
    signed(current, by, what).save()
    return current


def _end(program: Program, on: date, by: User, what: str, **values: object) -> Program:
    require(by, PERMISSION, "項目を終了する")
    with transaction.atomic():
        ending.send(Program, program=program, on=on)
        into = values.get("merged_into_id")
        locked = _locked([program.pk] + ([into] if isinstance(into, int) else []))
        current = locked[program.pk]
        if current.ended_on is not None:
            raise WrongState(f"「{current}」は{era_date(current.ended_on)}にもう終了しています。")
        if current.added_on is not None and on <= current.added_on:
            raise ValidationError(
                {"on": f"終了した日は、追加した日（{era_date(current.added_on)}）より後にしてください。"}
            )
        if isinstance(into, int):
            target = locked[into]
            if not target.is_active_on(on):
                raise ValidationError(
                    {
                        "into": f"「{target}」は{era_date(on)}には終了しているか、まだ追加されていません。続いている項目を選んでください。"
                    }
                )
        elif going_on := Program.objects.filter(merged_into=current, ended_on__gt=on).first():
            raise WrongState(f"「{going_on}」がその後に統合される項目です。先にそちらの終了を直してください。")
        current.ended_on = on
        for name, value in values.items():
            setattr(current, name, value)
        current.clean_fields(
            exclude=[
                f.name for f in Program._meta.fields if f.name not in {"end_note", "carried_plan", "carried_number"}
            ]
        )
        return _save(current, by, what)

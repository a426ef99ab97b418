"""What of a frozen edition becomes known later: the parts that were empty when it was frozen.

Nothing wrong stood there, so it is no erratum, and what is known already is never touched. The content says from then on what
was learned, and a row beside it says which parts, when, from which document and why only now.
"""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.acts import WrongState, require
from core.history import signed
from policies.models import Edition, Source
from programs.content import Content
from programs.contents import content_of, write_content
from programs.editions import lock_edition
from programs.frozen import correcting
from programs.models import LateContent, Program, ProgramEdition

REASON = "あとから分かった内容の登録"
PERMISSION = "programs.add_latecontent"


def late_content(program: Program, edition: Edition) -> ProgramEdition:
    """Find the content that an edition has of an item, or make an unsaved one."""
    found = ProgramEdition.objects.filter(program=program, edition=edition).first()
    content = found or ProgramEdition(program=program, edition=edition)
    content.program, content.edition = program, edition
    return content


def learn(
    program: Program,
    edition: Edition,
    wanted: Content,
    *,
    source: Source,
    learned_on: date,
    reason: str,
    by: User,
) -> LateContent:
    """Fill in what a frozen edition did not say about an item. `wanted` is the whole content, with all that is known.

    Raises WrongState for an edition that is not frozen, ValidationError by the names of `Content.flat`, or `source`,
    `learned_on` and `reason`.
    """
    require(by, PERMISSION, "確定した版にあとから分かった内容を登録する")
    errors = {}
    if not reason.strip():
        errors["reason"] = ["あとから登録する理由を入力してください。市民のページに表示されます。"]
    if learned_on > timezone.localdate():
        errors["learned_on"] = ["分かった日は、今日までの日にしてください。"]
    if source.plan_id != program.plan_id or edition.plan_id != program.plan_id:
        errors["source"] = ["同じ計画の出典を選んでください。"]
    if errors:
        raise ValidationError(errors)
    with transaction.atomic():
        locked = lock_edition(edition.pk)
        if locked.frozen_at is None:
            raise WrongState(f"「{locked}」はまだ確定していません。計画内容の画面で、そのまま登録してください。")
        current = late_content(Program.objects.select_related("plan").get(pk=program.pk), locked)
        stored = content_of(current)
        _refuse_known(stored, wanted)
        with correcting(current):
            if current.pk is None:
                signed(current, by, REASON).save()
            changed = write_content(current, stored, wanted, by=by, reason=REASON)
        if not changed:
            raise ValidationError({"contents": ["新しく登録する内容がありません。分かった内容を入力してください。"]})
        late = LateContent(
            plan=locked.plan,
            program_edition=current,
            learned_on=learned_on,
            fields="、".join(changed)[:300],
            source=source,
            reason=reason.strip(),
            learned_by=by,
        )
        signed(late, by, REASON).save()
        return late


def _refuse_known(stored: Content, wanted: Content) -> None:
    """What is known stays; a wrong word in it is corrected by an erratum."""
    now = wanted.flat()
    known = {name: value for name, value in stored.flat().items() if now.get(name, "") != value}
    if stored.departments and wanted.departments != stored.departments:
        known |= {"department_1": ""}
    if known:
        message = "もう登録されている内容は、ここでは変えられません。誤りは「訂正する（正誤）」で直してください。"
        raise ValidationError({name: [message] for name in known})

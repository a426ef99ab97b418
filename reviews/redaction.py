"""削除: personal data that was published by mistake is taken out of everything that the database holds.

What is published does not move; this is the one exception. The words are looked for in every text of every model, its
history included, by what the models declare: a new model or field is met without being named here. What stays is a mark where
they stood, and a `Redaction` that says who, when, why and where, and never what. Why like this: docs/decisions/0033-redaction.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Cast
from django.db.models.lookups import Contains
from django.dispatch import Signal
from django.utils import timezone

from accounts.models import User
from core import redaction as words_of
from core.acts import NotAllowed
from core.fields import ModelField
from core.history import signed
from core.text import fold
from policies.models import Plan
from programs.frozen import EDITION, redacting
from programs.models import Program
from reviews.locking import lock_rounds
from reviews.models import PublishedReport, Redaction, Round

REASON = "個人情報の削除"  # the act, as histories name it
# Sent inside of the transaction, with `words`: whoever keeps files or forms that wait outside of the tables drops them.
redacted = Signal()

# Names that the program itself gives; and sessions, which are packed: staff/redactions.py opens them.
_SKIPPED_MODELS = {"contenttypes.contenttype", "auth.permission", "auth.group", "sessions.session"}
# What is computed from secrets or files, or names a task of the queue: no words of anybody.
SKIPPED_FIELDS = {"password", "sha256", "task_id", "session_hash"}


@dataclass(frozen=True)
class RedactedKind:
    """How a kind of field is searched, and what is written instead."""

    count: Callable[[Any, str], int]
    cut: Callable[[Any, str], Any]


def text_of(model_field: ModelField) -> RedactedKind | None:
    """What to do with a field; None for one that holds no words of anybody."""
    if model_field.name in SKIPPED_FIELDS or model_field.choices or model_field.primary_key:
        return None
    if isinstance(model_field, models.JSONField):
        return RedactedKind(words_of.count_in_structure, words_of.cut_from_structure)
    if isinstance(model_field, models.BinaryField):
        return RedactedKind(lambda data, words: int(_may_hold(data, words)), lambda _data, _words: b"")
    if isinstance(model_field, models.FileField) or not isinstance(model_field, models.CharField | models.TextField):
        return None
    if model_field.name == "search_text":
        return RedactedKind(words_of.count_in_folded, words_of.cut_from_folded)
    longest = model_field.max_length
    return RedactedKind(words_of.count_in_text, lambda text, words: words_of.cut_from_text(text, words, longest))


def _may_hold(data: bytes, words: str) -> bool:
    """What nobody can open may hold anything; of its record it is said that it could not be opened."""
    try:
        return words_of.stands_in_file(bytes(data), words)
    except words_of.UnopenedFile:
        return True


def _is_damaged(data: bytes) -> bool:
    try:
        words_of.stands_in_file(bytes(data), words_of.MARK)
    except words_of.UnopenedFile:
        return True
    return False


@cache
def searched_models() -> dict[type[models.Model], dict[str, RedactedKind]]:
    """Every model with its texts by the name of the field, those of histories and of Django's own apps too."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.label_lower in _SKIPPED_MODELS or not model._meta.managed:
            continue
        if texts := {each.name: text for each in model._meta.concrete_fields if (text := text_of(each))}:
            found[model] = texts
    return found


def _record(model: type[models.Model]) -> tuple[type[models.Model], str]:
    """The model whose records a model keeps, and where their keys stand: of a history not its own keys."""
    record: type[models.Model] = getattr(model, "instance_type", model)
    return record, record._meta.pk.attname


@cache
def _way(model: type[models.Model], target: type[models.Model]) -> str | None:
    """The shortest lookup from a model to one that it belongs to; None where there is none."""
    if model is target:
        return "pk"
    ways: list[tuple[str, type[models.Model]]] = [("", model)]
    for way, here in ways:
        if way.count("__") > 3:
            break
        for each in here._meta.concrete_fields:
            related = each.related_model
            if not isinstance(related, type) or related in (here, User, getattr(model, "instance_type", None)):
                continue
            if related is target:
                return f"{way}{each.name}"
            ways.append((f"{way}{each.name}__", related))
    return None


@dataclass
class FoundWords:
    """A record in which the words stand, now or in its history."""

    model: type[models.Model]
    pk: object
    counts: Counter[str] = field(default_factory=Counter)  # by field, now
    past: Counter[str] = field(default_factory=Counter)  # by field, in the history
    record: str = ""
    plan: int | None = None
    program: int | None = None
    round: int | None = None
    is_public: bool = False
    is_damaged: bool = False  # its file cannot be opened: nobody can tell whether the words stand there

    @property
    def key(self) -> str:
        return f"{self.model._meta.label_lower}:{self.pk}"

    @property
    def label(self) -> str:
        return str(self.model._meta.verbose_name)

    @property
    def fields(self) -> list[str]:
        names = [each.name for each in self.model._meta.concrete_fields]
        found = self.counts | self.past
        own = [str(self.model._meta.get_field(name).verbose_name) for name in names if found[name]]  # type: ignore[union-attr]
        return own + ["変更の理由"] * any(name not in names for name in found)

    @property
    def now(self) -> int:
        return self.counts.total()

    @property
    def then(self) -> int:
        return self.past.total()


def check_words(words: str) -> str:
    """The words as they are looked for. Raises ValidationError for what would meet too much."""
    words = words.strip()
    if len(words) < words_of.LEAST or len(fold(words)) < words_of.LEAST:
        raise ValidationError({"words": f"{words_of.LEAST}文字以上を入力してください。"})
    if words in words_of.MARK or fold(words) in fold(words_of.MARK):
        raise ValidationError({"words": f"「{words_of.MARK}」の一部は削除できません。"})
    return words


def find(words: str) -> list[FoundWords]:
    """Every record in which the words stand exactly so, in the order of the packages; those of histories included."""
    words = check_words(words)
    places: dict[tuple[type[models.Model], object], FoundWords] = {}
    for model, texts in searched_models().items():
        record, key = _record(model)
        for pk, counts in _counts(model, texts, key, words):
            place = places.setdefault((record, pk), FoundWords(record, pk))
            (place.counts if model is record else place.past).update(counts)
    order = {model: number for number, model in enumerate(apps.get_models(include_auto_created=True))}
    found = sorted(places.values(), key=lambda place: (order[place.model], str(place.pk).zfill(12)))
    for _model, those in groupby(found, lambda place: place.model):
        _describe(list(those))
    return found


def _counts(
    model: type[models.Model], texts: dict[str, RedactedKind], key: str, words: str
) -> Iterator[tuple[object, Counter[str]]]:
    rows = model._base_manager.filter(_holding(model, texts, words)).values_list(key, *texts)
    for pk, *values in rows.iterator(chunk_size=20):
        cells = zip(texts.items(), values, strict=True)
        found = Counter({name: n for (name, text), value in cells if value and (n := text.count(value, words))})
        if found:
            yield pk, found


def _holding(model: type[models.Model], texts: dict[str, RedactedKind], words: str) -> Q:
    """What a query can tell of it: at least all rows in which the words stand."""
    holding = Q()
    for name in texts:
        own = model._meta.get_field(name)
        if isinstance(own, models.BinaryField):
            return Q()
        if isinstance(own, models.JSONField):
            for written in words_of.variants(words):
                holding |= Q(Contains(Cast(name, models.TextField()), written))
        elif name == "search_text":
            holding |= Q(**{f"{name}__contains": fold(words)})
        else:
            for written in words_of.variants(words):
                holding |= Q(**{f"{name}__contains": written})
    return holding


def _describe(places: list[FoundWords]) -> None:
    """What records of one model are called and belong to, from themselves or, where they are gone, from their history."""
    model = places[0].model
    missing = {place.pk: place for place in places}
    readable = _readable(model, list(missing))
    history = getattr(model, "history", None)
    for holder in (model, history.model) if history else (model,):
        _own, key = _record(holder)
        ways = [
            (name, _way(holder, target)) for name, target in (("plan", Plan), ("program", Program), ("round", Round))
        ]
        known = {name: way for name, way in ways if way}
        held = holder._base_manager.filter(**{f"{key}__in": list(missing)}).order_by("pk")
        names = {} if holder is not model else {row.pk: str(row) for row in held.select_related(*_near(model))}
        found = {pk: dict(zip(known, values, strict=True)) for pk, *values in held.values_list(key, *known.values())}
        for pk, belongs in found.items():
            place = missing.pop(pk)
            place.record = names.get(pk, f"（削除された{place.label}）")
            place.plan, place.program, place.round = (belongs.get(name) for name in ("plan", "program", "round"))
            place.is_public = bool(place.counts) and place.plan is not None and pk in readable
    for own in model._meta.concrete_fields:
        if isinstance(own, models.BinaryField):
            those = {place.pk: place for place in places if place.counts[own.name]}
            for pk, data in model._base_manager.filter(pk__in=those).values_list("pk", own.name).iterator(chunk_size=5):
                those[pk].is_damaged = _is_damaged(data)


def _near(model: type[models.Model]) -> list[str]:
    """What the names of records are made of: the records that they refer to, and those that these refer to."""
    return [
        f"{one.name}__{two.name}"
        for one in model._meta.concrete_fields
        if one.is_relation and isinstance(one.related_model, type)
        for two in one.related_model._meta.concrete_fields
        if two.is_relation
    ] + [one.name for one in model._meta.concrete_fields if one.is_relation]


def _readable(model: type[models.Model], keys: list[object]) -> set[object]:
    """Which of the records citizens could read."""
    if getattr(model, "staff_only", False):
        return set()
    rows: Any = model._default_manager.filter(pk__in=keys)
    for of_citizens in ("published", "shown"):
        if hasattr(rows, of_citizens):
            rows = getattr(rows, of_citizens)()
            break
    if edition := EDITION.get(model):
        rows = rows.filter(**{f"{edition}__frozen_at__isnull": False})
    return set(rows.values_list("pk", flat=True))


def redact(words: str, *, reason: str, by: User, where: Collection[str] | None = None) -> list[Redaction]:
    """Take the words out of the records named by their keys (`FoundWords.key`), or of all in which they stand.

    Raises NotAllowed for anybody but a superuser; ValidationError, by `words`, `reason` or `where`, if the words are too
    short or stand nowhere, if the reason is missing or says them itself.
    """
    if not (by.is_active and by.is_superuser):
        raise NotAllowed("個人情報を削除する権限がありません。システムの管理者だけができます。")
    words, reason = check_words(words), reason.strip()
    if not reason:
        raise ValidationError({"reason": "削除の理由を入力してください。市民のページに表示されます。"})
    if words_of.count_in_text(reason, words):
        raise ValidationError({"reason": "理由に、削除する言葉が入っています。その言葉を使わずに書いてください。"})
    with transaction.atomic():
        places = [place for place in find(words) if where is None or place.key in where]
        if not places:
            raise ValidationError({"where": "この言葉のある記録は、ありません。何も削除していません。"})
        list(Plan.objects.select_for_update(of=("self",)).order_by("pk"))
        lock_rounds()
        with redacting():
            for place in places:
                _cut(place, words, by)
        made = _note(places, reason, by)
        redacted.send(Redaction, words=words)
    return made


def _cut(place: FoundWords, words: str, by: User) -> None:
    history = getattr(place.model, "history", None)
    if history:
        kept = history.model._base_manager.filter(**{place.model._meta.pk.attname: place.pk})
        for row in kept.select_for_update(of=("self",)):
            if changed := _changes(row, place, words):
                history.model._base_manager.filter(pk=row.pk).update(**changed)
    row = place.model._base_manager.select_for_update(of=("self",)).filter(pk=place.pk).first()
    changed = _changes(row, place, words) if row else {}
    if row is None or not changed:
        return
    if not history:
        place.model._base_manager.filter(pk=place.pk).update(**changed)
        return
    for name, value in changed.items():
        setattr(row, name, value)
    if hasattr(row, "version"):  # whoever has the record open in a form is told that it was changed
        row.version += 1
    signed(row, by, REASON).save()


def _changes(row: models.Model, place: FoundWords, words: str) -> dict[str, object]:
    changed = {}
    for name, text in searched_models().get(type(row), {}).items():
        value = getattr(row, name)
        if not value or not text.count(value, words):
            continue
        changed[name] = text.cut(value, words)
        if name in _keys(place.model):
            # What names a record stays one of a kind, and fit for an address.
            changed[name] = f"removed-{place.pk}"[: row._meta.get_field(name).max_length]  # type: ignore[union-attr]
    return changed


@cache
def _keys(model: type[models.Model]) -> set[str]:
    """Texts that tell one record from another."""
    unique = {each.name for each in model._meta.concrete_fields if each.unique or isinstance(each, models.SlugField)}
    together = (each.fields for each in model._meta.constraints if isinstance(each, models.UniqueConstraint))
    return unique | {name for names in together for name in names}


def _note(places: list[FoundWords], reason: str, by: User) -> list[Redaction]:
    """One row for all records of a kind that belong to the same plan, item and round."""
    now = timezone.now()
    made: dict[tuple[Any, ...], Redaction] = {}
    fields: dict[tuple[Any, ...], dict[str, None]] = {}
    for place in places:
        is_frozen = place.model in (PublishedReport, Round) and place.round is not None and place.is_public
        key = (place.model, place.plan, place.program, place.round, place.is_public)
        row = made.setdefault(
            key,
            Redaction(
                plan_id=place.plan,
                program_id=_living(Program, place.program),
                round_id=_living(Round, place.round),
                place=place.label,
                count=0,
                is_public=place.is_public,
                is_frozen=is_frozen,
                reason=reason,
                redacted_at=now,
                redacted_by=by,
            ),
        )
        row.count += place.now + place.then
        fields.setdefault(key, {}).update(dict.fromkeys(place.fields))
    for key, row in made.items():
        row.plan_id = _living(Plan, row.plan_id)
        row.fields = "、".join(fields[key])[:500]
    return Redaction.objects.bulk_create(made.values())


def _living(model: type[models.Model], pk: int | None) -> int | None:
    """A key that a history remembers may be one of a record that is gone."""
    return pk if pk is not None and model._base_manager.filter(pk=pk).exists() else None

"""The open tables of the revisions of a plan: which there were, in how many items, and in which. Published data only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.fiscal import in_gregorian
from figures.revisions import CheckedRevision, of_plan
from figures.revisions import Status as Agreement
from opendata.tables import printed
from opendata.tables.observations import PLAN_LEVEL, PROGRAM_LEVEL
from opendata.tables.promise import DECIDED_GREGORIAN, edition_key, source_key
from opendata.tables.review import items_field
from opendata.tables.table import Field, Row, Table
from policies.models import Plan, Source
from programs.differences import Aspect


def _public_revisions(plan: Plan) -> list[CheckedRevision]:
    """Those that have a page: both wordings are frozen, or the city has published counts."""
    return [found for found in of_plan(plan) if found.event.is_public({each.edition_id for each in found.figures})]


def _revisions(plan: Plan) -> Sequence[Row]:
    sources = dict(Source.objects.filter(plan=plan).values_list("pk", "key"))
    return [
        (
            event.edition.key,
            event.before.key if event.before else None,
            PROGRAM_LEVEL if event.is_frozen else PLAN_LEVEL,
            revision.decided_on if revision else None,
            event.edition.decided or None,
            in_gregorian(event.edition.decided) or None,
            (revision.purpose if revision else "") or None,
            sources.get((revision.source_id if revision else None) or event.edition.source_id or 0),
        )
        for event in (found.event for found in _public_revisions(plan))
        for revision in (event.revision,)
    ]


REVISIONS = Table(
    "revisions",
    "見直し",
    "ある版から次の版への見直し。両方の版が確定したものと、市が見直しの数を公表したものを載せる。",
    (
        edition_key("", "見直し後の版の識別名。"),
        Field("from_edition", "見直し前の版", "見直し前の版の識別名。", example="original"),
        printed.level(),
        Field("decided_on", "見直しを決めた日", "決めた日。", type="date", example="2014-03-31"),
        Field("decided", "見直しを決めた時期", "資料に書かれた時期。", example="平成25年度末"),
        replace(DECIDED_GREGORIAN, label="見直しを決めた時期（西暦）"),
        Field("purpose", "見直しの趣旨", "見直しの目的（このサイトの要約）。"),
        source_key(),
    ),
    _revisions,
    ("edition",),
)

REVISED_ITEMS = "items"  # the aspect of a row that counts revised items, whatever was revised in them


def _revision_counts(plan: Plan) -> Sequence[Row]:
    return [
        (
            found.event.edition.key,
            count.aspect.value if count.aspect else REVISED_ITEMS,
            count.label,
            count.published.value if count.published else None,
            count.computed,
            count.marked,
            count.status.value,
            count.published.source.key if count.published else None,
        )
        for found in _public_revisions(plan)
        for count in found.counts
    ]


REVISION_COUNTS = Table(
    "revision_counts",
    "見直した項目の数",
    "見直しの内容ごとの項目数。市が公表した数、二つの版を比べて数えた数、市の一覧の○印の数を並べる。",
    (
        edition_key("", "見直し後の版の識別名。"),
        Field(
            "aspect",
            "見直しの内容",
            "items は、見直した項目の数。",
            codes=((REVISED_ITEMS, "見直した項目"), *Aspect.choices),
            example="contents",
        ),
        Field("aspect_label", "見直しの内容の名称", "日本語の名称。", example="実施内容"),
        Field(
            "published_count",
            "公表された数",
            "市が公表した項目数。空欄は未登録。",
            type="number",
            unit="項目",
            example=35,
        ),
        items_field("computed_count", "比べて数えた数", "登録されている計画内容を比べて数えた項目数。空欄は未登録。"),
        items_field("marked_count", "○印の数", "市の一覧に○印がある項目の数。空欄は未登録。"),
        Field(
            "status",
            "照合",
            "三つの数の照合の結果。",
            codes=tuple((status.value, status.value) for status in Agreement),
            example="一致",
        ),
        source_key(""),
    ),
    _revision_counts,
    ("edition", "aspect"),
)

REVISED = Table(
    "revised_items",
    "見直した項目",
    "見直しごと、実施項目ごと、見直しの内容ごとに1行。版の計画内容を比べたもの、比べられないときは市の一覧の○印。",
    (
        edition_key("", "見直し後の版の識別名。"),
        Field("program_number", "番号", "実施項目の番号。", example="27"),
        Field("aspect", "見直しの内容", "何を見直したか。", codes=tuple(Aspect.choices), example="contents"),
        Field("aspect_label", "見直しの内容の名称", "日本語の名称。", example="実施内容"),
    ),
    lambda plan: [
        (found.event.edition.key, entry.item.number, aspect.value, aspect.label)
        for found in _public_revisions(plan)
        for entry in found.revised
        for aspect in entry.aspects
    ],
    ("edition", "program_number", "aspect"),
)

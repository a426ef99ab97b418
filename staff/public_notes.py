"""What of a record citizens see, and what therefore stays: the sentence on its form, and the one that refuses to delete it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Model

from policies.models import Withdrawable

_AT_ONCE = "計画を公開している間は、保存した内容がすぐに市民のページに出ます。"
_WITH_EDITION = "市民のページには、版を確定すると出ます。確定するまでは出ません。"
_WITH_REVISION = "市民のページには、見直し後の版を確定するか、市が公表した数を登録すると出ます。そのあとに保存した内容は、すぐに出ます。"
_NEVER = "市民のページには出ません。"
# By model: what of it is public, and from when on. Every form says it.
NOTES = {
    "policies.plan": "市民のページには、「公開する」を押すと出ます。公開している間は、保存した内容がすぐに出ます。",
    "policies.source": "市民のページには、公開した記録が出典として示すか、「公開する」を押すと出ます。",
    "policies.edition": "計画内容は、確定すると市民のページに出ます。市が公表した数が登録されている版は、名称と期間が確定の前から出ます。",
    "policies.viewpoint": _AT_ONCE,
    "policies.direction": _AT_ONCE,
    "policies.policy": _AT_ONCE,
    "policies.position": _AT_ONCE,
    "policies.grade": f"{_AT_ONCE}備考は出ません。",
    "policies.axis": _AT_ONCE,
    "policies.scale": _AT_ONCE,
    "policies.delaycause": _AT_ONCE,
    "policies.lineageplan": _AT_ONCE,
    "policies.lineagefigure": f"{_AT_ONCE}備考は出ません。",
    "policies.lineagenote": _AT_ONCE,
    "programs.program": "市民のページには、計画内容のある版を確定するか、「公開する」を押すと出ます。公開したあとに保存した内容は、すぐに出ます。",
    "programs.programedition": _WITH_EDITION,
    "programs.yearplan": _WITH_EDITION,
    "programs.indicator": "市民のページには、目標値のある版を確定するか、公開した項目の実績を登録すると出ます。",
    "programs.indicatortarget": _WITH_EDITION,
    "programs.indicatoractual": "項目を公開している間は、保存した実績がすぐに市民のページに出ます。",
    "programs.planindicator": "市民のページには、「公開する」を押すと出ます。目標値は、版を確定すると出ます。",
    "programs.revision": _WITH_REVISION,
    "programs.revisionmark": _WITH_REVISION + "備考は出ません。",
    "committee.keyprogram": "項目を公開している間は、保存した内容がすぐに市民のページに出ます。",
    "committee.meeting": "市民のページには、「公開する」を押すと出ます。公開したあとに保存した内容は、すぐに出ます。意見の締め切りは出ません。",
    "committee.opinion": "市民のページには、公開日になると出ます。会議と項目が公開されるまでは出ません。書いた委員の名前は出ません。",
    "reviews.round": "市民のページには、「公表する」と結果が出ます。その前に基準日だけを知らせるときは「公開する」を押します。受付と提出の日は出ません。",
    "reviews.report": "市民のページには、調査を公表すると、承認された報告が出ます。それまでは出ません。差し戻しの理由は出ません。",
    "figures.publishedfigure": _AT_ONCE,
    "accounts.user": _NEVER,
    "accounts.department": "名称は、確定した計画内容や公表した報告とともに、市民のページに出ます。",
}


def note_of(model: type[Model]) -> str:
    return NOTES.get(model._meta.label_lower, "")


def kept_for_citizens(records: Mapping[type[Model], Collection[Any]]) -> list[str]:
    """What of the records, by model, is not deleted because citizens have read it or it is answered."""
    counts = {
        model._meta.verbose_name: sum(record.stays for record in found)
        for model, found in records.items()
        if issubclass(model, Withdrawable)
    }
    return [
        f"公開したか回答した{name} {count}件（「取り下げる」を使ってください）"
        for name, count in counts.items()
        if count
    ]

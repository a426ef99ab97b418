"""The open tables of the committee: its meetings, the items that it watches, its opinions and the answers. Published data only."""

from __future__ import annotations

from django.db.models import QuerySet

from committee.models import Disposition, KeyProgram, Meeting, Opinion
from opendata.tables.promise import fiscal_year, program_number, source_key
from opendata.tables.table import Field, Table
from policies.models import Plan

_MEETING_ON = Field("meeting_on", "開催日", "会議の日。", path="held_on", type="date", example="2014-10-31")


def _meetings(plan: Plan) -> QuerySet[Meeting]:
    return Meeting.objects.shown().filter(plan=plan).order_by("held_on")


MEETINGS = Table(
    "meetings",
    "会議",
    "推進委員会の会議。次第は agenda_items、資料は meeting_sources の表にある。",
    (
        _MEETING_ON,
        Field("title", "名称", "会議の名称。"),
        Field("place", "場所", "会議の場所。"),
    ),
    _meetings,
    ("meeting_on",),
)

AGENDA_ITEMS = Table(
    "agenda_items",
    "会議の次第",
    "推進委員会の会議で扱ったこと。1行に一つ。",
    (
        _MEETING_ON,
        Field("order", "並び順", "会議の中の順。", type="integer", example=1),
        Field("text", "次第", "会議で扱ったこと。"),
    ),
    lambda plan: [
        (meeting.held_on, place, line.strip())
        for meeting in _meetings(plan)
        for place, line in enumerate(filter(str.strip, meeting.agenda.splitlines()), start=1)
    ],
    ("meeting_on", "order"),
)

MEETING_SOURCES = Table(
    "meeting_sources",
    "会議の資料",
    "推進委員会の会議の資料。1行に一つの出典。",
    (_MEETING_ON, source_key("documents__key")),
    lambda plan: _meetings(plan).exclude(documents=None).order_by("held_on", "documents__key"),
    ("meeting_on", "source"),
)

KEY_PROGRAMS = Table(
    "key_programs",
    "主要管理項目",
    "推進委員会が、その年度にとくに見守るために選んだ実施項目。",
    (
        program_number(),
        fiscal_year("見守る年度。"),
        Field("note", "選んだ理由", "選んだ理由。"),
    ),
    lambda plan: KeyProgram.objects.filter(program__plan=plan, program__public_at__isnull=False).order_by(
        "fiscal_year", "program__sort_key", "program"
    ),
    ("program_number", "fiscal_year"),
    {"program": "program__number", "fiscal_year": "fiscal_year"},
)

OPINIONS = Table(
    "opinions",
    "意見・助言と回答",
    "推進委員会の意見・助言と、市の対応。公開されたものだけを載せる。",
    (
        Field("opinion", "記号", "意見の記号。", path="key", example="2014-3"),
        Field("given_on", "意見の日", "意見が出された日。", type="date", example="2014-10-31"),
        Field("meeting_on", "会議の日", "意見が出された会議の日。", path="meeting__held_on", type="date"),
        Field(
            "program_number",
            "番号",
            "意見の対象の実施項目。空欄は、項目を限らない意見。",
            path="program__number",
            example="27",
        ),
        Field("policy_number", "方針の番号", "意見の対象の方針。", path="policy__number", type="integer"),
        Field("text", "意見・助言", "意見・助言の内容。"),
        Field("published_on", "公開日", "このサイトで公開した日。", type="date", example="2014-11-20"),
        Field("answer_due_on", "回答の期限", "市が回答する期限。", type="date"),
        Field(
            "disposition",
            "市の対応",
            "空欄は、まだ回答がないことを表す。",
            codes=tuple(Disposition.choices),
            example="adopted",
        ),
        Field("answer", "回答", "市の回答。"),
        Field("answered_on", "回答日", "市が回答した日。", type="date"),
    ),
    lambda plan: Opinion.objects.published().filter(plan=plan).order_by("given_on", "key"),
    ("opinion",),
    {"program": "program__number", "policy": "policy__number"},
)

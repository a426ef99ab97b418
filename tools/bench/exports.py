"""Export of many items in every format, beside plain openpyxl and tablib that write the same rows.

Each file is written by a process of its own (tools/bench/one_export.py), so that its peak memory is its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import Department, User
from figures.models import PublishedFigure
from policies.models import Edition, Grade, Plan, Policy, Source, Tone
from programs.models import Indicator, IndicatorActual, Program, ProgramEdition, Responsibility
from reviews.models import Effect, PublishedReport, Round
from tools.bench.verdict import BROKEN

_CHILD = "import django; django.setup(); from tools.bench.one_export import main; main()"
TIMES_FASTER = 4  # than openpyxl, from the middle size on
MEMORY_GROWS = 1.5  # at most, from the middle size to the largest
GRADES = (
    ("S", "予定以上に進捗", Tone.AHEAD),
    ("A", "予定どおりに進捗", Tone.ON_TRACK),
    ("B", "遅れている", Tone.BEHIND),
)
DAYS = (date(2014, 9, 30), date(2015, 3, 31))
# Our file → what else writes the same rows. With "people", the workbook has its sheets for people too.
FILES = {
    "programs.xlsx": ("openpyxl", "tablib.xlsx"),
    "people": (),
    "programs.csv": ("tablib.csv",),
    "programs.json": ("tablib.json",),
    "long.csv": (),
    "data.zip": (),
}


def run(items: int) -> Iterator[str]:
    sizes = (max(items // 100, 1), items, items * 10)
    known: dict[tuple[str, int], dict[str, float]] = {}
    yield "行の数は programs の行。openpyxl は、書式を付けない普通の書き方（Workbook、append、save）。時間には、どちらも行を読む時間を含む"
    for size in sizes:
        slug = fill(size)
        for name, others in FILES.items():
            ours = known[name, size] = measured(name, slug)
            line = f"{size:>6,}行 {name}: {_said(ours)}、{ours['bytes'] / 1e6:.1f}MB"
            for other in others:
                theirs = measured(other, slug)
                ratio = theirs["seconds"] / ours["seconds"]
                line += f" ｜ {other} {_said(theirs)}（{ratio:.1f}倍の時間）"
                if other == "openpyxl" and size >= items and ratio < TIMES_FASTER:
                    yield f"{BROKEN}{name} は openpyxl の{TIMES_FASTER}倍より速くありません（{size:,}行で{ratio:.1f}倍）"
            yield line
    for name in FILES:
        grown = known[name, sizes[2]]["peak"] / known[name, sizes[1]]["peak"]
        yield f"{name}: {sizes[2]:,}行のメモリーは {sizes[1]:,}行の {grown:.2f}倍"
        if grown > MEMORY_GROWS:
            yield f"{BROKEN}{name} のメモリーが {MEMORY_GROWS}倍より増えます（{grown:.2f}倍）"


def _said(found: dict[str, float]) -> str:
    return f"{found['seconds']:.2f}秒 {found['peak']:,.0f}MB"


def measured(name: str, slug: str) -> dict[str, float]:
    """Seconds, peak megabytes and size of one file, written by a process of its own."""
    done = subprocess.run(  # noqa: S603 - our own program, with names from above
        [sys.executable, "-c", _CHILD, str(connection.settings_dict["NAME"]), slug, name],
        cwd=settings.BASE_DIR,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def fill(items: int) -> str:
    """A plan with two published rounds; its slug. In bulk and without history: the acts are measured elsewhere."""
    plan = Plan.objects.create(
        slug=f"bench-{items}",
        city="見本市",
        name="計測用の計画",
        first_fiscal_year=2011,
        last_fiscal_year=2015,
        is_public=True,
        is_fictional=True,
    )
    office = User.objects.get_or_create(username="bench")[0]
    policy = Policy.objects.create(plan=plan, number=1, name="財政基盤の強化")
    grades = [
        Grade.objects.create(plan=plan, code=code, label=label, order=order, tone=tone)
        for order, (code, label, tone) in enumerate(GRADES, 1)
    ]
    edition = Edition.objects.create(
        plan=plan, key="original", name="当初", first_fiscal_year=2011, last_fiscal_year=2015
    )
    departments = [
        Department.objects.get_or_create(city="見本市", code=f"d{n}", defaults={"name": f"第{n}課"})[0]
        for n in range(20)
    ]
    numbers = range(1, items + 1)
    programs = [
        Program(
            plan=plan,
            policy=policy,
            number=str(n),
            name=f"計測用の項目{n}",
            sort_key=f"{n:06}",
            public_at=timezone.now(),
        )
        for n in numbers
    ]
    _create(Program, programs)
    contents = [ProgramEdition(program=program, edition=edition, contents="実施内容。" * 10) for program in programs]
    _create(ProgramEdition, contents)
    _create(
        Responsibility,
        [
            Responsibility(program_edition=content, department=departments[n % 20], order=1)
            for n, content in enumerate(contents)
        ],
    )
    Edition.objects.filter(pk=edition.pk).update(frozen_at=timezone.now(), frozen_by=office)
    indicators = [Indicator(program=program, number=1, name="件数", unit="件", baseline=100) for program in programs]
    _create(Indicator, indicators)
    _create(IndicatorActual, [IndicatorActual(indicator=one, fiscal_year=2014, value="120.5") for one in indicators])
    _create(
        Effect, [Effect(program=one, fiscal_year=2014, kind="saving", basis="actual", amount=1200) for one in programs]
    )
    source = Source.objects.create(plan=plan, key="S1", title="計測用の資料", publisher="見本市")
    PublishedFigure.objects.create(
        plan=plan, key="items", measure="item_count", label="数", printed="1", unit="項目", locator="1", source=source
    )
    for day in DAYS:
        round_ = Round.objects.create(plan=plan, edition=edition, as_of=day)
        Round.objects.filter(pk=round_.pk).update(
            state=Round.State.PUBLISHED, published_at=timezone.now(), published_by=office
        )
        _publish(round_, programs, policy, grades)
    return plan.slug


def _publish(round_: Round, programs: Any, policy: Policy, grades: list[Grade]) -> None:
    rows = (
        PublishedReport(
            round=round_,
            program=program,
            number=program.number,
            number_is_provisional=False,
            name=program.name,
            sort_key=program.sort_key,
            policy_number=policy.number,
            policy_name=policy.name,
            edition_key="original",
            departments=[{"code": f"d{n % 20}", "name": f"第{n % 20}課"}],
            department_codes=f";d{n % 20};",
            grade_code=grades[n % 3].code,
            grade_label=grades[n % 3].label,
            grade_order=grades[n % 3].order,
            tone=grades[n % 3].tone,
            progress=f"{n}回目の説明会を開き、窓口の受付時間を見直した。" * 5,
        )
        for n, program in enumerate(programs)
    )
    PublishedReport.objects.bulk_create(rows, batch_size=500)


def _create(model: Any, rows: list[Any]) -> None:
    model.objects.bulk_create(rows, batch_size=500)

"""The item table as CSV, JSON and Excel.

Every writer fills an open binary file completely before anything is sent, so a reader gets the whole file or an error,
never half a table.
"""

import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO

from django.utils import timezone

from core.fiscal import date_label
from core.text import FICTIONAL, MAKER
from figures.datasets import LICENCE, LICENCE_URL, Items, Snapshot
from figures.rows import ProgramRow, Selection
from opendata.tables.columns import COLUMNS, ERRATUM_HEADERS, FIXED_CODES, READING, json_item
from opendata.tables.long import LONG, MEASURES, long_rows
from opendata.tables.table import Rows, write_csv
from policies.models import Grade, Source
from policies.words import in_words_of, word
from workbooks.writer import PrintedPage, Value, WrittenBook

_PLACES = 8  # of the number of items in JSON
_SOURCE_HEADERS = ("kind", "key", "title", "publisher", "published_on", "updated_on", "url", "note", "is_fictional")


@dataclass(frozen=True)
class ProgramExport:
    """The items that a reader asked for, and how to say what was asked: (name, value, Japanese name, Japanese value)."""

    snapshot: Snapshot
    selection: Selection
    grades: list[Grade]
    conditions: list[tuple[str, str, str, str]]

    @property
    def narrowed(self) -> bool:
        """Whether some items were asked for; an order alone asks for all."""
        return any(name != "sort" for name, *_ in self.conditions)

    @property
    def programs(self) -> Items:
        return self.snapshot.programs(self.selection)

    def rows(self) -> Iterator[ProgramRow]:
        return self.snapshot.rows(self.programs)

    def long_rows(self) -> Rows:
        """Every published value of these items, one a row."""
        return long_rows(self.snapshot, self.selection, is_whole=not self.narrowed)

    def errata(self) -> Iterator[tuple[Value, ...]]:
        """Under ERRATUM_HEADERS."""
        plan = self.snapshot.plan
        for row in self.snapshot.errata(self.programs):
            yield (
                *(plan.slug, row.program_number, row.as_of, row.corrected_on),
                *(row.field, row.label, row.old or None, row.new or None, row.reason, plan.is_fictional),
            )

    def file_name(self, extension: str, what: str = "programs") -> str:
        """kodaira-2_programs_2016-03-31_policy-4.xlsx: plan, as-of date and what was asked."""
        as_of = [self.snapshot.round.as_of.isoformat()] if self.snapshot.round else []
        asked = [f"{name}-{value}" for name, value, *_ in self.conditions if name != "round"]
        parts = [re.sub(r"[^\w.-]+", "-", part) for part in (self.snapshot.plan.slug, what, *as_of, *asked)]
        return f"{'_'.join(parts)[:150]}.{extension}"

    def write_csv(self, file: IO[bytes], *, bom: bool) -> None:
        rows = (tuple(column.value(row) for column in COLUMNS) for row in self.rows())
        write_csv(file, [column.name for column in COLUMNS], rows, bom=bom)

    def write_errata(self, file: IO[bytes], *, bom: bool) -> None:
        write_csv(file, ERRATUM_HEADERS, self.errata(), bom=bom)

    def write_json(self, file: IO[bytes]) -> None:
        """The number of items stands at the beginning, and is known at the end: its place is kept free."""
        plan = self.snapshot.plan
        head: dict[str, object] = {"notice": FICTIONAL} if plan.is_fictional else {}
        head |= {"plan": plan.slug, "licence": LICENCE}
        file.write(b'{"count":' + b" " * _PLACES + b", " + json.dumps(head, ensure_ascii=False)[1:-1].encode())
        file.write(b', "items": [\n')
        count = 0
        for row in self.rows():
            item = json.dumps(json_item(row), ensure_ascii=False, default=date.isoformat)
            file.write((",\n" if count else "").encode() + item.encode())
            count += 1
        errata = [dict(zip(ERRATUM_HEADERS, row, strict=True)) for row in self.errata()]
        file.write(
            b'\n], "errata": ' + json.dumps(errata, ensure_ascii=False, default=date.isoformat).encode() + b"}\n"
        )
        file.seek(len(b'{"count":'))
        file.write(f"{count:>{_PLACES}}".encode())
        file.seek(0, io.SEEK_END)

    def write_xlsx(
        self, file: IO[bytes], *, now: datetime | None = None, people: Callable[[WrittenBook], None] | None = None
    ) -> None:
        """`now` is what the file says about when it was made, in local time; `people` writes the sheets for people, which
        come before those for programs."""
        plan, now = self.snapshot.plan, now or timezone.localtime()
        page = PrintedPage(header=self._page_header(), footer=f"内容の更新：{now:%Y-%m-%d}　{MAKER}が作成　{LICENCE}")
        with WrittenBook(file, f"{plan.name}（{MAKER}が作成）", made_at=now) as book:
            if people:
                people(book)
            book.add_table(
                "programs",
                [in_words_of(plan, header) for header, _ in READING],
                ([cell(row) for _, cell in READING] for row in self.rows()),
                freeze="D2",
                page=page,
            )
            names = [column.name for column in LONG.columns]
            book.add_table("long", names, self.long_rows(), page=page, widest=self._widest())
            book.add_table("errata", ERRATUM_HEADERS, self.errata(), page=page)
            book.add_table("codes", ("kind", "code", "label", "meaning", "is_fictional"), self._codes(), page=page)
            book.add_table("sources", _SOURCE_HEADERS, self._sources(now), page=page)

    def _widest(self) -> list[list[str | None]]:
        """Codes of the tidy table: grades come first there, and are shorter than all that follows."""
        columns, edition = LONG.columns, self.snapshot.edition
        longest = [max((code for code, _ in column.codes), key=len, default=None) for column in columns]
        return [longest, [edition.key if edition and column.name == "edition" else None for column in columns]]

    def _page_header(self) -> str:
        plan, round_ = self.snapshot.plan, self.snapshot.round
        as_of = f"{date_label(round_.as_of)}現在" if round_ else "項目ごとの評価は未登録"
        fictional = f"【{FICTIONAL}】" if plan.is_fictional else ""
        return f"{fictional}{plan.title}　{word(plan, 'program')}　{as_of}"

    def _codes(self) -> Iterator[tuple[Value, ...]]:
        fictional = self.snapshot.plan.is_fictional
        for grade in self.grades:
            meaning = f"{grade.definition}（意味: {grade.tone}）" if grade.definition else f"意味: {grade.tone}"
            yield ("grade", grade.code, grade.label, meaning, fictional)
        round_ = self.snapshot.round
        for axis in round_.further_axes if round_ else ():
            yield ("axis", axis["key"], axis["name"], axis["definition"], fictional)
            for one in axis["grades"]:
                yield (f"grade:{axis['key']}", one["code"], one["label"], f"意味: {one['tone']}", fictional)
        for measure, label in MEASURES:
            yield ("measure", measure, in_words_of(self.snapshot.plan, label), "long シートの measure。", fictional)
        for kind, code, *said in FIXED_CODES:
            yield (kind, code, *(in_words_of(self.snapshot.plan, text) for text in said), fictional)

    def _sources(self, now: datetime) -> Iterator[tuple[Value, ...]]:
        plan, round_ = self.snapshot.plan, self.snapshot.round

        def about(key: str, title: str, url: str = "", note: str = "") -> tuple[Value, ...]:
            return ("about", key, title, "", None, None, url, note, plan.is_fictional)

        yield about("plan", plan.name, note=f"識別名 {plan.slug}")
        yield about("city", plan.city)
        yield about("period", plan.period_label)
        if plan.is_fictional:
            yield about("notice", FICTIONAL, note="見本のデータです。実在の市のものではありません。")
        yield about(
            "as_of",
            round_.as_of.isoformat() if round_ else "",
            note="" if round_ else "項目ごとの評価が登録されている調査がないため、評価は空欄です。",
        )
        for name, value, label, shown in self.conditions:
            yield about(f"filter:{name}", value, note=f"{label}: {shown}")
        if not self.narrowed:
            yield about("filter", "", note=in_words_of(plan, "絞り込みなし（すべての実施項目）"))
        yield about("generated_at", now.isoformat(timespec="seconds"))
        yield about("licence", LICENCE, url=LICENCE_URL)
        for source in Source.objects.shown().filter(plan=plan).order_by("key"):
            yield (
                "source",
                source.key,
                source.title,
                source.publisher,
                source.date,
                source.updated,
                source.url,
                source.note,
                plan.is_fictional,
            )

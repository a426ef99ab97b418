"""All open tables of a plan as one zip, with what people and programs need to understand them."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from functools import partial
from typing import IO, Any, cast

from core.progress import Progress, heard
from core.text import FICTIONAL
from figures.datasets import LICENCE, LICENCE_URL
from opendata.metadata import SOFTWARE, About, DescribedFile, about_now, csvw, datapackage
from opendata.tables.catalogue import TABLES
from opendata.tables.table import Table, write_csv
from policies.models import Plan
from workbooks.exports import ExportKind

_FOR_EXCEL = (
    "- Excel が数式として実行しないように、`=` `+` `-` `@`（全角も）やタブで始まる文には、前に `'` を一つ付けています。"
    "数には付けません。BOM なしのファイルには付いていません。"
)


class MeasuringFile(io.RawIOBase):
    """Writes to another file, and knows how much and what."""

    def __init__(self, file: IO[bytes] | None = None) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._hash.update(data)
        self.size += len(data)
        if self._file is not None:
            self._file.write(data)
        return len(data)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


def write_table(file: IO[bytes], table: Table, rows: Any, *, bom: bool) -> DescribedFile:
    """One table as CSV, measured."""
    measured = MeasuringFile(file)
    count = write_csv(cast(IO[bytes], measured), [column.name for column in table.columns], rows, bom=bom)
    return DescribedFile(table, count, measured.size, measured.sha256)


def write_zip(file: IO[bytes], about: About, *, bom: bool, progress: Progress = lambda done, total: None) -> None:
    """Streams table by table; `progress` hears how many of how many are written."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        stamp = about.made_at.timetuple()[:6]

        def entry(name: str) -> zipfile.ZipInfo:
            info = zipfile.ZipInfo(f"{name}", date_time=stamp)
            info.compress_type = zipfile.ZIP_DEFLATED
            return info

        files = []
        for done, table in enumerate(table.in_words_of(about.plan) for table in TABLES):
            tell = partial(progress, done, len(TABLES))
            tell()
            with archive.open(entry(f"{table.name}.csv"), "w", force_zip64=True) as member:
                files.append(write_table(member, table, heard(table.rows(about.plan), tell), bom=bom))
        for name, described in (("datapackage.json", datapackage), ("csv-metadata.json", csvw)):
            archive.writestr(entry(name), json.dumps(described(about, files), ensure_ascii=False, indent=2) + "\n")
        archive.writestr(entry("README.md"), readme(about, files, bom=bom))
        archive.writestr(entry("LICENCE.txt"), f"{LICENCE}\n{LICENCE_URL}\n\n出典の書き方の例:\n{about.citation}\n")


def readme(about: About, files: list[DescribedFile], *, bom: bool) -> str:
    lines = [f"# {about.title}", "", about.description, ""]
    if about.plan.is_fictional:
        lines += [f"**{FICTIONAL}**: 見本のデータです。実在の市の計画や成果ではありません。", ""]
    lines += ["| ファイル | 内容 | 行数 |", "|---|---|---|"]
    lines += [f"| `{f.table.name}.csv` | {f.table.title}。{f.table.meaning} | {f.rows} |" for f in files]
    lines += [
        "",
        "- 1行目が列名です。1ファイルに一つの表で、同じ名前の列は同じ意味です。",
        "- 空欄は「未登録（このサイトでは分からない）」か「当てはまらない」です。0 ではありません。資料に「ない」とあるものは、その旨の値が入ります。",
        "- `program_number` は文字です（27、R1-1）。日付は YYYY-MM-DD、年度は始まる年の西暦です。",
        f"- 文字コードは UTF-8（BOM {'あり' if bom else 'なし'}）、行の終わりは CRLF です。"
        "文の中の改行は空白一つにしています（API と JSON では改行のままです）。",
        *([_FOR_EXCEL] if bom else []),
        "- 列の意味、型、単位、記号は `datapackage.json`（Frictionless）と `csv-metadata.json`（CSVW）にあります。",
        "",
        f"- 利用条件: {LICENCE} {LICENCE_URL}",
        f"- 出典の書き方の例: {about.citation}",
        f"- 作成: {about.made_at.isoformat(timespec='seconds')}（{SOFTWARE}）",
        "",
    ]
    return "\n".join(lines)


def _write_package(plan: Plan, site: str, file: IO[bytes], progress: Progress) -> None:
    write_zip(file, about_now(plan, site), bom=True, progress=progress)


PACKAGE = ExportKind("package", "公開データの一式（zip）", Plan, _write_package, "zip", prefix="data-")

"""What `manage.py bench` measures, each part side by side with a yardstick in the same run.

A part is a function that takes a size and gives the lines to print; a line that begins with BROKEN says that a promise
is not kept. It runs on a database of its own (see the command), which it may fill as it likes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tools.bench import exports, imports, pages, searches, survey, uploads
from tools.bench.verdict import BROKEN

__all__ = ["BROKEN", "PARTS", "BenchPart"]


@dataclass(frozen=True)
class BenchPart:
    run: Callable[[int], Iterator[str]]
    size: int  # what is measured when nobody says otherwise
    what: str


PARTS = {
    "import": BenchPart(imports.run, 6_200, "計画ブックの取り込み（項目の数）"),
    "export": BenchPart(exports.run, 6_200, "公開データの書き出し（項目の数。その100分の1と10倍も計る）"),
    "pages": BenchPart(pages.run, 20, "市民のページ（計る回数）"),
    "search": BenchPart(searches.run, 6_200, "検索（項目の数。見本の計画の62項目も計る）"),
    "uploads": BenchPart(uploads.run, 20, "資源を食い尽くそうとするファイル（ふつうの調査票を計る回数）"),
    "sheet": BenchPart(survey.run, 20, "1課の調査票のダウンロードと取り込みの確認（項目の数）"),
}

"""A short run of the export part of `make bench`: every file and every yardstick is written, and a miss is told."""

import pytest

from tools.bench import BROKEN, exports, one_export


@pytest.mark.soak
@pytest.mark.django_db
def test_every_file_is_measured_beside_its_yardsticks(monkeypatch):
    monkeypatch.setattr(exports, "measured", lambda name, slug: one_export.measure(slug, name))
    lines = list(exports.run(10))
    assert [line[:21].split("：")[0].split(":")[0].strip() for line in lines[1:] if "行 " in line[:9]] == [
        f"{size}行 {name}" for size in (1, 10, 100) for name in exports.FILES
    ]
    assert all("openpyxl" in line and "tablib.xlsx" in line for line in lines if "行 programs.xlsx:" in line)
    assert [line for line in lines if "メモリーが" in line] == []


def test_what_is_slower_or_grows_is_told(monkeypatch):
    monkeypatch.setattr(exports, "fill", str)
    monkeypatch.setattr(
        exports, "measured", lambda name, slug: {"seconds": 1.0, "peak": 100.0 + int(slug) * 0.06, "bytes": 1}
    )
    told = [line for line in exports.run(100) if line.startswith(BROKEN)]
    assert told == [
        f"{BROKEN}programs.xlsx は openpyxl の4倍より速くありません（100行で1.0倍）",
        f"{BROKEN}programs.xlsx は openpyxl の4倍より速くありません（1,000行で1.0倍）",
        *(f"{BROKEN}{name} のメモリーが 1.5倍より増えます（1.51倍）" for name in exports.FILES),
    ]


@pytest.mark.soak
@pytest.mark.django_db(transaction=True)
def test_a_process_of_its_own_writes_the_file():
    slug = exports.fill(3)
    found = exports.measured("programs.csv", slug)
    assert found["bytes"] == one_export.measure(slug, "programs.csv")["bytes"] > 500
    assert 20 < found["peak"] < 1000

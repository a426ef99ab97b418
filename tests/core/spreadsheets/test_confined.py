"""Files that want more than there is are refused in time by every door, and nothing of their reader is left.

What each costs is measured by `make bench` (the part `uploads`); here some of them, all of them in `make soak`.
"""

import datetime
import io
import itertools
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import openpyxl
import pytest

from core.grammar import Faulty
from core.spreadsheets import child, confined, sheets
from core.spreadsheets.limits import DAMAGED, TOO_LARGE, UnreadableFile, column_letters, column_number
from tests.repository.packages import ROOT
from tests.soak import others_in_soak
from tools import hostile_files

pytestmark = pytest.mark.confined
LIMITS = {"max_bytes": 10**7, "max_unpacked": 10**8, "max_rows": 20_000}
TOO_LONG = "使っていない行・列・シートを削除するか、分けてから、もう一度試してください。"
TOO_MANY_RATES = (
    "百分率や千単位で表示されている数、取り消し線を引いた値が多すぎます。読めるのは1枚のシートに100,000個までです。"
    "書式を標準に直すか、シートを分けてください。"
)
REASONS = {
    "両端に値（1.5kB）.xlsx": "「data」シートの1,048,576行目に値があります。読めるのは20,000行までです。"
    "表から離れた値を消すか、シートを分けてください。",
    "両端に値・番地なし.xlsx": TOO_LARGE,
    "大きさを偽った部品（1GB）.xlsx": DAMAGED,
    "1行に100万セル.xlsx": "「data」シートのBDWGM列に値があり、表が広すぎます。表から離れた列の値を消してください。",
    "300万セル.xlsx": TOO_LARGE,
    "深い入れ子.xlsx": None,
    "長い文字列を50万回.xlsx": TOO_LARGE,
    "1900万字のセル.xlsx": "「data」シート A1: 1つのセルに入れられるのは32,767文字までです。",
    "XFD列の値と3000行.xlsx": "「data」シートのXFD列に値があり、表が広すぎます。表から離れた列の値を消してください。",
    "全体と称する表.xlsx": None,
    "結合50万か所.xlsx": "「data」シートに、結合したセルが500,000か所あります。結合を解除してから取り込んでください。",
    "閉じないセル.xlsx": (TOO_LONG, TOO_LARGE),  # which is reached first hangs on the machine
    "長い表示形式.xlsx": DAMAGED,
    "百分率50万セル.xlsx": (TOO_MANY_RATES, TOO_LONG),
    "エラー70万セル.xlsx": (TOO_LARGE, TOO_LONG),
    "結果のない数式70万セル.xlsx": (TOO_LARGE, TOO_LONG),
    "文書型のある部品.xlsx": DAMAGED,
    "10億回のくり返し（1kB）.ods": None,
    "終わらない容器.xls": DAMAGED,
    "100万セルにまたがるセル.html": TOO_LARGE,
    "カンマ900万個.csv": "1行目に9,000,001個の値があります。1行に1,000個までです。",
    "1行50MB.csv": "ファイルは9MBまでです。不要なシートや画像を消してください。",
    "閉じない引用符.csv": '16,384行目に、32,767文字を超える値があります。引用符（"）の閉じ忘れがないか確かめてください。',
    "空行900万.csv": "20,000行を超えています。読めるのは20,000行までです。分けてください。",
    "引用符の中の改行.csv": None,
    "引用符900万個.csv": '1行目に、32,767文字を超える値があります。引用符（"）の閉じ忘れがないか確かめてください。',
}

ONE_OF_EACH = ("両端に値（1.5kB）.xlsx", "1行に100万セル.xlsx", "長い文字列を50万回.xlsx", "カンマ900万個.csv")


def read(name, data):
    if name.endswith(".csv"):
        return sheets.read_csv(data, max_bytes=LIMITS["max_bytes"], max_rows=LIMITS["max_rows"])
    if name.endswith((".xls", ".html")):
        return sheets.read_any(data, **LIMITS)
    return sheets.read_book(data, **LIMITS)


def children():
    """Processes whose parent is this one, dead ones included."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(parent) == os.getpid():
            found.append((folder.name, state))
    return found


def everything():
    """A workbook with a cell of every kind."""
    book = openpyxl.Workbook()
    book.active.title = "表"
    day, moment = datetime.date(2014, 3, 31), datetime.datetime(2014, 3, 31, 9, 30)  # noqa: DTZ001 - cells have no zone
    book.active.append(["文字\n２行目", 27, 0.1, True, day, moment, datetime.time(9, 30), datetime.timedelta(hours=30)])
    book.active["C3"], book.active["C3"].number_format = 0.681, "0.0%"
    book.active["B4"] = "=A1+1"
    book.active.merge_cells("A6:B7")
    book.create_sheet("空")
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_what_comes_back_is_what_was_read(monkeypatch):
    through = sheets.read_book(everything(), **LIMITS)
    monkeypatch.setattr(confined, "answer", child.perform)
    assert through == sheets.read_book(everything(), **LIMITS)
    found = through.sheets["表"]
    assert found.rows[0][:7] == [
        *("文字\n２行目", 27.0, 0.1, True, datetime.date(2014, 3, 31)),
        datetime.datetime(2014, 3, 31, 9, 30),  # noqa: DTZ001
        datetime.time(9, 30),
    ]
    assert (str(found.rows[2][2]), type(found.rows[3][1])) == ("68.1", Faulty)
    assert ([str(area) for area in found.merged], list(found.notes)) == (["A6:B7"], [(3, 3)])
    assert through.names == ["表", "空"]
    assert through.sheets["空"].rows == []


@pytest.mark.parametrize("name", others_in_soak(REASONS, ONE_OF_EACH))
def test_a_hostile_file_costs_little_and_leaves_nothing(name):
    data = hostile_files.FILES[name]()
    for _ in range(2):  # where the machine is busy with other tests, its time may be over before its reason is found
        start = time.monotonic()
        try:
            read(name, data)
            said = None
        except UnreadableFile as error:
            said = str(error)
        assert time.monotonic() - start < 10
        assert children() == []
        if not (said or "").endswith(TOO_LONG) or (said or "").endswith(REASONS[name] or ""):
            break
    assert (said or "").endswith(REASONS[name] or "")
    assert (said is None) == (REASONS[name] is None)


def rates(count):
    return hostile_files.workbook(f'<row r="1">{hostile_files.RATE * count}</row>')


def rates_of_libreoffice(count):
    return hostile_files.ods(
        f'office:value-type="percentage" office:value="0.5" table:number-columns-repeated="{count}"'
    )


def struck_letters(count):
    return f"<html><table><tr>{'<td><s>a</s></td>' * count}</tr></table></html>".encode()


@pytest.mark.parametrize("of", [rates, rates_of_libreoffice, struck_letters])
def test_what_is_said_of_cells_beside_their_values_is_bounded(of, monkeypatch):
    monkeypatch.setattr(confined, "answer", child.perform)
    monkeypatch.setattr(sheets, "MOST_NOTED", 2)
    (sheet,) = sheets.read_any(of(2), **LIMITS).sheets.values()
    assert len(sheet.notes) + len(sheet.looks.struck) == 2
    with pytest.raises(UnreadableFile, match="百分率や千単位で表示されている数、取り消し線を引いた値が多すぎます。"):
        sheets.read_any(of(3), **LIMITS)


def test_the_same_error_stands_once_in_the_site(monkeypatch):
    monkeypatch.setattr(confined, "answer", child.perform)
    data = hostile_files.workbook(f'<row r="1">{hostile_files.ERROR * 2}</row>')
    first, second = sheets.read_book(data, **LIMITS).sheets["data"].rows[0]
    assert first.shown == "#N/A"
    assert first is second


def test_the_memory_of_the_reader_is_bounded(tmp_path):
    """Asked in a small process: the peak of a child begins with what its parent had."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(hostile_files.long_string_again_and_again())
    code = f"""
import resource, sys
from core.spreadsheets import sheets
try:
    sheets.read_book(open({str(path)!r}, "rb").read(), **{LIMITS!r})
except ValueError as error:
    print(error)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
print(open("/proc/self/status").read().partition("VmHWM:")[2].split()[0])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    reason, reader, asked = done.stdout.splitlines()
    assert reason == TOO_LARGE
    assert int(reader) < 200 * 1024
    assert int(asked) < 60 * 1024


def test_every_hostile_file_has_its_reason():
    assert set(REASONS) == set(hostile_files.FILES)


def test_a_reader_that_does_not_end_is_ended(monkeypatch):
    monkeypatch.setattr(confined, "SECONDS", 1)
    start = time.monotonic()
    with pytest.raises(UnreadableFile, match="使っていない行・列・シート"):
        sheets.read_book(hostile_files.unclosed(), **LIMITS)
    assert time.monotonic() - start < 3
    assert children() == []


def test_a_reader_ends_when_nobody_waits_for_it_any_more():
    """The site was killed meanwhile: the reader has an alarm of its own."""
    limits = json.dumps({"memory": confined.MEMORY, "seconds": 1})
    process = subprocess.Popen(
        [
            sys.executable,
            "-I",
            "-S",
            confined._CHILD,
            json.dumps([str(ROOT), *sys.path]),
            '"book"',
            json.dumps(LIMITS),
            limits,
        ],
        stdin=subprocess.PIPE,
    )
    assert process.wait(timeout=5) == -14  # SIGALRM
    process.stdin.close()


def test_the_answer_may_be_left_before_its_end():
    answer = confined.answer("book", everything(), LIMITS)
    next(answer)
    assert len(children()) == 1
    answer.close()
    assert children() == []


def test_a_worker_reads_two_files_at_once_and_the_third_waits_a_while(monkeypatch):
    monkeypatch.setattr(confined, "WAITING", 0.1)
    held = [confined.answer("book", everything(), LIMITS) for _ in range(confined.PLACES)]
    for answer in held:
        next(answer)
    with pytest.raises(UnreadableFile, match="ほかのファイルを読み込んでいます"):
        sheets.read_book(everything(), **LIMITS)
    for answer in held:
        answer.close()
    assert sheets.read_book(everything(), **LIMITS).names == ["表", "空"]


def test_other_threads_go_on_meanwhile():
    counted = []

    def count():
        while not done.is_set():
            counted.append(time.monotonic())
            time.sleep(0.01)

    done = threading.Event()
    other = threading.Thread(target=count)
    other.start()
    try:
        with pytest.raises(UnreadableFile):
            sheets.read_book(hostile_files.long_string_again_and_again(), **LIMITS)
    finally:
        done.set()
        other.join()
    assert max(later - before for before, later in itertools.pairwise(counted)) < 1


def test_the_reader_knows_no_secret_and_imports_little(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "x" * 60)
    started = []
    start = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *args, **kwargs: started.append(kwargs) or start(*args, **kwargs))
    sheets.read_book(everything(), **LIMITS)
    assert set(started[0]["env"]) <= {"PATH", "LD_LIBRARY_PATH"}
    code = (
        "import sys; import core.spreadsheets.xlsx, core.spreadsheets.delimited, core.spreadsheets.child;"
        "print({'django', 'openpyxl', 'numpy', 'tablib'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


@pytest.mark.parametrize(
    ("number", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ"), (703, "AAA"), (16_384, "XFD")]
)
def test_columns_have_letters(number, letters):
    assert (column_letters(number), column_number(letters)) == (letters, number)

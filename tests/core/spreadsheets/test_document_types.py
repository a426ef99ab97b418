"""XML of strangers: a document type in any part of a workbook is refused, in every encoding, and no entity is expanded."""

import datetime
import io
import zipfile

import openpyxl
import pytest
from defusedxml.common import EntitiesForbidden
from openpyxl.comments import Comment
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH
from openpyxl.xml import DEFUSEDXML, functions

from core.spreadsheets import sheets
from core.spreadsheets.limits import DAMAGED, UnreadableFile
from tests.archives import zipped

# Ten levels of ten: ten gigabytes when expanded.
LEVELS = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "expanded"}">' for n in range(10))
BOMB = f"<!DOCTYPE bomb [{LEVELS}]>"
DOCTYPES = {"bomb": BOMB, "plain": "<!DOCTYPE bomb>", "outside": '<!DOCTYPE bomb SYSTEM "file:///etc/passwd">'}
ENCODINGS = ["UTF-8", "UTF-16", "ISO-8859-1"]


def workbook():
    """{part: content} of a workbook with a comment, a style and two sheets."""
    book = openpyxl.Workbook()
    book.active.title = "報告"
    book.active["A1"] = "値"
    book.active["A1"].comment = Comment("注", "職員")
    book.create_sheet("表")["B2"] = 1
    file = io.BytesIO()
    book.save(file)
    with zipfile.ZipFile(file) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def again(content, encoding, before="", inside=""):
    """A part in another encoding, with something before its first element and inside of it."""
    text = content.decode().partition("?>")[2] if content.startswith(b"<?xml") else content.decode()
    start = text.index(">", 1) - (text[text.index(">", 1) - 1] == "/")
    if text[start] == ">":
        start += 1
        text = text[:start] + inside + text[start:]
    return f'<?xml version="1.0" encoding="{encoding}"?>{before}{text}'.encode(encoding, "xmlcharrefreplace")


def read(parts):
    return sheets.read_book(zipped(parts), max_bytes=10**7, max_unpacked=10**8, max_rows=1000).sheets


def refused(parts):
    with pytest.raises(UnreadableFile) as caught:
        read(parts)
    return str(caught.value)


def test_openpyxl_parses_with_defusedxml():
    assert DEFUSEDXML
    for encoding in ENCODINGS:
        bomb = again(b"<a></a>", encoding, BOMB, "&e9;")
        with pytest.raises(EntitiesForbidden):
            functions.fromstring(bomb)
        with pytest.raises(EntitiesForbidden):
            list(functions.iterparse(io.BytesIO(bomb)))


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_document_type_is_refused_in_every_part(encoding):
    parts = workbook()
    assert {"[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet2.xml", "xl/styles.xml"} <= set(parts)
    said = {
        (name, kind): refused(parts | {name: again(parts[name], encoding, doctype, "&e9;" if kind == "bomb" else "")})
        for name in parts
        for kind, doctype in DOCTYPES.items()
    }
    assert said == dict.fromkeys(said, DAMAGED)
    assert len(said) == len(parts) * 3


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_document_type_behind_other_things_or_under_another_name_is_refused(encoding):
    parts = workbook()
    sheet = "xl/worksheets/sheet1.xml"
    for before in ("<!-- " + "x" * 40_000 + " -->", "<!-- " + "x" * 200_000 + " -->", "\n" * 3_000, "<?x y?>"):
        assert refused(parts | {sheet: again(parts[sheet], encoding, before + BOMB, "&e9;")}) == DAMAGED
    for name in ("sheet1.data", "sheet1", "sheet1.svg"):  # named as the sheet by the parts that say where it is
        renamed = {
            place.replace("sheet1.xml", name): content.replace(b"sheet1.xml", name.encode())
            for place, content in parts.items()
        }
        assert read(renamed)["報告"].rows == [["値"]]
        place = f"xl/worksheets/{name}"
        assert refused(renamed | {place: again(renamed[place], encoding, BOMB, "&e9;")}) == DAMAGED


def test_what_is_harmless_is_read():
    parts = workbook()
    coded = {name: again(parts[name], "UTF-16") for name in parts if "sheet" in name and name.endswith(".xml")}
    others = {
        "xl/media/image1.svg": b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd"><svg/>',
        "xl/media/image1.png": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 300,
        "xl/printerSettings/printerSettings1.bin": "<プリンター>".encode("utf-16-le") + bytes(200),
        "customXml/item1.xml": '<?xml version="1.0" encoding="Shift_JIS"?><項目/>'.encode("cp932"),
        "docProps/empty.xml": b"",
    }
    book = read(parts | coded | others)
    assert book["報告"].rows == [["値"]]
    assert book["表"].rows == [[], [None, 1.0]]


@pytest.mark.parametrize(
    ("epoch", "seen"),
    [
        (WINDOWS_EPOCH, [datetime.date(1873, 1, 1), datetime.date(1899, 12, 29), datetime.date(1900, 3, 1)]),
        (MAC_EPOCH, [datetime.time(0), datetime.time(0), datetime.time(0)]),
    ],
)
def test_a_day_before_1900_is_a_day(epoch, seen):
    book = openpyxl.Workbook()
    book.epoch = epoch
    for day in (datetime.date(1873, 1, 1), datetime.date(1899, 12, 29), datetime.date(1900, 3, 1)):
        book.active.append([day])
    file = io.BytesIO()
    book.save(file)
    found = sheets.read_book(file.getvalue(), max_bytes=10**6, max_unpacked=10**6, max_rows=100)
    assert [row[0] for row in found.sheets["Sheet"].rows] == seen

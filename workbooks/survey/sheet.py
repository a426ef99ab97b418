"""Writing a 調査票: A4 landscape, made for people, one row per item."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from accounts.models import Department, User
from core.fields import model_field
from core.fiscal import era_date, era_fiscal_year, fiscal_year_label
from core.money import STORED, in_unit
from core.text import MAKER, show_number
from policies.words import word
from programs.models import Indicator
from reviews import report_fields
from reviews.models import Report, ReportActual, ReportEffect, Round, report_label
from reviews.report_fields import FieldKind
from workbooks.paper import A3, A4, fit_width
from workbooks.sheets_for_people import item_number, lines_in
from workbooks.survey import layout
from workbooks.survey.cells import JUDGEMENT, digest, effect_key, judgement_title
from workbooks.survey.cells import Choices as CellChoices
from workbooks.survey.entry import Choices, allow_days, allow_length, allow_numbers, allow_only, protect
from workbooks.survey.layout import (
    CHOICES,
    COLUMNS,
    GUIDE,
    HEADER_ROW,
    MARKS,
    columns_of,
    field_of,
)
from workbooks.survey.loading import SurveyContents, SurveyItem, add_background, gather, require
from workbooks.writer import clean_text

_SHORT = 300  # of a text that is shown for reading only
_SEAL = 48.0  # points of the row that a seal of 15 mm stands in
_SIZE = 10.5  # points of the type; on paper at least nine are left
_UNIT = 8  # pixels of a character of a column's width, in Excel; with the fonts that stand in for ours 8.5
_LINE_HEIGHT = 16.0
_LOWEST, _ONE_LINE, _HIGHEST = 96.0, 18.0, 409.0  # points of a row; Excel knows no higher one

_LINE = Side(style="thin", color="B3B3B3")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_TOP = Alignment(vertical="top", wrap_text=True)
# Widths of columns are counted in digits of this font. It is on every Windows and Mac, and the digits of the font that
# stands in for it elsewhere are as wide; with another, a program that lacks it makes columns a third wider and prints smaller.
_MEASURE = Font(name="Verdana", size=10)
_FONT = Font(name="Yu Gothic", size=_SIZE)
_BOLD = Font(name="Yu Gothic", size=_SIZE, bold=True)
_TITLE = Font(name="Yu Gothic", size=14, bold=True)
_HEADER = PatternFill("solid", fgColor="E8F1FE")
_ENTRY_HEADER = PatternFill("solid", fgColor="FFE9A8")
_ENTRY = PatternFill("solid", fgColor="FFF9E0")
_FREE = Protection(locked=False)

_DAYS = report_fields.names(FieldKind.DAY)

_Shown = str | int | Decimal | date | None


def survey_sheet(round_: Round, department: Department, *, by: User) -> bytes:
    """Write the file of a department for an open round, filled with what is stored now. Raises NotAllowed or
    WrongState."""
    require(by, round_, department)
    contents = gather(round_, department)
    add_background(contents)
    book = Workbook()
    _measure_in(book, _MEASURE)
    book.properties.title = _heading(contents)
    book.properties.creator = MAKER
    book.remove(book.active)  # type: ignore[arg-type]
    guide, reports, actuals, effects = (book.create_sheet(name) for name in (GUIDE, *COLUMNS))
    choices = Choices(book.create_sheet(CHOICES), contents)
    _write_guide(guide, contents)
    _write_reports(reports, contents, choices)
    _write_actuals(actuals, contents, choices)
    _write_effects(effects, contents, choices)
    _write_marks(book.create_sheet(MARKS), contents)
    book.active = 1
    for sheet in book:
        sheet.sheet_view.tabSelected = sheet is reports
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _measure_in(book: Workbook, font: Font) -> None:
    """Make the font the one that widths are counted in: the first of the book, which openpyxl has no public name for."""
    book._fonts[0] = font  # type: ignore[attr-defined]


def _heading(contents: SurveyContents) -> str:
    plan = contents.round.plan
    fictional = "【架空のデータ】" if plan.is_fictional else ""
    return clean_text(f"{fictional}{plan.title} 調査票（{contents.round}）{contents.department}")


# Cells


def _cell(sheet: Worksheet, row: int, column: int) -> Cell:
    cell = sheet.cell(row, column)
    if not isinstance(cell, Cell):
        raise TypeError("no cell of a 調査票 is merged")
    return cell


def _put(
    sheet: Worksheet, row: int, column: int, value: _Shown, *, font: Font = _FONT, fill: PatternFill | None = None
) -> Cell:
    """One cell with the look of a table. A text is text, whatever it begins with."""
    cell = _cell(sheet, row, column)
    cell.font, cell.border, cell.alignment = font, _BORDER, _TOP
    if fill is not None:
        cell.fill = fill
    if isinstance(value, str):
        if value:
            cell.value = clean_text(value)
            cell.data_type = "s"
    else:
        cell.value = value
    return cell


def _entry(sheet: Worksheet, row: int, column: int, value: _Shown, *, open_: bool, number_format: str = "@") -> None:
    """A cell to fill in, or, of a report that was handed in, to read."""
    cell = _put(sheet, row, column, value, fill=_ENTRY if open_ else None)
    cell.number_format = number_format
    if open_:
        cell.protection = _FREE


def _short(text: str) -> str:
    return text if len(text) <= _SHORT else f"{text[:_SHORT]}…"


# Sheets


def _columns(sheet: Worksheet, contents: SurveyContents) -> list[layout.SheetColumn]:
    return layout.fitting(columns_of(sheet.title, contents.choices, contents.left_out))


def _begin(sheet: Worksheet, contents: SurveyContents, hint: str, *, freeze: str) -> None:
    """Title, hint, header row, widths, protection and print set-up."""
    columns = _columns(sheet, contents)
    title = sheet.cell(1, 1, _heading(contents))
    title.font, title.data_type = _TITLE, "s"
    sheet.cell(2, 1, hint).font = _FONT
    for index, column in enumerate(columns, 1):
        fill = _ENTRY_HEADER if column.name else _HEADER
        title_ = f"{column.title}（{contents.unit}）" if column.title == layout.AMOUNT else column.title
        _put(sheet, HEADER_ROW, index, title_, font=_BOLD, fill=fill)
        dimension = sheet.column_dimensions[get_column_letter(index)]
        dimension.width, dimension.hidden = column.width, column.hidden
    sheet.row_dimensions[1].height = 24
    sheet.freeze_panes = freeze
    protect(sheet)
    fit_width(sheet, A3, head_rows=HEADER_ROW, footer=_heading(contents))
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top = sheet.page_margins.bottom = 0.5


def _seal(sheet: Worksheet, column: int) -> None:
    """Where the head of the section puts the seal on the printed sheet, above the last column."""
    _put(sheet, 1, column, "課長確認印", font=_BOLD, fill=_HEADER)
    _put(sheet, 2, column, "")
    sheet.row_dimensions[2].height = _SEAL


def _end(sheet: Worksheet, columns: Sequence[layout.SheetColumn], last_row: int) -> None:
    last = get_column_letter(len(columns))
    sheet.auto_filter.ref = f"A{HEADER_ROW}:{last}{max(last_row, HEADER_ROW + 1)}"
    visible = [index for index, column in enumerate(columns, 1) if not column.hidden]
    sheet.print_area = f"A1:{get_column_letter(visible[-1])}{max(last_row, HEADER_ROW + 1)}"


def _write_reports(sheet: Worksheet, contents: SurveyContents, choices: Choices) -> None:
    due = contents.round.due_on
    hint = (
        "黄色の欄に記入して上書き保存し、ダウンロードした画面から取り込みます。くわしくは「記入のしかた」シート。"
        f"「{layout.LAST_PROGRESS.title}」はコピーして、「取組状況」に値だけを貼り付けられます。"
    )
    _begin(sheet, contents, f"{hint}提出期限: {era_date(due)}" if due else hint, freeze="C4")
    columns = _columns(sheet, contents)
    _seal(sheet, max(index for index, column in enumerate(columns, 1) if not column.hidden))
    row = HEADER_ROW
    for item in contents.items:
        row += 1
        report = item.report
        values = [
            item_number(item.number),
            report.program.display_name,
            _state(item),
            _promise(item),
            _last(item),
            item.last.progress if item.last else "なし",
        ]
        for column, value in enumerate(values, 1):
            _put(sheet, row, column, value)
        for column, entry in enumerate(columns, 1):
            if not entry.name:
                continue
            is_day = entry.name in _DAYS
            shown = getattr(report, entry.name) if is_day else _entered(item, entry.name, contents.choices)
            _entry(
                sheet, row, column, shown, open_=item.is_open(entry.name), number_format="yyyy/m/d;@" if is_day else "@"
            )  # fmt: skip
        texts = list(zip(columns, values, strict=False))
        texts += [(entry, _entered(item, entry.name, contents.choices)) for entry in columns if entry.name]
        sheet.row_dimensions[row].height = _height(texts)
        for column, hidden in ((len(columns) - 1, item.number), (len(columns), str(report.version))):
            _put(sheet, row, column, hidden)
    _end(sheet, columns, row)
    if row > HEADER_ROW:
        rows = (HEADER_ROW + 1, row)
        for column, entry in enumerate(columns, 1):
            if entry.name in choices.of_reports:
                allow_only(
                    sheet, column, rows, choices.of_reports[entry.name], f"{entry.title}は一覧から選んでください。"
                )
            elif entry.name in _DAYS:
                allow_days(sheet, column, rows, after=contents.round.as_of)
            elif entry.name:
                allow_length(sheet, column, rows, field_of(entry.name))


def _entered(item: SurveyItem, name: str, choices: CellChoices) -> str:
    """What stands in an entry cell. A department that leads reads there what the others have added."""
    if name == layout.CONTRIBUTION:
        if item.supports is not None:
            return item.cells[name]
        return "\n".join(f"【{each.department}】{each.text}" for each in item.report.contributions.all())
    if name.startswith(JUDGEMENT):
        code = item.cells.get(name, "")
        return str(choices[name].get(code, code))
    stored = getattr(item.report, name)
    return "" if stored is None else str(stored)


def _height(texts: Iterable[tuple[layout.SheetColumn, object]], *, spare: int = 1, lowest: float = _LOWEST) -> float:
    """Room for what is there, and for some lines more: not every program fits the height of a row by itself."""
    lines = (lines_in(str(text), _UNIT * column.width, _SIZE) for column, text in texts)
    return min(max(lowest, _LINE_HEIGHT * (max(lines) + spare)), _HIGHEST)


def _state(item: SurveyItem) -> str:
    report = item.report
    lines = [report.get_state_display()]
    if report.state == Report.State.RETURNED:
        lines.append(f"理由: {report.return_reason}")
    if item.supports is not None:
        lines.append(f"主担当: {item.lead}")
    return "\n".join(lines)


def _promise(item: SurveyItem) -> str:
    parts = []
    if item.promise is not None:
        if item.promise.contents:
            parts.append(f"【実施内容】{_short(item.promise.contents)}")
        if item.promise.planned_years:
            parts.append(f"【実施予定年度】{item.promise.planned_years}")
    if item.year_plan:
        parts.append(f"【{era_fiscal_year(item.report.round.fiscal_year)}の計画】{item.year_plan}")
    return "\n".join(parts) or "未登録"


def _last(item: SurveyItem) -> str:
    last = item.last
    if last is None:
        return "なし"
    parts = [f"【{last.round}】{last.grade or '評価なし'}"]
    if last.recovery_on:
        parts.append(f"【回復の約束】{era_date(last.recovery_on)}まで: {_short(last.remedy)}")
    return "\n".join(parts)


def _write_actuals(sheet: Worksheet, contents: SurveyContents, choices: Choices) -> None:
    year, measured = fiscal_year_label(contents.round.fiscal_year), word(contents.round.plan, "indicator")
    _begin(
        sheet,
        contents,
        f"{measured}の{year}の実績を、黄色の欄に記入します。{measured}のない項目は出ません。",
        freeze="D4",
    )
    columns = _columns(sheet, contents)
    row = HEADER_ROW
    for item in contents.items:
        reported = {
            actual.indicator_id: actual
            for actual in item.report.actuals.all()
            if actual.fiscal_year == contents.round.fiscal_year
        }
        for indicator in item.indicators:
            row += 1
            actual = reported.get(indicator.pk)
            last = item.last_actuals.get(indicator.pk)
            values = [
                item_number(item.number),
                item.report.program.display_name,
                indicator.name,
                indicator.unit,
                indicator.get_better_display(),
                _target(item, indicator),
                f"{show_number(last.value)}（{era_fiscal_year(last.fiscal_year)}）" if last else "なし",
            ]
            for column, value in enumerate(values, 1):
                _put(sheet, row, column, value)
            number = actual.value if actual else None
            _entry(sheet, row, 8, number, open_=item.is_editable, number_format="#,##0.####")
            _entry(sheet, row, 9, _forecast(actual), open_=item.is_editable)
            _entry(sheet, row, 10, actual.note if actual else "", open_=item.is_editable)
            texts = [*zip(columns, values, strict=False), (columns[9], actual.note if actual else "")]
            sheet.row_dimensions[row].height = _height(texts, spare=0, lowest=_ONE_LINE)
            _put(sheet, row, len(columns), f"{item.number}#{indicator.number}")
    _end(sheet, columns, row)
    if row > HEADER_ROW:
        rows = (HEADER_ROW + 1, row)
        allow_numbers(sheet, 8, rows)
        allow_only(sheet, 9, rows, choices.forecast, "「見込」か「実績」を選んでください。")
        allow_length(sheet, 10, rows, model_field(ReportActual, "note"))


def _forecast(actual: ReportActual | None) -> str:
    return "" if actual is None else "見込" if actual.is_forecast else "実績"


def _target(item: SurveyItem, indicator: Indicator) -> str:
    target = item.targets.get(indicator.pk)
    if target is None:
        return "なし"
    return " ".join(filter(None, (show_number(target.value) if target.value is not None else "", target.text)))


def _write_effects(sheet: Worksheet, contents: SurveyContents, choices: Choices) -> None:
    hint = "効果額を1行に1件記入します。取り消すときは、その行の黄色の欄をすべて空にします。減ったときはマイナスの金額です。"
    _begin(sheet, contents, hint, freeze="B4")
    columns = _columns(sheet, contents)
    row = HEADER_ROW
    for item in contents.items:
        for effect in item.report.effects.all():
            row += 1
            _effect_row(sheet, row, columns, contents.unit, item, effect)
            _put(sheet, row, len(columns), f"{item.number}/{effect_key(effect)}")
    for _ in range(layout.NEW_EFFECTS):
        row += 1
        _effect_row(sheet, row, columns, contents.unit, None, None)
    _end(sheet, columns, row)
    rows = (HEADER_ROW + 1, row)
    place = {column.name: number for number, column in enumerate(columns, 1)}
    allow_only(sheet, place["item"], rows, choices.items, "項目は一覧から選んでください。")
    allow_only(sheet, place["year"], rows, choices.years, "年度を一覧から選んでください。", style="warning")
    allow_only(sheet, place["kind"], rows, choices.kinds, "種類は一覧から選んでください。")
    allow_only(sheet, place["basis"], rows, choices.bases, "根拠は一覧から選んでください。")
    for column, known in ((layout.ACCOUNT, choices.accounts), (layout.SERIES, choices.series)):
        if column.name in place:
            hint = f"{column.title}は一覧から選んでください。分からないときは空欄にします。"
            allow_only(sheet, place[column.name], rows, known, hint)
    allow_numbers(sheet, place["amount"], rows)
    allow_length(sheet, place["note"], rows, model_field(ReportEffect, "note"))


def _effect_row(
    sheet: Worksheet,
    row: int,
    columns: Sequence[layout.SheetColumn],
    unit: str,
    item: SurveyItem | None,
    effect: ReportEffect | None,
) -> None:
    open_ = item is None or item.is_editable
    values: dict[str, _Shown] = {}
    format_ = "#,##0" if unit in ("円", STORED) else "#,##0.0##"
    if item is not None and effect is not None:
        values = {
            "item": str(item.report.program),
            "year": era_fiscal_year(effect.fiscal_year),
            "kind": effect.get_kind_display(),
            "basis": effect.get_basis_display(),
            "account": effect.get_account_display(),
            "series": effect.get_series_display(),
            "amount": (amount := in_unit(effect.amount, unit)),
            "note": effect.note,
        }
        places = -min(int(amount.as_tuple().exponent), 0)  # as many as say something: what is read is what is shown
        format_ = f"#,##0.{'0' * places}" if places else "#,##0"
    for column, entry in enumerate(columns, 1):
        if entry.name:
            shown = values.get(entry.name, "")
            _entry(sheet, row, column, shown, open_=open_, number_format=format_ if entry.name == "amount" else "@")
    if values:
        texts = [(entry, values.get(entry.name, "")) for entry in columns if entry.name]
        sheet.row_dimensions[row].height = _height(texts, spare=0, lowest=_ONE_LINE)


# Instructions and marks


def _write_guide(sheet: Worksheet, contents: SurveyContents) -> None:
    round_ = contents.round
    year = fiscal_year_label(round_.fiscal_year)
    sheet.cell(1, 1, _heading(contents)).font = _TITLE
    lines: Sequence[tuple[str, str]] = [
        ("1 記入する", "「報告」シートの黄色の欄に、項目ごとに記入します。黄色でない欄は変えられません。"),
        ("", f"前回と同じところは、「{layout.LAST_PROGRESS.title}」のセルをコピーし、「形式を選択して貼り付け」の「値」で写せます。"),
        ("", f"すでに提出した項目は、黄色になっていません。直すときは{word(round_.plan, 'office')}に差し戻しを頼んでください。"),
        ("", "ほかの課が主担当の項目では、「関係課の記入」だけを記入します。報告は主担当の課が記入します。"),
        ("", f"評価が遅れを表すときは、{_recovery(contents)}のすべてが必要です。"),
        ("", f"「成果指標」シートには、{word(round_.plan, 'indicator')}の{year}の実績を記入します。年度途中の見込みの値なら「見込」を選びます。"),
        ("", f"「効果額」シートには、1行に1件、{contents.unit}単位で記入します（小数も使えます）。減ったときはマイナスにします。"),
        *_told_apart(contents),
        ("", "効果額を取り消すときは、その行の黄色の欄をすべて空にします。"),
        ("2 保存する", "Excel（xlsx）形式のまま上書き保存します。LibreOffice の形式（ods）でも構いません。パスワードは付けません。"),
        ("3 取り込む", "ダウンロードした画面で、このファイルを選びます。変わるところと誤りがすべて表示されます。"),
        ("", "確かめて「取り込む」を押すまで、何も保存されません。取り込んだあとでも、公表までは取り消せます。"),
        ("分担するとき", "数人で別々のファイルに記入しても、順に取り込めます。触っていない欄は、ほかの人の記入を上書きしません。"),
        ("", "同じ欄をほかの人も変えていたときは、両方が並んで表示され、どちらを残すか選べます。"),
        ("してよいこと", "列の幅を変える、絞り込む、並べ替える、関係のない項目の行を消す（消した項目は元のままです）。"),
        ("", "Excelが保護のため断るときは、「校閲」の「シート保護の解除」を押します（パスワードはありません）。"),
        ("しないこと", "見出しの名前を変える、隠れた列やシートを変える、数式を入れる（値に置き換えてください）。"),
        ("日付と数", "2016/3/31、平成28年3月31日、H28.3.31 のどれでも、数字は全角でも読み取ります。"),
    ]  # fmt: skip
    if round_.plan.is_fictional:
        lines = [("架空のデータ", "この調査票は見本です。実在の自治体の計画ではありません。"), *lines]
    for row, (what, text) in enumerate(lines, 3):
        sheet.cell(row, 1, what).font = _BOLD
        cell = sheet.cell(row, 2, text)
        cell.font, cell.alignment = _FONT, _TOP
    row = len(lines) + 4
    for name, grades in contents.choices.items():
        if name == "grade" or name.startswith(JUDGEMENT):
            sheet.cell(row, 1, "評価" if name == "grade" else clean_text(judgement_title(grades))).font = _BOLD
            for grade in grades.values():
                text = f"{grade}: {grade.definition}" if grade.definition else str(grade)
                cell = sheet.cell(row, 2, clean_text(text))
                cell.font, cell.alignment, cell.data_type = _FONT, _TOP, "s"
                row += 1
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 16, 110
    protect(sheet)
    fit_width(sheet, A4)


def _told_apart(contents: SurveyContents) -> list[tuple[str, str]]:
    if layout.ACCOUNT.name in contents.left_out:
        return []
    return [
        ("", "一般会計か特別会計か、単年度・累計・継続のどれかが分からない金額は、「会計」「数え方」を空欄にします。")
    ]


def _recovery(contents: SurveyContents) -> str:
    """What a grade of tone "behind" asks for, by name."""
    return "、".join(report_label(name) for name in Report.RECOVERY if name not in contents.left_out)


def _write_marks(sheet: Worksheet, contents: SurveyContents) -> None:
    """The hidden sheet by which reading knows the file again, and which cells were touched."""
    round_ = contents.round
    marks = []
    for item in contents.items:
        version = str(item.report.version)
        marks.append((item.number, version, "", ""))
        for name, text in sorted(item.cells.items()):
            marks.append((item.number, version, name, digest(text)))
    meta = (layout.FORMAT, round_.plan.slug, round_.as_of.isoformat(), contents.department.code)
    for pair in zip(layout.META, (*meta, layout.checksum(meta, marks)), strict=True):
        sheet.append(pair)
    for mark in marks:
        sheet.append(mark)
    for row in sheet.iter_rows():
        for cell in row:
            cell.number_format = "@"
    sheet.sheet_state = "veryHidden"
    protect(sheet)

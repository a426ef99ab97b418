"""What else the small plans of tests/cases show: further figures, what else is refused, what an answer leaves behind."""

import json
from decimal import Decimal

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from accounts.models import User
from figures.models import PublishedFigure
from policies.models import Grade, Plan
from tests.cases.files import BOOK_PAGE, data_of, looked_at, path_of
from tests.figures.imported import bring_in, checked, ledger, page, reasons, rows_of, table
from tests.reading import items_of
from tests.staff.pages import CONFIRM_BOOK

pytestmark = pytest.mark.django_db

LATEST = "progress/2020-03-31/"


def figure(plan, key, **values):
    """A further figure of a case, of its first round unless it says otherwise."""
    filled = {"measure": "grade_count", "label": key, "printed": "1", "unit": "項目", "locator": "表"} | values
    filled.setdefault("value", Decimal(filled["printed"].strip("%▲△約")) * (-1 if "▲" in filled["printed"] else 1))
    return PublishedFigure.objects.create(plan=plan, key=key, source=plan.sources.get(), **filled)


def test_numbers_of_items_know_their_day():
    plan = bring_in("min-items-asof")
    figure(plan, "more", measure="item_count_change", printed="1", as_of="2020-03-31")
    figure(plan, "no day", measure="item_count", printed="1")
    figure(plan, "twice", measure="listed_count", printed="3", as_of="2020-03-31")
    found = ledger(plan)
    assert (found["more"], found["no day"]) == (("一致", 1), ("照合できません", 2))
    assert found["twice"] == ("照合できません", None)
    assert "基準日がないため" in reasons(plan)["no day"]
    assert reasons(plan)["more"] == "平成31年3月31日の1項目から2項目になりました。"


def test_an_item_that_ended_is_found_where_it_was(client):
    plan = bring_in("min-ended")
    assert "未報告" not in " ".join(page(client, plan).definitions)
    assert [row[0] for row in items_of(page(client, plan, "programs/").tables[0])] == ["1"]
    assert [row["program_number"] for row in rows_of(client, plan, "programs.csv?round=2019-03-31")] == ["1", "2"]
    assert json.loads(client.get(f"/plans/{plan.slug}/programs.json").getvalue())["count"] == 1
    assert [item["number"] for item in table(client, plan, "programs")] == ["1"]
    assert rows_of(client, plan, "programs.csv?grade=unreported") == []
    # What was published of it stays: its page, its row by itself, its observations.
    assert page(client, plan, "programs/2/").texts["h1"] == ["項目2"]
    assert client.get(f"/api/v1/plans/{plan.slug}/programs/2").json()["grade"] is None
    assert [row["value"] for row in table(client, plan, "long") if row["program_number"] == "2"] == ["A"]


def test_the_day_on_which_an_item_ends_is_its_last(client):
    plan = bring_in("min-ended")
    plan.programs.filter(number="2").update(ended_on="2020-03-31")
    assert page(client, plan, "programs/").texts["strong"].count("2") == 1
    figure(plan, "n", measure="item_count", printed="2", as_of="2020-03-31")
    assert ledger(plan)["n"] == ("一致", 2)


def test_several_grades_are_counted_together_and_shares_as_shares(capsys):
    plan = bring_in("min-category")
    assert "81%" in checked(plan, capsys)
    Grade.objects.create(plan=plan, code="C", label="もっとわるい", order=3, tone="behind")
    for category, printed in (("B・C", "0"), ("A、B", "1"), ("わるい以上", "1"), ("B以下", "0"), ("よい", "1")):
        figure(plan, category, category=category, printed=printed, as_of="2019-03-31")
    figure(plan, "share", measure="grade_share", category="B・C", printed="0.0%", unit="%", as_of="2019-03-31")
    figure(plan, "other", measure="other", printed="5", as_of="2019-03-31")
    figure(plan, "first", measure="grade_count_change", category="A", printed="1", as_of="2019-03-31")
    figure(plan, "wrong unit", category="A", printed="1", unit="円", as_of="2019-03-31")
    found = ledger(plan)
    assert [found[key] for key in ("B・C", "A、B", "わるい以上", "B以下", "よい")] == [
        ("一致", 0), ("一致", 1), ("一致", 1), ("一致", 0), ("一致", 1),
    ]  # fmt: skip
    assert (found["BC"], found["share"]) == (("不一致", 0), ("一致", Decimal("0.0")))
    assert {found[key] for key in ("other", "first")} == {("照合できません", None)}


def test_a_figure_that_says_more_or_less_than_its_measure_knows_is_not_computed(plan):
    given = bring_in("min-category")
    policy = given.policies.get(number=1)
    for key, values in {
        "no grade": {"measure": "grade_share", "printed": "1", "unit": "%", "as_of": "2019-03-31"},
        "a year": {"measure": "item_count", "printed": "1", "fiscal_year": 2018},
        "a category": {"measure": "graded_total", "printed": "1", "category": "A", "as_of": "2019-03-31"},
        "no edition": {"measure": "indicator_count", "printed": "1", "policy": policy},
        "not published": {"category": "A", "printed": "1", "as_of": "2018-03-31"},
    }.items():
        figure(given, key, **values)
    found, said = ledger(given), reasons(given)
    for key in ("no grade", "a year", "a category", "no edition", "not published"):
        assert found[key] == ("照合できません", None), key
    assert said["no grade"].startswith("「評価別の割合」には区分（評価の記号）が必要です。")
    assert said["a year"] == "「項目数」は年度の別に数えられないため、計算できません。"
    assert said["a category"] == "「評価した項目数」は区分（A）の別に数えられないため、計算できません。"


def test_a_corrected_table_replaces_the_earlier_one(client):
    plan = bring_in("min-parts")
    figure(
        plan, "c2", measure="effect", category="total", printed="150", unit="百万円", fiscal_year=2019, basis="actual",
        supersedes=plan.figures.get(key="c"),
    )  # fmt: skip
    plan.figures.filter(key="c").update(value=999, printed="999")
    found = ledger(plan)
    assert (found["c"], found["c2"]) == (("照合できません", None), ("一致", 150))
    assert reasons(plan)["c"] == "訂正された表の値（150）に差し替えられたため、照合しません。"
    for path in ("", "effects/"):
        [printed] = [found for found in page(client, plan, path).tables if found[0][0] == "年度と根拠"]
        assert printed[1][1] == "150"
    assert "999" in " ".join(cell for row in page(client, plan, "figures/").tables[0] for cell in row)


def test_planned_effects_their_difference_and_rate_and_the_items_with_effect():
    plan = bring_in("min-parts")
    values = {"fiscal_year": 2019, "unit": "百万円", "category": "total"}
    figure(plan, "planned", measure="effect_planned", printed="160", **values)
    figure(plan, "less", measure="effect_difference", printed="▲10", basis="actual", **values)
    figure(plan, "rate", measure="effect_rate", printed="93.8%", **values | {"unit": "%"})
    figure(plan, "with", measure="items_with_effect", printed="4", fiscal_year=2019)
    figure(plan, "lonely", measure="effect_rate", printed="93.8%", **values | {"unit": "%", "fiscal_year": 2018})
    found = ledger(plan)
    assert (found["less"], found["rate"]) == (("一致", -10), ("一致", Decimal("93.8")))
    assert {found[key] for key in ("planned", "with", "lonely")} == {("照合できません", None)}


def test_without_the_break_of_the_scale_better_and_worse_are_told(client):
    plan = bring_in("min-criteria")
    [scale] = plan.scales.all()
    assert (str(scale.starts_on), scale.note) == ("2020-03-31", "基準を厳しくした")
    assert "評価が下がった" not in page(client, plan, LATEST).definitions
    [row] = rows_of(client, plan, "programs.csv")
    assert (row["grade"], row["previous_grade"], row["change"]) == ("B", "A", "")
    assert [row["criteria_note"] for row in table(client, plan, "rounds")] == [None, "基準を厳しくした"]
    figure(plan, "less", measure="grade_count_change", category="A", printed="▲1", as_of="2020-03-31")
    assert ledger(plan)["less"] == ("照合できません", None)
    plan.scales.all().delete()
    assert ledger(plan)["less"] == ("一致", -1)
    assert page(client, plan, LATEST).definitions["評価が下がった"] == "1項目"


def test_two_grades_of_one_tone_have_marks_and_shades_of_their_own(client):
    plan = bring_in("min-criteria")
    assert {grade.tone for grade in plan.grades.all()} == {"on_track"}
    for path in ("", "progress/", "policies/1/", LATEST):
        html = client.get(f"/plans/{plan.slug}/{path}").content.decode()
        assert "●</span>A" in html, path
        assert "◉</span>B" in html, path
    assert 'class="fill-on-track rank-1"' in client.get(f"/plans/{plan.slug}/").content.decode()
    assert page(client, plan, "programs/1/").tables[0][2][4].startswith("3月 ◉B")


def test_what_a_triangle_means_goes_into_the_workbook(client, cast, tmp_path):
    client.force_login(cast.office)
    asked = looked_at(client, data_of("min-triangle")).context_data["asked"]
    wrong = client.post(BOOK_PAGE, {"ask": asked})
    assert (wrong.status_code, "△の意味を選んでください。" in wrong.content.decode()) == (400, True)
    preview = client.post(BOOK_PAGE, {"ask": asked, "triangle": "reduction"})
    client.post(CONFIRM_BOOK, {"file": preview.context_data["waiting"]})
    call_command("export_plan", "min-triangle", str(tmp_path / "a.xlsx"), verbosity=0)
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["published_figures"]
    names = [cell.value for cell in sheet[1]]
    assert [row[names.index("triangle")].value for row in sheet.iter_rows(min_row=2)] == ["reduction", None, None]


def test_the_workbook_says_what_a_triangle_means(tmp_path):
    book = openpyxl.load_workbook(path_of("min-triangle"))
    sheet = book["published_figures"]
    sheet.cell(1, sheet.max_column + 1, "triangle")
    sheet.cell(2, sheet.max_column, "negative")
    book.save(tmp_path / "negative.xlsx")
    User.objects.create_superuser("root")
    call_command("import_plan", str(tmp_path / "negative.xlsx"), verbosity=0)
    plan = Plan.objects.get(slug="min-triangle")
    assert plan.figures.get(key="c").value == -192424
    assert ledger(plan)["t"] == ("不一致", 59364 - 192424)


def test_the_form_of_a_figure_asks_what_a_triangle_means():
    plan = bring_in("min-parts")
    saving = plan.figures.get(key="b")
    saving.printed, saving.value = "△50", Decimal(50)
    with pytest.raises(ValidationError) as refused:
        saving.full_clean()
    assert refused.value.message_dict == {
        "triangle": ["歳出削減の値に△があります。この表での△の意味を選んでください。"]
    }
    saving.triangle = "negative"
    with pytest.raises(ValidationError) as refused:
        saving.full_clean()
    assert refused.value.message_dict == {
        "value": ["△の意味（減らせずに増えた額（負の数））では、読み取った値は負の数です。"]
    }
    saving.triangle = "reduction"
    saving.full_clean()


def test_a_triangle_among_the_effects_of_items_is_refused(tmp_path):
    User.objects.create_superuser("root")
    book = openpyxl.load_workbook(path_of("min-ended"))
    sheet = book.create_sheet("effects")
    sheet.append(["program", "fiscal_year", "kind", "basis", "amount"])
    sheet.append(["1", 2018, "saving", "actual", "▲500"])
    sheet.append(["1", 2018, "revenue", "actual", "▲500"])
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(
        CommandError, match="シート「効果額（effects）」 2行目 列「金額（千円）（amount）」: 歳出削減の金額に△があり"
    ) as refused:
        call_command("import_plan", str(tmp_path / "a.xlsx"), verbosity=0)
    assert "1件の誤りがあります" in str(refused.value)

"""A city prepares its plan as a workbook with pandas alone; the office brings it in, freezes it, and citizens see what was revised."""

import io

import pandas as pd
import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from policies.models import Edition, Plan
from programs.models import Program

pytestmark = pytest.mark.django_db(transaction=True)
ORIGINAL, REVISED = "original", "fy2013-revision"
NUMBERS = range(1, 63)
# Which items are revised in what: the counts that the city published, 50 items in all.
CHANGED = {
    "departments": range(1, 10),
    "contents": range(1, 36),
    "planned_years": range(28, 51),
    "expected_effect": range(1, 20),
    "indicators": range(12, 51),
    "indicators_new": range(12, 28),
    "year_plans": range(23, 51),
}
COUNTS = [
    ["見直した項目", "50", "50"],
    ["推進担当課の追加", "9", "9"],
    ["実施内容", "35", "35"],
    ["実施予定年度", "23", "23"],
    ["見込まれる効果", "19", "19"],
    ["成果指標", "39", "39"],
    ["成果指標の新規設定", "16", "16"],
    ["年度計画", "28", "28"],
]


def city_workbook(names):
    """Sheets as a city's staff would make them, without a line of ours: names for all 62 items, both editions."""

    def said(number, edition, aspect, before, after):
        return after if edition == REVISED and number in CHANGED[aspect] else before

    both = [(number, edition) for number in NUMBERS for edition in (ORIGINAL, REVISED)]
    contents = [
        {
            "program": number,
            "edition": edition,
            "contents": said(number, edition, "contents", f"項目{number}を進める。", f"項目{number}を広げて進める。"),
            "planned_years": said(number, edition, "planned_years", "平成23年度～平成26年度", "平成23年度～平成27年度"),
            "expected_effect": said(number, edition, "expected_effect", "経費の削減", "経費の削減と市民の利便"),
            "departments": said(number, edition, "departments", "gyokei", "gyokei;zaisei"),
        }
        for number, edition in both
    ]
    years = [
        {
            "program": number,
            "edition": edition,
            "fiscal_year": f"平成{year - 1988}年度",
            "text": said(number, edition, "year_plans", "実施", "試行して実施"),
        }
        for number, edition in both
        for year in (range(2011, 2016) if edition == ORIGINAL else range(2014, 2016))
    ]
    indicators = [{"program": number, "number": 1, "name": "参加者数", "unit": "人"} for number in range(12, 51)]
    targets = [
        {"program": number, "indicator": 1, "edition": edition, "fiscal_year": 2015, "value": value}
        for number in range(12, 51)
        for edition, value in ((ORIGINAL, 100), (REVISED, 120))
        if edition == REVISED or number not in CHANGED["indicators_new"]
    ]
    sheets = {
        "plan": [{"slug": "kodaira-2"}],
        "departments": [{"code": "gyokei", "name": "行政経営課"}, {"code": "zaisei", "name": "財政課"}],
        "programs": [
            {"number": number, "name": names.get(number) or f"登録した項目{number}", "number_is_provisional": False}
            for number in NUMBERS
        ],
        "program_editions": contents,
        "year_plans": years,
        "indicators": indicators,
        "indicator_targets": targets,
    }
    file = io.BytesIO()
    with pd.ExcelWriter(file, engine="openpyxl") as writer:
        for name, rows in sheets.items():
            pd.DataFrame(rows).to_excel(writer, sheet_name=name, index=False)
    return file.getvalue()


@pytest.mark.soak
def test_62_items_come_in_as_a_workbook_and_the_revision_is_counted(cast, someone):
    call_command("load_official", verbosity=0)
    plan = Plan.objects.get(slug="kodaira-2")
    data = city_workbook({int(one.number): one.name for one in plan.programs.all()})
    office = someone().sign_in("office")
    page = office.page

    office.go(f"/admin/policies/plan/{plan.pk}/change/")
    page.get_by_role("link", name="計画ブックを取り込む").click()
    page.locator("input[type=file]").set_input_files(
        {"name": "小平.xlsx", "mimeType": "application/octet-stream", "buffer": data}
    )
    page.get_by_role("button", name="確かめる").click()
    rows = page.get_by_role("region", name="取り込む内容").locator("tbody tr")
    assert Program.objects.filter(plan=plan, name="").count() == 42
    assert [[row.locator("th").inner_text(), *row.locator("td").all_inner_texts()] for row in rows.all()] == [
        ["計画（plan）", "0", "0", "0", "1"],
        ["部署（departments）", "1", "0", "0", "1"],
        ["実施項目（programs）", "0", "61", "0", "1"],
        ["計画内容（program_editions）", "124", "0", "0", "0"],
        ["年度計画（year_plans）", "434", "0", "0", "0"],
        ["成果指標（indicators）", "39", "0", "0", "0"],
        ["目標値（indicator_targets）", "62", "0", "0", "0"],
        ["合計", "660", "61", "0", "3"],
    ]
    page.get_by_role("button", name="取り込む").click()
    expect(page.locator(".messagelist .success")).to_contain_text("計画ブック「小平.xlsx」を取り込みました。")
    assert Program.objects.filter(plan=plan, name="").count() == 0

    for key in (ORIGINAL, REVISED):
        office.go(f"/admin/policies/edition/{Edition.objects.get(plan=plan, key=key).pk}/freeze/")
        page.get_by_role("button", name="確定する").click()
        expect(page.locator(".messagelist .success")).to_be_visible()

    citizen = someone()
    assert citizen.go(f"/plans/kodaira-2/revisions/{REVISED}/") == 200
    table = citizen.page.locator("table.counts tbody tr")
    texts = [row.locator("th, td").all_inner_texts() for row in table.all()]
    assert [[label.partition("\n")[0], published, computed] for label, published, computed, *_ in texts] == COUNTS
    assert [row[-1].split()[-1] for row in texts] == ["一致"] * len(COUNTS)
    assert citizen.page.get_by_role("status").inner_text() == "50件（すべて）"
    assert citizen.go("/plans/kodaira-2/programs/?aspect=departments") == 200
    numbers = citizen.page.locator("table tbody tr:not(.heading) > :first-child").all_inner_texts()
    assert numbers == [str(number) for number in CHANGED["departments"]]

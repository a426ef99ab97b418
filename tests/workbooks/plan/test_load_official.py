"""`load_official`: exactly the known facts, nothing overwritten, a damaged file refused whole."""

import datetime
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from committee.models import Meeting
from core.fiscal import fiscal_year_of
from figures.models import PublishedFigure
from policies.models import Direction, Edition, Grade, Plan, Policy, Position, Source, Viewpoint
from programs.models import Program
from reviews.models import Report, Round


def load(capsys, *args):
    capsys.readouterr()
    call_command("load_official", *args)
    return capsys.readouterr().out


def test_plan_has_its_structure(official):
    assert (official.name, official.first_fiscal_year, official.last_fiscal_year) == (
        "小平市第２次行財政再構築プラン",
        2011,
        2015,
    )
    assert (official.rule_first_fiscal_year, official.rule_last_fiscal_year) == (2007, 2015)
    assert (official.committee_name, official.committee_experts, official.committee_citizens) == (
        "行財政再構築推進委員会",
        3,
        3,
    )
    assert official.is_public
    assert not official.is_fictional
    assert {d.number: [p.number for p in d.policies.order_by("number")] for d in official.directions.all()} == {
        1: [1, 2],
        2: [3],
        3: [4, 5],
    }
    assert [(e.key, e.first_fiscal_year, e.frozen_at) for e in official.editions.all()] == [
        ("original", 2011, None),
        ("fy2013-revision", 2014, None),
    ]
    assert [(g.code, g.label, g.tone) for g in official.grades.all()] == [
        ("S", "予定以上に進捗", "ahead"),
        ("A", "予定どおりに進捗", "on_track"),
        ("B", "予定よりも遅れている", "behind"),
    ]
    assert official.viewpoints.count() == 7
    assert official.positions.count() == 7


def test_items_are_62_of_which_20_have_a_name_and_one_a_confirmed_number(official):
    items = Program.objects.filter(plan=official)
    assert [p.number for p in items] == [str(number) for number in range(1, 63)]
    assert [items.filter(policy__number=n).count() for n in range(1, 6)] == [15, 5, 7, 18, 17]
    assert items.exclude(name="").count() == 20
    assert items.filter(name="").count() == 42
    assert [(p.number, p.name) for p in items.filter(number_is_provisional=False)] == [("27", "事業仕分けの実施")]
    assert items.get(number="5").display_name == "項目名 未登録"


def test_rounds_are_half_yearly_and_stand_on_the_edition_of_their_fiscal_year(official):
    rounds = list(official.rounds.select_related("edition"))
    assert [str(r.as_of) for r in rounds] == [
        f"{year}-{day}" for fy in range(2011, 2016) for year, day in ((fy, "09-30"), (fy + 1, "03-31"))
    ]
    for one in rounds:
        assert one.edition == Edition.objects.in_force(official, fiscal_year_of(one.as_of))
    assert {one.state for one in rounds} == {"planned"}


def test_figures_keep_the_printed_text_beside_what_is_meant(official):
    values = {f.key: f.value for f in official.figures.all()}
    assert [values[f"grade_count.2016-03-31.{code}"] for code in "SAB"] == [1, 50, 11]
    assert [
        [int(values[f"effect.{year}.{kind}"]) for kind in ("total", "revenue", "saving")] for year in range(2011, 2016)
    ] == [[285, 179, 106], [174, 58, 116], [338, 61, 277], [87, 23, 64], [169, 1, 168]]
    aspects = ("items", "departments", "contents", "planned_years", "expected_effect", "indicators", "year_plans")
    assert [int(values[f"revision.{aspect}"]) for aspect in aspects] == [50, 9, 35, 23, 19, 39, 28]
    assert values["revision.indicators_new"] == 16
    misprint = official.figures.get(key="effect.2015.revenue")
    assert (misprint.printed, misprint.value, misprint.unit, misprint.basis) == (
        "約1百億円",
        Decimal(1),
        "百万円",
        "budget",
    )
    assert "約1百億円" in misprint.note


def test_everything_that_can_have_a_source_has_one(official):
    for model in (Direction, Policy, Edition, Viewpoint, Position, Program, Grade, Round, PublishedFigure):
        assert model.objects.filter(source=None).count() == 0, model
    meeting = Meeting.objects.get()
    assert (meeting.held_on, [s.key for s in meeting.documents.all()]) == (datetime.date(2014, 10, 31), ["S1"])
    assert Report.objects.count() == 0


def test_second_run_changes_nothing(official, capsys):
    before = {model: list(model.objects.values()) for model in (Plan, Program, PublishedFigure, Round)}
    history = Program.history.count()
    assert load(capsys) == "公式データ: 新しく登録するものはありません。\n"
    assert {model: list(model.objects.values()) for model in before} == before
    assert Program.history.count() == history == 62


def test_staff_edits_stay_and_are_told(official, capsys):
    Program.objects.filter(number="27").update(name="事業仕分け（試行）")
    Program.objects.filter(number="5").update(name="市が登録した名前", number_is_provisional=False)
    Program.objects.filter(number="62").delete()
    out = load(capsys)
    assert out == (
        "公式データ: 実施項目 1件を登録しました。\n"
        "次の2件は、登録されている値が公式データと違います（上書きしていません）。\n"
        "  実施項目 5 の番号は仮: 登録「FALSE」／公式「TRUE」\n"
        "  実施項目 27 の項目名: 登録「事業仕分け（試行）」／公式「事業仕分けの実施」\n"
    )
    assert Program.objects.get(number="27").name == "事業仕分け（試行）"
    assert Program.objects.get(number="5").name == "市が登録した名前"


DAMAGED = {
    "not yaml": ("plan: [", "1行目8文字目: YAML として読めません"),
    "not tables": ("- plan", "1行目: シート名ごとの表"),
    "no rows": ("plan: kodaira", "シート「plan」: 「- 列: 値」の並びになっていません。"),
    "key twice": (
        "plan:\n  - slug: a\n    slug: b\n",
        "3行目5文字目: YAML として読めません（「slug」が2回あります）。",
    ),
    "impossible date": ("plan:\n  - slug: 2014-02-30\n", "値を読めません"),
    "unknown sheet": ("plans:\n  - slug: a\n", "シート「plans」: このシートは使えません。"),
    "no plan": ("sources:\n  - {key: S1, title: x}\n", "シート「計画（plan）」: このシートがありません。"),
    "unknown column": (
        "plan:\n  - {slug: a, colour: red}\n",
        "シート「計画（plan）」 1行目 列「colour」: この列は使えません。",
    ),
    "years in the wrong order": (
        "plan:\n  - {slug: a, city: 市, name: 計画, first_fiscal_year: 2015, last_fiscal_year: 2011}\n",
        "シート「計画（plan）」 2行目: 最後の年度は最初の年度以後にしてください。",
    ),
    "a reference to nothing": (
        "plan:\n  - {slug: a, city: 市, name: 計画, first_fiscal_year: 2011, last_fiscal_year: 2015, source: S9}\n",
        "シート「計画（plan）」 2行目 列「出典（source）」: シート「出典（sources）」にありません。そのシートに行を加えるか、この値を直してください。（値「S9」）",
    ),
}


@pytest.mark.parametrize(("text", "message"), DAMAGED.values(), ids=DAMAGED.keys())
def test_damaged_file_is_refused_with_file_place_and_reason(db, tmp_path, text, message):
    path = tmp_path / "damaged.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError) as caught:
        call_command("load_official", str(path))
    assert str(path) in str(caught.value)
    assert message in str(caught.value)
    assert "何も" in str(caught.value)
    assert Plan.objects.count() == 0


def test_file_that_is_not_there_or_not_utf8_is_refused(db, tmp_path):
    with pytest.raises(CommandError, match="ファイルを開けません"):
        call_command("load_official", str(tmp_path / "none.yaml"))
    (tmp_path / "sjis.yaml").write_bytes("plan: 計画".encode("cp932"))
    with pytest.raises(CommandError, match="UTF-8 で保存してください"):
        call_command("load_official", str(tmp_path / "sjis.yaml"))


def test_error_late_in_the_file_leaves_nothing_behind(db, tmp_path):
    path = tmp_path / "late.yaml"
    text = call_official_text().replace(
        "measure: item_count, label: 実施項目の数", "measure: nothing, label: 実施項目の数"
    )
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match=r"列「[^」]*（measure）」: 「nothing」は選べません。項目数、"):
        call_command("load_official", str(path))
    assert (Plan.objects.count(), Source.objects.count(), Program.objects.count()) == (0, 0, 0)


def call_official_text():
    from workbooks.management.commands.load_official import OFFICIAL

    return OFFICIAL.read_text(encoding="utf-8")

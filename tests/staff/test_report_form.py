"""The reporter's form: figures, hints, the word of other departments, and what was typed when the session ran out."""

from decimal import Decimal

import pytest
from django.contrib.sessions.models import Session

from accounts.models import User
from programs.models import Indicator, IndicatorTarget, Responsibility, YearPlan
from reviews import workflow
from reviews.models import Report, ReportActual, ReportEffect
from reviews.report_figures import Actual
from tests import factories
from tests.staff import forms
from tests.staff.addresses import url


@pytest.fixture
def report(plan, cast):
    """Item 1 of zaisei, a draft in the second round; zeimu supports it. Last time it was behind."""
    edition = plan.editions.get(key="fy2013-revision")
    content = edition.contents.get(program__number="1")
    content.contents = "口座振替を広げる。"
    content.save()
    YearPlan.objects.create(program_edition=content, fiscal_year=2014, text="試行")
    Responsibility.objects.create(program_edition=content, department=cast.zeimu, order=2)
    indicator = Indicator.objects.create(program=content.program, number=1, name="収納率", unit="%")
    IndicatorTarget.objects.create(indicator=indicator, edition=edition, fiscal_year=2014, value="77.5", text="以上")
    factories.published_round(plan, {1: "B"}, by=cast.office)
    return factories.report(workflow.open_round(plan.rounds.last(), by=cast.office), 1)


@pytest.fixture
def indicator(report):
    return Indicator.objects.get()


def typed(report, code="A", *, value="", effects=(), **values):
    """What the form sends: `value` for the indicator, `effects` as rows of texts."""
    data = forms.typed(report, code)
    actual = f"actual-{Indicator.objects.get().pk}"
    data |= {f"{actual}-value": value, f"{actual}-note": "", "effects-INITIAL_FORMS": "0"}
    rows = [*effects, ("",) * 5]
    data["effects-TOTAL_FORMS"] = str(len(rows))
    for number, row in enumerate(rows):
        names = ("fiscal_year", "kind", "basis", "amount", "note")
        data |= {f"effects-{number}-{name}": text for name, text in zip(names, row, strict=True)}
    return {**data, "_save": "1", **values}


def figures():
    return (
        list(ReportActual.objects.values_list("value", "is_forecast", "note")),
        list(ReportEffect.objects.values_list("fiscal_year", "kind", "basis", "amount", "note")),
    )


def test_the_form_shows_the_promise_the_target_and_the_promise_to_recover(client, cast, report):
    client.force_login(cast.reporter)
    page = client.get(url(report))
    html = page.content.decode()
    for text in (
        *("口座振替を広げる。", "平成26年度の計画", "試行", "指標1 収納率（%）", "平成26年度の目標 77.5以上"),
        *("前回の約束（平成26年9月30日現在）", "回復予定日 平成28年3月31日。対応策：協議の回数を増やす。"),
        *('name="evidence"', 'name="effects-0-amount"'),
    ):
        assert text in html
    assert page.context_data["hints"] == []


def test_figures_are_typed_as_people_type_them_and_shown_again(client, cast, report, indicator):
    client.force_login(cast.reporter)
    rows = [("平成26年度", "saving", "actual", "△１，２００", "単価の差"), ("2014", "revenue", "budget", "5", "")]
    data = typed(report, value="７６.１", effects=rows) | {f"actual-{indicator.pk}-is_forecast": "on"}
    assert client.post(url(report), data).status_code == 302
    assert figures() == (
        [(Decimal("76.1"), True, "")],
        [(2014, "revenue", "budget", 5, ""), (2014, "saving", "actual", -1200, "単価の差")],
    )
    page = client.get(url(report))
    html = page.content.decode()
    assert 'value="76.1"' in html
    assert 'value="-1200"' in html
    assert [hint.code for hint in page.context_data["hints"]] == ["target_missed", "same_text", "effect_without_note"]
    assert page.context_data["hints"][2].text in html
    report.refresh_from_db()
    other_year = {(indicator.pk, 2013): Actual(Decimal(70)), (indicator.pk, 2014): Actual(Decimal(76))}
    report = workflow.save_draft(report, {"actuals": other_year}, by=cast.reporter, version=report.version)
    client.post(url(report), typed(report))  # all emptied
    assert figures() == ([(Decimal(70), False, "")], [])  # the form is about this year only
    report.refresh_from_db()
    without = {name: value for name, value in typed(report).items() if not name.startswith(("actual-", "effects-"))}
    client.post(url(report), without)
    assert figures()[0] == [(Decimal(70), False, "")]


def test_bad_figures_are_refused_at_their_field_and_nothing_is_saved(client, cast, report):
    client.force_login(cast.reporter)
    twice = ("2014", "saving", "actual", "1", "")
    for data, message in (
        ({"value": "多い"}, "「多い」は数として読めません。"),
        ({"effects": [("2014", "", "actual", "1", "")]}, "種類を入力してください。使わない行は、すべて空欄にします。"),
        ({"effects": [("平成99年度", "saving", "actual", "1", "")]}, "平成にその年度はありません。"),
        ({"effects": [twice, twice]}, "平成26年度の歳出削減（実績）が二つ以上あります。"),
    ):
        response = client.post(url(report), typed(report, **data, progress="打ったもの"))
        assert response.status_code == 400
        html = response.content.decode()
        assert message in html
        assert "打ったもの</textarea>" in html
    report.refresh_from_db()
    assert (report.version, figures()) == (1, ([], []))


def test_figures_stand_side_by_side_cell_by_cell_when_somebody_saved_first(client, cast, report, indicator):
    """Both typed a value and an amount; the note is mine alone, one effect theirs alone, one is gone with them."""
    old = [(2013, "saving", "actual", 3), (2014, "saving", "actual", 1)]
    report = workflow.save_draft(report, {"effects": old}, by=cast.reporter, version=1)
    client.force_login(cast.reporter)
    rows = [("2013", "saving", "actual", "3", ""), ("2014", "saving", "actual", "5", "別紙")]
    mine = typed(report, value="76", effects=rows)
    theirs = {
        "actuals": {(indicator.pk, 2014): Actual(Decimal(70), True)},
        "effects": [(2014, "saving", "actual", 9), (2014, "revenue", "budget", -2, "見直し")],
    }
    current = workflow.save_draft(report, theirs, by=cast.colleague, version=2)
    response = client.post(url(report), mine)
    assert response.status_code == 409
    saving, revenue = "平成26年度 歳出削減（実績）", "平成26年度 歳入確保（予算）"
    assert [
        (choice.label, *map(str, choice.beside), choice.picked)
        for choice in response.context_data["choices"][len(Report.CONTENT) - 1 :]  # this plan has no causes
    ] == [
        ("指標「収納率（%）」の実績値", "<mark>70（見込）</mark>", "<mark>76</mark>", None),
        ("効果額 平成25年度 歳出削減（実績）の金額", "", "<mark>3千円</mark>", "theirs"),
        (f"効果額 {revenue}の金額", "<mark>-2千円</mark>", "", "theirs"),
        (f"効果額 {revenue}の算定の根拠（補足）", "<mark>見直し</mark>", "", "theirs"),
        (f"効果額 {saving}の金額", "<mark>9</mark>千円", "<mark>5</mark>千円", None),
        (f"効果額 {saving}の算定の根拠（補足）", "", "<mark>別紙</mark>", "mine"),
    ]
    assert response.text.count(f'<input type="hidden" name="actual-{indicator.pk}-value" value="76">') == 1
    picks = {f"pick_{name}": "mine" for name in Report.CONTENT} | {"_resolve": "1", "version": current.version}
    picks |= {f"pick_{choice.name}": choice.picked for choice in response.context_data["choices"] if choice.picked}
    assert client.post(url(report), mine | picks).status_code == 409  # two cells are not chosen yet
    picks |= {f"pick_actual-{indicator.pk}-value": "mine", "pick_effect-2014-saving-actual-amount": "theirs"}
    assert client.post(url(report), mine | picks).status_code == 302
    assert figures() == (
        [(Decimal(76), False, "")],
        [(2014, "revenue", "budget", -2, "見直し"), (2014, "saving", "actual", 9, "別紙")],
    )


def sign_in(client, username):
    return client.post(
        "/admin/login/?next=/admin/", {"username": username, "password": "pass"}, headers={"accept": "text/html"}
    )


@pytest.mark.parametrize("who", ["reporter", "colleague"])
def test_what_was_typed_when_the_session_ran_out_comes_back_to_that_person(who, client, cast, report):
    sign_in(client, "reporter")
    field, mark = client.get(url(report)).context_data["opened_by"]
    Session.objects.all().delete()
    data = typed(report, value="76", progress="長い文章", **{field: mark})
    answer = client.post(url(report), data)
    assert answer.url == f"/admin/login/?next={url(report)}&sent=1"
    sign_in(client, who)
    page = client.get(url(report))
    html = page.content.decode()
    assert ("長い文章</textarea>" in html) is (who == "reporter")
    assert ('value="76"' in html) is (who == "reporter")
    report.refresh_from_db()
    assert report.version == 1
    if who == "reporter":
        assert "ログインの前に入力した内容を戻しました。まだ保存していません。" in html
        assert client.post(url(report), data).status_code == 302
        assert "ログインの前に" not in client.get(url(report)).content.decode()
        report.refresh_from_db()
        assert report.progress == "長い文章"


def test_a_form_without_a_genuine_mark_is_not_kept(client, cast, report):
    client.force_login(cast.reporter)
    field, _mark = client.get(url(report)).context_data["opened_by"]
    client.logout()
    for mark in ("", "1:x", User.objects.first().pk):
        client.post(url(report), typed(report, **{field: mark}))
        assert dict(client.session) == {}


def test_a_supporting_department_adds_its_word_on_the_page(client, cast, report):
    client.force_login(cast.stranger)
    page = client.get(url(report))
    assert page.context_data["editable"] is False
    [(department, stored, form)] = page.context_data["contributions"]
    assert (department, stored, form.initial["version"]) == (cast.zeimu, None, 1)
    data = {"department": cast.zeimu.pk, "version": 1, "text": "窓口で案内した。\r\n二回。"}
    assert client.post(url(report, "contribute"), data).status_code == 302
    assert report.contributions.get().text == "窓口で案内した。\n二回。"
    late = client.post(url(report, "contribute"), data | {"text": "後から"})
    assert late.status_code == 409
    assert "後から</textarea>" in late.content.decode()
    assert "関係課の記入を保存していません。" in late.content.decode()
    assert (
        client.post(url(report, "contribute"), data | {"department": cast.zaisei.pk, "version": 2}).status_code == 403
    )
    assert client.post(url(report), typed(report, version=2)).status_code == 403
    client.force_login(cast.reporter)
    page = client.get(url(report))
    assert [line[1].text for line in page.context_data["contributions"]] == ["窓口で案内した。\n二回。"]
    assert [line[2] for line in page.context_data["contributions"]] == [None]


def test_account_and_series_are_folded_away_until_the_plan_tells_them_apart(client, cast, report):
    client.force_login(cast.reporter)
    summary = "<summary>会計と数え方（単年度・累計・継続）も登録する</summary>"
    told = "会計と数え方（単年度・累計・継続）は、分からなければ未登録のままにします。"
    html = client.get(url(report)).text
    assert (html.count(summary), told in html, html.count('name="effects-0-account"')) == (2, False, 1)
    row = ("2014", "saving", "actual", "5", "")
    page = client.post(url(report), typed(report, effects=[row]) | {"effects-0-account": "x"})
    assert page.text.count(summary) == 1  # open where something is wrong
    client.post(url(report), typed(report, effects=[row]) | {"effects-0-account": "special"})
    assert list(ReportEffect.objects.values_list("account", "series")) == [("special", "")]
    html = client.get(url(report)).text
    assert (html.count(summary), told in html, html.count('name="effects-0-account"')) == (0, True, 1)


def test_what_is_published_asks_for_nothing_any_more(client, cast, report, indicator):
    client.force_login(cast.reporter)
    assert "提出にはすべて必要です。" in client.get(url(report)).text
    published = factories.report(report.round.plan.rounds.first(), 1)
    Report.objects.filter(pk=published.pk).update(grade=report.round.plan.grades.get(code="A"), tone="on_track")
    ReportActual.objects.create(report=published, indicator=indicator, fiscal_year=2014, value=70)  # below its target
    page = client.get(url(published))
    assert page.context_data["hints"] != []
    assert [
        text for text in ("提出にはすべて必要です。", "提出はできます。", "確かめてください") if text in page.text
    ] == []

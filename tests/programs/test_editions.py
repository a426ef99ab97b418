"""Editions: copied forward, saved as a whole, frozen, and from then on changed by errata alone."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext

from core.acts import Conflict, NotAllowed, WrongState
from policies.models import Edition
from programs import editions
from programs.content import Content, IndicatorContent, Target, fingerprint
from programs.contents import content_of, save_content
from programs.errata import correct_content
from programs.frozen import FrozenEdition, SettledIndicator, correcting
from programs.models import (
    ContentErratum,
    Indicator,
    IndicatorActual,
    IndicatorTarget,
    Program,
    ProgramEdition,
    Responsibility,
    YearPlan,
)
from tests import factories
from tests.kept import kept
from tests.repository.packages import PRODUCT

PEOPLE = ("reporter", "viewer", "committee", "office", "root")
NEXT = {"key": "next", "name": "次の版", "first_fiscal_year": 2013, "last_fiscal_year": 2016, "decided": "平成24年度末"}


@kept
def original(plan):
    """The only edition, with every text: the small plan's second one is taken away."""
    ProgramEdition.objects.filter(edition__key="fy2013-revision").delete()
    plan.rounds.all().delete()
    plan.editions.filter(key="fy2013-revision").delete()
    factories.written(plan)
    return plan.editions.get()


def test_the_next_edition_says_what_the_last_one_said_for_the_years_that_it_covers(plan, original, cast):
    Program.objects.filter(number="2").update(ended_on=date(2013, 4, 1), end_reason="achieved")
    Program.objects.filter(number="3").update(ended_on=date(2013, 4, 2), end_reason="achieved")
    factories._program(plan, plan.policies.first(), 4, None).save()
    edition = editions.prepare(plan, by=cast.office, **NEXT)
    contents = {one.program.number: one for one in edition.contents.select_related("program")}
    assert sorted(contents) == ["1", "3", "4"]  # 2 ended before the first day, 4 came later
    first = contents["1"]
    assert [one.department for one in first.responsibilities.select_related("department")] == [cast.zaisei]
    assert (first.contents, first.planned_years, first.revision_reason) == (
        "税の収納率を上げる。",
        "平成23年度～平成27年度",
        "",
    )
    assert list(first.year_plans.values_list("fiscal_year", "text")) == [(2014, "実施")]
    assert list(
        IndicatorTarget.objects.filter(edition=edition).values_list(
            "indicator__program__number", "fiscal_year", "value", "text"
        )
    ) == [("1", 2014, Decimal("77.5"), "以上"), ("3", 2014, Decimal("77.5"), "以上")]
    assert (contents["4"].contents, contents["4"].responsibilities.count()) == ("", 0)
    for model, rows in ((ProgramEdition, 3), (Responsibility, 2), (YearPlan, 2), (IndicatorTarget, 2)):
        history = model.history.filter(history_change_reason="前の版から複写", history_user=cast.office)
        assert history.count() == rows, model


def test_preparing_and_saving_cost_the_same_for_3_and_60_items(cast):
    def queries(slug, programs):
        plan = factories.small_plan(slug, programs=programs)
        factories.written(plan, key="fy2013-revision")
        years = {"first_fiscal_year": 2015, "last_fiscal_year": 2016}
        with CaptureQueriesContext(connection) as prepared:
            edition = editions.prepare(plan, by=cast.office, **{**NEXT, **years})
        assert edition.contents.count() == programs
        with CaptureQueriesContext(connection) as looked_at:
            assert len(editions.missing(edition)) == 0
        with CaptureQueriesContext(connection) as frozen:
            editions.freeze(edition, by=cast.office)
        return len(prepared), len(looked_at), len(frozen)

    queries("warm", 3)
    few = queries("few", 3)
    assert queries("many", 60) == few
    assert few[1] == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"first_fiscal_year": 2011}, "first_fiscal_year"),
        ({"key": "original"}, "__all__"),
        ({"last_fiscal_year": 2012}, "__all__"),
        ({"name": ""}, "name"),
    ],
)
def test_an_edition_that_does_not_follow_is_refused_and_nothing_is_copied(change, field, plan, original, cast):
    with pytest.raises(ValidationError) as refused:
        editions.prepare(plan, by=cast.office, **{**NEXT, **change})
    assert list(refused.value.message_dict) == [field]
    assert (Edition.objects.count(), ProgramEdition.objects.count()) == (1, 3)


def test_who_may_prepare_freeze_and_correct(plan, original, cast):
    content = original.contents.first()

    def outcome(act):
        try:
            with transaction.atomic():
                act()
                transaction.set_rollback(True)
        except NotAllowed as refused:
            return str(refused)
        except WrongState:
            return "wrong state"
        return "done"

    def outcomes(act):
        return {who: outcome(lambda: act(getattr(cast, who))) for who in PEOPLE}  # noqa: B023

    def expected(message, allowed="done"):
        return {who: allowed if who in ("office", "root") else message for who in PEOPLE}

    wanted = content_of(content)
    assert outcomes(lambda by: editions.prepare(plan, by=by, **NEXT)) == expected("次の版を作る権限がありません。")
    assert outcomes(lambda by: editions.freeze(original, by=by)) == expected("版を確定する権限がありません。")
    assert outcomes(lambda by: save_content(content, wanted, by=by)) == expected("計画内容を変える権限がありません。")
    not_frozen = outcomes(lambda by: correct_content(content, "contents", "正", reason="誤字", by=by))
    assert not_frozen == expected("確定した計画内容を訂正する権限がありません。", "wrong state")
    editions.freeze(original, by=cast.office)
    assert outcomes(lambda by: editions.freeze(original, by=by))["root"] == "wrong state"
    assert outcomes(lambda by: save_content(content, wanted, by=by))["root"] == "wrong state"
    corrected = outcomes(lambda by: correct_content(content, "contents", "正", reason="誤字", by=by))
    assert corrected == expected("確定した計画内容を訂正する権限がありません。")


def test_freezing_lists_what_is_missing_unless_that_is_meant(plan, original, cast):
    first, second, third = original.contents.order_by("program__sort_key")
    ProgramEdition.objects.filter(pk=first.pk).update(contents="")
    second.responsibilities.all().delete()
    third.delete()
    Program.objects.filter(number="1").update(ended_on=None)
    with pytest.raises(editions.IncompleteEdition) as refused:
        editions.freeze(original, by=cast.office)
    assert [(one.program.number, one.lacks) for one in refused.value.missing] == [
        ("1", ("実施内容",)),
        ("2", ("推進担当課",)),
        ("3", ("計画内容",)),
    ]
    assert str(refused.value).startswith("計画内容の足りない項目が3件あります: 1 項目1の取組（実施内容）、2 ")
    assert editions.begin(original, by=cast.office) == 1
    frozen = editions.freeze(original, by=cast.office, accept_incomplete=True)
    assert (frozen.frozen_by, frozen.frozen_at is None) == (cast.office, False)
    assert Edition.history.latest().history_change_reason == "確定"


def test_an_edition_without_contents_is_not_frozen(plan, cast):
    edition = Edition.objects.create(plan=plan, key="x", name="空", first_fiscal_year=2012, last_fiscal_year=2015)
    with pytest.raises(WrongState, match="計画内容が一つもありません"):
        editions.freeze(edition, by=cast.office, accept_incomplete=True)


# Frozen


def test_no_path_but_an_erratum_changes_what_is_frozen(plan, original, cast):
    content = original.contents.select_related("program").get(program__number="1")
    indicator = Indicator.objects.get(program=content.program)
    editions.freeze(original, by=cast.office)
    before = content_of(content).flat()

    def attempt(act):
        with transaction.atomic():
            act()

    def renamed():
        indicator.name = "別の指標"
        indicator.save()

    other = plan.programs.create(policy=plan.policies.first(), number="9")
    refused = [
        content.save,
        content.delete,
        content.program.delete,
        original.contents.all().delete,
        content.responsibilities.get().delete,
        content.year_plans.all().delete,
        content.year_plans.first().save,
        indicator.delete,
        indicator.targets.first().save,
        lambda: YearPlan.objects.create(program_edition=content, fiscal_year=2012, text="x"),
        lambda: Responsibility.objects.create(program_edition=content, department=cast.zeimu, order=2),
        lambda: IndicatorTarget.objects.create(indicator=indicator, edition=original, fiscal_year=2012, value=1),
        lambda: ProgramEdition.objects.create(program=other, edition=original),
        lambda: editions.begin(original, by=cast.root, programs=[other]),
    ]
    for act in refused:
        with pytest.raises(FrozenEdition, match=r"^「当初」は確定しているため、計画内容を変えられません。誤りは、"):
            attempt(act)
    with pytest.raises(SettledIndicator):
        attempt(renamed)
    with pytest.raises(ProtectedError):
        attempt(original.delete)
    assert content_of(content).flat() == before
    # A row does not leave a frozen edition either.
    open_edition = Edition.objects.create(plan=plan, key="x", name="x", first_fiscal_year=2014, last_fiscal_year=2015)
    content.edition = open_edition
    with pytest.raises(FrozenEdition):
        attempt(content.save)


def _marked(row):
    """The row with every stray attribute that could be taken for a permission."""
    for name in ("_is_erratum", "is_erratum", "_correcting", "_corrected", "_raw", "raw", "_skip_guard"):
        setattr(row, name, True)
    return row


def test_no_attribute_of_a_row_switches_the_guard_off(plan, original, cast):
    content = original.contents.get(program__number="1")
    editions.freeze(original, by=cast.office)
    before = content_of(content).flat()
    content.contents = "別の文"
    indicator = Indicator.objects.get(program=content.program)
    indicator.name = "別の指標"
    rows = [content, content.responsibilities.get(), content.year_plans.first(), indicator.targets.first()]
    for row in rows:
        for act in (_marked(row).save, row.delete):
            with pytest.raises(FrozenEdition), transaction.atomic():
                act()
    with pytest.raises(SettledIndicator), transaction.atomic():
        _marked(indicator).save()
    assert content_of(original.contents.get(pk=content.pk)).flat() == before


def test_correcting_opens_one_edition_and_one_item_and_closes_again(plan, original, cast):
    content, other = original.contents.filter(program__number__in="12").order_by("program__sort_key")
    editions.freeze(original, by=cast.office)
    later = Edition.objects.create(plan=plan, key="x", name="x", first_fiscal_year=2014, last_fiscal_year=2015)
    of_later = ProgramEdition.objects.create(edition=later, program=content.program)
    editions.freeze(later, by=cast.office, accept_incomplete=True)
    indicator = Indicator.objects.create(program=other.program, number=9, name="件数", unit="件")
    IndicatorTarget.objects.bulk_create(
        [IndicatorTarget(indicator=indicator, edition=original, fiscal_year=2012, value=1)]
    )
    indicator.name = "別の指標"
    with correcting(content):
        content.save()
        with pytest.raises(FrozenEdition, match="「x」"), transaction.atomic():
            of_later.save()
        with pytest.raises(SettledIndicator), transaction.atomic():
            indicator.save()
    with pytest.raises(RuntimeError, match="broken"), correcting(content):
        raise RuntimeError("broken")
    with pytest.raises(FrozenEdition, match="「当初」"), transaction.atomic():
        content.save()


def test_only_errata_and_late_knowledge_write_to_a_frozen_edition():
    users = [path for path in PRODUCT if re.search(r"\bcorrecting\(", path.read_text())]
    assert ["/".join(path.parts[-2:]) for path in users] == [
        *("programs/errata.py", "programs/frozen.py", "programs/late.py")
    ]


@pytest.mark.parametrize(
    ("field", "new", "label", "old", "stored"),
    [
        ("contents", " 新しい文 ", "実施内容", "税の収納率を上げる。", "新しい文"),
        ("planned_years", "", "実施予定年度", "平成23年度～平成27年度", ""),
        ("year_plans:2014", "試行", "年度計画 平成26年度（2014年度）", "実施", "試行"),
        ("year_plans:2012", "検討", "年度計画 平成24年度（2012年度）", "", "検討"),
        ("year_plans:2011", "", "年度計画 平成23年度（2011年度）", "検討", ""),
        ("departments", "zeimu、ｚaisei", "推進担当課", "財政課", "税務課、財政課"),
        ("targets:1:2014:value", "７８．５", "成果指標1 目標値 平成26年度（2014年度）", "77.5", "78.5"),
        ("targets:1:2012:text", "増加", "成果指標1 目標の言葉 平成24年度（2012年度）", "", "増加"),
        ("indicators:1:unit", "パーセント", "成果指標1 単位", "%", "パーセント"),
        ("indicators:1:better", "減るとよい", "成果指標1 よい方向", "増えるとよい", "減るとよい"),
    ],
)
def test_an_erratum_keeps_both_values_the_reason_and_the_day(field, new, label, old, stored, plan, original, cast):
    editions.freeze(original, by=cast.office)
    content = original.contents.get(program__number="1")
    made = correct_content(content, field, new, reason=" 入力の誤り ", by=cast.office, corrected_on=date(2014, 10, 31))
    kept = ContentErratum.objects.get()
    assert (kept, kept.program_edition, kept.plan, kept.field, kept.label) == (made, content, plan, field, label)
    assert (kept.old, kept.new, kept.reason) == (old, stored, "入力の誤り")
    assert (kept.corrected_on, kept.corrected_by) == (date(2014, 10, 31), cast.office)
    assert ContentErratum.history.get().history_user == cast.office
    model = {
        "contents": ProgramEdition, "planned_years": ProgramEdition, "year_plans": YearPlan,
        "departments": Responsibility, "targets": IndicatorTarget, "indicators": Indicator,
    }[field.partition(":")[0]]  # fmt: skip
    assert model.history.filter(history_change_reason="訂正", history_user=cast.office).exists()


@pytest.mark.parametrize(
    ("field", "new", "reason", "on", "where"),
    [
        ("contents", "正", " \u3000", None, "reason"),
        ("contents", "税の収納率を上げる。", "誤字", None, "new"),
        ("contents", "あ" * 4001, "誤字", None, "new"),
        ("year_plans:2016", "検討", "誤字", None, "field"),
        ("edition", "1", "誤字", None, "field"),
        ("departments", "zaisei、nix", "誤字", None, "new"),
        ("departments", "zaisei、zaisei", "誤字", None, "new"),
        ("targets:1:2014:value", "約百", "誤字", None, "new"),
        ("indicators:1:name", "", "誤字", None, "new"),
        ("contents", "正", "誤字", date(2999, 1, 1), "corrected_on"),
    ],
)
def test_a_wrong_erratum_writes_nothing(field, new, reason, on, where, plan, original, cast):
    editions.freeze(original, by=cast.office)
    content = original.contents.get(program__number="1")
    before, rows = content_of(content).flat(), ProgramEdition.history.count()
    with pytest.raises(ValidationError) as refused:
        correct_content(content, field, new, reason=reason, by=cast.office, corrected_on=on)
    assert list(refused.value.message_dict) == [where]
    assert content_of(content).flat() == before
    assert (ContentErratum.objects.count(), ProgramEdition.history.count()) == (0, rows)


# One content as a whole


def test_a_content_is_saved_as_a_whole_with_history_of_what_changed(plan, original, cast):
    content = original.contents.get(program__number="1")
    stored = content_of(content)
    [key] = stored.indicators
    wanted = Content(
        texts={**stored.texts, "contents": "新しい文"},
        departments=(cast.zeimu.pk, cast.zaisei.pk),
        year_plans={2011: "検討", 2012: "試行"},
        indicators={
            key: stored.indicators[key],
            "n1": IndicatorContent(name="件数", unit="件", better="down", targets={2015: Target(Decimal(3))}),
        },
    )
    save_content(content, wanted, by=cast.office, seen=fingerprint(stored.flat()))
    content.refresh_from_db()
    now = content_of(content)
    assert (now.texts["contents"], now.departments, now.year_plans) == (
        "新しい文",
        (cast.zeimu.pk, cast.zaisei.pk),
        {2011: "検討", 2012: "試行"},
    )
    assert [(one.number, one.name, one.targets) for one in now.indicators.values()] == [
        (1, "収納率", {2011: Target(Decimal(70), "以上"), 2014: Target(Decimal("77.5"), "以上")}),
        (2, "件数", {2015: Target(Decimal(3))}),
    ]
    last = ProgramEdition.history.latest()
    assert (last.history_user, last.history_change_reason) == (
        cast.office,
        "保存（実施内容、推進担当課、年度計画、成果指標）",
    )
    plans = YearPlan.history.filter(history_change_reason="保存")
    assert sorted(plans.values_list("history_type", "fiscal_year")) == [("+", 2012), ("-", 2014)]
    rows = ProgramEdition.history.count()
    save_content(content, now, by=cast.office)
    assert ProgramEdition.history.count() == rows  # nothing changed, nothing was written


def test_the_second_of_two_gets_a_conflict(plan, original, cast):
    content = original.contents.get(program__number="1")
    stored = content_of(content)
    target = IndicatorTarget.objects.filter(edition=original, indicator__program__number="1").first()
    target.value = Decimal("71")
    target.save()
    with pytest.raises(Conflict) as refused:
        save_content(content, stored, by=cast.office, seen=fingerprint(stored.flat()))
    assert str(refused.value).startswith("この計画内容は、あなたが開いたあとに別の人が更新しました。")
    target.refresh_from_db()
    assert target.value == 71


def test_an_indicator_that_is_left_out_leaves_the_edition_and_goes_when_nothing_else_uses_it(plan, original, cast):
    first, second = original.contents.filter(program__number__in="12").order_by("program__sort_key")
    IndicatorActual.objects.create(indicator=Indicator.objects.get(program=first.program), fiscal_year=2012, value=1)
    for content in (first, second):
        save_content(content, Content(texts=content_of(content).texts), by=cast.office)
    assert not IndicatorTarget.objects.filter(indicator__program__number__in="12").exists()
    assert list(Indicator.objects.filter(program__number__in="12").values_list("program__number", flat=True)) == ["1"]


def test_a_content_that_makes_no_sense_is_refused_by_field(plan, original, cast):
    content = original.contents.get(program__number="1")
    [key] = content_of(content).indicators
    wanted = Content(
        texts={"contents": "あ" * 4001},
        departments=(cast.zaisei.pk, cast.zaisei.pk, 0),
        year_plans={2016: "検討", 2012: "あ" * 501},
        indicators={
            key: IndicatorContent(pk=int(key[1:]), targets={2010: Target(Decimal(1))}),
            "n1": IndicatorContent(name="件数", targets={2011: Target(Decimal("1.23456"))}),
        },
    )
    with pytest.raises(ValidationError) as refused:
        save_content(content, wanted, by=cast.office)
    assert sorted(refused.value.message_dict) == sorted(
        [
            *("contents", "department_2", "department_3", "year_2012", "year_2016"),
            *(f"{key}-name", f"{key}-value_2010", "n1-value_2011"),
        ]
    )
    assert refused.value.message_dict["year_2016"] == [
        "平成28年度（2016年度）は「当初」の期間（平成23年度（2011年度）から平成27年度（2015年度）まで）にありません。"
    ]
    assert content_of(content).texts["contents"] == "税の収納率を上げる。"


def test_an_indicator_of_a_frozen_edition_is_not_renamed_by_the_next_one(plan, original, cast):
    editions.freeze(original, by=cast.office)
    edition = editions.prepare(plan, by=cast.office, **NEXT)
    content = edition.contents.get(program__number="1")
    stored = content_of(content)
    [(key, indicator)] = stored.indicators.items()
    wanted = Content(stored.texts, stored.departments, stored.year_plans, {key: IndicatorContent(
        pk=indicator.pk, name="別の名", unit="%", baseline=indicator.baseline, targets=indicator.targets,
    )})  # fmt: skip
    with pytest.raises(SettledIndicator, match="新しい指標を加え"):
        save_content(content, wanted, by=cast.office)
    assert Indicator.objects.get(pk=indicator.pk).name == "収納率"

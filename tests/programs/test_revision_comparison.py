"""The pure comparison of two editions of one item."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from programs.content import Content, IndicatorContent, IndicatorKey, Owner, Target
from programs.differences import (
    Aspect,
    IndicatorKind,
    Presence,
    TextChange,
    YearChange,
    common_years,
    compare,
)

ZAISEI, ZEIMU, KOHO = Owner("zaisei", "財政課"), Owner("zeimu", "税務課"), Owner("koho", "広報課")
RATE, COUNT = IndicatorKey(1, "収納率", "%"), IndicatorKey(2, "説明会", "回")
YEARS = range(2014, 2016)


def content(contents="", planned_years="", expected_effect="", reason="", owners=(), year_plans=None, targets=None):
    """What an edition says; `targets` by indicator and year."""
    return Content(
        texts={
            "contents": contents,
            "planned_years": planned_years,
            "expected_effect": expected_effect,
            "revision_reason": reason,
        },
        owners=tuple(owners),
        year_plans=year_plans or {},
        indicators={
            f"i{key.number}": IndicatorContent(key.number, **key._asdict(), targets=of_years)
            for key, of_years in (targets or {}).items()
        },
    )


def wording(**changes):
    """Contents with everything in them."""
    everything = {
        "contents": "説明会を開く。",
        "planned_years": "平成23年度～平成27年度",
        "expected_effect": "収納率が上がる。",
        "owners": [ZAISEI, ZEIMU],
        "year_plans": {2011: "検討", 2013: "試行", 2014: "実施", 2015: "→"},
        "targets": {
            RATE: {2013: Target(Decimal("76")), 2014: Target(Decimal("77")), 2015: Target(Decimal("77.5"), "以上")}
        },
    }
    return content(**everything | changes)


SAME = [
    {},
    {"contents": " 説明会を開く。\n"},
    {"planned_years": "平成23年度～平成27年度　"},
    {"owners": [ZEIMU, ZAISEI]},
    {"owners": [Owner("zaisei", "財政課（旧）"), ZEIMU]},
    {"year_plans": {2014: " 実施", 2015: "→"}},  # years before the common ones don't count
    {"year_plans": {2011: "別の計画", 2014: "実施", 2015: "→", 2016: "継続"}},
    {"targets": {RATE: {2014: Target(Decimal("77.00")), 2015: Target(Decimal("77.5"), " 以上 ")}}},
    {
        "targets": {
            RATE: {2014: Target(Decimal("77")), 2015: Target(Decimal("77.5"), "以上"), 2016: Target(Decimal("80"))}
        }
    },
    {"reason": "理由だけを書いた。"},
]


@pytest.mark.parametrize("changes", SAME)
def test_what_is_no_revision(changes):
    found = compare(wording(), wording(**changes), YEARS)
    assert (found.presence, found.aspects, found.is_revised) == (Presence.BOTH, (), False)


CHANGED = [
    ({"contents": "説明会を年2回開く。"}, "contents"),
    ({"contents": ""}, "contents"),
    ({"planned_years": "平成24年度～平成27年度"}, "planned_years"),
    ({"expected_effect": "収納率が下がる。"}, "expected_effect"),
    ({"owners": [ZAISEI]}, "departments"),
    ({"owners": [ZAISEI, ZEIMU, KOHO]}, "departments"),
    ({"owners": []}, "departments"),
    ({"year_plans": {2011: "検討", 2013: "試行", 2014: "試行", 2015: "→"}}, "year_plans"),
    ({"year_plans": {2014: "実施"}}, "year_plans"),
    ({"targets": {}}, "indicators"),
    ({"targets": {RATE: {2014: Target(Decimal("77.1")), 2015: Target(Decimal("77.5"), "以上")}}}, "indicators"),
    ({"targets": {RATE: {2014: Target(Decimal("77")), 2015: Target(Decimal("77.5"), "程度")}}}, "indicators"),
    ({"targets": {RATE: {2014: Target(Decimal("77"))}}}, "indicators"),
    ({"targets": {RATE: {2014: Target(None, "増加"), 2015: Target(Decimal("77.5"), "以上")}}}, "indicators"),
]


@pytest.mark.parametrize(("changes", "aspect"), CHANGED)
def test_one_change_is_one_aspect_both_ways(changes, aspect):
    assert compare(wording(), wording(**changes), YEARS).aspects == (aspect,)
    backwards = compare(wording(**changes), wording(), YEARS).aspects
    assert backwards[0] == aspect
    assert set(backwards) <= {aspect, Aspect.INDICATORS_NEW}


def test_departments_are_told_in_their_order():
    found = compare(wording(), wording(owners=[KOHO, ZEIMU, Owner("sogo", "総合窓口")]), YEARS)
    assert (found.owners_added, found.owners_removed) == ((KOHO, Owner("sogo", "総合窓口")), (ZAISEI,))


def test_a_department_that_was_renamed_twice_or_merged_goes_on_under_its_new_name():
    old = replace(
        wording(owners=[Owner("zaisei", "財政課", (7, 8)), Owner("zeimu", "税務課", (8,)), KOHO]), departments=(1, 2, 3)
    )
    new = replace(wording(owners=[Owner("sogo", "総合窓口"), KOHO]), departments=(8, 3))
    assert compare(old, new, YEARS).aspects == ()
    other = replace(new, departments=(9, 3))
    found = compare(old, other, YEARS)
    assert (len(found.owners_added), len(found.owners_removed), found.aspects) == (1, 2, (Aspect.DEPARTMENTS,))


def test_indicators_newly_set_dropped_and_changed():
    old = wording(targets={RATE: {2012: Target(Decimal(70)), 2014: Target(Decimal(77))}})
    new = wording(targets={COUNT: {2013: Target(Decimal(2)), 2014: Target(Decimal(3))}})
    found = compare(old, new, YEARS)
    assert found.aspects == (Aspect.INDICATORS, Aspect.INDICATORS_NEW)
    dropped, added = found.indicators
    assert dropped == (RATE, IndicatorKind.DROPPED, ((2014, Target(Decimal(77)), None),))
    assert added == (COUNT, IndicatorKind.NEW, ((2013, None, Target(Decimal(2))), (2014, None, Target(Decimal(3)))))
    changed = compare(old, wording(targets={RATE: {2014: Target(Decimal(77), "以上")}}), YEARS)
    assert changed.aspects == (Aspect.INDICATORS,)
    assert changed.indicators == (
        (RATE, IndicatorKind.CHANGED, ((2014, Target(Decimal(77)), Target(Decimal(77), "以上")),)),
    )


def test_indicator_that_ended_before_the_common_years_was_not_dropped():
    old = wording(targets={COUNT: {2011: Target(Decimal(1)), 2013: Target(Decimal(2))}})
    assert compare(old, wording(targets={}), YEARS).aspects == ()
    # It had targets, so taking it up again in the common years is a change and not newly set.
    again = compare(old, wording(targets={COUNT: {2014: Target(Decimal(3))}}), YEARS)
    assert again.aspects == (Aspect.INDICATORS,)


def test_all_aspects_at_once_stand_in_the_order_of_the_table():
    new = content(
        "新", "新", "新", owners=[KOHO], year_plans={2014: "新"}, targets={COUNT: {2014: Target(None, "増加")}}
    )
    found = compare(wording(), new, YEARS)
    assert found.aspects == tuple(Aspect)
    assert found.texts[Aspect.CONTENTS] == TextChange("説明会を開く。", "新")
    assert found.year_plans == (YearChange(2014, "実施", "新"), YearChange(2015, "→", ""))
    assert [tuple(part) for part in found.year_plans[1].segments] == [("removed", "→")]


def test_item_in_one_edition_only_is_said_and_not_counted():
    found = [compare(old, new, YEARS) for old, new in ((None, wording()), (wording(), None), (None, None))]
    assert [each.presence for each in found] == ["only_new", "only_old", "neither"]
    assert [each.aspects for each in found] == [(), (), ()]


def test_years_that_two_editions_share():
    assert list(common_years(range(2011, 2016), range(2014, 2016))) == [2014, 2015]
    assert list(common_years(range(2011, 2014), range(2014, 2019))) == []
    assert list(common_years(range(2014, 2019), range(2011, 2016))) == [2014, 2015]
    # Without a common year neither year plans nor targets can differ.
    assert compare(wording(), wording(year_plans={}, targets={}), range(0)).aspects == ()


TEXT = st.sampled_from(["", "検討", "試行", " 試行"])
TARGETS = st.dictionaries(
    st.sampled_from([RATE, COUNT]),
    st.dictionaries(
        st.sampled_from([2013, 2014, 2015]),
        st.builds(
            Target, st.sampled_from([None, Decimal(1), Decimal("1.0"), Decimal(2)]), st.sampled_from(["以上", "増加"])
        ),
        min_size=1,
    ),
)
WORDINGS = st.builds(
    content,
    contents=TEXT,
    planned_years=TEXT,
    expected_effect=TEXT,
    owners=st.lists(st.sampled_from([ZAISEI, ZEIMU, KOHO]), unique=True),
    year_plans=st.dictionaries(st.sampled_from([2011, 2014, 2015]), TEXT),
    targets=TARGETS,
)


@settings(max_examples=80, deadline=None)
@given(WORDINGS, WORDINGS)
def test_direction_changes_what_is_said_but_not_what_differs(one, other):
    there, back = compare(one, other, YEARS), compare(other, one, YEARS)
    singles = set(Aspect) - {Aspect.INDICATORS, Aspect.INDICATORS_NEW}
    assert set(there.aspects) & singles == set(back.aspects) & singles
    assert there.owners_added == back.owners_removed
    assert (Aspect.INDICATORS_NEW in there.aspects) <= (Aspect.INDICATORS in there.aspects)
    assert compare(one, one, YEARS).aspects == ()
    for change in (*there.texts.values(), *there.year_plans):
        assert "".join(text for op, text in change.segments if op != "added") == change.old
        assert "".join(text for op, text in change.segments if op != "removed") == change.new


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("平成23年度～平成27年度", "平成23年度〜平成27年度"),
        ("ガイドを作る。", "カ\u3099イト\u3099を作る。"),
        ("１，２００件（年間）", "1,200件(年間)"),
        ("ｶﾞｲﾄﾞを配る。", "ガイドを配る。"),
        ("説明会を\u200b開く。", "説明会を開く。"),
        ("葛\U000e0100城市と連携する。", "葛城市と連携する。"),
        (" 説明会を開く。", "説明会を開く。\n"),
    ],
)
def test_what_no_reader_can_see_is_no_revision(old, new):
    before = wording(contents=old, year_plans={2014: old}, targets={RATE: {2014: Target(None, old)}})
    after = wording(contents=new, year_plans={2014: new}, targets={RATE: {2014: Target(None, new)}})
    assert compare(before, after, YEARS).aspects == ()


@pytest.mark.parametrize(
    ("old", "new"), [("①説明会", "1説明会"), ("㈱見本", "(株)見本"), ("全課", "各課"), ("A案", "a案")]
)
def test_what_a_reader_can_see_is_one(old, new):
    assert compare(wording(contents=old), wording(contents=new), YEARS).texts == {Aspect.CONTENTS: TextChange(old, new)}

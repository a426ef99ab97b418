"""A plan that has a row in every sheet of the plan workbook."""

import datetime

NAIVE = datetime.datetime(2014, 11, 20, 10, 30, 5)  # noqa: DTZ001 - Excel's dates have no zone
SEPTEMBER, MARCH = datetime.date(2014, 9, 30), datetime.date(2015, 3, 31)


FRAMEWORK = (
    '{"edition": {"departments": [], "first_fiscal_year": 2013, "key": "original", "name": "当初"}, "grades": [], '
    '"policies": [{"direction_name": "", "direction_number": null, "name": "財政の健全化", "number": 1}]}'
)


def full():
    """A small plan that has rows in every sheet: sheet → rows as dictionaries."""
    done = {"submitted_at": NAIVE, "approved_at": NAIVE, "published_at": NAIVE, "state": "published"}
    frozen = {
        "number_is_provisional": False,
        "direction_number": None,
        "policy_number": 1,
        "policy_name": "財政の健全化",
        "edition_key": "original",
    }
    return {
        "plan": [
            {
                "slug": "midori",
                "city": "みどり市",
                "name": "みどり改革プラン",
                "first_fiscal_year": 2013,
                "last_fiscal_year": 2017,
                "is_fictional": True,
                "policy_word": "重点改革項目",
                "edition_word": "年度版",
                "office_word": "行政経営室",
                "money_unit": "百万円",
                "source": "S1",
            }
        ],
        "sources": [
            {"key": "S1", "title": "計画書", "date": datetime.date(2013, 3, 1)},
            {"key": "S2", "title": "=資料", "publisher": "@市"},
        ],
        "axes": [
            {"key": "main", "name": "実施状況", "order": 1, "judge": "department"},
            {"key": "outcome", "name": "=達成度", "order": 2, "judge": "committee", "definition": "目標に届いたか"},
        ],
        "grades": [
            {"code": code, "label": label, "order": order, "tone": tone}
            for order, (code, label, tone) in enumerate(
                [
                    ("◎", "達成", "ahead"),
                    ("A", "順調", "on_track"),
                    ("B", "遅れ", "behind"),
                    ("－", "対象外", "excluded"),
                ],
                1,
            )
        ]
        + [
            {"axis": "outcome", "code": "A", "label": "届いた", "order": 1, "tone": "done"},
            {"axis": "outcome", "code": "－", "label": "対象外", "order": 2, "tone": "excluded"},
        ],
        "scales": [
            {"starts_on": MARCH, "name": "新しい基準", "note": "厳しくした。", "source": "S2"},
            {"axis": "outcome", "starts_on": MARCH, "note": "目標を変えた。"},
        ],
        "delay_causes": [{"name": "予算", "order": 1}, {"name": "=その他", "order": 2}],
        "editions": [
            {
                "key": "original",
                "name": "当初",
                "first_fiscal_year": 2013,
                "last_fiscal_year": 2017,
                "frozen_at": NAIVE,
            },
            {"key": "r1", "name": "改訂版", "first_fiscal_year": 2015, "last_fiscal_year": 2017},
        ],
        "viewpoints": [{"order": 1, "kind": "goal", "name": "視点"}],
        "directions": [{"number": 1, "name": "方向性"}],
        "policies": [
            {"number": 1, "name": "財政の健全化"},
            {"number": 2, "name": "市民との協働", "direction": 1, "summary": "一行目\n二行目"},
        ],
        "departments": [
            {"code": "old", "name": "旧課", "valid_to": MARCH, "successor": "zaisei", "order": 12},
            {"code": "zaisei", "name": "財政課"},
            {"code": "kyodo", "name": "協働課", "order": 1},
        ],
        "programs": [
            {"number": "2", "policy": 1, "name": "+補助金の見直し", "number_is_provisional": True},
            {"number": "10", "policy": 2, "name": "", "relisted_in": "1"},
            {
                "number": "R1-1",
                "policy": 2,
                "name": "統合した項目",
                "added_on": SEPTEMBER,
                "ended_on": MARCH,
                "end_reason": "merged",
                "merged_into": "2",
            },
        ],
        "program_editions": [
            {"program": "2", "edition": "original", "contents": "調べる。\n\n見直す。", "departments": "kyodo;old"},
            {
                "program": "2",
                "edition": "r1",
                "contents": "見直す。",
                "departments": "zaisei",
                "revision_reason": "遅れ",
            },
            {"program": "10", "edition": "original"},
        ],
        "year_plans": [
            {"program": "2", "edition": "original", "fiscal_year": 2013, "text": "検討"},
            {"program": "2", "edition": "original", "fiscal_year": 2014, "text": "→"},
            {"program": "2", "edition": "r1", "fiscal_year": 2015, "text": "実施"},
        ],
        "indicators": [
            {"program": "2", "number": 1, "name": "徴収率", "unit": "%", "baseline": 68.1, "better": "up"},
            {"program": "2", "number": 2, "name": "補助金", "unit": "千円", "better": "down", "baseline": None},
        ],
        "indicator_targets": [
            {"program": "2", "indicator": 1, "edition": "original", "fiscal_year": 2014, "value": 77, "text": "以上"},
            {"program": "2", "indicator": 1, "edition": "r1", "fiscal_year": 2015, "value": "12345678901.5678"},
        ],
        "indicator_actuals": [
            {"program": "2", "indicator": 1, "fiscal_year": 2014, "value": 76.1, "is_forecast": True, "note": "見込"}
        ],
        "plan_indicators": [
            {
                "number": 1,
                "name": "経常収支比率",
                "unit": "%",
                "better": "down",
                "baseline": 92.5,
                "baseline_fiscal_year": 2011,
                "baseline_note": "決算",
                "published_at": NAIVE,
                "source": "S1",
            },
            {"number": 2, "name": "=職員数", "unit": "人", "better": "down", "policy": 1},
        ],
        "plan_indicator_targets": [
            {
                "indicator": 1,
                "edition": "original",
                "fiscal_year": 2014,
                "value": 90,
                "text": "以下",
                "note": "一般会計",
                "published_at": NAIVE,
            },
            {"indicator": 1, "edition": "r1", "fiscal_year": 2015, "value": "89.1234"},
            {"indicator": 2, "edition": "original", "fiscal_year": 2014, "text": "減少"},
        ],
        "plan_indicator_actuals": [
            {"indicator": 1, "fiscal_year": 2013, "is_forecast": True, "value": 92, "published_at": NAIVE},
            {"indicator": 1, "fiscal_year": 2013, "value": 91.2, "published_at": NAIVE, "source": "S2"},
            {"indicator": 1, "fiscal_year": 2014, "value": None, "note": "集計中"},
        ],
        "rounds": [
            {
                "as_of": SEPTEMBER,
                "edition": "original",
                "state": "published",
                "published_at": NAIVE,
                "framework": FRAMEWORK,
            },
            {"as_of": MARCH, "edition": "original", "state": "open", "opens_on": MARCH},
            {"as_of": datetime.date(2015, 9, 30), "edition": "r1"},
        ],
        "reports": [
            {
                "as_of": SEPTEMBER,
                "program": "2",
                "grade": "B",
                "progress": "遅れた。",
                "delay_cause": "=その他",
                "delay_reason": "調整",
                "remedy": "協議",
                "recovery_on": MARCH,
                **done,
            },
            {"as_of": SEPTEMBER, "program": "10", "state": "draft"},
            {"as_of": MARCH, "program": "2", "state": "returned", "return_reason": "数字がない", "grade": "A"},
            {
                "as_of": MARCH,
                "program": "10",
                "state": "approved",
                "grade": "◎",
                "progress": "終えた。",
                "submitted_at": NAIVE,
                "approved_at": NAIVE,
            },
        ],
        "report_actuals": [{"as_of": SEPTEMBER, "program": "2", "indicator": 1, "fiscal_year": 2014, "value": 76.1}],
        "report_effects": [
            {"as_of": SEPTEMBER, "program": "2", "fiscal_year": 2014, "kind": "saving", "basis": "actual", "amount": -5}
        ],
        "judgements": [
            {"as_of": SEPTEMBER, "program": "2", "axis": "outcome", "grade": "A"},
            {"as_of": MARCH, "program": "10", "axis": "outcome", "grade": "－"},
        ],
        "contributions": [{"as_of": SEPTEMBER, "program": "2", "department": "old", "text": "協力した。"}],
        "published_reports": [
            {
                "as_of": SEPTEMBER,
                "program": "2",
                "number": "2",
                "name": "+補助金の見直し",
                "grade_code": "B",
                "grade_label": "遅れ",
                "grade_order": 3,
                "tone": "behind",
                "recovery_on": MARCH,
                "progress": "遅れた。",
                "delay_cause": "=その他",
                "departments": '[{"code": "kyodo", "name": "協働課"}, {"code": "old", "name": "旧課"}]',
                **frozen,
            },
            {"as_of": SEPTEMBER, "program": "10", "number": "10", "departments": "[]", **frozen},
        ],
        "published_judgements": [
            {
                "as_of": SEPTEMBER,
                "program": "2",
                "axis": "outcome",
                "axis_name": "達成の度合い",
                "axis_order": 2,
                "grade_code": "A",
                "grade_label": "届いた",
                "grade_order": 1,
                "tone": "done",
            }
        ],
        "effects": [
            {"program": "2", "fiscal_year": 2014, "kind": "saving", "basis": "actual", "amount": -5, "source": "S2"},
            {
                "program": "2",
                "fiscal_year": 2014,
                "kind": "saving",
                "basis": "planned",
                "account": "special",
                "series": "cumulative",
                "amount": 1234.567,
            },
        ],
        "revisions": [{"to_edition": "r1", "from_edition": "original", "decided_on": MARCH, "purpose": "趣旨"}],
        "revision_marks": [{"revision": "r1", "program": "2", "aspect": "departments", "note": "○"}],
        "key_programs": [{"program": "10", "fiscal_year": 2014, "note": "重点"}],
        "meetings": [{"held_on": SEPTEMBER, "title": "第1回", "documents": "S1;S2"}],
        "opinions": [
            {
                "key": "2014-1",
                "meeting": SEPTEMBER,
                "program": "2",
                "given_on": SEPTEMBER,
                "text": "早く。",
                "disposition": "adopted",
                "answer": "進める。",
                "answered_on": MARCH,
            },
            {"key": "2014-2", "policy": 2, "given_on": SEPTEMBER, "text": "-1,000円では？"},
        ],
        "published_figures": [
            {
                "key": "items",
                "measure": "item_count",
                "label": "項目数",
                "printed": "約3項目",
                "value": 3,
                "unit": "項目",
                "is_approximate": True,
                "source": "S1",
                "locator": "1ページ",
            },
            {
                "key": "a-later",
                "measure": "other",
                "label": "正しい項目数",
                "printed": "3",
                "value": 3,
                "unit": "項目",
                "source": "S1",
                "locator": "2ページ",
                "supersedes": "items",
            },
        ],
        "positions": [
            {"order": 1, "layer": "計画", "name": "総合計画", "first_fiscal_year": 2011, "last_fiscal_year": 2020}
        ],
        "lineage": [
            {
                "key": "before",
                "order": 1,
                "name": "前の計画",
                "last_fiscal_year": 2012,
                "item_count": 40,
                "sources": "S1; S2",
            },
            {"key": "midori", "order": 2, "name": "みどり改革プラン", "summary": "=いまの計画"},
        ],
        "lineage_figures": [
            {
                "key": "before.all",
                "lineage": "before",
                "as_of": datetime.date(2013, 3, 31),
                "value": 40,
                "source": "S1",
            },
            {
                "key": "before.1",
                "lineage": "before",
                "as_of": datetime.date(2013, 3, 31),
                "policy_number": 1,
                "policy_name": "財政の健全化",
                "grade_order": 1,
                "grade_label": "達成",
                "tone": "on_track",
                "value": 0,
            },
        ],
        "lineage_notes": [
            {"key": "before.1", "lineage": "before", "kind": "committee", "text": "-市民も加わった。", "source": "S2"}
        ],
        "errata": [
            {
                "number": 1,
                "program": "2",
                "as_of": SEPTEMBER,
                "corrected_on": MARCH,
                "field": "progress",
                "label": "取組状況",
                "old": "遅れた。",
                "new": "少し遅れた。",
                "reason": "誤記",
            }
        ],
        "content_errata": [
            {
                "number": 1,
                "program": "2",
                "edition": "original",
                "corrected_on": MARCH,
                "field": "contents",
                "label": "実施内容",
                "old": "",
                "new": "調べる。",
                "reason": "もれ",
            }
        ],
        "plan_indicator_errata": [
            {
                "number": 1,
                "indicator": 1,
                "corrected_on": MARCH,
                "field": "actuals:2013:value",
                "label": "実績 平成25年度（2013年度） 実績値",
                "old": "91.3",
                "new": "91.2",
                "reason": "集計の誤り",
            }
        ],
        "late_contents": [
            {
                "number": 1,
                "program": "2",
                "edition": "original",
                "learned_on": MARCH,
                "fields": "実施内容",
                "reason": "計画書が見つかった",
                "source": "S1",
            }
        ],
        "settlements": [
            {
                "number": 1,
                "program": "2",
                "fiscal_year": 2014,
                "kind": "saving",
                "value": -5,
                "before": -7,
                "before_basis": "forecast",
                "settled_on": MARCH,
                "source": "S2",
                "note": "決算書",
            },
            {
                "number": 2,
                "program": "2",
                "indicator": 1,
                "fiscal_year": 2014,
                "value": 12.5,
                "settled_on": MARCH,
                "source": "S2",
            },
        ],
        "redactions": [
            {
                "number": 1,
                "program": "2",
                "as_of": SEPTEMBER,
                "place": "公表した報告",
                "fields": "取組状況",
                "count": 1,
                "is_public": True,
                "is_frozen": True,
                "reason": "氏名が載っていた",
                "redacted_at": NAIVE,
            }
        ],
    }

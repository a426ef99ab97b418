"""The small plan of full_plan.py with something in every column: what was typed there comes back, whatever it is."""

from datetime import date

from tests.workbooks.plan import full_plan
from workbooks.plan.sheets import SHEETS

NAIVE, SEPTEMBER, MARCH = full_plan.NAIVE, full_plan.SEPTEMBER, full_plan.MARCH
# Sheet → place of a row → what else stands in it.
_MORE = {
    "plan": {
        0: {
            "city_code": "132110",
            "program_name": "改革の取組",
            "summary": "計画の趣旨。",
            "original_last_fiscal_year": 2016,
            "rule_name": "要綱",
            "rule_first_fiscal_year": 2012,
            "rule_last_fiscal_year": 2018,
            "committee_name": "推進委員会",
            "committee_experts": 3,
            "committee_citizens": 2,
            "committee_source": "S2",
            "withdrawn": "別の市の計画だったため。",
            "program_word": "取組項目",
            "department_word": "所管部署",
            "indicator_word": "活動指標",
            "direction_word": "柱",
        }
    },
    "sources": {
        0: {"updated": MARCH, "url": "https://example.com/plan", "note": "=写し", "public_at": NAIVE},
        1: {"withdrawn": "別の計画の資料"},
    },
    "grades": {0: {"source": "S1", "definition": "目標を超えた", "note": "＠注"}},
    "editions": {0: {"source": "S1", "decided": "平成25年3月"}},
    "viewpoints": {0: {"source": "S1"}},
    "directions": {0: {"source": "S1"}},
    "policies": {0: {"source": "S1"}},
    "departments": {1: {"valid_from": SEPTEMBER}},
    "programs": {
        0: {"source": "S1", "name_kana": "ホジョキン", "note": "-補足", "public_at": NAIVE},
        1: {
            "ended_on": MARCH,
            "end_reason": "carried",
            "end_note": "次の計画で続ける。",
            "carried_plan": "midori-2",
            "carried_number": "1-1",
            "withdrawn": "誤って公開したため。",
        },
    },
    "program_editions": {0: {"source": "S1", "planned_years": "平成25年度から", "expected_effect": "=効果"}},
    "year_plans": {1: {"text": "－", "is_none": True}},
    "indicators": {0: {"baseline_fiscal_year": 2012, "baseline_note": "決算"}},
    "rounds": {
        0: {"source": "S2", "released_on": MARCH, "public_at": NAIVE},
        1: {"due_on": date(2015, 5, 29), "withdrawn": "日程が誤っていたため。"},
    },
    "reports": {0: {"evidence": "会議録"}},
    "report_actuals": {0: {"is_forecast": True, "note": "速報"}},
    "report_effects": {0: {"account": "special", "series": "cumulative", "note": "委託料"}},
    "published_reports": {
        0: {
            "number_is_provisional": True,
            "direction_number": 1,
            "direction_name": "方向性",
            "evidence": "会議録",
            "delay_reason": "調整",
            "remedy": "協議",
            "contributions": '[{"department": "旧課", "text": "協力した。"}]',
            "actuals": '[{"fiscal_year": 2014, "indicator": 1, "is_forecast": true, "name": "徴収率", "note": "速報", '
            '"target": "77", "target_text": "以上", "unit": "%", "value": "76.1"}]',
            "effects": '[{"account": "special", "amount": -5, "basis": "actual", "fiscal_year": 2014, "kind": "saving", '
            '"note": "委託料", "series": "cumulative"}]',
            "note": "=備考",
        },
        1: {"origin": "city", "source_key": "S2"},
    },
    "effects": {0: {"note": "決算"}},
    "revisions": {0: {"source": "S1", "departments_counted": "added"}},
    "meetings": {
        0: {
            "place": "市役所",
            "agenda": "進捗\n見直し",
            "opinions_due_on": date(2014, 9, 16),
            "public_at": NAIVE,
        },
        1: {"held_on": MARCH, "withdrawn": "日付が誤っていたため。"},
    },
    "opinions": {
        0: {"published_on": MARCH, "answer_due_on": MARCH},
        1: {"withdrawn": "別の会議の意見だったため。"},
    },
    "published_figures": {
        0: {
            "policy": 1,
            "axis": "outcome",
            "edition": "original",
            "plan_indicator": 1,
            "as_of": SEPTEMBER,
            "fiscal_year": 2014,
            "category": "A",
            "basis": "actual",
            "account": "special",
            "series": "cumulative",
            "triangle": "reduction",
            "note": "約が付く",
        }
    },
    "positions": {0: {"source": "S1", "item_count": 3}},
    "lineage": {0: {"first_fiscal_year": 2008, "committee_experts": 3, "committee_citizens": 0}},
    "lineage_figures": {1: {"grade_code": "S", "note": "=年度末"}},
    "content_errata": {0: {"old": "調べない。"}},
    "settlements": {0: {"account": "special", "series": "cumulative"}},
}
# Amounts are written in 千円, in whatever unit a file gave them; and a plan that was withdrawn is not public.
EMPTY = {("effects", "unit"), ("report_effects", "unit"), ("plan", "is_public")}


def filled():
    """Sheet → rows, every column of the plan workbook filled in one of them."""
    tables = full_plan.full()
    for sheet, rows in _MORE.items():
        for place, cells in rows.items():
            if place == len(tables[sheet]):
                tables[sheet].append({})
            tables[sheet][place] |= cells
    return tables


def columns_left_empty(tables):
    """Columns of the plan workbook in which these tables have nothing, or nothing but what is there by default."""
    return {
        (sheet.name, column.name)
        for sheet in SHEETS
        for column in sheet.columns
        if not any(row.get(column.name) not in (None, "", column.field.get_default()) for row in tables[sheet.name])
    }

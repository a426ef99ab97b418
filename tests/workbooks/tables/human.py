"""What tests/cases/human-1.xlsx says, written by hand as the rows of a plan workbook: nothing of it is
computed by the reader."""

from pathlib import Path

DATA = Path(__file__).parents[2] / "cases" / "human-1.xlsx"
FILE = DATA.read_bytes()
PLAN, ORIGINAL = "human", "original"

_STEPS = ["検討", "試行", "試行拡大", "本格実施", "→"]
_SURVEY = ["調査", "検討", "検討", "実施", "継続"]  # 同上 is the year before
_ALWAYS = ["実施"] * 5  # one cell over five years
_GROUPS = [
    {"name": "登録団体数", "unit": "団体", "baseline": 95, "year": 2010, "target": 120, "words": None},
    {"name": "利用者数", "unit": None, "baseline": None, "year": None, "target": None, "words": "増加"},
]
_RATE = [{"name": "収納率", "unit": "%", "baseline": 68.1, "year": 2011, "target": 77, "words": "以上"}]
_SATISFIED = [{"name": "満足度", "unit": None, "baseline": None, "year": None, "target": None, "words": "前年度比増"}]

# number, policy, departments, item whose contents hold, year plans, indicators
_ITEMS = [
    ("1", 1, "d01", "1", _STEPS, _GROUPS),
    ("2", 1, "d02;d03", "2", _ALWAYS, _RATE),
    ("3", 1, "d04", "3", _SURVEY, []),
    ("4", 1, "d04", "3", _STEPS, _SATISFIED),
    ("5", 1, "d05;d06", "5", _ALWAYS, _GROUPS),
    ("6", 2, "d01", "6", _STEPS, _GROUPS),
    ("7", 2, "d02;d03", "7", _ALWAYS, _RATE),
    ("8", 2, "d04", "8", _SURVEY, []),
    ("9", 2, "d04", "8", _STEPS, _SATISFIED),
    ("10", 2, "d05;d06", "10", _ALWAYS, _GROUPS),
    ("11", 3, "d01", "11", _STEPS, _GROUPS),
    ("12", 3, "d02;d03", "12", _ALWAYS, _RATE),
    ("13", 3, "d04", "13", _SURVEY, []),
    ("14", 3, "d04", "13", _STEPS, _SATISFIED),
]


def by_hand():
    """Sheet → rows."""
    indicators = [(item[0], n, one) for item in _ITEMS for n, one in enumerate(item[5], 1)]
    return {
        "plan": [{"slug": PLAN}],
        "editions": [{"key": ORIGINAL, "name": "当初", "first_fiscal_year": 2011, "last_fiscal_year": 2015}],
        "policies": [
            {"number": 1, "name": "地域協働の推進"},
            {"number": 2, "name": "情報の共有"},
            {"number": 3, "name": "ＰＤＣＡサイクル"},
        ],
        "departments": [
            {"code": f"d0{n}", "name": name}
            for n, name in enumerate(["産業振興課", "市民協働課", "地域振興課", "全課", "税務課", "収納課"], 1)
        ],
        "programs": [
            {
                "number": number,
                "number_is_provisional": False,
                "policy": policy,
                "name": f"項目{number}",
                "note": "再掲：方針３" if number == "7" else None,
            }
            for number, policy, *_ in _ITEMS
        ],
        "program_editions": [
            {
                "program": number,
                "edition": ORIGINAL,
                "contents": f"項目{contents}の内容を行う。",
                "departments": departments,
            }
            for number, _, departments, contents, *_ in _ITEMS
        ],
        "year_plans": [
            {"program": item[0], "edition": ORIGINAL, "fiscal_year": year, "text": text, "is_none": False}
            for item in _ITEMS
            for year, text in enumerate(item[4], 2011)
        ],
        "indicators": [
            {
                "program": program,
                "number": n,
                "name": one["name"],
                "unit": one["unit"],
                "better": "up",
                "baseline": one["baseline"],
                "baseline_fiscal_year": one["year"],
                "baseline_note": None,
            }
            for program, n, one in indicators
        ],
        "indicator_targets": [
            {
                "program": program,
                "indicator": n,
                "edition": ORIGINAL,
                "fiscal_year": 2015,
                "value": one["target"],
                "text": one["words"],
            }
            for program, n, one in indicators
        ],
    }

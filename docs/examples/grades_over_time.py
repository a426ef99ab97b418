"""評価の推移と、年度ごとの効果額（実績）を表にします。

使い方: python grades_over_time.py https://plan.city.example kodaira-2
必要なもの: pip install pandas
"""

import sys

import pandas

site, plan = sys.argv[1:3]
table = pandas.read_csv(
    f"{site}/plans/{plan}/long.csv", dtype={"program_number": str, "value": str, "fiscal_year": "Int64"}
)

# 項目ごとの評価は 1 項目ずつ、市が公表した計画全体の数（grade_count）は数のまま足します。
grades = table[table["measure"].isin(["grade", "grade_count"]) & (table["level"] != "policy")]
counted = grades["measure"] == "grade_count"
grades = grades.assign(
    grade=grades["category"].where(counted, grades["value"]),
    items=pandas.to_numeric(grades["value"].where(counted, "1")),
)
print("評価の推移（項目数）")
print(grades.pivot_table(index="as_of", columns="grade", values="items", aggfunc="sum", fill_value=0))

# 項目ごとの金額があればそれを、なければ市が公表した計画全体の金額を使います。
effects = table[(table["measure"] == "effect") & (table["basis"] == "actual")]
level = "program" if (effects["level"] == "program").any() else "plan"
effects = effects[effects["level"] == level]
print("効果額の実績（千円）")
print(effects.assign(value=pandas.to_numeric(effects["value"])).groupby(["fiscal_year", "kind"])["value"].sum())

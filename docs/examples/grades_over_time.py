"""評価の推移と、年度ごとの効果額（実績）を表にします。

使い方: python grades_over_time.py https://plan.city.example kodaira-2
必要なもの: pip install pandas
"""

import sys

import pandas

site, plan = sys.argv[1:3]
table = pandas.read_csv(f"{site}/plans/{plan}/long.csv", dtype={"program_number": str, "value": str})

grades = table[table["measure"] == "grade"]
print("評価の推移（項目数）")
print(grades.pivot_table(index="as_of", columns="value", values="program_number", aggfunc="count", fill_value=0))

effects = table[(table["measure"] == "effect") & (table["basis"] == "actual")]
print("効果額の実績（千円）")
print(effects.assign(value=pandas.to_numeric(effects["value"])).groupby(["fiscal_year", "kind"])["value"].sum())

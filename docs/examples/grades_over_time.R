# 評価の推移と、年度ごとの効果額（実績）を表にします。R だけで動きます。
# 使い方: Rscript grades_over_time.R https://plan.city.example kodaira-2
arguments <- commandArgs(trailingOnly = TRUE)
table <- read.csv(
  paste0(arguments[1], "/plans/", arguments[2], "/long.csv?bom=0"),
  colClasses = c(program_number = "character", value = "character"),
  encoding = "UTF-8"
)
# 項目ごとの評価は 1 項目ずつ、市が公表した計画全体の数（grade_count）は数のまま足します。
grades <- table[table$measure %in% c("grade", "grade_count") & table$level != "policy", ]
counted <- grades$measure == "grade_count"
grades$grade <- ifelse(counted, grades$category, grades$value)
grades$items <- as.numeric(ifelse(counted, grades$value, "1"))
print(xtabs(items ~ as_of + grade, data = grades))

# 項目ごとの金額があればそれを、なければ市が公表した計画全体の金額を使います。
effects <- table[table$measure == "effect" & table$basis == "actual", ]
effects <- effects[effects$level == if (any(effects$level == "program")) "program" else "plan", ]
effects$value <- as.numeric(effects$value)
print(xtabs(value ~ fiscal_year + kind, data = effects))

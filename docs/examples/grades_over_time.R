# 評価の推移と、年度ごとの効果額（実績）を表にします。R だけで動きます。
# 使い方: Rscript grades_over_time.R https://plan.city.example kodaira-2
arguments <- commandArgs(trailingOnly = TRUE)
table <- read.csv(
  paste0(arguments[1], "/plans/", arguments[2], "/long.csv?bom=0"),
  colClasses = c(program_number = "character", value = "character"),
  encoding = "UTF-8"
)
grades <- table[table$measure == "grade", ]
print(xtabs(~ as_of + value, data = grades))

effects <- table[table$measure == "effect" & table$basis == "actual", ]
effects$value <- as.numeric(effects$value)
print(xtabs(value ~ fiscal_year + kind, data = effects))

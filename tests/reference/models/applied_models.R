# Models fitted on cohort alpha of test-data/both.samples.tsv and applied to cohort beta.
# Rscript applied_models.R ../../../test-data > applied_models.tsv
suppressMessages({library(survival)})
data <- commandArgs(TRUE)[1]
sheet <- read.delim(file.path(data, "both.samples.tsv"), stringsAsFactors = FALSE, na.strings = c("NA", ""))
groups <- read.delim(file.path(data, "both.groups.tsv"), stringsAsFactors = FALSE, na.strings = c("NA", ""))
sheet <- merge(sheet, groups, by = "sample_id", all.x = TRUE)
sheet$stage <- factor(sheet$stage); sheet$sex <- factor(sheet$sex)
sheet$XPO1_group <- factor(sheet$XPO1_group, levels = c("low", "high"))
train <- sheet[sheet$cohort == "alpha", ]; new <- sheet[sheet$cohort == "beta", ]
control <- coxph.control(eps = 1e-14, toler.chol = 1e-16, iter.max = 100)
cat(sprintf("# R %s, survival %s\n", getRversion(), packageVersion("survival")))
cat("scenario\tsample_id\tlinear_predictor\tsurvival_12\tsurvival_36\n")
emit <- function(name, fit, rows) {
  rows <- rows[complete.cases(rows[, all.vars(formula(fit)[[3]])]), ]
  lp <- predict(fit, newdata = rows, type = "lp", reference = "sample")
  curve <- survfit(fit, newdata = rows)
  s <- summary(curve, times = c(12, 36), extend = TRUE)$surv
  for (i in seq_len(nrow(rows)))
    cat(sprintf("%s\t%s\t%.12g\t%.12g\t%.12g\n", name, rows$sample_id[i], lp[i], s[1, i], s[2, i]))
}
emit("numeric_factor", coxph(Surv(os_time, os_event) ~ age_years + XPO1_group, train, control = control), new)
emit("levels", coxph(Surv(os_time, os_event) ~ stage + sex, train, control = control), new)
emit("interaction", coxph(Surv(os_time, os_event) ~ age_years + sex + age_years:sex, train, control = control), new)
emit("breslow", coxph(Surv(os_time, os_event) ~ age_years + XPO1_group, train, ties = "breslow", control = control), new)

# A Cox model of cohort alpha applied to cohort beta, and fixed coefficients in both cohorts.
# Rscript make_application_references.R ../../../test-data > application.tsv
suppressMessages({library(survival); library(riskRegression); library(prodlim)})
data <- commandArgs(TRUE)[1]; g <- function(v) sprintf("%.12g", v)
cat("# R ", as.character(getRversion()), ", survival ", as.character(packageVersion("survival")), ", riskRegression ",
    as.character(packageVersion("riskRegression")), "\n", sep = "")
cat("scenario\tstatistic\ttime_months\testimate\tse\n")
put <- function(s, name, time, e, se = NA) cat(paste(s, name, time, g(e), g(se), sep = "\t"), "\n", sep = "")
d <- read.delim(file.path(data, "both.samples.tsv"), stringsAsFactors = FALSE, na.strings = c("NA", ""))
x <- read.delim(file.path(data, "both.tsv"), row.names = 1, check.names = FALSE)
d$XPO1 <- as.numeric(x["XPO1", d$sample_id])
control <- coxph.control(eps = 1e-14, toler.chol = 1e-16, iter.max = 100)
d <- d[complete.cases(d[, c("os_time", "os_event", "XPO1", "age_years")]), ]
train <- d[d$cohort == "alpha", ]; new <- d[d$cohort == "beta", ]
fit <- coxph(Surv(os_time, os_event) ~ age_years + XPO1, train, control = control, x = TRUE)
new$lp <- predict(fit, newdata = new, type = "lp", reference = "sample")
at <- c(12, 24)
risk <- 1 - t(summary(survfit(fit, newdata = new), times = at, extend = TRUE)$surv)
measure <- function(s, n, formula) {
  c1 <- concordance(formula, n, reverse = TRUE); put(s, "c_harrell", "NA", c1$concordance, sqrt(c1$var))
  f <- coxph(formula, n, control = control); put(s, "calibration_slope", "NA", coef(f), sqrt(vcov(f)))
  put(s, "hr_per_sd", "NA", exp(coef(f) * sd(n$lp)), exp(coef(f) * sd(n$lp)) * sqrt(vcov(f)) * sd(n$lp))
}
measure("beta", new, Surv(os_time, os_event) ~ lp)
c2 <- concordance(Surv(os_time, os_event) ~ lp, new, reverse = TRUE, timewt = "n/G2", ymax = 24)
put("beta", "c_uno", 24, c2$concordance, sqrt(c2$var))
expected <- sum(predict(fit, newdata = new, type = "expected"))
put("beta", "observed_expected", "NA", sum(new$os_event) / expected, sqrt(sum(new$os_event)) / expected)
score <- Score(list(m = risk), formula = Surv(os_time, os_event) ~ 1, data = new, times = at, se.fit = TRUE,
               metrics = c("brier", "auc"), null.model = FALSE, cens.model = "km", conf.int = TRUE)
for (i in 1:2) {
  b <- score$Brier$score[i, ]; put("beta", "brier", at[i], b$Brier, b$se)
  a <- score$AUC$score[i, ]; put("beta", "auc", at[i], a$AUC, a$se)
  km <- summary(survfit(Surv(os_time, os_event) ~ 1, new), times = at[i])
  put("beta", "observed_expected", at[i], (1 - km$surv) / mean(risk[, i]), km$std.err / mean(risk[, i]))
}
cut <- quantile(predict(fit, type = "lp", reference = "sample"), 0.5)
new$group <- factor(ifelse(new$lp >= cut, "high", "low"), levels = c("low", "high"))
f <- coxph(Surv(os_time, os_event) ~ group, new, control = control)
put("beta", "hr_high_vs_low", "NA", exp(coef(f)), exp(coef(f)) * sqrt(vcov(f)))
d$lp <- 0.03 * d$age_years + 0.2 * d$XPO1
measure("both", d, Surv(os_time, os_event) ~ lp + strata(cohort))

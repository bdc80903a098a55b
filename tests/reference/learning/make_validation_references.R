# Validation of a fixed linear predictor: Rscript make_validation_references.R (writes validation.tsv).
suppressMessages({library(survival); library(pROC)})
out <- file("validation.tsv", "w"); g <- function(v) sprintf("%.12g", v)
cat("# R ", as.character(getRversion()), ", survival ", as.character(packageVersion("survival")), ", pROC ",
    as.character(packageVersion("pROC")), "\n", sep = "", file = out)
cat("scenario\tstatistic\testimate\tse\n", file = out)
put <- function(s, name, e, se) cat(paste(s, name, g(e), g(se), sep = "\t"), "\n", sep = "", file = out)
d <- read.delim("small.tsv"); d$lp <- 0.4 * d$x1 - 0.2 * d$x2 + 0.3 * d$x3
for (strata in c(FALSE, TRUE)) {
  f <- if (strata) Surv(time, event) ~ lp + strata(cohort) else Surv(time, event) ~ lp
  s <- if (strata) "strata" else "all"
  c1 <- concordance(f, d, reverse = TRUE); put(s, "c_harrell", c1$concordance, sqrt(c1$var))
  if (!strata) { c2 <- concordance(f, d, reverse = TRUE, timewt = "n/G2", ymax = 20)
    put(s, "c_uno", c2$concordance, sqrt(c2$var)) }
  fit <- coxph(f, d, control = coxph.control(eps = 1e-14, iter.max = 100))
  put(s, "calibration_slope", coef(fit), sqrt(vcov(fit)))
  put(s, "hr_per_sd", exp(coef(fit) * sd(d$lp)), exp(coef(fit) * sd(d$lp)) * sqrt(vcov(fit)) * sd(d$lp))
  d$group <- factor(ifelse(d$lp >= 0.1, "high", "low"), levels = c("low", "high"))
  f2 <- if (strata) Surv(time, event) ~ group + strata(cohort) else Surv(time, event) ~ group
  fit <- coxph(f2, d, control = coxph.control(eps = 1e-14, iter.max = 100))
  put(s, "hr_high_vs_low", exp(coef(fit)), exp(coef(fit)) * sqrt(vcov(fit)))
}
r <- roc(d$event, d$lp, direction = "<", levels = c(0, 1), quiet = TRUE)
put("binary", "auc", as.numeric(auc(r)), sqrt(var(r)))
fit <- glm(event ~ lp, binomial, d, control = list(epsilon = 1e-14, maxit = 100))
put("binary", "calibration_slope", coef(fit)[2], sqrt(vcov(fit)[2, 2]))
risk <- plogis(d$lp); put("binary", "brier", mean((d$event - risk)^2), sd((d$event - risk)^2) / sqrt(nrow(d)))
put("binary", "observed_expected", sum(d$event) / sum(risk), sqrt(sum(risk * (1 - risk))) / sum(risk))
areas <- t(sapply(split(d, d$cohort), function(part) { r <- roc(part$event, part$lp, direction = "<", levels = c(0, 1), quiet = TRUE)
  c(auc(r), var(r), sum(part$event) * sum(1 - part$event)) }))
w <- areas[, 3] / sum(areas[, 3])
put("binary_strata", "auc", sum(w * areas[, 1]), sqrt(sum(w^2 * areas[, 2])))
fit <- glm(event ~ lp + factor(cohort), binomial, d, control = list(epsilon = 1e-14, maxit = 100))
put("binary_strata", "calibration_slope", coef(fit)[2], sqrt(vcov(fit)[2, 2]))
put("binary_strata", "brier", mean((d$event - risk)^2), sd((d$event - risk)^2) / sqrt(nrow(d)))
put("binary_strata", "observed_expected", sum(d$event) / sum(risk), sqrt(sum(risk * (1 - risk))) / sum(risk))
close(out)

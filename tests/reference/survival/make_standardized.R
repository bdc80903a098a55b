# Survival standardized over covariates (g-formula). Usage, in this folder: Rscript make_standardized.R
# Estimates, and standard errors without ties, by riskRegression::ate on coxph(ties = "breslow"). With tied times ate's
# standard errors are not those of the estimate; there the infinitesimal jackknife is taken by differences: coxph and
# basehaz with the weight of one sample changed.
suppressPackageStartupMessages({ library(survival); library(riskRegression) })
d <- read.table("cox_more_data.tsv", sep = "\t", header = TRUE)
d$marker <- factor(d$marker, c("low", "high")); d$cohort <- factor(d$cohort)
d <- d[complete.cases(d[c("age", "sex", "gene", "marker", "time", "event")]), ]
rows <- list()
put <- function(case, stat, value) rows[[length(rows) + 1]] <<- data.frame(case, stat, value = sprintf("%.15g", unname(value)))
at <- c(6, 24, 48)
by_ate <- function(case, d, formula) {
  fit <- coxph(formula, d, ties = "breslow", x = TRUE, y = TRUE, control = coxph.control(eps = 1e-12, iter.max = 50))
  a <- ate(fit, treatment = "marker", data = d, times = at, se = case == "untied", verbose = FALSE, estimator = "GFORMULA")
  m <- a$meanRisk; v <- a$diffRisk
  for (i in seq_len(nrow(m))) { put(case, paste(m$treatment[i], m$time[i]), 1 - m$estimate[i]); if (case == "untied") put(case, paste(m$treatment[i], m$time[i], "se"), m$se[i]) }
  for (i in seq_len(nrow(v))) { put(case, paste("difference", v$time[i]), -v$estimate[i]); if (case == "untied") put(case, paste("difference", v$time[i], "se"), v$se[i]) }
}
model <- Surv(time, event) ~ marker + age + sex + gene + strata(cohort)
by_ate("tied", d, model)
averages <- function(d, w) {
  d$w <- w
  f <- coxph(Surv(time, event) ~ marker + age + sex + gene + strata(cohort), d, weights = w, ties = "breslow", control = coxph.control(eps = 1e-12, iter.max = 50))
  b <- basehaz(f, centered = FALSE)
  unlist(lapply(c("low", "high"), function(l) {
    dd <- d; dd$marker <- factor(l, c("low", "high"))
    risk <- exp(model.matrix(~ marker + age + sex + gene, dd)[, -1] %*% coef(f))
    sapply(at, function(t) {
      hazard <- sapply(levels(d$cohort), function(s) max(0, b$hazard[b$strata == s & b$time <= t]))
      sum(w * exp(-hazard[d$cohort] * risk)) / sum(w) }) }))
}
n <- nrow(d); e <- 1e-4
influence <- sapply(seq_len(n), function(j) { up <- down <- rep(1, n); up[j] <- 1 + e; down[j] <- 1 - e; (averages(d, up) - averages(d, down)) / (2 * e) })
for (i in 1:3) {
  put("tied", paste("low", at[i], "se"), sqrt(sum(influence[i, ]^2))); put("tied", paste("high", at[i], "se"), sqrt(sum(influence[i + 3, ]^2)))
  put("tied", paste("difference", at[i], "se"), sqrt(sum((influence[i + 3, ] - influence[i, ])^2)))
}
u <- d; u$time <- u$time + order(order(u$time, u$sample_id)) * 1e-3
by_ate("untied", u, model)
write.table(do.call(rbind, rows), "standardized_expected.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
writeLines(c(R.version.string, paste("survival", packageVersion("survival")), paste("riskRegression", packageVersion("riskRegression"))), "standardized_versions.txt")

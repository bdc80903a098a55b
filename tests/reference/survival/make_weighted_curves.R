# Weighted and adjusted curves by survfit (robust), glm, nnet::multinom, coxph; differences at milestones by hand from them.
#   Rscript make_weighted_curves.R       (in this folder; reads cox_more_data.tsv, writes weighted_curves_expected.tsv)
suppressPackageStartupMessages({ library(survival); library(nnet) })
d <- read.table("cox_more_data.tsv", sep = "\t", header = TRUE)
d$marker <- factor(d$marker, c("low", "high"))
rows <- list()
put <- function(case, stat, value) rows[[length(rows) + 1]] <<- data.frame(case, stat, value = sprintf("%.15g", unname(value)))
curve <- function(case, y, d, w, group) for (g in levels(factor(group))) {
  k <- group == g; dd <- d[k, ]; dd$w <- w[k]; dd$id <- seq_len(nrow(dd))
  for (type in c("log", "log-log", "plain")) {
    f <- do.call(survfit, list(as.formula(paste(y, "~ 1")), data = dd, weights = dd$w, id = dd$id, robust = TRUE, conf.type = type))
    s <- summary(f, times = c(6, 24, 60))
    for (i in 1:3) { put(case, paste(g, type, s$time[i], c("survival", "se", "ci_low", "ci_high", "n_risk")), c(s$surv[i], s$std.err[i], s$lower[i], s$upper[i], s$n.risk[i])) }
    for (p in c(0.25, 0.5)) put(case, paste(g, type, "quantile", p), quantile(f, p)$quantile)
    if (type == "log") { m <- summary(f)$table; put(case, paste(g, "median", c("low", "high")), m[c("0.95LCL", "0.95UCL")]) }
  }
  if (!grepl("entry", y)) { f <- do.call(survfit, list(as.formula(paste(y, "~ 1")), data = dd, weights = dd$w, id = dd$id, robust = TRUE))
    r <- residuals(f, times = 48, type = "rmst", weighted = TRUE)
    put(case, paste(g, "rmst"), sum(diff(c(0, f$time[f$time < 48], 48)) * c(1, f$surv[f$time < 48]))); put(case, paste(g, "rmst_se"), sqrt(sum(r^2))) }
}
test <- function(case, y, d, w, group, extra = "") { d$w <- w; d$G <- group; d$id <- seq_len(nrow(d))
  s <- summary(do.call(coxph, list(as.formula(paste(y, "~ G", extra)), data = d, weights = d$w, cluster = d$id, ties = "breslow")))$robscore; put(case, c("chisq", "p"), s[c("test", "pvalue")]) }
curve("weights", "Surv(time, event)", d, d$weight, d$marker); test("weights", "Surv(time, event)", d, d$weight, d$marker, "+ strata(cohort)")
curve("late", "Surv(entry, time, event)", d, d$weight, d$marker); test("late", "Surv(entry, time, event)", d, d$weight, d$marker, "+ strata(cohort)")
test("none", "Surv(time, event)", d, d$weight, d$marker)
a <- d[!is.na(d$age), ]
p <- fitted(glm(marker == "high" ~ age + stage + gene, binomial, a, control = list(epsilon = 1e-14))); w <- ifelse(a$marker == "high", 1 / p, 1 / (1 - p))
for (i in c(1, 50, 200)) put("adjusted", paste(a$sample_id[i], c("propensity", "weight")), c(p[i], w[i]))
curve("adjusted", "Surv(time, event)", a, w, a$marker); test("adjusted", "Surv(time, event)", a, w, a$marker, "+ strata(cohort)")
m <- multinom(cohort ~ age + sex, a, trace = FALSE, reltol = 1e-15, abstol = 1e-12, maxit = 10000)
own <- fitted(m)[cbind(seq_len(nrow(a)), match(a$cohort, colnames(fitted(m))))]
for (i in c(1, 50, 200)) put("three", paste(a$sample_id[i], c("propensity", "weight")), c(own[i], 1 / own[i]))
curve("three", "Surv(time, event)", a, 1 / own, a$cohort)
write.table(do.call(rbind, rows), "weighted_curves_expected.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
writeLines(c(R.version.string, paste("survival", packageVersion("survival")), paste("nnet", packageVersion("nnet"))), "weighted_curves_versions.txt")

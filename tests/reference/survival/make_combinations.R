# Combinations of markers in one Cox model, by survival::coxph, anova and concordance.
#   Rscript make_combinations.R       (in this folder; reads cox_more_data.tsv, writes combinations_expected.tsv and combinations_versions.txt)
suppressPackageStartupMessages(library(survival))
d <- read.delim("cox_more_data.tsv")
d <- d[complete.cases(d[, c("age", "marker", "gene", "sex")]), ]
d$marker <- factor(d$marker, c("low", "high")); d$cohort <- factor(d$cohort)
control <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 100)
markers <- c("marker", "gene", "sex")
rows <- list()
put <- function(case, markers, stat, value) rows[[length(rows) + 1]] <<- data.frame(case, markers, stat, value = sprintf("%.15g", unname(value)))
for (case in c("strata", "plain", "no standard", "late")) {
  y <- if (case == "late") "Surv(entry, time, event) ~ " else "Surv(time, event) ~ "
  tail <- c("age"[case != "no standard"], "strata(cohort)"[case != "plain"])
  go <- function(m) coxph(as.formula(paste0(y, paste(c(m, tail), collapse = " + "))), d, ties = "efron", control = control)
  full <- go(markers)
  for (m in c(as.list(markers), combn(markers, 2, simplify = FALSE), list(markers))) {
    name <- paste(m, collapse = " + ")
    fit <- go(m)
    null <- if (length(setdiff(tail, "strata(cohort)"))) go(character()) else NULL
    put(case, name, "loglik", fit$loglik[2])
    put(case, name, "lr", if (is.null(null)) summary(fit)$logtest["test"] else anova(null, fit)$Chisq[2])
    p <- if (is.null(null)) summary(fit)$logtest["pvalue"] else { a <- anova(null, fit); a[2, ncol(a)] }
    put(case, name, "p_lr", p)
    if (length(m) < 3) { a <- anova(fit, full); put(case, name, "lr_others", a$Chisq[2]); put(case, name, "p_others", a[2, ncol(a)]) }
    put(case, name, "concordance", summary(fit)$concordance[1]); put(case, name, "concordance_se", summary(fit)$concordance[2])
    put(case, name, "aic", AIC(fit))
  }
}
write.table(do.call(rbind, rows), "combinations_expected.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
writeLines(c(R.version.string, paste("survival", packageVersion("survival"))), "combinations_versions.txt")

# Unadjusted Cox models in the samples of the adjusted one, by survival::coxph.
#   Rscript make_complete_cases.R            (in this folder, with cox_more_data.tsv; writes complete_cases_expected.tsv)
suppressPackageStartupMessages(library(survival))
d <- read.delim("cox_more_data.tsv")
d$marker <- factor(d$marker, c("low", "high"))
whole <- d[complete.cases(d[, c("marker", "age", "sex")]), ]
control <- coxph.control(eps = 1e-13, iter.max = 100)
rows <- list()
for (strata in c("cohort", "none")) for (term in c("marker", "age", "sex")) {
  by <- if (strata == "cohort") "+ strata(cohort)" else ""
  fit <- coxph(as.formula(paste("Surv(time, event) ~", term, by)), whole, control = control)
  s <- summary(fit)
  rows[[length(rows) + 1]] <- data.frame(strata, term, n = fit$n, events = fit$nevent, hr = s$conf.int[1, 1],
    ci_low = s$conf.int[1, 3], ci_high = s$conf.int[1, 4], p_value = s$coefficients[1, 5], p_lr = unname(s$logtest[3]))
}
write.table(format(do.call(rbind, rows), digits = 15), "complete_cases_expected.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
writeLines(c(R.version.string, paste("survival", packageVersion("survival"))), "complete_cases_versions.txt")

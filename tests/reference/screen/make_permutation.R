# What screen --permutations is compared with, on samples.tsv and genes.tsv of this folder.
# The score test of each gene beside age and grade: coxph at the estimates of the covariates, without a step.
# The permuted statistics and step-down p-values: coin::independence_test of martingale residuals, within cohorts.
# Rscript make_permutation.R   (in this folder, after make_reference.R; writes permutation.tsv, permutation_versions.txt)
suppressMessages({library(survival); library(coin)})
data <- read.delim("samples.tsv")
genes <- t(as.matrix(read.delim("genes.tsv", row.names = 1)))
complete <- colnames(genes)[!apply(is.na(genes), 2, any)]
control <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 50)
rows <- list()
for (time in c("untied", "tied")) for (ties in c("efron", "breslow")) for (strata in c("none", "cohort")) {
  data$t <- data[[time]]
  rest <- if (strata == "none") "age + grade" else "age + grade + strata(cohort)"
  null <- coxph(as.formula(paste("Surv(t, event) ~", rest)), data, ties = ties, control = control)
  for (gene in complete) {
    data$x <- genes[, gene]
    at <- coxph(as.formula(paste("Surv(t, event) ~ x +", rest)), data, ties = ties, init = c(0, coef(null)),
                control = coxph.control(iter.max = 0))
    rows[[length(rows) + 1]] <- data.frame(what = "score", time, ties, strata, gene, value = at$score)
  }
}
set.seed(5)
for (strata in c("none", "cohort")) {
  data$t <- data$tied
  rest <- if (strata == "none") "1" else "strata(cohort)"
  data$residual <- residuals(coxph(as.formula(paste("Surv(t, event) ~", rest)), data, ties = "breslow"), "martingale")
  block <- factor(if (strata == "none") rep("a", nrow(data)) else data$cohort)
  frame <- data.frame(genes[, complete], residual = data$residual, block)
  form <- as.formula(paste(paste(complete, collapse = " + "), "~ residual", if (strata == "none") "" else "| block"))
  test <- independence_test(form, frame, distribution = approximate(nresample = 200000))
  z <- as.vector(statistic(test, type = "standardized")); p <- as.vector(pvalue(test, method = "step-down"))
  for (j in seq_along(complete)) {
    rows[[length(rows) + 1]] <- data.frame(what = "z", time = "tied", ties = "breslow", strata, gene = complete[j], value = z[j])
    rows[[length(rows) + 1]] <- data.frame(what = "step_down", time = "tied", ties = "breslow", strata, gene = complete[j], value = p[j])
  }
}
out <- do.call(rbind, rows)
out$value <- trimws(formatC(out$value, digits = 16, format = "g", width = 1))
write.table(out, "permutation.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
writeLines(c(R.version.string, paste("survival", packageVersion("survival")), paste("coin", packageVersion("coin"))),
           "permutation_versions.txt")

# Numbers that the screen is compared with: survival::coxph, cox.zph and survdiff of each gene.
# Rscript make_reference.R   (in this folder; writes samples.tsv, genes.tsv, reference.tsv, versions.txt)
suppressMessages(library(survival))
set.seed(11)
n <- 90
genes <- matrix(round(rnorm(8 * n), 3), n, dimnames = list(sprintf("S%02d", 1:n), sprintf("G%d", 1:8)))
genes[, 3] <- round(genes[, 3])                       # heavy ties
genes[sample(n, 12), 4] <- NA
genes[, 5] <- genes[, 5] * 1000 + 5000                # another scale
cohort <- sample(c("a", "b", "c"), n, TRUE)
age <- round(rnorm(n, 60, 9)); grade <- sample(1:3, n, TRUE)
untied <- round(rexp(n, exp(0.5 * genes[, 1] + 0.4 * (cohort == "b")) / 50), 6)
event <- as.integer(runif(n) < 0.6)
tied <- ceiling(untied / 6)
data <- data.frame(sample_id = rownames(genes), cohort, age, grade, untied, tied, event)
write.table(data, "samples.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
write.table(data.frame(gene_id = colnames(genes), t(genes)), "genes.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
rows <- list()
control <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 50)
for (time in c("untied", "tied")) for (strata in c("none", "cohort")) for (ties in c("efron", "breslow"))
  for (adjusted in c("none", "age+grade")) for (gene in colnames(genes)) {
    d <- data.frame(data, x = genes[, gene], t = data[[time]])
    form <- "Surv(t, event) ~ x"
    if (adjusted != "none") form <- paste(form, "+ age + grade")
    if (strata != "none") form <- paste(form, "+ strata(cohort)")
    f <- coxph(as.formula(form), d, ties = ties, control = control)
    s <- summary(f)$coefficients["x", ]
    ph <- cox.zph(f)$table["x", ]
    rows[[length(rows) + 1]] <- data.frame(test = "cox", time, strata, ties, adjusted, gene, n = f$n, events = f$nevent,
      beta = unname(coef(f)["x"]), se = sqrt(f$var[1, 1]), loglik = f$loglik[2], p = s[["Pr(>|z|)"]],
      ph_chisq = ph[["chisq"]], ph_p = ph[["p"]])
  }
blank <- function(chisq, p, n, events, ...) data.frame(..., n = n, events = events, beta = NA, se = NA, loglik = NA, p = p,
                                                     ph_chisq = chisq, ph_p = NA)
for (time in c("untied", "tied")) for (strata in c("none", "cohort")) for (gene in colnames(genes)) {
  keep <- !is.na(genes[, gene]); x <- genes[keep, gene]; d <- data.frame(data[keep, ], x, t = data[keep, time])
  logrank <- function(cut) {
    d$high <- x >= cut
    f <- if (strata == "none") survdiff(Surv(t, event) ~ high, d) else survdiff(Surv(t, event) ~ high + strata(cohort), d)
    f$chisq
  }
  value <- logrank(median(x))
  rows[[length(rows) + 1]] <- blank(value, pchisq(value, 1, lower.tail = FALSE), sum(keep), sum(d$event), test = "logrank",
                                   time, strata, ties = "", adjusted = "none", gene)
}
out <- do.call(rbind, rows)
number <- sapply(out, is.numeric)
out[number] <- lapply(out[number], function(v) ifelse(is.na(v), "NA", trimws(formatC(v, digits = 16, format = "g", width = 1))))
write.table(out, "reference.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
writeLines(c(R.version.string, paste("survival", packageVersion("survival"))), "versions.txt")

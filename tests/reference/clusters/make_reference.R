# Tests of samples of which several are of one patient. Usage, in this folder: Rscript make_reference.R
suppressMessages(library(survival))
set.seed(12)
n <- 150
patient <- sort(c(1:90, sample(90, 60, TRUE)))
first <- !duplicated(patient)
own <- rexp(90, 0.03); died <- runif(90) < 0.6; of <- sample(c("a", "b", "c"), 90, TRUE)
d <- data.frame(sample_id = sprintf("s%03d", 1:n), patient_id = paste0("p", patient), cohort = of[patient],
                os_time = ceiling(own[patient]) + rpois(n, 1), os_event = as.integer(died[patient]))
d$entry <- floor(d$os_time * runif(n) * 0.7)
d$g <- sample(c("high", "low"), n, TRUE)
d$g3 <- sample(c("x", "y", "z"), n, TRUE)
d$age <- round(rnorm(90, 60, 10)[patient])
for (j in 1:4) d[[paste0("gene", j)]] <- round(rnorm(90)[patient] + rnorm(n) / 2, 4)
d$gene3[c(5, 50, 120)] <- NA
rows <- list()
put <- function(key, stat, value) rows[[length(rows) + 1]] <<- data.frame(key, stat, value = sprintf("%.15g", value))
test <- function(key, formula, data = d) {
  s <- summary(coxph(formula, data, ties = "breslow", cluster = patient_id))$robscore
  put(key, "chisq", s["test"]); put(key, "p", s["pvalue"])
}
test("two", Surv(os_time, os_event) ~ g)
test("three", Surv(os_time, os_event) ~ g3)
test("strata", Surv(os_time, os_event) ~ g + strata(cohort))
test("late", Surv(entry, os_time, os_event) ~ g3 + strata(cohort))
test("pair", Surv(os_time, os_event) ~ g3, d[d$g3 != "x", ])
test("trend", Surv(os_time, os_event) ~ as.integer(factor(g3)))
control <- coxph.control(eps = 1e-14, iter.max = 100)
for (j in 1:4) {
  gene <- paste0("gene", j)
  for (adjusted in c("", " + age")) {
    fit <- coxph(as.formula(paste0("Surv(os_time, os_event) ~ ", gene, adjusted, " + strata(cohort)")), d,
                 cluster = patient_id, control = control)
    row <- summary(fit)$coefficients[1, ]
    key <- paste0("screen", adjusted == "", gene)
    put(key, "beta", row["coef"]); put(key, "se", row["robust se"]); put(key, "p", row["Pr(>|z|)"])
  }
}
for (cohort in c("a", "b", "c")) {
  part <- d[d$cohort == cohort, ]; part$x <- part$gene1 / sd(part$gene1); d$scaled[d$cohort == cohort] <- part$x
  row <- summary(coxph(Surv(os_time, os_event) ~ x, part, cluster = patient_id, control = control))$coefficients[1, ]
  put(paste0("meta", cohort), "beta", row["coef"]); put(paste0("meta", cohort), "se", row["robust se"])
}
row <- summary(coxph(Surv(os_time, os_event) ~ scaled + strata(cohort), d, cluster = patient_id, control = control))$coefficients
put("metastratified", "beta", row[1, "coef"]); put("metastratified", "se", row[1, "robust se"])
d$scaled <- NULL
write.table(d, "samples.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
write.table(do.call(rbind, rows), "reference.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
writeLines(c(R.version.string, paste("survival", packageVersion("survival"))), "versions.txt")

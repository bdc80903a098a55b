# Nomograms as rms draws them. Usage, in this folder: Rscript make_nomogram.R
suppressMessages({library(survival); library(rms)})
data <- read.delim("samples.tsv")
data <- data[complete.cases(data[, c("age", "grade", "marker", "os_time", "os_event")]), ]
data$grade <- factor(data$grade)
reach <- datadist(data)
options(datadist = "reach")
rows <- list()
put <- function(case, term, value, stratum, time, points)
  rows[[length(rows) + 1]] <<- data.frame(case, term, value, stratum, time, points = sprintf("%.12g", points))
at <- c(0.99, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0.01)
for (case in c("none", "auto")) {
  formula <- Surv(os_time, os_event) ~ age + grade + marker
  if (case == "auto") formula <- update(formula, . ~ . + strat(cohort))
  fit <- cph(formula, data, x = TRUE, y = TRUE, surv = TRUE, method = "efron", eps = 1e-10, iter.max = 50)
  survival <- Survival(fit)
  strata <- if (case == "auto") sort(unique(data$cohort)) else "all"
  for (k in seq_along(strata)) for (time in c(36, 60)) {
    predicted <- function(lp) if (case == "auto") survival(time, lp, stratum = k) else survival(time, lp)
    drawn <- nomogram(fit, age = seq(20, 100, 20), marker = seq(-4, 4, 2), fun = predicted, fun.at = at)
    if (k == 1 && time == 36) for (term in c("age", "grade", "marker"))
      for (i in seq_along(drawn[[term]]$points))
        put(case, term, as.character(drawn[[term]][[1]][i]), "NA", NA, drawn[[term]]$points[i])
    axis <- drawn[["Predicted Value"]]
    for (i in seq_along(axis$x)) put(case, "survival", as.character(axis$x.real[i]), strata[k], time, axis$x[i])
  }
}
write.table(do.call(rbind, rows), "nomogram.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
writeLines(c(R.version.string, paste("rms", packageVersion("rms"))), "nomogram_versions.txt")

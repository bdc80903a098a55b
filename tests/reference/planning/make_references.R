# Sample sizes and power as R computes them. Usage, in this folder: Rscript make_references.R
suppressMessages({library(rpact); library(survival)})
rows <- list()
put <- function(key, name, value) rows[[length(rows) + 1]] <<- data.frame(key, name, value = sprintf("%.12g", value))
cases <- expand.grid(hr = c(0.5, 0.8, 1.3, 2), power = c(0.8, 0.9), fraction = c(0.5, 0.25), accrual = c(0.001, 24),
                     follow = c(12, 60), dropout = c(0, 0.05), sided = 1:2)
cases <- cases[seq(1, nrow(cases), by = 3), ]
for (i in seq_len(nrow(cases))) with(cases[i, ], {
  plan <- getSampleSizeSurvival(
    sided = sided, alpha = 0.05, beta = 1 - power, typeOfComputation = "Schoenfeld", hazardRatio = hr,
    lambda2 = log(2) / 40, accrualTime = c(0, accrual), followUpTime = follow,
    allocationRatioPlanned = fraction / (1 - fraction), dropoutRate1 = dropout, dropoutRate2 = dropout, dropoutTime = 12)
  key <- paste(hr, power, fraction, accrual, follow, dropout, sided, sep = "|")
  put(key, "n", plan$maxNumberOfSubjects)
  put(key, "events", plan$maxNumberOfEvents)
})
write.table(do.call(rbind, rows), "expected.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
writeLines(c(R.version.string, paste("rpact", packageVersion("rpact"))), "versions.txt")

# The p of Hothorn and Lausen where a marker leaves one cutpoint in the window. Run in this folder: Rscript make_one_candidate.R
suppressMessages({library(maxstat); library(survival)})
set.seed(4)
rows <- lapply(c(14, 22, 31, 40), function(n) {
  d <- data.frame(set = paste0("n", n), x = rbinom(n, 1, .4), time = round(rexp(n, 1 / 20)) + 1, event = rbinom(n, 1, .6))
  m <- maxstat.test(Surv(time, event) ~ x, d, smethod = "LogRank", pmethod = "HL", iscores = TRUE)
  cbind(d, statistic = sprintf("%.15g", m$statistic), p_value = sprintf("%.15g", m$p.value))
})
write.table(do.call(rbind, rows), "one_candidate.tsv", sep = "\t", quote = FALSE, row.names = FALSE)

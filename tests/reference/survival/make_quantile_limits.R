# Limits of median survival as printed by survfit, where the upper limit of the curve rises again after it first
# reaches one half: there they differ from those of quantile(survfit).
#   Rscript make_quantile_limits.R    (in this folder; writes quantile_limits_data.tsv and quantile_limits_expected.tsv)
suppressPackageStartupMessages(library(survival))
kept <- list(); data <- list(); seed <- 0
while (length(data) < 24) {
  seed <- seed + 1
  set.seed(seed)
  n <- sample(20:60, 1)
  d <- data.frame(set = sprintf("s%02d", length(data) + 1), time = round(rexp(n, 1 / 40), 1) + 0.1,
                  event = rbinom(n, 1, runif(1, 0.4, 0.8)))
  fit <- survfit(Surv(time, event) ~ 1, d)
  differs <- !isTRUE(all.equal(unname(summary(fit)$table[9]), unname(quantile(fit, 0.5)$upper)))
  if (!differs && length(data) %% 4 != 0) next
  data[[length(data) + 1]] <- d
  for (reverse in 0:1) for (type in c("log", "log-log", "plain")) {
    f <- survfit(Surv(time, if (reverse) 1 - event else event) ~ 1, d, conf.type = type)
    t <- unname(summary(f)$table)
    kept[[length(kept) + 1]] <- data.frame(set = d$set[1], reverse = reverse, conf_type = type,
      estimate = t[7], ci_low = t[8], ci_high = t[9], quantile_high = unname(quantile(f, 0.5)$upper))
  }
}
write <- function(x, file) write.table(format(x, digits = 15, trim = TRUE), file, sep = "\t", quote = FALSE, row.names = FALSE)
write(do.call(rbind, data), "quantile_limits_data.tsv")
write(do.call(rbind, kept), "quantile_limits_expected.tsv")
cat(R.version.string, "survival", as.character(packageVersion("survival")), "\n")

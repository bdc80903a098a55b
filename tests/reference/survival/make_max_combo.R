# The max-combo test. R's survival has the single tests (survdiff, rho); the joint covariance is computed here from the
# pooled risk sets, and the p-value by mvtnorm::pmvnorm. Usage, in this folder: Rscript make_max_combo.R
suppressMessages({library(survival); library(mvtnorm)})
data <- read.delim("data.tsv")
powers <- rbind(c(0, 0), c(1, 0), c(0, 1), c(1, 1))
one <- function(d) {  # score of the second group and joint covariance of one stratum
  fit <- survfit(Surv(time, event) ~ 1, d)
  before <- c(1, fit$surv)[seq_along(fit$time)]
  at <- which(fit$n.event > 0)
  score <- numeric(4); covariance <- matrix(0, 4, 4)
  for (k in at) {
    t <- fit$time[k]; n <- sum(d$time >= t); deaths <- sum(d$time == t & d$event == 1)
    n1 <- sum(d$time >= t & d$second); d1 <- sum(d$time == t & d$event == 1 & d$second)
    w <- before[k]^powers[, 1] * (1 - before[k])^powers[, 2]
    score <- score + w * (d1 - deaths * n1 / n)
    if (n > 1) covariance <- covariance + outer(w, w) * deaths * (n1 / n) * (1 - n1 / n) * (n - deaths) / (n - 1)
  }
  list(score, covariance)
}
set.seed(1)
rows <- list()
for (set in c("continuous", "heavy_ties", "censored_tail")) for (strata in c("none", "stratum")) {
  d <- data[data$dataset == set & data$group %in% sort(unique(data$group[data$dataset == set]))[1:2], ]
  d$second <- d$group == max(d$group)
  parts <- lapply(if (strata == "none") list(d) else split(d, d$stratum), one)
  score <- Reduce(`+`, lapply(parts, `[[`, 1)); covariance <- Reduce(`+`, lapply(parts, `[[`, 2))
  z <- score / sqrt(diag(covariance))
  plain <- if (strata == "none") survdiff(Surv(time, event) ~ group, d) else survdiff(Surv(time, event) ~ group + strata(stratum), d)
  early <- if (strata == "none") survdiff(Surv(time, event) ~ group, d, rho = 1) else survdiff(Surv(time, event) ~ group + strata(stratum), d, rho = 1)
  stopifnot(all.equal(z[1]^2, plain$chisq), all.equal(z[2]^2, early$chisq))
  p <- 1 - pmvnorm(rep(-max(abs(z)), 4), rep(max(abs(z)), 4), corr = cov2cor(covariance), algorithm = GenzBretz(maxpts = 5e6, abseps = 1e-7))
  rows[[length(rows) + 1]] <- data.frame(set, strata, z00 = z[1], z10 = z[2], z01 = z[3], z11 = z[4], p = as.numeric(p))
}
write.table(format(do.call(rbind, rows), digits = 10), "max_combo_expected.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
writeLines(c(R.version.string, paste("survival", packageVersion("survival")), paste("mvtnorm", packageVersion("mvtnorm"))),
           "max_combo_versions.txt")

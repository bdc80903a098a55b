# Cox models of 500 data sets with outliers and heavy tails, by survival::coxph at the maximum.
#   Rscript make_extreme_references.R    (in this folder; writes extreme_data.tsv.gz and extreme_expected.tsv.gz)
# status: "ok" where coxph converges without a warning; "infinite" or "iterations" is what it warned of.
suppressPackageStartupMessages(library(survival))
control <- coxph.control(eps = 1e-14, iter.max = 100)
data <- list(); rows <- list()
short <- function(x) signif(x, 7)
for (i in 1:500) {
  set.seed(i)
  n <- sample(c(20, 30, 45), 1)
  kind <- c("outlier", "lognormal", "both", "cauchy", "level")[(i - 1) %% 5 + 1]
  signal <- rnorm(n)
  hazard <- exp(sample(c(-0.7, 0, 0.7), 1) * signal)
  time <- rexp(n, hazard / 30) + 0.01
  if (i %% 2 == 0) time <- ceiling(time / 4)
  event <- rbinom(n, 1, sample(c(0.3, 0.6, 0.9), 1))
  if (sum(event) < 3) event[1:3] <- 1
  outlier <- function(x) { x[sample(n, sample(3, 1))] <- sample(c(-1, 1), 1) * 10^runif(1, 3, 6); x }
  heavy <- function(z) exp(sample(2:5, 1) * z)
  x1 <- switch(kind, outlier = outlier(60 + 10 * signal), lognormal = heavy(signal), both = heavy(signal),
               cauchy = 5 + 3 * signal + rcauchy(n), level = outlier(60 + 10 * signal))
  x2 <- switch(kind, outlier = rpois(n, 3), lognormal = rnorm(n), both = outlier(60 + 10 * rnorm(n)),
               cauchy = rcauchy(n), level = rbinom(n, 1, 0.3))
  if (kind == "level" && i %% 10 == 0) event[x2 == 1] <- 0
  d <- data.frame(set = i, time = short(time), event, x1 = short(x1), x2 = short(x2), stratum = sample(2, n, TRUE))
  if (sum(d$event) == 0) next
  data[[length(data) + 1]] <- d
  ties <- if (i %% 3 == 0) "breslow" else "efron"
  for (model in c("x1", "x1 + x2", "x1 + x2 + strata(stratum)")) {
    warned <- ""
    f <- withCallingHandlers(coxph(as.formula(paste("Surv(time, event) ~", model)), d, ties = ties, control = control),
      warning = function(w) { warned <<- paste(warned, conditionMessage(w)); invokeRestart("muffleWarning") })
    status <- if (grepl("may be infinite", warned)) "infinite" else if (nchar(warned)) "iterations" else "ok"
    se <- sqrt(diag(f$var)); se[is.na(coef(f))] <- NA
    rows[[length(rows) + 1]] <- data.frame(set = i, kind, ties, model, status, loglik = f$loglik[2], null = f$loglik[1],
      beta1 = coef(f)[1], se1 = se[1], beta2 = if (model == "x1") NA else coef(f)[2], se2 = if (model == "x1") NA else se[2])
  }
}
out <- do.call(rbind, rows)
number <- sapply(out, is.numeric)
out[number] <- lapply(out[number], function(v) ifelse(is.na(v), "NA", sprintf("%.12g", v)))
write <- function(x, file) write.table(x, gzfile(file), sep = "\t", quote = FALSE, row.names = FALSE)
write(do.call(rbind, data), "extreme_data.tsv.gz")
write(out, "extreme_expected.tsv.gz")
print(table(out$kind, out$status))
cat(R.version.string, "survival", as.character(packageVersion("survival")), "\n")

# Where curves end and where likelihoods are flat: survfit and coxph at the edges.
#   Rscript make_edges.R    (in this folder; writes edges_data.tsv, edges_expected.tsv and edges_versions.txt)
suppressPackageStartupMessages(library(survival))
rows <- list(); data <- list()
put <- function(set, kind, stat, value) rows[[length(rows) + 1]] <<- data.frame(set, kind, stat, value = sprintf("%.15g", unname(value)))
for (i in 1:12) {  # the last sample has the event: the weighted curve ends at 0
  set.seed(i)
  n <- sample(8:30, 1)
  d <- data.frame(set = sprintf("end%02d", i), time = sort(round(rexp(n, 1 / 20), 1)) + 0.1, event = c(rbinom(n - 1, 1, 0.6), 1),
                  entry = 0, x = 0, weight = round(runif(n, 0.2, 3), 2))
  data[[length(data) + 1]] <- d
  for (type in c("log", "log-log", "plain")) {
    f <- survfit(Surv(time, event) ~ 1, d, weights = weight, id = seq_len(n), robust = TRUE, conf.type = type)
    s <- summary(f, times = max(d$time)); m <- unname(summary(f)$table)
    put(d$set[1], type, c("survival", "se", "ci_low", "ci_high", "median", "median_low", "median_high"),
        c(s$surv, s$std.err, s$lower, s$upper, m[7:9]))
  }
}
for (i in 1:12) {  # one value far out: the likelihood is flat around its maximum, the second derivative is not constant
  set.seed(100 + i)
  n <- sample(30:80, 1)
  time <- round(rexp(n, 1 / 20), 1) + 0.1
  d <- data.frame(set = sprintf("far%02d", i), time = time, event = rbinom(n, 1, 0.6), entry = round(time * runif(n, 0, 0.5), 3),
                  x = round(rnorm(n, 60, 10), 1), weight = round(runif(n, 0.2, 3), 2))
  d$x[sample(n, 1)] <- 10^sample(3:6, 1)
  if (i %% 2) d$entry <- 0
  data[[length(data) + 1]] <- d
  y <- if (i %% 2) Surv(d$time, d$event) else Surv(d$entry, d$time, d$event)
  for (ties in c("efron", "breslow")) {
    f <- coxph(y ~ d$x, ties = ties, control = coxph.control(eps = 1e-14, iter.max = 100))
    put(d$set[1], ties, c("beta", "se", "loglik"), c(coef(f), sqrt(f$var), f$loglik[2]))
  }
}
save <- function(x, file) write.table(x, file, sep = "\t", quote = FALSE, row.names = FALSE)
save(do.call(rbind, data), "edges_data.tsv"); save(do.call(rbind, rows), "edges_expected.tsv")
writeLines(c(R.version.string, paste("survival", packageVersion("survival"))), "edges_versions.txt")

# Random small data sets with ties, constant values, no events and single samples, by R's own functions.
# Run in this folder: Rscript make_reference.R
suppressMessages({library(survival); library(metafor)})
set.seed(20)
pick <- function(from, to) from + sample.int(to - from + 1, 1) - 1
values <- list(); expected <- list()
put <- function(kind, set, stat, value) expected[[length(expected) + 1]] <<- data.frame(kind, set, stat, value = as.numeric(value))
keep <- function(kind, set, ...) values[[length(values) + 1]] <<- data.frame(kind, set, ...)
quiet <- function(code) tryCatch(suppressWarnings(code), error = function(e) NULL)

for (s in 1:120) {  # pairs
  n <- sample(c(2:8, 15, 49, 50, 60), 1)
  x <- rnorm(n); y <- rnorm(n, 0.3)
  how <- s %% 5
  if (how == 1) { x <- round(x); y <- round(y) }
  if (how == 2) { x <- round(x, 1); y <- round(y, 1) }
  if (how == 3) y[1:min(2, n)] <- x[1:min(2, n)]
  if (how == 4) { x <- exp(4 * x); y <- exp(4 * y) }
  x <- signif(x, 6); y <- signif(y, 6)
  keep("pairs", s, a = x, b = y, c = NA, d = NA)
  w <- quiet(wilcox.test(round(x - y, 10))); t <- quiet(t.test(x, y, paired = TRUE))
  if (!is.null(w)) { put("pairs", s, "v", w$statistic); put("pairs", s, "p", w$p.value) }
  if (!is.null(t)) { put("pairs", s, "t", t$statistic); put("pairs", s, "tp", t$p.value); put("pairs", s, "tlow", t$conf.int[1]); put("pairs", s, "thigh", t$conf.int[2]) }
}
for (s in 1:120) {  # curves
  n <- sample(c(1:6, 12, 30), 1)
  time <- if (s %% 2) sample(1:6, n, TRUE) else round(rexp(n, 0.05), 3)
  event <- rbinom(n, 1, c(0, 0.3, 0.7, 1)[1 + s %% 4])
  keep("curves", s, a = time, b = event, c = NA, d = NA)
  for (type in c("log", "log-log", "plain")) {
    table <- summary(survfit(Surv(time, event) ~ 1, conf.type = type))$table
    for (stat in c("median", "0.95LCL", "0.95UCL")) put("curves", s, paste(type, stat), table[[stat]])
    last <- summary(survfit(Surv(time, event) ~ 1, conf.type = type), times = max(time))
    for (stat in c("surv", "std.err", "lower", "upper")) put("curves", s, paste(type, stat), last[[stat]])
  }
}
for (s in 1:120) {  # concordance within strata
  n <- sample(c(6, 10, 20, 40), 1)
  stratum <- sample(1:sample(2:4, 1), n, TRUE)
  x <- if (s %% 3) round(rnorm(n), s %% 2) else signif(rnorm(n), 5)
  time <- if (s %% 2) sample(1:8, n, TRUE) else signif(rexp(n) * exp(-x), 5)
  event <- rbinom(n, 1, c(0.3, 0.7, 1)[1 + s %% 3])
  keep("concordance", s, a = time, b = event, c = x, d = stratum)
  for (weight in c("n", "n/G2")) {
    found <- quiet(concordance(Surv(time, event) ~ x + strata(stratum), reverse = TRUE, timewt = weight))
    if (!is.null(found)) { put("concordance", s, paste(weight, "c"), found$concordance); put("concordance", s, paste(weight, "se"), sqrt(found$var)) }
  }
  slope <- quiet(coxph(Surv(time, event) ~ x + strata(stratum), eps = 1e-12, toler.chol = 1e-13, iter.max = 100))
  warned <- tryCatch({ coxph(Surv(time, event) ~ x + strata(stratum), eps = 1e-12, toler.chol = 1e-13, iter.max = 100); FALSE }, warning = function(w) TRUE, error = function(e) TRUE)
  if (!is.null(slope) && !warned && !is.na(coef(slope))) { put("concordance", s, "beta", coef(slope)); put("concordance", s, "beta_se", sqrt(vcov(slope))) }
}
for (s in 1:120) {  # pooled effects
  k <- sample(2:8, 1)
  se <- exp(runif(k, log(0.01), log(3))); effect <- rnorm(k, 0.3, c(0, 0.3, 3)[1 + s %% 3]) + c(0, 1)[1 + (s %% 2)] * rnorm(k, 0, se)
  if (s %% 10 == 0) effect <- rep(0.4, k)
  effect <- signif(effect, 6); se <- signif(se, 6)
  keep("pooled", s, a = effect, b = se, c = NA, d = NA)
  for (method in c("DL", "PM", "REML")) {
    m <- quiet(rma(effect, sei = se, method = method, control = list(threshold = 1e-12, maxiter = 10000, tol = 1e-12)))
    if (is.null(m)) next
    put("pooled", s, paste(method, "b"), m$b[1]); put("pooled", s, paste(method, "se"), m$se); put("pooled", s, paste(method, "tau2"), m$tau2); put("pooled", s, paste(method, "i2"), m$I2)
  }
}
for (s in 1:150) {  # tables
  r <- sample(2:10, 1); cols <- sample(2:4, 1)
  n <- sample(c(8, 20, 40, 80), 1)
  counts <- table(factor(sample(1:r, n, TRUE, prob = rexp(r)), 1:r), factor(sample(1:cols, n, TRUE, prob = rexp(cols)), 1:cols))
  if (sum(rowSums(counts) > 0) < 2 || sum(colSums(counts) > 0) < 2) next
  keep("tables", s, a = as.vector(counts), b = rep(1:r, cols), c = rep(1:cols, each = r), d = NA)
  f <- quiet(fisher.test(counts, workspace = 2e8)); if (!is.null(f)) put("tables", s, "p", f$p.value)
}
for (s in 1:150) {  # overlaps
  total <- sample(c(5, 50, 2000, 20000), 1); marked <- sample(1:total, 1); drawn <- sample(1:min(total, 500), 1)
  k <- pick(max(0, marked + drawn - total), min(marked, drawn))
  keep("overlaps", s, a = k, b = marked, c = drawn, d = total)
  f <- fisher.test(matrix(c(k, marked - k, drawn - k, total - marked - drawn + k), 2), alternative = "greater")
  put("overlaps", s, "p", f$p.value)
}
save <- function(rows, file) { rows <- do.call(rbind, rows); for (n in names(rows)) if (is.numeric(rows[[n]])) rows[[n]] <- sprintf("%.12g", rows[[n]]); write.table(rows, file, sep = "\t", quote = FALSE, row.names = FALSE) }
save(values, gzfile("data.tsv.gz")); save(expected, gzfile("expected.tsv.gz"))
writeLines(c(R.version.string, paste("survival", packageVersion("survival")), paste("metafor", packageVersion("metafor"))), "versions.txt")

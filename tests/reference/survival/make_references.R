# Reference values of the survival estimators, from R's survival package.
#
#   Rscript make_references.R                    writes data.tsv, expected.tsv, versions.txt
#   Rscript make_references.R FOLDER             writes real_expected.tsv from the folder of real cohorts
#
# data.tsv: dataset, time, event, group, stratum, cluster, x1, x2, f
# expected files: dataset, kind, config, item, value (15 significant digits)

suppressMessages(library(survival))
arguments <- commandArgs(trailingOnly = TRUE)
collected <- list()
keep <- function(dataset, kind, config, values) {
  values <- values[lengths(values) > 0]
  for (item in names(values)) {
    v <- as.numeric(values[[item]])
    names <- if (length(v) == 1) item else paste0(item, ".", seq_along(v))
    collected[[length(collected) + 1]] <<- data.frame(
      dataset = dataset, kind = kind, config = config, item = names,
      value = ifelse(is.na(v), "NA", sprintf("%.15g", v)))
  }
}

curves <- function(d, name, full) {
  for (type in c("log", "log-log", "plain")) {
    fit <- survfit(Surv(time, event) ~ 1, d, conf.type = type)
    s <- summary(fit, censored = TRUE)
    if (full) keep(name, "curve", type, list(
      time = s$time, n_risk = s$n.risk, n_event = s$n.event, n_censor = s$n.censor,
      survival = s$surv, se = s$std.err, ci_low = s$lower, ci_high = s$upper))
    q <- quantile(fit, c(0.25, 0.5, 0.75))
    q$quantile[2] <- summary(fit)$table["median"]  # as printed; they differ where the curve ends flat at one half
    keep(name, "quantile", type, list(estimate = q$quantile, ci_low = q$lower, ci_high = q$upper))
    reverse <- survfit(Surv(time, 1 - event) ~ 1, d, conf.type = type)
    r <- quantile(reverse, 0.5)
    r$quantile <- summary(reverse)$table["median"]
    keep(name, "follow_up", type, list(estimate = r$quantile, ci_low = r$lower, ci_high = r$upper))
    at <- signif(unname(quantile(d$time, c(0, 0.2, 0.5, 0.9), type = 1)) + c(0, 0, diff(range(d$time)) / 1e3, 0), 6)
    s <- summary(fit, times = at)
    keep(name, "at", type, list(time = at, n_risk = s$n.risk, survival = s$surv, se = s$std.err,
                                ci_low = s$lower, ci_high = s$upper))
  }
  horizon <- signif(unname(quantile(d$time, 0.8, type = 1)) * 0.99, 6)
  if (horizon > min(d$time)) {
    table <- summary(survfit(Surv(time, event) ~ 1, d), rmean = horizon)$table
    keep(name, "rmst", "log", list(horizon = horizon, estimate = table["rmean"], se = table["se(rmean)"]))
  }
}

# Gehan-Breslow weights (number at risk), written from the definition.
gehan <- function(d, stratified) {
  g <- as.integer(factor(d$group)); k <- max(g)
  O <- E <- numeric(k); V <- matrix(0, k, k)
  y <- survival:::aeqSurv(Surv(d$time, d$event)); time <- y[, 1]; event <- y[, 2]
  s <- if (stratified) d$stratum else rep(1, nrow(d))
  for (h in unique(s)) for (t in unique(time[event == 1 & s == h])) {
    risk <- s == h & time >= t; n <- sum(risk); dead <- risk & time == t & event == 1; m <- sum(dead)
    nk <- tabulate(g[risk], k)
    O <- O + n * tabulate(g[dead], k); E <- E + n * m * nk / n
    if (n > 1) V <- V + n^2 * m * (n - m) / (n - 1) * (diag(nk / n, k) - outer(nk / n, nk / n))
  }
  list(observed = O, expected = E, chisq = drop(solve(V[-1, -1], (O - E)[-1]) %*% (O - E)[-1]))
}

tests <- function(d, name) {
  for (stratified in c(FALSE, TRUE)) {
    form <- if (stratified) Surv(time, event) ~ group + strata(stratum) else Surv(time, event) ~ group
    strata <- if (stratified) "strata" else "none"
    for (rho in c(0, 1)) {
      s <- survdiff(form, d, rho = rho)
      O <- rowSums(as.matrix(s$obs)); E <- rowSums(as.matrix(s$exp))
      scores <- seq_along(O) - 1
      trend <- sum(scores * (O - E))^2 / drop(scores %*% s$var %*% scores)
      keep(name, "logrank", paste(c("logrank", "peto")[rho + 1], strata, sep = "|"), list(
        observed = O, expected = E, chisq = s$chisq,
        p = pchisq(s$chisq, length(O) - 1, lower.tail = FALSE), trend = trend))
    }
    w <- try(gehan(d, stratified), silent = TRUE)
    if (!inherits(w, "try-error")) keep(name, "logrank", paste("wilcoxon", strata, sep = "|"), w)
  }
  levels <- sort(unique(d$group))
  if (length(levels) > 2) {
    pairs <- combn(levels, 2)
    p <- apply(pairs, 2, function(v) {
      s <- survdiff(Surv(time, event) ~ group, d[d$group %in% v, ])
      pchisq(s$chisq, 1, lower.tail = FALSE)
    })
    keep(name, "pairs", "logrank|none", list(p = p, bh = p.adjust(p, "BH"), holm = p.adjust(p, "holm")))
  }
}

# coxph drops a coefficient from its Wald test where the variances differ by many orders of
# magnitude (its tolerance is absolute); on the correlation scale the test is what it should be.
wald <- function(fit) {
  if (anyNA(coef(fit)) || length(coef(fit)) < 2 || max(fit$var) < 1e6) return(fit$wald.test)
  z <- coef(fit) / sqrt(diag(fit$var))
  drop(z %*% solve(cov2cor(fit$var), z))
}

models <- function(d, name, formulas, transforms = c("km", "rank", "identity", "log"), eps = c(1e-9, 1e-14)) {
  for (terms in formulas) for (stratified in c("none", "strata", "cluster")) for (ties in c("efron", "breslow"))
    for (e in eps) {
      form <- paste("Surv(time, event) ~", terms, if (stratified == "strata") "+ strata(stratum)" else "")
      # (for coxph, a cluster is given as an argument)
      control <- suppressWarnings(coxph.control(eps = e, iter.max = 60))
      call <- list(formula = as.formula(form), data = d, ties = ties, control = control)
      if (stratified == "cluster") call$cluster <- quote(cluster)
      fit <- suppressWarnings(do.call(coxph, call))
      keep(name, "cox", paste(terms, stratified, ties, sprintf("%g", e), sep = "|"), list(
        beta = coef(fit), se = sqrt(pmax(diag(fit$var), 0)), loglik_null = fit$loglik[1], loglik = fit$loglik[2],
        score = fit$score, wald = wald(fit), iterations = fit$iter,
        concordance = fit$concordance["concordance"], concordance_se = fit$concordance["std"]))
      if (e != 1e-14 || stratified == "cluster") next
      for (transform in transforms) {
        z <- try(cox.zph(fit, transform), silent = TRUE)
        if (inherits(z, "try-error")) next
        keep(name, "zph", paste(terms, stratified, ties, transform, sep = "|"),
             list(chisq = z$table[, 1], df = z$table[, 2], p = z$table[, 3]))
      }
    }
}

write_expected <- function(file) {
  write.table(do.call(rbind, collected), file, sep = "\t", quote = FALSE, row.names = FALSE)
}

if (length(arguments) == 0) {
  set.seed(20240229)
  make <- function(n, time, event) data.frame(
    time = time, event = event, group = sample(c("a", "b", "c"), n, TRUE), stratum = sample(1:3, n, TRUE),
    cluster = sample(1:15, n, TRUE), x1 = round(rnorm(n), 4), x2 = round(runif(n), 4),
    f = sample(c("I", "II", "III"), n, TRUE))
  data <- list()
  n <- 90; data$continuous <- make(n, round(rexp(n) * 30, 6), rbinom(n, 1, 0.6))
  n <- 120; data$heavy_ties <- make(n, rpois(n, 4), rbinom(n, 1, 0.6))
  data$heavy_ties$time[1:4] <- 0
  n <- 60; data$near_ties <- make(n, sample(c(0.1 + 0.2, 0.3, 1 - 0.9, 0.1, 0.7, 0.1 * 7, 1, 1.1 + 2.2, 3.3), n, TRUE),
                                  rbinom(n, 1, 0.7))
  n <- 24; data$one_event <- make(n, round(rexp(n) * 10, 3), 0)
  data$one_event$event[order(data$one_event$time)[5]] <- 1
  n <- 70; data$censored_tail <- make(n, round(runif(n, 0, 60), 2), rbinom(n, 1, 0.7))
  data$censored_tail$event[data$censored_tail$time > 25] <- 0
  n <- 60; data$level_without_events <- make(n, round(rexp(n) * 12, 1), rbinom(n, 1, 0.7))
  data$level_without_events$event[data$level_without_events$f == "II"] <- 0
  n <- 60; data$collinear <- make(n, round(rexp(n) * 12, 1), rbinom(n, 1, 0.7))
  data$collinear$x2 <- 2 * data$collinear$x1 + 3
  n <- 50; data$huge_scale <- make(n, round(rexp(n) * 1e7), rbinom(n, 1, 0.6))
  data$huge_scale$x1 <- data$huge_scale$x1 * 1e-8; data$huge_scale$x2 <- 1e5 + data$huge_scale$x2
  n <- 40; data$tiny_times <- make(n, round(rexp(n), 3) * 1e-3, rbinom(n, 1, 0.6))
  n <- 30; data$event_at_last_time <- make(n, round(rexp(n) * 10, 1), rbinom(n, 1, 0.5))
  data$event_at_last_time$event[which.max(data$event_at_last_time$time)] <- 1
  n <- 20; data$flat_at_half <- make(n, c(1:10, 15 + 1:10), rep(c(1, 0), each = 10))
  for (name in names(data)) data[[name]] <- cbind(dataset = name, data[[name]])
  everything <- do.call(rbind, data)
  everything$time <- sprintf("%.17g", everything$time); everything$x1 <- sprintf("%.17g", everything$x1)
  everything$x2 <- sprintf("%.17g", everything$x2)
  write.table(everything, "data.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
  everything <- read.delim("data.tsv", colClasses = c(time = "numeric", x1 = "numeric", x2 = "numeric"))
  for (name in names(data)) {
    d <- everything[everything$dataset == name, ]
    curves(d, name, full = name %in% c("heavy_ties", "near_ties", "event_at_last_time"))
    if (name != "one_event") tests(d, name)
    if (name %in% c("continuous", "heavy_ties")) models(d, name, c("x1", "x1+f", "x1+x2+f"))
    else if (name == "near_ties") models(d, name, "x1+f")
    else if (name == "level_without_events") models(d, name, "x1+f", character(), 1e-9)
    else if (name %in% c("collinear", "censored_tail", "huge_scale")) models(d, name, "x1+x2", "km")
    else if (name == "one_event") models(d, name, "x1", character(), 1e-14)
  }
  write_expected("expected.tsv")
  writeLines(c(R.version.string, paste("survival", packageVersion("survival"))), "versions.txt")
} else {
  source("cohorts.R")
  real <- real_cohorts(arguments[1])
  for (name in names(real)) {
    d <- real[[name]]
    keep(name, "size", "", list(n = nrow(d), events = sum(d$event)))
    curves(d, name, full = FALSE)
    tests(d, name)
    models(d, name, c("x1", "f", "x1+x2+f"), eps = 1e-14)
  }
  write_expected("real_expected.tsv")
}

# References of late entry, weighted log-rank tests, restricted means, splines, interactions, case weights, Firth's
# penalty, residuals and baselines. Run make_references.R first: it writes data.tsv.
#
#   Rscript make_depth_references.R            reads data.tsv, writes depth_expected.tsv.gz and depth_versions.txt
#   Rscript make_depth_references.R FOLDER     writes depth_real_expected.tsv.gz from the folder of real cohorts
#
# Late entry of row i is time * ((7 i) mod 10) / 20, case weights are 0.5 + (i mod 4) / 2 or 1 + i mod 3.
# Vectors of residuals stand as three sums: of r, of |r|, and of r * sin(i).

suppressMessages({library(survival); library(survMisc); library(Hmisc)})
options(warn = -1)
arguments <- commandArgs(trailingOnly = TRUE)
collected <- list()
keep <- function(dataset, kind, config, values) {
  for (item in names(values)) {
    v <- as.numeric(values[[item]])
    if (length(v) == 0) next
    names <- if (length(v) == 1) item else paste0(item, ".", seq_along(v))
    collected[[length(collected) + 1]] <<- data.frame(
      dataset = dataset, kind = kind, config = config, item = names,
      value = ifelse(is.na(v), "NA", sprintf("%.15g", v)))
  }
}
sums <- function(r) c(sum(r), sum(abs(r)), sum(r * sin(seq_along(r))))
design <- function(d) {
  i <- seq_len(nrow(d))
  d$entry <- d$time * ((i * 7) %% 10) / 20
  d$w <- 0.5 + (i %% 4) / 2
  d$w2 <- 1 + i %% 3
  d
}

late_curves <- function(d, name) {
  d <- d[d$entry < d$time, ]
  fit <- survfit(Surv(entry, time, event) ~ 1, d)
  s <- summary(fit, censored = TRUE)
  pick <- unique(round(seq(1, length(s$time), length.out = 8)))
  keep(name, "late_curve", "log", list(
    time = s$time[pick], n_risk = s$n.risk[pick], survival = s$surv[pick], se = s$std.err[pick],
    ci_low = s$lower[pick], ci_high = s$upper[pick]))
  q <- quantile(fit, 0.5)
  keep(name, "late_median", "log", list(estimate = q$quantile, ci_low = q$lower, ci_high = q$upper))
}

mean_differences <- function(d, name) {
  horizon <- signif(0.9 * min(tapply(d$time, d$group, max)), 6)
  table <- summary(survfit(Surv(time, event) ~ group, d), rmean = horizon)$table
  for (pair in combn(nrow(table), 2, simplify = FALSE)) {
    difference <- unname(diff(table[pair, "rmean"])); se <- sqrt(sum(table[pair, "se(rmean)"]^2))
    keep(name, "rmst_difference", paste(pair, collapse = " "), list(
      horizon = horizon, estimate = difference, se = se, p = 2 * pnorm(-abs(difference / se))))
  }
}

# Weighted log-rank test with late entry and strata, written from the definition.
weighted <- function(d, weight, stratified, late) {
  g <- as.integer(factor(d$group)); k <- max(g)
  O <- E <- numeric(k); V <- matrix(0, k, k)
  y <- survival:::aeqSurv(Surv(if (late) d$entry else rep(-1, nrow(d)), d$time, d$event))
  entry <- y[, 1]; time <- y[, 2]; event <- y[, 3]
  s <- if (stratified) d$stratum else rep(1, nrow(d))
  for (h in unique(s)) {
    surv <- 1
    for (t in sort(unique(time[event == 1 & s == h]))) {
      risk <- s == h & time >= t & entry < t; n <- sum(risk); dead <- risk & time == t & event == 1; m <- sum(dead)
      nk <- tabulate(g[risk], k); w <- weight(n, surv)
      O <- O + w * tabulate(g[dead], k); E <- E + w * m * nk / n
      if (n > 1) V <- V + w^2 * m * (n - m) / (n - 1) * (diag(nk / n, k) - outer(nk / n, nk / n))
      surv <- surv * (1 - m / n)
    }
  }
  list(observed = O, expected = E, chisq = drop(solve(V[-1, -1], (O - E)[-1]) %*% (O - E)[-1]))
}
weighings <- list(
  logrank = function(n, s) 1, wilcoxon = function(n, s) n, peto = function(n, s) s, tarone_ware = function(n, s) sqrt(n),
  "fleming_harrington 0 1" = function(n, s) 1 - s, "fleming_harrington 0.5 2" = function(n, s) sqrt(s) * (1 - s)^2,
  "fleming_harrington 2 0" = function(n, s) s^2)

weighted_tests <- function(d, name) {
  for (w in names(weighings)) for (stratified in c(FALSE, TRUE)) for (late in c(FALSE, TRUE)) {
    part <- if (late) d[d$entry < d$time, ] else d
    r <- try(weighted(part, weighings[[w]], stratified, late), silent = TRUE)
    if (inherits(r, "try-error")) next
    if (w == "fleming_harrington 2 0" && !late) {  # the definition, and survdiff
      form <- if (stratified) Surv(time, event) ~ group + strata(stratum) else Surv(time, event) ~ group
      stopifnot(isTRUE(all.equal(r$chisq, survdiff(form, part, rho = 2)$chisq, tolerance = 1e-10)))
    }
    if (w == "logrank" && late && nrow(part) < 130 && max(table(part$time[part$event == 1])) < 6) {  # the definition, and the score test of the exact partial likelihood
      form <- if (stratified) Surv(entry, time, event) ~ group + strata(stratum) else Surv(entry, time, event) ~ group
      exact <- try(coxph(form, part, ties = "exact"), silent = TRUE)
      if (!inherits(exact, "try-error")) stopifnot(isTRUE(all.equal(r$chisq, exact$score, tolerance = 1e-6)))
    }
    keep(name, "weighted", paste(w, if (stratified) "strata" else "none", if (late) "late" else "all", sep = "|"), r)
  }
  # (survMisc's log-rank family of two groups, an implementation by others; it drops times of 0, joins no near ties)
  two <- d[d$group %in% sort(unique(d$group))[1:2], ]
  two$group <- factor(two$group)
  if (!name %in% c("heavy_ties", "near_ties") && nrow(two) < 130 && any(duplicated(two$time)) && max(diff(sort(unique(two$time)))) > 0) {
    x <- ten(survfit(Surv(time, event) ~ group, two))
    invisible(capture.output(comp(x, p = c(0, 2), q = c(1, 0))))
    z <- attr(x, "lrt")
    keep(name, "survmisc", "", list(logrank = z$chiSq[z$W == "1"], wilcoxon = z$chiSq[z$W == "n"],
      tarone_ware = z$chiSq[z$W == "sqrtN"], late = z$chiSq[z$W == "FH_p=0_q=1"], early = z$chiSq[z$W == "FH_p=2_q=0"]))
  }
}

fits <- function(d, name, kinds, transforms = c("km", "identity")) {
  for (kind in kinds) for (ties in c("efron", "breslow")) {
    if (ties == "breslow" && (name == "big" || !kind %in% c("all", "spline"))) next
    part <- if (kind %in% c("entry", "all")) d[d$entry < d$time, ] else d
    call <- list(ties = ties, control = coxph.control(eps = 1e-14, iter.max = 60))
    terms <- "x1 + f"
    if (kind %in% c("spline", "all")) {
      if (kind == "all") part <- part
      basis <- rcspline.eval(d$x1, knots = knots_of(d$x1, 4), inclx = TRUE)
      if (nrow(part) < nrow(d)) basis <- basis[d$entry < d$time, ]
      part$s1 <- basis[, 2]; part$s2 <- basis[, 3]
      terms <- "x1 + s1 + s2 + f"
    }
    if (kind == "interaction") terms <- "x1 + f + x1:f"
    if (kind == "factors") terms <- "x1 + f + group + f:group"
    if (kind %in% c("weights", "all")) call$weights <- part$w
    if (kind == "counts") call$weights <- part$w2
    if (kind == "all") call$cluster <- part$cluster
    response <- if (kind %in% c("entry", "all")) "Surv(entry, time, event)" else "Surv(time, event)"
    if (kind == "all") terms <- paste(terms, "+ strata(stratum)")
    call$formula <- as.formula(paste(response, "~", terms)); call$data <- part
    fit <- try(do.call(coxph, call), silent = TRUE)
    if (inherits(fit, "try-error")) { message(name, " ", kind, ": ", fit); next }
    config <- paste(kind, ties, sep = "|")
    naive <- if (is.null(fit$naive.var)) fit$var else fit$naive.var
    keep(name, "fit", config, list(
      beta = coef(fit), se = sqrt(diag(fit$var)), naive_se = sqrt(diag(naive)), loglik_null = fit$loglik[1],
      loglik = fit$loglik[2], score = fit$score, wald = fit$wald.test, concordance = fit$concordance["concordance"],
      concordance_se = fit$concordance["std"]))
    if (anyNA(coef(fit))) next
    if (kind == "spline") {
      line <- coxph(Surv(time, event) ~ x1 + f, part, ties = ties, control = coxph.control(eps = 1e-14, iter.max = 60))
      keep(name, "against_line", config, list(chisq = 2 * (fit$loglik[2] - line$loglik[2]),
        p = pchisq(2 * (fit$loglik[2] - line$loglik[2]), 2, lower.tail = FALSE)))
    }
    r <- list(martingale = sums(residuals(fit, "martingale")), deviance = sums(residuals(fit, "deviance")))
    dfbeta <- as.matrix(residuals(fit, "dfbeta")); score <- as.matrix(residuals(fit, "schoenfeld"))
    scaled <- as.matrix(residuals(fit, "scaledsch"))
    for (j in seq_len(ncol(dfbeta))) r[[paste0("dfbeta_", letters[j])]] <- sums(dfbeta[, j])
    for (j in seq_len(ncol(score))) {
      # events at one time stand in the order of the data in one program and not in the other: sums only
      r[[paste0("schoenfeld_", letters[j])]] <- c(sum(score[, j]), sum(abs(score[, j])), sum(score[, j]^2))
      r[[paste0("scaled_", letters[j])]] <- c(sum(scaled[, j]), sum(abs(scaled[, j])), sum(scaled[, j]^2))
    }
    keep(name, "residuals", config, r)
    curve <- survfit(fit)
    strata <- if (is.null(curve$strata)) rep(1, length(curve$time)) else rep(seq_along(curve$strata), curve$strata)
    chosen <- curve$n.event > 0
    keep(name, "baseline", config, list(means = fit$means, events = tapply(chosen, strata, sum),
      cumhaz = sums(curve$cumhaz[chosen]), std = sums(curve$std.err[chosen]), survival = sums(curve$surv[chosen])))
    if (kind != "all") for (transform in transforms) {
      z <- try(cox.zph(fit, transform, terms = FALSE), silent = TRUE)
      if (!inherits(z, "try-error"))
        keep(name, "zph", paste(config, transform, sep = "|"), list(chisq = z$table[, 1], p = z$table[, 3]))
    }
  }
}
knots_of <- function(x, n) {
  k <- unname(quantile(x, c(.05, .35, .65, .95)))
  if (length(x) < 100) { x <- sort(x); k[c(1, 4)] <- x[c(5, length(x) - 4)] }
  k
}

# Firth's penalised likelihood maximised numerically: coxph at a given beta gives the log-likelihood and information.
firth <- function(d, name, x, ties) {
  y <- survival:::aeqSurv(Surv(d$time, d$event)); x <- as.matrix(x)
  still <- function(b) coxph.fit(x, y, NULL, rep(0, nrow(x)), b, coxph.control(iter.max = 0), NULL, ties, NULL,
                                 resid = FALSE)
  at <- function(b) {
    f <- still(b)
    f$loglik[2] - as.numeric(determinant(as.matrix(f$var))$modulus) / 2
  }
  p <- ncol(x)
  gradient <- function(f, b, h = 2e-3) sapply(seq_along(b), function(j) {
    e <- replace(numeric(length(b)), j, h)
    (8 * (f(b + e) - f(b - e)) - (f(b + 2 * e) - f(b - 2 * e))) / (12 * h)
  })
  solve_for <- function(f, b) {
    b <- optim(b, function(b) -f(b), method = "BFGS", control = list(reltol = 1e-15, maxit = 500))$par
    for (i in 1:8) {
      g <- gradient(f, b)
      H <- sapply(seq_along(b), function(j) { e <- replace(numeric(length(b)), j, 1e-3)
        (gradient(f, b + e) - gradient(f, b - e)) / 2e-3 })
      b <- b - solve(as.matrix(H), g)
    }
    b
  }
  b <- solve_for(at, numeric(p)); top <- at(b)
  f <- still(b)
  limits <- matrix(NA, p, 2); tests <- numeric(p)
  profile <- function(j, v) {
    if (p == 1) return(at(v))
    g <- function(rest) at(append(rest, v, j - 1))
    rest <- optim(b[-j], function(r) -g(r), method = if (p == 2) "Brent" else "BFGS", lower = if (p == 2) -50 else -Inf,
                  upper = if (p == 2) 50 else Inf, control = list(reltol = 1e-15))$par
    g(rest)
  }
  se <- sqrt(diag(as.matrix(f$var)))
  for (j in 1:p) {
    drop <- function(v) profile(j, v) - top + qchisq(.95, 1) / 2
    limits[j, 1] <- uniroot(drop, c(b[j] - 8 * se[j], b[j]), tol = 1e-11)$root
    limits[j, 2] <- uniroot(drop, c(b[j], b[j] + 8 * se[j]), tol = 1e-11)$root
    tests[j] <- pchisq(2 * (top - profile(j, 0)), 1, lower.tail = FALSE)
  }
  keep(name, "firth", ties, list(beta = b, se = se, loglik = top, null = at(numeric(p)), low = limits[, 1],
                                 high = limits[, 2], p = tests))
}

everything <- function(d, name, kinds) {
  message(name)
  d <- design(d)
  late_curves(d, name)
  if (length(unique(d$group)) > 1 && name != "one_event") { mean_differences(d, name); weighted_tests(d, name) }
  fits(d, name, kinds)
}
finish <- function(file) write.table(do.call(rbind, collected), gzfile(file), sep = "\t", quote = FALSE, row.names = FALSE)

if (length(arguments) == 0) {
  data <- read.delim("data.tsv", colClasses = c(time = "numeric", x1 = "numeric", x2 = "numeric"))
  usual <- c("spline", "interaction", "weights", "counts", "entry", "all")
  kinds <- list(continuous = c(usual, "factors"), heavy_ties = c(usual, "factors"), near_ties = usual,
    one_event = character(), censored_tail = usual, level_without_events = character(), collinear = usual,
    huge_scale = c("weights", "entry", "spline"), tiny_times = c("weights", "entry"),
    event_at_last_time = c("weights", "entry"), flat_at_half = "weights")
  for (name in names(kinds)) everything(data[data$dataset == name, ], name, kinds[[name]])
  d <- data[data$dataset == "level_without_events", ]
  firth(d, "level_without_events", model.matrix(~ x1 + f, d)[, -1], "breslow")
  firth(d, "level_without_events", model.matrix(~ x1 + f, d)[, -1], "efron")
  d <- data[data$dataset == "one_event", ]
  firth(d, "one_event", cbind(d$x1), "efron")
  d <- data[data$dataset == "heavy_ties", ]
  firth(d, "heavy_ties", cbind(d$x1, d$x2), "efron")
  i <- 1:100000  # nothing of this is stored: the formulae stand in the test as well
  big <- data.frame(time = ((i * 7919) %% 100003) %/% 100, event = as.integer((i * 31) %% 7 < 3),
                    x1 = ((i * 104729) %% 99991) / 99991, f = c("I", "II", "III")[1 + (i * 13) %% 3],
                    group = c("a", "b")[1 + (i * 17) %% 2], stratum = i %% 4, cluster = i %/% 5)
  big$time <- big$time + round(50 * big$x1)
  big <- design(big)
  late_curves(big, "big"); mean_differences(big, "big"); fits(big, "big", c("weights", "entry", "spline"), "km")
  finish("depth_expected.tsv.gz")
  writeLines(c(R.version.string, sapply(c("survival", "survMisc", "Hmisc"), function(p) paste(p, packageVersion(p)))),
             "depth_versions.txt")
} else {
  source("cohorts.R")
  real <- real_cohorts(arguments[1])
  for (name in names(real))
    everything(real[[name]], name, c("spline", "interaction", "weights", "counts", "entry", "all"))
  d <- real$ovarian_gse51088
  firth(d, "ovarian_gse51088", cbind(d$x1, d$x2), "efron")
  finish("depth_real_expected.tsv.gz")
}


# ------------------------------------------------------------ Cox models with options
# Splines, interactions, case weights, clusters, late entry, effects that change over time, Firth's penalty.
spline_of <- function(x, knots) {   # Harrell's restricted cubic spline at his quantiles of all samples that have the variable
  known <- sort(x[!is.na(x)])
  outer <- switch(as.character(knots), "3" = 0.1, "7" = 0.025, 0.05)
  at <- quantile(known, seq(outer, 1 - outer, length.out = knots), names = FALSE)
  if (length(known) < 100) at[c(1, knots)] <- c(known[5], rev(known)[5])
  cube <- function(t) pmax(x - t, 0)^3
  last <- at[knots - 1:0]
  made <- cbind(x, sapply(seq_len(knots - 2), function(j)
    (cube(at[j]) - (cube(last[1]) * (last[2] - at[j]) - cube(last[2]) * (last[1] - at[j])) / diff(last)) / (at[knots] - at[1])^2))
  if (requireNamespace("Hmisc", quietly = TRUE)) made[!is.na(x), ] <- Hmisc::rcspline.eval(x[!is.na(x)], knots = at, inclx = TRUE)
  colnames(made) <- c("linear", paste("spline", seq_len(knots - 2)))
  made
}
columns_of <- function(x) {   # the columns of a coded variable, named by their levels
  if (is.matrix(x)) return(x)
  if (!is.factor(x)) return(matrix(x, ncol = 1, dimnames = list(NULL, "")))
  others <- levels(x)[-1]
  matrix(outer(as.character(x), others, "==") + 0, ncol = length(others), dimnames = list(NULL, others))
}
product_of <- function(a, b) {
  pairs <- expand.grid(i = seq_len(ncol(a)), j = seq_len(ncol(b)))
  made <- a[, pairs$i, drop = FALSE] * b[, pairs$j, drop = FALSE]
  both <- ifelse(nzchar(colnames(a)[pairs$i]) & nzchar(colnames(b)[pairs$j]), ":", "")
  colnames(made) <- paste0(colnames(a)[pairs$i], both, colnames(b)[pairs$j])
  made
}
sampled <- function(d, f) {   # weights, clusters and times of entry as columns; samples without them are excluded
  if (given(f$weight_column)) {
    d$.weight <- num(d[[f$weight_column]])
    d <- d[!is.na(d$.weight) & d$.weight > 0, , drop = FALSE]
    if (any(d$.weight %% 1 != 0)) d$.cluster <- seq_len(nrow(d))
  }
  if (given(f$cluster)) {
    own <- d[[f$cluster]]
    d$.cluster <- as.integer(factor(ifelse(is.na(own), paste("\1", d$sample_id), own)))
  }
  if (given(f$entry_time_column)) {
    d$.start <- num(d[[f$entry_time_column]])
    d <- d[!is.na(d$.start) & d$.start < d$.time, , drop = FALSE]
  }
  d
}
fitted_cox <- function(formula, d, f) {
  args <- list(as.formula(formula), data = d, ties = ties_of(f), control = control, x = TRUE, model = TRUE)
  if (".weight" %in% names(d)) args$weights <- d$.weight
  if (".cluster" %in% names(d)) args$cluster <- d$.cluster
  do.call(coxph, args)
}
loglik_of <- function(found, f, x) {   # of the same samples with other columns
  if (!ncol(x)) return(found$fit$loglik[1])
  d <- found$parted
  weights <- if (".weight" %in% names(d)) d$.weight else rep(1, nrow(d))
  less <- coxph(found$fit$y ~ x + strata(d$.strata), weights = weights, ties = ties_of(f), control = control)
  less$loglik[length(less$loglik)]
}
# A term over time as columns of its own: one per interval (named `0-20`), or one at time 0 and its change (`log(t + 1)`).
over_time <- function(d, f) {
  kinds <- kind_of(parts(f$terms, "|"))
  timed <- which(kinds %in% c("step", "log"))
  if (!length(timed)) return(d)
  steps <- kinds[timed[1]] == "step"
  cuts <- if (steps) num(parts(f$time_split, ",")) else sort(unique(d$.time[d$.event == 1]))
  base <- data.frame(.begin = if (".start" %in% names(d)) d$.start else 0, .end = d$.time, .died = d$.event, .of = seq_len(nrow(d)))
  s <- survSplit(Surv(.begin, .end, .died) ~ ., base, cut = cuts, episode = ".part")
  made <- d[s$.of, , drop = FALSE]
  made$.start <- s$.begin
  made$.time <- s$.end
  made$.event <- s$.died
  made$.part <- s$.part
  made$.of <- s$.of
  bounds <- c(0, cuts, NA)
  for (i in timed) {
    own <- columns_of(made[[paste0("v", i, "_")]])
    columns <- if (steps) lapply(seq_len(length(bounds) - 1), function(k) {
      piece <- own * (made$.part == k)
      colnames(piece) <- paste0(colnames(own), format(bounds[k]), "-", if (is.na(bounds[k + 1])) "" else format(bounds[k + 1]))
      piece
    }) else list(own, structure(own * log(made$.time + 1), dimnames = list(NULL, paste0(colnames(own), "log(t + 1)"))))
    made[[paste0("v", i, "_")]] <- do.call(cbind, columns)
  }
  made
}
in_interval <- function(found, f, i) {   # samples and events of an interval and of its level, else of the model
  d <- found$parted
  if (!given(f$interval) || !grepl("^[0-9.]+-", f$interval)) return(c(found$n, found$fit$nevent, level_counts(found$data, i, f$level)))
  inside <- d$.start >= num(sub("-.*$", "", f$interval)) & d$.time <= (if (grepl("-$", f$interval)) Inf else num(sub("^.*-", "", f$interval)))
  own <- found$data[[paste0("v", i, "_")]][d$.of]
  of_level <- if (is.factor(own)) inside & own == f$level else rep(NA, nrow(d))
  c(sum(inside), sum(d$.event[inside]), sum(of_level), sum(d$.event * of_level))
}
change_over_time <- function(found, f, i) {   # the test against a constant effect
  fit <- found$fit
  at <- coefficients_of(fit, i)
  if (kind_of(parts(f$terms, "|"))[i] == "log") {
    at <- at[endsWith(names(coef(fit))[at], "log(t + 1)")]
    return(result(statistic = wald_of(fit, at), df = length(at), p_value = upper(wald_of(fit, at), length(at)), n = found$n,
                  events = fit$nevent, p_lr = lr_without(found, f, at)))
  }
  pieces <- length(parts(f$time_split, ",")) + 1
  own <- length(at) / pieces
  first <- at[seq_len(own)]
  contrast <- matrix(0, (pieces - 1) * own, length(coef(fit)))
  constant <- fit$x[, first, drop = FALSE]
  for (k in seq_len(pieces - 1)) for (j in seq_len(own)) {
    contrast[(k - 1) * own + j, at[k * own + j]] <- 1
    contrast[(k - 1) * own + j, first[j]] <- -1
    constant[, j] <- constant[, j] + fit$x[, at[k * own + j]]
  }
  b <- contrast %*% coef(fit)
  chisq <- drop(t(b) %*% solve(contrast %*% vcov(fit) %*% t(contrast), b))
  less <- loglik_of(found, f, cbind(fit$x[, -at, drop = FALSE], constant))
  result(statistic = chisq, df = nrow(contrast), p_value = upper(chisq, nrow(contrast)), n = found$n, events = fit$nevent,
         p_lr = upper(2 * (fit$loglik[2] - less), nrow(contrast)))
}
# Firth's penalty: half the log determinant of coxph's information is added to its log partial likelihood; both are
# taken from fits without a step, and the sum is maximized over some columns with the others held.
penalized <- function(found, b) {
  at <- suppressWarnings(coxph(found$fit$y ~ found$fit$x + strata(found$parted$.strata), init = b, ties = found$ties,
                               control = coxph.control(iter.max = 0)))
  list(value = at$loglik[1] - 0.5 * c(determinant(at$var)$modulus), var = at$var)
}
maximum <- function(found, b, free) {
  if (!length(free)) return(list(b = b, value = penalized(found, b)$value))
  value <- function(z) penalized(found, replace(b, free, z))$value
  z <- b[free]
  for (turn in 1:50) {   # Newton's steps with differences that are exact to 1e-9
    h <- 1e-4
    unit <- diag(length(free)) * h
    slope <- apply(unit, 1, function(u) (8 * (value(z + u) - value(z - u)) - (value(z + 2 * u) - value(z - 2 * u))) / (12 * h))
    move <- drop(penalized(found, replace(b, free, z))$var[free, free, drop = FALSE] %*% slope)
    z <- z + move
    if (max(abs(move)) < 1e-9) break
  }
  list(b = replace(b, free, z), value = value(z))
}
firth_fits <- new.env()
cox_firth <- function(f) {
  found <- cox_fit(f)
  found$ties <- ties_of(f)
  all <- seq_along(coef(found$fit))
  key <- paste(f$step, f$model, f$terms, f$cohort)
  if (is.null(firth_fits[[key]])) assign(key, maximum(found, coef(found$fit) * 0, all), envir = firth_fits)
  best <- firth_fits[[key]]
  i <- match(f$term, plain_terms(f))
  counts <- level_counts(found$data, i, f$level)
  if (f$row_type == "reference") return(result(1, n = found$n, events = found$fit$nevent, n_level = counts[1], events_level = counts[2]))
  at <- coefficients_of(found$fit, i)
  if (f$row_type == "level") at <- match(paste0("v", i, "_", if (given(f$level)) f$level else ""), names(coef(found$fit)))
  null <- maximum(found, replace(best$b, at, 0), setdiff(all, at))
  chisq <- 2 * (best$value - null$value)
  p <- upper(chisq, length(at))
  if (f$row_type == "omnibus") return(result(statistic = chisq, df = length(at), p_value = p, p_lr = p, n = found$n, events = found$fit$nevent))
  se <- sqrt(penalized(found, best$b)$var[at, at])
  drop <- function(value) 2 * (best$value - maximum(found, replace(best$b, at, value), setdiff(all, at))$value) - qchisq(0.95, 1)
  limit <- function(side) { far <- 2; while (drop(best$b[at] + side * far * se) < 0 && far < 60) far <- far * 1.5
    uniroot(drop, sort(best$b[at] + side * c(0.5, far) * se), tol = 1e-10)$root }
  result(exp(best$b[[at]]), exp(limit(-1)), exp(limit(1)), se, sign(best$b[[at]]) * sqrt(chisq), NA, p, found$n, found$fit$nevent,
         counts[1], counts[2], p)
}
# What markers add: the likelihood-ratio test of a model with them against the one without, in the samples of both.
cox_pair <- function(f) {
  joint <- findings[findings$step == f$step & findings$artifact == "cox_table" & findings$model %in% "multivariable" & !is.na(findings$terms), ]
  if (!nrow(joint)) return(NULL)
  g <- as.list(joint[1, ])
  found <- cox_fit(g)
  names <- plain_terms(g)
  touched <- function(markers) which(vapply(strsplit(names, ":", fixed = TRUE), function(n) any(n %in% markers), NA))
  columns <- function(is) unlist(lapply(is, function(i) coefficients_of(found$fit, i)))
  added <- parts(f$term, " + ")
  standard <- parts(f$model, " + ")
  known <- c(added, standard, parts(f$comparison, " + "))
  if (!all(strsplit(paste(known, collapse = ":"), ":", fixed = TRUE)[[1]] %in% names)) return(NULL)
  x <- found$fit$x
  base <- columns(setdiff(seq_along(names), touched(setdiff(unlist(strsplit(names, ":", fixed = TRUE)), standard))))
  if (grepl("other", f$measure)) {
    others <- columns(touched(added))
    chisq <- 2 * (found$fit$loglik[2] - loglik_of(found, g, x[, -others, drop = FALSE]))
    return(result(statistic = chisq, p_value = upper(chisq, length(others)), n = found$n, events = found$fit$nevent))
  }
  extra <- columns(setdiff(touched(added), touched(setdiff(unlist(strsplit(names, ":", fixed = TRUE)), c(standard, added)))))
  chisq <- 2 * (loglik_of(found, g, x[, sort(c(base, extra)), drop = FALSE]) - loglik_of(found, g, x[, base, drop = FALSE]))
  result(statistic = chisq, p_value = upper(chisq, length(extra)), n = found$n, events = found$fit$nevent)
}
# ------------------------------------------------------------ differences of curves, weighted log-rank tests, searched cutpoints
km_difference <- function(f) {   # of survival at a time (Greenwood), or of restricted means, from survfit of each group
  of <- function(group) {
    d <- km_frame(f)
    fit <- survfit(Surv(.time, .event) ~ 1, d[d[[f$term]] == group, , drop = FALSE])
    if (grepl("^restricted mean", f$measure)) {
      t <- summary(fit, rmean = num(f$time))$table
      return(c(t[[grep("^r?mean$", names(t))]], t[[grep("^se\\(r?mean\\)$", names(t))]]))
    }
    s <- summary(fit, times = num(f$time), extend = TRUE)
    c(s$surv, s$std.err)
  }
  pair <- lapply(strsplit(f$contrast, " vs ", fixed = TRUE)[[1]], of)
  gap <- pair[[1]][1] - pair[[2]][1]
  se <- sqrt(pair[[1]][2]^2 + pair[[2]][2]^2)
  result(gap, gap - Z * se, gap + Z * se, se, gap / se, p_value = two_sided(gap / se))
}
continuous_association <- function(f, x, y, n) {   # of a continuous marker with a variable
  by_group <- if (length(unique(y)) > 1 && any(is.na(num(y)))) split(num(x), y)
  switch(f$model,
    spearman = { t <- suppressWarnings(cor.test(num(x), num(y), method = "spearman")); result(t$estimate, n = n) },
    pearson = { t <- cor.test(num(x), num(y)); result(t$estimate, p_value = t$p.value, n = n) },
    mann_whitney = { t <- suppressWarnings(wilcox.test(by_group[[1]], by_group[[2]])); result(p_value = t$p.value, n = n) },
    welch = { t <- t.test(by_group[[1]], by_group[[2]]); result(p_value = t$p.value, n = n) },
    kruskal = { t <- kruskal.test(by_group); result(statistic = t$statistic, df = t$parameter, p_value = t$p.value, n = n) },
    NULL)
}
weighted_logrank <- function(d, f) {   # R's survdiff has weights S^rho only
  if (f$weights != "fleming_harrington" || num(f$late_power) != 0) return(NULL)
  rhs <- if (length(strata_columns(f))) ".group + strata(.strata)" else ".group"
  fit <- survdiff(as.formula(paste("Surv(.time, .event) ~", rhs)), d, rho = num(f$early_power))
  df <- nlevels(d$.group) - 1
  result(statistic = fit$chisq, df = df, p_value = upper(fit$chisq, df))
}
searched_cutpoint <- function(f) {   # by maxstat, if it is installed
  if (!requireNamespace("maxstat", quietly = TRUE) || f$model != "maxstat" || length(setdiff(f$cut_strata, "none"))) return(NULL)
  how <- c(lausen_schumacher = "Lau92", improved_bonferroni = "Lau94", hothorn_lausen = "HL")[f$correction %||% "none"]
  d <- outcome(population(f), f)
  d$.x <- num(d[[f$term]])
  d <- d[!is.na(d$.x), , drop = FALSE]
  part <- if (given(f$min_fraction)) num(f$min_fraction) else 0.1
  t <- maxstat::maxstat.test(Surv(.time, .event) ~ .x, d, smethod = "LogRank", pmethod = if (is.na(how)) "none" else how, minprop = part, maxprop = 1 - part)
  above <- min(d$.x[d$.x > t$estimate])
  if (f$measure == "cutpoint") return(result(above))
  if (f$measure != "test corrected for the search" || is.na(how)) return(NULL)
  result(p_value = min(1, t$p.value), n = nrow(d), events = sum(d$.event))
}
# ------------------------------------------------------------ odds ratios within strata: the exact conditional likelihood
conditional_fit <- function(f) {
  d <- add_strata(population(f), f)
  d <- coded(d[!is.na(d[[f$endpoint]]), , drop = FALSE], parts(f$terms, "|"))
  levels <- sort(unique(d[[f$endpoint]]))
  d$.event <- as.integer(d[[f$endpoint]] == if (given(f$outcome_level)) f$outcome_level else levels[length(levels)])
  d$.one <- 1
  mixed <- names(which(tapply(d$.event, as.character(d$.strata), function(y) length(unique(y)) > 1)))
  d <- d[as.character(d$.strata) %in% mixed, , drop = FALSE]
  rhs <- paste0("v", seq_along(parts(f$terms, "|")), "_", collapse = " + ")
  list(fit = coxph(as.formula(paste("Surv(.one, .event) ~", rhs, "+ strata(.strata)")), d, ties = "exact", control = control, x = TRUE),
       data = d)
}
conditional_odds <- function(f) {
  found <- conditional_fit(f)
  fit <- found$fit
  i <- match(f$term, plain_terms(f))
  x <- fit$x
  less <- function(at, offset = 0) {
    off <- rep(offset, length.out = nrow(x))
    rest <- x[, -at, drop = FALSE]
    one <- if (ncol(rest)) coxph(fit$y ~ rest + offset(off) + strata(found$data$.strata), ties = "exact", control = control)
      else coxph(fit$y ~ offset(off) + strata(found$data$.strata), ties = "exact", control = control)
    one$loglik[length(one$loglik)]
  }
  if (f$row_type == "omnibus") {
    at <- coefficients_of(fit, i)
    chisq <- wald_of(fit, at)
    return(result(statistic = chisq, df = length(at), p_value = upper(chisq, length(at)), n = fit$n, events = fit$nevent,
                  p_lr = upper(2 * (fit$loglik[2] - less(at)), length(at))))
  }
  if (f$row_type != "level") return(NULL)
  at <- match(paste0("v", i, "_", if (given(f$level)) f$level else ""), names(coef(fit)))
  b <- coef(fit)[[at]]
  se <- sqrt(vcov(fit)[at, at])
  gap <- function(value) 2 * (fit$loglik[2] - less(at, x[, at] * value)) - qchisq(0.95, 1)
  limit <- function(side) { far <- 2; while (gap(b + side * far * se) < 0 && far < 60) far <- far * 1.5
    uniroot(gap, sort(b + side * c(0.5, far) * se), tol = 1e-11)$root }
  counts <- level_counts(found$data, i, f$level)
  result(exp(b), exp(limit(-1)), exp(limit(1)), se, b / se, NA, two_sided(b / se), fit$n, fit$nevent, counts[1], counts[2],
         upper(2 * (fit$loglik[2] - less(at)), 1))
}

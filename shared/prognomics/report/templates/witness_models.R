
# ------------------------------------------------------------ Cox models
fits <- new.env()
control <- coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 100)
ties_of <- function(f) if (given(f$row_ties) && f$row_ties %in% c("efron", "breslow")) f$row_ties else if (given(f$ties) && f$ties %in% c("efron", "breslow")) f$ties else "efron"
by_strata <- function(f, extra = "") paste0(extra, if (length(strata_columns(f))) " + strata(.strata)" else "")
cox_frame <- function(f) coded(sampled(add_strata(outcome(population(f), f), f), f), parts(f$terms, "|"), f$knots)
whole_model <- function(f) {   # the samples of the adjusted model, where an unadjusted one is of these
  if (!given(f$model) || f$model != "univariable_complete_cases") return(cox_frame(f))
  joint <- findings[findings$step == f$step & !is.na(findings$model) & findings$model == "multivariable" & !is.na(findings$terms), ]
  if (!nrow(joint)) return(NULL)
  kept <- cox_frame(as.list(joint[1, ]))$sample_id
  d <- cox_frame(f)
  d[d$sample_id %in% kept, , drop = FALSE]
}
cox_fit <- function(f) {
  key <- paste(f$data, f$population, f$scope, f$cohort, f$time_column, f$event_column, f$censor_at, f$terms, f$strata, f$ties, f$model,
               f$weight_column, f$entry_time_column, f$cluster, f$knots, f$time_split, if (grepl("complete_cases", f$model)) f$step)
  if (is.null(fits[[key]])) {
    d <- whole_model(f)
    parted <- over_time(d, f)
    rhs <- by_strata(f, paste0("v", seq_along(parts(f$terms, "|")), "_", collapse = " + "))
    lhs <- if (".start" %in% names(parted)) "Surv(.start, .time, .event)" else "Surv(.time, .event)"
    fit <- fitted_cox(paste(lhs, "~", rhs), parted, f)
    assign(key, list(fit = fit, data = d, parted = parted, rhs = rhs, n = nrow(d)), envir = fits)
  }
  fits[[key]]
}
plain_terms <- function(f) plain(parts(f$terms, "|"))
ratio_of <- function(b, se, n, events, in_level = c(NA, NA)) {
  z <- b / se
  result(exp(b), exp(b - Z * se), exp(b + Z * se), se, z, NA, two_sided(z), n, events, in_level[1], in_level[2])
}
level_counts <- function(d, i, level, event = d$.event) {
  if (!is.factor(d[[paste0("v", i, "_")]])) return(c(NA, NA))
  own <- d[[paste0("v", i, "_")]] == level
  c(sum(own), sum(event[own]))
}
coefficients_of <- function(fit, i) grep(paste0("^v", i, "_"), names(coef(fit)))
lr_without <- function(found, f, at) {   # likelihood-ratio p of columns of a model
  fit <- found$fit
  df <- sum(!is.na(coef(fit)[at]))
  upper(2 * (fit$loglik[2] - loglik_of(found, f, fit$x[, -at, drop = FALSE])), df)
}
wald_of <- function(fit, at) {
  at <- at[!is.na(coef(fit)[at])]
  if (!length(at)) return(NA)
  tryCatch(drop(coef(fit)[at] %*% solve(vcov(fit)[at, at, drop = FALSE], coef(fit)[at])), error = function(e) NA)
}
cox_table <- function(f) {
  if (given(f$penalty) && f$penalty == "firth") return(cox_firth(f))
  found <- cox_fit(f)
  fit <- found$fit
  i <- match(f$term, plain_terms(f))
  if (is.na(i)) return(NULL)
  if (f$row_type == "omnibus") {
    if (kind_of(parts(f$terms, "|"))[i] %in% c("step", "log")) return(change_over_time(found, f, i))
    at <- coefficients_of(fit, i)
    if (given(f$level) && f$level == "nonlinear") at <- at[-1]
    chisq <- wald_of(fit, at)
    df <- if (is.na(chisq)) NA else sum(!is.na(coef(fit)[at]))
    return(result(statistic = chisq, df = df, p_value = upper(chisq, df), n = found$n, events = fit$nevent, p_lr = lr_without(found, f, at)))
  }
  counts <- level_counts(found$data, i, f$level)
  if (f$row_type == "reference") return(result(1, n = found$n, events = fit$nevent, n_level = counts[1], events_level = counts[2]))
  if (f$row_type != "level") return(NULL)
  name <- paste0("v", i, "_", if (given(f$level)) f$level else "", if (given(f$interval)) f$interval else "")
  own <- coefficients_of(fit, i)
  if (!name %in% names(coef(fit)) && length(own) == 1) name <- names(coef(fit))[own]   # a matrix of one column
  if (!name %in% names(coef(fit))) return(NULL)
  within <- in_interval(found, f, i)
  made <- ratio_of(coef(fit)[[name]], sqrt(vcov(fit)[name, name]), within[1], within[2], within[3:4])
  made["p_lr"] <- lr_without(found, f, match(name, names(coef(fit))))
  made
}
cox_ph <- function(f) {
  fit <- cox_fit(f)$fit
  z <- tryCatch(cox.zph(fit, transform = f$group), error = function(e) {   # with R's own precision if separated
    found <- cox_fit(f)
    cox.zph(coxph(as.formula(paste("Surv(.time, .event) ~", found$rhs)), found$data, ties = ties_of(f)), transform = f$group)
  })$table
  i <- match(sub("^GLOBAL of .*", "GLOBAL", f$term), c(plain_terms(f), "GLOBAL"))
  if (is.na(i)) return(NULL)
  at <- if (i > length(plain_terms(f))) nrow(z) else i
  result(statistic = z[at, "chisq"], df = z[at, "df"], p_value = z[at, "p"], n = fit$n, events = fit$nevent)
}
cox_model <- function(f) {
  if (given(f$penalty) && f$penalty == "firth") return(NULL)
  found <- cox_fit(f)
  fit <- found$fit
  if (f$measure == "concordance")
    return(result(fit$concordance[["concordance"]], se = fit$concordance[["std"]], n = found$n, events = fit$nevent))
  if (f$measure == "AIC") return(result(AIC(fit), n = found$n, events = fit$nevent))
  df <- sum(!is.na(coef(fit)))
  chisq <- switch(f$measure, "Wald test of the model" = fit$wald.test, "score test of the model" = fit$score, 2 * diff(fit$loglik))
  result(statistic = chisq, p_value = upper(chisq, df), n = found$n, events = fit$nevent)
}
# Fine-Gray as finegray and coxph with a robust variance by sample; with Breslow ties and no strata as cmprsk::crr.
fine_gray_fit <- function(d, f, rhs) {
  d$.state <- factor(d$.code, 0:2, c("censored", "event", "competing"))
  d$.id <- seq_len(nrow(d))
  if (ties_of(f) == "breslow" && !length(strata_columns(f))) {
    if (!requireNamespace("cmprsk", quietly = TRUE)) return(NULL)
    x <- model.matrix(as.formula(paste("~", rhs)), d)[, -1, drop = FALSE]
    fit <- cmprsk::crr(d$.time, d$.code, x, gtol = 1e-10, maxiter = 100)
    return(list(b = setNames(fit$coef, colnames(x)), v = structure(fit$var, dimnames = list(colnames(x), colnames(x)))))
  }
  expanded <- finegray(Surv(.time, .state) ~ strata(.strata) + ., d, etype = "event", id = .id)
  expanded$.strata <- d$.strata[expanded$.id]
  fit <- coxph(as.formula(paste("Surv(fgstart, fgstop, fgstatus) ~", rhs)), expanded, weights = fgwt, cluster = .id,
               ties = ties_of(f), control = control)
  list(b = coef(fit), v = vcov(fit))
}
fine_gray_row <- function(d, f, rhs) {
  fit <- fine_gray_fit(d, f, rhs)
  if (is.null(fit)) return(NULL)
  i <- match(f$term, plain_terms(f))
  name <- paste0("v", i, "_", if (given(f$level)) f$level else "")
  ratio_of(fit$b[[name]], sqrt(fit$v[name, name]), nrow(d), sum(d$.code == 1), level_counts(d, i, f$level, d$.code == 1))
}
competing_omnibus <- function(d, f, rhs, fine_gray) {
  if (fine_gray) fit <- fine_gray_fit(d, f, rhs) else {
    d$.cause <- as.integer(d$.code == if (f$cause == "competing") 2 else 1)
    one <- coxph(as.formula(paste("Surv(.time, .cause) ~", rhs)), d, ties = ties_of(f), control = control)
    fit <- list(b = coef(one), v = vcov(one))
  }
  if (is.null(fit)) return(NULL)
  at <- grep(paste0("^v", match(f$term, plain_terms(f)), "_"), names(fit$b))
  at <- at[!is.na(fit$b[at])]
  if (!length(at)) return(NULL)
  chisq <- drop(fit$b[at] %*% solve(fit$v[at, at, drop = FALSE], fit$b[at]))
  result(statistic = chisq, df = length(at), p_value = upper(chisq, length(at)))
}
# Gray's test by cmprsk, if it is installed.
gray_test <- function(f) {
  if (!requireNamespace("cmprsk", quietly = TRUE) || (given(f$comparison) && f$comparison != "overall")) return(NULL)
  d <- add_strata(outcome(population(f), f), f)
  d <- d[!is.na(d[[f$term]]), , drop = FALSE]
  args <- list(d$.time, d$.code, d[[f$term]])
  if (length(strata_columns(f))) args$strata <- d$.strata
  tests <- do.call(cmprsk::cuminc, args)$Tests
  row <- tests[if (f$cause == "competing") "2" else "1", ]
  inside <- d[[f$term]] == f$group
  result(statistic = row[["stat"]], df = row[["df"]], p_value = row[["pv"]], n = sum(inside), events = sum(d$.code[inside] == 1))
}
competing_table <- function(f) {
  d <- coded(add_strata(outcome(population(f), f), f), parts(f$terms, "|"))
  rhs <- by_strata(f, paste0("v", seq_along(parts(f$terms, "|")), "_", collapse = " + "))
  fine_gray <- f$measure == "subdistribution hazard ratio" || (given(f$model) && f$model == "fine_gray")
  if (fine_gray && f$row_type == "level") return(fine_gray_row(d, f, rhs))
  if (f$row_type == "omnibus") return(competing_omnibus(d, f, rhs, fine_gray))
  d$.cause <- as.integer(d$.code == if (f$cause == "competing") 2 else 1)
  fit <- coxph(as.formula(paste("Surv(.time, .cause) ~", rhs)), d, ties = ties_of(f), control = control)
  i <- match(f$term, plain_terms(f))
  if (f$row_type != "level") return(NULL)
  name <- paste0("v", i, "_", if (given(f$level)) f$level else "")
  ratio_of(coef(fit)[[name]], sqrt(vcov(fit)[name, name]), NA, NA)
}
as_terms <- function(names, d) vapply(names, function(n) {   # text as factors
  x <- d[[n]]
  if (all(is.na(x) | !is.na(num(x)))) n else paste0(n, "[", sort(unique(x[!is.na(x)]))[1], "]")
}, "")
screen_table <- function(f) {
  if (f$measure != "hazard ratio" || !grepl("^Cox|Cox", f$row_method %||% "") || given(f$factor)) return(NULL)
  f$terms <- paste(c(f$term, as_terms(parts(f$adjusted_for, " & "), samples_of(f$data))), collapse = "|")
  f$row_type <- "level"
  cox_table(f)
}

# ------------------------------------------------------------ subgroups
# A hazard ratio per level of a variable in the model with its interaction, and the tests of the interaction.
cox_subgroups <- function(f) {
  d <- add_strata(outcome(population(f), f), f)
  d$.S <- d[[f$subgroup]]
  d$.M <- if (grepl(" vs ", f$contrast %||% "")) as.numeric(d[[f$term]] == strsplit(f$contrast, " vs ", fixed = TRUE)[[1]][1]) else num(d[[f$term]])
  used <- c(".M", ".S")
  for (name in setdiff(parts(f$adjusted_for, " & "), f$subgroup)) {
    x <- d[[name]]
    at <- paste0(".c", length(used))
    d[[at]] <- if (all(is.na(x) | !is.na(num(x)))) num(x) else factor(x)
    used <- c(used, at)
  }
  d <- d[complete.cases(d[used]), , drop = FALSE]
  if (!is.na(num(d$.S[1]))) return(NULL)
  keep <- tapply(d$.event, d$.S, sum) > 0
  d <- d[d$.S %in% names(keep)[keep], , drop = FALSE]
  d$.S <- factor(d$.S)
  own <- if (f$subgroup %in% strata_columns(f)) "" else " + .S"
  others <- paste0(own, paste0(sprintf(" + %s", used[-(1:2)]), collapse = ""), by_strata(f))
  fit <- function(rhs) coxph(as.formula(paste("Surv(.time, .event) ~", rhs, others)), d, ties = ties_of(f), control = control)
  if (f$row_type == "level") {
    if (!given(f$level)) return(NULL)
    nested <- fit(".M:.S")
    name <- intersect(c(paste0(".M:.S", f$level), paste0(".S", f$level, ":.M")), names(coef(nested)))
    inside <- d$.S == f$level
    return(ratio_of(coef(nested)[[name]], sqrt(vcov(nested)[name, name]), sum(inside), sum(d$.event[inside]), c(sum(inside), sum(d$.event[inside]))))
  }
  extra <- if (f$row_type == "interaction_within") " + .M:.strata" else ""
  full <- fit(paste0(".M + .M:.S", extra))
  less <- fit(paste0(".M", extra))
  at <- grep("^\\.M:\\.S|^\\.S.*:\\.M$", names(coef(full)))
  at <- at[!is.na(coef(full)[at])]
  chisq <- drop(coef(full)[at] %*% solve(vcov(full)[at, at, drop = FALSE], coef(full)[at]))
  result(statistic = chisq, df = length(at), p_value = upper(chisq, length(at)), n = full$n, events = full$nevent,
         p_lr = upper(2 * (full$loglik[2] - less$loglik[2]), length(at)))
}

# ------------------------------------------------------------ meta-analysis
meta_effects <- function(f) {
  d <- outcome(population(f), f)
  d <- d[!is.na(d[[f$cohorts_of]]), , drop = FALSE]
  covariates <- parts(f$adjusted_for, " & ")
  if (length(covariates)) {
    if (given(f$factor)) return(NULL)
    terms <- as_terms(covariates, d)
    d <- coded(d, terms)
  }
  rhs <- paste(c(".x", if (length(covariates)) paste0("v", seq_along(covariates), "_")), collapse = " + ")
  text <- grepl(" vs ", f$contrast)
  out <- NULL
  for (cohort in unique(d[[f$cohorts_of]])) {
    own <- d[d[[f$cohorts_of]] == cohort & !is.na(d[[f$term]]), , drop = FALSE]
    if (text) {
      side <- strsplit(f$contrast, " vs ", fixed = TRUE)[[1]]
      own$.x <- as.numeric(own[[f$term]] == side[1])
    } else {
      own$.x <- num(own[[f$term]])
      if (grepl("SD", f$unit)) own$.x <- own$.x / sd(own$.x)
    }
    fit <- tryCatch(coxph(as.formula(paste("Surv(.time, .event) ~", rhs)), droplevels(own), control = control), error = function(e) NULL)
    if (!is.null(fit)) out <- rbind(out, data.frame(cohort, b = coef(fit)[[1]], v = vcov(fit)[1, 1], n = fit$n, events = fit$nevent))
  }
  out
}
between <- function(b, v, how) {   # between-cohort variance
  k <- length(b)
  w <- 1 / v
  q <- sum(w * (b - sum(w * b) / sum(w))^2)
  if (how == "dl") return(max(0, (q - (k - 1)) / (sum(w) - sum(w^2) / sum(w))))
  loglik <- function(t) {
    w <- 1 / (v + t)
    m <- sum(w * b) / sum(w)
    -0.5 * sum(log(v + t)) - 0.5 * log(sum(w)) - 0.5 * sum(w * (b - m)^2)
  }
  score <- function(t) {
    w <- 1 / (v + t)
    m <- sum(w * b) / sum(w)
    sum(w^2 * (b - m)^2) - sum(w) + sum(w^2) / sum(w)
  }
  if (how == "pm") score <- function(t) { w <- 1 / (v + t); sum(w * (b - sum(w * b) / sum(w))^2) - (k - 1) }
  if (score(0) <= 0 && (how == "pm" || loglik(0) >= max(sapply(10^seq(-6, 1, 0.1), loglik)))) return(0)
  top <- 1
  while (score(top) > 0 && top < 1e6) top <- top * 2
  grid <- c(0, 10^seq(-8, log10(top), length.out = 400))
  at <- which(diff(sign(sapply(grid, score))) < 0)[1]
  uniroot(score, grid[at + 0:1], tol = 1e-15)$root
}
pooled <- function(e, f, how) {
  k <- nrow(e)
  fixed <- sqrt(1 / sum(1 / e$v))
  t2 <- if (how == "fixed") 0 else between(e$b, e$v, how)
  w <- 1 / (e$v + t2)
  b <- sum(w * e$b) / sum(w)
  se <- sqrt(1 / sum(w))
  if (how != "fixed" && tolower(f$hartung_knapp %||% "true") == "true" && k > 1) {
    se <- sqrt(sum(w * (e$b - b)^2) / (k - 1) / sum(w))
    q <- qt(0.975, k - 1)
    if (q * se < Z * fixed) return(ratio_of(b, fixed, sum(e$n), sum(e$events)))   # never narrower than fixed
    return(result(exp(b), exp(b - q * se), exp(b + q * se), se, b / se, k - 1, 2 * pt(-abs(b / se), k - 1), sum(e$n), sum(e$events)))
  }
  ratio_of(b, se, sum(e$n), sum(e$events))
}
meta_table <- function(f) {
  e <- meta_effects(f)
  if (is.null(e)) return(NULL)
  how <- f$tau %||% "reml"
  if (f$scope == "per_cohort") { e <- e[e$cohort == f$cohort, ]; return(ratio_of(e$b, sqrt(e$v), e$n, e$events)) }
  if (f$scope == "leave_out") e <- e[e$cohort != f$cohort, ]
  if (f$scope %in% c("random", "leave_out")) return(pooled(e, f, how))
  if (f$scope == "fixed") return(pooled(e, f, "fixed"))
  NULL
}

# ------------------------------------------------------------ cutpoints, odds ratios, comparisons
cutpoint_table <- function(f) {
  if (f$model == "maxstat") return(searched_cutpoint(f))
  if (f$measure != "cutpoint" || !f$model %in% c("median", "quantile")) return(NULL)
  d <- population(f)
  x <- num(d[[f$term]])
  x <- x[!is.na(x)]
  if (f$model == "quantile") return(NULL)
  result(min(x[x >= quantile(x, 0.5)]), n = length(x))
}
logistic_fit <- function(f) {
  d <- population(f)
  d$.y <- d[[f$endpoint]]
  d <- coded(d[!is.na(d$.y), , drop = FALSE], parts(f$terms, "|"))
  levels <- sort(unique(d$.y))
  d$.event <- as.integer(d$.y == if (given(f$outcome_level)) f$outcome_level else levels[length(levels)])
  glm(as.formula(paste(".event ~", paste0("v", seq_along(parts(f$terms, "|")), "_", collapse = " + "))), binomial, d,
      control = glm.control(epsilon = 1e-12, maxit = 100))
}
odds_table <- function(f) {
  if (f$strata != "none") return(conditional_odds(f))
  if (f$row_type != "level") return(NULL)
  fit <- logistic_fit(f)
  i <- match(f$term, plain_terms(f))
  name <- paste0("v", i, "_", if (given(f$level)) f$level else "")
  b <- coef(fit)[[name]]
  se <- sqrt(vcov(fit)[name, name])
  x <- model.matrix(fit)
  j <- match(name, colnames(x))
  profile <- function(value) {
    other <- glm.fit(x[, -j, drop = FALSE], fit$y, offset = x[, j] * value, family = binomial(),
                     control = glm.control(epsilon = 1e-12, maxit = 100))
    other$deviance - fit$deviance - qchisq(0.95, 1)
  }
  limit <- function(side) { far <- 1; while (profile(b + side * far * se) < 0 && far < 60) far <- far * 1.5
    uniroot(profile, sort(c(b, b + side * far * se)), tol = 1e-12)$root }
  result(exp(b), exp(limit(-1)), exp(limit(1)), se, b / se, NA, two_sided(b / se), length(fit$y), sum(fit$y))
}
odds_model <- function(f) {
  if (f$strata != "none") {
    if (f$measure == "AUC") return(NULL)
    fit <- conditional_fit(f)$fit
    return(result(statistic = 2 * diff(fit$loglik), p_value = upper(2 * diff(fit$loglik), length(coef(fit))), n = fit$n, events = fit$nevent))
  }
  fit <- logistic_fit(f)
  r <- rank(fitted(fit))
  m <- sum(fit$y)
  k <- length(fit$y) - m
  if (f$measure == "AUC") return(result((sum(r[fit$y == 1]) - m * (m + 1) / 2) / (m * k), n = m + k, events = m))
  chisq <- fit$null.deviance - fit$deviance
  df <- length(coef(fit)) - 1
  result(statistic = chisq, p_value = upper(chisq, df), n = m + k, events = m)
}
association_table <- function(f) {
  d <- population(f)
  x <- d[[f$term]]
  y <- d[[f$group]]
  known <- !is.na(x) & !is.na(y)
  x <- x[known]
  y <- y[known]
  n <- sum(known)
  if (length(unique(x)) > 2 && !any(is.na(num(x)))) return(continuous_association(f, x, y, n))
  by <- function(values, groups) split(num(values), groups)
  switch(f$model,
    fisher = { t <- fisher.test(table(y, x), workspace = 2e7); result(p_value = t$p.value, n = n) },
    chi_square = { t <- suppressWarnings(chisq.test(table(y, x), correct = FALSE)); result(statistic = t$statistic, df = t$parameter, p_value = t$p.value, n = n) },
    welch = { t <- t.test(num(y) ~ factor(x)); result(p_value = t$p.value, n = n) },
    mann_whitney = { t <- suppressWarnings(wilcox.test(num(y) ~ factor(x))); result(p_value = t$p.value, n = n) },
    kruskal = { t <- kruskal.test(by(y, x)); result(statistic = t$statistic, df = t$parameter, p_value = t$p.value, n = n) },
    NULL)
}
comparison_table <- function(f) {
  d <- population(f)
  side <- strsplit(f$contrast, " vs ", fixed = TRUE)[[1]]
  if (length(side) != 2 || !f$group_column %in% names(d)) return(NULL)
  x <- num(d[[f$term]])
  a <- x[d[[f$group_column]] %in% side[1] & !is.na(x)]
  b <- x[d[[f$group_column]] %in% side[2] & !is.na(x)]
  switch(f$model,
    mann_whitney = { t <- suppressWarnings(wilcox.test(a, b)); result(statistic = t$statistic, p_value = t$p.value, n = length(a)) },
    welch = { t <- t.test(a, b); result(mean(a) - mean(b), t$conf.int[1], t$conf.int[2], statistic = t$statistic, df = t$parameter, p_value = t$p.value, n = length(a)) },
    t = { t <- t.test(a, b, var.equal = TRUE); result(mean(a) - mean(b), t$conf.int[1], t$conf.int[2], statistic = t$statistic, df = t$parameter, p_value = t$p.value, n = length(a)) },
    NULL)
}

# Computes the findings of a report again and compares them with what is stored and printed.
#   Rscript witness.R [FOLDER]     base R and the package survival; FOLDER is this folder by default
# Reads findings.tsv, printed.tsv and samples_*.tsv; writes witness.tsv (one row per finding) and prints a summary.
# Exit code 1 if a stored number differs from R's by more than 1e-6 relative, or a printed one is not R's value rounded.
suppressPackageStartupMessages(library(survival))
args <- commandArgs(TRUE)
here <- if (length(args)) args[1] else "."
TOLERANCE <- 1e-6
read <- function(name) read.delim(file.path(here, name), colClasses = "character", na.strings = c("", "NA"),
                                  check.names = FALSE, quote = "", comment.char = "")
num <- function(x) suppressWarnings(as.numeric(x))
given <- function(x) length(x) == 1 && !is.na(x) && nzchar(x)
`%||%` <- function(a, b) if (given(a)) a else b
parts <- function(x, by) if (given(x)) strsplit(x, by, fixed = TRUE)[[1]] else character()

# ------------------------------------------------------------ samples
tables <- new.env()
samples_of <- function(name) {
  if (is.null(tables[[name]])) assign(name, read(name), envir = tables)
  tables[[name]]
}
meets <- function(d, condition) {
  at <- regexpr("=", condition, fixed = TRUE)
  column <- substr(condition, 1, at - 1)
  values <- strsplit(substr(condition, at + 1, nchar(condition)), ",", fixed = TRUE)[[1]]
  drop <- endsWith(column, "!")
  column <- sub("!$", "", column)
  if (!column %in% names(d)) stop("no column ", column)
  found <- d[[column]] %in% values
  if (drop) !found & !is.na(d[[column]]) else found
}
population <- function(f) {
  d <- samples_of(f$data)
  if (given(f$population) && f$population != "all")
    for (condition in parts(f$population, " & ")) d <- d[meets(d, condition), , drop = FALSE]
  if (f$scope == "per_cohort" && given(f$cohort) && f$tool != "meta_analysis")
    d <- d[d$cohort %in% f$cohort, , drop = FALSE]
  d
}
outcome <- function(d, f) {
  d$.time <- num(d[[f$time_column]])
  d$.code <- num(d[[f$event_column]])
  limit <- num(f$censor_at)
  if (!is.na(limit)) {
    late <- !is.na(d$.time) & d$.time > limit
    d$.time[late] <- limit
    d$.code[late] <- 0
  }
  d$.event <- as.integer(d$.code == 1)
  d[!is.na(d$.time) & !is.na(d$.code), , drop = FALSE]
}
strata_columns <- function(f) if (f$strata == "none") character() else strsplit(f$strata, "+", fixed = TRUE)[[1]]
add_strata <- function(d, f) {
  for (column in strata_columns(f)) d <- d[!is.na(d[[column]]), , drop = FALSE]
  d$.strata <- if (length(strata_columns(f))) interaction(d[strata_columns(f)], drop = TRUE) else factor(rep("all", nrow(d)))
  d
}
# Terms as `XPO1_group[low]|age_years|size<spline>|XPO1:sex<product>`: columns v1_, v2_, ... of the frame, a factor with its
# reference first; a spline by Harrell's basis, a product of two terms and a term over time (see `over_time`) as matrices.
plain <- function(terms) sub("(\\[[^]]*\\])?(<[a-z]+>)?$", "", terms)
kind_of <- function(terms) ifelse(grepl("<[a-z]+>$", terms), sub("^.*<([a-z]+)>$", "\\1", terms), "")
coded <- function(d, terms, knots = NA) {
  names <- plain(terms)
  kinds <- kind_of(terms)
  for (i in which(kinds != "product")) {
    x <- d[[names[i]]]
    if (grepl("]", terms[i], fixed = TRUE)) {
      reference <- sub("^.*\\[([^]]*)\\](<[a-z]+>)?$", "\\1", terms[i])
      x <- factor(x, levels = c(reference, setdiff(sort(unique(x[!is.na(x)])), reference)))
    } else x <- num(x)
    if (kinds[i] == "spline") x <- spline_of(x, if (is.na(num(knots))) 4 else num(knots))
    d[[paste0("v", i, "_")]] <- x
  }
  for (i in which(kinds == "product")) {
    at <- which(vapply(seq_along(names), function(j) startsWith(names[i], paste0(names[j], ":")), NA))[1]
    other <- match(sub(paste0(names[at], ":"), "", names[i], fixed = TRUE), names)
    d[[paste0("v", i, "_")]] <- product_of(columns_of(d[[paste0("v", at, "_")]]), columns_of(d[[paste0("v", other, "_")]]))
  }
  d[complete.cases(d[paste0("v", seq_along(terms), "_")]), , drop = FALSE]
}
result <- function(estimate = NA, ci_low = NA, ci_high = NA, se = NA, statistic = NA, df = NA, p_value = NA, n = NA, events = NA,
                   n_level = NA, events_level = NA, p_lr = NA)
  c(n = n, events = events, estimate = estimate, ci_low = ci_low, ci_high = ci_high, se = se, statistic = statistic, df = df,
    p_value = p_value, n_level = n_level, events_level = events_level, p_lr = p_lr)
upper <- function(chisq, df) pchisq(chisq, df, lower.tail = FALSE)
two_sided <- function(z) 2 * pnorm(-abs(z))
Z <- qnorm(0.975)

# ------------------------------------------------------------ curves
km_frame <- function(f) {
  d <- outcome(population(f), f)
  if (given(f$term) && !(given(f$group) && f$group == "all")) d <- d[!is.na(d[[f$term]]), , drop = FALSE]
  d
}
km_summary <- function(f) {
  d <- km_frame(f)
  if (given(f$group) && f$group != "all") d <- d[d[[f$term]] == f$group, , drop = FALSE]
  conf <- if (given(f$conf_type)) f$conf_type else "log"
  made <- function(...) result(..., n = nrow(d), events = sum(d$.event))
  if (f$measure == "observed time") return(made(median(d$.time)))
  if (f$measure == "median follow-up") d$.flip <- 1 - d$.event else d$.flip <- d$.event
  fit <- survfit(Surv(.time, .flip) ~ 1, d, conf.type = conf)
  if (f$measure == "survival probability") {
    s <- summary(fit, times = num(f$time), extend = TRUE)
    return(made(s$surv, s$lower, s$upper, s$std.err))
  }
  if (f$measure == "restricted mean survival time") {
    t <- summary(fit, rmean = num(f$time))$table
    se <- t[[grep("^se\\(r?mean\\)$", names(t))]]
    mean <- t[[grep("^r?mean$", names(t))]]
    return(made(mean, mean - Z * se, mean + Z * se, se))
  }
  if (f$measure == "quantile of survival") {
    q <- quantile(fit, probs = num(f$model))
    return(made(q$quantile[[1]], q$lower[[1]], q$upper[[1]]))
  }
  if (f$measure %in% c("median survival", "median follow-up")) {
    t <- summary(fit)$table
    return(made(t[["median"]], t[[grep("LCL", names(t))]], t[[grep("UCL", names(t))]]))
  }
  NULL
}
km_test <- function(f) {
  weighted <- given(f$weights) && f$weights != "logrank"
  if (!weighted && f$measure != "log-rank test") return(NULL)
  d <- add_strata(km_frame(f), f)
  pair <- strsplit(f$comparison, " vs ", fixed = TRUE)[[1]]
  if (length(pair) == 2) d <- d[d[[f$term]] %in% pair, , drop = FALSE] else if (f$comparison != "overall") return(NULL)
  d$.group <- factor(d[[f$term]])
  if (weighted) return(weighted_logrank(d, f))
  fit <- if (length(strata_columns(f))) survdiff(Surv(.time, .event) ~ .group + strata(.strata), d) else survdiff(Surv(.time, .event) ~ .group, d)
  df <- nlevels(d$.group) - 1
  V <- if (is.matrix(fit$var)) fit$var[1, 1] else NA
  result(statistic = fit$chisq, df = df, p_value = upper(fit$chisq, df), se = if (df == 1) 1 / sqrt(V) else NA)
}
incidence_table <- function(f) {
  d <- km_frame(f)
  if (given(f$group) && f$group != "all") d <- d[d[[f$term]] == f$group, , drop = FALSE]
  d$.state <- factor(d$.code, 0:2, c("censored", "event", "competing"))
  fit <- survfit(Surv(.time, .state) ~ 1, d)
  s <- summary(fit, times = num(f$time), extend = TRUE)
  result(s$pstate[, match(f$cause, fit$states)], n = nrow(d), events = sum(d$.code == 1))
}

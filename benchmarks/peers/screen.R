# R's ways to screen genes. Arguments: folder with x.bin (genes one after the other), y.tsv; number of genes.
arguments <- commandArgs(TRUE)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
source(file.path(here, "answer.R"))
suppressMessages({library(survival); library(maxstat)})
y <- read.delim(file.path(arguments[1], "y.tsv")); n <- nrow(y); genes <- as.integer(arguments[2])
x <- matrix(readBin(file.path(arguments[1], "x.bin"), "double", n * genes), n)
surv <- Surv(y$time, y$event); control <- coxph.control(); exact <- coxph.control(eps = 1e-14, toler.chol = 1e-15)
fit <- function(columns, control) coxph.fit(columns, surv, NULL, NULL, NULL, control, NULL, "efron", NULL)
each <- function(count, one) vapply(seq_len(count), one, 0)
sorted <- order(y$time); stime <- as.double(y$time[sorted]); status <- as.integer(y$event[sorted])
none <- rep(0, n); one <- rep(1, n); newstrat <- integer(n)
direct <- function(g) {
  found <- .Call(survival:::Ccoxfit6, 20L, stime, status, x[sorted, g, drop = FALSE], none, one, newstrat, 1L, 1e-9, 1.818989e-12, 0, 1L)
  found$coef[1]
}
high <- function(g) x[, g] >= median(x[, g])
few <- min(genes, as.integer(arguments[3]))
cut <- function(g) {
  d <- data.frame(time = y$time, event = y$event, g = x[, g])
  maxstat.test(Surv(time, event) ~ g, d, smethod = "LogRank", pmethod = "none")$statistic
}
answer(list(
  coxph_fit = function() each(genes, function(g) fit(x[, g, drop = FALSE], control)$coefficients),
  coxph_fit_exact = function() each(few, function(g) fit(x[, g, drop = FALSE], exact)$coefficients),
  coxph_fit_exact_se = function() each(few, function(g) sqrt(fit(x[, g, drop = FALSE], exact)$var[1])),
  coxph_fit_exact_loglik = function() each(few, function(g) fit(x[, g, drop = FALSE], exact)$loglik[2]),
  c_routine = function() each(genes, direct),
  coxph_formula = function() each(few, function(g) coef(coxph(surv ~ x[, g]))),
  coxph_fit_two = function() each(genes, function(g) fit(cbind(x[, g], y$age), control)$coefficients[1]),
  survdiff = function() each(few, function(g) survdiff(surv ~ high(g))$chisq),
  survdiff_fit = function() each(genes, function(g) {
    found <- survival:::survdiff.fit(surv, as.integer(high(g)), rho = 0)
    (found$observed[1] - found$expected[1])^2 / found$var[1, 1]
  }),
  maxstat = function() each(few, cut)
))

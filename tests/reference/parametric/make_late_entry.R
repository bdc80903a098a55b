# Parametric models with late entry. Usage, in this folder: Rscript make_late_entry.R
# Piecewise exponential and exponential: a Poisson glm on follow-up from entry (survSplit). Others: R's densities and
# distribution functions, each sample conditional on survival to its entry, maximized by optim and Newton's steps.
suppressMessages(library(survival))
d <- read.delim("../survival/cox_more_data.tsv")
d <- d[!is.na(d$age), ]
d$sex <- as.numeric(d$sex == "m")
rows <- list()
put <- function(distribution, name, value, se = NA)
  rows[[length(rows) + 1]] <<- data.frame(distribution, name, value = sprintf("%.14g", value), se = sprintf("%.14g", se))
x <- model.matrix(~ age + gene, d)
log_s <- list(
  weibull = function(t, m, s) pweibull(t, 1 / s, exp(m), lower.tail = FALSE, log.p = TRUE),
  log_normal = function(t, m, s) plnorm(t, m, s, lower.tail = FALSE, log.p = TRUE),
  log_logistic = function(t, m, s) plogis((log(t) - m) / s, lower.tail = FALSE, log.p = TRUE))
log_f <- list(
  weibull = function(t, m, s) dweibull(t, 1 / s, exp(m), log = TRUE),
  log_normal = function(t, m, s) dlnorm(t, m, s, log = TRUE),
  log_logistic = function(t, m, s) dlogis((log(t) - m) / s, log = TRUE) - log(s) - log(t))
dists <- c(weibull = "weibull", log_normal = "lognormal", log_logistic = "loglogistic")
for (k in names(log_s)) {
  minus <- function(p) {
    m <- as.vector(x %*% p[1:3]); s <- exp(p[4])
    -sum(ifelse(d$event == 1, log_f[[k]](d$time, m, s), log_s[[k]](d$time, m, s)) - ifelse(d$entry > 0, log_s[[k]](pmax(d$entry, 1e-300), m, s), 0))
  }
  start <- survreg(Surv(time, event) ~ age + gene, d, dist = dists[[k]])
  par <- c(coef(start), log(start$scale))
  for (i in 1:3) par <- optim(par, minus, method = "BFGS", control = list(reltol = 1e-15, maxit = 5000, parscale = c(1, 0.02, 1, 1)))$par
  grad <- function(p) sapply(1:4, function(j) { h <- c(4e-3, 6e-5, 4e-3, 4e-3)[j]; e <- replace(numeric(4), j, h); (8 * (minus(p + e) - minus(p - e)) - (minus(p + 2 * e) - minus(p - 2 * e))) / (12 * h) })
  hess <- function(p) { H <- sapply(1:4, function(j) { h <- c(4e-3, 6e-5, 4e-3, 4e-3)[j]; e <- replace(numeric(4), j, h); (8 * (grad(p + e) - grad(p - e)) - (grad(p + 2 * e) - grad(p - 2 * e))) / (12 * h) }); (H + t(H)) / 2 }
  for (i in 1:4) par <- par - solve(hess(par), grad(par))
  se <- sqrt(diag(solve(hess(par))))
  for (j in 1:4) put(k, c("(Intercept)", "age", "gene", "log(scale)")[j], par[[j]], se[[j]])
  put(k, "loglik", -minus(par))
}
breaks <- c(10, 25)
for (k in c("piecewise_exponential", "exponential")) {
  split <- if (k == "exponential") transform(d, tstart = entry, piece = 1) else
    survSplit(Surv(entry, time, event) ~ ., d, cut = breaks, episode = "piece", start = "tstart")
  split$spent <- split$time - split$tstart
  formula <- if (k == "exponential") event ~ age + gene + offset(log(spent)) else event ~ 0 + factor(piece) + age + gene + offset(log(spent))
  fit <- glm(formula, poisson(), split, control = glm.control(epsilon = 1e-14, maxit = 100))
  se <- sqrt(diag(vcov(fit)))
  sign <- if (k == "exponential") -1 else 1  # log times against log rates
  for (j in seq_along(coef(fit))) put(k, names(coef(fit))[j], sign * coef(fit)[[j]], se[[j]])
  put(k, "loglik", sum(dpois(split$event, fitted(fit), log = TRUE)) - sum(split$event * log(split$spent)))
}
write.table(do.call(rbind, rows), "late_entry_expected.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
writeLines(c(R.version.string, paste("survival", packageVersion("survival"))), "late_entry_versions.txt")

# Parametric survival models as R fits them. Usage, in this folder: Rscript make_references.R
suppressMessages(library(survival))
data <- read.delim("../survival/data.tsv")
rows <- list()
put <- function(set, distribution, name, value, se = NA)
  rows[[length(rows) + 1]] <<- data.frame(set, distribution, name, value = sprintf("%.14g", value), se = sprintf("%.14g", se))
tight <- survreg.control(maxiter = 500, rel.tolerance = 1e-14)
for (set in c("continuous", "heavy_ties", "censored_tail", "near_ties", "event_at_last_time", "huge_scale", "tiny_times")) {
  d <- data[data$dataset == set & data$time > 0, ]
  formula <- Surv(time, event) ~ x1 + group
  at <- quantile(d$time, c(0.25, 0.75)) * c(1, 3)
  for (k in c("weibull", "exponential", "lognormal", "loglogistic")) {
    fit <- survreg(formula, d, dist = k, control = tight)
    se <- sqrt(diag(vcov(fit)))
    for (j in names(coef(fit))) put(set, k, j, coef(fit)[[j]], se[[j]])
    if (k != "exponential") put(set, k, "Log(scale)", log(fit$scale), se[["Log(scale)"]])
    put(set, k, "loglik", fit$loglik[2])
    put(set, k, "loglik_null", fit$loglik[1])
    put(set, k, "AIC", AIC(fit))
    put(set, k, "BIC", BIC(fit))
    for (i in 1:2)  # survival averaged over the samples
      put(set, k, paste0("S", i), mean(psurvreg(at[[i]], fit$linear.predictors, fit$scale, k, parms = fit$parms) * -1 + 1))
  }
  breaks <- unique(quantile(d$time[d$event == 1], c(1, 2) / 3)) * 1.001
  for (b in breaks) put(set, "piecewise", "break", b)
  split <- survSplit(Surv(time, event) ~ ., d, cut = breaks, episode = "piece")
  split$spent <- split$time - split$tstart
  counts <- glm(event ~ 0 + factor(piece) + x1 + group + offset(log(spent)), stats::poisson(), split,
                 control = glm.control(epsilon = 1e-14, maxit = 100))
  se <- sqrt(diag(vcov(counts)))
  for (j in names(coef(counts))) put(set, "piecewise", j, coef(counts)[[j]], se[[j]])
  put(set, "piecewise", "loglik", sum(dpois(split$event, fitted(counts), log = TRUE)) - sum((split$event * log(split$spent))))
}
# The generalized gamma distribution has no function in base R: its density by pgamma and dgamma, maximized by optim.
d <- data[data$dataset == "continuous" & data$time > 0, ]
x <- model.matrix(~ x1 + group, d)
minus <- function(p) {
  n <- ncol(x); mu <- as.vector(x %*% p[1:n]); sigma <- exp(p[n + 1]); q <- p[n + 2]; k <- q^-2
  u <- k * exp(q * (log(d$time) - mu) / sigma)
  dense <- dgamma(u, k, log = TRUE) + log(u) + log(abs(q)) - log(sigma) - log(d$time)
  -sum(ifelse(d$event == 1, dense, pgamma(u, k, lower.tail = q < 0, log.p = TRUE)))
}
best <- NULL
for (q in c(1, 0.3, -0.7)) {
  start <- survreg(Surv(time, event) ~ x1 + group, d, dist = "lognormal")
  fit <- optim(c(coef(start), log(start$scale), q), minus, method = "BFGS", control = list(reltol = 1e-15, maxit = 5000))
  fit <- optim(fit$par, minus, method = "BFGS", control = list(reltol = 1e-15, maxit = 5000), hessian = TRUE)
  if (is.null(best) || fit$value < best$value) best <- fit
}
se <- sqrt(diag(solve(best$hessian)))
names(best$par) <- c(colnames(x), "Log(scale)", "shape")
for (j in seq_along(best$par)) put("continuous", "generalized_gamma", names(best$par)[j], best$par[[j]], se[[j]])
put("continuous", "generalized_gamma", "loglik", -best$value)
write.table(do.call(rbind, rows), "expected.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
writeLines(c(R.version.string, paste("survival", packageVersion("survival"))), "versions.txt")

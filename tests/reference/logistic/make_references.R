# Logistic models by R: Rscript make_references.R (writes references.tsv). Profile limits are roots of the deviance of
# models with the coefficient held (offset), since confint interpolates; confint's are written too.
suppressMessages({library(survival); library(brglm2); library(pROC)})
d <- read.delim("data.tsv"); g <- function(v) sprintf("%.12g", v)
out <- file("references.tsv", "w")
cat("# R ", as.character(getRversion()), "; survival ", as.character(packageVersion("survival")), "; brglm2 ",
    as.character(packageVersion("brglm2")), "; pROC ", as.character(packageVersion("pROC")), "\n", sep = "", file = out)
cat("case\tterm\tquantity\tvalue\n", file = out)
put <- function(case, term, quantity, value) cat(paste(case, term, quantity, g(value), sep = "\t"), "\n", sep = "", file = out)
tight <- glm.control(epsilon = 1e-14, maxit = 200)
limits <- function(best, est, se, profile) sapply(c(-1, 1), function(s)
  uniroot(function(b) profile(b) - best + qchisq(.95, 1) / 2, sort(est + s * se * c(0.5, 9)), tol = 1e-12)$root)
formulas <- list(plain = response ~ marker + age + stage, interaction = response ~ marker * treatment + age)
for (case in names(formulas)) {
  m <- glm(formulas[[case]], binomial, d, control = tight); s <- summary(m)$coef; X <- model.matrix(m)
  ci <- suppressMessages(confint(m))
  put(case, "model", "loglik", as.numeric(logLik(m))); put(case, "model", "aic", AIC(m))
  put(case, "model", "loglik_null", as.numeric(logLik(update(m, . ~ 1)))); put(case, "model", "brier", mean((d$response - fitted(m))^2))
  r <- roc(d$response, predict(m), direction = "<", quiet = TRUE); a <- ci.auc(r)
  put(case, "model", "auc", a[2]); put(case, "model", "auc_low", a[1]); put(case, "model", "auc_high", a[3])
  for (t in rownames(s)) {
    put(case, t, "beta", s[t, 1]); put(case, t, "se", s[t, 2]); put(case, t, "p", s[t, 4])
    if (t == "(Intercept)") next
    ll <- function(b) -glm.fit(X[, colnames(X) != t], d$response, offset = b * X[, t],
      family = binomial(), control = tight)$deviance / 2
    l <- limits(as.numeric(logLik(m)), s[t, 1], s[t, 2], ll)
    put(case, t, "low", l[1]); put(case, t, "high", l[2]); put(case, t, "confint_low", ci[t, 1]); put(case, t, "confint_high", ci[t, 2])
    put(case, t, "p_lr", pchisq(2 * (as.numeric(logLik(m)) - ll(0)), 1, lower = FALSE))
  }
}
control <- coxph.control(eps = 1e-12, toler.chol = 1e-13)
for (stratum in c("cohort", "pair")) {
  f <- as.formula(paste("response ~ marker + age + stage + strata(", stratum, ")"))
  m <- clogit(f, d, method = "exact", control = control); X <- model.matrix(m)
  put(stratum, "model", "loglik", m$loglik[2]); put(stratum, "model", "loglik_null", m$loglik[1]); put(stratum, "model", "aic", AIC(m))
  by <- split(data.frame(y = d$response, e = as.vector(X %*% coef(m))), d[[stratum]])
  pairs <- sapply(by, function(s) sum(s$y) * sum(1 - s$y))
  won <- sapply(by, function(s) { o <- outer(s$e[s$y == 1], s$e[s$y == 0], "-"); sum(o > 0) + sum(o == 0) / 2 })
  put(stratum, "model", "auc", sum(won) / sum(pairs))
  y <- Surv(rep(1, nrow(d)), d$response)
  for (j in seq_along(coef(m))) {
    t <- colnames(X)[j]; put(stratum, t, "beta", coef(m)[j]); put(stratum, t, "se", sqrt(vcov(m)[j, j]))
    ll <- function(b) coxph(y ~ X[, -j] + offset(b * X[, j]) + strata(d[[stratum]]), method = "exact", control = control)$loglik[2]
    l <- limits(m$loglik[2], coef(m)[j], sqrt(vcov(m)[j, j]), ll)
    put(stratum, t, "low", l[1]); put(stratum, t, "high", l[2])
    put(stratum, t, "p_lr", pchisq(2 * (m$loglik[2] - ll(0)), 1, lower = FALSE))
  }
}
# Firth: estimates of brglm2; limits and p by the penalized likelihood with the penalty of the whole model (logistf)
X <- model.matrix(~ marker + age + rare, d)
m <- glm(response ~ marker + age + rare, binomial, d, method = "brglmFit", type = "MPL_Jeffreys", epsilon = 1e-13, maxit = 1000)
pen <- function(b) { p <- plogis(as.vector(X %*% b)); sum(dbinom(d$response, 1, p, log = TRUE)) +
  as.numeric(determinant(crossprod(X * sqrt(p * (1 - p))))$modulus) / 2 }
slope <- function(b) { p <- plogis(as.vector(X %*% b)); W <- X * sqrt(p * (1 - p)); h <- rowSums((W %*% solve(crossprod(W))) * W)
  as.vector(crossprod(X, d$response - p + h * (1 / 2 - p))) }
held <- function(j, b, start) { at <- start; at[j] <- b
  for (i in 1:3) { o <- optim(at[-j], function(v) -pen(replace(replace(at, j, b), -j, v)), function(v) -slope(replace(replace(at, j, b), -j, v))[-j],
    method = "BFGS", control = list(reltol = 1e-16, maxit = 2000)); at[-j] <- o$par }
  -o$value }
put("firth", "model", "loglik", pen(coef(m)))
for (j in seq_along(coef(m))) {
  t <- colnames(X)[j]; put("firth", t, "beta", coef(m)[j]); put("firth", t, "se", sqrt(vcov(m)[j, j]))
  if (j == 1) next
  l <- limits(pen(coef(m)), coef(m)[j], sqrt(vcov(m)[j, j]), function(b) held(j, b, coef(m)))
  put("firth", t, "low", l[1]); put("firth", t, "high", l[2]); put("firth", t, "p", pchisq(2 * (pen(coef(m)) - held(j, 0, coef(m))), 1, lower = FALSE))
}
close(out)

# Competing risks as R estimates them. Usage, in this folder: Rscript make_references.R
suppressMessages({library(survival); library(cmprsk)})
data <- read.delim("data.tsv")
rows <- list()
put <- function(set, what, key, name, value) {
  rows[[length(rows) + 1]] <<- data.frame(set, what, key, name, value = sprintf("%.12g", as.numeric(value)))
}
for (set in unique(data$set)) {
  d <- data[data$set == set, ]
  d$state <- factor(d$cause, 0:2, c("censored", "event", "competing"))
  for (g in c("all", unique(d$group))) {
    part <- if (g == "all") d else d[d$group == g, ]
    for (type in c("log-log", "plain")) {
      curve <- survfit(Surv(time, state) ~ 1, data = part, conf.type = type)
      for (cause in c("event", "competing")) {
        j <- match(cause, curve$states)
        at <- paste(g, cause, formatC(curve$time, digits = 10), sep = "|")
        if (type == "log-log") {
          put(set, "incidence", at, "estimate", curve$pstate[, j])
          put(set, "incidence", at, "se", curve$std.err[, j])
          put(set, "incidence", at, "n_risk", rowSums(curve$n.risk))
        }
        put(set, "incidence", at, paste("low", type), curve$lower[, j])
        put(set, "incidence", at, paste("high", type), curve$upper[, j])
      }
    }
    gray <- cuminc(part$time, part$cause)
    for (code in 1:2) {
      one <- gray[[paste("1", code)]]
      if (is.null(one)) next
      times <- sort(unique(part$time))
      known <- timepoints(gray[paste("1", code)], times)
      at <- paste(g, c("event", "competing")[code], formatC(times, digits = 10), sep = "|")
      put(set, "incidence", at, "se_delta", sqrt(known$var[1, ]))
    }
  }
  tests <- function(name, ...) {
    found <- cuminc(d$time, d$cause, d$group, ...)$Tests
    for (code in rownames(found)) for (column in c("stat", "pv", "df"))
      put(set, "gray", paste(name, code), column, found[code, column])
  }
  if (length(unique(d$group)) > 1) {
    tests("none")
    if (length(unique(d$stratum)) > 1) tests("stratum", strata = d$stratum)
  }
  if (nrow(d) < 20 || set == "one_time") next
  one <- crr(d$time, d$cause, d$x, gtol = 1e-12, maxiter = 100)
  put(set, "crr alone", "x", "beta", one$coef); put(set, "crr alone", "x", "se", sqrt(one$var[1, 1]))
  put(set, "crr alone", "x", "loglik", one$loglik)
  x <- model.matrix(~ x + z + group, d)[, -1, drop = FALSE]
  fit <- crr(d$time, d$cause, x, gtol = 1e-12, maxiter = 100)
  put(set, "crr", colnames(x), "beta", fit$coef)
  put(set, "crr", colnames(x), "se", sqrt(diag(fit$var)))
  put(set, "crr", "model", "loglik", fit$loglik)
  put(set, "crr", "model", "loglik_null", fit$loglik.null)
  joint <- grep("^z", colnames(x))
  put(set, "crr", "z", "wald", t(fit$coef[joint]) %*% solve(fit$var[joint, joint]) %*% fit$coef[joint])
  d$row <- seq_len(nrow(d))
  cox <- function(what, formula, data, ties = "efron", weighted = FALSE) {
    arguments <- list(formula = formula, data = data, ties = ties, control = coxph.control(eps = 1e-13, iter.max = 50))
    if (weighted) arguments <- c(arguments, list(weights = data$fgwt, cluster = data$row))
    fit <- do.call(coxph, arguments)
    keep <- names(coef(fit))
    put(set, what, keep, "beta", coef(fit)); put(set, what, keep, "se", sqrt(diag(vcov(fit))))
    put(set, what, "model", "loglik", fit$loglik[2]); put(set, what, "model", "loglik_null", fit$loglik[1])
    joint <- grep("^z", keep)
    put(set, what, "z", "wald", t(coef(fit)[joint]) %*% solve(vcov(fit)[joint, joint]) %*% coef(fit)[joint])
    fit
  }
  fine <- Surv(fgstart, fgstop, fgstatus) ~ x + z + group
  if (any(d$cause == 2)) {
    for (ties in c("efron", "breslow")) {
      long <- finegray(Surv(time, state) ~ ., data = d, etype = "event")
      fit <- cox(paste("finegray", ties), fine, long, ties, TRUE)
      if (ties == "efron") {
        zph <- cox.zph(fit, transform = "identity")$table
        put(set, "zph", rownames(zph), "chisq", zph[, "chisq"])
      }
      if (length(unique(d$stratum)) < 2) next
      long <- finegray(Surv(time, state) ~ . + strata(stratum), data = d, etype = "event")
      long$stratum <- d$stratum[long$row]
      cox(paste("finegray strata", ties), update(fine, . ~ . + strata(stratum)), long, ties, TRUE)
    }
    cox("competing", Surv(time, cause == 2) ~ x + z + group, d)
  }
  cox("event", Surv(time, cause == 1) ~ x + z + group, d)
  if (length(unique(d$stratum)) > 1) cox("event strata", Surv(time, cause == 1) ~ x + z + group + strata(stratum), d)
}
out <- gzfile("expected.tsv.gz", "w")
write.table(do.call(rbind, rows), out, sep = "\t", quote = FALSE, row.names = FALSE)
close(out)
writeLines(c(R.version.string, paste("survival", packageVersion("survival")), paste("cmprsk", packageVersion("cmprsk"))), "versions.txt")

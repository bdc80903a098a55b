# Measures of Cox models by survival, riskRegression and pec. Run in this folder: Rscript make_reference.R
# samples.tsv is synthetic (three cohorts, whole months, so heavy ties); resamples.tsv is drawn here.
suppressMessages({library(survival); library(riskRegression); library(prodlim); library(pec)})
d <- read.delim("samples.tsv")
names(d)[names(d) == "os_time"] <- "time"; names(d)[names(d) == "os_event"] <- "event"
d$grade <- factor(d$grade)
rows <- list()
put <- function(case, model, stat, at, value)
  rows[[length(rows) + 1]] <<- data.frame(case, model, stat, at, value = sprintf("%.15g", unname(value)))
forms <- list(covariates = ~ age + grade, marker = ~ marker, `covariates+marker` = ~ age + grade + marker)
surv <- function(f, ...) update(f, Surv(time, event) ~ .)
horizons <- c(36, 60)

# one stratum
fits <- lapply(forms, function(f) coxph(surv(f), d, x = TRUE))
for (m in names(fits)) {
  c1 <- concordance(fits[[m]]); put("plain", m, "harrell_c", NA, c1$concordance); put("plain", m, "harrell_se", NA, sqrt(c1$var))
  c2 <- concordance(fits[[m]], timewt = "n/G2"); put("plain", m, "uno_c", NA, c2$concordance); put("plain", m, "uno_se", NA, sqrt(c2$var))
  for (t in horizons) { c3 <- concordance(fits[[m]], timewt = "n/G2", ymax = t)
    put("plain", m, "uno_c", t, c3$concordance); put("plain", m, "uno_se", t, sqrt(c3$var)) }
  put("plain", m, "lr", NA, 2 * diff(fits[[m]]$loglik))
}
both <- concordance(fits$covariates, fits$`covariates+marker`); v <- vcov(both)
put("plain", "difference", "harrell_se", NA, sqrt(v[1, 1] + v[2, 2] - 2 * v[1, 2]))
both <- concordance(fits$covariates, fits$`covariates+marker`, timewt = "n/G2"); v <- vcov(both)
put("plain", "difference", "uno_se", NA, sqrt(v[1, 1] + v[2, 2] - 2 * v[1, 2]))
put("plain", "difference", "p_lr", NA, anova(fits$covariates, fits$`covariates+marker`)[2, 4])
s <- Score(fits, Surv(time, event) ~ 1, data = d, times = horizons, summary = "ipa")
for (i in seq_len(nrow(s$AUC$score))) { r <- s$AUC$score[i]; put("plain", as.character(r$model), "auc", r$times, r$AUC); put("plain", as.character(r$model), "auc_se", r$times, r$se) }
for (i in seq_len(nrow(s$Brier$score))) { r <- s$Brier$score[i]; m <- sub("Null model", "null", r$model)
  put("plain", m, "brier", r$times, r$Brier); put("plain", m, "brier_se", r$times, r$se); put("plain", m, "ipa", r$times, r$IPA) }
for (k in c("AUC", "Brier")) { x <- s[[k]]$contrasts; x <- x[x$model == "covariates+marker" & x$reference == "covariates"]
  for (i in seq_len(nrow(x))) { put("plain", "difference", tolower(k), x$times[i], x[[paste0("delta.", k)]][i]); put("plain", "difference", paste0(tolower(k), "_se"), x$times[i], x$se[i]) } }
p <- pec(fits, Surv(time, event) ~ 1, data = d, exact = TRUE, cens.model = "marginal", splitMethod = "none", verbose = FALSE)
for (m in names(p$AppErr)) { k <- p$time < 60
  put("plain", sub("Reference", "null", m), "integrated_brier", 60, sum(p$AppErr[[m]][k] * diff(c(p$time[k], 60))) / 60) }
# calibration: five groups of predicted risk, Kaplan-Meier in each; net benefit
for (t in horizons) {
  r <- 1 - c(summary(survfit(fits$`covariates+marker`, newdata = d), times = t)$surv)
  g <- findInterval(r, unique(quantile(r, c(.2, .4, .6, .8)))) 
  for (k in sort(unique(g))) { f <- summary(survfit(Surv(time, event) ~ 1, d[g == k, ], conf.type = "log-log"), times = t)
    put("calibration", k + 1, "predicted", t, mean(r[g == k])); put("calibration", k + 1, "observed", t, 1 - f$surv)
    put("calibration", k + 1, "se", t, f$std.err); put("calibration", k + 1, "ci_low", t, 1 - f$upper); put("calibration", k + 1, "ci_high", t, 1 - f$lower) }
  f <- summary(survfit(Surv(time, event) ~ 1, d), times = t)
  put("plain", "covariates+marker", "observed_expected", t, (1 - f$surv) / mean(r)); put("plain", "covariates+marker", "observed_expected_se", t, f$std.err / mean(r))
  for (q in c(.2, .4, .6)) { high <- r >= q; sv <- summary(survfit(Surv(time, event) ~ 1, d[high, ]), times = t, extend = TRUE)$surv
    put("decision", q, "net_benefit", t, mean(high) * ((1 - sv) - sv * q / (1 - q))); put("decision", q, "n_high", t, sum(high)) }
}

# stratified by cohort: pairs within cohorts, baseline and censoring of each cohort
for (m in names(forms)) {
  fit <- coxph(update(forms[[m]], Surv(time, event) ~ . + strata(cohort)), d)
  c1 <- concordance(fit); put("strata", m, "harrell_c", NA, c1$concordance); put("strata", m, "harrell_se", NA, sqrt(c1$var))
  lp <- predict(fit, type = "lp", reference = "sample")
  c2 <- concordance(Surv(time, event) ~ lp + strata(cohort), d, reverse = TRUE, timewt = "n/G2")
  put("strata", m, "uno_c", NA, c2$concordance); put("strata", m, "uno_se", NA, sqrt(c2$var))
  for (t in horizons) {
    risk <- 1 - sapply(seq_len(nrow(d)), function(i) summary(survfit(fit, newdata = d[i, ]), times = t, extend = TRUE)$surv)
    score <- n <- cases <- area <- null <- c()
    for (k in sort(unique(d$cohort))) { w <- d$cohort == k
      s <- Score(list(m = matrix(risk[w], ncol = 1)), Surv(time, event) ~ 1, data = d[w, ], times = t, se.fit = FALSE)
      score <- c(score, s$Brier$score[model == "m"]$Brier); null <- c(null, s$Brier$score[model != "m"]$Brier); area <- c(area, s$AUC$score$AUC); n <- c(n, sum(w))
      # weight of the cohort's cases: its size times 1 - S by censoring weights
      G <- prodlim(Hist(time, event) ~ 1, d[w, ], reverse = TRUE); cs <- d[w, ][d$time[w] <= t & d$event[w] == 1, ]
      cases <- c(cases, sum(1 / predict(G, times = cs$time - 1e-6))) }
    put("strata", m, "brier", t, weighted.mean(score, n)); put("strata", m, "ipa", t, 1 - weighted.mean(score, n) / weighted.mean(null, n))
    put("strata", m, "auc", t, weighted.mean(area, cases))
  }
}

# leave one cohort out: the others stratified, one baseline for all of them
f <- forms$`covariates+marker`
for (k in sort(unique(d$cohort))) {
  train <- d[d$cohort != k, ]; test <- d[d$cohort == k, ]
  fit <- coxph(update(f, Surv(time, event) ~ . + strata(cohort)), train)
  b <- coef(fit); x <- function(z) drop(model.matrix(f, z)[, -1] %*% b); test$lp <- x(test); train$lp <- x(train)
  c1 <- concordance(Surv(time, event) ~ lp, test, reverse = TRUE); put("left_out", k, "harrell_c", NA, c1$concordance); put("left_out", k, "harrell_se", NA, sqrt(c1$var))
  sl <- coxph(Surv(time, event) ~ lp, test); put("left_out", k, "slope", NA, coef(sl)); put("left_out", k, "slope_se", NA, sqrt(vcov(sl)))
  # Efron's baseline hazard given the coefficients: tied deaths leave the risk set one after the other
  hazard <- function(t) { e <- exp(train$lp); sum(sapply(unique(train$time[train$event == 1 & train$time <= t]), function(u) {
    died <- train$time == u & train$event == 1; k <- sum(died)
    sum(1 / (sum(e[train$time >= u]) - (seq_len(k) - 1) / k * sum(e[died]))) })) }
  for (t in horizons) {
    risk <- 1 - exp(-hazard(t) * exp(test$lp))
    s <- Score(list(m = matrix(risk, ncol = 1)), Surv(time, event) ~ 1, data = test, times = t)
    put("left_out", k, "brier", t, s$Brier$score[model == "m"]$Brier); put("left_out", k, "brier_se", t, s$Brier$score[model == "m"]$se)
    put("left_out", k, "auc", t, s$AUC$score$AUC); put("left_out", k, "auc_se", t, s$AUC$score$se)
    km <- summary(survfit(Surv(time, event) ~ 1, test), times = t)$surv; put("left_out", k, "observed_expected", t, (1 - km) / mean(risk))
  }
}

# optimism: the same bootstrap samples, one stratum
set.seed(11); R <- 8
rs <- t(replicate(R, sample(nrow(d), replace = TRUE)))
write.table(rs - 1, "resamples.tsv", sep = "\t", quote = FALSE, row.names = FALSE, col.names = FALSE)
loss <- list()
for (i in seq_len(R)) {
  b <- d[rs[i, ], ]; fit <- coxph(surv(f), b, x = TRUE)
  b$lp <- predict(fit, b, reference = "zero"); o <- d; o$lp <- predict(fit, o, reference = "zero")
  v <- c(harrell_c = concordance(Surv(time, event) ~ lp, b, reverse = TRUE)$concordance - concordance(Surv(time, event) ~ lp, o, reverse = TRUE)$concordance,
         uno_c = concordance(Surv(time, event) ~ lp, b, reverse = TRUE, timewt = "n/G2")$concordance - concordance(Surv(time, event) ~ lp, o, reverse = TRUE, timewt = "n/G2")$concordance,
         slope = 1 - unname(coef(coxph(Surv(time, event) ~ lp, o))))
  sb <- Score(list(m = fit), Surv(time, event) ~ 1, data = b, times = 36, se.fit = FALSE, null.model = FALSE)
  so <- Score(list(m = fit), Surv(time, event) ~ 1, data = o, times = 36, se.fit = FALSE, null.model = FALSE)
  loss[[i]] <- c(v, brier = sb$Brier$score$Brier - so$Brier$score$Brier, auc = sb$AUC$score$AUC - so$AUC$score$AUC)
}
mean_loss <- colMeans(do.call(rbind, loss)); for (n in names(mean_loss)) put("optimism", "covariates+marker", n, NA, mean_loss[n])
write.table(do.call(rbind, rows), "reference.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
writeLines(c(R.version.string, sapply(c("survival", "riskRegression", "pec", "prodlim", "coin"), function(p) paste(p, packageVersion(p)))), "versions.txt")

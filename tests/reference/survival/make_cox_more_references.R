# Subgroups and effects that change over time, by survival::coxph, survSplit and tt().
#   Rscript make_cox_more_references.R       (in this folder; writes cox_more_data.tsv and cox_more_expected.tsv)
suppressPackageStartupMessages(library(survival))
set.seed(21)
n <- 260
d <- data.frame(sample_id = sprintf("S%03d", 1:n), cohort = sample(c("a", "b", "c"), n, TRUE), marker = sample(c("low", "high"), n, TRUE),
                gene = round(rnorm(n), 3), age = round(rnorm(n, 60, 10)), stage = sample(c("I", "II", "III", "IV"), n, TRUE, c(.4, .3, .2, .1)),
                sex = sample(c("f", "m"), n, TRUE))
h <- exp(0.7 * (d$marker == "high") * (d$sex == "m") + 0.3 * d$gene + 0.02 * (d$age - 60) + 0.4 * (d$cohort == "b"))
d$time <- round(rexp(n, 0.02 * h), 0); cens <- round(runif(n, 5, 90)); d$event <- as.integer(d$time <= cens); d$time <- pmin(d$time, cens)
d$time[d$time == 0] <- 1
d$event[d$stage == "IV"] <- 0                      # a level without events
d$age[c(4, 70, 133)] <- NA
d$entry <- pmin(floor(d$time * runif(n) * 0.5), d$time - 1)
d$time[c(9, 30)] <- 24; d$event[c(9, 30)] <- 1; d$entry[c(9, 30)] <- 0  # events at a split
d$weight <- round(runif(n, 0.5, 2), 2)
write.table(d, "cox_more_data.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
control <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 100)
rows <- list()
put <- function(case, stat, value) rows[[length(rows) + 1]] <<- data.frame(case, stat, value = sprintf("%.15g", unname(value)))
d$g <- as.integer(d$marker == "high")
lr <- function(full, less, df) pchisq(2 * (full$loglik[2] - less$loglik[2]), df, lower.tail = FALSE)
wald <- function(fit, at) drop(coef(fit)[at] %*% solve(vcov(fit)[at, at], coef(fit)[at]))
# --- subgroups
for (m in c("g", "gene")) for (s in c("sex", "stage", "cohort")) {
  dd <- if (s == "stage") d[d$stage != "IV", ] else d
  dd$S <- factor(dd[[s]]); dd$M <- dd[[m]]
  own <- if (s == "cohort") "" else "+ S"
  f <- function(t) coxph(as.formula(paste("Surv(time, event) ~ age +", t, own, "+ strata(cohort)")), dd, ties = "efron", control = control)
  full <- f("M + M:S"); less <- f("M"); nested <- f("M:S")
  made <- grep(":", names(coef(full))); case <- paste("subgroup", m, s)
  put(case, "df", length(made)); put(case, "wald", wald(full, made)); put(case, "p_lr", lr(full, less, length(made)))
  for (l in levels(dd$S)) {
    at <- intersect(c(paste0("M:S", l), paste0("S", l, ":M")), names(coef(nested)))
    put(case, paste("beta", l), coef(nested)[at]); put(case, paste("se", l), sqrt(vcov(nested)[at, at]))
    alone <- coxph(Surv(time, event) ~ M + age + strata(cohort), dd[dd$S == l, ], control = control)
    put(case, paste("hr_alone", l), exp(coef(alone)["M"])); put(case, paste("ci_high_alone", l), summary(alone)$conf.int["M", 4])
  }
  if (s != "cohort") {
    free <- coxph(Surv(time, event) ~ M + age + S + M:cohort + M:S + strata(cohort), dd, control = control)
    none <- coxph(Surv(time, event) ~ M + age + S + M:cohort + strata(cohort), dd, control = control)
    k <- grep("M:S|S.*:M", names(coef(free))); k <- k[!is.na(coef(free)[k])]
    put(case, "within wald", wald(free, k)); put(case, "within p_lr", lr(free, none, length(k)))
  }
}
fit <- coxph(Surv(time, event) ~ g * age + strata(cohort), d, control = control)
q <- quantile(d$age[!is.na(d$age)], c(.25, .5, .75))
for (v in q) { w <- c(1, 0, v); put("subgroup g age", paste("beta", v), sum(w * coef(fit))); put("subgroup g age", paste("se", v), sqrt(drop(w %*% vcov(fit) %*% w))) }
put("subgroup g age", "wald", wald(fit, 3)); put("subgroup g age", "p_lr", lr(fit, coxph(Surv(time, event) ~ g + age + strata(cohort), d, control = control), 1))
# --- steps
split_at <- c(12, 24)
for (design in c("plain", "strata", "late", "weights", "cluster", "factor")) {
  dd <- d
  dd$id <- seq_len(n)
  if (design == "factor") dd <- dd[dd$stage != "IV", ]
  e <- survSplit(if (design == "late") Surv(entry, time, event) ~ . else Surv(time, event) ~ ., data = dd, cut = split_at, episode = "k", start = "t0", end = "t1")
  e$K <- factor(e$k); e$G <- if (design == "factor") factor(e$stage) else e$g
  by <- if (design == "plain") "" else "+ strata(cohort)"
  dd$G <- if (design == "factor") factor(dd$stage) else dd$g
  go <- function(t, data, y) {
    a <- list(formula = as.formula(paste(y, "~ age +", t, by)), data = data, control = control)
    if (design == "weights") { a$weights <- data$weight; a$cluster <- data$id }
    if (design == "cluster") a$cluster <- data$sex2
    do.call(coxph, a)
  }
  e$sex2 <- dd$sex2 <- NULL
  e$sex2 <- e$id %% 97; dd$sex2 <- dd$id %% 97
  base <- if (design == "late") "Surv(entry, time, event)" else "Surv(time, event)"
  full <- go("G + G:strata(K)", e, "Surv(t0, t1, event)"); less <- go("G", dd, base)
  case <- paste("step", design)
  made <- grep(":", names(coef(full))); made <- made[!is.na(coef(full)[made])]
  put(case, "df", length(made)); put(case, "wald", wald(full, made)); put(case, "p_lr", lr(full, less, length(made)))
  put(case, "loglik", full$loglik[2]); put(case, "beta age", coef(full)["age"]); put(case, "concordance", full$concordance["concordance"])
  e$A <- if (design == "factor") as.integer(e$stage == "II") else e$g; e$B <- as.integer(e$stage == "III")
  for (k in 1:3) { e[[paste0("A", k)]] <- e$A * (e$k == k); e[[paste0("B", k)]] <- e$B * (e$k == k) }
  nested <- go(if (design == "factor") "A1 + A2 + A3 + B1 + B2 + B3" else "A1 + A2 + A3", e, "Surv(t0, t1, event)")
  for (term in setdiff(names(coef(nested)), "age")) { put(case, paste("beta", term), coef(nested)[term]); put(case, paste("se", term), sqrt(vcov(nested)[term, term])) }
  for (k in 1:3) { z <- e[e$k == k & !is.na(e$age), ]; put(case, paste("n", k), nrow(z)); put(case, paste("events", k), sum(z$event)) }
}
# --- logarithm of time
for (design in c("plain", "strata", "late", "weights", "gene")) {
  dd <- d; dd$id <- seq_len(n); dd$G <- if (design == "gene") dd$gene else dd$g
  y <- if (design == "late") "Surv(entry, time, event)" else "Surv(time, event)"
  by <- if (design %in% c("plain", "gene")) "" else "+ strata(cohort)"
  a <- list(formula = as.formula(paste(y, "~ age + G + tt(G)", by)), data = dd, tt = function(x, t, ...) x * log(t + 1), control = control)
  b <- list(formula = as.formula(paste(y, "~ age + G", by)), data = dd, control = control)
  if (design == "weights") { a$weights <- b$weights <- dd$weight }
  full <- do.call(coxph, a); less <- do.call(coxph, b); case <- paste("log", design)
  if (design == "late") {  # tt() of survival 3.5.3 has another likelihood with entry times; the model by survSplit at every event time
    e <- survSplit(Surv(entry, time, event) ~ ., data = dd, cut = sort(unique(dd$time[dd$event == 1])), start = "t0", end = "t1")
    e$C <- e$G * log(e$t1 + 1)
    full <- coxph(Surv(t0, t1, event) ~ age + G + C + strata(cohort), e, control = control)
  }
  put(case, "p_lr", lr(full, less, 1)); put(case, "loglik", full$loglik[2])
  se <- sqrt(diag(if (design == "weights") if (is.null(full$naive.var)) full$var else full$naive.var else full$var))
  for (i in 1:3) { put(case, paste("beta", i), coef(full)[i]); put(case, paste("se", i), se[i]) }
}
write.table(do.call(rbind, rows), "cox_more_expected.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
writeLines(c(R.version.string, paste("survival", packageVersion("survival"))), "cox_more_versions.txt")

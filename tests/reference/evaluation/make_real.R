# Evaluation and association on real cohorts. Usage: Rscript make_real.R FOLDER_OF_COHORTS
suppressMessages({library(survival); library(riskRegression); library(coin)})
folder <- commandArgs(trailingOnly = TRUE)[1]
rows <- list()
put <- function(case, stat, at, value) rows[[length(rows) + 1]] <<- data.frame(case, stat, at, value = sprintf("%.15g", unname(value)))
cohort <- function(name) {
  d <- read.delim(gzfile(file.path(folder, "ovarian", paste0(name, ".clinical.tsv.gz"))), na.strings = c("", "NA"))
  m <- read.delim(gzfile(file.path(folder, "ovarian", paste0(name, ".expression.tsv.gz"))), row.names = 1, check.names = FALSE)
  d$XPO1 <- unlist(m["XPO1", d$sample]); d$cohort <- name; d
}
evaluate <- function(case, d, f, horizons) {
  d <- d[complete.cases(d[c("time", "event", all.vars(f))]), ]; d <- d[order(d$time), ]
  fit <- coxph(update(f, Surv(time, event) ~ .), d, x = TRUE)
  put(case, "n", NA, nrow(d))
  for (w in c("n", "n/G2")) { k <- c("harrell_c", "uno_c")[1 + (w != "n")]; c1 <- concordance(fit, timewt = w); put(case, k, NA, c1$concordance); put(case, paste0(k, ".se"), NA, sqrt(c1$var)) }
  s <- Score(list(m = fit), Surv(time, event) ~ 1, data = d, times = horizons, summary = "ipa")
  for (t in horizons) { a <- s$AUC$score[s$AUC$score$times == t]; put(case, "auc", t, a$AUC); put(case, "auc.se", t, a$se)
    b <- s$Brier$score[s$Brier$score$times == t & s$Brier$score$model == "m"]; put(case, "brier", t, b$Brier); put(case, "brier.se", t, b$se); put(case, "scaled_brier", t, b$IPA)
    z <- concordance(fit, timewt = "n/G2", ymax = t); put(case, "uno_c", t, z$concordance) }
}
all <- lapply(c("GSE51088", "GSE8842"), cohort); names(all) <- c("GSE51088", "GSE8842")
for (k in names(all)) { d <- all[[k]]; d$age <- d$age_at_initial_pathologic_diagnosis; d$time <- d$days_to_death / 30.4375
  d$event <- as.integer(d$vital_status == "deceased"); all[[k]] <- d[d$sample_type == "tumor", c("sample", "cohort", "age", "XPO1", "time", "event", "tumorstage", "summarygrade", "histological_type")] }
evaluate("GSE51088.XPO1", all$GSE51088, ~ XPO1, c(24, 60)); evaluate("GSE51088.both", all$GSE51088, ~ age + XPO1, c(24, 60))
evaluate("GSE51088.stage", all$GSE51088, ~ factor(tumorstage) + age, c(36)); evaluate("GSE8842.both", all$GSE8842, ~ age + XPO1, c(36))
m <- read.delim(file.path(folder, "sarcoma", "meta_data.txt")); g <- read.delim(file.path(folder, "sarcoma", "GSVA_CINSARC.txt"))
g$lab_no <- sub("_RNAseq.*", "", g$UID); m <- merge(m, g[!duplicated(g$lab_no), ], by = "lab_no"); m <- m[m$Class != "Benign", ]
m$time <- as.numeric(m$MFS_months_10); m$event <- as.numeric(m$Met_10)
evaluate("sarcoma.CINSARC", m, ~ CINSARC, c(24, 60)); evaluate("sarcoma.complexity", m, ~ Complexity + CINSARC, c(60))
b <- do.call(rbind, all); b <- b[complete.cases(b[c("time", "event", "age", "XPO1")]), ]
fit <- coxph(Surv(time, event) ~ age + XPO1 + strata(cohort), b); c1 <- concordance(fit); put("pooled", "harrell_c", NA, c1$concordance); put("pooled", "harrell_c.se", NA, sqrt(c1$var))
put("pooled", "lr", NA, 2 * diff(fit$loglik))
less <- coxph(Surv(time, event) ~ age + strata(cohort), b); put("pooled", "p_marker", NA, anova(less, fit)[2, 4])

# association within cohorts and trends
b <- do.call(rbind, all); b$half <- factor(ifelse(b$XPO1 >= ave(b$XPO1, b$cohort, FUN = function(v) median(v, na.rm = TRUE)), "high", "low"), c("low", "high"))
t <- table(b$summarygrade, b$half, b$cohort); x <- mantelhaen.test(t, correct = FALSE); put("cmh", "p", NA, x$p.value); put("cmh", "odds", NA, x$estimate)
x <- mantelhaen.test(table(b$histological_type, b$half, b$cohort)); put("cmh_types", "p", NA, x$p.value)
k <- b[!is.na(b$tumorstage) & !is.na(b$half), ]; t <- table(k$tumorstage, k$half); x <- prop.trend.test(t[, 2], rowSums(t)); put("trend", "p", NA, x$p.value)
x <- lbl_test(xtabs(~ ordered(tumorstage) + ordered(half) + factor(cohort), k)); put("trend", "p_within", NA, pvalue(x))
k <- b[!is.na(b$age) & !is.na(b$XPO1), ]; r <- function(v) ave(v, k$cohort, FUN = function(z) rank(z) / (length(z) + 1))
x <- independence_test(u ~ v | w, data.frame(u = r(k$age), v = r(k$XPO1), w = factor(k$cohort)), teststat = "quadratic"); put("spearman", "p_within", NA, pvalue(x))
k <- b[!is.na(b$age) & !is.na(b$half), ]; x <- summary(lm(age ~ half + cohort, k))$coefficients[2, ]; put("age", "difference", NA, x[1]); put("age", "p_within", NA, x[4])
write.table(do.call(rbind, rows), "real_expected.tsv", sep = "\t", quote = FALSE, row.names = FALSE)

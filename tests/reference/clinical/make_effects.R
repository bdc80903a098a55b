# Effect sizes, trends, and tests within strata, on synthetic data. Run in this folder: Rscript make_effects.R
suppressMessages(library(coin))
set.seed(21)
rows <- list()
put <- function(case, stat, value) rows[[length(rows) + 1]] <<- data.frame(case, stat, value = sprintf("%.15g", unname(value)))
n <- 90
d <- data.frame(cohort = sample(c("A", "B", "C"), n, TRUE), group = sample(c("high", "low"), n, TRUE), stage = sample(c("I", "II", "III"), n, TRUE),
                sex = sample(c("f", "m"), n, TRUE), subtype = sample(c("x", "y", "z"), n, TRUE))
d$value <- round(rnorm(n) + .6 * (d$group == "high") + .3 * as.integer(factor(d$stage)) + (d$cohort == "B"), 1)
d$other <- round(.4 * d$value + rnorm(n), 1)
write.table(d, "effects.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
f <- lapply(d[c("cohort", "group", "stage", "sex", "subtype")], factor)

# Cohen's d by the noncentral t, Hedges' g, DeLong's interval, eta squared by the noncentral F
root <- function(f, low, high) uniroot(f, c(low, high), tol = 1e-13)$root
x <- d$value[d$group == "high"]; y <- d$value[d$group == "low"]; df <- length(x) + length(y) - 2
s <- sqrt((sum((x - mean(x))^2) + sum((y - mean(y))^2)) / df); unit <- sqrt(1 / length(x) + 1 / length(y)); k <- (mean(x) - mean(y)) / s
lim <- sapply(c(.975, .025), function(p) root(function(nc) pt(k / unit, df, nc) - p, -20, 20) * unit)
put("d", "estimate", k); put("d", "low", lim[1]); put("d", "high", lim[2])
put("d", "g", k * exp(lgamma(df / 2) - lgamma((df - 1) / 2)) / sqrt(df / 2))
a <- pROC::ci.auc(d$group, d$value, levels = c("low", "high"), direction = "<", quiet = TRUE)
put("auc", "low", a[1]); put("auc", "estimate", a[2]); put("auc", "high", a[3])
o <- oneway.test(value ~ stage, d, var.equal = TRUE); F <- unname(o$statistic)
lim <- sapply(c(.975, .025), function(p) if (pf(F, 2, n - 3) <= p) 0 else root(function(nc) pf(F, 2, n - 3, nc) - p, 0, 200))
put("eta", "estimate", summary(lm(value ~ stage, d))$r.squared); put("eta", "low", lim[1] / (lim[1] + n)); put("eta", "high", lim[2] / (lim[2] + n))

# trends
t <- table(d$stage, d$group); p <- prop.trend.test(t[, "low"], rowSums(t)); put("cochran_armitage", "chisq", p$statistic); put("cochran_armitage", "p", p$p.value)
l <- lbl_test(table(ordered(d$stage), ordered(d$subtype))); put("linear_by_linear", "chisq", statistic(l)^2); put("linear_by_linear", "p", pvalue(l))
# Jonckheere's z from its definition, variance with ties
g <- split(d$value, d$stage); J <- sum(sapply(list(c(1, 2), c(1, 3), c(2, 3)), function(k) sum(outer(g[[k[2]]], g[[k[1]]], ">")) + sum(outer(g[[k[2]]], g[[k[1]]], "==")) / 2))
m <- lengths(g); q <- table(d$value); pairs <- sum(outer(m, m)[upper.tri(diag(3))])
V <- (n * (n - 1) * (2 * n + 5) - sum(m * (m - 1) * (2 * m + 5)) - sum(q * (q - 1) * (2 * q + 5))) / 72 + sum(m * (m - 1) * (m - 2)) * sum(q * (q - 1) * (q - 2)) / (36 * n * (n - 1) * (n - 2)) + sum(m * (m - 1)) * sum(q * (q - 1)) / (8 * n * (n - 1))
put("jonckheere", "z", (J - pairs / 2) / sqrt(V)); put("jonckheere", "share", J / pairs)
# the same variance as the permutation distribution's, to Monte Carlo error
sim <- replicate(20000, { h <- split(sample(d$value), d$stage); sum(sapply(list(c(1, 2), c(1, 3), c(2, 3)), function(k) sum(outer(h[[k[2]]], h[[k[1]]], ">")) + sum(outer(h[[k[2]]], h[[k[1]]], "==")) / 2)) })
stopifnot(abs(var(sim) / V - 1) < .05)

# within cohorts
m <- mantelhaen.test(table(d$sex, d$group, d$cohort), correct = FALSE)
put("cmh", "chisq", m$statistic); put("cmh", "p", m$p.value); put("cmh", "odds", m$estimate); put("cmh", "low", m$conf.int[1]); put("cmh", "high", m$conf.int[2])
m <- mantelhaen.test(table(d$stage, d$subtype, d$cohort)); put("cmh_general", "chisq", m$statistic); put("cmh_general", "df", m$parameter); put("cmh_general", "p", m$p.value)
within <- function(v) ave(v, d$cohort, FUN = function(z) rank(z) / (length(z) + 1))
it <- independence_test(r ~ stage | cohort, data.frame(r = within(d$value), f), teststat = "quadratic"); put("ranks_within", "chisq", statistic(it)); put("ranks_within", "p", pvalue(it))
it <- independence_test(r ~ s | cohort, data.frame(r = within(d$value), s = within(d$other), cohort = f$cohort), teststat = "quadratic"); put("spearman_within", "chisq", statistic(it)); put("spearman_within", "p", pvalue(it))
put("spearman_within", "rho", cor(resid(lm(within(d$value) ~ d$cohort)), resid(lm(within(d$other) ~ d$cohort))))
l <- lbl_test(xtabs(~ ordered(stage) + ordered(group) + cohort, d)); put("trend_within", "chisq", statistic(l)^2); put("trend_within", "p", pvalue(l))
a <- anova(lm(value ~ cohort, d), lm(value ~ cohort + stage, d)); put("linear_model", "F", a$F[2]); put("linear_model", "df_residual", a$Res.Df[2]); put("linear_model", "p", a[2, 6])
write.table(do.call(rbind, rows), "effects_reference.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
writeLines(c(R.version.string, paste("coin", packageVersion("coin")), paste("pROC", packageVersion("pROC"))), "effects_versions.txt")

# Rank tests, tests of means, Fisher's exact test, correlations and adjusted p-values, on synthetic data.
# Run in this folder: Rscript make_reference.R
suppressMessages(library(coin))
options(digits = 15)
set.seed(7)
num <- function(x) formatC(x, digits = 15, format = "g")
rows <- list()
put <- function(case, stat, value) rows[[length(rows) + 1]] <<- data.frame(case = case, stat = stat, value = num(unname(value)))
quiet <- function(x) suppressWarnings(x)

sets <- list(
  small = list(a = round(rnorm(6, 1), 4), b = round(rnorm(9), 4)),
  middle = list(a = round(rnorm(30, .5), 4), b = round(rnorm(45), 4)),
  four = list(a = round(rnorm(4, -1), 5), b = round(rnorm(300), 5)),
  tied = list(a = round(rnorm(7, 1), 1), b = round(rnorm(25), 1)),
  tied_large = list(a = round(rnorm(80, .4), 1), b = round(rnorm(60), 1)),
  far = list(a = round(rnorm(70, 3), 4), b = round(rnorm(70), 4)),
  three = list(a = round(rnorm(12, .8), 2), b = round(rnorm(15), 2), c = round(rnorm(9, .3, 2), 2)),
  three_tied = list(a = round(rnorm(22, .8), 0), b = round(rnorm(15), 0), c = round(rnorm(19, .3, 2), 0)))
data <- do.call(rbind, lapply(names(sets), function(s) do.call(rbind, lapply(names(sets[[s]]), function(g)
  data.frame(set = s, group = g, value = sets[[s]][[g]])))))
write.table(data, "groups.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
for (s in names(sets)) {
  a <- sets[[s]]$a; b <- sets[[s]]$b
  w <- quiet(wilcox.test(a, b, conf.int = TRUE))
  put(s, "W", w$statistic); put(s, "wilcox_p", w$p.value)
  put(s, "shift", w$estimate); put(s, "shift_low", w$conf.int[1]); put(s, "shift_high", w$conf.int[2])
  if (min(length(a), length(b)) < 10)
    put(s, "p_exact", pvalue(wilcox_test(value ~ group, data.frame(value = c(a, b), group = factor(rep(c("a", "b"), c(length(a), length(b))))), distribution = "exact")))
  for (equal in c(FALSE, TRUE)) {
    t <- t.test(a, b, var.equal = equal); k <- if (equal) "student" else "welch"
    put(s, paste0(k, ".t"), t$statistic); put(s, paste0(k, ".df"), t$parameter); put(s, paste0(k, ".p"), t$p.value)
    put(s, paste0(k, ".low"), t$conf.int[1]); put(s, paste0(k, ".high"), t$conf.int[2])
  }
  d <- data[data$set == s, ]; d$group <- factor(d$group)
  k <- kruskal.test(value ~ group, d); put(s, "kruskal.H", k$statistic); put(s, "kruskal.p", k$p.value)
  for (equal in c(FALSE, TRUE)) {
    o <- oneway.test(value ~ group, d, var.equal = equal); n <- if (equal) "anova" else "welch_anova"
    put(s, paste0(n, ".F"), o$statistic); put(s, paste0(n, ".df_residual"), o$parameter[2]); put(s, paste0(n, ".p"), o$p.value)
  }
  if (nlevels(d$group) == 3) {
    p <- pairwise.t.test(d$value, d$group, p.adjust.method = "none")$p.value
    put(s, "pooled.b_a", p["b", "a"]); put(s, "pooled.c_a", p["c", "a"]); put(s, "pooled.c_b", p["c", "b"])
    q <- pairwise.t.test(d$value, d$group, p.adjust.method = "holm")$p.value
    put(s, "holm.b_a", q["b", "a"]); put(s, "holm.c_a", q["c", "a"]); put(s, "holm.c_b", q["c", "b"])
    # Dunn's z from its definition: ranks of all groups, tie-corrected variance
    r <- rank(d$value); n <- length(r); ties <- sum(table(d$value)^3 - table(d$value))
    v <- n * (n + 1) / 12 - ties / (12 * (n - 1))
    for (pair in list(c("b", "a"), c("c", "a"), c("c", "b"))) {
      i <- d$group == pair[1]; j <- d$group == pair[2]
      put(s, paste0("dunn.", pair[1], "_", pair[2]), (mean(r[i]) - mean(r[j])) / sqrt(v * (1 / sum(i) + 1 / sum(j))))
    }
  }
  for (i in seq_along(quantile(a, c(.25, .5, .75)))) put(s, paste0("q", i), quantile(a, c(.25, .5, .75))[i])
}

# stratified: van Elteren as coin's independence test on within-block ranks / (N + 1), and lm
n <- 60
d <- data.frame(value = round(rnorm(n), 1), group = factor(sample(c("x", "y"), n, TRUE)), cohort = factor(sample(c("A", "B", "C"), n, TRUE)))
d$value <- round(d$value + as.integer(d$cohort) + .7 * (d$group == "x"), 1)
write.table(d, "strata.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
score <- ave(d$value, d$cohort, FUN = function(v) rank(v) / (length(v) + 1))
it <- independence_test(score ~ group | cohort, cbind(d, score))
put("strata", "van_elteren.z", statistic(it)); put("strata", "van_elteren.p", pvalue(it))
m <- summary(lm(value ~ I(group == "x") + cohort, d))$coefficients[2, ]
put("strata", "lm.beta", m[1]); put("strata", "lm.se", m[2]); put("strata", "lm.p", m[4])

# Fisher: tables as text, p and, for 2 x 2, the odds ratio
tables <- list(
  tea = rbind(c(3, 1), c(1, 3)), job = rbind(c(1, 2, 1, 0), c(3, 3, 6, 1), c(10, 10, 14, 9), c(6, 7, 12, 11)),
  zero = rbind(c(0, 8), c(5, 9)), large = rbind(c(842, 300), c(200, 20)), strong = rbind(c(120, 3), c(10, 90)),
  letter = rbind(c(22, 78, 14, 80, 14, 12), c(158, 222, 126, 340, 108, 188)),
  letter_equal = rbind(c(20, 32, 40, 48, 28, 52), c(207, 195, 187, 179, 199, 175)),
  grade = rbind(c(40, 60, 90), c(11, 12, 60)), three = rbind(c(5, 9, 2), c(3, 3, 12), c(9, 1, 7)),
  wide = rbind(c(2, 5, 1, 0, 3, 1), c(3, 0, 4, 4, 1, 2), c(0, 2, 2, 5, 1, 1)), tall = rbind(c(12, 5), c(7, 7), c(2, 9), c(5, 5), c(1, 8)),
  cube = rbind(c(40, 30, 30), c(25, 45, 30), c(35, 35, 30)))
write.table(do.call(rbind, lapply(names(tables), function(t) { m <- tables[[t]]
  data.frame(table = t, row = rep(seq_len(nrow(m)), ncol(m)), column = rep(seq_len(ncol(m)), each = nrow(m)), count = c(m)) })),
  "tables.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
for (t in names(tables)) {
  f <- fisher.test(tables[[t]], workspace = 2e8)
  put(t, "fisher_p", f$p.value)
  if (!is.null(f$estimate)) { put(t, "or", f$estimate); put(t, "or_low", f$conf.int[1]); put(t, "or_high", f$conf.int[2]) }
  x <- quiet(chisq.test(tables[[t]], correct = FALSE)); put(t, "chisq", x$statistic); put(t, "chisq_p", x$p.value)
  y <- quiet(chisq.test(tables[[t]])); put(t, "chisq_default", y$statistic); put(t, "chisq_default_p", y$p.value)  # Yates, 2 x 2 only
}

# Spearman
for (s in c("plain", "tied")) {
  x <- rnorm(40); y <- .5 * x + rnorm(40)
  if (s == "tied") { x <- round(x); y <- round(y) } else { x <- round(x, 4); y <- round(y, 4) }
  write.table(data.frame(x, y), paste0("spearman_", s, ".tsv"), sep = "\t", quote = FALSE, row.names = FALSE)
  k <- quiet(cor.test(x, y, method = "spearman", exact = FALSE))
  put(paste0("spearman_", s), "rho", k$estimate); put(paste0("spearman_", s), "S", k$statistic); put(paste0("spearman_", s), "p", k$p.value)
}

p <- c(.01, .04, .03, NA, .005, .9, .03)
for (m in c("holm", "BH", "bonferroni")) { a <- p.adjust(p, m); for (i in seq_along(a)) put(paste0("adjust_", tolower(m)), paste0("p", i), a[i]) }
write.table(do.call(rbind, rows), "reference.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
writeLines(c(R.version.string, paste("coin", packageVersion("coin"))), "versions.txt")

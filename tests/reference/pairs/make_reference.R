# Pairs as R tests them. Usage, in this folder: Rscript make_reference.R
set.seed(20)
data <- list(); rows <- list()
put <- function(key, stat, value) rows[[length(rows) + 1]] <<- data.frame(set = key, stat, value = sprintf("%.15g", value))
add <- function(key, x, y) {
  data[[length(data) + 1]] <<- data.frame(set = key, x = sprintf("%.15g", x), y = sprintf("%.15g", y))
  w <- suppressWarnings(wilcox.test(x, y, paired = TRUE, conf.int = TRUE, tol.root = 1e-12))
  put(key, "v", w$statistic); put(key, "p", w$p.value)
  put(key, "shift", w$estimate); put(key, "low", w$conf.int[1]); put(key, "high", w$conf.int[2])
  put(key, "p_exact", exactRankTests::wilcox.exact(x, y, paired = TRUE, exact = TRUE)$p.value)
  t <- t.test(x, y, paired = TRUE)
  put(key, "t", t$statistic); put(key, "df", t$parameter); put(key, "t_p", t$p.value)
  put(key, "mean", t$estimate); put(key, "t_low", t$conf.int[1]); put(key, "t_high", t$conf.int[2])
}
for (n in c(3, 5, 6, 9, 20, 49, 50, 80)) {
  x <- rnorm(n, 8); add(paste0("plain", n), x, x + rnorm(n, 0.3))                 # no ties, no zeros
  x <- round(8 * rnorm(n, 8)) / 8; y <- x + round(4 * rnorm(n, 0.3)) / 4           # binary fractions: ties, zeros
  if (sum(x != y) > 2) add(paste0("tied", n), x, y)
  d <- sample(c(-3:-1, 1:6), n, TRUE); add(paste0("nozero", n), 20 + d, rep(20, n) + 0 * d)
}
x <- rcauchy(30); add("heavy30", x, x + rcauchy(30, 1))
x <- 1e-9 * rnorm(15); add("tiny15", x, x + 1e-9 * rnorm(15, 0.5))
x <- 1e9 * (1 + runif(15)); add("huge15", x, x + 1e8 * rnorm(15, 0.5))
write.table(do.call(rbind, data), "pairs.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
write.table(do.call(rbind, rows), "reference.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
writeLines(c(R.version.string, paste("exactRankTests", packageVersion("exactRankTests"))), "versions.txt")

# Searched cuts of many markers: maxstat::maxstat.test of each, and within strata coin::maxstat_test.
# Rscript make_reference.R   (in this folder; writes samples_*.tsv, genes_*.tsv, reference.tsv, versions.txt)
suppressMessages({library(survival); library(maxstat); library(coin)})
set.seed(15)
rows <- list()
put <- function(...) rows[[length(rows) + 1]] <<- data.frame(...)
make <- function(set, n, genes, months) {
  x <- matrix(round(rnorm(n * genes), 2), genes, dimnames = list(sprintf("G%d", 1:genes), sprintf("S%d", 1:n)))
  tied <- seq(2, genes, 4); x[tied, ] <- round(2 * x[tied, ]) / 2
  coarse <- seq(3, genes, 8); x[coarse, ] <- round(x[coarse, ])
  for (g in seq(4, genes, 4)) x[g, sample(n, ceiling(n / 9))] <- NA
  cohort <- sample(c("a", "b", "c"), n, TRUE, c(.5, .3, .2))
  x[seq(5, genes, 5), ] <- round(sweep(x[seq(5, genes, 5), ], 2, 2 * (cohort == "b"), "+"), 2)   # differs between cohorts
  time <- rexp(n, exp(.5 * x[1, ] + .8 * (cohort == "b")) / 40)
  time <- if (months) pmax(1, round(time)) else round(time, 6)
  d <- data.frame(sample_id = colnames(x), cohort, time, event = as.integer(runif(n) < .55))
  write.table(d, paste0("samples_", set, ".tsv"), sep = "\t", quote = FALSE, row.names = FALSE)
  write.table(data.frame(gene_id = rownames(x), x), paste0("genes_", set, ".tsv"), sep = "\t", quote = FALSE, row.names = FALSE)
  list(x = x, d = d)
}
for (set in c("small", "tied", "large")) {
  data <- make(set, c(small = 14, tied = 60, large = 110)[[set]], c(small = 70, tied = 80, large = 60)[[set]], set == "tied")
  for (f in c(.1, .25)) for (gene in rownames(data$x)) {
    d <- data.frame(data$d, x = data$x[gene, ])
    d <- d[!is.na(d$x), ]
    run <- function(p) maxstat.test(Surv(time, event) ~ x, d, smethod = "LogRank", pmethod = p, minprop = f, maxprop = 1 - f)
    m <- tryCatch(run("Lau92"), error = function(e) NULL)
    if (is.null(m)) { put(set, strata = "none", f, gene, m = NA, highest_low = NA, candidates = 0, lau92 = NA, lau94 = NA); next }
    put(set, strata = "none", f, gene, m = unname(m$statistic), highest_low = unname(m$estimate), candidates = length(m$stats),
        lau92 = unname(m$p.value), lau94 = unname(run("Lau94")$p.value))
  }
  # Every cut of the same window within strata, coin's own scores; windows of coin are quantiles, so all cuts are asked for.
  for (gene in rownames(data$x)) {
    d <- data.frame(data$d, x = data$x[gene, ])
    d <- d[!is.na(d$x), ]; d$cohort <- factor(d$cohort)
    n <- nrow(d)
    if (any(table(d$cohort) < 2)) next
    test <- maxstat_test(Surv(time, event) ~ x | cohort, d, teststat = "maximum", distribution = "none", minprob = 0, maxprob = 1)
    z <- abs(statistic(test, "standardized"))
    cuts <- as.numeric(sub("^x <= ", "", rownames(z)))
    low <- sapply(cuts, function(cut) sum(d$x <= cut + 1e-9))
    inside <- low >= max(1, floor(n * .1)) & low <= floor(n * .9) & low < n
    usable <- inside & is.finite(z[, 1])                       # coin divides 0 by 0 where strata leave no choice
    if (!any(usable)) next
    best <- which(usable)[which.max(z[usable, 1])]
    put(set, strata = "cohort", f = .1, gene, m = z[best, 1], highest_low = cuts[best], candidates = sum(inside), lau92 = NA, lau94 = NA)
  }
}
out <- do.call(rbind, rows)
number <- setdiff(names(out)[sapply(out, is.numeric)], c("f", "candidates"))
out[number] <- lapply(out[number], function(v) ifelse(is.na(v), "NA", trimws(formatC(v, digits = 12, format = "g", width = 1))))
write.table(out, "reference.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
writeLines(c(R.version.string, sapply(c("survival", "maxstat", "exactRankTests", "coin"), function(p) paste(p, packageVersion(p)))), "versions.txt")

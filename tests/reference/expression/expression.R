# Makes the reference numbers beside it: Rscript expression.R (in this folder).
# limma normalizeQuantiles, edgeR cpm and calcNormFactors, sva ComBat, stats prcomp.
suppressMessages({library(limma); library(edgeR); library(sva)})
options(digits = 17)
save <- function(x, file) {
  frame <- data.frame(gene_id = rownames(x), format(x, digits = 15, trim = TRUE), check.names = FALSE)
  write.table(frame, file, sep = "\t", quote = FALSE, row.names = FALSE)
}
named <- function(x) {
  dimnames(x) <- list(paste0("G", seq_len(nrow(x))), paste0("S", seq_len(ncol(x))))
  x
}

# --- quantile normalization: complete, with ties, with missing values, with both ----------------
set.seed(11)
x <- named(round(matrix(rnorm(23 * 7, 8, 2), 23), 3))
x[, 3] <- x[, 3] + 1; x[, 5] <- x[, 5] * 1.4
ties <- round(x)
missing <- x; missing[sample(length(x), 20)] <- NA
both <- ties; both[is.na(missing)] <- NA
cases <- list(complete = x, ties = ties, missing = missing, both = both)
stack <- function(parts) do.call(rbind, lapply(names(parts), function(n) {
  y <- parts[[n]]; rownames(y) <- paste(n, rownames(y), sep = ":"); y }))
save(stack(cases), "quantile_input.tsv")
save(stack(lapply(cases, normalizeQuantiles)), "quantile_R.tsv")
save(stack(lapply(cases[c("complete", "missing")], normalizeQuantiles, ties = FALSE)), "quantile_noties_R.tsv")

# --- counts: log2 cpm and TMM ------------------------------------------------------------------
set.seed(12)
mu <- rexp(120, 1 / 80)
counts <- named(matrix(rnbinom(120 * 6, mu = mu %o% c(1, 1.5, .7, 2, 1, .4), size = 3), 120))
counts[1:6, 4] <- counts[1:6, 4] * 40
counts[7:9, ] <- 0
save(counts, "counts_input.tsv")
factors <- calcNormFactors(counts, method = "TMM")
y <- DGEList(counts); y$samples$norm.factors <- factors
save(rbind(factors = factors), "tmm_factors_R.tsv")
save(cpm(counts, log = TRUE, prior.count = 2), "cpm_R.tsv")
save(cpm(y, log = TRUE, prior.count = 2), "tmm_R.tsv")
save(cpm(counts), "cpm_plain_R.tsv")
save(cpm(y), "tmm_plain_R.tsv")

# --- ComBat --------------------------------------------------------------------------------------
set.seed(13)
n <- 18; genes <- 16
batch <- rep(c("b2", "a1", "c3"), c(7, 6, 5))[c(1:9, 13:18, 10:12)]
age <- round(rnorm(n, 55, 9), 1); cancer <- rep(c("no", "yes", "yes"), length.out = n)
d <- matrix(rnorm(genes * n, rnorm(genes, 8, 2), rexp(genes, 1) + .3), genes)
for (b in unique(batch)) {
  j <- batch == b
  d[, j] <- d[, j] * runif(genes, .7, 1.6) + rnorm(genes, 0, 1)
}
d[1:6, cancer == "yes"] <- d[1:6, cancer == "yes"] + 1.2
d <- named(round(d, 4))
pheno <- data.frame(sample_id = colnames(d), batch, age, cancer)
pheno$single <- ifelse(seq_len(n) == 4, "alone", batch)
write.table(pheno, "combat_pheno.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
gaps <- d; gaps[sample(length(d), 25)] <- NA; gaps[, 4] <- d[, 4]
flat <- d; flat[3, batch == "a1"] <- 5; flat[9, batch == "c3"] <- 0; flat[14, ] <- 7
flatgaps <- flat; flatgaps[cbind(c(1, 4, 9, 12), c(2, 5, 12, 9))] <- NA
inputs <- list(full = d, gaps = gaps, flat = flat, flatgaps = flatgaps)
save(stack(inputs), "combat_input.tsv")
mod <- model.matrix(~ cancer + age, pheno)
modes <- list(
  parametric = list(), nonparametric = list(par.prior = FALSE), mean_only = list(mean.only = TRUE),
  mean_only_nonparametric = list(mean.only = TRUE, par.prior = FALSE),
  reference = list(ref.batch = "a1"), reference_nonparametric = list(ref.batch = "a1", par.prior = FALSE),
  reference_mean_only = list(ref.batch = "c3", mean.only = TRUE),
  covariates = list(mod = mod), covariates_nonparametric = list(mod = mod, par.prior = FALSE),
  covariates_reference = list(mod = mod, ref.batch = "b2"),
  covariates_mean_only = list(mod = mod, mean.only = TRUE),
  single = list(batch = pheno$single), single_nonparametric = list(batch = pheno$single, par.prior = FALSE))
tried <- list(full = names(modes), gaps = names(modes),
  flat = c("parametric", "nonparametric", "reference", "single"), flatgaps = c("parametric", "covariates", "mean_only"))
out <- list()
for (i in names(inputs)) for (m in tried[[i]]) {
  call <- modifyList(list(dat = inputs[[i]], batch = batch), modes[[m]])
  invisible(capture.output(found <- suppressMessages(do.call(ComBat, call))))
  out[[paste(i, m, sep = ":")]] <- found
}
save(stack(out), "combat_R.tsv")

# --- principal components -----------------------------------------------------------------------
p <- prcomp(t(d), center = TRUE, scale. = FALSE)
scores <- t(p$x); write.table(data.frame(component = rownames(scores), share = format(p$sdev^2 / sum(p$sdev^2), digits = 17),
  format(scores, digits = 15, trim = TRUE)), "pca_R.tsv", sep = "\t", quote = FALSE, row.names = FALSE)

writeLines(c(R.version.string, sapply(c("limma", "edgeR", "sva", "matrixStats", "genefilter"), function(p)
  paste(p, as.character(packageVersion(p))))), "versions.txt")

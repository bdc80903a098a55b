# Moderated t by limma and voom by edgeR on simulated data: Rscript make_reference.R (writes the .tsv files and versions.txt).
suppressMessages({library(limma); library(edgeR)})
set.seed(20)
n <- 48; genes <- 120
sheet <- data.frame(sample_id = sprintf("S%02d", 1:n), cohort = rep(c("a", "b", "c"), c(20, 16, 12)),
                    patient_id = sprintf("P%02d", rep(1:(n / 2), each = 2)), tissue = rep(c("normal", "tumor"), n / 2),
                    age = round(rnorm(n, 60, 9), 1), grade = sample(c("I", "II", "III"), n, TRUE),
                    group = sample(c("low", "high"), n, TRUE, c(0.6, 0.4)), three = sample(c("x", "y", "z"), n, TRUE))
sheet$score <- round(rnorm(n), 4)
spread <- sqrt(1 / rgamma(genes, 4, 4)) * seq(0.4, 1.6, length.out = genes)
y <- matrix(rnorm(genes * n), genes) * spread + seq(4, 12, length.out = genes)
y[1:20, sheet$group == "high"] <- y[1:20, sheet$group == "high"] + 1
y <- round(sweep(y, 2, c(0, 0.8, -0.5)[match(sheet$cohort, c("a", "b", "c"))], "+"), 4)
rownames(y) <- sprintf("G%03d", 1:genes); colnames(y) <- sheet$sample_id
y[31, ] <- 5                                                # does not vary
gaps <- y
gaps[cbind(sample(genes, 700, TRUE), sample(n, 700, TRUE))] <- NA
gaps[41, sheet$cohort != "a"] <- NA                         # one cohort only
gaps[42, sheet$group == "high" & sheet$cohort == "b"] <- NA # a cohort without the group
gaps[43, -(1:7)] <- NA                                      # few samples
gaps[44, sheet$group == "high"] <- NA                       # not estimable
gaps[45, ] <- NA
counts <- matrix(rnbinom(genes * n, mu = outer(exp(rnorm(genes, 4, 2)), exp(rnorm(n, 0, 0.4))), size = 5), genes,
                 dimnames = dimnames(y))
counts[1:10, sheet$group == "high"] <- counts[1:10, sheet$group == "high"] * 3
counts[60, ] <- 0
write <- function(x, name) write.table(data.frame(gene_id = rownames(x), x), name, sep = "\t", quote = FALSE, row.names = FALSE)
write.table(sheet, "samples.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
write(y, "full.tsv"); write(gaps, "gaps.tsv"); write(counts, "counts.tsv")

out <- NULL
keep <- function(setting, fit, last, lib = NULL) {
  se <- fit$stdev.unscaled[, last] * sqrt(fit$s2.post)
  half <- qt(0.975, fit$df.total) * se
  out <<- rbind(out, data.frame(setting, gene_id = rownames(fit$coefficients), log_fc = fit$coefficients[, last], se,
    mean = fit$Amean, t = fit$t[, last], df = fit$df.total, p_value = fit$p.value[, last],
    q_value = p.adjust(fit$p.value[, last], "BH"), ci_low = fit$coefficients[, last] - half,
    ci_high = fit$coefficients[, last] + half, df_prior = fit$df.prior, sigma = fit$sigma))
}
linear <- function(setting, x, design, trend = FALSE) {
  x <- x[rowSums(!is.na(x)) > 0, ]
  keep(setting, suppressWarnings(eBayes(lmFit(x, design), trend = trend)), ncol(design))
}
high <- 1 * (sheet$group == "high")
d <- function(f, s = sheet) model.matrix(f, s)
linear("plain", y, d(~ high)); linear("block", y, d(~ cohort + high)); linear("trend", y, d(~ cohort + high), TRUE)
linear("covariates", y, d(~ cohort + age + grade + high))
linear("gaps", gaps, d(~ cohort + high)); linear("gaps_trend", gaps, d(~ cohort + age + high), TRUE)
linear("continuous", y, d(~ cohort + score))
linear("levels", y, d(~ cohort + I(three == "y") + I(three == "z")))   # z against x, y in the model
linear("pairs", y, d(~ patient_id + tissue)); linear("pairs_gaps", gaps, d(~ patient_id + tissue))
few <- sheet$sample_id %in% sprintf("S%02d", c(1:4, 21:24))            # 8 samples
keep("few", suppressWarnings(eBayes(lmFit(y[, few], d(~ high)[few, ]))), 2)
marker <- y["G050", ]
linear("gene", y[rownames(y) != "G050", ], d(~ cohort + marker))
for (setting in c("voom_none", "voom_tmm", "voom_block", "voom_kept")) {
  design <- if (setting == "voom_block") d(~ cohort + age + high) else d(~ high)
  x <- DGEList(counts)
  if (setting != "voom_kept") x <- x[filterByExpr(x, design), , keep.lib.sizes = FALSE]
  if (setting != "voom_none") x <- calcNormFactors(x)
  keep(setting, suppressWarnings(eBayes(lmFit(voom(x, design), design))), ncol(design))
}
s <- lowess(y[1, ], y[2, ], f = 0.5)
write.table(data.frame(x = s$x, y = s$y), "lowess.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
out[sapply(out, is.numeric)] <- lapply(out[sapply(out, is.numeric)], function(v) sprintf("%.12g", v))
write.table(out, gzfile("reference.tsv.gz"), sep = "\t", quote = FALSE, row.names = FALSE)
writeLines(c(paste("R", getRversion()), paste("limma", packageVersion("limma")), paste("edgeR", packageVersion("edgeR"))), "versions.txt")

# whether any of three groups differs: topTable of the coefficients of two of them
several <- NULL
for (setting in c("f_plain", "f_block", "f_trend", "f_gaps", "f_voom")) {
  design <- switch(setting, f_plain = , f_voom = d(~ three), d(~ cohort + age + three))
  x <- if (setting == "f_gaps") gaps[rowSums(!is.na(gaps)) > 0, ] else y
  if (setting == "f_voom") x <- voom(calcNormFactors(DGEList(counts)[filterByExpr(DGEList(counts), design), , keep.lib.sizes = FALSE]), design)
  fit <- suppressWarnings(eBayes(lmFit(x, design), trend = setting == "f_trend"))
  top <- topTable(fit, coef = grep("three", colnames(design)), number = Inf, sort.by = "none")
  several <- rbind(several, data.frame(setting, gene_id = rownames(top), f = top$F, f_p_value = top$P.Value, f_q_value = top$adj.P.Val))
}
several[-(1:2)] <- lapply(several[-(1:2)], function(v) sprintf("%.12g", v))
write.table(several, gzfile("several.tsv.gz"), sep = "\t", quote = FALSE, row.names = FALSE)

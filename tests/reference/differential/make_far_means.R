# limma-trend where few genes have mean expressions far from the others (values that are not logarithms).
#   Rscript make_far_means.R    (in this folder; writes far_means_data.tsv and far_means_expected.tsv)
suppressPackageStartupMessages(library(limma))
set.seed(7)
group <- rep(c("N", "T"), c(7, 8))
rows <- list(); data <- list()
for (far in c(1e2, 1e5, 1e8)) {
  x <- matrix(rnorm(40 * 15), 40) * rgamma(40, 2) + runif(40, 0, 12)
  x[1:2, ] <- x[1:2, ] * far
  x[3, ] <- 3
  x[4, 5] <- x[4, 5] + far
  rownames(x) <- sprintf("G%02d", 1:40)
  fit <- suppressWarnings(eBayes(lmFit(x, model.matrix(~group)), trend = TRUE))
  table <- topTable(fit, coef = 2, number = Inf, sort.by = "none")
  rows[[length(rows) + 1]] <- data.frame(far = far, gene_id = rownames(x), log_fc = table$logFC, t = table$t, p_value = table$P.Value, df = fit$df.total)
  data[[length(data) + 1]] <- data.frame(far = far, gene_id = rownames(x), x)
}
save <- function(x, file) write.table(format(x, digits = 15, trim = TRUE, scientific = TRUE), file, sep = "\t", quote = FALSE, row.names = FALSE)
save(do.call(rbind, data), "far_means_data.tsv"); save(do.call(rbind, rows), "far_means_expected.tsv")
cat(R.version.string, "limma", as.character(packageVersion("limma")), "\n")

# Scores of signatures: GSVA's ssGSEA and z, singscore by its published formula, on synthetic data.
# Run in this folder: Rscript make_reference.R
suppressMessages(library(GSVA))
options(digits = 15)
invisible(Sys.setlocale("LC_COLLATE", "C"))
set.seed(5)
sets <- list(UP = paste0("G", c(1:12, 40)), DOWN = paste0("G", 20:30), SMALL = c("G55", "G3"))
x <- matrix(rnorm(60 * 14, 7, 2), 60, 14)
x[1:12, 1:7] <- x[1:12, 1:7] + 1.5
x <- round(x, 3)
x[41:60, ] <- round(x[41:60, ])   # ties within samples
x[58, ] <- 4                       # a constant gene
dimnames(x) <- list(paste0("G", 1:60), paste0("S", 1:14))
write.table(data.frame(gene_id = rownames(x), x), "data.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
writeLines(sapply(names(sets), function(n) paste(c(n, "na", sets[[n]]), collapse = "\t")), "sets.gmt")
# Foroutan et al. 2018: mean rank of the set between its least and largest possible value, centred; equal values take
# the lowest rank; a set that goes down is scored by 1 less its score
singscore <- function(x, up, down = NULL) {
  one <- function(genes) {
    genes <- intersect(genes, rownames(x)); n <- length(genes)
    m <- colMeans(apply(x, 2, rank, ties.method = "min")[genes, , drop = FALSE])
    (m - (n + 1) / 2) / ((2 * nrow(x) - n + 1) / 2 - (n + 1) / 2)
  }
  if (is.null(down)) one(up) - .5 else (one(up) - .5) + (1 - one(down) - .5)
}
quiet <- function(e) suppressWarnings(suppressMessages({ capture.output(r <- e); r }))
all_scores <- function(x, sets) {
  long <- function(method, m) data.frame(method = method, set = rep(rownames(m), ncol(m)), sample = rep(colnames(m), each = nrow(m)), value = formatC(as.vector(m), digits = 15, format = "g"))
  single <- t(sapply(sets, function(s) singscore(x, s)))
  pair <- matrix(singscore(x, sets[[1]], sets[[2]]), 1, dimnames = list("pair", colnames(x)))
  rbind(long("ssgsea", quiet(gsva(x, sets, method = "ssgsea", verbose = FALSE))),
        long("ssgsea_raw", quiet(gsva(x, sets, method = "ssgsea", ssgsea.norm = FALSE, verbose = FALSE))),
        long("zscore", quiet(gsva(x, sets, method = "zscore", verbose = FALSE))),
        long("singscore", single), long("singscore", pair))
}
write.table(all_scores(x, sets), "reference.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
writeLines(c(R.version.string, paste("GSVA", packageVersion("GSVA"))), "versions.txt")

# Real data (not stored here): Rscript make_reference.R FOLDER writes what the tests read from real_reference.tsv
folder <- commandArgs(TRUE)
if (length(folder)) {
  cinsarc <- setdiff(readLines(file.path(folder, "signatures", "cinsarc_hofvander.txt")), "CINSARC")
  chol <- as.matrix(read.delim(file.path(folder, "tcga", "TCGA-CHOL.rsem.tsv.gz"), row.names = 1, check.names = FALSE))
  chol <- log2(chol + 1)
  rownames(chol) <- sub("\\|.*", "", rownames(chol)); chol <- chol[!duplicated(rownames(chol)), ]
  cel <- as.matrix(read.delim(file.path(folder, "ovarian", "GSE8842.expression.tsv.gz"), row.names = 1, check.names = FALSE))
  cel <- cel[complete.cases(cel), ]
  keep <- function(name, x) {
    sets <- list(CINSARC = intersect(cinsarc, rownames(x)), FIRST = sort(rownames(x))[1:50])
    r <- all_scores(x, sets)
    cbind(cohort = name, r[r$sample %in% colnames(x)[1:6], ])
  }
  write.table(rbind(keep("TCGA-CHOL", chol), keep("GSE8842", cel)), "real_reference.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
}

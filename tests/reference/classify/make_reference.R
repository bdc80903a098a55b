# ROC curves, cut-points, intervals of proportions (pROC) and nearest centroids, on synthetic data.
# Run in this folder: Rscript make_reference.R
library(pROC)
options(digits = 15)
set.seed(20)
num <- function(x) formatC(x, digits = 15, format = "g")
rows <- list()
put <- function(case, stat, value) rows[[length(rows) + 1]] <<- data.frame(case = case, stat = stat, value = num(value))

# data: untied, tied, few controls, cases low
set <- function(name, x1, x0) data.frame(set = name, status = rep(c("case", "control"), c(length(x1), length(x0))), value = c(x1, x0))
data <- rbind(
  set("untied", round(rnorm(60, 1), 6), round(rnorm(25), 6)),
  set("tied", round(rnorm(80, .8), 1), round(rnorm(30), 1)),
  set("ten", round(rnorm(40, 1.2), 2), round(rnorm(10), 2)),
  set("low", round(rnorm(35, -.9), 3), round(rnorm(15), 3)))
write.table(data, "roc_data.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
up <- function(thresholds, values) sapply(thresholds, function(t) if (is.finite(t)) min(values[values > t]) else t)
for (name in unique(data$set)) {
  d <- data[data$set == name, ]
  direction <- if (name == "low") ">" else "<"
  r <- roc(d$status, d$value, levels = c("control", "case"), direction = direction)
  ci <- ci.auc(r, method = "delong")
  put(name, "auc", auc(r)); put(name, "auc_low", ci[1]); put(name, "auc_high", ci[3])
  for (rule in c("youden", "closest.topleft")) {
    best <- coords(r, "best", best.method = rule, ret = c("threshold", "sensitivity", "specificity"), transpose = FALSE)
    put(name, paste0(rule, ".n"), nrow(best))
    best <- best[order(-best$specificity), ][1, ]
    put(name, paste0(rule, ".lowest_high"), up(best$threshold, d$value))
    put(name, paste0(rule, ".sensitivity"), best$sensitivity)
    put(name, paste0(rule, ".specificity"), best$specificity)
    n1 <- sum(d$status == "case"); n0 <- sum(d$status == "control")
    a <- binom.test(round(best$sensitivity * n1), n1)$conf.int
    b <- binom.test(round(best$specificity * n0), n0)$conf.int
    put(name, paste0(rule, ".sensitivity_low"), a[1]); put(name, paste0(rule, ".sensitivity_high"), a[2])
    put(name, paste0(rule, ".specificity_low"), b[1]); put(name, paste0(rule, ".specificity_high"), b[2])
  }
  q <- quantile(d$value, c(.1, .25, 1/3, .5, .75), type = 7)
  for (i in seq_along(q)) put(name, paste0("quantile", i), q[i])
}

# nearest centroids: 1 - Spearman, genes centred by their means, missing values pairwise
genes <- 30; n <- 24
x <- matrix(rnorm(genes * n, 8), genes, n)
y <- rep(c("event", "event_free"), n / 2)
x[1:10, y == "event"] <- x[1:10, y == "event"] + .8
x[sample(length(x), 12)] <- NA
x <- round(x, 4)
dimnames(x) <- list(paste0("G", seq_len(genes)), paste0("S", seq_len(n)))
y[c(3, 8)] <- NA
write.table(data.frame(gene_id = rownames(x), x), "centroid_data.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
write.table(data.frame(sample_id = colnames(x), label = y), "centroid_labels.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
distance <- function(s, centroids) sapply(colnames(centroids), function(k) 1 - cor(s, centroids[, k], method = "spearman", use = "complete.obs"))
centre <- function(m, by = m) m - rowMeans(by, na.rm = TRUE)
mean_of <- function(m, k, lab) rowMeans(m[, which(lab == k), drop = FALSE], na.rm = TRUE)
classes <- c("event", "event_free")
cx <- centre(x)
cent <- sapply(classes, function(k) mean_of(cx, k, y))
for (i in seq_len(n)) {
  d <- distance(cx[, i], cent)
  put(paste0("train.", colnames(x)[i]), "event", d[1]); put(paste0("train.", colnames(x)[i]), "event_free", d[2])
  if (!is.na(y[i])) {
    others <- x[, -i]
    co <- sapply(classes, function(k) mean_of(centre(others), k, y[-i]))
    d <- distance(centre(x[, i, drop = FALSE], others)[, 1], co)
  }
  put(paste0("loocv.", colnames(x)[i]), "event", d[1]); put(paste0("loocv.", colnames(x)[i]), "event_free", d[2])
}
write.table(do.call(rbind, rows), "reference.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
writeLines(c(R.version.string, paste("pROC", packageVersion("pROC"))), "versions.txt")

# Leave-one-out distances on real data (not stored here): Rscript make_reference.R FOLDER
folder <- commandArgs(TRUE)
if (length(folder)) {
  rsem <- as.matrix(read.delim(file.path(folder, "tcga", "TCGA-CHOL.rsem.tsv.gz"), row.names = 1, check.names = FALSE))
  rsem <- log2(rsem[, grepl("-01$", colnames(rsem))] + 1)
  rownames(rsem) <- sub("\\|.*", "", rownames(rsem))
  older <- c(BORA = "C13orf34", H2AX = "H2AFX", SGO2 = "SGOL2")
  genes <- setdiff(readLines(file.path(folder, "signatures", "cinsarc_hofvander.txt")), "CINSARC")
  genes <- ifelse(genes %in% names(older), older[genes], genes)
  x <- rsem[genes[genes %in% rownames(rsem)], ]
  outcome <- read.delim(file.path(folder, "tcga", "TCGA-CHOL.clinical.tsv.gz"))
  outcome <- outcome[match(colnames(x), outcome$sample), ]
  months <- outcome$OS.time / 30.4375
  y <- ifelse(outcome$OS == 1 & months <= 24, "event", ifelse(months > 24, "event_free", NA))
  rows <- list()
  cx <- centre(x); cent <- sapply(classes, function(k) mean_of(cx, k, y))
  for (i in seq_len(ncol(x))) {
    d <- distance(cx[, i], cent)
    if (!is.na(y[i])) {
      others <- x[, -i]
      co <- sapply(classes, function(k) mean_of(centre(others), k, y[-i]))
      d <- distance(centre(x[, i, drop = FALSE], others)[, 1], co)
    }
    put(colnames(x)[i], "event", d[1]); put(colnames(x)[i], "event_free", d[2])
  }
  write.table(do.call(rbind, rows), "real_reference.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
}

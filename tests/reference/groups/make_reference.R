# Groups of the real ovarian cohorts as R compares them. Usage: Rscript make_reference.R FOLDER_OF_COHORTS
folder <- commandArgs(trailingOnly = TRUE)[1]
rows <- list()
put <- function(key, stat, value) rows[[length(rows) + 1]] <<- data.frame(key, stat, value = sprintf("%.15g", value))
cohort <- function(name) {
  clinical <- read.delim(gzfile(file.path(folder, "ovarian", paste0(name, ".clinical.tsv.gz"))), na.strings = c("", "NA"))
  matrix <- read.delim(gzfile(file.path(folder, "ovarian", paste0(name, ".expression.tsv.gz"))), row.names = 1,
                       check.names = FALSE)
  clinical$XPO1 <- unlist(matrix["XPO1", clinical$sample])
  clinical
}
welch <- function(key, x, y) {
  w <- t.test(x, y)
  put(key, "welch_t", w$statistic); put(key, "welch_df", w$parameter); put(key, "welch_p", w$p.value)
}

m <- read.delim(gzfile(file.path(folder, "tcga", "TCGA-CHOL.rsem.tsv.gz")), row.names = 1, check.names = FALSE)
x <- log2(unlist(m[grep("^XPO1[|]", rownames(m)), ]) + 1)
welch("TCGA-CHOL.normal_tumor", x[!grepl("-11$", names(x))], x[grepl("-11$", names(x))])

d <- cohort("GSE12470")
welch("GSE12470.healthy_tumor", d$XPO1[d$sample_type == "tumor"], d$XPO1[d$sample_type == "healthy"])
w <- suppressWarnings(wilcox.test(d$XPO1[d$sample_type == "tumor"], d$XPO1[d$sample_type == "healthy"], conf.int = TRUE))
put("GSE12470.healthy_tumor", "U", w$statistic)
put("GSE12470.healthy_tumor", "p", w$p.value)
put("GSE12470.healthy_tumor", "shift", w$estimate)
put("GSE12470.healthy_tumor", "shift_low", w$conf.int[1])
put("GSE12470.healthy_tumor", "shift_high", w$conf.int[2])

d <- cohort("GSE51088")
welch("GSE51088.healthy_tumor", d$XPO1[d$sample_type == "tumor"], d$XPO1[d$sample_type == "healthy"])
types <- sort(unique(d$sample_type))
holm <- pairwise.wilcox.test(d$XPO1, d$sample_type, p.adjust.method = "holm")$p.value
for (i in 2:5) for (j in 1:(i - 1)) {
  x <- d$XPO1[d$sample_type == types[i]]; y <- d$XPO1[d$sample_type == types[j]]
  key <- paste("GSE51088.types", types[i], types[j], sep = ".")
  put(key, "U", suppressWarnings(wilcox.test(x, y))$statistic)
  put(key, "p", suppressWarnings(wilcox.test(x, y))$p.value)
  put(key, "p_holm", holm[types[i], types[j]])
  put(key, "welch_p", t.test(x, y)$p.value)
  put(key, "pooled_p", pairwise.t.test(d$XPO1, d$sample_type, p.adjust.method = "none")$p.value[types[i], types[j]])
}
put("GSE51088.types", "kruskal", kruskal.test(XPO1 ~ sample_type, d)$statistic)
put("GSE51088.types", "kruskal_p", kruskal.test(XPO1 ~ sample_type, d)$p.value)
put("GSE51088.types", "welch_anova_p", oneway.test(XPO1 ~ sample_type, d)$p.value)
put("GSE51088.types", "anova_p", oneway.test(XPO1 ~ sample_type, d, var.equal = TRUE)$p.value)

d <- d[d$sample_type == "tumor", ]
d$age <- d$age_at_initial_pathologic_diagnosis
d$half <- factor(ifelse(d$XPO1 >= median(d$XPO1, na.rm = TRUE), "high", "low"), c("low", "high"))
for (v in c("histological_type", "summarystage", "summarygrade", "tumorstage"))
  put(paste0("GSE51088.half.", v), "fisher_p", fisher.test(table(d[[v]], d$half), workspace = 2e8)$p.value)
f <- fisher.test(table(d$summarystage, d$half))
put("GSE51088.half.summarystage", "odds_ratio", f$estimate)
put("GSE51088.half.summarystage", "or_low", f$conf.int[1])
put("GSE51088.half.summarystage", "or_high", f$conf.int[2])
put("GSE51088.half.age", "welch_p", t.test(age ~ half, d)$p.value)
put("GSE51088.half.age", "student_p", t.test(age ~ half, d, var.equal = TRUE)$p.value)
put("GSE51088.XPO1.age", "rho", cor(d$XPO1, d$age, method = "spearman", use = "complete.obs"))
put("GSE51088.XPO1.age", "p", suppressWarnings(cor.test(d$XPO1, d$age, method = "spearman", exact = FALSE))$p.value)
put("GSE51088.XPO1.histological_type", "kruskal_p", kruskal.test(XPO1 ~ histological_type, d)$p.value)
put("GSE51088.XPO1.summarystage", "wilcox_p", suppressWarnings(wilcox.test(XPO1 ~ summarystage, d))$p.value)
write.table(do.call(rbind, rows), "real_expected.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
writeLines(R.version.string, "versions.txt")

# The steps of studies/full_scale.yml as one would write them in R: limma, sva, survival, survminer.
# Rscript full_scale.R COHORTS OUT [share of genes for the screen, default 1]; prints the seconds of each step.
suppressMessages({library(limma); library(sva); library(survival); library(survminer)})
arguments <- commandArgs(TRUE); folder <- arguments[1]; out <- arguments[2]
share <- if (length(arguments) > 2) as.numeric(arguments[3]) else 1
dir.create(out, showWarnings = FALSE, recursive = TRUE)
clock <- proc.time()
step <- function(name) {
  spent <- proc.time() - clock
  cat(sprintf("%s\t%.2f\t%.2f\n", name, spent[["elapsed"]], spent[["user.self"]] + spent[["sys.self"]])); clock <<- proc.time()
}
value_of <- function(lines, keys) {                 # "key: value" cells, in any row of characteristics
  cells <- do.call(rbind, strsplit(paste0(gsub('"', "", lines), "\tend"), "\t"))
  cells <- cells[, -c(1, ncol(cells)), drop = FALSE]
  apply(cells, 2, function(column) {
    hit <- grep(paste0("^(", keys, "): "), column, value = TRUE)
    if (length(hit)) sub("^[^:]*: ", "", hit[1]) else NA
  })
}
any_of <- function(lines, ...) { for (keys in c(...)) { v <- value_of(lines, keys); if (!all(is.na(v))) return(v) }; rep(NA, length(v)) }
read_cohort <- function(id) {
  path <- file.path(folder, paste0(id, "_series_matrix.txt.gz"))
  head <- grep("^!", readLines(path, 200), value = TRUE)
  chars <- grep("^!Sample_characteristics", head, value = TRUE)
  x <- read.delim(path, comment.char = "!", row.names = 1, check.names = FALSE)
  map <- yaml::read_yaml(file.path(folder, paste0(id, ".mapping.yml")))
  column <- function(name) gsub("([().])", "\\\\\\1", map$columns[[name]]$column)
  recode <- function(v, values) unname(unlist(lapply(v, function(one) if (is.null(values[[one]])) NA else values[[one]])))
  months <- c(days = 1 / 30.4375, weeks = 7 / 30.4375, months = 1, years = 12)
  end <- map$endpoints$mfs
  time <- as.numeric(any_of(chars, gsub("([().])", "\\\\\\1", end$time$column))) * months[[end$time$unit]]
  event <- any_of(chars, gsub("([().])", "\\\\\\1", end$event$column))
  type <- any_of(chars, gsub("([().])", "\\\\\\1", map$tissue_type$column))
  pheno <- data.frame(sample = colnames(x), cohort = id, tissue = recode(type, map$tissue_type$values), time = time,
                      event = as.integer(event %in% as.character(end$event$event)))
  pheno$event[is.na(event)] <- NA
  for (name in c("age_years", "sex", "grade", "tumor_size_cm", "depth")) {
    v <- if (is.null(map$columns[[name]])) NA else any_of(chars, column(name))
    values <- map$columns[[name]]$values
    pheno[[name]] <- if (is.null(values) || all(is.na(v))) v else recode(as.character(v), values)
  }
  annotation <- read.delim(Sys.glob(file.path(folder, paste0(id, ".*.annot.txt.gz"))), comment.char = "!", skip = 1)
  names(annotation)[1:2] <- c("probe", "symbol")
  symbol <- annotation$symbol[match(rownames(x), annotation$probe)]
  known <- !is.na(symbol) & symbol != "" & !grepl("///", symbol)
  x <- as.matrix(x)[known, ]; symbol <- symbol[known]
  best <- order(-apply(x, 1, var)); first <- best[!duplicated(symbol[best])]
  x <- x[first, ]; rownames(x) <- symbol[first]
  if (max(x, na.rm = TRUE) > 50) x <- log2(x + 1) else x <- normalizeQuantiles(x)
  list(x = x, pheno = pheno)
}
ids <- sub("_series_matrix.*", "", basename(Sys.glob(file.path(folder, "*_series_matrix.txt.gz"))))
cohorts <- lapply(ids, read_cohort)
step("read, map, normalize")
genes <- Reduce(intersect, lapply(cohorts, function(one) rownames(one$x)))
x <- do.call(cbind, lapply(cohorts, function(one) one$x[genes, ]))
pheno <- do.call(rbind, lapply(cohorts, `[[`, "pheno"))
x <- x[rowSums(is.na(x)) == 0, ]
before <- x
x <- suppressMessages(ComBat(x, pheno$cohort, model.matrix(~ tissue, pheno)))
step("merge by ComBat")
for (data in list(before, x)) {
  pca <- prcomp(t(data), rank. = 5)
  share_of <- summary(lm(pca$x ~ pheno$cohort))
}
close_pairs <- cor(x[order(-apply(x, 1, var))[1:2000], ]); diag(close_pairs) <- 0; max(close_pairs)
rle <- apply(x - apply(x, 1, median), 2, quantile)
png(file.path(out, "pca.png")); plot(pca$x[, 1:2], col = as.integer(factor(pheno$cohort))); dev.off()
step("quality control")
pheno$XPO1 <- x["XPO1", ]
pairwise.wilcox.test(pheno$XPO1, pheno$tissue, p.adjust.method = "none")
png(file.path(out, "box.png")); boxplot(XPO1 ~ tissue, pheno); dev.off()
primary <- pheno[pheno$tissue == "primary", ]
primary$group <- factor(ifelse(primary$XPO1 >= median(primary$XPO1), "high", "low"), c("low", "high"))
for (name in c("age_years", "tumor_size_cm")) primary[[name]] <- as.numeric(primary[[name]])
t.test(age_years ~ group, primary); t.test(tumor_size_cm ~ group, primary)
for (name in c("sex", "grade", "depth")) fisher.test(table(primary[[name]], primary$group))
surv <- Surv(primary$time, primary$event)
fit <- survfit(Surv(time, event) ~ group, primary); summary(fit, times = 60)
survdiff(Surv(time, event) ~ group + strata(cohort), primary)
png(file.path(out, "km.png")); print(ggsurvplot(fit, data = primary, risk.table = TRUE, conf.int = TRUE, pval = TRUE)); dev.off()
covariates <- c("age_years", "sex", "grade", "tumor_size_cm", "depth")
for (marker in c("group", "XPO1")) {
  for (name in c(marker, covariates)) coxph(as.formula(paste("Surv(time, event) ~", name, "+ strata(cohort)")), primary)
  all <- coxph(as.formula(paste("Surv(time, event) ~", paste(c(marker, covariates), collapse = "+"), "+ strata(cohort)")), primary)
  cox.zph(all)
  png(file.path(out, paste0("forest_", marker, ".png")))
  simple <- coxph(as.formula(paste("Surv(time, event) ~", paste(c(marker, covariates), collapse = "+"))), primary)
  print(ggforest(simple, data = primary)); dev.off()
}
for (id in ids) coxph(Surv(time, event) ~ scale(XPO1), primary[primary$cohort == id, ])
step("tests, curves, models")
values <- x[, pheno$tissue == "primary"]
chosen <- seq_len(ceiling(nrow(values) * share))
found <- t(vapply(chosen, function(g) {
  fit <- coxph(Surv(time, event) ~ values[g, ] + strata(cohort), primary)
  c(coef(fit), sqrt(fit$var[1]), cox.zph(fit)$table[1, "p"])
}, numeric(3)))
p <- 2 * pnorm(-abs(found[, 1] / found[, 2]))
table <- data.frame(gene = rownames(values)[chosen], found, p, q = p.adjust(p, "BH"))
write.table(table, file.path(out, "screen.tsv"), sep = "\t", quote = FALSE, row.names = FALSE)
png(file.path(out, "volcano.png")); plot(found[, 1], -log10(p)); dev.off()
step("screen")

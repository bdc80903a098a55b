# The real cohorts as data frames: time, event, group, stratum, x1, x2, f, cluster; complete cases.
real_cohorts <- function(folder) {
  read <- function(...) read.delim(file.path(folder, ...), check.names = FALSE, quote = "", na.strings = c("NA", ""))
  meta <- read("sarcoma", "meta_data.txt"); gsva <- read("sarcoma", "GSVA_CINSARC.txt")
  gsva$lab_no <- sub("_RNAseq.*", "", gsva$UID)
  s <- merge(meta, gsva, by = "lab_no"); s <- s[s$Class != "Benign", ]
  s <- s[order(s$lab_no, method = "radix"), ]
  real <- list()
  real$sarcoma_complexity <- with(s, data.frame(
    time = MFS_months_10, event = Met_10, group = ifelse(CINSARC > 0, "high", "low"), stratum = Class,
    x1 = CINSARC, x2 = tSNE1, f = Complexity))
  g <- s[s$Grade %in% c("1", "2", "3"), ]
  real$sarcoma_grade <- with(g, data.frame(
    time = MFS_months_10, event = Met_10, group = paste0("G", Grade), stratum = Complexity,
    x1 = CINSARC, x2 = tSNE2, f = paste0("G", Grade)))
  t <- read("sarcoma", "TCGA-SARC.CDR_clinical.tsv.gz")
  t <- t[order(t$sample, method = "radix"), ]
  for (endpoint in c("OS", "PFI")) real[[paste0("tcga_sarc_", tolower(endpoint))]] <- data.frame(
    time = t[[paste0(endpoint, ".time")]], event = t[[endpoint]], group = t$residual_tumor, stratum = t$gender,
    x1 = t$age_at_initial_pathologic_diagnosis, x2 = t$initial_pathologic_dx_year, f = t$residual_tumor)
  clin <- read("ovarian", "GSE51088.clinical.tsv.gz"); expr <- read("ovarian", "GSE51088.expression.tsv.gz")
  xpo1 <- unlist(expr[expr$gene == "XPO1", -1])
  real$ovarian_gse51088 <- data.frame(
    time = clin$days_to_death, event = as.integer(clin$vital_status == "deceased"), group = clin$histological_type,
    stratum = clin$summarystage, x1 = xpo1[clin$sample], x2 = clin$age_at_initial_pathologic_diagnosis,
    f = toupper(clin$summarygrade))
  lapply(real, function(d) {
    d <- d[complete.cases(d), ]
    d$cluster <- (seq_len(nrow(d)) - 1) %/% 3
    d
  })
}

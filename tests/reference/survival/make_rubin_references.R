# Rubin's rules over coxph models of imputed data sets, by mice::pool and mice::D1.
#   Rscript make_rubin_references.R   (in this folder; reads cox_more_data.tsv, writes rubin_ages.tsv and rubin_expected.tsv)
suppressPackageStartupMessages({ library(survival); library(mice) })
d <- read.table("cox_more_data.tsv", sep = "\t", header = TRUE)
d <- d[d$stage != "IV", ]
d$marker <- factor(d$marker, c("low", "high"))
set.seed(8)
gap <- is.na(d$age) | runif(nrow(d)) < 0.3
ages <- sapply(1:5, function(i) { a <- d$age; a[gap] <- round(rnorm(sum(gap), 60, 10), 1); a })
write.table(data.frame(sample_id = d$sample_id, missing = as.integer(gap), ages), "rubin_ages.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
fits <- lapply(1:5, function(i) { d$age <- ages[, i]; coxph(Surv(time, event) ~ marker + age + stage + strata(cohort), d, control = coxph.control(eps = 1e-13, toler.chol = 1e-14)) })
less <- lapply(1:5, function(i) { d$age <- ages[, i]; coxph(Surv(time, event) ~ marker + age + strata(cohort), d, control = coxph.control(eps = 1e-13, toler.chol = 1e-14)) })
p <- pool(as.mira(fits), dfcom = Inf)$pooled
rows <- data.frame(stat = c(t(outer(as.character(p$term), c("beta", "se", "df", "fmi"), paste))), value = c(t(cbind(p$estimate, sqrt(p$t), p$df, p$fmi))))
D <- D1(as.mira(fits), as.mira(less), dfcom = 1e12)$result
rows <- rbind(rows, data.frame(stat = paste("D1", c("F", "p")), value = c(D[1, "F.value"], D[1, "P(>F)"])))
rows$value <- sprintf("%.15g", rows$value)
write.table(rows, "rubin_expected.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
writeLines(c(R.version.string, paste("survival", packageVersion("survival")), paste("mice", packageVersion("mice"))), "rubin_versions.txt")

# Whether an effect differs between strata: x + x:stratum + strata(stratum), by survival::coxph.
#   Rscript make_interaction_references.R    (in this folder; reads data.tsv, writes interaction_expected.tsv)
suppressPackageStartupMessages(library(survival))
all <- read.table("data.tsv", sep = "\t", header = TRUE)
control <- coxph.control(eps = 1e-14, iter.max = 100, toler.chol = 1e-15)
rows <- list()
keep <- function(d, ties, covariate, item, value, df = NA)
  rows[[length(rows) + 1]] <<- data.frame(dataset = d, ties, covariate, item, value = sprintf("%.15g", value), df)
for (name in unique(all$dataset)) {
  d <- all[all$dataset == name, ]
  d$s <- factor(d$stratum)
  if (nlevels(d$s) < 2) next
  d$g <- as.numeric(d$group != "a")
  for (ties in c("efron", "breslow")) for (covariate in c("g", "x1")) {
    fit <- function(f) coxph(as.formula(paste("Surv(time, event) ~", f)), d, ties = ties, control = control)
    ok <- tryCatch({ full <- fit(sprintf("%s + x2 + %s:s + strata(s)", covariate, covariate)); TRUE }, warning = function(w) FALSE)
    if (!ok || anyNA(coef(full))) next
    without <- fit(sprintf("%s + x2 + strata(s)", covariate))
    nested <- fit(sprintf("x2 + %s:s + strata(s)", covariate))
    made <- 3:length(coef(full)); k <- length(made)
    keep(name, ties, covariate, "lr_p", pchisq(2 * (full$loglik[2] - without$loglik[2]), k, lower.tail = FALSE), k)
    wald <- drop(coef(full)[made] %*% solve(vcov(full)[made, made], coef(full)[made]))
    keep(name, ties, covariate, "wald", wald, k)
    for (level in levels(d$s)[-1]) {
      at <- paste0(covariate, ":s", level)
      keep(name, ties, covariate, paste("ratio", level), coef(full)[at]); keep(name, ties, covariate, paste("ratio_se", level), sqrt(vcov(full)[at, at]))
    }
    for (level in levels(d$s)) {
      at <- paste0(covariate, ":s", level)
      keep(name, ties, covariate, paste("within", level), coef(nested)[at]); keep(name, ties, covariate, paste("within_se", level), sqrt(vcov(nested)[at, at]))
    }
  }
}
write.table(do.call(rbind, rows), "interaction_expected.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
cat(R.version.string, "survival", as.character(packageVersion("survival")), "\n")

# Maximally selected log-rank statistics (maxstat), on synthetic data. Run in this folder: Rscript make_reference.R
suppressMessages({library(maxstat); library(survival)})
options(digits = 15)
set.seed(11)
rows <- list()
put <- function(set, stat, value) rows[[length(rows) + 1]] <<- data.frame(set = set, stat = stat, value = formatC(value, digits = 15, format = "g"))
make <- function(set, n, effect, decimals, round_time) {
  x <- round(rnorm(n), decimals)
  death <- rexp(n, 1 / 30) * exp(-effect * (x > .2)); lost <- runif(n, 10, 80)
  time <- pmin(death, lost)
  data.frame(set = set, x = x, time = round(time, round_time), event = as.integer(death <= lost))
}
data <- rbind(make("nothing", 60, 0, 6, 4), make("effect", 100, .9, 6, 4), make("tied_marker", 90, .6, 1, 4),
              make("tied_times", 80, .6, 6, 0), make("large", 240, .4, 6, 4))
data$time[data$time == 0] <- .5
write.table(data, "data.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
for (set in unique(data$set)) {
  d <- data[data$set == set, ]
  for (f in c(.1, .25)) {
    key <- paste0(set, ".", f)
    for (method in c("Lau92", "Lau94")) {
      m <- maxstat.test(Surv(time, event) ~ x, data = d, smethod = "LogRank", pmethod = method, minprop = f, maxprop = 1 - f)
      put(key, method, m$p.value)
    }
    put(key, "statistic", m$statistic)
    put(key, "highest_low", m$estimate)
    put(key, "n_candidates", length(m$stats))
    put(key, "sum_of_statistics", sum(m$stats))
    if (nrow(d) <= 170 && set != "tied_marker") {
      h <- maxstat.test(Surv(time, event) ~ x, data = d, smethod = "LogRank", pmethod = "HL", minprop = f, maxprop = 1 - f, iscores = TRUE)
      put(key, "HL", h$p.value)
    }
    set.seed(1)
    put(key, "condMC", maxstat.test(Surv(time, event) ~ x, data = d, smethod = "LogRank", pmethod = "condMC", minprop = f, maxprop = 1 - f, B = 49999)$p.value)
    put(key, "survdiff_p", pchisq(survdiff(Surv(time, event) ~ (x > m$estimate), data = d)$chisq, 1, lower.tail = FALSE))
  }
}
write.table(do.call(rbind, rows), "reference.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
writeLines(c(R.version.string, paste("maxstat", packageVersion("maxstat")), paste("survival", packageVersion("survival"))), "versions.txt")

# Real data (XPO1 of TCGA-CHOL and ovarian tumours; not stored here): Rscript make_reference.R FOLDER
folder <- commandArgs(TRUE)
if (length(folder)) {
  rows <- list()
  for (name in c("GSE51088", "GSE19829.GPL8300", "GSE8842")) {
    x <- read.delim(file.path(folder, "ovarian", paste0(name, ".expression.tsv.gz")), row.names = 1, check.names = FALSE)
    s <- read.delim(file.path(folder, "ovarian", paste0(name, ".clinical.tsv.gz")), row.names = 1, check.names = FALSE)
    s <- s[colnames(x), ]
    d <- data.frame(x = as.numeric(x["XPO1", ]), time = s$days_to_death / 30.4375, event = as.integer(s$vital_status == "deceased"))
    d <- d[s$sample_type == "tumor" & complete.cases(d), ]
    for (method in c("Lau92", "Lau94")) {
      m <- maxstat.test(Surv(time, event) ~ x, data = d, smethod = "LogRank", pmethod = method, minprop = .1, maxprop = .9)
      put(name, method, m$p.value)
    }
    put(name, "n", nrow(d)); put(name, "statistic", m$statistic); put(name, "highest_low", m$estimate); put(name, "n_candidates", length(m$stats))
    put(name, "survdiff_p", pchisq(survdiff(Surv(time, event) ~ (x > m$estimate), data = d)$chisq, 1, lower.tail = FALSE))
    if (nrow(d) <= 170) put(name, "HL", maxstat.test(Surv(time, event) ~ x, data = d, smethod = "LogRank", pmethod = "HL", minprop = .1, maxprop = .9, iscores = TRUE)$p.value)
  }
  write.table(do.call(rbind, rows), "real_reference.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
}

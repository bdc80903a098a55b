# Writes the data sets of R packages that results.yml names, as tables of the suite, into a folder:
#   Rscript export.R FOLDER
# Only the data sets whose package is installed; times stay in the unit of the data. Nothing of them is kept here.
folder <- commandArgs(TRUE)[1]
write <- function(name, data) {
  write.table(data, file.path(folder, paste0(name, ".tsv")), sep = "\t", quote = FALSE, row.names = FALSE, na = "NA")
}
sheet <- function(name, data, time = NULL, event = NULL, ...) {
  data <- data.frame(sample_id = sprintf("s%05d", seq_len(nrow(data))), data, ...)
  if (!is.null(time)) data <- data.frame(data, os_time = time, os_event = as.integer(event))
  write(name, data)
}
here <- function(package) requireNamespace(package, quietly = TRUE)
from <- function(package, name) get(data(list = name, package = package, envir = environment()))

library(survival)
sheet("lung", lung[c("inst", "age", "sex", "ph.ecog", "ph.karno", "wt.loss")], lung$time, lung$status == 2)
sheet("ovarian", ovarian[c("age", "resid.ds", "rx", "ecog.ps")], ovarian$futime, ovarian$fustat)
sheet("aml", data.frame(arm = aml$x), aml$time, aml$status)
v <- veteran
sheet("veteran", v[c("trt", "celltype", "karno", "diagtime", "age", "prior")], v$time, v$status)
sheet("cgd", with(cgd, data.frame(id, treat, inherit, steroids, age, hos.cat, entry = tstart)), cgd$tstop, cgd$status)
m <- mgus2
etime <- ifelse(m$pstat == 0, m$futime, m$ptime)
first <- ifelse(m$pstat == 0, 2 * m$death, 1)
sheet("mgus2", m[c("age", "sex", "mspike")], m$futime, m$death)
sheet("mgus2_pcm", m[c("age", "sex", "mspike")], etime, first)
sheet("mgus2_death", m[c("age", "sex", "mspike")], etime, c(0, 2, 1)[first + 1])
p <- pbc[1:312, ]
logs <- with(p, data.frame(age, edema, log_bili = log(bili), log_albumin = log(albumin), log_protime = log(protime)))
sheet("pbc", data.frame(arm = p$trt, logs), p$time / 365.25, p$status == 2)
d <- colon[colon$etype == 2, ]
sheet("colon", data.frame(rx = sub("\\+", "_", d$rx), d[c("nodes", "extent")]), d$time, d$status)
n <- nafld1
sheet("nafld1", n[c("age", "male")], n$futime / 365.25, n$status)
sheet("sleep", transform(sleep, group = paste0("drug", group)))
sheet("infert", infert[c("spontaneous", "induced", "stratum", "case")])
if (here("MASS")) {
  g <- MASS::gehan
  sheet("gehan", data.frame(treat = g$treat), g$time, g$cens)
  sheet("birthwt", MASS::birthwt[c("low", "age", "lwt", "race", "ftv", "smoke")])
}
if (here("TH.data")) {
  g <- from("TH.data", "GBSG2")
  sheet("gbsg2", g[c("horTh", "age", "menostat", "tsize", "pnodes", "progrec", "estrec")], g$time, g$cens)
}
if (here("maxstat")) {
  b <- from("maxstat", "DLBCL")
  sheet("dlbcl", b[c("MGE", "IPI")], b$time, b$cens)
  b <- from("maxstat", "hohnloser")
  sheet("hohnloser", b["EF"], b$month, b$cens)
}
if (here("brglm2")) sheet("endometrial", from("brglm2", "endometrial"))
if (here("pROC")) {
  a <- from("pROC", "aSAH")
  sheet("asah", data.frame(outcome = tolower(a$outcome), wfns = as.integer(as.character(a$wfns)), a[c("s100b", "ndka")]))
}
counted <- function(name, counts, columns) {
  table <- as.data.frame(as.table(matrix(counts$n, counts$rows, byrow = TRUE, dimnames = counts$names)))
  data <- table[rep(seq_len(nrow(table)), table$Freq), 1:2]
  sheet(name, setNames(data, columns))
}
counted("cancer", list(n = c(21, 2, 15, 3), rows = 2, names = list(c("surgery", "radiation"), c("controlled", "not"))),
        c("treatment", "cancer"))
counted("davis", list(n = c(3, 6, 2, 19), rows = 2, names = list(c("one", "two"), c("A", "B"))), c("row", "column"))
if (here("metadat")) {
  r <- from("metadat", "dat.raudenbush1985")
  write("raudenbush", data.frame(cohort = paste0("study", r$study), estimate = r$yi, se = sqrt(r$vi)))
  ratio <- function(name, d, odds) {
    a <- d$tpos; b <- d$tneg; c <- d$cpos; e <- d$cneg
    y <- if (odds) log(a * e / (b * c)) else log(a / (a + b)) - log(c / (c + e))
    v <- if (odds) 1 / a + 1 / b + 1 / c + 1 / e else 1 / a - 1 / (a + b) + 1 / c - 1 / (c + e)
    write(name, data.frame(cohort = paste0("trial", seq_along(a)), estimate = y, se = sqrt(v)))
  }
  ratio("bcg_odds", from("metadat", "dat.colditz1994"), TRUE)
  ratio("bcg_risk", from("metadat", "dat.bcg"), FALSE)
}

# Meta-analysis with metafor, on synthetic log hazard ratios. Run in this folder: Rscript make_reference.R
suppressMessages(library(metafor))
options(digits = 15)
num <- function(x) formatC(x, digits = 15, format = "g")
rows <- list()
put <- function(case, stat, value) rows[[length(rows) + 1]] <<- data.frame(case = case, stat = stat, value = num(unname(value)))
set.seed(3)
sets <- list(
  mixed = data.frame(log_hr = c(.5, .1, .8, -.2, 1.1, .3), se = c(.2, .3, .25, .4, .5, .15)),
  alike = data.frame(log_hr = c(.51, .48, .5, .53), se = c(.2, .3, .25, .4)),
  wide = data.frame(log_hr = round(rnorm(15, .6, .9), 4), se = round(runif(15, .1, .8), 4)),
  two = data.frame(log_hr = c(.2, 1.4), se = c(.2, .3)),
  tiny = data.frame(log_hr = c(.012, -.034, .051, .02, -.01), se = c(.011, .02, .017, .009, .013)),
  huge = data.frame(log_hr = c(4.1, -3.2, 6.6, 1.1, .2, 9.7), se = c(1.1, 2, 1.7, .9, 1.3, 3)),
  precise = data.frame(log_hr = c(.31, .62, -.15, .8, .44), se = c(1e-4, .2, .3, .25, .4)),
  same_precision = data.frame(log_hr = c(.31, .62, -.15), se = c(.2, .2, .2)))
write.table(do.call(rbind, lapply(names(sets), function(s) cbind(set = s, sets[[s]]))), "effects.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
for (s in names(sets)) for (method in c("REML", "DL", "PM", "FE")) for (test in c("z", "knha")) {
  if (method == "FE" && test == "knha") next
  d <- sets[[s]]
  r <- if (method == "REML") rma(d$log_hr, sei = d$se, method = method, test = test, control = list(threshold = 1e-14, maxiter = 10000, stepadj = .5))
       else if (method == "PM") rma(d$log_hr, sei = d$se, method = method, test = test, control = list(tol = 1e-14, tau2.max = 1e4))
       else rma(d$log_hr, sei = d$se, method = method, test = test)
  name <- paste(s, method, test, sep = ".")
  put(name, "effect", r$b); put(name, "se", r$se); put(name, "ci_low", r$ci.lb); put(name, "ci_high", r$ci.ub)
  put(name, "statistic", r$zval); put(name, "p", r$pval); put(name, "tau2", r$tau2); put(name, "i2", r$I2)
  put(name, "q", r$QE); put(name, "q_p", r$QEp)
  if (method == "REML" && test == "z") { l <- confint(r, control = list(tol = 1e-13, tau2.max = 1e4))$random["tau^2", ]; put(name, "tau2_low", l["ci.lb"]); put(name, "tau2_high", l["ci.ub"]) }
  if (method != "FE") { p <- predict(r); put(name, "pi_low", p$pi.lb); put(name, "pi_high", p$pi.ub) }
  if (method == "REML" && test == "knha" && nrow(d) > 3) { l <- leave1out(r); for (i in seq_len(nrow(d))) { put(name, paste0("without", i), l$estimate[i]); put(name, paste0("without_se", i), l$se[i]) } }
}
e <- read.table("../../../test-data/ten.effects.tsv", sep = "\t", header = TRUE)
g <- regtest(e$estimate, sei = e$se, model = "lm"); f <- lm(estimate ~ se, e, weights = 1 / se^2)
put("ten.egger", "t", g$zval); put("ten.egger", "p", g$pval); put("ten.egger", "slope", coef(f)["se"]); put("ten.egger", "se", summary(f)$coefficients["se", 2])
parts <- lapply(split(e, e$platform), function(x) rma(x$estimate, sei = x$se, method = "REML", test = "z", control = list(threshold = 1e-14, maxiter = 10000)))
for (p in names(parts)) { put("ten.subgroups", p, parts[[p]]$b); put("ten.subgroups", paste0(p, "_se"), parts[[p]]$se) }
b <- rma(sapply(parts, coef), sei = sapply(parts, function(p) p$se), mods = ~ names(parts), method = "FE")
put("ten.subgroups", "q", b$QM); put("ten.subgroups", "q_p", b$QMp)
write.table(do.call(rbind, rows), "reference.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
writeLines(c(R.version.string, paste("metafor", packageVersion("metafor"))), "versions.txt")

# Competing risks and moderated t. Arguments: folder with x.bin (genes one after the other), samples.tsv (time, cause,
# block, group), many.tsv (time, cause); genes; genes of the Fine-Gray models.
arguments <- commandArgs(TRUE)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
source(file.path(here, "answer.R"))
suppressMessages({library(survival); library(cmprsk); library(limma)})
s <- read.table(file.path(arguments[1], "samples.tsv"), col.names = c("time", "cause", "block", "group"))
many <- read.table(file.path(arguments[1], "many.tsv"), col.names = c("time", "cause"))
genes <- as.integer(arguments[2]); some <- seq_len(as.integer(arguments[3])); n <- nrow(s)
x <- t(matrix(readBin(file.path(arguments[1], "x.bin"), "double", genes * n), n))
state <- factor(s$cause, 0:2); states <- factor(many$cause, 0:2)
design <- cbind(model.matrix(~ 0 + factor(s$block)), group = s$group)
answer(list(
  crr = function() sapply(some, function(i) crr(s$time, s$cause, x[i, ])$coef),
  finegray = function() sapply(some, function(i) {
    data <- finegray(Surv(time, state) ~ ., data.frame(time = s$time, state = state, x = x[i, ]), etype = "1")
    coxph(Surv(fgstart, fgstop, fgstatus) ~ x, data, weights = fgwt, ties = "breslow")$coefficients
  }),
  incidence = function() {
    fit <- survfit(Surv(time, states) ~ 1, many, conf.type = "log-log")
    fit$pstate[1:50, match("1", fit$states)]
  },
  limma = function() eBayes(lmFit(x, design))$t[1:50, "group"]
))

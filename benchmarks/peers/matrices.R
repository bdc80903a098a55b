# limma's quantile normalisation and sva's ComBat. Arguments: folder with x.bin (genes one after the other), batch.tsv; genes.
arguments <- commandArgs(TRUE)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
source(file.path(here, "answer.R"))
suppressMessages({library(limma); library(sva); library(survival)})
batch <- scan(file.path(arguments[1], "batch.tsv"), quiet = TRUE); genes <- as.integer(arguments[2])
x <- t(matrix(readBin(file.path(arguments[1], "x.bin"), "double", genes * length(batch)), length(batch)))
set.seed(2); n <- 1e5; score <- rnorm(n); time <- rexp(n, exp(0.3 * score)); event <- runif(n) < 0.4
many <- 1e6; long <- round(rexp(many, 1 / 60), 1); seen <- runif(many) < 0.4
answer(list(
  quantile = function() normalizeQuantiles(x)[1:50],
  combat = function() suppressMessages(ComBat(x, batch))[1:50],
  concordance = function() concordance(Surv(time, event) ~ score, reverse = TRUE)$concordance,
  survfit = function() survfit(Surv(long, seen) ~ 1)$surv[1:10]
))

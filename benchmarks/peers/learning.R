# glmnet's Cox paths. Arguments: folder with x.bin (genes one after the other) and y.tsv; number of genes.
arguments <- commandArgs(TRUE)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
source(file.path(here, "answer.R"))
suppressMessages({library(survival); library(glmnet)})
y <- read.delim(file.path(arguments[1], "y.tsv")); n <- nrow(y); genes <- as.integer(arguments[2])
x <- matrix(readBin(file.path(arguments[1], "x.bin"), "double", n * genes), n); surv <- Surv(y$time, y$event)
answer(list(
  path = function() glmnet(x, surv, family = "cox")$dev.ratio,
  exact = function() glmnet(x, surv, family = "cox", nlambda = 50, lambda.min.ratio = 0.1, thresh = 1e-14, maxit = 1e7)$dev.ratio
))

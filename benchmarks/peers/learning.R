# glmnet's Cox paths. Arguments: folder with x.bin (genes one after the other) and y.tsv; number of genes; last penalty
# over the first.
arguments <- commandArgs(TRUE)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
source(file.path(here, "answer.R"))
suppressMessages({library(survival); library(glmnet)})
y <- read.delim(file.path(arguments[1], "y.tsv")); n <- nrow(y); genes <- as.integer(arguments[2])
x <- matrix(readBin(file.path(arguments[1], "x.bin"), "double", n * genes), n); surv <- Surv(y$time, y$event)
smallest <- as.double(arguments[3]); training <- y$cohort != min(y$cohort)
answer(list(
  path = function() glmnet(x, surv, family = "cox", lambda.min.ratio = smallest)$dev.ratio,
  exact = function() glmnet(x, surv, family = "cox", nlambda = 50, lambda.min.ratio = 0.1, thresh = 1e-14, maxit = 1e7)$dev.ratio,
  cv = function() cv.glmnet(x[training, ], surv[training], family = "cox", nfolds = 10, nlambda = 50, lambda.min.ratio = 0.1,
                             thresh = 1e-14, maxit = 1e7)$cvm
))

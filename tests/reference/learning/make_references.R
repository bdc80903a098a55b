# Elastic-net Cox paths and cross-validation by glmnet: Rscript make_references.R (writes beside itself).
suppressMessages({library(glmnet); library(survival)})
cat(sprintf("R %s\nglmnet %s\nsurvival %s\n", getRversion(), packageVersion("glmnet"), packageVersion("survival")),
    file = "versions.txt")
paths <- gzfile("paths.tsv.gz", "w"); betas <- gzfile("coefficients.tsv.gz", "w"); cvs <- file("cv.tsv", "w")
cat("setting\tstep\tlambda\tdeviance_ratio\n", file = paths)
cat("setting\tstep\tcolumn\tcoefficient\n", file = betas)
cat("setting\tstep\tlambda\tmean\tse\tn_nonzero\tchosen\n", file = cvs)
g <- function(v) sprintf("%.12g", v)
for (data in c("small", "wide")) {
  d <- read.delim(paste0(data, ".tsv")); x <- as.matrix(d[, -(1:5)]); y <- Surv(d$time, d$event)
  ratio <- if (data == "small") 0.01 else 0.15
  for (alpha in c(0, 0.5, 1)) for (standardize in c(TRUE, FALSE)) for (weighted in c(FALSE, TRUE))
    for (factors in c("equal", "free", "mixed")) {
      factor <- rep(1, ncol(x))
      if (factors == "free") factor[c(5, 9)] <- 0
      if (factors == "mixed") factor <- rep(c(0.5, 1, 2), length.out = ncol(x))
      w <- if (weighted) d$weight else rep(1, nrow(x))
      name <- paste(data, alpha, standardize, weighted, factors, sep = "|")
      fit <- glmnet(x, y, family = "cox", alpha = alpha, standardize = standardize, weights = w,
                    penalty.factor = factor, lambda.min.ratio = ratio, thresh = 1e-14, maxit = 1e7)
      for (k in seq_along(fit$lambda)) cat(paste(name, k, g(fit$lambda[k]), g(fit$dev.ratio[k]), sep = "\t"), "\n",
                                           sep = "", file = paths)
      for (k in unique(c(2, 10, 25, 50, length(fit$lambda)))) if (k <= length(fit$lambda)) {
        b <- fit$beta[, k]
        for (j in which(b != 0)) cat(paste(name, k, j, g(b[j]), sep = "\t"), "\n", sep = "", file = betas)
      }
    }
  for (alpha in c(0.5, 1)) for (weighted in c(FALSE, TRUE)) {
    w <- if (weighted) d$weight else rep(1, nrow(x))
    lambda <- glmnet(x, y, family = "cox", alpha = alpha, weights = w, lambda.min.ratio = 0.15, nlambda = 30)$lambda
    cv <- cv.glmnet(x, y, family = "cox", alpha = alpha, weights = w, foldid = d$fold, lambda = lambda, thresh = 1e-14,
                    maxit = 1e7)
    name <- paste(data, alpha, weighted, sep = "|")
    for (k in seq_along(cv$lambda)) {
      chosen <- paste(c("min", "1se")[c(cv$lambda[k] == cv$lambda.min, cv$lambda[k] == cv$lambda.1se)], collapse = ",")
      cat(paste(name, k, g(cv$lambda[k]), g(cv$cvm[k]), g(cv$cvsd[k]), cv$nzero[k], chosen, sep = "\t"), "\n", sep = "",
          file = cvs)
    }
  }
}
close(paths); close(betas); close(cvs)

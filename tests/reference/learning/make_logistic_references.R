# Elastic-net logistic paths by glmnet at given lambda: Rscript make_logistic_references.R (writes logistic.tsv).
suppressMessages(library(glmnet))
out <- file("logistic.tsv", "w"); g <- function(v) sprintf("%.12g", v)
cat("# R ", as.character(getRversion()), ", glmnet ", as.character(packageVersion("glmnet")), "\n", sep = "", file = out)
cat("alpha\tweighted\tstep\tlambda\tdeviance_ratio\tintercept\tcolumn\tcoefficient\n", file = out)
d <- read.delim("small.tsv"); x <- as.matrix(d[, -(1:5)])
for (alpha in c(0, 0.5, 1)) for (weighted in c(FALSE, TRUE)) {
  w <- if (weighted) d$weight else rep(1, nrow(x))
  lambda <- c(0.15, 0.08, 0.04, 0.02)
  fit <- glmnet(x, d$event, family = "binomial", alpha = alpha, weights = w, lambda = lambda, thresh = 1e-15, maxit = 1e7)
  for (k in seq_along(lambda)) for (j in seq_len(ncol(x)))
    cat(paste(alpha, weighted, k, g(lambda[k]), g(fit$dev.ratio[k]), g(fit$a0[k]), j, g(fit$beta[j, k]), sep = "\t"), "\n",
        sep = "", file = out)
}
close(out)

# cross-validated deviance with given folds and lambda
lambda <- c(0.15, 0.1, 0.08, 0.06, 0.04, 0.02)
cv <- do.call(rbind, lapply(c(0.5, 1), function(alpha) {
  m <- cv.glmnet(x, d$event, family = "binomial", alpha = alpha, foldid = d$fold, lambda = lambda, thresh = 1e-15, maxit = 1e7)
  data.frame(alpha, lambda = m$lambda, mean = m$cvm, se = m$cvsd, min = m$lambda == m$lambda.min, one_se = m$lambda == m$lambda.1se)
}))
cv[c("mean", "se")] <- lapply(cv[c("mean", "se")], g)
write.table(cv, "logistic_cv.tsv", sep = "\t", quote = FALSE, row.names = FALSE)

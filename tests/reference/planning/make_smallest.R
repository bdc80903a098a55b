# The smallest ratio that a test of z or t shows with a power, by R's normal and noncentral t distributions.
# Usage, in this folder: Rscript make_smallest.R
rows <- expand.grid(se = c(0.08, 0.31), power = c(0.8, 0.95), df = c(Inf, 1, 2, 3, 9, 40))
reach <- function(power, df) if (is.infinite(df)) qnorm(0.975) + qnorm(power) else
  uniroot(function(nc) pt(qt(0.975, df), df, ncp = nc) - (1 - power), c(0, 3 * qt(0.975, df) + 10), tol = 1e-13)$root
rows$ratio <- sprintf("%.12g", exp(mapply(reach, rows$power, rows$df) * rows$se))
write.table(rows, "smallest.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
writeLines(R.version.string, "smallest_versions.txt")

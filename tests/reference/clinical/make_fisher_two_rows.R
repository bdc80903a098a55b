# Fisher's exact test of two rows and many columns: Rscript make_fisher_two_rows.R   (in this folder; writes fisher_two_rows.tsv; some seconds)
set.seed(8)
random <- function(k, n) { p <- rgamma(k, 3); rbind(rmultinom(1, n %/% 2, p)[, 1], rmultinom(1, n - n %/% 2, p)[, 1]) }
tables <- list(rbind(c(20, 15, 17, 7, 10, 18, 7, 5, 13, 9, 11, 18), c(19, 7, 18, 9, 9, 14, 12, 10, 10, 11, 11, 20)),
               random(11, 320), random(12, 240), random(20, 110))
rows <- lapply(tables, function(t) data.frame(n_rows = 2, n_columns = ncol(t), counts = paste(c(t), collapse = ","),
  p_value = formatC(fisher.test(t, workspace = 2e8)$p.value, digits = 14, format = "g")))
write.table(do.call(rbind, rows), "fisher_two_rows.tsv", sep = "\t", quote = FALSE, row.names = FALSE)

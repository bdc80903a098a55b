# Fisher's exact test of larger tables: Rscript make_fisher.R   (in this folder; writes fisher_large.tsv; about two minutes)
tables <- list(c(3, 5, 24, 9, 3, 10, 24, 6, 42, 64, 25, 16, 29, 5, 14, 22, 7), c(4, 4, 19, 10, 2, 5, 9, 7, 5, 8, 10, 3, 9, 4, 7, 8, 1, 13),
               c(4, 4, 13, 6, 2, 12, 3, 17, 1, 8, 5, 1, 3, 12, 6, 3, 1, 27), c(3, 4, 44, 17, 33, 19, 30, 30, 29, 20, 45, 29, 26, 32),
               c(4, 5, 23, 0, 0, 1, 12, 2, 3, 5, 11, 0, 1, 1, 8, 2, 2, 0, 18, 4, 1, 6),
               c(3, 6, 13, 9, 5, 4, 7, 6, 24, 23, 15, 12, 16, 8, 20, 17, 10, 7, 1, 3),
               c(5, 5, 0, 2, 0, 1, 0, 3, 5, 2, 0, 0, 3, 8, 11, 0, 0, 2, 2, 3, 1, 1, 0, 4, 8, 1, 3))
rows <- lapply(tables, function(t) data.frame(n_rows = t[1], n_columns = t[2], counts = paste(t[-(1:2)], collapse = ","),
  p_value = formatC(fisher.test(matrix(t[-(1:2)], t[1]), workspace = 2e8)$p.value, digits = 14, format = "g")))
write.table(do.call(rbind, rows), "fisher_large.tsv", sep = "\t", quote = FALSE, row.names = FALSE)

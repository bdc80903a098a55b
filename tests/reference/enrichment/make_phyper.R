# Upper tails of the hypergeometric distribution: Rscript make_phyper.R (writes phyper.tsv).
set.seed(3); out <- file("phyper.tsv", "w")
cat("# R ", as.character(getRversion()), "\noverlap\tmarked\tdrawn\ttotal\tp\n", sep = "", file = out)
for (i in 1:200) {
  total <- sample(c(30, 500, 20000), 1); marked <- sample(min(500, total - 1), 1); drawn <- sample(total - 1, 1)
  overlap <- if (i %% 3) rhyper(1, marked, total - marked, drawn) else sample(0:min(marked, drawn), 1)
  p <- phyper(overlap - 1, marked, total - marked, drawn, lower.tail = FALSE)
  cat(paste(overlap, marked, drawn, total, sprintf("%.12g", p), sep = "\t"), "\n", sep = "", file = out)
}
close(out)

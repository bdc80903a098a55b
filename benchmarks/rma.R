# Reads and summarizes the CEL files of a folder with affy, once for each line that says "go".
# Rscript rma.R FOLDER: FOLDER/cells.tsv lists probeset and cell (from 1); the last result goes to FOLDER/affy.tsv.
suppressMessages(library(affy))
folder <- commandArgs(TRUE)[1]
cells <- read.table(file.path(folder, "cells.tsv"), col.names = c("probeset", "cell"))
Bench <- list2env(lapply(split(cells$cell, cells$probeset), function(pm) cbind(pm = pm, mm = pm + 1)))
where <- list(list(what = "environment", where = globalenv()))
options(BioC = list(affy = list(probesloc = where, use.widgets = FALSE)))
files <- list.files(folder, "CEL$", full.names = TRUE)
input <- file("stdin", "r")
while (identical(readLines(input, 1), "go")) {
  result <- rma(ReadAffy(filenames = files), verbose = FALSE)
  cat("done\n")
}
write.table(format(exprs(result), digits = 15), file.path(folder, "affy.tsv"), sep = "\t", quote = FALSE)

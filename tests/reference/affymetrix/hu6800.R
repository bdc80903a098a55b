# RMA by affy of arrays in the real layout of Hu6800; every 100th probeset is kept.
# python hu6800.py Hu6800.CDF FOLDER; Rscript hu6800.R Hu6800.CDF FOLDER    (the CDF unpacked; see rma.R for the stack size)
suppressMessages({library(affy); library(affxparser)})
words <- commandArgs(TRUE)

columns <- readCdfHeader(words[1])$ncols
Hu6800 <- new.env()
for (unit in readCdf(words[1])) {
  for (name in names(unit$groups)) {
    block <- unit$groups[[name]]
    matches <- paste0(tolower(block$pbase), tolower(block$tbase)) %in% c("at", "ta", "cg", "gc")
    cells <- (block$y * columns + block$x + 1)[matches]
    assign(name, cbind(pm = cells, mm = NA), envir = Hu6800)
  }
}
where <- list(list(what = "environment", where = globalenv()))
options(BioC = list(affy = list(probesloc = where, use.widgets = FALSE)))

files <- list.files(words[2], "CEL$", full.names = TRUE)
found <- exprs(rma(ReadAffy(filenames = files), verbose = FALSE))
colnames(found) <- sub("\\.CEL$", "", basename(files))
found <- found[order(rownames(found), method = "radix"), ]
kept <- found[seq(1, nrow(found), 100), ]
text <- cbind(id = rownames(kept), matrix(sprintf("%.15g", kept), nrow(kept)))
colnames(text) <- c("id", colnames(kept))
write.table(text, "hu6800_R.tsv", sep = "\t", quote = FALSE, row.names = FALSE)

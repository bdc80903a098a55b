# RMA of the tiny made-up arrays in test-data, by affy's compiled code and by its steps in plain R.
# Run in this folder: Rscript rma.R    (needs affy, affxparser, limma)
#
# affy's normalization starts threads with a stack that some systems refuse ("pthread_create() is 22"); a preloaded
# library that raises the size in pthread_attr_setstacksize to 1 MiB cures it.
suppressMessages({library(affy); library(affxparser); library(limma)})

data <- file.path("..", "..", "..", "test-data")
files <- file.path(data, c("mini_1.CEL", "mini_2.CEL", "mini_3.CEL.gz", "mini_4.CEL"))
cdf <- file.path(data, "mini.cdf")

# perfect-match cells of each probeset, as affxparser reads them
columns <- readCdfHeader(cdf)$ncols
Mini <- new.env()
for (unit in readCdf(cdf)) {
  for (name in names(unit$groups)) {
    block <- unit$groups[[name]]
    cells <- block$y * columns + block$x + 1
    matches <- paste0(tolower(block$pbase), tolower(block$tbase)) %in% c("at", "ta", "cg", "gc")
    assign(name, cbind(pm = cells[matches], mm = cells[!matches]), envir = Mini)
  }
}
where <- list(list(what = "environment", where = globalenv()))
options(BioC = list(affy = list(probesloc = where, use.widgets = FALSE)))

write <- function(values, file) {
  text <- cbind(id = rownames(values), matrix(sprintf("%.15g", values), nrow(values)))
  colnames(text) <- c("id", colnames(values))
  write.table(text, file, sep = "\t", quote = FALSE, row.names = FALSE)
}

arrays <- ReadAffy(filenames = files)
compiled <- exprs(rma(arrays, verbose = FALSE))
colnames(compiled) <- sub("\\.CEL(\\.gz)?$", "", basename(files))
write(compiled, "rma_R.tsv")

matched <- pm(arrays)
parameters <- t(apply(matched, 2, function(x) unlist(affy:::bg.parameters(x))))
rownames(parameters) <- colnames(compiled)
write(parameters, "background_R.tsv")

signal <- normalizeQuantiles(apply(matched, 2, affy:::bg.adjust))
polish <- function(rows) {
  fit <- medpolish(log2(signal[rows, , drop = FALSE]), trace.iter = FALSE)
  fit$overall + fit$col
}
steps <- t(sapply(split(seq_len(nrow(signal)), probeNames(arrays)), polish))
colnames(steps) <- colnames(compiled)
cat("largest difference between the two:", max(abs(steps[rownames(compiled), ] - compiled)), "\n")

versions <- sapply(c("affy", "affyio", "preprocessCore", "affxparser", "limma"), function(p) as.character(packageVersion(p)))
writeLines(c(R.version.string, paste(names(versions), versions)), "versions.txt")

# background parameters of intensities of many shapes
set.seed(6)
n <- 300
shapes <- round(data.frame(
  narrow = rnorm(n, 100, 10) + rexp(n, 1 / 50), broad = pmax(rnorm(n, 100, 30), 5) + rexp(n, 1 / 5),
  long = rlnorm(n, 6, 1.5), flat = runif(n, 50, 5000), normal = pmax(rnorm(n, 1000, 200), 10),
  whole = round(rnorm(n, 60, 4) + rexp(n, 1 / 8)), peaks = c(rnorm(n / 2, 50, 5), rnorm(n / 2, 3000, 300)),
  skewed = rgamma(n, 2, 0.01) + 20), 2)
write.table(shapes, "shapes_input.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
parameters <- t(sapply(shapes, function(x) unlist(affy:::bg.parameters(x))))
write(parameters, "shapes_R.tsv")

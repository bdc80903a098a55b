# Jobs by name: each returns some of its numbers; the time is the processor's.
answer <- function(jobs) {
  cat("@", names(jobs), "\n"); flush(stdout())
  input <- file("stdin"); open(input)
  while (length(name <- readLines(input, 1)) > 0) {
    invisible(gc())
    spent <- system.time(values <- jobs[[name]]())
    shown <- ifelse(is.finite(values), format(values, digits = 17, trim = TRUE), "null")
    cat(sprintf('@{"seconds": %.6f, "values": [%s]}\n', spent[["user.self"]] + spent[["sys.self"]], paste(shown, collapse = ",")))
    flush(stdout())
  }
}

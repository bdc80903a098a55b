
# ------------------------------------------------------------ from the tables alone, without samples
from_table <- function(f) {
  if (given(f$penalty) && f$penalty != "none") return(NULL)   # its tests are not of the standard error
  b <- num(f$beta)
  se <- num(f$se)
  if (!is.na(b) && !is.na(se)) {
    z <- b / se
    if (f$artifact == "odds_table")   # limits are of the profile likelihood, which needs the samples
      return(result(exp(b), statistic = z, p_value = two_sided(z)))
    return(result(exp(b), exp(b - Z * se), exp(b + Z * se), statistic = z, p_value = two_sided(z)))
  }
  chisq <- num(f$statistic)
  df <- num(f$df)
  if (!is.na(chisq) && !is.na(df) && grepl("^test|test$", f$measure)) return(result(p_value = upper(chisq, df)))
  NULL
}

# ------------------------------------------------------------ the smallest ratio that an unclear result could have shown
SMALLEST <- "smallest ratio shown with 80% power"
smallest <- function(f, samples) {
  g <- f
  g$measure <- switch(f$artifact, km_test = "log-rank test", odds_table = "odds ratio",
                      competing_table = "subdistribution hazard ratio", "hazard ratio")
  made <- if (samples) tools[[f$artifact]](g) else result(se = num(f$se), df = num(f$df))
  if (is.null(made)) return(NULL)
  made[] <- replace(made, !names(made) %in% c("n", "events", "se", "df"), NA)
  df <- if (f$tool == "meta_analysis") made[["df"]] else NA   # of Hartung and Knapp's t
  reach <- if (is.na(df)) qnorm(0.975) + qnorm(0.8)
    else uniroot(function(nc) pt(qt(0.975, df), df, ncp = nc) - 0.2, c(0, 3 * qt(0.975, df) + 10), tol = 1e-12)$root
  made["estimate"] <- exp(reach * made["se"])
  made
}

# ------------------------------------------------------------ compare
FIELDS <- c("n", "events", "estimate", "ci_low", "ci_high", "se", "statistic", "df", "p_value", "n_level", "events_level", "p_lr")
findings <- read("findings.tsv")
tools <- list(km_summary = km_summary, km_test = km_test, incidence_table = incidence_table, cox_table = cox_table, cox_ph = cox_ph,
              cox_model = cox_model, cox_subgroups = cox_subgroups, competing_table = competing_table, gray_test = gray_test, screen_table = screen_table,
              meta_table = meta_table, cutpoint_table = cutpoint_table, odds_table = odds_table, odds_model = odds_model,
              association_table = association_table, comparison_table = comparison_table, km_difference = km_difference,
              cox_added = cox_pair, cox_combinations = cox_pair)
values <- matrix(NA_real_, nrow(findings), length(FIELDS), dimnames = list(findings$id, FIELDS))
status <- rep("", nrow(findings))
for (i in seq_len(nrow(findings))) {
  f <- as.list(findings[i, ])
  samples <- given(f$data) && !given(f$why_not)
  made <- tryCatch(
    if (f$measure == SMALLEST) smallest(f, samples)
    else if (samples && !is.null(tools[[f$artifact]])) tools[[f$artifact]](f) else from_table(f),
    error = function(e) paste("R:", conditionMessage(e)))
  if (is.character(made)) status[i] <- made
  else if (is.null(made)) status[i] <- if (given(f$why_not)) f$why_not else paste("not in this script:", f$measure)
  else {
    values[i, ] <- made
    status[i] <- if (samples) "recomputed" else "recomputed from its table"
  }
}
stored <- sapply(FIELDS, function(n) num(findings[[n]]))
stored <- matrix(stored, nrow(findings), dimnames = dimnames(values))
both <- !is.na(stored) & !is.na(values)
size <- abs(values - stored) / pmax(abs(stored), 1e-300)
floor <- ifelse(colnames(values) == "statistic", 1e-7, 1e-12)   # a z of nearly 0 is compared in standard errors
differs <- both & size > TOLERANCE & abs(values - stored) > rep(floor, each = nrow(values))

# A printed number is R's value rounded to the decimals that are printed.
superscript <- function(x) { for (i in 0:9) x <- gsub(intToUtf8(c(8304, 185, 178, 179, 8308:8313)[i + 1]), i, x, fixed = TRUE); gsub(intToUtf8(8315), "-", x, fixed = TRUE) }
rounds <- function(text, value) {
  plain <- gsub(",", "", gsub(intToUtf8(8722), "-", text, fixed = TRUE), fixed = TRUE)
  plain <- sub(paste0(" ", intToUtf8(215), " 10"), "e", superscript(plain), fixed = TRUE)
  scale <- if (endsWith(plain, "%")) 100 else 1
  plain <- sub("%", "", plain, fixed = TRUE)
  bound <- substr(plain, 1, 1)
  if (bound %in% c("<", ">")) {
    limit <- num(substr(plain, 2, nchar(plain)))
    return(if (bound == "<") value < limit else value > limit)
  }
  shown <- num(plain)
  if (is.na(shown)) return(NA)
  digits <- sub("e.*$", "", plain)
  power <- if (grepl("e", plain)) num(sub("^.*e", "", plain)) else 0
  decimals <- if (grepl(".", digits, fixed = TRUE)) nchar(sub("^.*\\.", "", digits)) else 0
  abs(scale * value - shown) <= 0.5 * 10^(power - decimals) * (1 + 1e-6) + 1e-12 * abs(shown)
}
printed <- read("printed.tsv")
ours <- rep(NA, nrow(printed))
for (i in seq_len(nrow(printed))) if (given(printed$finding[i])) {
  value <- values[printed$finding[i], printed$field[i]]
  if (!is.na(value)) ours[i] <- rounds(printed$text[i], value)
}
out <- cbind(findings[c("id", "tool", "measure", "marker", "term", "endpoint", "population", "scope", "cohort", "group", "time", "model")],
             status, fields_compared = rowSums(both), fields_differing = rowSums(differs),
             largest_difference = apply(ifelse(both, size, 0), 1, max))
write.table(out, file.path(here, "witness.tsv"), sep = "\t", quote = FALSE, row.names = FALSE)
cat(R.version.string, "; survival ", as.character(packageVersion("survival")), "\n", sep = "")
cat("findings stored:", nrow(findings), "\n")
cat("findings recomputed from samples:", sum(status == "recomputed"), "\n")
cat("findings recomputed from their tables:", sum(status == "recomputed from its table"), "\n")
cat("stored numbers compared:", sum(both), "\n")
cat("stored numbers that differ:", sum(differs), "\n")
cat("numbers printed:", nrow(printed), "\n")
cat("printed numbers recomputed:", sum(!is.na(ours)), "\n")
cat("printed numbers that are not R's value rounded:", sum(!ours, na.rm = TRUE), "\n")
rest <- table(status[!startsWith(status, "recomputed")])
if (length(rest)) cat("not recomputed:\n", paste0("  ", rest, " ", names(rest), collapse = "\n"), "\n", sep = "")
for (i in which(rowSums(differs) > 0)) for (n in FIELDS[differs[i, ]])
  cat("differs:", findings$id[i], findings$tool[i], findings$measure[i], findings$term[i], n, "stored", stored[i, n], "R", format(values[i, n], digits = 12), "\n")
for (i in which(!is.na(ours) & !ours))
  cat("printed:", printed$section[i], printed$text[i], "is", printed$field[i], "of", printed$finding[i], "; R", format(values[printed$finding[i], printed$field[i]], digits = 12), "\n")
if (sum(differs) || sum(!ours, na.rm = TRUE)) quit(status = 1)

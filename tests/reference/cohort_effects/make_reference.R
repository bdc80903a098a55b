# A marker's effect in each cohort, stratified and pooled. Run in this folder: Rscript make_reference.R
suppressMessages({library(survival); library(metafor)})
set.seed(11)
n <- c(A = 60, B = 45, C = 80, D = 30, E = 50, F = 12)
d <- do.call(rbind, lapply(names(n), function(cohort) {
  k <- n[[cohort]]; scale <- match(cohort, names(n))
  x <- rnorm(k); age <- round(rnorm(k, 60, 10))
  at <- rexp(k, 0.01 * scale * exp(0.5 * x + 0.02 * (age - 60))); until <- runif(k, 10, 90)
  data.frame(sample_id = paste0(cohort, seq_len(k)), cohort, marker = round(5 * scale + scale * x, 4), age_years = age,
             stage = sample(c("I", "II", "III"), k, TRUE), os_time = ceiling(pmin(at, until)), os_event = as.integer(at <= until))
}))
d$os_event[d$cohort == "F"] <- 0                       # a cohort without events
d$stage[d$cohort == "D"] <- "II"                       # a covariate that does not vary
d$marker[d$sample_id %in% c("A3", "B7")] <- NA
d$age_years[d$sample_id %in% c("A5", "C1", "C2")] <- NA
d$os_time[d$sample_id == "E4"] <- NA
d$group <- ifelse(d$marker > ave(d$marker, d$cohort, FUN = function(v) median(v, na.rm = TRUE)), "high", "low")
write.table(d, "samples.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
rows <- list()
put <- function(case, cohort, stat, value) rows[[length(rows) + 1]] <<- data.frame(case, cohort, stat, value = formatC(unname(value), digits = 15, format = "g", width = 1))
control <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 100)
d$group <- factor(d$group, c("low", "high"))
cases <- list(sd = list("marker", character()), sd_adjusted = list("marker", c("age_years", "stage")),
              group = list("group", character()), group_adjusted = list("group", "age_years"))
for (case in names(cases)) {
  marker <- cases[[case]][[1]]; covariates <- cases[[case]][[2]]
  used <- d[complete.cases(d[, c(marker, covariates, "os_time", "os_event")]), ]
  used$x <- if (marker == "marker") used$marker / ave(used$marker, used$cohort, FUN = sd) else used$group
  found <- NULL
  for (cohort in setdiff(names(n), "F")) {
    own <- used[used$cohort == cohort, ]
    terms <- c("x", Filter(function(v) length(unique(own[[v]])) > 1, covariates))
    s <- summary(coxph(reformulate(terms, "Surv(os_time, os_event)"), own, control = control))$coefficients
    put(case, cohort, "log_hr", s[1, "coef"]); put(case, cohort, "se", s[1, "se(coef)"])
    put(case, cohort, "n", nrow(own)); put(case, cohort, "events", sum(own$os_event))
    found <- rbind(found, s[1, c("coef", "se(coef)")])
  }
  inside <- used[used$cohort != "F", ]
  s <- summary(coxph(reformulate(c("x", covariates, "strata(cohort)"), "Surv(os_time, os_event)"), inside, control = control))$coefficients
  put(case, "all", "stratified_log_hr", s[1, "coef"]); put(case, "all", "stratified_se", s[1, "se(coef)"])
  r <- rma(found[, 1], sei = found[, 2], method = "REML", test = "knha", control = list(threshold = 1e-14, maxiter = 10000, stepadj = .5))
  put(case, "all", "random_log_hr", r$b); put(case, "all", "tau2", r$tau2); put(case, "all", "q", r$QE)
}
write.table(do.call(rbind, rows), "reference.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
writeLines(c(R.version.string, paste("survival", packageVersion("survival")), paste("metafor", packageVersion("metafor"))), "versions.txt")

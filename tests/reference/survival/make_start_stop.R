# Start-stop rows as coxph takes them. Usage, in this folder: Rscript make_start_stop.R
suppressMessages(library(survival))
data <- read.delim("data.tsv")
data <- data[data$dataset == "continuous" & data$time > 0, ]
data$id <- seq_len(nrow(data))
# A covariate that changes over time: the follow-up of each patient is cut, and z differs between the parts.
changing <- survSplit(Surv(time, event) ~ ., data, cut = c(10, 25, 60), episode = "part")
changing <- with(changing, data.frame(kind = "changing", id, cluster, start = tstart, stop = time, event, x1, x2,
                                      z = as.integer(part > 1 + (id %% 3)), number = part))
# Recurrent events: the rows of a cluster one after the other are the times between the events of one patient.
data <- data[order(data$cluster, data$id), ]
again <- do.call(rbind, lapply(split(data, data$cluster), function(d) {
  stop <- cumsum(d$time)
  data.frame(kind = "recurrent", id = d$cluster, cluster = d$cluster, start = c(0, stop[-nrow(d)]), stop, event = d$event,
             x1 = d$x1, x2 = d$x2, z = d$x2 > 0.5, number = pmin(seq_len(nrow(d)), 3))
}))
again$z <- as.integer(again$z)
rows <- rbind(changing, again)
rows[c("start", "stop")] <- lapply(rows[c("start", "stop")], function(v) as.numeric(sprintf("%.10g", v)))
write.table(rows, "start_stop_data.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
out <- list()
put <- function(model, fit) {
  robust <- if (is.null(fit$naive.var)) sqrt(diag(fit$var)) else sqrt(diag(fit$var))
  out[[length(out) + 1]] <<- data.frame(model, term = names(coef(fit)), beta = sprintf("%.12g", coef(fit)),
                                        se = sprintf("%.12g", robust), loglik = sprintf("%.12g", fit$loglik[2]))
}
for (ties in c("efron", "breslow")) {
  put(paste("changing", ties), coxph(Surv(start, stop, event) ~ x1 + z, rows, subset = kind == "changing", ties = ties))
  put(paste("andersen_gill", ties), coxph(Surv(start, stop, event) ~ x1 + z + cluster(id), rows,
                                          subset = kind == "recurrent", ties = ties))
  put(paste("prentice_williams_peterson", ties), coxph(Surv(start, stop, event) ~ x1 + z + strata(number) + cluster(id), rows,
                                                       subset = kind == "recurrent", ties = ties))
}
write.table(do.call(rbind, out), "start_stop_expected.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
writeLines(c(R.version.string, paste("survival", packageVersion("survival"))), "start_stop_versions.txt")

/* Loops of penalized models: the partial likelihood, and the inverse that grows and shrinks. */
#ifndef PROGNOMICS_PENALIZED_H
#define PROGNOMICS_PENALIZED_H

#include <stdint.h>

typedef struct {
    int64_t n, n_times, n_strata;
    const double *weight, *deaths;
    const int64_t *end, *first_time, *bounds; /* as in prognomics.learning.partial_likelihood */
} RiskSets;

/* The log partial likelihood (Breslow) without the sum over events; hazards, their totals, expected events. */
double breslow(const RiskSets *sets, const double *linear, double *hazard, double *total, double *exposure);

/* Add scale * vector vector' to the first n rows and columns of a matrix with rows of `stride`. */
void rank_one(double *matrix, int64_t stride, const double *vector, int64_t n, double scale);

#endif

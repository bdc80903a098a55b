/* Sorted follow-up, as `prognomics.screen.follow_up` describes it, and the columns of results. */
#ifndef PROGNOMICS_FOLLOW_UP_H
#define PROGNOMICS_FOLLOW_UP_H

#include <stdint.h>

typedef struct {
    int64_t n, n_cells, n_strata, n_moments;
    const int64_t *columns, *cell, *ends, *deaths, *bounds, *moment, *cell_moment;
    const uint8_t *event, *first;
} FollowUp;

/* Whether a sample is in any risk set: others must not decide how values are scaled. */
static inline int ever_at_risk(const FollowUp *f, int64_t sample) { return f->cell_moment[f->cell[sample]] >= 0; }

/* The order of `prognomics.screen.results`. */
enum { N_USED, EVENTS, MEAN, BETA, SE, LOGLIK, LOGLIK_NULL, SCORE, PH, STATE, PASSES, N_RESULTS };
enum { OK, CONSTANT, NO_EVENTS, NOT_CONVERGED };

#define WIDEST 300.0
#define MOST_PASSES 40
#define FLAT 1e-12
#define GONE 1e-6 /* share of the first information below which a gene is left to fit_cox: it may have run off */

typedef struct {
    const double *values; /* genes x columns */
    int64_t n_columns, begin, end;
    double *results; /* genes x N_RESULTS */
} Genes;

/* A Cox model of each gene from begin to end; 0 without memory. */
int screen_cox(const FollowUp *follow_up, const Genes *genes, int efron, int score_only);

/* The same beside covariates: columns (covariates x samples), sorted and standardised, their coefficients without a
   gene and the relative hazards that these give. */
int screen_cox_adjusted(const FollowUp *follow_up, const Genes *genes, int efron, const double *columns,
                        int64_t n_covariates, const double *start, const double *start_hazards);

#endif

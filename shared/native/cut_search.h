/* The maximally selected standardized linear rank statistic of each row of values. */
#ifndef PROGNOMICS_CUT_SEARCH_H
#define PROGNOMICS_CUT_SEARCH_H

#include <stdint.h>

/* The order of `prognomics.cutpoint.cut_statistics`. */
enum { SEARCH_N_LOW, SEARCH_LOWEST_HIGH, SEARCH_Z, SEARCH_CANDIDATES, SEARCH_STEPS, SEARCH_CUBES, SEARCH_SPAN,
       SEARCH_N_RESULTS };

typedef struct {
    const double *values, *scores; /* rows x samples; one row of scores may serve all */
    int64_t n, rows_of_scores, n_strata;
    const int64_t *stratum; /* 0 to n_strata - 1 */
    double min_fraction;
    double *results; /* rows x SEARCH_N_RESULTS */
    double *profile; /* rows x samples: the statistic with 1, 2, ... low samples; NULL where not wanted */
} CutSearches;

/* Rows from begin to end; 0 without memory. */
int search_cuts(const CutSearches *searches, int64_t begin, int64_t end);

#endif

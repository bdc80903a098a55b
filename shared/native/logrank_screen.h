/* Log-rank tests of genes, each at one cut. */
#ifndef PROGNOMICS_LOGRANK_SCREEN_H
#define PROGNOMICS_LOGRANK_SCREEN_H

#include "follow_up.h"

/* The order of `prognomics.screen.results`. */
enum {
    CUT_N_USED, CUT_EVENTS, CUT_MEAN, CUT_LOWEST_HIGH, CUT_N_HIGH, CUT_EVENTS_HIGH, CUT_NUMERATOR, CUT_VARIANCE,
    CUT_STATE, CUT_N_RESULTS
};
enum { CUT_OK, CUT_CONSTANT, CUT_NO_EVENTS, CUT_NONE };

/* `cuts` are the smallest high values, NaN for the median; 0 without memory. */
int screen_logrank(const FollowUp *follow_up, const Genes *genes, const double *cuts);

#endif

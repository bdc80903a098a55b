/* Pairs of samples by who outlasts whom. */
#ifndef PROGNOMICS_CONCORDANCE_H
#define PROGNOMICS_CONCORDANCE_H

#include <stdint.h>

typedef struct {
    int64_t n, n_ranks;
    const int64_t *order; /* by rising time */
    const double *time;   /* in that order */
    const uint8_t *event;
    const int64_t *rank; /* of the score, from 0 without gaps */
    const double *weight;
} Samples;

/* Fill `sums` (3 x samples): weights of later samples below, at and above the rank of each death. */
int count_later(const Samples *samples, double *sums);
/* Fill `sums` (3 x samples): weights of earlier deaths below, at and above the rank of each sample. */
int count_earlier(const Samples *samples, double *sums);

#endif

/* The order of a row of numbers. */
#ifndef PROGNOMICS_ORDERING_H
#define PROGNOMICS_ORDERING_H

#include <stdint.h>

typedef struct {
    uint64_t *from, *to; /* room for n each */
    int64_t n;
} Sorter;

int new_sorter(int64_t n, Sorter *sorter); /* 0 without memory; n below 2**31 */
void free_sorter(Sorter *sorter);

/* Fill `order` with the places of rising values, equal ones as they stand, missing ones (NaN) last.
   Returns how many are not missing. */
int64_t order_of(const double *x, int64_t n, int64_t *order, Sorter *sorter);

#endif

/* A radix sort: the values' places in their range are whole numbers of 22 bits, sorted in two passes; neighbours that
   these do not tell apart are then compared. Values that crowd in a small part of their range are sorted by all their
   bits instead. */
#include "ordering.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DIGIT 11
#define BUCKETS (1 << DIGIT)
#define LAST_DIGIT (BUCKETS - 1)
#define INDEX_BITS 32
#define INDEX UINT64_C(0xFFFFFFFF)
#define CROWDED 8 /* moves a value */

int new_sorter(int64_t n, Sorter *sorter) {
    size_t bytes = sizeof(uint64_t) * (size_t)(n ? n : 1);
    *sorter = (Sorter){malloc(bytes), malloc(bytes), n};
    if (sorter->from && sorter->to)
        return 1;
    free_sorter(sorter);
    return 0;
}

void free_sorter(Sorter *sorter) {
    free(sorter->from);
    free(sorter->to);
    *sorter = (Sorter){NULL, NULL, 0};
}

static void starts_of(uint32_t *counts) {
    uint32_t before = 0;
    for (int i = 0; i < BUCKETS; i++) {
        uint32_t count = counts[i];
        counts[i] = before;
        before += count;
    }
}

/* Bits in the order of the numbers; both zeros are one. */
static uint64_t rising_bits(double x) {
    uint64_t bits;
    x += 0.0;
    memcpy(&bits, &x, sizeof bits);
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static void order_by_bits(const double *x, int64_t n, Sorter *s) {
    for (int64_t i = 0; i < n; i++)
        s->from[i] &= INDEX;
    for (int shift = 0; shift < 64; shift += DIGIT) {
        uint32_t counts[BUCKETS] = {0};
        for (int64_t i = 0; i < n; i++)
            counts[rising_bits(x[s->from[i]]) >> shift & LAST_DIGIT]++;
        starts_of(counts);
        for (int64_t i = 0; i < n; i++)
            s->to[counts[rising_bits(x[s->from[i]]) >> shift & LAST_DIGIT]++] = s->from[i];
        uint64_t *swapped = s->from;
        s->from = s->to;
        s->to = swapped;
    }
}

int64_t order_of(const double *x, int64_t n, int64_t *order, Sorter *s) {
    double low = INFINITY, high = -INFINITY;
    int64_t n_known = 0, n_missing = 0;
    for (int64_t i = 0; i < n; i++) {
        low = x[i] < low ? x[i] : low;
        high = x[i] > high ? x[i] : high;
    }
    const double scale = ((1 << 2 * DIGIT) - 1) / (high - low);
    const int even = scale > 0.0 && scale < INFINITY && high - low < INFINITY;
    uint32_t lower[BUCKETS] = {0}, upper[BUCKETS] = {0};
    for (int64_t i = 0; i < n; i++) {
        if (isnan(x[i])) {
            order[n - ++n_missing] = i; /* turned round below */
            continue;
        }
        uint64_t key = even ? (uint64_t)((x[i] - low) * scale) : 0;
        s->from[n_known++] = key << INDEX_BITS | (uint64_t)i;
        lower[key & LAST_DIGIT]++;
        upper[key >> DIGIT]++;
    }
    for (int64_t i = n_known, j = n - 1; i < j; i++, j--) {
        int64_t swapped = order[i];
        order[i] = order[j];
        order[j] = swapped;
    }
    starts_of(lower);
    starts_of(upper);
    for (int64_t i = 0; i < n_known; i++)
        s->to[lower[s->from[i] >> INDEX_BITS & LAST_DIGIT]++] = s->from[i];
    for (int64_t i = 0; i < n_known; i++)
        s->from[upper[s->to[i] >> (INDEX_BITS + DIGIT)]++] = s->to[i];
    int64_t moves = 0;
    for (int64_t i = 1; i < n_known && moves <= CROWDED * n_known; i++) {
        uint64_t word = s->from[i];
        double value = x[word & INDEX];
        int64_t place = i;
        while (place > 0 && x[s->from[place - 1] & INDEX] > value) {
            s->from[place] = s->from[place - 1];
            place--;
        }
        s->from[place] = word;
        moves += i - place;
    }
    if (moves > CROWDED * n_known) {
        for (int64_t i = 0, k = 0; i < n; i++) /* from the start, so that equal ones stay as they stand */
            if (!isnan(x[i]))
                s->from[k++] = (uint64_t)i;
        order_by_bits(x, n_known, s);
    }
    for (int64_t i = 0; i < n_known; i++)
        order[i] = (int64_t)(s->from[i] & INDEX);
    return n_known;
}

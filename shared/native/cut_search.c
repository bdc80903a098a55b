/* Samples move from the high to the low group one by one. The sum of their scores, centered within strata, has the
   permutation variance sum over strata of k l (n - l), with l of n samples low and k the scores' variance over n, so
   each cut costs one step per stratum once the values are sorted. */
#include "cut_search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lanes.h"
#include "ordering.h"

#define EQUAL 1e-12 /* relative difference below which statistics are equal; below it scores have no variance */

typedef struct {
    double n, low, low_before, mean, unit; /* `unit` is the variance of one score over the number of samples */
} Stratum;

typedef struct {
    int64_t *order;
    double *step, *cube; /* of neighbors that differ by one low sample, of step_n samples in one stratum */
    int64_t step_n;
    Stratum *strata;
    Sorter sorter;
} Room;

static void describe_strata(const CutSearches *s, const double *scores, int64_t known, Room *room) {
    double largest = 0.0;
    memset(room->strata, 0, sizeof(Stratum) * (size_t)s->n_strata);
    for (int64_t m = 0; m < known; m++) {
        const int64_t i = room->order[m];
        Stratum *own = room->strata + s->stratum[i];
        own->n += 1.0;
        own->mean += scores[i];
        largest = fmax(largest, fabs(scores[i]));
    }
    for (int64_t k = 0; k < s->n_strata; k++)
        room->strata[k].mean /= fmax(room->strata[k].n, 1.0);
    for (int64_t m = 0; m < known; m++) {
        const int64_t i = room->order[m];
        Stratum *own = room->strata + s->stratum[i];
        const double off = scores[i] - own->mean;
        own->unit += fabs(off) > EQUAL * largest ? off * off : 0.0;
    }
    for (int64_t k = 0; k < s->n_strata; k++) {
        Stratum *own = room->strata + k;
        own->unit = own->n > 1.0 ? own->unit / (own->n * (own->n - 1.0)) : 0.0;
    }
}

static double variance_of(const Stratum *strata, int64_t n_strata) {
    double variance = 0.0;
    for (int64_t k = 0; k < n_strata; k++)
        variance += strata[k].unit * strata[k].low * (strata[k].n - strata[k].low);
    return variance;
}

/* One less the squared correlation of the statistics at this cut and at the one before. */
static double distance(const Stratum *strata, int64_t n_strata, double variance_before, double variance) {
    double shared = 0.0;
    for (int64_t k = 0; k < n_strata; k++)
        shared += strata[k].unit * strata[k].low_before * (strata[k].n - strata[k].low);
    return fmax(0.0, 1.0 - shared / variance_before * (shared / variance));
}

static void table_of_steps(Room *room, int64_t n) {
    if (room->step_n == n)
        return;
    for (int64_t m = 1; m < n - 1; m++) {
        const double low = (double)m, all = (double)n;
        room->step[m] = sqrt(1.0 - low * (all - low - 1.0) / ((all - low) * (low + 1.0)));
        room->cube[m] = room->step[m] * room->step[m] * room->step[m];
    }
    room->step_n = n;
}

static void search_row(const CutSearches *s, const double *x, const double *scores, double *found, double *profile,
                       Room *room) {
    const int64_t n = order_of(x, s->n, room->order, &room->sorter), *order = room->order;
    const int64_t floor_low = (int64_t)floor((double)n * s->min_fraction);
    const int64_t least = floor_low > 1 ? floor_low : 1, most = (int64_t)floor((double)n * (1.0 - s->min_fraction));
    const double last = profile ? (double)n : (double)most + 1.0;
    Stratum *strata = room->strata;
    double sum = 0.0, best = 0.0, steps = 0.0, cubes = 0.0, span = 0.0, variance_before = 0.0, candidates = 0.0;
    int64_t before = 0;
    describe_strata(s, scores, n, room);
    if (s->n_strata == 1)
        table_of_steps(room, n);
    for (int64_t m = 1; m < n && (double)m < last; m++) {
        const int64_t i = order[m - 1];
        Stratum *own = strata + s->stratum[i];
        sum += scores[i] - own->mean;
        own->low += 1.0;
        if (!(x[order[m]] > x[i]))
            continue;
        const int inside = m >= least && m <= most;
        if (!inside && !profile)
            continue;
        const double variance = variance_of(strata, s->n_strata);
        const double square = variance > 0.0 ? sum * sum / variance : 0.0;
        if (profile)
            profile[m - 1] = variance > 0.0 ? -sum / sqrt(variance) : 0.0;
        if (!inside)
            continue;
        candidates += 1.0;
        if (!(variance > 0.0))
            continue;
        if (before > 0 && s->n_strata == 1 && before == m - 1) {
            steps += room->step[before];
            cubes += room->cube[before];
        } else if (before > 0) {
            const double apart = distance(strata, s->n_strata, variance_before, variance), step = sqrt(apart);
            steps += step;
            cubes += apart * step;
            if (s->n_strata > 1)
                span -= log1p(-apart);
        }
        before = m;
        variance_before = variance;
        for (int64_t k = 0; k < s->n_strata; k++)
            strata[k].low_before = strata[k].low;
        if (found[SEARCH_N_LOW] == 0.0 || square > best * (1.0 + 2.0 * EQUAL)) {
            best = square;
            found[SEARCH_N_LOW] = (double)m;
            found[SEARCH_LOWEST_HIGH] = x[order[m]];
            found[SEARCH_Z] = -sum / sqrt(variance);
        }
    }
    found[SEARCH_CANDIDATES] = candidates;
    found[SEARCH_STEPS] = steps;
    found[SEARCH_CUBES] = cubes;
    found[SEARCH_SPAN] = s->n_strata > 1 ? span : NAN;
}

CLONES static void search_rows(const CutSearches *s, int64_t begin, int64_t end, Room *room) {
    for (int64_t row = begin; row < end; row++) {
        double *found = s->results + row * SEARCH_N_RESULTS;
        double *profile = s->profile ? s->profile + row * s->n : NULL;
        for (int j = 0; j < SEARCH_N_RESULTS; j++)
            found[j] = NAN;
        for (int64_t i = 0; profile && i < s->n; i++)
            profile[i] = NAN;
        found[SEARCH_N_LOW] = 0.0;
        search_row(s, s->values + row * s->n, s->scores + (s->rows_of_scores > 1 ? row * s->n : 0), found, profile,
                   room);
    }
}

int search_cuts(const CutSearches *s, int64_t begin, int64_t end) {
    const size_t samples = (size_t)s->n + 1;
    Room room = {malloc(sizeof(int64_t) * samples), malloc(sizeof(double) * samples), malloc(sizeof(double) * samples),
                 -1, malloc(sizeof(Stratum) * ((size_t)s->n_strata + 1)), {0}};
    const int enough = new_sorter(s->n, &room.sorter) && room.order && room.step && room.cube && room.strata;
    if (enough)
        search_rows(s, begin, end, &room);
    free_sorter(&room.sorter);
    free(room.order);
    free(room.step);
    free(room.cube);
    free(room.strata);
    return enough;
}

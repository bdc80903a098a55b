/* Two sweeps over time with a Fenwick tree over the ranks: n log n. */
#include "concordance.h"

#include <stdlib.h>

typedef struct {
    double *tree, *level, total;
    int64_t n_ranks;
} Tally;

static int new_tally(int64_t n_ranks, Tally *tally) {
    *tally = (Tally){calloc((size_t)n_ranks + 1, sizeof(double)), calloc((size_t)n_ranks + 1, sizeof(double)), 0.0,
                     n_ranks};
    return tally->tree != NULL && tally->level != NULL;
}

static void free_tally(Tally *tally) {
    free(tally->tree);
    free(tally->level);
}

static inline void add(Tally *tally, int64_t rank, double weight) {
    tally->level[rank] += weight;
    tally->total += weight;
    for (int64_t place = rank + 1; place <= tally->n_ranks; place += place & -place)
        tally->tree[place] += weight;
}

static inline void compare(const Tally *tally, int64_t rank, int64_t sample, int64_t n, double *sums) {
    double below = 0.0, level = tally->level[rank];
    for (int64_t place = rank; place > 0; place &= place - 1)
        below += tally->tree[place];
    sums[sample] = below;
    sums[n + sample] = level;
    sums[2 * n + sample] = tally->total - below - level;
}

int count_later(const Samples *s, double *sums) {
    Tally tally;
    const int enough = new_tally(s->n_ranks, &tally);
    for (int64_t end = enough ? s->n : 0, begin; end > 0; end = begin) { /* from the last time back: who is later */
        begin = end - 1;
        while (begin > 0 && s->time[begin - 1] == s->time[end - 1])
            begin--;
        for (int wanted = 0; wanted < 2; wanted++) { /* a censoring at the time of a death counts as later */
            for (int64_t k = begin; wanted && k < end; k++)
                if (s->event[s->order[k]])
                    compare(&tally, s->rank[s->order[k]], s->order[k], s->n, sums);
            for (int64_t k = begin; k < end; k++)
                if (s->event[s->order[k]] == wanted)
                    add(&tally, s->rank[s->order[k]], s->weight[s->order[k]]);
        }
    }
    free_tally(&tally);
    return enough;
}

int count_earlier(const Samples *s, double *sums) {
    Tally tally;
    const int enough = new_tally(s->n_ranks, &tally);
    for (int64_t begin = 0, end; enough && begin < s->n; begin = end) { /* from the first time on: who died earlier */
        end = begin + 1;
        while (end < s->n && s->time[end] == s->time[begin])
            end++;
        for (int wanted = 1; wanted >= 0; wanted--) {
            for (int64_t k = begin; k < end; k++)
                if (s->event[s->order[k]] == wanted)
                    compare(&tally, s->rank[s->order[k]], s->order[k], s->n, sums);
            for (int64_t k = begin; wanted && k < end; k++)
                if (s->event[s->order[k]])
                    add(&tally, s->rank[s->order[k]], s->weight[s->order[k]]);
        }
    }
    free_tally(&tally);
    return enough;
}

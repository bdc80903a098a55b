/* The numerator of a log-rank test is a sum of martingale residuals, so a cut that moves by one sample changes it by
   one residual. The variance is a sum over event times of squared shares of the risk set; the part that couples two
   samples depends on the later-starting of them only, so two Fenwick trees over the event times give every cut exactly,
   in n log n steps a gene. */
#include "logrank_screen.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lanes.h"
#include "ordering.h"

#define LEAST_VARIANCE 1e-9

typedef struct {
    double count, sum;
} Node;

/* A gene's samples and what the log-rank test needs of their follow-up without groups. */
typedef struct {
    int64_t n;
    double *x;         /* in sorted order, NaN where missing */
    int64_t *order;    /* of rising values */
    double *residual;  /* martingale residuals; 0 where missing */
    double *chance;    /* variance of one death's group times the deaths, of each cell */
    double *at_risk;   /* of each cell, 1 or more */
    double *singles;   /* sums over this and earlier event times of the stratum: chance over the number at risk */
    double *pairs;     /* chance over its square */
} Gene;

/* Who is left of the cells when samples are missing is counted; fills all of `g` that does not depend on values. */
static void null_model(const FollowUp *f, Gene *g) {
    double present = 0.0, hazard = 0.0, single = 0.0, pair = 0.0;
    for (int64_t c = 0, k = 0; c < f->n_cells; c++) {
        double deaths = 0.0;
        if (f->first[c])
            present = 0.0;
        for (; k < f->ends[c]; k++)
            if (!isnan(g->x[k])) {
                present += 1.0;
                deaths += f->event[k];
            }
        g->at_risk[c] = fmax(present, 1.0);
        g->chance[c] = deaths > 0.0 && present > 1.0 ? deaths * (present - deaths) / (present - 1.0) : 0.0;
        g->singles[c] = deaths / g->at_risk[c];
    }
    for (int64_t c = f->n_cells - 1, k = f->n - 1; c >= 0; c--) {
        const double at_risk = g->at_risk[c];
        hazard += g->singles[c];
        single += g->chance[c] / at_risk;
        pair += g->chance[c] / (at_risk * at_risk);
        g->singles[c] = single;
        g->pairs[c] = pair;
        for (const int64_t begin = c > 0 ? f->ends[c - 1] : 0; k >= begin; k--)
            g->residual[k] = isnan(g->x[k]) ? 0.0 : f->event[k] - hazard;
        if (f->first[c])
            hazard = single = pair = 0.0;
    }
}

/* Log-rank sums of the samples at or above `least`; returns how many there are. */
INLINE int64_t one_cut(const FollowUp *f, const Gene *g, double least, double *found) {
    double numerator = 0.0, own = 0.0, variance = 0.0, lowest = INFINITY, high = 0.0;
    int64_t n_high = 0;
#pragma omp simd reduction(+ : numerator, own, n_high) reduction(min : lowest)
    for (int64_t k = 0; k < f->n; k++) {
        const int is_high = g->x[k] >= least;
        numerator += is_high ? g->residual[k] : 0.0;
        own += is_high ? (double)f->event[k] : 0.0;
        n_high += is_high;
        const double value = is_high ? g->x[k] : INFINITY;
        lowest = value < lowest ? value : lowest;
    }
    for (int64_t c = 0, k = 0; c < f->n_cells; c++) {
        int inside = 0;
        for (; k < f->ends[c]; k++)
            inside += g->x[k] >= least;
        high = f->first[c] ? inside : high + inside;
        const double share = high / g->at_risk[c];
        variance += g->chance[c] * share * (1.0 - share);
    }
    found[CUT_LOWEST_HIGH] = lowest;
    found[CUT_N_HIGH] = (double)n_high;
    found[CUT_EVENTS_HIGH] = own;
    found[CUT_NUMERATOR] = numerator;
    found[CUT_VARIANCE] = variance;
    return n_high == g->n ? 0 : n_high;
}

/* Where a stratum's cells begin, and how many there are, of each cell. */
typedef struct {
    int64_t *start, *size;
} Strata;

/* The cut with the largest log-rank statistic among those with least to most low samples. */
static int64_t every_cut(const FollowUp *f, const Gene *g, const Strata *strata, int64_t least, int64_t most,
                         double events, Node *tree, double *totals, double *found) {
    double numerator = 0.0, single = 0.0, coupled = 0.0, own = 0.0;
    double best = -1.0, own_best = 0.0, steps = 0.0, cubes = 0.0;
    const double n = (double)g->n;
    int64_t chosen = 0, previous = 0;
    memset(tree, 0, sizeof(Node) * (size_t)(f->n_cells + 1));
    memset(totals, 0, sizeof(double) * (size_t)f->n_cells);
    for (int64_t low = 1; low < g->n; low++) {
        const int64_t i = g->order[low - 1], c = f->cell[i], start = strata->start[c], size = strata->size[c];
        const double pair = g->pairs[c];
        Node *nodes = tree + start;
        double below = 0.0, sum_below = 0.0;
        for (int64_t place = c - start + 1; place > 0; place &= place - 1) {
            below += nodes[place].count;
            sum_below += nodes[place].sum;
        }
        coupled += 2.0 * (pair * below + totals[start] - sum_below) + pair;
        totals[start] += pair;
        single += g->singles[c];
        numerator += g->residual[i];
        own += f->event[i];
        for (int64_t place = c - start + 1; place <= size; place += place & -place) {
            nodes[place].count += 1.0;
            nodes[place].sum += pair;
        }
        if (low < least || low > most || !(g->x[g->order[low]] > g->x[i]))
            continue;
        if (previous > 0) {
            double step = sqrt(1.0 - (double)previous * (n - (double)low) / ((n - (double)previous) * (double)low));
            steps += step;
            cubes += step * step * step;
        }
        previous = low;
        const double variance = single - coupled, statistic = numerator * numerator;
        if (variance > LEAST_VARIANCE && statistic > best * (1.0 + 1e-12) * variance) {
            best = statistic / variance;
            chosen = low;
            own_best = own;
            found[CUT_NUMERATOR] = -numerator;
            found[CUT_VARIANCE] = variance;
        }
    }
    found[CUT_STEPS] = steps;
    found[CUT_CUBES] = cubes;
    if (chosen > 0) {
        found[CUT_LOWEST_HIGH] = g->x[g->order[chosen]];
        found[CUT_N_HIGH] = n - (double)chosen;
        found[CUT_EVENTS_HIGH] = events - own_best;
    }
    return chosen;
}

static double median(const Gene *g) {
    const double upper = g->x[g->order[g->n / 2]];
    return g->n % 2 ? upper : 0.5 * (g->x[g->order[g->n / 2 - 1]] + upper);
}

CLONES static void screen_range(const FollowUp *f, const Genes *genes, Gene *g, Gene *complete, const Strata *strata,
                                Node *tree, double *totals, Sorter *sorter, int searched, double min_fraction) {
    memset(complete->x, 0, sizeof(double) * (size_t)f->n);
    null_model(f, complete);
    for (int64_t gene = genes->begin; gene < genes->end; gene++) {
        const double *row = genes->values + gene * genes->n_columns;
        double *found = genes->results + gene * CUT_N_RESULTS, total = 0.0, events = 0.0;
        for (int j = 0; j < CUT_N_RESULTS; j++)
            found[j] = NAN;
        for (int64_t k = 0; k < f->n; k++) {
            double x = g->x[k] = row[f->columns[k]];
            if (!isnan(x)) {
                total += x;
                events += f->event[k];
            }
        }
        g->n = order_of(g->x, f->n, g->order, sorter);
        found[CUT_N_USED] = (double)g->n;
        found[CUT_EVENTS] = events;
        found[CUT_STATE] = CUT_NO_EVENTS;
        if (g->n == 0)
            continue;
        found[CUT_MEAN] = total / (double)g->n;
        if (events == 0.0)
            continue;
        found[CUT_STATE] = CUT_CONSTANT;
        if (!(g->x[g->order[0]] < g->x[g->order[g->n - 1]]))
            continue;
        Gene now = *complete; /* but for the values it is the same of all genes that miss no sample */
        now.n = g->n;
        now.x = g->x;
        now.order = g->order;
        if (g->n < f->n) {
            now = *g;
            null_model(f, &now);
        }
        int64_t made;
        if (searched) {
            int64_t least = (int64_t)floor((double)now.n * min_fraction);
            int64_t most = (int64_t)floor((double)now.n * (1.0 - min_fraction));
            made = every_cut(f, &now, strata, least > 1 ? least : 1, most, events, tree, totals, found);
        } else
            made = one_cut(f, &now, median(&now), found);
        found[CUT_STATE] = made > 0 && found[CUT_VARIANCE] > LEAST_VARIANCE ? CUT_OK : CUT_NONE;
    }
}

static int new_gene(const FollowUp *f, Gene *g) {
    const size_t samples = (size_t)f->n + 1, cells = (size_t)f->n_cells + 1;
    double *memory = malloc(sizeof(double) * (2 * samples + 4 * cells));
    int64_t *order = malloc(sizeof(int64_t) * samples);
    *g = (Gene){0, memory, order, memory + samples, NULL, NULL, NULL, NULL};
    if (memory != NULL) {
        g->chance = g->residual + samples;
        g->at_risk = g->chance + cells;
        g->singles = g->at_risk + cells;
        g->pairs = g->singles + cells;
    }
    return memory != NULL && order != NULL;
}

int screen_logrank(const FollowUp *f, const Genes *genes, int searched, double min_fraction) {
    Gene gene, complete;
    Sorter sorter;
    const size_t cells = (size_t)f->n_cells + 1;
    Strata strata = {malloc(sizeof(int64_t) * cells), malloc(sizeof(int64_t) * cells)};
    Node *tree = malloc(sizeof(Node) * cells);
    double *totals = malloc(sizeof(double) * cells);
    int enough = new_gene(f, &gene) & new_gene(f, &complete) & new_sorter(f->n, &sorter);
    enough = enough && strata.start && strata.size && tree && totals;
    if (enough) {
        for (int64_t c = 0; c < f->n_cells; c++)
            strata.start[c] = f->first[c] || c == 0 ? c : strata.start[c - 1];
        for (int64_t c = f->n_cells - 1, last = f->n_cells; c >= 0; c--) {
            strata.size[c] = last - strata.start[c];
            last = f->first[c] ? c : last;
        }
        screen_range(f, genes, &gene, &complete, &strata, tree, totals, &sorter, searched, min_fraction);
    }
    free(gene.x);
    free(gene.order);
    free(complete.x);
    free(complete.order);
    free_sorter(&sorter);
    free(strata.start);
    free(strata.size);
    free(tree);
    free(totals);
    return enough;
}

/* The numerator of a log-rank test is a sum of martingale residuals, its variance a sum over event times of what the
   high group's share of the risk set leaves to chance. */
#include "logrank_screen.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lanes.h"
#include "ordering.h"

#define LEAST_VARIANCE 1e-9

/* A gene's samples and what the log-rank test needs of their follow-up without groups. */
typedef struct {
    int64_t n;
    double *x;         /* in sorted order, NaN where missing */
    int64_t *order;    /* of rising values */
    double *residual;  /* martingale residuals; 0 where missing */
    double *chance;    /* variance of one death's group times the deaths, of each cell */
    double *at_risk;   /* of each cell, 1 or more */
    double *rise;      /* of the cumulative hazard, of each cell */
} Gene;

/* Who is left of the cells when samples are missing is counted; fills all of `g` that does not depend on values. */
static void null_model(const FollowUp *f, Gene *g) {
    double present = 0.0, hazard = 0.0;
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
        g->rise[c] = deaths / g->at_risk[c];
    }
    for (int64_t c = f->n_cells - 1, k = f->n - 1; c >= 0; c--) {
        hazard += g->rise[c];
        for (const int64_t begin = c > 0 ? f->ends[c - 1] : 0; k >= begin; k--)
            g->residual[k] = isnan(g->x[k]) ? 0.0 : f->event[k] - hazard;
        if (f->first[c])
            hazard = 0.0;
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

static double median(const Gene *g) {
    const double upper = g->x[g->order[g->n / 2]];
    return g->n % 2 ? upper : 0.5 * (g->x[g->order[g->n / 2 - 1]] + upper);
}

CLONES static void screen_range(const FollowUp *f, const Genes *genes, const double *cuts, Gene *g, Gene *complete,
                                Sorter *sorter) {
    memset(complete->x, 0, sizeof(double) * (size_t)f->n);
    null_model(f, complete);
    for (int64_t gene = genes->begin; gene < genes->end; gene++) {
        const double *row = genes->values + gene * genes->n_columns;
        double *found = genes->results + gene * CUT_N_RESULTS;
        double total = 0.0, events = 0.0, least = INFINITY, most = -INFINITY;
        int64_t known = 0;
        for (int j = 0; j < CUT_N_RESULTS; j++)
            found[j] = NAN;
        for (int64_t k = 0; k < f->n; k++) {
            double x = g->x[k] = row[f->columns[k]];
            if (!isnan(x)) {
                total += x;
                events += f->event[k];
                least = x < least ? x : least;
                most = x > most ? x : most;
                known++;
            }
        }
        g->n = known;
        found[CUT_N_USED] = (double)g->n;
        found[CUT_EVENTS] = events;
        found[CUT_STATE] = CUT_NO_EVENTS;
        if (g->n == 0)
            continue;
        found[CUT_MEAN] = total / (double)g->n;
        if (events == 0.0)
            continue;
        found[CUT_STATE] = CUT_CONSTANT;
        if (!(least < most))
            continue;
        Gene now = *complete; /* but for the values it is the same of all genes that miss no sample */
        now.n = g->n;
        now.x = g->x;
        now.order = g->order;
        if (g->n < f->n) {
            now = *g;
            null_model(f, &now);
        }
        if (isnan(cuts[gene]))
            order_of(g->x, f->n, g->order, sorter);
        const double cut = isnan(cuts[gene]) ? median(&now) : cuts[gene];
        const int64_t made = one_cut(f, &now, cut, found);
        found[CUT_STATE] = made > 0 && found[CUT_VARIANCE] > LEAST_VARIANCE ? CUT_OK : CUT_NONE;
    }
}

static int new_gene(const FollowUp *f, Gene *g) {
    const size_t samples = (size_t)f->n + 1, cells = (size_t)f->n_cells + 1;
    double *memory = malloc(sizeof(double) * (2 * samples + 3 * cells));
    int64_t *order = malloc(sizeof(int64_t) * samples);
    *g = (Gene){0, memory, order, memory + samples, NULL, NULL, NULL};
    if (memory != NULL) {
        g->chance = g->residual + samples;
        g->at_risk = g->chance + cells;
        g->rise = g->at_risk + cells;
    }
    return memory != NULL && order != NULL;
}

int screen_logrank(const FollowUp *f, const Genes *genes, const double *cuts) {
    Gene gene, complete;
    Sorter sorter;
    const int enough = new_gene(f, &gene) & new_gene(f, &complete) & new_sorter(f->n, &sorter);
    if (enough)
        screen_range(f, genes, cuts, &gene, &complete, &sorter);
    free(gene.x);
    free(gene.order);
    free(complete.x);
    free(complete.order);
    free_sorter(&sorter);
    return enough;
}

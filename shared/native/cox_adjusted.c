/* Cox models of each gene beside the same covariates.

   The information is one weighted cross product of the columns less the products of the risk-set means, so no matrix is
   kept a risk set and all but the running sums are flat loops. The gene is the last column. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "follow_up.h"
#include "lanes.h"
#include "linear.h"
#include "time_scale.h"

#define FINAL_STEP 1e-9

/* Follow-up of the samples that have a gene, and the columns of their models. */
typedef struct {
    int64_t n, n_cells, size; /* size: columns of a model */
    double **columns;         /* standardised, of n samples each */
    const int64_t *ends, *deaths;
    const uint8_t *first;
    double *scale; /* time scale at each cell */
    int efron;
} Model;

typedef struct {
    double *e, *eta, *weight, *g, *denominators, *means; /* means: columns x deaths, n apart */
    double *information, *root, *own, *score, *step, *beta, *before, *start;
    int64_t n;
} Work;

INLINE double exp_of(double x) {
    union { double number; uint64_t bits; } shifted = {x * LOG2_E + SHIFT}, power;
    double whole = shifted.number - SHIFT, r = (x - whole * LN2_HIGH) - whole * LN2_LOW, p;
    POLYNOMIAL(r, );
    power.number = p;
    power.bits += shifted.bits << 52;
    return power.number;
}

/* Relative hazards at beta; returns the widest linear predictor. */
INLINE double hazards(const Model *m, const Work *w) {
    double widest = 0.0;
    memset(w->eta, 0, sizeof(double) * (size_t)m->n);
    for (int64_t a = 0; a < m->size; a++) {
        const double *column = m->columns[a], b = w->beta[a];
        for (int64_t k = 0; k < m->n; k++)
            w->eta[k] += b * column[k];
    }
    for (int64_t k = 0; k < m->n; k++) {
        double wide = fabs(w->eta[k]);
        widest = wide > widest ? wide : widest;
    }
    if (widest < WIDEST)
        for (int64_t k = 0; k < m->n; k++)
            w->e[k] = exp_of(w->eta[k]);
    return widest;
}

INLINE double log_sum(const double *values, int64_t n) {
    union { double number; uint64_t bits; } product = {1.0};
    int64_t exponent = 0;
    for (int64_t k = 0; k < n; k++) {
        product.number *= values[k];
        exponent += (int64_t)(product.bits >> 52) - 1023;
        product.bits = (product.bits & MANTISSA) | EXPONENT_OF_ONE;
    }
    return log(product.number) + (double)exponent * LN2;
}

/* Risk-set sums of the hazards, times a column if there is one, at every death; returns how many there are. */
INLINE int64_t risk_set_sums(const Model *m, const double *e, const double *column, int with_column, double *sums) {
    double total = 0.0;
    int64_t t = 0;
    for (int64_t c = 0, k = 0; c < m->n_cells; c++) {
        if (m->first[c])
            total = 0.0;
        const int64_t d = m->deaths[c], behind_deaths = k + d;
        double tied = 0.0, rest = 0.0;
        for (; k < behind_deaths; k++)
            tied += with_column ? e[k] * column[k] : e[k];
        for (; k < m->ends[c]; k++)
            rest += with_column ? e[k] * column[k] : e[k];
        total += tied + rest;
        const double share = m->efron && d > 1 ? 1.0 / (double)d : 0.0;
        for (int64_t j = 0; j < d; j++)
            sums[t++] = total - (double)j * share * tied;
    }
    return t;
}

/* Denominators and risk-set means of every death; returns how many there are. */
INLINE int64_t terms_of(const Model *m, const Work *w) {
    const int64_t t = risk_set_sums(m, w->e, NULL, 0, w->denominators);
    for (int64_t a = 0; a < m->size; a++) {
        double *mean = w->means + a * w->n;
        risk_set_sums(m, w->e, m->columns[a], 1, mean);
        for (int64_t k = 0; k < t; k++)
            mean[k] /= w->denominators[k];
    }
    return t;
}

/* Hazard that each sample was exposed to, a death counted scale**power times, a tied death's share taken off. */
INLINE void exposures(const Model *m, const Work *w, int64_t t, int power) {
    double running = 0.0;
    for (int64_t c = m->n_cells - 1; c >= 0; c--) {
        const int64_t d = m->deaths[c], begin = c > 0 ? m->ends[c - 1] : 0;
        double g = power == 0 ? 1.0 : power == 1 ? m->scale[c] : m->scale[c] * m->scale[c], own = 0.0, whole = 0.0;
        const double share = m->efron && d > 1 ? 1.0 / (double)d : 0.0;
        t -= d;
        for (int64_t j = 0; j < d; j++) {
            double v = g / w->denominators[t + j];
            whole += v;
            own += v * (double)j * share;
        }
        running += whole;
        for (int64_t k = begin; k < begin + d; k++)
            w->weight[k] = w->e[k] * (running - own);
        for (int64_t k = begin + d; k < m->ends[c]; k++)
            w->weight[k] = w->e[k] * running;
        if (m->first[c])
            running = 0.0;
    }
}

/* Score test of gene * g(time) beside all columns, as cox.zph tests one term. */
INLINE double hazards_test(const Model *m, const Work *w, int64_t n_deaths) {
    const int64_t gene = m->size - 1, n = w->n;
    const double *x = m->columns[gene], *mean = w->means + gene * n;
    double u = 0.0;
    for (int64_t c = 0, k = 0, t = 0; c < m->n_cells; k = m->ends[c++])
        for (int64_t j = 0; j < m->deaths[c]; j++, t++) {
            w->g[t] = m->scale[c];
            u += m->scale[c] * (x[k + j] - mean[t]);
        }
    exposures(m, w, n_deaths, 1);
    for (int64_t a = 0; a < m->size; a++)
        w->score[a] = product(w->weight, m->columns[a], x, m->n) - product(w->g, w->means + a * n, mean, n_deaths);
    exposures(m, w, n_deaths, 2);
    for (int64_t t = 0; t < n_deaths; t++)
        w->g[t] *= w->g[t];
    const double whole = product(w->weight, x, x, m->n) - product(w->g, mean, mean, n_deaths);
    solve(w->root, m->size, w->score, w->step);
    double rest = whole;
    for (int64_t a = 0; a < m->size; a++)
        rest -= w->score[a] * w->step[a];
    return rest > FLAT * whole && whole > 0.0 ? u * u / rest : NAN;
}

INLINE void halve_step(const Work *w, int64_t size) {
    for (int64_t a = 0; a < size; a++)
        w->beta[a] = 0.5 * (w->beta[a] + w->before[a]);
}

/* Whether what a column alone tells has all but vanished since the first pass: its estimate has run off. */
INLINE int has_gone(const Work *w, int64_t size, int is_first) {
    int gone = 0;
    for (int64_t a = 0; a < size; a++) {
        const double pivot = w->root[a * size + a] * w->root[a * size + a];
        if (is_first)
            w->start[a] = pivot;
        gone |= !(pivot > GONE * w->start[a]);
    }
    return gone;
}

/* Newton's method from beta; `ready` where w->e holds its hazards. Returns passes, 0 where there is no maximum. */
INLINE int fit(const Model *m, const Work *w, int ready, double *loglik, int64_t *n_deaths) {
    const int64_t size = m->size;
    double last = -INFINITY;
    for (int64_t a = 0; a < size; a++) {
        double own = 0.0;
        for (int64_t c = 0, k = 0; c < m->n_cells; k = m->ends[c++])
            for (int64_t j = 0; j < m->deaths[c]; j++)
                own += m->columns[a][k + j];
        w->own[a] = own;
    }
    for (int passes = 1; passes <= MOST_PASSES; passes++) {
        if (!(ready && passes == 1) && !(hazards(m, w) < WIDEST)) {
            if (passes == 1)
                return 0;
            halve_step(w, size);
            continue;
        }
        const int64_t t = *n_deaths = terms_of(m, w);
        double now = -log_sum(w->denominators, t);
        for (int64_t a = 0; a < size; a++)
            now += w->own[a] * w->beta[a];
        if (passes > 1 && !(now >= last - 1e-11 * fabs(last))) { /* overshot: halve the step */
            halve_step(w, size);
            continue;
        }
        last = *loglik = now;
        exposures(m, w, t, 0);
        for (int64_t a = 0; a < size; a++) {
            const double *mean = w->means + a * w->n;
            w->score[a] = w->own[a] - sum(mean, t);
            for (int64_t b = 0; b <= a; b++)
                w->information[a * size + b] =
                    product(w->weight, m->columns[a], m->columns[b], m->n) - dot(mean, w->means + b * w->n, t);
        }
        if (!factor(w->information, size, w->root) || has_gone(w, size, passes == 1))
            return 0;
        solve(w->root, size, w->score, w->step);
        double longest = 0.0;
        for (int64_t a = 0; a < size; a++) {
            longest = fmax(longest, fabs(w->step[a]));
            w->before[a] = w->beta[a];
            w->beta[a] += w->step[a];
        }
        if (longest < FINAL_STEP)
            return passes;
    }
    return 0;
}

/* Centre within strata and divide by the common deviation, which is returned: 0 where there is none. Samples that are
   in no risk set stand last in their stratum and become 0. `kept` are the samples that have the gene. */
INLINE double standardise(const FollowUp *f, double *x, const int64_t *kept, const int64_t *bounds,
                          double *grand_mean) {
    const int64_t n = bounds[f->n_strata];
    double square = 0.0, largest = 0.0, n_at_risk = 0.0;
    *grand_mean = sum(x, n) / (double)n;
    for (int64_t s = 0; s < f->n_strata; s++) {
        const int64_t begin = bounds[s];
        int64_t end = bounds[s + 1];
        for (; end > begin && !ever_at_risk(f, kept[end - 1]); end--)
            x[end - 1] = 0.0;
        if (end == begin)
            continue;
        const double mean = sum(x + begin, end - begin) / (double)(end - begin);
        for (int64_t k = begin; k < end; k++) {
            largest = fmax(largest, fabs(x[k]));
            x[k] -= mean;
        }
        square += dot(x + begin, x + begin, end - begin);
        n_at_risk += (double)(end - begin);
    }
    const double deviation = n_at_risk > 0.0 ? sqrt(square / n_at_risk) : 0.0;
    if (!(deviation > FLAT * fmax(1.0, largest)))
        return 0.0;
    for (int64_t k = 0; k < n; k++)
        x[k] *= 1.0 / deviation;
    return deviation;
}

/* Time scale at each cell. */
static void time_scale(const FollowUp *f, const Model *m, const int64_t *kept, double *at_risk, double *died) {
    memset(at_risk, 0, sizeof(double) * (size_t)f->n_moments);
    memset(died, 0, sizeof(double) * (size_t)f->n_moments);
    for (int64_t k = 0; k < m->n; k++)
        if (f->moment[kept[k]] >= 0)
            at_risk[f->moment[kept[k]]] += 1.0;
    for (int64_t c = 0; c < f->n_cells; c++)
        if (m->deaths[c] > 0)
            died[f->cell_moment[c]] += (double)m->deaths[c];
    const double centre = scale_of_moments(f->n_moments, at_risk, died);
    for (int64_t c = 0; c < f->n_cells; c++)
        m->scale[c] = f->cell_moment[c] >= 0 ? died[f->cell_moment[c]] - centre : 0.0;
}

/* Samples that have the gene: closes the gaps in its values and in the covariates, and rebuilds the cells. */
typedef struct {
    int64_t *kept, *ends, *deaths, *bounds;
} Rest;

static int64_t drop_missing(const FollowUp *f, double *x, const Rest *rest) {
    int64_t n = 0;
    memset(rest->deaths, 0, sizeof(int64_t) * (size_t)f->n_cells);
    for (int64_t c = 0, k = 0; c < f->n_cells; c++) {
        for (; k < f->ends[c]; k++)
            if (!isnan(x[k])) {
                x[n] = x[k];
                rest->kept[n++] = k;
                rest->deaths[c] += f->event[k];
            }
        rest->ends[c] = n;
    }
    for (int64_t s = 0, place = 0; s <= f->n_strata; s++) {
        while (place < n && rest->kept[place] < f->bounds[s])
            place++;
        rest->bounds[s] = place;
    }
    return n;
}

typedef struct {
    const double *columns; /* covariates x samples, sorted, standardised */
    const double *start;   /* their coefficients without a gene */
    const double *hazards; /* and the relative hazards */
    int64_t n;
} Covariates;

typedef struct {
    double **table, **own_table; /* columns of a model; those of a gene that misses samples */
    double *full_scale, *own_scale, *at_risk, *died;
    int64_t *everybody;
    Rest rest;
} Room;

CLONES static void screen_range(const FollowUp *f, const Genes *genes, const Covariates *covariates, int efron,
                                const Work *w, const Room *room) {
    const int64_t p = covariates->n;
    Model complete = {f->n, f->n_cells, p + 1, room->table, f->ends, f->deaths, f->first, room->full_scale, efron};
    for (int64_t a = 0; a < p; a++)
        memcpy(room->table[a], covariates->columns + a * f->n, sizeof(double) * (size_t)f->n);
    for (int64_t k = 0; k < f->n; k++)
        room->everybody[k] = k;
    time_scale(f, &complete, room->everybody, room->at_risk, room->died);
    for (int64_t gene = genes->begin; gene < genes->end; gene++) {
        const double *row = genes->values + gene * genes->n_columns;
        double *found = genes->results + gene * N_RESULTS, *x = room->table[p], total = 0.0, events = 0.0;
        for (int j = 0; j < N_RESULTS; j++)
            found[j] = NAN;
        for (int64_t k = 0; k < f->n; k++)
            total += x[k] = row[f->columns[k]];
        Model model = complete;
        const int64_t *bounds = f->bounds, *kept = room->everybody;
        if (isnan(total)) {
            memcpy(room->own_table[p], x, sizeof(double) * (size_t)f->n);
            model.n = drop_missing(f, room->own_table[p], &room->rest);
            for (int64_t a = 0; a < p; a++)
                for (int64_t k = 0; k < model.n; k++)
                    room->own_table[a][k] = covariates->columns[a * f->n + room->rest.kept[k]];
            model.columns = room->own_table;
            model.ends = room->rest.ends;
            model.deaths = room->rest.deaths;
            model.scale = room->own_scale;
            bounds = room->rest.bounds;
            kept = room->rest.kept;
            time_scale(f, &model, room->rest.kept, room->at_risk, room->died);
        }
        for (int64_t c = 0; c < f->n_cells; c++)
            events += (double)model.deaths[c];
        found[N_USED] = (double)model.n;
        found[EVENTS] = events;
        found[STATE] = NO_EVENTS;
        if (model.n == 0)
            continue;
        const double deviation = standardise(f, model.columns[p], kept, bounds, &found[MEAN]);
        if (events == 0.0)
            continue;
        found[STATE] = CONSTANT;
        if (deviation == 0.0)
            continue;
        memcpy(w->beta, covariates->start, sizeof(double) * (size_t)p);
        w->beta[p] = 0.0;
        const int ready = model.n == f->n;
        if (ready)
            memcpy(w->e, covariates->hazards, sizeof(double) * (size_t)f->n);
        double loglik;
        int64_t n_deaths;
        const int passes = fit(&model, w, ready, &loglik, &n_deaths);
        found[STATE] = passes ? OK : NOT_CONVERGED;
        if (!passes)
            continue;
        found[LOGLIK] = loglik;
        found[PASSES] = passes;
        found[BETA] = w->beta[p] / deviation;
        found[SE] = 1.0 / w->root[p * (p + 1) + p] / deviation;
        found[PH] = hazards_test(&model, w, n_deaths);
    }
}

int screen_cox_adjusted(const FollowUp *f, const Genes *genes, int efron, const double *columns, int64_t n_covariates,
                        const double *start, const double *start_hazards) {
    const size_t n = (size_t)f->n + 1, cells = (size_t)f->n_cells + 1, moments = (size_t)f->n_moments + 1;
    const size_t size = (size_t)n_covariates + 1;
    const Covariates covariates = {columns, start, start_hazards, n_covariates};
    double *numbers = malloc(sizeof(double) * ((5 + 3 * size) * n + 2 * cells + 2 * moments + (2 * size + 6) * size));
    int64_t *whole = malloc(sizeof(int64_t) * (2 * n + 2 * cells + (size_t)f->n_strata + 1));
    double **pointers = malloc(sizeof(double *) * 2 * size);
    const int enough = numbers && whole && pointers;
    if (enough) {
        double *p = numbers;
        Work w;
        Room room = {pointers, pointers + size, NULL, NULL, NULL, NULL, whole, {whole + n, NULL, NULL, NULL}};
        double **parts[] = {&w.e, &w.eta, &w.weight, &w.g, &w.denominators};
        for (size_t i = 0; i < 5; i++, p += n)
            *parts[i] = p;
        w.n = f->n;
        w.means = p;
        p += size * n;
        for (size_t a = 0; a < 2 * size; a++, p += n)
            pointers[a] = p;
        room.full_scale = p;
        room.own_scale = p + cells;
        room.at_risk = p + 2 * cells;
        room.died = room.at_risk + moments;
        w.information = room.died + moments;
        w.root = w.information + size * size;
        double **vectors[] = {&w.own, &w.score, &w.step, &w.beta, &w.before, &w.start};
        p = w.root + size * size;
        for (size_t i = 0; i < 6; i++, p += size)
            *vectors[i] = p;
        room.rest.ends = whole + 2 * n;
        room.rest.deaths = room.rest.ends + cells;
        room.rest.bounds = room.rest.deaths + cells;
        screen_range(f, genes, &covariates, efron, &w, &room);
    }
    free(numbers);
    free(whole);
    free(pointers);
    return enough;
}

/* Cox models of single genes.

   Each gene is centred within strata (which leaves the partial likelihood as it is) and scaled; the first pass, at
   zero, needs no exponential. A Newton step is corrected by the change of the information since the step before, kept
   between the signs of the score, and the last, tiny one is carried into the information as well. */
#include "follow_up.h"
#include "lanes.h"
#include "time_scale.h"

#define FOUND 1e-10
#define SMALL 1e-4
#define NO_INFORMATION 1e-9

typedef struct {
    lanes *x;        /* values in sorted order; NaN where missing */
    lanes *scale;    /* time scale of the test of proportional hazards at each cell */
    double *at_risk; /* of each moment */
    double *died;
} Work;

/* Sums over the deaths of risk-set means and variances, alone and times the time scale. */
typedef struct {
    lanes mean, variance, scaled_mean, scaled_variance, twice_scaled_variance;
    Product denominators;
} Sums;

/* One pass over the samples at `beta` (at zero if not `weighted`); `masked` where values may be missing. */
INLINE Sums pass_over(const FollowUp *f, const Work *w, lanes beta, int efron, int weighted, int masked) {
    const lanes none = everywhere(0.0), one = everywhere(1.0);
    Sums sums = {none, none, none, none, none, product_of_none()};
    lanes s0 = none, s1 = none, s2 = none;
    int64_t k = 0;
    for (int64_t c = 0; c < f->n_cells; c++) {
        if (f->first[c])
            s0 = s1 = s2 = none;
        const int64_t d = f->deaths[c], behind_deaths = k + d, end = f->ends[c];
        lanes d0 = none, d1 = none, d2 = none;
#define ADD_SAMPLES(UPTO, T0, T1, T2)                                                                                  \
    for (; k < UPTO; k++) {                                                                                            \
        lanes x = w->x[k], e;                                                                                          \
        if (masked) {                                                                                                  \
            lane_bits there = known(x);                                                                                \
            x = keep(there, x);                                                                                        \
            e = keep(there, weighted ? exponential(beta * x) : one);                                                   \
        } else                                                                                                         \
            e = weighted ? exponential(beta * x) : one;                                                                \
        lanes ex = e * x;                                                                                              \
        T0 += e;                                                                                                       \
        T1 += ex;                                                                                                      \
        T2 += ex * x;                                                                                                  \
    }
        lanes own_deaths = everywhere((double)d);
        if (masked) {
            own_deaths = none;
            for (int64_t i = k; i < behind_deaths; i++)
                own_deaths += keep(known(w->x[i]), one);
        }
        ADD_SAMPLES(behind_deaths, d0, d1, d2)
        s0 += d0;
        s1 += d1;
        s2 += d2;
        ADD_SAMPLES(end, s0, s1, s2)
#undef ADD_SAMPLES
        if (d == 0)
            continue;
        const lanes share = efron ? one / larger(own_deaths, one) : none, g = w->scale[c];
        for (int64_t j = 0; j < d; j++) {
            lanes off = share * everywhere((double)j), at_risk = s0 - off * d0;
            lane_bits counts = own_deaths > everywhere((double)j);
            if (masked)
                at_risk = either(counts, at_risk, one);
            lanes inverse = one / at_risk, mean = (s1 - off * d1) * inverse;
            lanes variance = (s2 - off * d2) * inverse - mean * mean;
            if (masked) {
                mean = keep(counts, mean);
                variance = keep(counts, variance);
            }
            multiply(&sums.denominators, at_risk);
            sums.mean += mean;
            sums.variance += variance;
            if (weighted) {
                lanes scaled = g * variance;
                sums.scaled_mean += g * mean;
                sums.scaled_variance += scaled;
                sums.twice_scaled_variance += g * scaled;
            }
        }
    }
    return sums;
}

/* Time scale at each cell, of one lane. */
INLINE void time_scale(const FollowUp *f, const Work *w, int lane) {
    for (int64_t m = 0; m < f->n_moments; m++)
        w->at_risk[m] = w->died[m] = 0.0;
    for (int64_t k = 0; k < f->n; k++) {
        if (isnan(w->x[k][lane]))
            continue;
        if (f->moment[k] >= 0)
            w->at_risk[f->moment[k]] += 1.0;
        if (f->event[k])
            w->died[f->cell_moment[f->cell[k]]] += 1.0;
    }
    const double centre = scale_of_moments(f->n_moments, w->at_risk, w->died);
    for (int64_t c = 0; c < f->n_cells; c++)
        w->scale[c][lane] = f->cell_moment[c] >= 0 ? w->died[f->cell_moment[c]] - centre : 0.0;
}

typedef struct {
    lanes n, events, mean, deviation, own, scaled_own, widest;
    int masked;
} Standardised;

/* Take eight genes, centre them within strata and divide by the common deviation. */
INLINE Standardised take_genes(const FollowUp *f, const Genes *genes, int64_t gene, const Work *w, const lanes *scale) {
    const lanes none = everywhere(0.0), one = everywhere(1.0);
    const double *rows[LANES];
    for (int lane = 0; lane < LANES; lane++) {
        int64_t row = gene + lane < genes->end ? gene + lane : genes->end - 1;
        rows[lane] = genes->values + row * genes->n_columns;
    }
    lanes total = none;
    for (int64_t k = 0; k < f->n; k++) {
        int64_t at = f->columns[k];
        w->x[k] = (lanes){rows[0][at], rows[1][at], rows[2][at], rows[3][at],
                          rows[4][at], rows[5][at], rows[6][at], rows[7][at]};
        total += w->x[k];
    }
    Standardised s = {none, none, none, none, none, none, none, 0};
    for (int lane = 0; lane < LANES; lane++)
        s.masked |= isnan(total[lane]);
    lanes square = none, largest = none, n_at_risk = none;
    total = none;
    for (int64_t i = 0; i < f->n_strata; i++) {
        lanes part = none, count = none;
        for (int64_t k = f->bounds[i]; k < f->bounds[i + 1]; k++) {
            lane_bits there = known(w->x[k]);
            lanes x = keep(there, w->x[k]), here = keep(there, one);
            total += x;
            s.n += here;
            if (!ever_at_risk(f, k))
                continue;
            part += x;
            count += here;
            s.events += f->event[k] ? here : none;
            largest = larger(magnitude(x), largest);
        }
        n_at_risk += count;
        lanes mean = part / larger(count, one);
        for (int64_t k = f->bounds[i]; k < f->bounds[i + 1]; k++) {
            lanes x = ever_at_risk(f, k) ? w->x[k] - mean : either(known(w->x[k]), none, w->x[k]);
            w->x[k] = x;
            x = keep(known(x), x);
            square += x * x;
        }
    }
    lanes factor = none;
    for (int lane = 0; lane < LANES; lane++) {
        double deviation = n_at_risk[lane] > 0.0 ? sqrt(square[lane] / n_at_risk[lane]) : 0.0;
        s.mean[lane] = s.n[lane] > 0.0 ? total[lane] / s.n[lane] : NAN;
        s.deviation[lane] = deviation > FLAT * fmax(1.0, largest[lane]) ? deviation : 0.0;
        factor[lane] = s.deviation[lane] > 0.0 ? 1.0 / deviation : 0.0;
    }
    if (s.masked)
        for (int lane = 0; lane < LANES; lane++)
            time_scale(f, w, lane);
    else
        for (int64_t c = 0; c < f->n_cells; c++)
            w->scale[c] = scale[c];
    for (int64_t c = 0, k = 0; c < f->n_cells; c++)
        for (; k < f->ends[c]; k++) {
            lanes x = w->x[k] * factor;
            w->x[k] = x;
            x = keep(known(x), x);
            s.widest = larger(magnitude(x), s.widest);
            if (f->event[k]) {
                s.own += x;
                s.scaled_own += w->scale[c] * x;
            }
        }
    return s;
}

/* Newton's method from zero for the genes that can be fitted. */
INLINE void fit_genes(const FollowUp *f, const Work *w, const Standardised *s, double *found[LANES], int efron,
                      int score_only, int masked) {
    const lanes none = everywhere(0.0);
    Sums sums = pass_over(f, w, none, efron, 0, masked);
    lanes beta = none, before = none, previous = none, low = everywhere(-INFINITY), high = everywhere(INFINITY);
    lanes score = s->own - sums.mean, step = score / sums.variance;
    const lanes start = sums.variance;
    lanes information = start;
    int active[LANES], n_active = 0;
    for (int lane = 0; lane < LANES; lane++) {
        active[lane] = 0;
        if (found[lane] == NULL || !(s->n[lane] > 0.0))
            continue;
        double *own = found[lane];
        own[MEAN] = s->mean[lane];
        if (s->events[lane] == 0.0)
            continue;
        own[STATE] = CONSTANT;
        if (s->deviation[lane] == 0.0)
            continue;
        own[STATE] = NOT_CONVERGED;
        int informed = information[lane] > NO_INFORMATION;
        if (!score_only)
            own[LOGLIK_NULL] = -log_of(&sums.denominators, lane);
        if (informed)
            own[SCORE] = score[lane] / sqrt(information[lane]);
        if (informed && score_only)
            own[STATE] = OK;
        n_active += active[lane] = informed && !score_only;
    }
    for (int passes = 1; passes <= MOST_PASSES && n_active; passes++) {
        for (int lane = 0; lane < LANES; lane++) {
            if (!active[lane])
                continue;
            const double b = beta[lane];
            if (score[lane] > 0.0)
                low[lane] = b;
            else
                high[lane] = b;
            double target = b + step[lane];
            if (!(low[lane] < target && target < high[lane]) && fabs(step[lane]) > 1e-14)
                target = 0.5 * (fmax(low[lane], b - 5.0) + fmin(high[lane], b + 5.0));
            if (fabs(target) * s->widest[lane] > WIDEST) {
                n_active -= active[lane]--;
                continue;
            }
            previous[lane] = information[lane];
            before[lane] = b;
            beta[lane] = target;
        }
        if (!n_active)
            return;
        sums = pass_over(f, w, beta, efron, 1, masked);
        for (int lane = 0; lane < LANES; lane++) {
            if (!active[lane])
                continue;
            double i = sums.variance[lane], u = s->own[lane] - sums.mean[lane];
            information[lane] = i;
            score[lane] = u;
            if (!(i > GONE * start[lane])) {
                n_active -= active[lane]--;
                continue;
            }
            double moved = beta[lane] - before[lane], newton = u / i;
            double slope = moved != 0.0 ? (i - previous[lane]) / moved : 0.0;
            double bend = 0.5 * slope / i * newton * newton;
            double next = fabs(bend) < 0.3 * fabs(newton) ? newton - bend : newton;
            step[lane] = next;
            if (!(fabs(next) < SMALL && fabs(next) * fmax(fabs(moved), fabs(next)) < FOUND))
                continue;
            double *own = found[lane], scale = s->deviation[lane];
            own[BETA] = (beta[lane] + next) / scale;
            own[SE] = 1.0 / sqrt(i + slope * next) / scale;
            own[LOGLIK] = s->own[lane] * beta[lane] - log_of(&sums.denominators, lane) + next * (u - 0.5 * i * next);
            own[PASSES] = passes;
            own[STATE] = OK;
            /* score test of x * g(time) beside x, the last step carried into the means */
            double i1 = sums.scaled_variance[lane], i2 = sums.twice_scaled_variance[lane];
            double g = s->scaled_own[lane] - sums.scaled_mean[lane] - next * i1, rest = i2 - i1 * i1 / i;
            own[PH] = rest > FLAT * i2 && i2 > 0.0 ? g * g / rest : NAN;
            n_active -= active[lane]--;
        }
    }
}

CLONES static void screen_range(const FollowUp *f, const Genes *genes, const Work *w, lanes *scale, int efron,
                                int score_only) {
    for (int64_t k = 0; k < f->n; k++)
        w->x[k] = everywhere(0.0);
    time_scale(f, w, 0);
    for (int64_t c = 0; c < f->n_cells; c++)
        scale[c] = everywhere(w->scale[c][0]);
    for (int64_t gene = genes->begin; gene < genes->end; gene += LANES) {
        Standardised s = take_genes(f, genes, gene, w, scale);
        double *found[LANES];
        for (int lane = 0; lane < LANES; lane++) {
            found[lane] = gene + lane < genes->end ? genes->results + (gene + lane) * N_RESULTS : NULL;
            if (found[lane] == NULL)
                continue;
            for (int j = 0; j < N_RESULTS; j++)
                found[lane][j] = NAN;
            found[lane][N_USED] = s.n[lane];
            found[lane][EVENTS] = s.events[lane];
            found[lane][STATE] = NO_EVENTS;
        }
        if (s.masked)
            fit_genes(f, w, &s, found, efron, score_only, 1);
        else
            fit_genes(f, w, &s, found, efron, score_only, 0);
    }
}

int screen_cox(const FollowUp *f, const Genes *genes, int efron, int score_only) {
    Work w = {new_lanes(f->n), new_lanes(f->n_cells), malloc(sizeof(double) * (size_t)(f->n_moments + 1)),
              malloc(sizeof(double) * (size_t)(f->n_moments + 1))};
    lanes *scale = new_lanes(f->n_cells);
    int enough = w.x && w.scale && w.at_risk && w.died && scale;
    if (enough)
        screen_range(f, genes, &w, scale, efron, score_only);
    free(w.x);
    free(w.scale);
    free(w.at_risk);
    free(w.died);
    free(scale);
    return enough;
}

#include "penalized.h"

#include <math.h>

#include "lanes.h"

#define MAX_LINEAR 500.0

/* Sums stay within a stratum and run from small to large, so that nothing is lost by cancellation. */
static double stratum_value(const RiskSets *s, int64_t begin, int64_t stop, int64_t first, int64_t last,
                            const double *linear, double *hazard, double *total, double *exposure) {
    double top = -INFINITY, sum = 0.0, rise = 0.0, value = 0.0;
    for (int64_t i = begin; i < stop; i++)
        top = fmax(top, linear[i]);
    for (int64_t i = begin, t = first; i < stop; i++) {
        hazard[i] = s->weight[i] * exp(fmax(linear[i] - top, -MAX_LINEAR));
        sum += hazard[i];
        for (; t < last && s->end[t] == i + 1; t++) {
            total[t] = sum;
            value -= s->deaths[t] * (log(sum) + top);
        }
    }
    for (int64_t i = stop - 1, t = last; i >= begin; i--) {
        for (; t > first && t > s->first_time[i]; t--)
            rise += s->deaths[t - 1] / total[t - 1];
        exposure[i] = hazard[i] * rise;
    }
    return value;
}

double breslow(const RiskSets *s, const double *linear, double *hazard, double *total, double *exposure) {
    double value = 0.0;
    for (int64_t k = 0, begin = 0, first = 0; k < s->n_strata; k++) {
        const int64_t stop = s->bounds[2 * k], last = s->bounds[2 * k + 1];
        if (first == last)
            for (int64_t i = begin; i < stop; i++)
                hazard[i] = exposure[i] = 0.0;
        else
            value += stratum_value(s, begin, stop, first, last, linear, hazard, total, exposure);
        begin = stop, first = last;
    }
    return value;
}

CLONES void rank_one(double *matrix, int64_t stride, const double *vector, int64_t n, double scale) {
    for (int64_t i = 0; i < n; i++) {
        double *restrict row = matrix + i * stride;
        const double by = scale * vector[i];
        for (int64_t j = 0; j < n; j++)
            row[j] += by * vector[j];
    }
}

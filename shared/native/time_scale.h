/* The time scale of the test of proportional hazards. */
#ifndef PROGNOMICS_TIME_SCALE_H
#define PROGNOMICS_TIME_SCALE_H

#include <stdint.h>

/* One minus the pooled Kaplan-Meier estimate just before each moment. `ended` says how many samples were last seen at
   each moment, `died` how many died there and is overwritten with the scale. Returns its mean over the deaths. */
static inline double scale_of_moments(int64_t n, double *ended, double *died) {
    double survival = 1.0, total = 0.0, count = 0.0;
    for (int64_t j = n - 2; j >= 0; j--)
        ended[j] += ended[j + 1];
    for (int64_t j = 0; j < n; j++) {
        const double deaths = died[j], hazard = ended[j] > 0.0 ? deaths / ended[j] : 0.0;
        died[j] = 1.0 - survival;
        total += deaths * died[j];
        count += deaths;
        survival *= 1.0 - hazard;
    }
    return count > 0.0 ? total / count : 0.0;
}

#endif

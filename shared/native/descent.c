#include "descent.h"

#include <math.h>

#include "lanes.h"

CLONES static void subtract(double *restrict slope, const double *restrict row, double by, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        slope[i] -= by * row[i];
}

void descend(const Descent *d, int64_t sweeps) {
    for (int64_t sweep = 0; sweep < sweeps; sweep++) {
        int moved = 0;
        for (int64_t j = 0; j < d->n; j++) {
            const double *row = d->information + j * d->n;
            const double curve = row[j] + d->ridge[j];
            if (!(curve > 0))
                continue;
            const double pull = d->slope[j] + row[j] * d->beta[j];
            const double size = fmax(fabs(pull) - d->bar[j], 0.0);
            const double next = copysign(size, pull) / curve;
            if (next != d->beta[j]) {
                subtract(d->slope, row, next - d->beta[j], d->n);
                d->beta[j] = next;
                moved = 1;
            }
        }
        if (!moved)
            return;
    }
}

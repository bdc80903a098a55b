/* Coordinate descent on a quadratic function with an elastic-net penalty. */
#ifndef PROGNOMICS_DESCENT_H
#define PROGNOMICS_DESCENT_H

#include <stdint.h>

typedef struct {
    int64_t n;
    const double *information; /* n x n */
    const double *bar, *ridge;
    double *slope, *beta; /* changed: the gradient of the quadratic part, and the coefficients at which it is taken */
} Descent;

void descend(const Descent *descent, int64_t sweeps);

#endif

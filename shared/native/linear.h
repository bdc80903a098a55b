/* Sums of products, and small systems of equations. */
#ifndef PROGNOMICS_LINEAR_H
#define PROGNOMICS_LINEAR_H

#include "lanes.h"

#define COLLINEAR 1e-11

INLINE double product(const double *weight, const double *left, const double *right, int64_t n) {
    double total = 0.0;
#pragma omp simd reduction(+ : total)
    for (int64_t k = 0; k < n; k++)
        total += weight[k] * left[k] * right[k];
    return total;
}

INLINE double dot(const double *left, const double *right, int64_t n) {
    double total = 0.0;
#pragma omp simd reduction(+ : total)
    for (int64_t k = 0; k < n; k++)
        total += left[k] * right[k];
    return total;
}

INLINE double sum(const double *values, int64_t n) {
    double total = 0.0;
#pragma omp simd reduction(+ : total)
    for (int64_t k = 0; k < n; k++)
        total += values[k];
    return total;
}

/* Cholesky factor of a small matrix whose rows were scaled alike; 0 where it is singular. */
static int factor(const double *matrix, int64_t size, double *root) {
    for (int64_t a = 0; a < size; a++)
        for (int64_t b = 0; b <= a; b++) {
            double rest = matrix[a * size + b];
            for (int64_t c = 0; c < b; c++)
                rest -= root[a * size + c] * root[b * size + c];
            if (a == b) {
                if (!(rest > COLLINEAR * matrix[a * size + a]) || !(rest > 0.0))
                    return 0;
                root[a * size + a] = sqrt(rest);
            } else
                root[a * size + b] = rest / root[b * size + b];
        }
    return 1;
}

static void solve(const double *root, int64_t size, const double *right, double *answer) {
    for (int64_t a = 0; a < size; a++) {
        double rest = right[a];
        for (int64_t c = 0; c < a; c++)
            rest -= root[a * size + c] * answer[c];
        answer[a] = rest / root[a * size + a];
    }
    for (int64_t a = size - 1; a >= 0; a--) {
        double rest = answer[a];
        for (int64_t c = a + 1; c < size; c++)
            rest -= root[c * size + a] * answer[c];
        answer[a] = rest / root[a * size + a];
    }
}

#endif

/* Eight genes side by side: each lane of a vector is one gene, so that all that is known of the samples is shared. */
#ifndef PROGNOMICS_LANES_H
#define PROGNOMICS_LANES_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#define LANES 8
typedef double lanes __attribute__((vector_size(8 * LANES)));
typedef int64_t lane_bits __attribute__((vector_size(8 * LANES)));
typedef uint64_t lane_words __attribute__((vector_size(8 * LANES)));

#define INLINE static inline __attribute__((always_inline))
/* The processor's widest vectors are chosen when the program starts. */
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && __GNUC__ >= 12 && !defined(__clang__)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

#define LN2 0.6931471805599453
#define MANTISSA UINT64_C(0x000FFFFFFFFFFFFF)
#define EXPONENT_OF_ONE UINT64_C(0x3FF0000000000000)

INLINE lanes everywhere(double x) { return (lanes){x, x, x, x, x, x, x, x}; }
INLINE lanes keep(lane_bits where, lanes x) { return (lanes)(where & (lane_bits)x); }
INLINE lanes either(lane_bits where, lanes x, lanes y) {
    return (lanes)((where & (lane_bits)x) | (~where & (lane_bits)y));
}
INLINE lanes larger(lanes x, lanes y) { return either(x > y, x, y); }
INLINE lanes magnitude(lanes x) { return (lanes)((lane_words)x & (UINT64_MAX >> 1)); }
INLINE lane_bits known(lanes x) { return x == x; }

#define POLYNOMIAL(r, constant)                                                                                        \
    p = constant(1.6059043836821613e-10);                                                                              \
    p = p * r + constant(2.08767569878681e-09);                                                                        \
    p = p * r + constant(2.505210838544172e-08);                                                                       \
    p = p * r + constant(2.755731922398589e-07);                                                                       \
    p = p * r + constant(2.7557319223985893e-06);                                                                      \
    p = p * r + constant(2.48015873015873e-05);                                                                        \
    p = p * r + constant(0.0001984126984126984);                                                                       \
    p = p * r + constant(0.001388888888888889);                                                                        \
    p = p * r + constant(0.008333333333333333);                                                                        \
    p = p * r + constant(0.041666666666666664);                                                                        \
    p = p * r + constant(0.16666666666666666);                                                                         \
    p = p * r + constant(0.5);                                                                                         \
    p = p * r + constant(1.0);                                                                                         \
    p = p * r + constant(1.0)

#define SHIFT 6755399441055744.0 /* 1.5 * 2**52: adding it rounds to an integer, held in the low bits */
#define LOG2_E 1.4426950408889634
#define LN2_HIGH 6.93145751953125e-1
#define LN2_LOW 1.42860682030941723212e-6

/* exp(x) for |x| < 700, to the last bit or two: 2**k times a Taylor polynomial on +-ln(2)/2. */
INLINE lanes exponential(lanes x) {
    lanes shifted = x * everywhere(LOG2_E) + everywhere(SHIFT);
    lanes whole = shifted - everywhere(SHIFT);
    lanes r = (x - whole * everywhere(LN2_HIGH)) - whole * everywhere(LN2_LOW), p;
    POLYNOMIAL(r, everywhere);
    return (lanes)((lane_words)p + ((lane_words)shifted << 52));
}

/* A product of many positive numbers, whose logarithm is wanted: mantissas are multiplied, exponents added. */
typedef struct {
    lanes mantissa;
    lane_words exponent;
    int64_t n;
} Product;

INLINE Product product_of_none(void) { return (Product){everywhere(1.0), (lane_words){0}, 0}; }

INLINE void multiply(Product *product, lanes by) {
    lane_words bits = (lane_words)(product->mantissa * by);
    product->exponent += bits >> 52;
    product->mantissa = (lanes)((bits & MANTISSA) | EXPONENT_OF_ONE);
    product->n++;
}

INLINE double log_of(const Product *product, int lane) {
    return log(product->mantissa[lane]) + ((double)product->exponent[lane] - 1023.0 * (double)product->n) * LN2;
}

INLINE lanes *new_lanes(int64_t n) { return aligned_alloc(sizeof(lanes), sizeof(lanes) * (size_t)(n ? n : 1)); }

#endif

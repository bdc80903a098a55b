"""The exponential as straight arithmetic, so that a flat loop of it becomes vector instructions."""

from __future__ import annotations

import numpy as np

from prognomics.compiled import compiled, is_compiled

SHIFT = 6755399441055744.0  # 1.5 * 2**52: adding it rounds to an integer, held in the low bits
LOG2_E = 1.4426950408889634
LN2_HIGH, LN2_LOW = 6.93145751953125e-1, 1.42860682030941723212e-6
LN2 = 0.6931471805599453

if is_compiled():
    from llvmlite import ir
    from numba import types
    from numba.extending import intrinsic

    @intrinsic
    def bits_of(context, number):
        def code(_, builder, __, given):
            return builder.bitcast(given[0], ir.IntType(64))

        return types.int64(types.float64), code

    @intrinsic
    def number_of(context, bits):
        def code(_, builder, __, given):
            return builder.bitcast(given[0], ir.DoubleType())

        return types.float64(types.int64), code

else:

    def bits_of(number):
        return int(np.float64(number).view(np.int64))

    def number_of(bits):
        return float(np.uint64(bits & (1 << 64) - 1).view(np.float64))


@compiled(inline=True)
def exponential(x):
    """exp(x) for |x| < 700, to the last bit or two: 2**k times a Taylor polynomial on ±ln(2)/2."""
    shifted = x * LOG2_E + SHIFT
    whole = shifted - SHIFT
    r = (x - whole * LN2_HIGH) - whole * LN2_LOW
    p = 1.6059043836821613e-10
    p = p * r + 2.08767569878681e-09
    p = p * r + 2.505210838544172e-08
    p = p * r + 2.755731922398589e-07
    p = p * r + 2.7557319223985893e-06
    p = p * r + 2.48015873015873e-05
    p = p * r + 0.0001984126984126984
    p = p * r + 0.001388888888888889
    p = p * r + 0.008333333333333333
    p = p * r + 0.041666666666666664
    p = p * r + 0.16666666666666666
    p = p * r + 0.5
    p = p * r + 1.0
    p = p * r + 1.0
    return number_of(bits_of(p) + (bits_of(shifted) << 52))

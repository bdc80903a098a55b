"""The loops of a genome-wide Cox screen: one gene's whole fit at a time, so that it stays in the first cache.

Each gene is centred within strata (which leaves the partial likelihood as it is) and scaled; the first pass, at zero,
needs no exponential. A Newton step is corrected by the change of the information since the step before, kept between
the signs of the score, and the last, tiny one is carried into the information as well.
"""

from __future__ import annotations

import math

import numpy as np

from prognomics.compiled import compiled
from prognomics.screen.exponential import LN2, bits_of, exponential, number_of

N_RESULTS = 11
N_USED, EVENTS, MEAN, BETA, SE, LOGLIK, LOGLIK_NULL, SCORE, PH, STATE, PASSES = range(N_RESULTS)
OK, CONSTANT, NO_EVENTS, NOT_CONVERGED = range(4)
WIDEST = 300.0
MOST_PASSES = 40
FLAT = 1e-12
FOUND = 1e-10
SMALL = 1e-4
GONE = 1e-9
"""Share of the information at zero below which an estimate has run off."""
MANTISSA, ONE = 0x000FFFFFFFFFFFFF, 0x3FF0000000000000


@compiled(any_order=True)
def gather(row, columns, x):
    """Values of one gene in sorted order; returns their sum, NaN where one is missing."""
    total = 0.0
    for k in range(columns.size):
        value = row[columns[k]]
        x[k] = value
        total += value
    return total


@compiled
def drop_missing(x, event, cell, n_cells, ends, deaths, kept):
    """Close the gaps of missing values in place; rebuilds the cells and returns the number of samples left."""
    n = 0
    deaths[:] = 0
    ends[:] = 0
    for k in range(x.size):
        if not math.isnan(x[k]):
            x[n] = x[k]
            kept[n] = k
            ends[cell[k]] += 1
            deaths[cell[k]] += event[k]
            n += 1
    for c in range(1, n_cells):
        ends[c] += ends[c - 1]
    return n


@compiled(any_order=True)
def centre(x, bounds):
    """Subtract each stratum's mean and divide by the common deviation; returns the grand mean and the deviation."""
    n = bounds[-1]
    total = 0.0
    square = 0.0
    largest = 0.0
    for s in range(bounds.size - 1):
        begin, end = bounds[s], bounds[s + 1]
        if end == begin:
            continue
        part = 0.0
        for k in range(begin, end):
            part += x[k]
        total += part
        mean = part / (end - begin)
        for k in range(begin, end):
            largest = max(largest, abs(x[k]))
            x[k] -= mean
            square += x[k] * x[k]
    deviation = math.sqrt(square / n)
    if deviation <= FLAT * max(1.0, largest):
        return total / n, 0.0
    scale = 1.0 / deviation
    for k in range(n):
        x[k] *= scale
    return total / n, deviation


@compiled(any_order=True)
def deaths_sum(x, ends, deaths):
    total = 0.0
    begin = 0
    for c in range(ends.size):
        for k in range(begin, begin + deaths[c]):
            total += x[k]
        begin = ends[c]
    return total


@compiled  # another order would undo the rounding inside the exponential
def relative_hazards(x, n, beta, e):
    for k in range(n):
        e[k] = beta * x[k]
    for k in range(n):
        e[k] = exponential(e[k])


@compiled(any_order=True)
def pass_null(x, ends, deaths, first, efron, denominator, mean, variance):
    """Risk-set means and variances of every death at beta = 0; returns their sums."""
    s0, s1, s2, begin, t = 0.0, 0.0, 0.0, 0, 0
    for c in range(ends.size):
        if first[c]:
            s0, s1, s2 = 0.0, 0.0, 0.0
        end, d = ends[c], deaths[c]
        d1, d2 = 0.0, 0.0
        for k in range(begin, begin + d):
            d1 += x[k]
            d2 += x[k] * x[k]
        s1 += d1
        s2 += d2
        for k in range(begin + d, end):
            s1 += x[k]
            s2 += x[k] * x[k]
        s0 += end - begin
        begin = end
        share = 1.0 / d if efron and d > 1 else 0.0
        for k in range(d):
            f = k * share
            a = s0 - f * d
            v = 1.0 / a
            m = (s1 - f * d1) * v
            denominator[t + k] = a
            mean[t + k] = m
            variance[t + k] = (s2 - f * d2) * v - m * m
        t += d
    total, information = 0.0, 0.0
    for k in range(t):
        total += mean[k]
        information += variance[k]
    return total, information


@compiled(any_order=True)
def pass_hazards(x, e, ends, deaths, first, efron, denominator, mean, variance):
    """Risk-set means and variances of every death with hazards e; returns their sums."""
    s0, s1, s2, begin, t = 0.0, 0.0, 0.0, 0, 0
    for c in range(ends.size):
        if first[c]:
            s0, s1, s2 = 0.0, 0.0, 0.0
        end, d = ends[c], deaths[c]
        d0, d1, d2 = 0.0, 0.0, 0.0
        for k in range(begin, begin + d):
            y = e[k] * x[k]
            d0 += e[k]
            d1 += y
            d2 += y * x[k]
        s0 += d0
        s1 += d1
        s2 += d2
        for k in range(begin + d, end):
            y = e[k] * x[k]
            s0 += e[k]
            s1 += y
            s2 += y * x[k]
        begin = end
        share = 1.0 / d if efron and d > 1 else 0.0
        for k in range(d):
            f = k * share
            a = s0 - f * d0
            v = 1.0 / a
            m = (s1 - f * d1) * v
            denominator[t + k] = a
            mean[t + k] = m
            variance[t + k] = (s2 - f * d2) * v - m * m
        t += d
    total, information = 0.0, 0.0
    for k in range(t):
        total += mean[k]
        information += variance[k]
    return total, information


@compiled
def log_product(values, n):
    """Sum of logarithms with one call of log: mantissas are multiplied, exponents added."""
    product, exponent = 1.0, 0
    for k in range(n):
        bits = bits_of(product * values[k])
        exponent += (bits >> 52) - 1023
        product = number_of((bits & MANTISSA) | ONE)
    return math.log(product) + exponent * LN2


@compiled
def time_scale(ends, deaths, cell_moment, moment, kept, n, n_moments, at_risk, died, scale):
    """One minus the pooled Kaplan-Meier estimate just before each cell's time, centred over the deaths."""
    for j in range(n_moments):
        at_risk[j] = 0.0
        died[j] = 0.0
    for k in range(n):
        j = moment[kept[k]]
        if j >= 0:
            at_risk[j] += 1.0
    for c in range(ends.size):
        if deaths[c] > 0:
            died[cell_moment[c]] += deaths[c]
    for j in range(n_moments - 2, -1, -1):
        at_risk[j] += at_risk[j + 1]
    survival = 1.0
    for j in range(n_moments):  # died becomes the scale of each moment
        hazard = died[j] / at_risk[j] if at_risk[j] > 0.0 else 0.0
        died[j] = 1.0 - survival
        survival *= 1.0 - hazard
    total, count = 0.0, 0
    for c in range(ends.size):
        if deaths[c] > 0:
            scale[c] = died[cell_moment[c]]
            total += scale[c] * deaths[c]
            count += deaths[c]
        else:
            scale[c] = 0.0
    if count > 0:
        for c in range(ends.size):
            scale[c] -= total / count


@compiled(any_order=True)
def hazards_test(x, ends, deaths, scale, mean, variance, step):
    """Score test of x * g(time) beside x; `step`, the last of Newton's method, is carried into the means."""
    u, i1, i2, i0, begin, t = 0.0, 0.0, 0.0, 0.0, 0, 0
    for c in range(ends.size):
        g = scale[c]
        for k in range(deaths[c]):
            v = variance[t + k]
            u += g * (x[begin + k] - mean[t + k] - step * v)
            i0 += v
            i1 += g * v
            i2 += g * g * v
        t += deaths[c]
        begin = ends[c]
    rest = i2 - i1 * i1 / i0 if i0 > 0.0 else 0.0
    return u * u / rest if rest > FLAT * i2 and i2 > 0.0 else math.nan


@compiled
def fit_gene(x, n, e, ends, deaths, first, efron, denominator, mean, variance, events, found):
    """Newton's method from zero for one standardised gene; fills `found`, returns the last step and the state."""
    own = deaths_sum(x, ends, deaths)
    total, information = pass_null(x, ends, deaths, first, efron, denominator, mean, variance)
    null = -log_product(denominator, events)
    found[LOGLIK_NULL] = null
    score, start = own - total, information
    widest = 0.0
    for k in range(n):
        widest = max(widest, abs(x[k]))
    if not information > 1e-9:
        return 0.0, NOT_CONVERGED
    found[SCORE] = score / math.sqrt(information)
    low, high, beta, before, slope = -math.inf, math.inf, 0.0, 0.0, 0.0
    step = score / information
    for passes in range(1, MOST_PASSES + 1):
        if score > 0.0:
            low = beta
        else:
            high = beta
        target = beta + step
        if not (low < target < high) and abs(step) > 1e-14:
            target = 0.5 * (max(low, beta - 5.0) + min(high, beta + 5.0))
        if abs(target) * widest > WIDEST:
            break
        previous, before, beta = information, beta, target
        relative_hazards(x, n, beta, e)
        total, information = pass_hazards(x, e, ends, deaths, first, efron, denominator, mean, variance)
        score = own - total
        if not information > GONE * start:
            break
        newton = score / information
        slope = (information - previous) / (beta - before) if beta != before else 0.0
        bend = 0.5 * slope / information * newton * newton
        step = newton - bend if abs(bend) < 0.3 * abs(newton) else newton
        if abs(step) < SMALL and abs(step) * max(abs(beta - before), abs(step)) < FOUND:
            found[BETA] = beta + step
            found[SE] = 1.0 / math.sqrt(information + slope * step)
            found[LOGLIK] = own * beta - log_product(denominator, events) + step * (score - 0.5 * information * step)
            found[PASSES] = passes
            return step, OK
    return 0.0, NOT_CONVERGED


@compiled
def screen_genes(
    values, begin_gene, end_gene, columns, event, cell, ends, deaths, first, bounds, moment, cell_moment, n_moments,
    efron, score_only, results,
):  # fmt: skip
    """Fit genes begin_gene to end_gene of `values`; `results` has a row a gene and the columns named above."""
    n_all, n_cells = columns.size, ends.size
    x, e = np.empty(n_all), np.empty(n_all)
    denominator, mean, variance = np.empty(n_all), np.empty(n_all), np.empty(n_all)
    everybody, kept = np.arange(n_all), np.empty(n_all, np.int64)
    own_ends, own_deaths = np.empty(n_cells, np.int64), np.empty(n_cells, np.int64)
    own_bounds = np.empty_like(bounds)
    at_risk, died = np.empty(n_moments), np.empty(n_moments)
    full_scale, own_scale = np.empty(n_cells), np.empty(n_cells)
    time_scale(ends, deaths, cell_moment, moment, everybody, n_all, n_moments, at_risk, died, full_scale)
    for gene in range(begin_gene, end_gene):
        found = results[gene]
        found[:] = math.nan
        n = n_all
        now_ends, now_deaths, now_bounds, scale = ends, deaths, bounds, full_scale
        if math.isnan(gather(values[gene], columns, x)):
            n = drop_missing(x, event, cell, n_cells, own_ends, own_deaths, kept)
            now_ends, now_deaths, now_bounds, scale = own_ends, own_deaths, own_bounds, own_scale
            place = 0
            for s in range(bounds.size):
                while place < n and kept[place] < bounds[s]:
                    place += 1
                own_bounds[s] = place
            time_scale(own_ends, own_deaths, cell_moment, moment, kept, n, n_moments, at_risk, died, own_scale)
        events = 0
        for c in range(n_cells):
            events += now_deaths[c]
        found[N_USED] = n
        found[EVENTS] = events
        found[STATE] = NO_EVENTS
        if n == 0:
            continue
        found[MEAN], deviation = centre(x[:n], now_bounds)
        if events == 0:
            continue
        found[STATE] = CONSTANT
        if deviation == 0.0:
            continue
        if score_only:
            total, information = pass_null(x, now_ends, now_deaths, first, efron, denominator, mean, variance)
            found[STATE] = NOT_CONVERGED
            if information > 1e-9:
                found[SCORE] = (deaths_sum(x, now_ends, now_deaths) - total) / math.sqrt(information)
                found[STATE] = OK
            continue
        step, state = fit_gene(
            x, n, e, now_ends, now_deaths, first, efron, denominator, mean, variance, events, found
        )
        found[STATE] = state
        if state == OK:
            found[PH] = hazards_test(x, now_ends, now_deaths, scale, mean, variance, step)
            found[BETA] /= deviation
            found[SE] /= deviation

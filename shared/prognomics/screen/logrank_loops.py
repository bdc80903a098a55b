"""The loops of the log-rank screens: one fixed cut a gene, and every cut of every gene.

The numerator of a log-rank test is a sum of martingale residuals, so a cut that moves by one sample changes it by one
residual. The variance is a sum over event times of squared shares of the risk set; the part that couples two samples
depends on the later-starting of them only, so two Fenwick trees over the event times give every cut exactly, in
n log n steps a gene.
"""

from __future__ import annotations

import math

import numpy as np

from prognomics.compiled import compiled
from prognomics.screen.cox_loops import drop_missing

N_RESULTS = 11
(N_USED, EVENTS, MEAN, LOWEST_HIGH, N_HIGH, EVENTS_HIGH, NUMERATOR, VARIANCE, STEPS, CUBES, STATE) = range(N_RESULTS)
OK, CONSTANT, NO_EVENTS, NO_CUT = 0, 1, 2, 3
LEAST_VARIANCE = 1e-9


@compiled
def take(values, begin, columns, block):
    """Rows begin and following of `values`, their columns in sorted order, into `block`."""
    for row in range(block.shape[0]):
        gene, sorted_gene = values[begin + row], block[row]
        for k in range(columns.size):
            sorted_gene[k] = gene[columns[k]]


@compiled
def null_model(event, cell, ends, deaths, first, n, residual, singles, pairs, chance):
    """What the log-rank test needs of a follow-up without groups.

    Fills `residual` (n_samples), and of each cell: `chance`, the variance of one death's group times the deaths; the
    sums, over this and earlier event times of the stratum, of chance over the number at risk (`singles`) and over its
    square (`pairs`).
    """
    begin = 0
    for c in range(ends.size):
        if first[c]:
            begin = ends[c - 1] if c > 0 else 0
        at_risk, d = ends[c] - begin, deaths[c]
        chance[c] = d * (at_risk - d) / (at_risk - 1.0) if d > 0 and at_risk > 1 else 0.0
        pairs[c] = max(at_risk, 1)
    hazard, single, pair = 0.0, 0.0, 0.0
    for c in range(ends.size - 1, -1, -1):
        at_risk = pairs[c]
        hazard += deaths[c] / at_risk
        single += chance[c] / at_risk
        pair += chance[c] / (at_risk * at_risk)
        singles[c], pairs[c] = single, pair
        for k in range(ends[c - 1] if c > 0 else 0, ends[c]):
            residual[k] = event[k] - hazard
        if first[c]:
            hazard, single, pair = 0.0, 0.0, 0.0


@compiled(any_order=True)
def one_cut(x, n, event, residual, ends, first, chance, least, found):
    """Log-rank sums of the samples at or above `least`; returns how many there are."""
    numerator, variance, begin, high, at_risk, n_high, own = 0.0, 0.0, 0, 0.0, 0.0, 0.0, 0.0
    lowest = math.inf
    for c in range(ends.size):
        if first[c]:
            high, at_risk = 0.0, 0.0
        inside = 0.0
        for k in range(begin, ends[c]):
            one = 1.0 if x[k] >= least else 0.0
            inside += one
            numerator += one * residual[k]
            own += one * event[k]
        high += inside
        n_high += inside
        at_risk += ends[c] - begin
        begin = ends[c]
        if chance[c] > 0.0:
            share = high / at_risk
            variance += chance[c] * share * (1.0 - share)
    for k in range(n):
        value = x[k] if x[k] >= least else math.inf
        lowest = min(lowest, value)
    found[LOWEST_HIGH] = lowest
    found[N_HIGH] = n_high
    found[EVENTS_HIGH] = own
    found[NUMERATOR] = numerator
    found[VARIANCE] = variance
    return n_high


@compiled
def every_cut(x, order, n, event, cell, residual, ends, first, base, singles, pairs, least, most, counts, sums, found):
    """The cut with the largest log-rank statistic among those with least to most low samples."""
    n_cells = ends.size
    for c in range(n_cells + 1):
        counts[c] = 0.0
        sums[c] = 0.0
    totals = counts[n_cells + 1 :]
    for c in range(n_cells):
        totals[c] = 0.0
    numerator, single, coupled, best, chosen = 0.0, 0.0, 0.0, -1.0, -1
    own, own_best, previous, steps, cubes = 0, 0, 0, 0.0, 0.0
    for low in range(1, n):
        i = order[low - 1]
        c = cell[i]
        start = base[c]
        place, below, sum_below = c - start + 1, 0.0, 0.0
        while place > 0:
            below += counts[start + place]
            sum_below += sums[start + place]
            place -= place & -place
        coupled += 2.0 * (pairs[c] * below + totals[start] - sum_below) + pairs[c]
        totals[start] += pairs[c]
        single += singles[c]
        numerator += residual[i]
        own += event[i]
        place, size = c - start + 1, base[n_cells + c]
        while place <= size:
            counts[start + place] += 1.0
            sums[start + place] += pairs[c]
            place += place & -place
        if low >= least and low <= most and x[order[low]] > x[i]:
            if previous > 0:
                step = math.sqrt(1.0 - previous * (n - low) / ((n - previous) * low))
                steps += step
                cubes += step * step * step
            previous = low
            variance = single - coupled
            if variance > LEAST_VARIANCE:
                statistic = numerator * numerator / variance
                if statistic > best * (1.0 + 1e-12):
                    best, chosen, own_best = statistic, low, own
                    found[NUMERATOR] = -numerator
                    found[VARIANCE] = variance
    found[STEPS] = steps
    found[CUBES] = cubes
    if chosen > 0:
        found[LOWEST_HIGH] = x[order[chosen]]
        found[N_HIGH] = n - chosen
        found[EVENTS_HIGH] = own_best  # of the low group: the caller knows all events
    return chosen


@compiled
def screen_genes(block, orders, middles, event, cell, ends, deaths, first, min_fraction, results):
    """Genes of `block`, shape (n_genes, n_samples) in sorted order; `results` has a row a gene.

    With `orders` (the order of each gene's samples, missing ones last) every cut is tried; with none the one at
    `middles`, the medians.
    """
    searched = orders.shape[0] > 0
    n_all, n_cells = event.size, ends.size
    x, moved = np.empty(n_all), np.empty(n_all, np.int64)
    full = np.empty((3, n_cells))
    full_residual, own_residual = np.empty(n_all), np.empty(n_all)
    part = np.empty((3, n_cells))
    kept, rank = np.empty(n_all, np.int64), np.empty(n_all, np.int64)
    own_ends, own_deaths = np.empty(n_cells, np.int64), np.empty(n_cells, np.int64)
    own_event, own_cell = np.empty_like(event), np.empty_like(cell)
    base = np.empty(2 * n_cells, np.int64)
    counts, sums = np.zeros(2 * n_cells + 1), np.zeros(n_cells + 1)
    start = 0
    for c in range(n_cells):
        if first[c]:
            start = c
        base[c] = start
    last = n_cells
    for c in range(n_cells - 1, -1, -1):
        base[n_cells + c] = last - base[c]
        if first[c]:
            last = c
    null_model(event, cell, ends, deaths, first, n_all, full_residual, full[0], full[1], full[2])
    for row in range(middles.size):
        found = results[row]
        found[:] = math.nan
        gene, order = block[row], orders[row] if searched else kept
        total, n, low, high = 0.0, 0, math.inf, -math.inf
        for k in range(n_all):
            x[k] = gene[k]
            if not math.isnan(x[k]):
                total += x[k]
                n += 1
                low, high = min(low, x[k]), max(high, x[k])
        now_event, now_cell, now_ends, now_deaths, now, residual = event, cell, ends, deaths, full, full_residual
        if n < n_all:
            drop_missing(x, event, cell, n_cells, own_ends, own_deaths, kept)
            for k in range(n):
                own_event[k], own_cell[k], rank[kept[k]] = event[kept[k]], cell[kept[k]], k
            if searched:
                for k in range(n):
                    moved[k] = rank[order[k]]
            now_event, now_cell, now_ends, now_deaths, now = own_event, own_cell, own_ends, own_deaths, part
            residual, order = own_residual, moved
            null_model(own_event, own_cell, own_ends, own_deaths, first, n, residual, part[0], part[1], part[2])
        events = 0
        for c in range(n_cells):
            events += now_deaths[c]
        found[N_USED] = n
        found[EVENTS] = events
        found[STATE] = NO_EVENTS
        if n == 0:
            continue
        found[MEAN] = total / n
        if events == 0:
            continue
        found[STATE] = CONSTANT
        if not low < high:
            continue
        if searched:
            least, most = max(1, int(math.floor(n * min_fraction))), int(math.floor(n * (1.0 - min_fraction)))
            made = every_cut(x, order, n, now_event, now_cell, residual, now_ends, first, base, now[0], now[1],
                             least, most, counts, sums, found)  # fmt: skip
            found[EVENTS_HIGH] = events - found[EVENTS_HIGH]
        else:
            made = one_cut(x, n, now_event, residual, now_ends, first, now[2], middles[row], found)
            made = 0 if made == n else made
        found[STATE] = OK if made > 0 and found[VARIANCE] > LEAST_VARIANCE else NO_CUT

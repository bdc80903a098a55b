"""The loops of the adjusted Cox screen: each gene beside the same covariates.

The information is one weighted cross product of the columns less the products of the risk-set means, so no matrix is
kept a risk set and all but the running sums are flat loops. The gene is the last column.
"""

from __future__ import annotations

import math

import numpy as np

from prognomics.compiled import compiled
from prognomics.screen import cox_loops as loops
from prognomics.screen.cox_loops import (
    BETA,
    CONSTANT,
    EVENTS,
    LOGLIK,
    MEAN,
    N_USED,
    NO_EVENTS,
    NOT_CONVERGED,
    OK,
    PASSES,
    PH,
    SE,
    STATE,
    centre,
    drop_missing,
    gather,
    log_product,
    time_scale,
)  # fmt: skip
from prognomics.screen.exponential import exponential

FINAL_STEP = 1e-9
COLLINEAR = 1e-11


@compiled
def hazards(columns, n, beta, eta, e):
    """Relative hazards of the columns, shape (n_columns, n_samples), and the widest linear predictor."""
    widest = 0.0
    for k in range(n):
        eta[k] = 0.0
    for a in range(columns.shape[0]):
        column, b = columns[a], beta[a]
        for k in range(n):
            eta[k] += b * column[k]
    for k in range(n):
        widest = max(widest, abs(eta[k]))
    if widest < loops.WIDEST:
        for k in range(n):
            e[k] = exponential(eta[k])
    return widest


@compiled(any_order=True)
def terms_of(columns, e, ends, deaths, first, efron, denominator, means):
    """Denominators and risk-set means, shape (n_columns, n_deaths), of every death; returns how many there are."""
    total, t, begin = 0.0, 0, 0
    for c in range(ends.size):
        if first[c]:
            total = 0.0
        end, d = ends[c], deaths[c]
        tied = 0.0
        for k in range(begin, begin + d):
            tied += e[k]
        total += tied
        for k in range(begin + d, end):
            total += e[k]
        share = 1.0 / d if efron and d > 1 else 0.0
        for k in range(d):
            denominator[t + k] = total - k * share * tied
        t += d
        begin = end
    for a in range(columns.shape[0]):
        column, mean = columns[a], means[a]
        total, t, begin = 0.0, 0, 0
        for c in range(ends.size):
            if first[c]:
                total = 0.0
            end, d = ends[c], deaths[c]
            tied = 0.0
            for k in range(begin, begin + d):
                tied += e[k] * column[k]
            total += tied
            for k in range(begin + d, end):
                total += e[k] * column[k]
            share = 1.0 / d if efron and d > 1 else 0.0
            for k in range(d):
                mean[t + k] = (total - k * share * tied) / denominator[t + k]
            t += d
            begin = end
    return t


@compiled
def exposures(e, ends, deaths, first, efron, denominator, scale, power, weight):
    """Hazard that each sample was exposed to, a death counted scale**power times, a tied death's share taken off."""
    t = 0
    for c in range(ends.size):
        t += deaths[c]
    running = 0.0
    for c in range(ends.size - 1, -1, -1):
        d, begin = deaths[c], ends[c - 1] if c > 0 else 0
        t -= d
        g = 1.0 if power == 0 else scale[c] if power == 1 else scale[c] * scale[c]
        own, whole = 0.0, 0.0
        share = 1.0 / d if efron and d > 1 else 0.0
        for k in range(d):
            v = g / denominator[t + k]
            whole += v
            own += v * k * share
        running += whole
        for k in range(begin, begin + d):
            weight[k] = e[k] * (running - own)
        for k in range(begin + d, ends[c]):
            weight[k] = e[k] * running
        if first[c]:
            running = 0.0


@compiled(any_order=True)
def product(weight, left, right, n):
    total = 0.0
    for k in range(n):
        total += weight[k] * left[k] * right[k]
    return total


@compiled(any_order=True)
def dot(left, right, n):
    total = 0.0
    for k in range(n):
        total += left[k] * right[k]
    return total


@compiled
def factor(matrix, size, root):
    """Cholesky factor of a small matrix whose rows were scaled alike; False where it is singular."""
    for a in range(size):
        for b in range(a + 1):
            rest = matrix[a, b]
            for c in range(b):
                rest -= root[a, c] * root[b, c]
            if a == b:
                if not rest > COLLINEAR * matrix[a, a] or not rest > 0.0:
                    return False
                root[a, a] = math.sqrt(rest)
            else:
                root[a, b] = rest / root[b, b]
    return True


@compiled
def solve(root, size, right, answer):
    for a in range(size):
        rest = right[a]
        for c in range(a):
            rest -= root[a, c] * answer[c]
        answer[a] = rest / root[a, a]
    for a in range(size - 1, -1, -1):
        rest = answer[a]
        for c in range(a + 1, size):
            rest -= root[c, a] * answer[c]
        answer[a] = rest / root[a, a]


@compiled
def hazards_of_gene(
    columns, n, e, ends, deaths, first, efron, denominator, means, scale, weight, own_g, root, right, answer
):  # fmt: skip
    """Score test of gene * g(time) beside all columns, as cox.zph tests one term."""
    size = columns.shape[0]
    gene = size - 1
    t = 0
    begin, u = 0, 0.0
    for c in range(ends.size):
        for k in range(deaths[c]):
            own_g[t + k] = scale[c]
            u += scale[c] * (columns[gene, begin + k] - means[gene, t + k])
        t += deaths[c]
        begin = ends[c]
    exposures(e, ends, deaths, first, efron, denominator, scale, 1, weight)
    for a in range(size):
        right[a] = product(weight, columns[a], columns[gene], n) - product(own_g, means[a], means[gene], t)
    exposures(e, ends, deaths, first, efron, denominator, scale, 2, weight)
    for k in range(t):
        own_g[k] *= own_g[k]
    whole = product(weight, columns[gene], columns[gene], n) - product(own_g, means[gene], means[gene], t)
    solve(root, size, right, answer)
    rest = whole
    for a in range(size):
        rest -= right[a] * answer[a]
    return u * u / rest if rest > loops.FLAT * whole and whole > 0.0 else math.nan


@compiled
def fit_columns(
    columns, n, beta, e, eta, ends, deaths, first, efron, denominator, means, weight, work, ready
):  # fmt: skip
    """Newton's method from `beta`, which is overwritten; returns log-likelihood, passes (negative: no maximum)."""
    size = columns.shape[0]
    information, root, own, score, step, before = work[0], work[1], work[2, 0], work[2, 1], work[2, 2], work[3, 0]
    for a in range(size):
        own[a] = loops.deaths_sum(columns[a], ends, deaths)
    last = -math.inf
    for passes in range(1, loops.MOST_PASSES + 1):
        if not (ready and passes == 1) and hazards(columns, n, beta, eta, e) >= loops.WIDEST:
            return 0.0, -passes
        t = terms_of(columns, e, ends, deaths, first, efron, denominator, means)
        loglik = -log_product(denominator, t)
        for a in range(size):
            loglik += own[a] * beta[a]
        if passes > 1 and not loglik >= last - 1e-11 * abs(last):  # overshot: halve the step
            for a in range(size):
                beta[a] = 0.5 * (beta[a] + before[a])
            continue
        last = loglik
        exposures(e, ends, deaths, first, efron, denominator, weight, 0, weight)
        for a in range(size):
            score[a] = own[a]
            for k in range(t):
                score[a] -= means[a, k]
            for b in range(a + 1):
                information[a, b] = product(weight, columns[a], columns[b], n) - dot(means[a], means[b], t)
        if not factor(information, size, root):
            return 0.0, -passes
        solve(root, size, score, step)
        longest = 0.0
        for a in range(size):
            longest = max(longest, abs(step[a]))
            before[a] = beta[a]
            beta[a] += step[a]
        if longest < FINAL_STEP:
            return loglik, passes
    return 0.0, -loops.MOST_PASSES


@compiled
def screen_genes(
    values, begin_gene, end_gene, matrix_columns, event, cell, ends, deaths, first, bounds, moment, cell_moment,
    n_moments, efron, covariates, start, start_hazards, results,
):  # fmt: skip
    """Fit genes begin_gene to end_gene beside `covariates`, sorted, standardised, shape (n_covariates, n_samples)."""
    p, n_all, n_cells = covariates.shape[0], matrix_columns.size, ends.size
    table, own_table = np.empty((p + 1, n_all)), np.empty((p + 1, n_all))
    table[:p] = covariates
    e, eta, weight, own_g = np.empty(n_all), np.empty(n_all), np.empty(n_all), np.empty(n_all)
    denominator, means = np.empty(n_all), np.empty((p + 1, n_all))
    work, beta = np.empty((4, max(p + 1, 3), p + 1)), np.empty(p + 1)
    everybody, kept = np.arange(n_all), np.empty(n_all, np.int64)
    own_ends, own_deaths = np.empty(n_cells, np.int64), np.empty(n_cells, np.int64)
    own_bounds = np.empty_like(bounds)
    at_risk, died = np.empty(n_moments), np.empty(n_moments)
    full_scale, own_scale = np.empty(n_cells), np.empty(n_cells)
    time_scale(ends, deaths, cell_moment, moment, everybody, n_all, n_moments, at_risk, died, full_scale)
    for gene in range(begin_gene, end_gene):
        found = results[gene]
        found[:] = math.nan
        n, complete = n_all, True
        now_ends, now_deaths, now_bounds, scale, columns = ends, deaths, bounds, full_scale, table
        if math.isnan(gather(values[gene], matrix_columns, table[p])):
            complete = False
            own_table[p] = table[p]
            n = drop_missing(own_table[p], event, cell, n_cells, own_ends, own_deaths, kept)
            for a in range(p):
                for k in range(n):
                    own_table[a, k] = covariates[a, kept[k]]
            now_ends, now_deaths, now_bounds = own_ends, own_deaths, own_bounds
            scale, columns = own_scale, own_table
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
        found[MEAN], deviation = centre(columns[p, :n], now_bounds)
        if events == 0:
            continue
        found[STATE] = CONSTANT
        if deviation == 0.0:
            continue
        beta[:p] = start
        beta[p] = 0.0
        if complete:
            e[:] = start_hazards
        loglik, passes = fit_columns(
            columns, n, beta, e, eta, now_ends, now_deaths, first, efron, denominator, means, weight, work, complete
        )
        found[STATE] = NOT_CONVERGED
        if passes < 0:
            continue
        found[STATE] = OK
        found[LOGLIK] = loglik
        found[PASSES] = passes
        found[BETA] = beta[p] / deviation
        found[SE] = 1.0 / work[1, p, p] / deviation
        found[PH] = hazards_of_gene(
            columns, n, e, now_ends, now_deaths, first, efron, denominator, means, scale, weight, own_g,
            work[1], work[2, 1], work[2, 2],
        )  # fmt: skip

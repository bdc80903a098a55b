"""The univariable Cox screen in NumPy alone, for where nothing is compiled: the same numbers, a few times slower."""

from __future__ import annotations

from typing import Any

import numpy as np

from prognomics.screen import results as layout
from prognomics.screen.follow_up import FollowUp
from prognomics.screen.patterns import Pattern, patterns_of_missing

GENES_AT_ONCE = 32  # their arrays stay in the second cache


def screen_genes(values: np.ndarray, follow_up: FollowUp, efron: bool, score_only: bool, results: np.ndarray) -> None:
    """As `cox_layout.screen_genes` for all genes of `values`, shape (n_genes, n_columns)."""
    results[:] = np.nan
    for begin in range(0, len(values), GENES_AT_ONCE):
        chunk = np.ascontiguousarray(values[begin : begin + GENES_AT_ONCE, follow_up.columns].T)
        for pattern in patterns_of_missing(follow_up, chunk):
            found = results[begin : begin + chunk.shape[1]]
            _fit(chunk[np.ix_(pattern.kept, pattern.genes)], pattern, efron, score_only, found, pattern.genes)


def _fit(x: Any, pattern: Pattern, efron: Any, score_only: Any, results: Any, genes: Any) -> None:
    """Newton's method for the genes of one pattern side by side; x of shape (n_kept, n_genes) is overwritten."""
    n, events = len(x), int(pattern.deaths.sum())
    results[genes, layout.N_USED], results[genes, layout.EVENTS] = n, events
    results[genes, layout.STATE] = layout.NO_EVENTS
    if n == 0:
        return
    results[genes, layout.MEAN] = x.mean(axis=0)
    if events == 0:
        return
    largest = np.abs(x[pattern.at_risk]).max(axis=0)
    for begin, end in zip(pattern.bounds[:-1], pattern.bounds[1:], strict=True):
        own = pattern.at_risk[begin:end]
        if own.any():
            x[begin:end] -= x[begin:end][own].mean(axis=0)
    x[~pattern.at_risk] = 0.0
    deviation = np.sqrt(np.mean(x[pattern.at_risk] ** 2, axis=0))
    varies = deviation > layout.FLAT * np.maximum(1.0, largest)
    results[genes[~varies], layout.STATE] = layout.CONSTANT
    genes, deviation = genes[varies], deviation[varies]
    if len(genes) == 0:
        return
    x = x[:, varies] / deviation
    results[genes, layout.STATE] = layout.NOT_CONVERGED
    own, terms = x[pattern.death].sum(axis=0), RiskSetSums(pattern, efron)
    total, information, state = terms.at(x, None)
    usable = information > 1e-9
    score = own - total
    with np.errstate(invalid="ignore", divide="ignore"):
        results[genes, layout.SCORE] = np.where(usable, score / np.sqrt(information), np.nan)
    results[genes, layout.LOGLIK_NULL] = -np.log(state[0]).sum(axis=0)
    if score_only:
        results[genes[usable], layout.STATE] = layout.OK
        results[genes, layout.LOGLIK_NULL] = np.nan
        return
    _newton(x[:, usable], own[usable], score[usable], information[usable], terms, results, genes[usable],
            deviation[usable], pattern.scale)  # fmt: skip


def _newton(
    x: Any, own: Any, score: Any, information: Any, terms: Any, results: Any, genes: Any, deviation: Any, scale: Any
) -> None:
    count = len(genes)
    beta, step, widest = np.zeros(count), score / information, np.abs(x).max(axis=0) if count else np.zeros(0)
    low, high, start = np.full(count, -np.inf), np.full(count, np.inf), information
    for passes in range(1, layout.MOST_PASSES + 1):
        if count == 0:
            return
        low, high = np.where(score > 0, beta, low), np.where(score > 0, high, beta)
        target = beta + step
        outside = ~((low < target) & (target < high)) & (np.abs(step) > 1e-14)
        target = np.where(outside, 0.5 * (np.maximum(low, beta - 5) + np.minimum(high, beta + 5)), target)
        within = np.abs(target) * widest <= layout.WIDEST
        before, previous = beta, information
        beta = np.where(within, target, 0.0)
        total, information, state = terms.at(x, beta)
        within &= information > layout.GONE * start
        score = own - total
        with np.errstate(invalid="ignore", divide="ignore"):
            newton = score / information
            slope = np.where(beta != before, (information - previous) / (beta - before), 0.0)
            bend = 0.5 * slope / information * newton**2
            step = np.where(np.abs(bend) < 0.3 * np.abs(newton), newton - bend, newton)
            reach = np.maximum(np.abs(beta - before), np.abs(step))
            done = within & (np.abs(step) < layout.SMALL) & (np.abs(step) * reach < layout.FOUND)
        if done.any():
            at, s = genes[done], step[done]
            final = information[done] + slope[done] * s
            results[at, layout.STATE], results[at, layout.PASSES] = layout.OK, passes
            results[at, layout.BETA] = (beta[done] + s) / deviation[done]
            results[at, layout.SE] = 1 / np.sqrt(final) / deviation[done]
            gain = s * (score[done] - 0.5 * information[done] * s)
            results[at, layout.LOGLIK] = own[done] * beta[done] - np.log(state[0][:, done]).sum(axis=0) + gain
            results[at, layout.PH] = terms.hazards_test(x[:, done], [part[:, done] for part in state], s, scale)
        rest = within & ~done
        x, own, score, information, beta, step, low, high, start, genes, deviation, widest = (
            part[..., rest]
            for part in (x, own, score, information, beta, step, low, high, start, genes, deviation, widest)
        )
        count = len(genes)


class RiskSetSums:
    """Risk-set sums of every death, genes side by side."""

    def __init__(self, pattern: Pattern, efron: bool):
        self.pattern = pattern
        self.busy = np.flatnonzero(pattern.deaths > 0)
        deaths = pattern.deaths[self.busy]
        self.last = pattern.ends[self.busy] - 1
        self.of_cell = np.repeat(np.arange(len(self.busy)), deaths)
        starts = np.cumsum(deaths) - deaths
        share = (np.arange(deaths.sum()) - starts[self.of_cell]) / deaths[self.of_cell]
        self.share = share[:, None] if efron and (deaths > 1).any() else None
        self.starts = starts

    def at_deaths(self, parts: np.ndarray) -> np.ndarray:
        """Sums over the risk set of each death, shape (n_deaths, n_genes), of parts of shape (n_samples, n_genes)."""
        running = np.empty_like(parts)
        for begin, end in zip(self.pattern.bounds[:-1], self.pattern.bounds[1:], strict=True):
            np.cumsum(parts[begin:end], axis=0, out=running[begin:end])
        sums = running[self.last][self.of_cell]
        if self.share is not None:
            sums -= self.share * np.add.reduceat(parts[self.pattern.death], self.starts, axis=0)[self.of_cell]
        result: np.ndarray = sums
        return result

    def at(self, x: Any, beta: Any) -> Any:
        """Sums of means and of variances over the deaths at beta (None: zero), and the terms themselves."""
        e = np.ones_like(x) if beta is None else np.exp(x * beta)
        weighted = e * x
        denominator = self.at_deaths(e)
        mean = self.at_deaths(weighted) / denominator
        variance = self.at_deaths(weighted * x) / denominator - mean**2
        return mean.sum(axis=0), variance.sum(axis=0), (denominator, mean, variance)

    def hazards_test(self, x: Any, state: Any, step: Any, scale: Any) -> Any:
        _, mean, variance = state
        g = scale[self.busy][self.of_cell][:, None]
        u = (g * (x[self.pattern.death] - mean - step * variance)).sum(axis=0)
        i0, i1, i2 = variance.sum(axis=0), (g * variance).sum(axis=0), (g**2 * variance).sum(axis=0)
        rest = i2 - i1**2 / i0
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where((rest > layout.FLAT * i2) & (i2 > 0), u**2 / rest, np.nan)

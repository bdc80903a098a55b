"""Work of which growth is measured: what is doubled, and the power that is expected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from .timing import Action


@dataclass(frozen=True)
class Work:
    """`make(size)` prepares the data and returns the action that is timed."""

    name: str
    of: str
    sizes: tuple[int, int]
    expected: float
    make: Callable[[int], Action]


def growing_work(quick: bool) -> list[Work]:
    """What grows with genes, samples, cohorts, variables and permutations."""
    some, many = (1_000, 4_000) if quick else (4_000, 16_000)
    few, more = (400, 1_600) if quick else (1_000, 4_000)
    large = (20_000, 80_000) if quick else (100_000, 400_000)
    return [
        Work("ComBat, 400 samples, 10 cohorts", "genes", (some, many), 1, lambda n: _combat(n, 400, 10)),
        Work("ComBat, 2,000 genes, 10 cohorts", "samples", (few, more), 1, lambda n: _combat(2_000, n, 10)),
        Work("ComBat, 2,000 genes × 800", "cohorts", (5, 20), 1, lambda n: _combat(2_000, 800, n)),
        Work("quantile normalization, 200 samples", "genes", (some, many), 1, lambda n: _quantiles(n, 200)),
        Work("quantile normalization, 4,000 genes", "samples", (200, 800), 1, lambda n: _quantiles(4_000, n)),
        Work("moderated t, 400 samples", "genes", (some, many), 1, lambda n: _moderated(n, 400)),
        Work("principal components, 2,000 genes", "samples", (400, 1_600), 2, lambda n: _components(2_000, n)),
        Work("one Cox model, 3 variables", "samples", large, 1, lambda n: _cox(n, 3)),
        Work("one Cox model, 5,000 samples", "variables", (5, 20), 2, lambda n: _cox(5_000, n)),
        Work("Kaplan-Meier", "samples", large, 1, _kaplan_meier),
        Work("C-index with its standard error", "samples", large, 1, _concordance),
        Work("permutations, 1,000 genes × 400", "permutations", (250, 1_000), 1, _permutations),
    ]


def _matrix(n_genes: int, n_samples: int) -> np.ndarray:
    return np.random.default_rng(1).normal(8, 2, (n_genes, n_samples))


def _follow_up(n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(2)
    return rng.exponential(60, n), (rng.random(n) < 0.4).astype(float)


def _combat(n_genes: int, n_samples: int, cohorts: int) -> Action:
    from prognomics.expression.combat import combat

    return partial(combat, _matrix(n_genes, n_samples), [f"c{i % cohorts:02d}" for i in range(n_samples)])


def _quantiles(n_genes: int, n_samples: int) -> Action:
    from prognomics.expression.quantile import normalize_quantiles

    return partial(normalize_quantiles, _matrix(n_genes, n_samples), threads=1)


def _moderated(n_genes: int, n_samples: int) -> Action:
    from .analyses import moderated_t

    code = np.arange(n_samples)
    return moderated_t(_matrix(n_genes, n_samples), code % 15, code % 2 == 0)


def _components(n_genes: int, n_samples: int) -> Action:
    from prognomics.expression.pca import principal_components

    return partial(principal_components, _matrix(n_genes, n_samples), with_loadings=False)


def _cox(n: int, variables: int) -> Action:
    from prognomics.survival.cox.fit import fit_cox

    return partial(fit_cox, *_follow_up(n), _matrix(n, variables))


def _kaplan_meier(n: int) -> Action:
    from prognomics.survival.curves.kaplan_meier import kaplan_meier

    return partial(kaplan_meier, *_follow_up(n))


def _concordance(n: int) -> Action:
    from prognomics.survival.concordance import concordance

    return partial(concordance, *_follow_up(n), _matrix(1, n)[0])


def _permutations(n: int) -> Action:
    from prognomics.screen.follow_up import martingale_residuals, sort_follow_up
    from prognomics.screen.permutation import Permutations

    follow_up, values = sort_follow_up(*_follow_up(400)), _matrix(1_000, 400)
    residual = martingale_residuals(follow_up, np.ones(400))
    null: Any = SimpleNamespace(residual=residual, follow_up=follow_up, covariates=np.empty((400, 0)))

    def work() -> None:
        permuted = Permutations(null, len(values), n, np.random.default_rng(3))
        permuted.add(values)
        permuted.p_values()

    return work

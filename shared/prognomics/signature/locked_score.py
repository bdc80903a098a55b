"""A score as a model that other samples are scored by, with the means and deviations of the samples at hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.model import Coefficient, Derivation, LockedModel
from prognomics.data.strata import COHORT, cohorts_of
from prognomics.errors import UsageError, first_few
from prognomics.expression.moments import gene_moments
from prognomics.signature.score_analysis import RANKED, Scored, score_samples
from prognomics.signature.signature_genes import find_genes


def locked_score(
    scored: Sequence[Scored], names: Sequence[str], expression: ExpressionMatrix, method: str, *, normalize: bool,
    within: str | None, frame: pd.DataFrame | None, population: str = "all",
) -> LockedModel:  # fmt: skip
    """The one score of an analysis, ready for other samples.

    A mean and a z-score are a sum of genes with fixed weights: in samples without missing values it is the score of
    `score_signature`. Genes have the names that the matrix at hand has.

    Parameters
    ----------
    scored : sequence of Scored
    names : sequence of str
        Columns of the scores.
    expression : ExpressionMatrix
    method : str
    normalize, within
        As in `score_signature`.
    frame : pandas.DataFrame or None
        The samples.
    population : str

    Raises
    ------
    UsageError
        Several scores; ssGSEA divided by the range of other samples; genes standardized within another column than
        the cohort.
    """
    if len(scored) > 1:
        raise UsageError(f"{len(scored)} signatures are scored, and a fitted model is one of them: {first_few(names)}",
                         hint="name one: --signature-name")  # fmt: skip
    if method == "ssgsea" and normalize:
        raise UsageError("a score that is divided by the range over these samples cannot be applied to others",
                         hint="take --no-normalize")  # fmt: skip
    if within not in (None, COHORT):
        raise UsageError(f"a fitted model standardizes within {COHORT}, not within {within}",
                         hint=f"give --within {COHORT}, or leave it out")  # fmt: skip
    (one,) = scored
    weights = _weights(one, expression, method)
    rows = np.array(list(weights), int)
    moments = gene_moments(expression.values[rows])
    value, center, intercept = np.array(list(weights.values())), moments.mean, None
    if method == "zscore" and within is None:
        value = value / moments.sd
    elif method == "zscore":
        center = np.zeros(len(rows))
    elif method not in RANKED:
        intercept = float(value @ center)  # the score itself, not its distance from the mean
    scale = moments.sd if method == "zscore" and within is None else np.ones(len(rows))
    genes = [expression.gene_ids[row] for row in rows]
    cells = zip(genes, value.tolist(), center.tolist(), scale.tolist(), strict=True)
    cohorts = tuple(cohorts_of(frame)) if frame is not None else ()
    return LockedModel(
        kind="score", name=names[0],
        coefficients=tuple(Coefficient(g, "gene", g, v, 0.0 if method in RANKED else c, s) for g, v, c, s in cells),
        intercept=intercept, score_method=method,
        scaling="none" if method != "zscore" else "within_cohort" if within else "overall",
        missing_genes=dict(zip(genes, moments.mean.tolist(), strict=True)),
        derivation=Derivation(n=len(expression.sample_ids), cohorts=cohorts, population=population,
                              method=f"{method} of {len(genes)} genes"),
    )  # fmt: skip


def _weights(one: Scored, expression: ExpressionMatrix, method: str) -> dict[int, float]:
    """Weight of each row of the matrix in the sum; of methods that rank, 1 or -1."""
    weights: dict[int, float] = {}
    for part, sign in ((one.up, 1.0), (one.down, -1.0)):
        if part is None:
            continue
        if method == "weighted_mean":
            own = one.weights / np.abs(one.weights).sum()
        else:
            size = {"mean": len(part.rows), "zscore": np.sqrt(len(part.rows))}.get(method, 1.0)
            own = np.full(len(part.rows), sign / size)
        for row, weight in zip(part.rows.tolist(), own.tolist(), strict=True):
            weights[row] = weights.get(row, 0.0) + weight
        if method == "weighted_mean":
            break
    return weights


def rank_score(model: LockedModel, expression: ExpressionMatrix) -> tuple[np.ndarray, tuple[str, ...]]:
    """Scores of a model that ranks all genes of a sample, shape (n_samples,), and the genes that were not found.

    Parameters
    ----------
    model : LockedModel
        With `score_method` ssgsea or singscore.
    expression : ExpressionMatrix
        All genes that were measured.
    """
    found = expression.rows_of(model.genes)
    lost = tuple(gene for gene in model.genes if gene not in found)
    parts = []
    for sign in (1, -1):
        wanted = [expression.gene_ids[found[c.term]] for c in model.coefficients
                  if c.term in found and np.sign(c.value) == sign]  # fmt: skip
        parts.append(find_genes(expression.values, expression.gene_ids, wanted, must_vary=False) if wanted else None)
    if parts[0] is None:
        return np.full(len(expression.sample_ids), np.nan), lost
    scored = Scored(model.name, parts[0], parts[1])
    return score_samples(expression.values, [scored], model.score_method, normalize=False)[0], lost

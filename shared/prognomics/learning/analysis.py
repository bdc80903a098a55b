"""The analysis of `learn_signature`: the final signature, what it is worth in held-out samples, and its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from prognomics.data.columns import text_values
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.result_table import result_table
from prognomics.data.signature import SignatureFile
from prognomics.errors import UsageError, warn
from prognomics.expression.normalize import standardize_within
from prognomics.learning.cohort_data import LearningData
from prognomics.learning.held_out import (
    HeldOutPredictions,
    apparent_rows,
    make_splits,
    predict_held_out,
    predict_linear,
    validation_rows,
)  # fmt: skip
from prognomics.learning.learner import Learned, Settings, learn
from prognomics.learning.null_distribution import null_rows, permuted_outcomes, random_signatures

VALIDATION = ("model", "held_out", "n", "events", "statistic", "time_months", "estimate", "se", "ci_low", "ci_high",
              "p_value")  # fmt: skip
COEFFICIENTS = ("term", "kind", "coefficient", "center", "scale")
PATH = ("step", "lambda", "term", "coefficient", "n_nonzero", "deviance_ratio")
CV = ("step", "lambda", "n_nonzero", "measure", "mean", "se", "chosen")
FEW_EVENTS_PER_COHORT = 10
ENOUGH_EVENTS = 50


@dataclass(frozen=True)
class SignatureAnalysis:
    """A learned signature with its evaluation.

    Attributes
    ----------
    data : LearningData
    learned : Learned
        Of all samples.
    held_out : HeldOutPredictions
    validation : pandas.DataFrame
    null : pandas.DataFrame or None
    common : dict
        What all tables state.
    """

    data: LearningData
    learned: Learned
    held_out: HeldOutPredictions
    validation: pd.DataFrame
    null: pd.DataFrame | None
    common: dict[str, Any]


def analyze_signature(
    data: LearningData,
    settings: Settings,
    *,
    leave_out: str,
    nested: bool,
    fold_column: str | None,
    at: Sequence[float],
    published: Mapping[str, np.ndarray],
    n_random: int,
    n_permuted: int = 0,
    common: dict[str, Any],
) -> SignatureAnalysis:
    """Learn a signature, and evaluate the whole procedure on samples that had no part in it.

    Parameters
    ----------
    data : LearningData
    settings : Settings
    leave_out : {"cohort", "none"}
    nested : bool
        Nested cross-validation where no cohort is held out.
    fold_column : str or None
        Column of given folds.
    at : sequence of float
        Horizons, months.
    published : mapping of name to scores
    n_random : int
        Random signatures to compare with.
    n_permuted : int
        Repeats of the whole procedure with permuted outcomes.
    common : dict
        What all tables state: endpoint, population.

    Raises
    ------
    Refused
        Too few events, no genes, a model that does not converge.
    """
    _warn_about_size(data)
    folds = _given_folds(data, fold_column)
    learned = learn(data, np.arange(data.n), settings, folds)
    size = int((learned.coefficients[data.n_covariates :] != 0).sum())
    if not size:
        warn("nothing-learned", "no gene was chosen: these samples do not support a signature under this rule; "
             "that is a result")  # fmt: skip
    splits = make_splits(data, leave_out, nested, settings)
    held_out = predict_held_out(data, splits, settings, folds, published)
    rows = validation_rows(data, held_out, at, ("signature", "signature_and_clinical", "clinical"))
    rows += apparent_rows(data, learned, at)
    draws: dict[str, np.ndarray] = {}
    if n_random and splits:
        possible = 0 < size < len(data.gene_ids)  # else no other set of genes has this size
        draws["random"] = random_signatures(data, held_out, size, n_random, settings.seed) if possible else np.empty(0)
    if n_permuted and splits:
        draws["permuted"] = permuted_outcomes(data, splits, settings, folds, n_permuted)
    null, more = null_rows(data, held_out, draws) if draws else (None, [])
    rows += more
    common = {**common, "n_missing": data.n_missing}
    return SignatureAnalysis(data, learned, held_out, result_table(rows, VALIDATION, **common), null, common)


def published_scores(
    expression: ExpressionMatrix, data: LearningData, files: Sequence[SignatureFile], floor: float = 0.5
) -> dict[str, np.ndarray]:
    """Scores of published signatures in the samples of the data, shape (n,) each.

    Weights times z-scores within cohorts (ddof 1), or their mean where a signature has no weights. A signature of which
    too few genes are measured is excluded, with a warning.
    """
    part = expression.select([str(s) for s in data.frame["sample_id"]])
    row_of = {gene: row for row, gene in enumerate(part.gene_ids)}
    scores: dict[str, np.ndarray] = {}
    for file in files:
        for signature in file.signatures:
            names = signature.genes_as(row_of)
            by_gene = signature.weights_as(row_of) or (1.0,) * len(names)
            found = [(row_of[g], w) for g, w in zip(names, by_gene, strict=True) if g in row_of]
            name = signature.name or "published"
            if len(found) < floor * len(names):
                warn("published-signature-left-out", f"{len(found)} of {len(names)} genes of {name} are in the matrix: "
                     "it is not compared")  # fmt: skip
                continue
            rows, weights = np.array([r for r, _ in found]), np.array([w for _, w in found], float)
            with np.errstate(invalid="ignore"):
                z = np.nan_to_num(standardize_within(part.values[rows], data.cohort))
            scores[name] = weights @ z / (len(rows) if signature.weights is None else 1)
    return scores


def _warn_about_size(data: LearningData) -> None:
    events = int(data.event.sum())
    if events < ENOUGH_EVENTS:
        warn("few-events-to-learn", f"{events} events: a signature learned from so few is rarely worth what it seems; "
             "a published signature or a single prespecified marker is the safer choice")  # fmt: skip
    counts = {c: int(data.event[data.cohort == c].sum()) for c in dict.fromkeys(sorted(data.cohort.tolist()))}
    few = [f"{c} ({k})" for c, k in counts.items() if k < FEW_EVENTS_PER_COHORT]
    if few and len(counts) > 1:
        warn("cohorts-with-few-events", f"fewer than {FEW_EVENTS_PER_COHORT} events in {', '.join(few)}: their "
             "held-out results are imprecise")  # fmt: skip


def _given_folds(data: LearningData, column: str | None) -> np.ndarray | None:
    if column is None:
        return None
    if column not in data.frame.columns:
        raise UsageError(f"there is no fold column {column!r}")
    codes, labels = pd.factorize(text_values(data.frame[column]).fillna("NA"), sort=True)
    if len(labels) < 2:
        raise UsageError(f"the fold column {column!r} has one value", hint="two or more folds are needed")
    by_patient = pd.Series(codes).groupby(data.patient).nunique()
    if (by_patient > 1).any():
        warn("patients-in-several-folds", f"{int((by_patient > 1).sum())} patients are in several folds of {column!r}: "
             "the cross-validation is optimistic")  # fmt: skip
    result: np.ndarray | None = codes
    return result


def coefficient_table(found: SignatureAnalysis) -> pd.DataFrame:
    """`--out-coefficients`: covariates, then the genes of the signature by the size of their effect per SD."""
    data, beta = found.data, found.learned.coefficients
    mean, spread = data.values.mean(axis=1), data.values.std(axis=1)
    names = column_names(data)
    genes = np.flatnonzero(beta[data.n_covariates :]) + data.n_covariates
    genes = genes[np.lexsort((np.array([names[j] for j in genes], object), -np.abs(beta[genes] * spread[genes])))]
    rows = [
        {"term": names[j], "kind": "covariate" if j < data.n_covariates else "gene", "coefficient": beta[j],
         "center": mean[j], "scale": spread[j]}
        for j in [*range(data.n_covariates), *genes]
    ]  # fmt: skip
    return result_table(rows, COEFFICIENTS, **found.common)


def path_table(found: SignatureAnalysis) -> pd.DataFrame:
    """`--out-path`: one row per penalty and term with a coefficient."""
    path = _path_of(found)
    names = column_names(found.data)
    rows = []
    for step, (columns, beta) in enumerate(zip(path.columns, path.coefficients, strict=True)):
        said = {"step": step + 1, "lambda": path.penalty[step], "n_nonzero": len(columns),
                "deviance_ratio": path.deviance_ratio[step]}  # fmt: skip
        rows += [{**said, "term": names[j], "coefficient": b} for j, b in zip(columns, beta, strict=True)] or [said]
    return result_table(rows, PATH, **found.common)


def cv_table(found: SignatureAnalysis) -> pd.DataFrame:
    """`--out-cv`: cross-validated deviance along the path, and which penalty each rule chooses."""
    path, learned = _path_of(found), found.learned
    if learned.mean is None:
        raise UsageError("one value of lambda was given: there is no cross-validation to show")
    rows = []
    for step, penalty in enumerate(path.penalty):
        chosen = [name for name, at in (("min", learned.best), ("1se", learned.one_se)) if at == step]
        rows.append({
            "step": step + 1, "lambda": penalty, "n_nonzero": len(path.columns[step]), "measure": "deviance",
            "mean": learned.mean[step], "se": learned.se[step], "chosen": ",".join(chosen) or None,
        })  # fmt: skip
    return result_table(rows, CV, **found.common)


def score_table(found: SignatureAnalysis, name: str) -> pd.DataFrame:
    """`--out-scores`: the held-out linear predictor of each sample, and that of the final signature (apparent)."""
    data, beta = found.data, found.learned.coefficients
    everyone = np.arange(data.n)
    genes = predict_linear(data, np.where(np.arange(len(beta)) < data.n_covariates, 0.0, beta), everyone, everyone)
    held = found.held_out.linear.get("signature", np.full(data.n, np.nan))
    return pd.DataFrame({
        "sample_id": data.frame["sample_id"].astype(str), name: held, f"{name}_apparent": genes,
        f"{name}_held_out": [label or None for label in found.held_out.label],
    })  # fmt: skip


def column_names(data: LearningData) -> list[str]:
    """Names of the rows of `LearningData.values`; a level is `stage=II`."""
    return [*data.design.columns, *data.gene_ids]


def _path_of(found: SignatureAnalysis) -> Any:
    if found.learned.path is None:
        raise UsageError("this learner has no path of penalties", hint="use --learner elastic_net")
    return found.learned.path

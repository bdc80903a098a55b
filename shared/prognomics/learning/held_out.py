"""What a learned signature is worth in samples that had no part in learning it.

The whole procedure is repeated without each cohort (or without each fold of patients), and the samples excluded are
predicted by what the others gave. Beside it, in the same samples: the clinical variables alone and with the signature,
published signatures, and random signatures of the same size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from prognomics.errors import Refused, first_few, warn
from prognomics.learning.cohort_data import LearningData
from prognomics.learning.elastic_net import PathProblem, elastic_net_paths
from prognomics.learning.learner import Learned, Settings, assign_folds, learn
from prognomics.learning.validation import HeldOut, binary_measures, plain_row, survival_measures
from prognomics.regression.discrimination import auc_within
from prognomics.regression.logistic_likelihood import LogisticOrder
from prognomics.survival.concordance import concordance

FEW_EVENTS = 5
LEARNED = ("signature", "signature_and_clinical", "clinical")
"""Models of the outcome itself; others are scores of another scale."""


@dataclass(frozen=True)
class Split:
    """One set of samples that is held out.

    Attributes
    ----------
    name : str
        The cohort, or "fold 1".
    training, test : numpy.ndarray of int
    """

    name: str
    training: np.ndarray
    test: np.ndarray


@dataclass
class HeldOutPredictions:
    """Predictions of every sample by a procedure of which it was not part.

    Attributes
    ----------
    splits : list of Split
    linear : dict of model name to numpy.ndarray, shape (n,)
        NaN for samples that no split holds out.
    label : numpy.ndarray of str, shape (n,)
        Which split held a sample out; only samples of one split are compared with each other.
    sizes : list of int
        Genes of the signature of each split.
    learned : list of Learned
    """

    splits: list[Split]
    linear: dict[str, np.ndarray]
    label: np.ndarray
    sizes: list[int] = field(default_factory=list)
    learned: list[Learned] = field(default_factory=list)


def make_splits(data: LearningData, leave_out: str, nested: bool, settings: Settings) -> list[Split]:
    """Sets to hold out: whole cohorts if there are several, else folds of patients (nested cross-validation).

    A cohort with fewer events than can be measured is never held out by itself, but serves in training.
    """
    everyone = np.arange(data.n)
    cohorts = list(dict.fromkeys(sorted(data.cohort.tolist())))
    if leave_out == "cohort" and len(cohorts) > 1:
        splits, small = [], []
        for cohort in cohorts:
            inside = data.cohort == cohort
            rarer = data.event[inside].sum()
            if data.binary:
                rarer = min(rarer, (1 - data.event[inside]).sum())
            if rarer < FEW_EVENTS:
                small.append(cohort)
                continue
            test = everyone[inside]
            apart = ~np.isin(data.patient, data.patient[test]) & ~inside
            splits.append(Split(cohort, everyone[apart], test))
        if small:
            warn("cohorts-not-held-out", f"fewer than {FEW_EVENTS} events in {first_few(small)}: these cohorts serve "
                 "in training only")  # fmt: skip
        return splits
    if not nested:
        return []
    folds = assign_folds(data, everyone, settings.folds, settings.seed + 7919)
    return [Split(f"fold {f + 1}", everyone[folds != f], everyone[folds == f]) for f in range(settings.folds)]


def predict_held_out(
    data: LearningData, splits: Sequence[Split], settings: Settings, folds: np.ndarray | None,
    published: Mapping[str, np.ndarray],
) -> HeldOutPredictions:  # fmt: skip
    """Learn without each split and predict it.

    Parameters
    ----------
    data : LearningData
    splits : sequence of Split
    settings : Settings
    folds : numpy.ndarray or None
        Given folds, see `learn`.
    published : mapping of name to numpy.ndarray, shape (n,)
        Scores of published signatures.
    """
    found = HeldOutPredictions(list(splits), {}, np.full(data.n, "", object))
    covariates = data.n_covariates

    def store(name: str, test: np.ndarray, linear: np.ndarray) -> None:
        found.linear.setdefault(name, np.full(data.n, np.nan))[test] = linear

    for split in splits:
        learned = learn(data, split.training, settings, folds, whole_path=False)
        found.learned.append(learned)
        found.sizes.append(int((learned.coefficients[covariates:] != 0).sum()))
        found.label[split.test] = split.name
        beta = learned.coefficients
        genes_alone = np.where(np.arange(len(beta)) < covariates, 0.0, beta)
        store("signature", split.test, predict_linear(data, genes_alone, split.training, split.test))
        if covariates:
            clinical = np.zeros(len(beta))
            clinical[:covariates] = fit_columns(data, split.training, np.arange(covariates))
            store("clinical", split.test, predict_linear(data, clinical, split.training, split.test))
            store("signature_and_clinical", split.test, predict_linear(data, beta, split.training, split.test))
        for name, score in published.items():
            store(name, split.test, score[split.test])
    empty = sum(size == 0 for size in found.sizes)
    if empty:
        warn("nothing-learned", f"nothing was learned in {empty} of {len(splits)} held-out repeats: their signatures "
             "are empty and predict nothing (C = 0.5)")  # fmt: skip
    return found


def predict_linear(data: LearningData, beta: np.ndarray, training: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Linear predictor of some samples; of a yes/no outcome log odds, with the intercept of the training samples."""
    used = np.flatnonzero(beta)
    linear = beta[used] @ data.values[np.ix_(used, test)]
    risk = data.order(training)
    if not isinstance(risk, LogisticOrder):
        return np.asarray(linear)
    return np.asarray(linear + risk.mean_intercept(beta[used] @ data.values[np.ix_(used, training)]))


def fit_columns(data: LearningData, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Coefficients of a model of some columns without any penalty, shape (len(columns),)."""
    problem = PathProblem(rows, data.order(rows), np.zeros(len(columns)), 1.0, np.array([0.0]))
    (path,) = elastic_net_paths(np.ascontiguousarray(data.values[columns]), [problem])
    result: np.ndarray = path.dense(len(columns))[0]
    return result


def validation_rows(
    data: LearningData, found: HeldOutPredictions, at: Sequence[float], first: Sequence[str] = ()
) -> list[dict[str, object]]:
    """Rows of `--out-validation`: each model in each set held out, and in all of them together (`all`)."""
    rows = []
    for name in [*(n for n in first if n in found.linear), *(n for n in found.linear if n not in first)]:
        linear = found.linear[name]
        for split in found.splits:
            rows += _measured(data, name, split.name, split.test, linear, None, at)
        everyone = np.flatnonzero(found.label != "")
        if len(found.splits) > 1:
            rows += _measured(data, name, "all", everyone, linear, _comparable(data, found), at)
    rows += _added(data, found)
    return rows


def apparent_rows(data: LearningData, learned: Learned, at: Sequence[float]) -> list[dict[str, object]]:
    """The final model judged on the samples that it was learned from: the optimistic figure, for comparison."""
    covariates = data.n_covariates
    everyone = np.arange(data.n)
    beta = learned.coefficients
    genes = predict_linear(data, np.where(np.arange(len(beta)) < covariates, 0.0, beta), everyone, everyone)
    rows = _measured(data, "signature", "apparent", everyone, genes, data.strata, at)
    if covariates:
        both = predict_linear(data, beta, everyone, everyone)
        rows += _measured(data, "signature_and_clinical", "apparent", everyone, both, data.strata, at)
    return rows


def _comparable(data: LearningData, found: HeldOutPredictions) -> np.ndarray:
    """Strata within which held-out samples may be compared: one split, and one stratum of the data."""
    own = np.zeros(data.n, int) if data.strata is None else data.strata
    label = np.unique(found.label.astype(str), return_inverse=True)[1]
    result: np.ndarray = label * (int(own.max()) + 1) + own
    return result


def _measured(data, name, held_out, rows, linear, strata, at) -> list[dict[str, object]]:
    rows = rows[~np.isnan(linear[rows])]
    n, events = len(rows), int(data.event[rows].sum())
    compared = data.strata if strata is None else strata
    stratum = None if compared is None else compared[rows]
    try:
        if data.binary:
            found = binary_measures(data.event[rows], linear[rows], stratum, absolute=name in LEARNED)
        else:
            found = survival_measures(HeldOut(data.time[rows], data.event[rows], linear[rows], stratum, at))
    except Refused as reason:
        return [{"model": name, "held_out": held_out, "n": n, "events": events, "note": str(reason).split("\n")[0]}]
    return [{"model": name, "held_out": held_out, **row} for row in found]


def _added(data: LearningData, found: HeldOutPredictions) -> list[dict[str, object]]:
    """What the signature adds to the clinical model in held-out samples: the difference of C, with its error."""
    if data.binary or "clinical" not in found.linear:
        return []
    rows = np.flatnonzero((found.label != "") & ~np.isnan(found.linear["clinical"]))
    strata = _comparable(data, found)[rows]
    parts = [
        concordance(data.time[rows], data.event[rows], found.linear[name][rows], strata)
        for name in ("signature_and_clinical", "clinical")
    ]
    difference = parts[0].estimate - parts[1].estimate
    se = float(np.sqrt(np.sum((parts[0].influence - parts[1].influence) ** 2)))
    row = plain_row("c_harrell_difference", None, difference, se, 0.0)
    return [{"model": "signature_and_clinical minus clinical", "held_out": "all", "n": len(rows),
             "events": int(data.event[rows].sum()), **row}]  # fmt: skip


def discrimination(data: LearningData, found: HeldOutPredictions, linear: np.ndarray, rows: np.ndarray) -> float:
    """C of survival, or AUC, among held-out samples, comparing within splits and strata only."""
    strata = _comparable(data, found)[rows]
    if data.binary:
        return auc_within(data.event[rows] == 1, linear[rows], strata)[0]
    return concordance(data.time[rows], data.event[rows], linear[rows], strata, with_se=False).estimate

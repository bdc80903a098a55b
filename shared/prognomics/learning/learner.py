"""Learn a signature from some samples: everything that looks at the outcome happens in here.

Filter, folds, penalty and coefficients are found among the samples given and nowhere else, so that whoever holds
samples out of a call holds them out of all of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prognomics.errors import Refused
from prognomics.learning.cohort_data import LearningData
from prognomics.learning.cross_validation import choose_penalty, cross_validate_orders
from prognomics.learning.elastic_net import Path, PathProblem, elastic_net_paths

LEARNERS = ("elastic_net", "univariable")


@dataclass(frozen=True)
class Settings:
    """How a signature is learned.

    Attributes
    ----------
    learner : {"elastic_net", "univariable"}
        "univariable" adds up the genes with the largest univariable score statistics, each by its sign: the usual
        recipe, for comparison.
    alpha : float
        1 is the lasso, 0 ridge regression.
    top_variance : int
        Genes of the largest variance (within cohorts, among the training samples) that are candidates; 0 for all.
    folds, repeats : int
        Of the cross-validation that chooses lambda.
    rule : {"min", "1se"}
    n_penalties : int
    smallest : float or None
        Last lambda over the first.
    penalties : tuple of float
        These instead.
    n_genes : int
        Of "univariable".
    standardize : bool
    seed : int
    """

    learner: str = "elastic_net"
    alpha: float = 1.0
    top_variance: int = 0
    folds: int = 10
    repeats: int = 1
    rule: str = "min"
    n_penalties: int = 100
    smallest: float | None = None
    penalties: tuple[float, ...] = ()
    n_genes: int = 50
    standardize: bool = True
    seed: int = 1


@dataclass(frozen=True)
class Learned:
    """A signature of some samples.

    Attributes
    ----------
    coefficients : numpy.ndarray, shape (n_columns,)
        Of the rows of `LearningData.values`, covariates first.
    path : Path or None
    mean, se : numpy.ndarray or None, shape (n_penalties,)
        Cross-validated deviance.
    step : int
        The chosen penalty.
    best, one_se : int
    """

    coefficients: np.ndarray
    path: Path | None = None
    mean: np.ndarray | None = None
    se: np.ndarray | None = None
    step: int = 0
    best: int = 0
    one_se: int = 0


def learn(
    data: LearningData, rows: np.ndarray, settings: Settings, folds: np.ndarray | None = None, whole_path: bool = True
) -> Learned:
    """Learn a signature from the samples `rows` of the data.

    Parameters
    ----------
    data : LearningData
    rows : numpy.ndarray of int
    settings : Settings
    folds : numpy.ndarray, shape (data.n,), optional
        Given folds of all samples, in place of random ones.
    whole_path : bool
        See `cross_validate_orders`; needed to show the cross-validation of all penalties, not to choose one.

    Raises
    ------
    Refused
        No events among the samples, or too few for the folds.
    """
    if settings.learner == "univariable":
        return _univariable(data, rows, settings)
    columns = _candidates(data, rows, settings)
    values = data.values if len(columns) == len(data.values) else np.ascontiguousarray(data.values[columns])
    factor = (columns >= data.n_covariates).astype(float)
    penalties = np.array(sorted(settings.penalties, reverse=True)) if settings.penalties else None
    problem = PathProblem(
        rows, data.order(rows), factor, settings.alpha, penalties, settings.n_penalties, settings.smallest,
        settings.standardize,
    )  # fmt: skip
    if penalties is not None and len(penalties) == 1:
        (path,) = elastic_net_paths(values, [problem])
        return _chosen(data, columns, path, None, None, 0, 0, 0)
    means, variances, path = [], [], None
    repeats = 1 if folds is not None else settings.repeats
    for repeat in range(repeats):
        parts = folds[rows] if folds is not None else assign_folds(data, rows, settings.folds, settings.seed + repeat)
        found = cross_validate_orders(values, data.order, parts, problem, data.event, path,
                                      whole_path=whole_path or repeats > 1)  # fmt: skip
        path = found.path
        means.append(found.mean)
        variances.append(found.se**2)
    mean, se = np.mean(means, axis=0), np.sqrt(np.mean(variances, axis=0))
    best, one_se = choose_penalty(mean, se)
    return _chosen(data, columns, path, mean, se, best if settings.rule == "min" else one_se, best, one_se)


def assign_folds(data: LearningData, rows: np.ndarray, n_folds: int, seed: int) -> np.ndarray:
    """Folds of samples, a patient in one of them only, balanced by cohort and event; shape (len(rows),).

    Raises
    ------
    Refused
        Fewer events or patients than folds.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    event, patient = data.event[rows], data.patient[rows]
    n_patients = len(set(patient.tolist()))
    if min(event.sum(), n_patients) < n_folds or n_folds < 2:
        raise Refused(f"{int(event.sum())} events in {n_patients} patients cannot be divided into {n_folds} folds",
                      hint="ask for fewer folds (--folds), or do not learn a signature from so few events")  # fmt: skip
    cohort = np.unique(data.cohort[rows].astype(str), return_inverse=True)[1]
    kind = 2 * (cohort + 1) + event.astype(int)
    rare = np.bincount(kind) < n_folds  # too few to be in every fold: balanced by event alone
    kind = np.where(rare[kind], kind % 2, kind)
    splitter = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
    folds = np.zeros(len(rows), int)
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of classes smaller than the number of folds
        for fold, (_, test) in enumerate(splitter.split(np.zeros(len(rows)), kind, patient)):
            folds[test] = fold
    return folds


def score_weights(data: LearningData, rows: np.ndarray) -> np.ndarray:
    """Each column's score statistic at no effect among some samples, shape (n_columns,): its sign and its size.

    The gradient of the log likelihood over the standard deviation; 0 where a column does not vary.
    """
    risk = data.order(rows)
    residual = np.zeros(data.n)
    residual[rows[risk.order]] = risk.evaluate(np.zeros(risk.n)).gradient
    weight = np.zeros(data.n)
    weight[rows] = 1 / len(rows)
    mean = data.values @ weight
    spread = np.sqrt(np.maximum(np.einsum("ij,ij,j->i", data.values, data.values, weight) - mean**2, 0))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(spread > 1e-7 * (1 + np.abs(mean)), data.values @ residual / spread, 0.0)


def _univariable(data: LearningData, rows: np.ndarray, settings: Settings) -> Learned:
    columns = _candidates(data, rows, settings)
    weights = score_weights(data, rows)
    genes = columns[columns >= data.n_covariates]
    chosen = genes[np.argsort(-np.abs(weights[genes]), kind="stable")[: settings.n_genes]]
    coefficients = np.zeros(len(data.values))
    spread = data.values[np.ix_(chosen, rows)].std(axis=1)
    coefficients[chosen] = np.sign(weights[chosen]) / np.where(spread > 0, spread, 1.0)
    return Learned(coefficients)


def _candidates(data: LearningData, rows: np.ndarray, settings: Settings) -> np.ndarray:
    """Columns that may enter: covariates, and the genes of the largest variance among these samples."""
    n = data.n_covariates
    columns = np.arange(len(data.values))
    if not 0 < settings.top_variance < len(columns) - n:
        return columns
    genes = data.values[n:, rows]
    total = np.zeros(len(genes))
    for cohort in dict.fromkeys(data.cohort[rows]):
        part = genes[:, data.cohort[rows] == cohort]
        total += part.var(axis=1) * part.shape[1]
    best = np.argsort(-total, kind="stable")[: settings.top_variance]
    return np.concatenate([columns[:n], np.sort(best) + n])


def _chosen(
    data: LearningData,
    columns: np.ndarray,
    path: Path,
    mean: np.ndarray,
    se: np.ndarray,
    step: int,
    best: int,
    one_se: int,
) -> Learned:
    coefficients = np.zeros(len(data.values))
    coefficients[columns[path.columns[step]]] = path.coefficients[step]
    whole = Path(path.penalty, [columns[c] for c in path.columns], path.coefficients, path.deviance_ratio,
                 path.null_deviance, path.kkt)  # fmt: skip
    return Learned(coefficients, whole, mean, se, step, best, one_se)

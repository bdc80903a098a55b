"""Consensus clustering of samples by the genes of a signature, and the centroids of its classes.

Monti et al. (2003), doi 10.1023/A:1023949509487: k-means of many subsets of the samples; two samples are alike as often
as they are in one cluster of those subsets that have both. The classes are those of average linkage on that likeness.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from prognomics.data.registry import table_columns
from prognomics.errors import Refused, UsageError, warn
from prognomics.expression.normalize import standardize_within

SCALINGS = ("within_cohort", "overall", "none")
CLEAR = (0.1, 0.9)
"""A pair whose consensus is strictly between is ambiguous (Senbabaoglu et al. 2014, doi 10.1038/srep06207)."""
WEAK_SILHOUETTE = 0.25
FEWEST_IN_COHORT = 3
STARTS = 5
TABLE_COLUMNS = table_columns("cluster_table")


@dataclass(frozen=True)
class Clusters:
    """Classes of samples.

    Attributes
    ----------
    classes : numpy.ndarray of object, shape (n_samples,)
        Of the chosen k, named by the order of their mean: low, (mid,) high, or group_1 and so on.
    names : tuple of str
        From the lowest mean to the highest.
    silhouette : numpy.ndarray, shape (n_samples,)
    consensus : numpy.ndarray, shape (n_samples, n_samples)
        Of the chosen k; NaN for pairs that no subset had.
    table : pandas.DataFrame
        Columns `TABLE_COLUMNS`, one row per k.
    """

    classes: np.ndarray
    names: tuple[str, ...]
    silhouette: np.ndarray
    consensus: np.ndarray
    table: pd.DataFrame


def scaled_profiles(values: np.ndarray, cohorts: Sequence[object], scaling: str) -> tuple[np.ndarray, np.ndarray]:
    """Values for the clustering, and centered values for centroids; both of shape (n_genes, n_samples).

    Parameters
    ----------
    values : numpy.ndarray, shape (n_genes, n_samples)
        Log-scale expression; missing is NaN.
    cohorts : sequence, shape (n_samples,)
    scaling : {"within_cohort", "overall", "none"}
        Mean 0 and SD 1 of each gene in each cohort, or over all samples; or values as they are.

    Returns
    -------
    scaled : numpy.ndarray
        A missing value, and a gene without variation in a cohort, is at the gene's mean.
    centered : numpy.ndarray
        The mean of each gene in each cohort (or over all samples) is 0; missing stays NaN.

    Raises
    ------
    Refused
        A cohort of fewer than three samples is to be scaled by itself.
    """
    if scaling not in SCALINGS:
        raise UsageError(f"unknown scaling {scaling!r}", hint=f"one of {', '.join(SCALINGS)}")
    groups = np.array([str(c) for c in cohorts] if scaling == "within_cohort" else ["all"] * values.shape[1], object)
    sizes = pd.Series(groups).value_counts()
    if sizes.min() < FEWEST_IN_COHORT:
        raise Refused(f"the cohort {sizes.idxmin()} has {sizes.min()} samples, too few to scale its genes",
                      hint="leave it out (--where), or use --scaling overall")  # fmt: skip
    centered = np.full(values.shape, np.nan)
    for group in sorted(set(groups)):
        part = values[:, groups == group]
        known = ~np.isnan(part)
        mean = np.where(known, part, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
        centered[:, groups == group] = part - mean[:, None]
    if scaling == "none":
        known = ~np.isnan(values)
        mean = np.where(known, values, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
        return np.where(known, values, mean[:, None]), centered
    return np.nan_to_num(standardize_within(values, list(groups)), nan=0.0), centered


def cluster_samples(
    scaled: np.ndarray, ks: Sequence[int], *, resamples: int, fraction: float, rng: np.random.Generator
) -> Clusters:
    """Consensus clusters for each number of classes; the k with the largest mean silhouette is chosen.

    Parameters
    ----------
    scaled : numpy.ndarray, shape (n_genes, n_samples)
        Without missing values; samples in an order that does not depend on the file, such as that of their ids.
    ks : sequence of int
    resamples : int
        Subsets of the samples.
    fraction : float
        Of the samples in each subset.
    rng : numpy.random.Generator

    Returns
    -------
    Clusters
        The smaller k among equals.

    Raises
    ------
    Refused
        More classes than samples of a subset, or than different profiles.
    """
    x = np.ascontiguousarray(scaled.T)
    n, ks = len(x), sorted(set(ks))
    size = int(np.floor(fraction * n + 1e-9))
    different = len(np.unique(x, axis=0))
    for k in ks:
        if k < 2:
            raise UsageError(f"{k} class is no division", hint="--k 2 or more")
        if k >= size or k > different:
            raise Refused(f"{k} classes cannot be made of {n} samples ({different} different profiles, {size} in each "
                          "subset)", hint="ask for fewer classes (--k), or take more samples")  # fmt: skip
    consensus = _consensus(x, ks, resamples, size, rng)
    rows, found = [], {}
    area_before = None
    for k in ks:
        labels = _linked(consensus[k], k)
        row, silhouette = _row(x, consensus[k], labels, k)
        area = row["cdf_area"]
        row["delta_area"] = area if area_before is None else (area - area_before) / area_before
        area_before = area
        rows.append(row | {"n_genes": x.shape[1], "resamples": resamples})
        found[k] = labels, silhouette
    best = max(ks, key=lambda k: (round(rows[ks.index(k)]["silhouette"], 12), -k))
    for row in rows:
        row["chosen"] = "yes" if row["k"] == best else "no"
    labels, silhouette = found[best]
    names = class_names(best)
    order = _by_mean(x, labels, best)
    classes = np.array(names, object)[np.argsort(order)[labels]]
    mean_silhouette = rows[ks.index(best)]["silhouette"]
    if mean_silhouette < WEAK_SILHOUETTE:
        warn("weak-clusters", f"the mean silhouette of {best} classes is {mean_silhouette:.2f}: the samples may not "
             "form classes at all; a continuous score (score_signature) may describe them better")  # fmt: skip
    table = pd.DataFrame(rows).assign(method="consensus of k-means, average linkage", note=None)
    table = table[list(TABLE_COLUMNS)]
    return Clusters(classes, names, silhouette, consensus[best], table)


def class_names(k: int) -> tuple[str, ...]:
    """Names of k classes from the lowest mean to the highest."""
    return {2: ("low", "high"), 3: ("low", "mid", "high")}.get(k, tuple(f"group_{i + 1}" for i in range(k)))


def class_centroids(
    centered: np.ndarray, genes: Sequence[str], classes: np.ndarray, names: Sequence[str]
) -> pd.DataFrame:
    """`gene_id` and the mean of each class, in the order of `names`; genes without a value in a class are excluded.

    Parameters
    ----------
    centered : numpy.ndarray, shape (n_genes, n_samples)
        See `scaled_profiles`; what `classify_centroid` makes of new samples.
    """
    columns: dict[str, object] = {"gene_id": list(genes)}
    for name in names:
        part = centered[:, classes == name]
        known = ~np.isnan(part)
        with np.errstate(invalid="ignore"):
            columns[name] = np.where(known, part, 0.0).sum(axis=1) / known.sum(axis=1)
    return pd.DataFrame(columns).dropna().reset_index(drop=True)


def _consensus(
    x: np.ndarray, ks: list[int], resamples: int, size: int, rng: np.random.Generator
) -> dict[int, np.ndarray]:
    """Fraction of the subsets with both samples that have them in one cluster, by k, shape (n_samples, n_samples)."""
    import warnings

    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    n = len(x)
    together = {k: np.zeros((n, n)) for k in ks}
    both = np.zeros((n, n))
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a subset may have fewer different profiles than classes
        for _ in range(resamples):
            chosen = np.sort(rng.choice(n, size, replace=False))
            both[np.ix_(chosen, chosen)] += 1
            for k in ks:
                seed = int(rng.integers(2**31 - 1))
                labels = KMeans(k, n_init=STARTS, random_state=seed).fit_predict(x[chosen])
                together[k][np.ix_(chosen, chosen)] += labels[:, None] == labels
    with np.errstate(invalid="ignore"):
        return {k: np.where(both > 0, together[k] / both, np.nan) for k in ks}


def _linked(consensus: np.ndarray, k: int) -> np.ndarray:
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    distance = 1 - np.nan_to_num(consensus, nan=0.0)
    np.fill_diagonal(distance, 0.0)
    tree = linkage(squareform(distance, checks=False), "average")
    labels = fcluster(tree, k, "maxclust") - 1
    if len(set(labels)) < k:
        raise Refused(f"{k} classes cannot be told from {len(set(labels))}: samples are alike in all subsets",
                      hint="ask for fewer classes (--k)")  # fmt: skip
    result: np.ndarray = labels
    return result


def _row(x: np.ndarray, consensus: np.ndarray, labels: np.ndarray, k: int) -> tuple[dict[str, Any], np.ndarray]:
    from sklearn.metrics import silhouette_samples

    silhouette = silhouette_samples(x, labels)
    same = labels[:, None] == labels
    upper = np.triu(np.ones_like(same), 1) & ~np.isnan(consensus)
    pairs = consensus[upper]
    by_class = [silhouette[labels == c].mean() for c in range(k)]
    return {
        "k": k, "n": len(x), "pac": float(((pairs > CLEAR[0]) & (pairs < CLEAR[1])).mean()),
        "consensus_within": _mean(consensus[upper & same]), "consensus_between": _mean(consensus[upper & ~same]),
        "cdf_area": float(1 - pairs.mean()), "silhouette": float(silhouette.mean()),
        "silhouette_lowest_class": float(min(by_class)), "smallest_class": int(np.bincount(labels).min()),
    }, silhouette  # fmt: skip


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _by_mean(x: np.ndarray, labels: np.ndarray, k: int) -> np.ndarray:
    """Labels from the lowest mean to the highest; ties by their first sample."""
    return np.array(sorted(range(k), key=lambda c: (round(float(x[labels == c].mean()), 12), np.argmax(labels == c))))

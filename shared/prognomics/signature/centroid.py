"""Nearest-centroid classes of tumors, as CINSARC's: 1 - Spearman to the mean profile of each class.

The published procedure (Chibon et al. 2010, doi:10.1038/nm.2174): genes of the signature are
mean-centered over the samples, a centroid is the mean profile of a class (tumors with and
without metastasis), and a tumor takes the class whose centroid is at the smallest distance
1 - Spearman's correlation. Three modes:

- `loocv`: each sample is classified by centroids that it had no part in;
- `train`: centroids are derived and handed out (samples get classes too, of their own training);
- `apply`: centroids from elsewhere, on genes centered over the samples at hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from prognomics.errors import BadInput, Refused, first_few, warn
from prognomics.signature.centroid_distance import DISTANCES, FEWEST_GENES, correlation_distances
from prognomics.signature.leave_one_out import CenteredProfiles
from prognomics.signature.signature_genes import check_coverage, find_genes

MODES = ("loocv", "train", "apply")
FEWEST_IN_CLASS = 2


@dataclass(frozen=True)
class CentroidClasses:
    """Classes of samples.

    Attributes
    ----------
    classes : ndarray of object, shape (n_samples,)
        Class of each sample; NaN where too few genes have values, or the margin is below the floor.
    margin : ndarray, shape (n_samples,)
        Second smallest distance minus the smallest; 0 is a tie, NaN where too few genes have values.
    learnt : ndarray of object, shape (n_samples,)
        By which centroids: "leave_one_out" (of the other training samples), "own_training" (the sample had a part in
        them), "all_training" (a sample without an outcome), "applied" (from elsewhere).
    distances : DataFrame, shape (n_samples, n_classes)
        1 - Spearman to each centroid.
    centroids : DataFrame
        `gene_id`, then one column per class: from all training samples (also for `loocv`).
    coverage : DataFrame
        See :class:`prognomics.signature.signature_genes.SignatureGenes`.
    n_training : dict
        Training samples of each class.
    mode : str
    n_genes, n_signature : int
        Genes used, and in the signature.
    centering : CenteredProfiles
        What classes by other labels are made from.
    """

    classes: np.ndarray
    margin: np.ndarray
    learnt: np.ndarray
    distances: pd.DataFrame
    centroids: pd.DataFrame
    coverage: pd.DataFrame
    n_training: dict[str, int]
    mode: str
    n_genes: int
    n_signature: int
    centering: CenteredProfiles = field(repr=False)

    def table(self, sample_id: Sequence[str], name: str) -> pd.DataFrame:
        """`sample_id, <name>, <name>_margin`, then the distance to each centroid and `<name>_learnt`."""
        distances = {f"{name}_distance_{label}": self.distances[label].to_numpy() for label in self.distances}
        facts = {"sample_id": list(sample_id), name: self.classes, f"{name}_margin": self.margin}
        return pd.DataFrame(facts | distances | {f"{name}_learnt": self.learnt})


def labels_at_horizon(time_months: np.ndarray, event: np.ndarray, horizon: float) -> np.ndarray:
    """Outcome by a horizon, for training: who was censored before it is unknown, not event-free.

    Parameters
    ----------
    time_months, event : array_like, shape (n_samples,)
        Time of the event (1) or of censoring (0).
    horizon : float
        In months.

    Returns
    -------
    ndarray of object, shape (n_samples,)
        "event" for an event up to the horizon, "event_free" for a time beyond it (or censored exactly at
        it), NaN where censored earlier or unknown.

    Raises
    ------
    BadInput
        When the horizon is not positive.
    Refused
        When no sample was followed up to the horizon.
    """
    if not horizon > 0:
        raise BadInput(f"a horizon of {horizon} months", hint="give a number of months above zero")
    time, event = np.asarray(time_months, dtype=float), np.asarray(event, dtype=float)
    labels = np.full(time.shape, np.nan, dtype=object)
    labels[(event == 1) & (time <= horizon)] = "event"
    labels[((time > horizon) & ~np.isnan(event)) | ((event == 0) & (time == horizon))] = "event_free"
    if not (labels == "event_free").any():
        raise Refused(
            f"nobody was followed without an event for {horizon:g} months",
            where=f"longest time: {np.nanmax(time, initial=0):g} months",
            hint="choose an earlier horizon",
        )
    return labels


def classify_centroid(
    values: np.ndarray,
    genes: Sequence[str],
    *,
    mode: str,
    signature: Sequence[str] | None = None,
    labels: np.ndarray | None = None,
    centroids: pd.DataFrame | None = None,
    aliases: Mapping[str, Sequence[str]] | None = None,
    min_coverage: float = 0.8,
    center_within: np.ndarray | None = None,
    distance: str = "spearman",
    min_margin: float = 0.0,
) -> CentroidClasses:
    """Classify samples by the nearest centroid.

    Parameters
    ----------
    values : array_like, shape (n_genes, n_samples)
        Log-scale expression; NaN is allowed and excluded gene by gene.
    genes : sequence of str, shape (n_genes,)
    mode : {"loocv", "train", "apply"}
    signature : sequence of str
        Genes to use (`loocv`, `train`; with `apply` the genes of the centroids).
    labels : array_like, shape (n_samples,)
        Class of each training sample (`loocv`, `train`). Samples with a missing label take no part in the
        centroids but are classified, by the centroids of all training samples.
    centroids : DataFrame
        `gene_id`, then one numeric column a class (`apply`).
    aliases : mapping, optional
        See :func:`prognomics.signature.signature_genes.match_signature`.
    min_coverage : float
        Least fraction of the signature that must be found.
    distance : {"spearman", "pearson", "kendall"}
        1 less this correlation; CINSARC has Spearman's.
    min_margin : float
        Samples whose two smallest distances differ by less have no class.
    center_within : array_like of str, shape (n_samples,), optional
        Cohort of each sample: genes are mean-centered within cohorts (default: over all samples).

    Returns
    -------
    CentroidClasses

    Raises
    ------
    BadInput
        For an unknown mode, missing arguments, repeated genes, or coverage below `min_coverage`.
    Refused
        With fewer than two classes, or fewer than two training samples in a class.

    Notes
    -----
    Centering uses every sample at hand (labels play no part in it), so in `apply` the cohort's make-up
    enters: a single sample cannot be classified. In `loocv` both the means of the genes and the centroids
    leave the sample out, and its own values are centered by those means. Spearman uses midranks over the
    genes with a value in the sample and in all centroids. Genes whose value never varies or never
    exists are not used. Ties of distances go to the first class by name, with margin 0.
    """
    for what, value, allowed in (("mode", mode, MODES), ("distance", distance, DISTANCES)):
        if value not in allowed:
            raise BadInput(f"unknown {what} {value!r}", hint=f"one of {', '.join(allowed)}")
    values = np.asarray(values, dtype=float)
    n_samples = values.shape[1]
    cohorts = (
        np.zeros(n_samples, dtype=int)
        if center_within is None
        else pd.factorize(pd.Series(np.asarray(center_within, dtype=object)).astype(str))[0]
    )
    if mode == "apply":
        given = _check_centroids(centroids)
        wanted = list(given.index)
    else:
        if signature is None or labels is None:
            raise BadInput(
                f"mode {mode} needs a signature and an outcome", hint="give --signature and --outcome-column"
            )
        wanted = list(dict.fromkeys(str(gene) for gene in signature))
    found = find_genes(values, genes, wanted, aliases, must_vary=True)
    check_coverage(found, min_coverage, FEWEST_GENES)
    profile, used = values[found.rows], found.used
    centering = CenteredProfiles(profile, cohorts, distance)
    if mode == "apply":
        table, counts = given.loc[used], {}
        distances = correlation_distances(centering.centered, table.to_numpy(dtype=float).T, distance)
        learnt = np.full(n_samples, "applied", dtype=object)
    else:
        members, counts = class_members(labels, n_samples)
        chosen = np.column_stack(list(members.values())).astype(float)
        table = pd.DataFrame(centering.centroids(chosen).T, columns=list(members), index=used)
        distances = centering.distances(chosen, leave_out=mode == "loocv")
        own = "leave_one_out" if mode == "loocv" else "own_training"
        learnt = np.where(chosen.any(axis=1), own, "all_training").astype(object)
    classes, margin = nearest_classes(distances, list(table.columns), min_margin)
    bare, near = int(np.isnan(margin).sum()), int((~np.isnan(margin) & pd.isna(classes)).sum())
    if bare:
        warn("not-classified", f"{bare} samples have too few genes with a value to be classified")
    if near:
        warn("unclassified", f"{near} of {n_samples} samples lie between classes (margin below {min_margin:g}) and are "
             "not classified")  # fmt: skip
    return CentroidClasses(
        classes=classes,
        margin=margin,
        learnt=learnt,
        distances=pd.DataFrame(distances, columns=table.columns),
        centroids=table.rename_axis("gene_id").reset_index(),
        coverage=found.coverage,
        n_training=counts,
        mode=mode,
        n_genes=len(used),
        n_signature=len(wanted),
        centering=centering,
    )


def _check_centroids(centroids: pd.DataFrame) -> pd.DataFrame:
    if centroids is None or "gene_id" not in centroids.columns or len(centroids.columns) < 3:
        raise BadInput("centroids hold gene_id and a column for each of two or more classes", hint="give --centroids")
    table = centroids.set_index(centroids["gene_id"].astype(str)).drop(columns="gene_id")
    twice = table.index[table.index.duplicated()]
    if len(twice):
        raise BadInput("a gene occurs twice among the centroids", where=first_few(twice), hint="one row per gene")
    try:
        return table.astype(float)
    except ValueError as fault:
        hint = "every class column must be numeric"
        raise BadInput("the centroids hold text", where=str(fault), hint=hint) from fault


def class_members(labels: np.ndarray, n_samples: int) -> tuple[dict[str, Any], dict[str, Any]] | None:
    labels = pd.Series(np.asarray(labels, dtype=object))
    if len(labels) != n_samples:
        raise BadInput(f"{len(labels)} labels for {n_samples} samples", hint="one label per sample, in its order")
    names = sorted(labels.dropna().unique(), key=str)
    members = {str(name): (labels == name).to_numpy() for name in names}
    counts = {name: int(mask.sum()) for name, mask in members.items()}
    if len(names) < 2:
        raise Refused(
            "centroids need two classes",
            where=f"training samples: {counts}",
            hint="check the outcome column, the horizon and the subset (--where)",
        )
    few = [name for name, n in counts.items() if n < FEWEST_IN_CLASS]
    if few:
        raise Refused(
            f"fewer than {FEWEST_IN_CLASS} training samples in class {first_few(few)}",
            where=f"training samples: {counts}",
            hint="leave the class out, or choose another horizon",
        )
    return members, counts


def nearest_classes(distances: np.ndarray, names: Sequence[str], min_margin: float = 0.0) -> tuple[Any, ...]:
    """The class at the smallest distance, and the margin to the next; ties go to the first by name, with margin 0."""
    classes, margin = np.full(len(distances), np.nan, dtype=object), np.full(len(distances), np.nan)
    known = ~np.isnan(distances).any(axis=1)
    ordered = np.sort(distances[known], axis=1)
    margin[known] = ordered[:, 1] - ordered[:, 0]
    classes[known] = np.array(names, dtype=object)[distances[known].argmin(axis=1)]
    classes[known & (margin < min_margin)] = np.nan
    return classes, margin

"""Classes of a sheet's samples by nearest centroids: outcome, signature, classes, and their test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.sheet import SampleSheet
from prognomics.data.signature import SignatureFile, aliases_of
from prognomics.signature import outcome
from prognomics.signature.centroid import CentroidClasses, classify_centroid
from prognomics.signature.class_test import Outcome, class_test
from prognomics.signature.signature_values import signature_values


@dataclass(frozen=True, eq=False)
class Classification:
    """Samples with their classes.

    Attributes
    ----------
    found : CentroidClasses
    expression : ExpressionMatrix
        Of the classified samples.
    cohorts : numpy.ndarray or None, shape (n_samples,)
        Values of the column within which genes were centered.
    signature_name : str
        Empty if existing centroids were applied.
    """

    found: CentroidClasses
    expression: ExpressionMatrix
    cohorts: np.ndarray | None
    signature_name: str

    @property
    def column(self) -> str:
        """The default name of the column of classes."""
        return outcome.class_column(self.signature_name)

    def table(self, name: str | None) -> pd.DataFrame:
        """Class, distances and margin of each sample; `name` is the column of classes."""
        return self.found.table(self.expression.sample_ids, name or self.column)

    def test(self, against: Outcome, n_permutations: int, min_margin: float, seed: int) -> pd.DataFrame:
        """Leave-one-out classes against the outcome; see :func:`prognomics.signature.class_test.class_test`."""
        rng = np.random.Generator(np.random.PCG64(seed))
        return class_test(self.found, against, n_permutations=n_permutations, min_margin=min_margin, rng=rng)

    def signature_values(self) -> pd.DataFrame:
        """z-scores of the genes that were used, genes by samples."""
        within = None if self.cohorts is None else list(self.cohorts)
        return signature_values(self.expression, self.found.coverage["matched_as"].dropna(), within)

    def classes(self) -> pd.Series:
        """The class of each sample, by sample id."""
        return pd.Series(self.found.classes, index=self.expression.sample_ids)


def classify_samples(
    expression: ExpressionMatrix, samples: SampleSheet | None, mode: str, labels: np.ndarray | None, *,
    signature: SignatureFile | None, signature_name: str | None, centroids: pd.DataFrame | None,
    aliases: pd.DataFrame | None, min_coverage: float, center_within: str | None, distance: str, min_margin: float,
) -> Classification:  # fmt: skip
    """Classify samples by centroids that are trained on their labels, or by given ones.

    Parameters
    ----------
    expression : ExpressionMatrix
    samples : SampleSheet or None
        Samples of the matrix to classify; all without a sheet.
    mode : str
        apply, train or loocv.
    labels : numpy.ndarray of object or None, shape (n_samples,)
        The outcome class of each sample of the sheet; not used by apply.
    signature, signature_name : SignatureFile, str
        The genes that centroids are made of; not used by apply.
    centroids : pandas.DataFrame or None
        Centroids to apply.
    aliases : pandas.DataFrame or None
        Table of other names of genes.
    min_coverage : float
        Smallest fraction of the genes that must be found.
    center_within : str or None
        Column within whose values genes are centered.
    distance : str
    min_margin : float
        Smallest difference of the distances to the two nearest centroids.

    Raises
    ------
    BadInput, Refused, UsageError
        As `prognomics.signature.centroid.classify_centroid`.
    """
    cohorts, other_names = None, {} if aliases is None else aliases_of(aliases)
    if samples is not None:
        expression = expression.select(samples.sample_ids)
        cohorts = samples.labels(center_within) if center_within else None
    genes, name = None, ""
    if mode != "apply":
        assert signature is not None
        chosen = signature.one(signature_name)
        name, other_names = chosen.name, chosen.other_names(other_names)
        genes = chosen.genes_as(expression.gene_ids, other_names)
    found = classify_centroid(
        expression.values, expression.gene_ids, mode=mode, signature=genes, labels=labels, centroids=centroids,
        aliases=other_names, min_coverage=min_coverage, center_within=cohorts, distance=distance, min_margin=min_margin,
    )  # fmt: skip
    outcome.tell_of_classes(found)
    return Classification(found, expression, cohorts, name)

"""Quality of merged cohorts: components, variance by cohort and covariate, duplicates."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from prognomics.errors import UsageError, warn
from prognomics.expression.design_matrix import typed_covariates
from prognomics.expression.duplicates import find_duplicates
from prognomics.expression.pca import Components, principal_components
from prognomics.expression.sample_quality import sample_quality, silhouettes
from prognomics.expression.variance import ROUNDING, explained_sums, variance_shares

MAX_LEVELS = 20


@dataclass(frozen=True)
class Quality:
    """What `quality_control` found.

    Attributes
    ----------
    table : pandas.DataFrame
        `metric, scope, value, stage` (`stage` is `after`, or `before` for the matrix before merging).
        Metrics: `n_samples` (scope `all` or a cohort), `n_genes`, `n_genes_in_components`, `missing_share`
        (`all`), `explained_variance` (`PC1`…), `variance_share` and `variance_share_by_chance` (`cohort` or a
        covariate), `variance_share_of_component` (`cohort:PC1`…), `silhouette` (mean over the samples of a
        cohort, and of `all`), `duplicate_pairs`, `rle_outliers`, `sex_mismatches` (`all`).
    components : pandas.DataFrame
        `sample_id, cohort, stage, PC1…`; a row for each sample and stage.
    duplicates : pandas.DataFrame
        As `find_duplicates`.
    samples : pandas.DataFrame
        As `sample_quality`.
    explained : dict of str to numpy.ndarray
        Explained variance ratio of the components by stage, for axis labels.
    """

    table: pd.DataFrame
    components: pd.DataFrame
    duplicates: pd.DataFrame
    samples: pd.DataFrame
    explained: dict[str, np.ndarray]

    def cohort_sentence(self) -> str:
        """What fraction of the variance lies between cohorts, by stage, beside what chance alone gives."""
        cohort = self.table[self.table["scope"] == "cohort"].set_index(["metric", "stage"])["value"]
        shares = cohort["variance_share"]
        if shares.isna().any():
            return "there is one cohort: no variance lies between cohorts"
        said = ", ".join(f"{share:.1%} {stage} merging" for stage, share in shares.items())
        if len(shares) == 1:
            said = f"{shares.iloc[0]:.1%}"
        chance = cohort["variance_share_by_chance"].iloc[-1]
        return f"share of the variance that lies between cohorts: {said} (by chance {chance:.1%})"


def quality_control(
    values: np.ndarray,
    sample_ids: Sequence[str],
    cohort: Sequence[object] | np.ndarray,
    *,
    covariates: pd.DataFrame | None = None,
    values_before: np.ndarray | None = None,
    n_components: int = 10,
    shared_axes: bool = False,
    gene_ids: Sequence[str] = (),
    sex: Sequence[object] | None = None,
) -> Quality:
    """Components, fractions of variance, near-duplicates and the quality of each sample of a merged matrix.

    Parameters
    ----------
    values : numpy.ndarray, shape=(n_genes, n_samples)
        Missing is NaN.
    sample_ids, cohort : sequence of str, shape=(n_samples,)
    covariates : pandas.DataFrame, optional
        A row for each sample in the same order; every column is used.
    values_before : numpy.ndarray, shape=(n_genes_before, n_samples), optional
        The matrix before merging, the same samples in the same order: duplicates are then searched
        in it, and its components and shares are given as `stage` = `before`.
    n_components : int
    shared_axes : bool
        Give the samples after merging on the axes of those before (the same directions in gene space), so that
        the two can be compared; the rows of both matrices must be the same genes. Else each stage has its own.
    gene_ids : sequence of str
        Rows of the matrix that samples are judged by (before merging, if it is given), for `check_sex`.
    sex : sequence, shape=(n_samples,), optional

    Raises
    ------
    Refused
        Fewer than two samples, or no gene that varies.
    UsageError
        Shared axes without a matrix before merging, or of other genes.

    Warns
    -----
    duplicate-samples, duplicates-not-searched, outlying-arrays, sex-mismatch
    """
    if shared_axes and (values_before is None or len(values_before) != len(values)):
        raise UsageError("shared axes need the matrix before merging, of the same genes")
    variables: dict[str, Sequence[object]] = {"cohort": [str(name) for name in cohort]}
    if covariates is not None:
        variables |= {str(name): covariates[name].to_list() for name in covariates.columns}
    stages = {"after": values} if values_before is None else {"before": values_before, "after": values}
    lines: list[tuple[str, str, float, str]] = []
    frames, explained = [], {}
    first: Components | None = None
    for stage, matrix in stages.items():
        if first and shared_axes:
            found = first.projected(matrix)
        else:
            found = principal_components(matrix, n_components, with_loadings=shared_axes)
        first = first or found
        explained[stage] = found.explained_variance_ratio
        lines += [(*line, stage) for line in _metrics(matrix, found, variables)]
        lines += [(*line, stage) for line in _silhouettes(found.scores, variables["cohort"])]
        frames.append(_frame(found, sample_ids, variables["cohort"], stage))
    searched = values if values_before is None else values_before
    duplicates = find_duplicates(searched, sample_ids, variables["cohort"])
    lines.append(("duplicate_pairs", "all", float(len(duplicates)), "before" if values_before is not None else "after"))
    if len(duplicates):
        shown = "; ".join(
            f"{line.sample_a} ({line.cohort_a}) and {line.sample_b} ({line.cohort_b}), r {line.r:.2f}"
            for line in duplicates.head(5).itertuples()
        )
        warn(
            "duplicate-samples",
            f"{len(duplicates)} pairs of samples of different cohorts seem to come from one "
            f"patient each: {shown}; keep one of each pair",
        )
    judged = list(gene_ids) or [""] * len(searched)
    samples = sample_quality(searched, judged, sample_ids, variables["cohort"], found.scores, sex)
    stage = lines[-1][-1]
    for metric, column, word in (("rle_outliers", "rle_outlier", "yes"), ("sex_mismatches", "sex_agrees", "no")):
        known = samples[column].notna().any()
        lines.append((metric, "all", float((samples[column] == word).sum()) if known else np.nan, stage))
    table = pd.DataFrame(lines, columns=["metric", "scope", "value", "stage"])
    return Quality(table, pd.concat(frames, ignore_index=True), duplicates, samples, explained)


def suitable_covariates(samples: pd.DataFrame, *, exclude: Sequence[str] = ()) -> list[str]:
    """Columns that can explain variance: they vary, are known for half of the samples, and are numbers or
    have at most twenty levels (and no more than a third of the samples)."""
    chosen = []
    for name in samples.columns:
        column = samples[name].dropna()
        n_values = column.nunique()
        if name in exclude or len(column) < len(samples) / 2 or n_values < 2:
            continue
        if pd.api.types.is_numeric_dtype(column) or n_values <= min(MAX_LEVELS, len(column) / 3):
            chosen.append(str(name))
    return chosen


def chosen_covariates(
    frame: pd.DataFrame,
    names: Sequence[str],
    *,
    factors: Collection[str] = (),
    numerics: Collection[str] = (),
    endpoints: Sequence[str] = (),
    where: str = "sample sheet",
) -> pd.DataFrame:
    """The covariates that a user asks for, typed: `auto` is `suitable_covariates`, `none` is none.

    `auto` excludes `sample_id`, `patient_id`, `cohort` and the times and events of `endpoints`.

    Raises
    ------
    BadInput, UsageError
        As `typed_covariates`; `auto` or `none` beside other names.
    """
    if len(names) > 1 and (word := {"auto", "none"} & set(names)):
        raise UsageError(f"{word.pop()!r} stands alone: name the covariates, or leave all of them to it")
    if list(names) == ["none"]:
        names = []
    if list(names) == ["auto"]:
        left_out = {"sample_id", "patient_id", "cohort"}
        left_out |= {f"{name}_{part}" for name in endpoints for part in ("time", "event")}
        names = [column for column in frame.columns if column not in left_out]
        typed = typed_covariates(frame, names, factors=factors, numerics=numerics, where=where, stray_text=True)
        return typed[suitable_covariates(typed)]
    return typed_covariates(frame, names, factors=factors, numerics=numerics, where=where)


def _metrics(
    values: np.ndarray, found: Components, variables: Mapping[str, Sequence[object]]
) -> list[tuple[str, str, float]]:
    n_samples = values.shape[1]
    sizes = pd.Series(list(variables["cohort"])).value_counts(sort=False)
    lines = [("n_samples", "all", float(n_samples))]
    lines += [("n_samples", str(name), float(size)) for name, size in sizes.items()]
    lines += [
        ("n_genes", "all", float(values.shape[0])),
        ("n_genes_in_components", "all", float(found.n_genes)),
        ("missing_share", "all", float(np.isnan(values).mean())),
    ]
    lines += [
        ("explained_variance", f"PC{i}", float(share)) for i, share in enumerate(found.explained_variance_ratio, 1)
    ]
    shares = variance_shares(values, list(variables.values()))
    for (name, column), explained in zip(variables.items(), shares, strict=True):
        lines.append(("variance_share", name, explained))
        lines.append(("variance_share_by_chance", name, _by_chance(column)))
        part, total = explained_sums(np.ascontiguousarray(found.scores.T), column)
        share = np.divide(part, total, out=np.full(len(part), np.nan), where=total > 0)
        share[share < ROUNDING] = 0.0
        lines += [("variance_share_of_component", f"{name}:PC{i}", float(r2)) for i, r2 in enumerate(share, 1)]
    return lines


def _silhouettes(scores: np.ndarray, cohort: Sequence[object]) -> list[tuple[str, str, float]]:
    """Mean silhouette by cohort, of all samples and of each cohort's."""
    found = pd.Series(silhouettes(scores, np.asarray(cohort, dtype=object)))
    means = found.groupby(np.asarray(cohort, dtype=object), sort=False).mean()
    return [("silhouette", "all", float(found.mean())), *(("silhouette", str(n), float(m)) for n, m in means.items())]


def _by_chance(column: Sequence[object]) -> float:
    """Expected fraction of a variable without any effect: its degrees of freedom over n - 1."""
    series = pd.Series(list(column)).infer_objects().dropna()
    n_values = series.nunique()
    if n_values < 2:
        return float("nan")
    numeric = pd.api.types.is_numeric_dtype(series) and not pd.api.types.is_bool_dtype(series)
    return (1 if numeric else n_values - 1) / (len(series) - 1)


def _frame(found: Components, sample_ids: Sequence[str], cohort: Sequence[object], stage: str) -> pd.DataFrame:
    frame = pd.DataFrame({"sample_id": list(sample_ids), "cohort": list(cohort), "stage": stage})
    for i in range(found.scores.shape[1]):
        frame[f"PC{i + 1}"] = found.scores[:, i]
    return frame

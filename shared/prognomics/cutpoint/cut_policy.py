"""In which samples a cut is learnt and on which it is put: all at once, each cohort by itself, or one for others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from prognomics.cutpoint.cutpoint import (
    Cut,
    fitted_cutpoint,
    fixed_cut,
    median_cut,
    quantile_cut,
    roc_cut,
    tertile_cut,
)
from prognomics.cutpoint.searched_cut import searched_cut
from prognomics.data.endpoint import Endpoint
from prognomics.data.sheet import SampleSheet
from prognomics.data.strata import resolve_strata, strata_name, stratum_labels
from prognomics.errors import BadInput, Refused, UsageError, first_few, note, warn
from prognomics.stats.confounding import check_contrast

Learner = Callable[..., Cut]

SETTINGS: dict[str, tuple[Callable[..., Cut], tuple[str, ...]]] = {
    "median": (median_cut, ()),
    "quantile": (quantile_cut, ("quantiles", "keep_middle")),
    "tertiles": (tertile_cut, ("keep_middle",)),
    "fixed": (fixed_cut, ("value",)),
    "roc": (roc_cut, ("rule", "min_specificity")),
    "maxstat": (searched_cut, ("min_fraction", "correction", "n_permutations", "n_bootstraps", "rng")),
}
"""The function behind each method and the settings that it takes."""


def learner(method: str, marker: str, *, table: pd.DataFrame | None = None, **settings: Any) -> Learner:
    """The function that learns a cut by a method, with its settings filled in; `table` holds a cut learnt elsewhere."""
    if method == "learnt":
        return apply_cutpoint(table, marker)
    learn, names = SETTINGS[method]
    return partial(learn, **{name: settings[name] for name in names})


def roc_arrays(samples: SampleSheet, values: np.ndarray, case: str, control: str, pooled: bool) -> dict[str, Any]:
    """Cases and controls of a ROC curve, refused where a pooled curve is confounded with the cohorts."""
    sides = {"case": samples.matches(case, False), "control": samples.matches(control, False)}
    known = {side: chosen & ~np.isnan(values) for side, chosen in sides.items()}
    if pooled and "cohort" in samples.columns and all(chosen.any() for chosen in known.values()):
        check_contrast(
            known["case"], known["control"], samples.labels("cohort"), names=("cases", "controls"), what="the ROC curve"
        )
    return sides


def search_arrays(samples: SampleSheet, endpoint: Endpoint | None, strata: Sequence[str]) -> dict[str, Any]:
    """Follow-up and strata of a search; NaN where they are not known."""
    if endpoint is None:
        raise UsageError("a searched cut needs an outcome", hint="give --endpoint, or --time-column and --event-column")
    columns = resolve_strata(samples.frame, strata)
    codes, known = stratum_labels(samples.frame, columns)
    if columns:
        note("strata", f"the search is stratified by {strata_name(columns)}: scores are permuted within strata")
    time = np.where(known, endpoint.time_months, np.nan)
    names = np.full(len(samples), strata_name(columns), dtype=object)
    stratum = np.zeros(len(samples), dtype=int) if codes is None else codes
    return {"time": time, "event": endpoint.event, "stratum": stratum, "strata": names}


def cut_of_table(table: pd.DataFrame, marker: str) -> dict[str, Any]:
    """The cutpoint of a cutpoint table, as arguments of :func:`fitted_cutpoint`.

    Raises
    ------
    BadInput
        If the table has no cut, or several.
    """
    learnt = table[table["policy"] != "prespecified"]
    table = learnt if len(learnt) else table  # the rows that put a cut on others repeat it
    if "threshold" in table:  # a value given beforehand, where the smallest observed one lies above it
        given = (table["policy"] == "prespecified") & table["threshold"].notna()
        table = table.assign(lowest_high=table["lowest_high"].where(~given, table["threshold"]))
    cuts = table.drop_duplicates(["lowest_high", "lowest_not_low"] if "lowest_not_low" in table else ["lowest_high"])
    cuts = cuts[cuts["lowest_high"].notna()]
    if len(cuts) != 1:
        shown = first_few(f"{v:.6g}" for v in cuts["lowest_high"])
        raise BadInput(f"the table of --cut holds {len(cuts)} cuts", where=shown or "no lowest_high",
                       hint="give the table of one cut, such as of one cohort")  # fmt: skip
    row = cuts.iloc[0]
    if str(row["marker"]) != marker:
        warn("cut-of-another-marker", f"the cut was learnt for {row['marker']} and is put on {marker}")
    note("cut-scale", "a cut learnt elsewhere means the same only where the values are on the same scale, as after "
         "merge_cohorts")  # fmt: skip
    lower = float(row["lowest_not_low"]) if "lowest_not_low" in table else np.nan
    said = {"rule": str(row["rule"]), "learnt_in": str(row["learnt_in"])}
    return {"lowest_high": float(row["lowest_high"]), "lowest_not_low": lower, **said}


def apply_cutpoint(table: pd.DataFrame, marker: str) -> Learner:
    """A learner that learns nothing: it puts the cutpoint of a cutpoint table on the samples."""
    given = cut_of_table(table, marker)
    return lambda values, learnt_in, **options: fitted_cutpoint(values, **given, **options)


def learn_cuts(
    learner: Learner, values: np.ndarray, arrays: dict[str, np.ndarray], *, within: np.ndarray | None = None,
    learn: np.ndarray | None = None, learn_name: str = "",
    **options: Any,
) -> list[Cut]:  # fmt: skip
    """Learn cuts: one over all samples, one in each cohort, or one in some samples that is put on the others.

    Parameters
    ----------
    learner : callable
        Called as ``learner(values, **arrays, **options)`` on the samples that it learns from.
    values : numpy.ndarray, shape (n_samples,)
    arrays : dict of numpy.ndarray
        Arguments that go along the samples (`case`, `control`, `time`, `event`, ...).
    within : array_like of str, shape (n_samples,), optional
    learn : array_like of bool, shape (n_samples,), optional
        The samples to learn from; the cutpoint is then a given one for the others, in a row of its own.
    learn_name : str
        What to call them.

    Returns
    -------
    list of Cut
    """
    if within is not None and learn is not None:
        raise UsageError("--within and --learn-where exclude one another",
                         hint="learn a cut in each cohort, or in some samples for the others")  # fmt: skip
    if within is not None:
        return cut_within(learner, values, within, arrays=arrays, **options)
    if learn is None:
        return [learner(values, **arrays, **options)]
    learn = np.asarray(learn, dtype=bool)
    own, others = np.flatnonzero(learn), np.flatnonzero(~learn)
    cut = learner(values[own], **{k: a[own] for k, a in arrays.items()}, **{**options, "learnt_in": learn_name})
    cuts = [replace(cut, members=own)]
    if not np.isnan(values[others]).all():
        at = cut.threshold if cut.policy == "prespecified" else cut.lowest_high
        put = fitted_cutpoint(values[others], at, cut.lowest_not_low, rule=cut.rule, learnt_in=learn_name,
                         direction=cut.direction, keep_middle=(cut.groups == "middle").any())  # fmt: skip
        cuts.append(replace(put, members=others))
    return cuts


def cut_within(
    learner: Learner,
    values: np.ndarray,
    within: np.ndarray,
    *,
    arrays: dict[str, np.ndarray] | None = None,
    **options: Any,
) -> list[Cut]:
    """Learn one cut in each cohort.

    Parameters
    ----------
    learner : callable
        Called as ``learner(values_of_cohort, **arrays_of_cohort, **options)``.
    values : array_like, shape (n_samples,)
    within : array_like of str, shape (n_samples,)
        The cohort of each sample; samples without one get no group.
    arrays : dict of array_like, optional
        Arguments that go along the samples (`case`, `control`).

    Returns
    -------
    list of Cut
        One per cohort, by name; `learnt_in` is the cohort. A cohort without any value is
        excluded with a warning.

    Raises
    ------
    Refused
        When a cohort's cut leaves one side empty (the message names the cohort), or no cohort has values.
    """
    values = np.asarray(values, dtype=float)
    labels = pd.Series(np.asarray(within, dtype=object))
    arrays = {name: np.asarray(array) for name, array in (arrays or {}).items()}
    cuts, empty = [], []
    for cohort in sorted(labels.dropna().unique(), key=str):
        members = np.flatnonzero((labels == cohort).to_numpy())
        if np.isnan(values[members]).all():
            empty.append(str(cohort))
            continue
        own = {**options, "learnt_in": str(cohort)}
        try:
            cut = learner(values[members], **{k: a[members] for k, a in arrays.items()}, **own)
        except Refused as refusal:
            raise Refused(
                refusal.what,
                where=f"cohort {cohort}" + (f"; {refusal.where}" if refusal.where else ""),
                hint=refusal.hint or "leave the cohort out, or learn the cut over all cohorts",
            ) from refusal
        cuts.append(replace(cut, members=members))
    if not cuts:
        raise Refused("no cohort has a value of the marker", hint="check the marker's name and the cohort column")
    if empty:
        warn("cut-not-learnt", f"no value of the marker, so no group, in: {', '.join(empty)}")
    return cuts


def join_groups(cuts: Sequence[Cut], n_samples: int) -> np.ndarray:
    """The groups of all samples, in the order first given; NaN for samples of no cut."""
    groups = np.full(n_samples, np.nan, dtype=object)
    for cut in cuts:
        groups[cut.members] = cut.groups
    return groups

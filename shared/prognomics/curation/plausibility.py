"""What a curated sheet may have got wrong although it satisfies its mapping: each warning with its evidence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from prognomics.curation.event_words import EVENT_FALSE, EVENT_TRUE, in_words
from prognomics.curation.raw_sheet import word_list
from prognomics.data.time_units import age_doubt, unit_doubt
from prognomics.errors import first_few, note, warn

if TYPE_CHECKING:
    import pandas as pd

    from prognomics.data.endpoint import Endpoint

ENOUGH_OF_EACH = 10
_CODED = re.compile(r"\s*(\d{1,3}(?:\.0+)?)\s*(?::(.*))?")
SUSPECT_Z = 3.0


def warn_about_samples(samples: pd.DataFrame, endpoints: dict[str, Endpoint], mapping: dict[str, Any]) -> None:
    """Warn of doubled patients, of normals with an outcome and of event flags that look inverted.

    Parameters
    ----------
    samples : pandas.DataFrame
        The curated sheet.
    endpoints : dict of Endpoint
    mapping : dict

    Warns
    -----
    duplicated-patients, possible-duplicates, normals-with-outcome, time-unit-suspect, event-words-suspect,
    event-times-suspect
    """
    if "patient_id" in mapping:
        _warn_about_repeated_patients(samples)
    else:
        _warn_about_alike_samples(samples, endpoints)
    for name, endpoint in endpoints.items():
        normals = samples.loc[(samples["tissue_type"] == "normal").to_numpy() & endpoint.known, "sample_id"]
        if len(normals):
            warn(
                "normals-with-outcome",
                f"{name}: {len(normals)} normal samples carry an outcome: {first_few(normals)}; "
                "'only: {tissue_type: [primary]}' leaves it to the tumors",
            )
        _warn_about_ages(name, endpoint, samples)
        _warn_about_words(name, mapping["endpoints"][name]["event"])
        _warn_about_late_events(name, endpoint, mapping["endpoints"][name]["event"])


def _warn_about_repeated_patients(samples: pd.DataFrame) -> None:
    repeated = samples.loc[samples.duplicated(["patient_id", "tissue_type"]), "patient_id"].unique()
    if len(repeated):
        warn(
            "duplicated-patients",
            f"{len(repeated)} patients have several samples of one tissue type: {first_few(repeated)}; "
            "one_sample_per in the mapping keeps one of each",
        )


def _warn_about_alike_samples(samples: pd.DataFrame, endpoints: dict[str, Endpoint]) -> None:
    """Samples that agree in age and in the time and status of every endpoint, where no patients are named."""
    columns = [f"{name}_{part}" for name in endpoints for part in ("time", "event")]
    if not endpoints or "age_years" not in samples.columns:
        return
    known = samples[samples[["age_years", *columns]].notna().all(axis=1)]
    alike = known[known.duplicated(["age_years", *columns], keep=False)]
    groups = ["/".join(ids) for _, ids in alike.groupby(["age_years", *columns], sort=False)["sample_id"]]
    if groups:
        warn(
            "possible-duplicates",
            f"{len(groups)} groups of samples agree in age, time and status, and may be of one patient each: "
            f"{first_few(groups)}; name the patients in patient_id",
        )


def _code(word: str) -> float:
    """The number that a word is or starts with (`2:dead`), else -1."""
    found = _CODED.fullmatch(word)
    return float(found[1]) if found else -1.0


def _without_code(word: str) -> str:
    """The words after the number of a code (`2:dead`); of `1` none."""
    found = _CODED.fullmatch(word)
    return (found[2] or "").strip() if found else word


def _warn_about_words(name: str, spec: dict[str, Any]) -> None:
    if "when" in spec:
        return
    greatest = max((_code(word) for word in word_list(spec["event"])), default=-1.0)
    turned = [
        f"{word!r} is declared as {kind}"
        for kind, like in (("event", EVENT_FALSE), ("censored", EVENT_TRUE))
        for word in word_list(spec[kind])
        for said in [_without_code(word) if kind == "censored" and _code(word) < greatest else word]
        if like.fullmatch(said) and not (EVENT_TRUE if kind == "event" else EVENT_FALSE).fullmatch(said)
    ]
    if turned:
        warn("event-words-suspect", f"{name}: {', '.join(turned)}; are the two exchanged?")


def _warn_about_ages(name: str, endpoint: Endpoint, samples: pd.DataFrame) -> None:
    """Patients who would be impossibly old, of times that are credible in themselves (weeks taken as months)."""
    if "age_years" not in samples.columns or unit_doubt(endpoint.time_months, "months"):
        return
    ages = samples["age_years"].to_numpy()
    if ages.dtype == float and (doubt := age_doubt(ages, endpoint.time_months, samples["sample_id"].tolist())):
        warn("time-unit-suspect", f"{name}: {doubt}")


def _warn_about_late_events(name: str, endpoint: Endpoint, spec: dict[str, Any]) -> None:
    """Patients with an event are seen for a shorter time than the others, unless the flag is inverted.

    Only noted where the words of the status say themselves which is the event (`dead`, `alive`).
    """
    time, event = endpoint.time_months[endpoint.known], endpoint.event[endpoint.known] == 1
    n_events, n_censored = int(event.sum()), int((~event).sum())
    if min(n_events, n_censored) < ENOUGH_OF_EACH:
        return
    _, place, ties = np.unique(time, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(ties) - (ties - 1) / 2)[place]
    n = len(time)
    spread = n_events * n_censored / 12 * ((n + 1) - float((ties**3 - ties).sum()) / (n * (n - 1)))
    if spread <= 0:
        return
    z = (float(ranks[event].sum()) - n_events * (n + 1) / 2) / np.sqrt(spread)
    if z > SUSPECT_Z:
        medians = f"median {np.median(time[event]):.3g} against {np.median(time[~event]):.3g} months"
        text = f"{name}: the {n_events} samples with an event are seen longer than the {n_censored} censored ones"
        words = [word_list(spec.get(kind, [])) for kind in ("event", "censored")]
        if "when" not in spec and in_words(*words):
            note("event-times-suspect", f"{text} ({medians})")
        else:
            warn("event-times-suspect", f"{text} ({medians}); is the flag inverted?")

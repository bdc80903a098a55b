"""What is checked of every endpoint, wherever it enters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from prognomics.data.time_units import ENOUGH_TO_JUDGE, age_doubt, named_unit, unit_doubt
from prognomics.errors import BadInput, first_few, note, warn

if TYPE_CHECKING:
    import pandas as pd

    from prognomics.data.endpoint import Endpoint


class Samples(Protocol):
    """What is read of the sheet that an endpoint is of."""

    @property
    def where(self) -> str: ...
    @property
    def frame(self) -> pd.DataFrame: ...
    @property
    def sample_ids(self) -> list[str]: ...
    def labels(self, column: str) -> np.ndarray: ...


def check_endpoint(samples: Samples, time: np.ndarray, time_column: str, causes: np.ndarray, event_column: str) -> None:
    """BadInput if an event is none of 0, 1 and 2, or a time is negative or infinite."""
    ids = np.array(samples.sample_ids, dtype=object)
    bad = ~np.isin(causes, (0.0, 1.0, 2.0)) & ~np.isnan(causes)
    if bad.any():
        raise BadInput(
            f"column {event_column!r} contains {first_few(sorted(set(causes[bad])))}; an event is 0 (censored), "
            "1 (event) or 2 (competing event)",
            where=f"{samples.where}: {first_few(ids[bad])}",
            hint="code the events with curate_samples (event: [...], censored: [...], competing: [...])",
        )
    bad = (time < 0) | np.isinf(time)
    if bad.any():
        raise BadInput(
            f"column {time_column!r} holds negative or infinite times",
            where=f"{samples.where}: {first_few(ids[bad])}",
            hint="times are months since diagnosis or surgery; correct or empty these cells",
        )


def check_censored_codes(causes: np.ndarray, event_column: str, where: str, competing: bool = False) -> None:
    """Refuse events coded 1 and 2 only, in which 1 may mean censored (BadInput).

    Where competing events are modeled (`competing`) that is a warning: follow-up may be complete.

    Warns
    -----
    event-codes-suspect
    """
    if 2.0 not in causes or 0.0 in causes or (~np.isnan(causes)).sum() < ENOUGH_TO_JUDGE:
        return
    what = f"column {event_column!r} contains 1 and 2 but not 0; 2 means a competing event here"
    hint = "if 1 is censored and 2 is dead, as in R's lung data, recode: 0 is censored, 1 is the event"
    if not competing:
        raise BadInput(what, where=where, hint=hint)
    warn("event-codes-suspect", f"{what}, so that no sample is censored; {hint}")


def warn_about_competing(endpoint: Endpoint) -> None:
    """Warn that competing events are taken as censored, with their number.

    Warns
    -----
    competing-events
    """
    if endpoint.n_competing:
        warn(
            "competing-events",
            f"{endpoint.n_competing} samples have a competing event of endpoint {endpoint.name!r} (coded 2); they are "
            "taken as censored at that time (cause-specific analysis). competing_risks models both kinds of event",
        )


def warn_about_endpoint(samples: Samples, endpoint: Endpoint, time_column: str) -> None:
    """Warn of times that are hardly months, in any cohort, and of times of 0; note samples without the outcome.

    Warns
    -----
    time-unit-suspect, zero-times
    """
    known = endpoint.known
    time, name = endpoint.time_months, endpoint.name
    if not known.all():
        half = int((~known & ~(np.isnan(time) & np.isnan(endpoint.causes))).sum())
        ids = np.array(samples.sample_ids, dtype=object)[~known]
        note(
            "samples-without-outcome",
            f"{int((~known).sum())} of {len(known)} samples have no time or no event of endpoint {name!r} and are "
            f"excluded: {first_few(ids)}"
            + (f"; {half} of them have one of the two" if half else "")
            + _lost_cohorts(samples, known),
        )
    unit = named_unit(time_column)
    doubts = _doubts(samples, np.where(known, time, np.nan)) or _impossible_ages(samples, time)
    if unit not in ("", "months"):
        doubts = [f"column {time_column!r} is named as {unit}", *doubts]
    if doubts:
        text = "; ".join(doubts)
        suspected = unit if unit not in ("", "months") else "days, weeks or years"
        warn(
            "time-unit-suspect",
            f"the times of endpoint {name!r} are taken as months, but {text}{'' if text.endswith('?') else '.'} "
            f"Times are converted by curate_samples (unit: {suspected})",
        )
    zeros = int(((time == 0) & known).sum())
    if zeros:
        warn("zero-times", f"{zeros} of {int(known.sum())} times of endpoint {name!r} are 0; they are kept, "
             "but an event at 0 is probably disease present at diagnosis")  # fmt: skip


def _impossible_ages(samples: Samples, time: np.ndarray) -> list[str]:
    import pandas as pd

    if "age_years" not in samples.frame:
        return []
    ages = pd.to_numeric(samples.frame["age_years"], errors="coerce").to_numpy(dtype=float)
    doubt = age_doubt(ages, time, samples.sample_ids)
    return [doubt] if doubt else []


def _lost_cohorts(samples: Samples, known: np.ndarray) -> str:
    """Names the cohorts of which no sample has the outcome; empty where each cohort keeps some, or none has a name."""
    if "cohort" not in samples.frame:
        return ""
    cohorts = samples.labels("cohort")
    counts = {name: int((cohorts == name).sum()) for name in sorted({c for c in cohorts if c is not None})}
    lost = [name for name in counts if not known[cohorts == name].any()]
    if not lost:
        return ""
    named = first_few([f"all {counts[name]} samples of cohort {name}" if counts[name] > 1
                       else f"the only sample of cohort {name}" for name in lost])  # fmt: skip
    left = len(counts) - len(lost)
    return f". Whole cohorts drop out: {named}" + (f" ({left} of {len(counts)} cohorts are left)" if left else "")


def _doubts(samples: Samples, time: np.ndarray) -> list[str]:
    """Doubts about the unit of all times, or of the times of one cohort among several."""
    whole = unit_doubt(time, "months")
    if "cohort" not in samples.frame:
        return [whole] if whole else []
    cohorts = samples.labels("cohort")
    names = sorted({name for name in cohorts if name is not None})
    if len(names) < 2:
        return [whole] if whole else []
    found = []
    for name in names:
        own = time[cohorts == name]
        doubt = unit_doubt(own, "months") if (~np.isnan(own)).sum() >= ENOUGH_TO_JUDGE else ""
        if doubt:
            found.append(f"in cohort {name}, {doubt}")
    return found or ([whole] if whole else [])

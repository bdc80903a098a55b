"""What a Kaplan-Meier curve is not, where competing events are censored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prognomics.errors import warn

if TYPE_CHECKING:
    from prognomics.data.endpoint import Endpoint
    from prognomics.survival.curves.kaplan_meier_analysis import KaplanMeierAnalysis

NOT_A_PROBABILITY = "competing events censored: not a probability"
RATES = ("survival", "median", "quantile", "rmst")


def warn_about_competing(found: KaplanMeierAnalysis, endpoint: Endpoint) -> None:
    """Mark rates of a curve that censors competing events as no probabilities, in the summary and by a warning.

    Parameters
    ----------
    found : KaplanMeierAnalysis
        Its summary gets notes.
    endpoint : Endpoint

    Warns
    -----
    competing-events
    """
    if not endpoint.n_competing:
        return
    rates = found.summary["statistic"].isin(RATES)
    notes = found.summary.loc[rates, "note"]
    found.summary.loc[rates, "note"] = [
        NOT_A_PROBABILITY if note is None or note != note else f"{note}; {NOT_A_PROBABILITY}" for note in notes
    ]
    warn(
        "competing-events",
        f"the curve of endpoint {endpoint.name!r} censors {endpoint.n_competing} competing events: it is not the "
        "probability of being free of the event, and 1 minus it overestimates the probability of the event. "
        "competing_risks estimates the cumulative incidence",
    )

"""Decision curves: the net benefit of treating those above a threshold of predicted risk."""

from __future__ import annotations

import numpy as np

from prognomics.survival.evaluation.prediction import survival_steps


def net_benefit(
    time: np.ndarray, event: np.ndarray, risk: np.ndarray, horizon: float, thresholds: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Net benefit by threshold, and how many samples stand at or above it.

    True positives minus false positives weighted by the odds of the threshold, per sample; the events
    among those above are estimated by their own Kaplan-Meier curve. Vickers et al. (2008), doi
    10.1186/1472-6947-8-53.

    Parameters
    ----------
    time, event : numpy.ndarray, shape (n_samples,)
        Near ties already merged.
    risk : numpy.ndarray, shape (n_samples,)
        Predicted probability of the event by the horizon; ones for treating all.
    horizon : float
    thresholds : array_like, shape (n_thresholds,)
        Between 0 and 1.

    Returns
    -------
    benefit : numpy.ndarray, shape (n_thresholds,)
        0 where nobody is above. NaN where those above are not followed to the horizon.
    n_high : numpy.ndarray of int, shape (n_thresholds,)
    """
    benefit, n_high = np.zeros(len(thresholds)), np.zeros(len(thresholds), dtype=int)
    for i, threshold in enumerate(thresholds):
        high = risk >= threshold
        n_high[i] = int(high.sum())
        if not high.any():
            continue
        if time[high].max() < horizon and not _all_had_it(time[high], event[high]):
            survival = np.nan
        else:
            survival = float(survival_steps(time[high], event[high], np.array([horizon]))[0])
        share = high.mean()
        benefit[i] = share * (1 - survival) - share * survival * threshold / (1 - threshold)
    return benefit, n_high


def _all_had_it(time: np.ndarray, event: np.ndarray) -> bool:
    """Whether the curve has come down to 0: then it is known at every later time."""
    return bool(event[time == time.max()].all())

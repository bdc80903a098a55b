"""The Fine-Gray model: proportional hazards of the subdistribution of one cause.

Fine and Gray (1999), doi 10.1080/01621459.1999.10474144. Numbers are those of R's `cmprsk::crr`, or of
`survival::finegray` with `coxph`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from prognomics.data.strata import encode_levels
from prognomics.errors import BadInput, Refused, UsageError
from prognomics.survival.competing_risks.subdistribution import FineGrayLikelihood, subdistribution_risk_sets
from prognomics.survival.cox.fit import TIES, CoxFit, Sample, check_covariates, fit_likelihood
from prognomics.survival.cox.partial_likelihood import PartialLikelihood
from prognomics.survival.event_times import check_event_times, merge_near_ties


def fit_fine_gray(
    time: np.ndarray,
    causes: np.ndarray,
    x: np.ndarray,
    strata: np.ndarray | None = None,
    ties: str = "breslow",
    columns: Sequence[str] | None = None,
    eps: float = 1e-14,
    max_iterations: int = 200,
) -> CoxFit:
    """Fit the model of cause 1.

    With Breslow's ties and without strata as `cmprsk::crr`, whose variance includes that the censoring distribution is
    estimated. With Efron's ties or strata as `coxph(Surv(fgstart, fgstop, fgstatus) ~ x + strata(s), weights = fgwt,
    cluster = id)` on `finegray(... ~ . + strata(s), id = id)`: a censoring distribution for each stratum, and the
    robust variance by sample that takes the weights as known. The two also differ in who is at risk for a censoring
    that is tied with an event.

    Parameters
    ----------
    time : array_like, shape (n_samples,)
        Near ties are merged.
    causes : array_like, shape (n_samples,)
        0 censored, 1 event, 2 competing event.
    x : array_like, shape (n_samples, n_columns)
    strata : array_like, shape (n_samples,), optional
        Labels.
    ties : {"breslow", "efron"}
    columns : sequence of str, optional
        Names of the columns of `x`.
    eps, max_iterations
        As in `fit_cox`.

    Returns
    -------
    CoxFit
        `se` is robust; log-likelihoods are pseudo-likelihoods.

    Raises
    ------
    Refused
        No event of cause 1.
    BadInput
        Wrong times, causes or covariates.
    UsageError
        Unknown `ties`.
    """
    if ties not in TIES:
        raise UsageError(f"unknown handling of ties {ties!r}", hint=f"one of {', '.join(TIES)}")
    causes = np.asarray(causes, dtype=float)
    time, _ = check_event_times(time, np.where(causes == 2, 1.0, causes))
    time, x = merge_near_ties(time), check_covariates(x, len(time))
    names = tuple(f"x{i + 1}" for i in range(x.shape[1])) if columns is None else tuple(columns)
    if len(names) != x.shape[1]:
        raise BadInput(f"{x.shape[1]} covariate columns have {len(names)} names")
    if not (causes == 1).any():
        raise Refused(
            f"there are no events of interest among {len(time)} samples",
            hint="check the event column, the subset and the endpoint",
        )
    stratum, levels = encode_levels(strata, len(time), "stratum")
    as_crr = ties == "breslow" and len(levels) == 1
    risk_sets = subdistribution_risk_sets(time, causes, stratum, ties, censored_last=not as_crr)
    return fit_likelihood(
        risk_sets, Sample(time, causes == 1, stratum), x, names, ties, np.arange(len(time)), eps, max_iterations,
        FineGrayLikelihood if as_crr else PartialLikelihood,
    )  # fmt: skip

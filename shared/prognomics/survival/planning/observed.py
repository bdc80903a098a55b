"""The information of a data set about a marker's hazard ratio: what it could show, whatever it did show."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from prognomics.data.strata import resolve_strata, strata_name, stratum_labels
from prognomics.errors import BadInput, Refused
from prognomics.modeling.design_matrix import build_design
from prognomics.survival.endpoint_arrays import endpoint_arrays


@dataclass(frozen=True)
class ObservedStudy:
    """Samples with a marker and an endpoint.

    Attributes
    ----------
    time, event, marker : numpy.ndarray, shape (n,)
        The marker is 0/1 for two groups, else in standard deviations within strata.
    stratum : numpy.ndarray of int, shape (n,)
    variances : numpy.ndarray, shape (n_strata,)
        Of the marker within each stratum.
    r_squared : float
        Of the marker on the covariates, within strata.
    unit : str
        What the hazard ratio compares.
    strata : str
    n_missing : int
    """

    time: np.ndarray
    event: np.ndarray
    marker: np.ndarray
    stratum: np.ndarray
    variances: np.ndarray
    r_squared: float
    continuous: bool
    unit: str
    strata: str
    n_missing: int

    @property
    def n_strata(self) -> int:
        return len(self.variances)

    @property
    def events(self) -> np.ndarray:
        """Events by stratum, shape (n_strata,)."""
        return np.bincount(self.stratum, self.event, self.n_strata)

    @property
    def information(self) -> float:
        """Of the log hazard ratio, near no effect: events times the variance within strata that covariates leave."""
        return float(self.events @ self.variances * (1 - self.r_squared))


def observed_study(
    frame: pd.DataFrame,
    time_months: object,
    event: object,
    marker: str,
    *,
    covariates: Sequence[str] = (),
    strata: Sequence[str] = ("auto",),
    factors: Collection[str] = (),
    reference_levels: Mapping[str, str] | None = None,
) -> ObservedStudy:
    """Describe a data set; parameters as in `cox_analysis`.

    Raises
    ------
    Refused
        The marker does not vary within a stratum that has events, or covariates determine it.
    BadInput
        A marker of more than two groups.
    """
    stratifying = resolve_strata(frame, strata)
    time, flags, known = endpoint_arrays(frame, time_months, event)
    labels, stratum_known = stratum_labels(frame, stratifying)
    design = build_design(frame, [marker, *covariates], flags, known & stratum_known, factors,
                          reference_levels=reference_levels)  # fmt: skip
    term, rows = design.terms[0], design.complete
    if len(term.columns) > 1:
        raise BadInput(f"the marker {marker!r} has {len(term.levels)} groups: power is of a comparison of two",
                       hint=f"keep two of them, such as --where '{marker}={','.join(term.levels[:2])}'")  # fmt: skip
    stratum = np.zeros(int(rows.sum()), int) if labels is None else np.unique(labels[rows], return_inverse=True)[1]
    x = design.x[:, list(term.columns)]
    within = _centered(np.column_stack([x, np.delete(design.x, term.columns, axis=1)]), stratum)
    own, others = within[:, 0] if len(term.columns) else np.zeros(len(stratum)), within[:, len(term.columns) :]
    continuous = term.kind == "numeric"
    size = np.bincount(stratum)
    spread = np.sqrt(own @ own / max(len(own) - len(size), 1)) if continuous else 1.0
    events = np.bincount(stratum, flags[rows])
    variances = np.bincount(stratum, own**2) / size / (spread**2 or 1.0)
    if not events @ variances > 0:
        raise Refused(f"{marker!r} does not vary among the {int(rows.sum())} samples of a stratum with events",
                      hint="check the subset and the strata (--strata none)")  # fmt: skip
    left = own - others @ np.linalg.lstsq(others, own, rcond=None)[0]
    r_squared = float(1 - left @ left / (own @ own))
    if r_squared > 1 - 1e-9:
        raise Refused(f"the covariates determine {marker!r}", hint="omit the covariate that does")
    return ObservedStudy(
        time[rows], flags[rows], x[:, 0] / spread, stratum, variances, max(r_squared, 0.0) if covariates else 0.0,
        continuous, f"1 SD ({spread:.4g})" if continuous else f"{term.levels[1]} vs {term.levels[0]}",
        strata_name(stratifying), len(frame) - int(rows.sum()),
    )  # fmt: skip


def _centered(columns: np.ndarray, stratum: np.ndarray) -> np.ndarray:
    size = np.bincount(stratum)
    means = np.column_stack([np.bincount(stratum, column) / size for column in columns.T])
    result: np.ndarray = columns - means[stratum]
    return result

"""The endpoint of a survival analysis: times in months and events, aligned with the samples of a sheet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Endpoint:
    """Follow-up of the samples of a sheet, in the sheet's order.

    Attributes
    ----------
    name : str
        The endpoint's name, such as `os`.
    time_months : numpy.ndarray, shape (n_samples,)
        Time to event or censoring in months; NaN where missing.
    event : numpy.ndarray, shape (n_samples,)
        1 for an event, 0 for a censored time; NaN where missing.
    """

    name: str
    time_months: np.ndarray
    event: np.ndarray

    @property
    def known(self) -> np.ndarray:
        """True where both time and event are there, shape (n_samples,)."""
        return ~(np.isnan(self.time_months) | np.isnan(self.event))

    @property
    def n_events(self) -> int:
        return int(np.nansum(np.where(self.known, self.event, 0)))

    def censored_at(self, months: float) -> Endpoint:
        """The same endpoint with follow-up cut off after `months`; later events count as censored."""
        late = self.time_months > months
        return Endpoint(
            self.name, np.where(late, months, self.time_months), np.where(late & ~np.isnan(self.event), 0, self.event)
        )

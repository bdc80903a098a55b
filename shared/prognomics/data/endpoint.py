"""The endpoint of a survival analysis: times in months and events, aligned with the samples of a sheet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prognomics.errors import UsageError


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
        1 for an event, 0 for a censored time, also one censored by a competing event; NaN where missing.
    is_competing : numpy.ndarray of bool, shape (n_samples,), optional
        True where the follow-up ended with a competing event.
    """

    name: str
    time_months: np.ndarray
    event: np.ndarray
    is_competing: np.ndarray | None = None

    @classmethod
    def of_causes(cls, name: str, time_months: np.ndarray, causes: np.ndarray) -> Endpoint:
        """An endpoint of causes: 0 censored, 1 event, 2 competing event, NaN missing."""
        return cls(name, time_months, np.where(causes == 2, 0.0, causes), causes == 2)

    @property
    def known(self) -> np.ndarray:
        """True where both time and event are there, shape (n_samples,)."""
        result: np.ndarray = ~(np.isnan(self.time_months) | np.isnan(self.event))
        return result

    @property
    def competing(self) -> np.ndarray:
        """True for samples whose follow-up ended with a competing event, shape (n_samples,)."""
        return np.zeros(len(self.event), dtype=bool) if self.is_competing is None else self.is_competing

    @property
    def causes(self) -> np.ndarray:
        """0 censored, 1 event, 2 competing event, NaN missing, shape (n_samples,)."""
        return np.where(self.competing, 2.0, self.event)

    @property
    def n_events(self) -> int:
        return int(np.nansum(np.where(self.known, self.event, 0)))

    @property
    def n_competing(self) -> int:
        return int((self.known & self.competing).sum())

    def censored_at(self, months: float) -> Endpoint:
        """The same endpoint with follow-up cut off after `months`; later events count as censored."""
        late = self.time_months > months
        causes = np.where(late & ~np.isnan(self.event), 0, self.causes)
        return Endpoint.of_causes(self.name, np.where(late, months, self.time_months), causes)

    def take(self, keep: np.ndarray) -> Endpoint:
        """The endpoint of the samples where `keep` (bool, shape (n_samples,)) is true."""
        return Endpoint.of_causes(self.name, self.time_months[keep], self.causes[keep])


def require_endpoint(endpoint: Endpoint | None, hint: str = "") -> Endpoint:
    """The endpoint; UsageError without one."""
    if endpoint is None:
        raise UsageError("name the endpoint: --endpoint, or --time-column and --event-column", hint=hint)
    return endpoint

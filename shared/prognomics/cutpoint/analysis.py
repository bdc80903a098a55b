"""The samples of a sheet divided by a marker: groups, tables, and the cutpoint as a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from prognomics.cutpoint import cut_policy, cutpoint_table
from prognomics.cutpoint.cutpoint import Cut
from prognomics.cutpoint.locked_cut import locked_cut
from prognomics.data.endpoint import Endpoint
from prognomics.data.model import LockedModel
from prognomics.data.sheet import SampleSheet


@dataclass(frozen=True, eq=False)
class Division:
    """Samples divided by a marker.

    Attributes
    ----------
    samples : SampleSheet
    marker, method : str
    values : numpy.ndarray, shape (n_samples,)
        The marker, in its own unit.
    cuts : list of Cut
        As :func:`prognomics.cutpoint.cut_policy.learn_cuts` gives them.
    endpoint : Endpoint or None
    name : str
        Of the group column.
    within : str or None
        Column with a separate cutpoint for each value.
    """

    samples: SampleSheet
    marker: str
    method: str
    values: np.ndarray
    cuts: list[Cut]
    endpoint: Endpoint | None
    name: str
    within: str | None

    @cached_property
    def groups(self) -> pd.DataFrame:
        """The group of each sample, shape (n_samples, 2)."""
        joined = cut_policy.join_groups(self.cuts, len(self.samples))
        return pd.DataFrame({"sample_id": self.samples.sample_ids, self.name: joined})

    @cached_property
    def table(self) -> pd.DataFrame:
        """The cutpoint table, one row per cutpoint."""
        event, endpoint = (self.endpoint.event, self.endpoint.name) if self.endpoint else (None, None)
        return cutpoint_table.cutpoint_table(
            self.cuts, marker=self.marker, population=self.samples.population, event=event, endpoint=endpoint
        )

    @cached_property
    def roc(self) -> pd.DataFrame | None:
        """Sensitivity and specificity at each threshold; None without a ROC curve."""
        return cutpoint_table.roc_table(self.cuts, self.marker)

    @cached_property
    def profile(self) -> pd.DataFrame | None:
        """The statistic at each candidate cutpoint; None without a search."""
        return cutpoint_table.profile_table(self.cuts, self.marker)

    @property
    def values_by_cut(self) -> list[np.ndarray]:
        """The marker of the samples of each cutpoint."""
        return [self.values[cut.members] for cut in self.cuts]

    def lock(self, *, is_gene: bool) -> LockedModel:
        """The cutpoint as a model for other samples; see :func:`prognomics.cutpoint.locked_cut.locked_cut`."""
        return locked_cut(
            self.cuts, self.samples.frame, self.values, self.endpoint, marker=self.marker, is_gene=is_gene,
            within=self.within, method=self.method, name=self.name,
        )  # fmt: skip


def divide_samples(
    samples: SampleSheet, marker: str, method: str, endpoint: Endpoint | None = None, *, case: str = "",
    control: str = "", strata: Sequence[str] = (), within: str | None = None, learn_where: str | None = None,
    direction: str = "high", name: str | None = None, seed: int = 1, **settings: Any,
) -> Division:  # fmt: skip
    """Divide samples into groups of a marker.

    Parameters
    ----------
    samples : SampleSheet
        With the marker as a column.
    marker : str
    method : str
        A value of `--method` of the tool `cutpoint`.
    endpoint : Endpoint, optional
        Of the same samples; needed by a search.
    case, control : str
        Filters of the samples of a ROC curve.
    strata : sequence of str
        Columns, or auto or none, of a search.
    within : str, optional
        Column with a separate cutpoint for each value.
    learn_where : str, optional
        Filter of the samples in which the cutpoint is derived.
    direction : str
        high or low: the side with the expected worse outcome.
    name : str, optional
        Of the group column; by default marker and method.
    seed : int
        Of permutations and bootstrap samples.
    **settings
        Of :func:`prognomics.cutpoint.cut_policy.learner`.

    Raises
    ------
    UsageError
        A search without an endpoint, or `within` together with `learn_where`.
    """
    values = samples.numbers(marker)
    learner = cut_policy.learner(method, marker, **settings, rng=np.random.Generator(np.random.PCG64(seed)))
    arrays: dict[str, np.ndarray] = {}
    derived_in: str = samples.population
    if method == "roc":
        derived_in = " versus ".join(map(samples.filter_name, (case, control)))
        arrays = cut_policy.roc_arrays(samples, values, case, control, not within)
    elif method == "maxstat":
        arrays = cut_policy.search_arrays(samples, endpoint, strata)
    cuts = cut_policy.learn_cuts(
        learner, values, arrays, within=samples.labels(within) if within else None,
        learn_name=samples.filter_name(learn_where) if learn_where else "",
        learn=samples.matches(learn_where) if learn_where else None, direction=direction, learnt_in=derived_in,
    )  # fmt: skip
    return Division(samples, marker, method, values, cuts, endpoint, name or f"{marker}_{method}", within)

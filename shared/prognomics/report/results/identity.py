"""What a finding is: an estimate with the identity by which alone it is compared, counted or named."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from prognomics.report.results.rows import get, label
from prognomics.report.results.steps import Step

HAZARD_RATIO = "hazard ratio"
SMALLEST = "smallest ratio shown with 80% power"  # of a primary analysis with an unclear result
TRUSTED = ("stratified", "all", "unstratified", "per_cohort")  # which scope is preferred


@dataclass(frozen=True)
class Identity:
    """What a finding is about; two findings are of one question if all of this agrees but the scope.

    Attributes
    ----------
    marker, term : str
        The marker, and the column or gene of it; the marker is empty where the term is another variable.
    contrast : str
        `high vs low` or `continuous`; empty where nothing is contrasted.
    endpoint : str
        The endpoint's name, its two columns, or the outcome of a logistic model; empty if there is none.
    population : tuple of str
        Conditions in alphabetical order, none for all samples.
    adjusted_for : tuple of str
        The other variables of the model.
    scope, cohort : str
        stratified, all, unstratified or per_cohort (with `cohort`); of a meta-analysis random, fixed, one_model or
        leave_out (with the excluded cohort); held_out of a model evaluated in samples that had no part in it, and
        apparent of one in its own samples.
    method, limits : str
        The tool and its variant; what else restricts samples or times.
    measure : str
        What is estimated: `hazard ratio`, `median survival`, `AUC`.
    model, group, time, cause : str
        Which of several models; the group or subgroup that the estimate is of; months or an interval of months; the
        event or the competing event. Empty where it does not apply.
    """

    marker: str
    term: str
    contrast: str
    endpoint: str
    population: tuple[str, ...] = ()
    adjusted_for: tuple[str, ...] = ()
    scope: str = "all"
    cohort: str = ""
    method: str = "cox"
    limits: str = ""
    measure: str = HAZARD_RATIO
    model: str = ""
    group: str = ""
    time: str = ""
    cause: str = ""

    @property
    def question(self) -> tuple[Any, ...]:
        """Marker, endpoint and population: what a sentence must name."""
        return self.marker, self.endpoint, self.population, self.limits

    @property
    def analysis(self) -> tuple[Any, ...]:
        """The question and how it was asked, without the scope."""
        return *self.question, self.term, self.contrast, self.adjusted_for, self.measure


@dataclass(frozen=True)
class Finding:
    """An estimate with its interval, the samples and events it rests on, and the step and row it is from.

    `estimate` is the value with its lower and upper limit; what the row does not give is NaN. `place` is the artifact
    and the row's number in its table, from 0.
    """

    identity: Identity
    n: float
    events: float
    estimate: tuple[float, float, float]
    p: float
    step: Step = field(repr=False, compare=False)
    row: Mapping[str, Any] = field(repr=False, compare=False)
    se: float = math.nan
    statistic: float = math.nan
    place: tuple[str, int] = ("", 0)

    @property
    def hr(self) -> tuple[float, float, float]:
        """The estimate of a ratio with its limits."""
        return self.estimate

    @property
    def level(self) -> str:
        return label(get(self.row, "level")) if self.identity.contrast != "continuous" else ""

    @property
    def excludes_one(self) -> bool:
        _, low, high = self.estimate
        return low > 1 or high < 1

    def same_samples(self, other: Finding) -> bool:
        """Whether both rest on the same samples, as far as their numbers show."""
        return (self.identity.population, self.identity.cohort, self.n, self.events) == (
            other.identity.population, other.identity.cohort, other.n, other.events)  # fmt: skip

"""The yes/no outcome of samples, from a column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from prognomics.data.levels import ordered_levels
from prognomics.data.sheet import SampleSheet
from prognomics.errors import UsageError, first_few, note, unknown_name, warn

YES = {"1", "yes", "true", "y", "t"}
NO = {"0", "no", "false", "n", "f"}


@dataclass(frozen=True)
class BinaryOutcome:
    """Who has an outcome.

    Attributes
    ----------
    column : str
    levels : tuple of str
        Values of the column that are the outcome.
    others : tuple of str
        Values that are not.
    values : numpy.ndarray of float, shape (n_samples,)
        1, 0, NaN where missing.
    """

    column: str
    levels: tuple[str, ...]
    others: tuple[str, ...]
    values: np.ndarray

    @property
    def name(self) -> str:
        """As tables name it."""
        return f"{self.column}={','.join(self.levels)}"


def binary_outcome(samples: SampleSheet, column: str, levels: Sequence[str] = ()) -> BinaryOutcome:
    """The outcome that some levels of a column are.

    Parameters
    ----------
    samples : SampleSheet
    column : str
    levels : sequence of str
        The values that are the outcome; all others are not. By default 1, yes or true; of two other values the
        second in R's order, with a warning.

    Raises
    ------
    BadInput
        Unknown column or level.
    UsageError
        More than two values, and no level was named.
    """
    name = samples.resolve(column)
    if name.removesuffix("_event") in samples.endpoint_names and name.endswith("_event"):
        warn("event-as-outcome", f"{name} states who had the event, not by when: patients censored early count as "
             "event-free; cox uses the follow-up")  # fmt: skip
    labels = samples.labels(name)
    present = ordered_levels([v for v in labels if v is not None])
    for level in levels:
        if level not in present:
            raise unknown_name("level", level, present, where=f"column {name}")
    chosen = list(dict.fromkeys(levels)) or [_default_level(name, present)]
    others = tuple(level for level in present if level not in chosen)
    values = np.array([np.nan if v is None else float(v in chosen) for v in labels])
    if len(others) > 1 or len(chosen) > 1:
        note("outcome", f"{name}: {first_few(chosen)} against {first_few(others)}")
    return BinaryOutcome(name, tuple(chosen), others, values)


def _default_level(name: Any, present: Any) -> Any:
    plain = {level: level.casefold() for level in present}
    if present and set(plain.values()) <= YES | NO:
        return next((level for level in present if plain[level] in YES), present[-1])
    if len(present) > 2:
        raise UsageError(f"the column {name!r} has {len(present)} values: {first_few(present)}",
                         hint="name the one that is the outcome (--outcome-level)")  # fmt: skip
    if len(present) == 2:
        warn("outcome-level-assumed", f"the outcome is {name} = {present[1]}, the second of its two values; name it "
             "(--outcome-level) to be sure of the direction")  # fmt: skip
    return present[-1] if present else ""

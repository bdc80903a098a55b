"""Times in months and events as 0/1, from whatever a raw sheet calls them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from prognomics.curation.fields import convert_time, number_field, text_field
from prognomics.curation.raw_sheet import Sheet, Words, as_word, word_list
from prognomics.errors import BadInput, first_few, warn

# beyond these the values are hardly in the unit that the mapping says
SUSPECT_MAXIMUM = {"months": 600.0, "years": 50.0, "weeks": 2600.0}
SUSPECT_SHORT = {"days": (200.0, "months"), "months": (20.0, "years")}
ENOUGH_TO_JUDGE = 10


@dataclass(frozen=True)
class Endpoint:
    """An endpoint of all rows.

    Attributes
    ----------
    time_months, event : numpy.ndarray of float64, shape (n_samples,)
        NaN where missing.
    """

    time_months: np.ndarray
    event: np.ndarray

    @property
    def complete(self) -> np.ndarray:
        """Rows with a time and an event indicator."""
        return ~np.isnan(self.time_months) & ~np.isnan(self.event)

    @property
    def n_events(self) -> int:
        """Events among complete rows."""
        return int(np.nansum(self.event[self.complete]))


def read_endpoint(sheet: Sheet, name: str, spec: dict[str, Any], eligible: np.ndarray) -> Endpoint:
    """Evaluate an endpoint.

    Parameters
    ----------
    sheet : Sheet
    name : str
        For messages.
    spec : dict
        The mapping's entry: `time`, `event`.
    eligible : numpy.ndarray of bool, shape (n_samples,)
        Rows that carry the endpoint; others are missing (`only` in the mapping).

    Raises
    ------
    BadInput
        Text in a time, a negative time, an event word that is not declared, a word declared as both.

    Warns
    -----
    time-unit-suspect, zero-times, incomplete-outcome
        Unless the sheet is lenient.
    """
    field = f"endpoints.{name}"
    unit = spec["time"]["unit"]
    time_spec = {key: value for key, value in spec["time"].items() if key != "unit"}
    raw_time = number_field(sheet, time_spec, f"{field}.time")
    event = _events(sheet, spec["event"], f"{field}.event")
    raw_time[~eligible] = np.nan
    event[~eligible] = np.nan
    if sheet.strict:
        _check_times(sheet, raw_time, unit, field, spec)
        _warn_of_times(raw_time, event, unit, name)
    else:
        raw_time[raw_time < 0] = np.nan
    return Endpoint(convert_time(raw_time, unit, "months"), event)


def _events(sheet: Sheet, spec: dict[str, Any], field: str) -> np.ndarray:
    words = [(word, 1.0) for word in word_list(spec["event"])]
    for word in word_list(spec["censored"]):
        if Words(words[: len(word_list(spec["event"]))]).find(word)[0]:
            raise BadInput(f"{field}: {word!r} is declared both as event and as censored")
        words.append((word, 0.0))
    meanings = Words(words)
    source = {key: spec[key] for key in ("column", "extract", "missing") if key in spec}
    # a declared word is no missing one, whatever `missing` says
    declared = Sheet(sheet.raw, sheet.sample_ids, sheet.missing - set(meanings.folded), sheet.strict)
    cells = text_field(declared, source, field)
    event = np.full(len(cells), np.nan)
    unknown: dict[str, list[str]] = {}
    for i, (cell, sample) in enumerate(zip(cells, sheet.sample_ids, strict=True)):
        if cell is None:
            continue
        known, meaning = meanings.find(as_word(cell))
        if known:
            event[i] = meaning
        else:
            unknown.setdefault(cell, []).append(sample)
    if unknown and sheet.strict:
        samples_of = [sample for samples in unknown.values() for sample in samples]
        listed = ", ".join(
            f"{value!r} ({len(samples)} samples)" for value, samples in list(unknown.items())[:8]
        )
        raise BadInput(
            f"{field}: not declared as event or censored: {listed}",
            where=f"column {spec['column']!r}, sample {first_few(samples_of)}",
            hint=f"add them to {field}.event, {field}.censored or missing",
        )
    return event


def _check_times(sheet: Sheet, raw_time: np.ndarray, unit: str, field: str, spec: dict[str, Any]) -> None:
    negative = np.flatnonzero(raw_time < 0)
    if negative.size:
        listed = first_few(f"{sheet.sample_ids[i]} ({raw_time[i]:g} {unit})" for i in negative)
        raise BadInput(
            f"{field}.time: {negative.size} negative times",
            where=f"column {spec['time']['column']!r}, sample {listed}",
            hint="correct the sheet, list the value under missing:, or exclude the rows (below: 0)",
        )


def _warn_of_times(raw_time: np.ndarray, event: np.ndarray, unit: str, name: str) -> None:
    filled = raw_time[~np.isnan(raw_time)]
    if filled.size >= ENOUGH_TO_JUDGE:
        longest = float(filled.max())
        shortest_credible, larger = SUSPECT_SHORT.get(unit, (0.0, ""))
        if longest < shortest_credible:
            warn("time-unit-suspect", f"{name}: the longest time is {longest:g} {unit}; are these {larger}?")
        elif longest > SUSPECT_MAXIMUM.get(unit, np.inf):
            warn(
                "time-unit-suspect", f"{name}: the longest time is {longest:g} {unit}; is this another unit?"
            )
    zeros = filled.size and raw_time == 0
    if np.any(zeros):
        n_events = int(np.nansum(event[zeros]))
        warn(
            "zero-times",
            f"{name}: {int(np.sum(zeros))} times are 0, {n_events} of them with an event; they are kept"
            + (" (an event at 0 is probably disease present at diagnosis)" if n_events else ""),
        )
    half = np.isnan(raw_time) != np.isnan(event)
    if half.any():
        warn("incomplete-outcome", f"{name}: {int(half.sum())} samples have a time or an event but not both")

"""Times in months and causes (censored, event, competing), from whatever a raw sheet calls them."""

from __future__ import annotations

from typing import Any

import numpy as np

from prognomics.curation.derived import by_conditions
from prognomics.curation.fields import column_names, number_field, text_field
from prognomics.curation.raw_sheet import Sheet, Words, as_word, word_list
from prognomics.data.endpoint import Endpoint
from prognomics.data.time_units import convert_time, unit_doubt
from prognomics.errors import BadInput, first_few, warn

CAUSES = {"censored": 0.0, "event": 1.0, "competing": 2.0}
# what a time by status has in common with its parts
SHARED = ("unit", "since", "date_format", "extract", "replace", "missing", "decimal", "thousands")
MOST_LISTED = 20


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
        Text in a time, a negative time, an event word that is not declared, a word declared twice.

    Warns
    -----
    time-unit-suspect, zero-times, incomplete-outcome
        Unless the sheet is lenient.
    """
    field = f"endpoints.{name}"
    causes = read_causes(sheet, spec["event"], f"{field}.event")
    causes[~eligible] = np.nan
    parts = time_parts(spec["time"])
    time = np.full(len(causes), np.nan)
    doubts = []
    for cause, part in parts.items():
        unit = part.get("unit", "days")
        of_part = {key: value for key, value in part.items() if key != "unit"}
        values = number_field(sheet, of_part, f"{field}.time" + (f".{cause}" if cause else ""))
        values[~eligible if not cause else causes != CAUSES[cause]] = np.nan
        if sheet.strict:
            _check_times(sheet, values, unit, f"{field}.time", part)
            doubts.append((values, unit))
        else:
            values[values < 0] = np.nan
        time = np.where(np.isnan(values), time, convert_time(values, unit, "months"))
    endpoint = Endpoint.of_causes(name, time, causes)
    if sheet.strict:
        _warn_about_times(sheet, endpoint, doubts)
    return endpoint


def time_parts(spec: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The sources of a time by the cause that they belong to; the empty name where one serves all.

    Competing events have the time of `competing`, else that of `event`.
    """
    if "column" in spec:
        return {"": spec}
    common = {key: spec[key] for key in SHARED if key in spec}
    given = {cause: spec[cause] for cause in CAUSES if cause in spec}
    given.setdefault("competing", given["event"])
    return {
        cause: {**common, **(source if isinstance(source, dict) else {"column": source})}
        for cause, source in given.items()
    }


def read_causes(sheet: Sheet, spec: dict[str, Any], field: str) -> np.ndarray:
    """0 for censored, 1 for the event, 2 for a competing event, NaN where missing.

    Raises
    ------
    BadInput
        Words that are not declared, or declared twice.
    """
    if "when" in spec:
        words = by_conditions(sheet, spec, field)
        return np.array([np.nan if word is None else CAUSES.get(word, np.nan) for word in words])
    meanings = Words(_declared(spec, field))
    source = {key: spec[key] for key in spec if key in ("column", "extract", "replace", "missing")}
    # a declared word is not a missing one, whatever `missing` says
    declared = sheet.with_missing(sheet.missing - set(meanings.folded))
    cells = text_field(declared, source, field)
    causes = np.full(len(cells), np.nan)
    unknown: dict[str, list[str]] = {}
    for i, (cell, sample) in enumerate(zip(cells, sheet.sample_ids, strict=True)):
        if cell is None:
            continue
        known, meaning = meanings.find(as_word(cell))
        if known:
            causes[i] = meaning
        else:
            unknown.setdefault(cell, []).append(sample)
    if unknown and sheet.strict:
        samples_of = [sample for samples in unknown.values() for sample in samples]
        listed = ", ".join(f"{value!r} ({len(samples)} samples)" for value, samples in list(unknown.items())[:8])
        raise BadInput(
            f"{field}: not declared as event or censored: {listed}",
            where=f"column {column_names(spec)}, sample {first_few(samples_of)}",
            hint=f"add them to {field}.event, {field}.censored, {field}.competing or missing",
        )
    return causes


def _declared(spec: dict[str, Any], field: str) -> list[tuple[str, float]]:
    words: list[tuple[str, float]] = []
    kinds = {"event": 1.0, "censored": 0.0, "competing": 2.0}
    for kind, code in kinds.items():
        for word in word_list(spec.get(kind, [])):
            known, other = Words(words).find(word)
            if known and other != code:
                first = next(name for name, number in kinds.items() if number == other)
                raise BadInput(f"{field}: {word!r} is declared both as {first} and as {kind}")
            words.append((word, code))
    return words


def _check_times(sheet: Sheet, raw_time: np.ndarray, unit: str, field: str, part: dict[str, Any]) -> None:
    negative = np.flatnonzero(raw_time < 0)
    if negative.size:
        listed = first_few(f"{sheet.sample_ids[i]} ({raw_time[i]:g} {unit})" for i in negative)
        raise BadInput(
            f"{field}: {negative.size} negative times",
            where=f"column {column_names(part)}, sample {listed}",
            hint="correct the sheet, list the value under missing:, or exclude the rows (below: 0)",
        )


def _warn_about_times(sheet: Sheet, endpoint: Endpoint, parts: list[tuple[np.ndarray, str]]) -> None:
    name, time, event = endpoint.name, endpoint.time_months, endpoint.event
    unit = parts[0][1] if len({unit for _, unit in parts}) == 1 else "months"
    doubt = unit_doubt(time if unit == "months" else convert_time(time, "months", unit), unit)
    if doubt:
        warn("time-unit-suspect", f"{name}: {doubt}")
    zeros = time == 0
    if zeros.any():
        with_event = zeros & (event == 1)
        warn(
            "zero-times",
            f"{name}: {int(zeros.sum())} times are 0, {int(with_event.sum())} of them with an event; they are kept"
            + (
                f" (an event at 0 is probably disease present at diagnosis): {_ids(sheet, with_event)}"
                if with_event.any()
                else ""
            ),
        )
    half = np.isnan(time) != np.isnan(event)
    if half.any():
        undated = half & ((event == 1) | endpoint.competing)
        warn(
            "incomplete-outcome",
            f"{name}: {int(half.sum())} samples have a time or an event but not both"
            + (f"; {int(undated.sum())} with an event have no time: {_ids(sheet, undated)}" if undated.any() else ""),
        )


def _ids(sheet: Sheet, rows: np.ndarray) -> str:
    return first_few((sheet.sample_ids[i] for i in np.flatnonzero(rows)), MOST_LISTED)

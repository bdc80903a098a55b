"""What times and statuses of one sample say against each other, listed with ids."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np

from prognomics.curation.endpoints import MOST_LISTED, time_parts
from prognomics.curation.event_words import DEATH_WORDS
from prognomics.curation.fields import number_field
from prognomics.curation.headings import DEATHS, FOLLOW_UP, TIME, WITHIN_LIFE, event_of, named_endpoint, plain
from prognomics.curation.raw_sheet import Sheet, word_list
from prognomics.data.endpoint import Endpoint
from prognomics.data.time_units import convert_time, named_unit
from prognomics.errors import first_few, warn

TOLERANCE = 0.1  # months: times are often rounded to one decimal


def warn_about_contradictions(sheet: Sheet, endpoints: dict[str, Endpoint], mapping: dict[str, Any]) -> None:
    """Warn of samples whose times and statuses cannot all be right.

    Parameters
    ----------
    sheet : Sheet
        The rows that are curated; raw columns that the mapping does not use are looked at too.
    endpoints : dict of Endpoint
        In the order of the sheet's rows.
    mapping : dict

    Warns
    -----
    contradicting-outcome
        A death before a later contact; a time of the event in a sample without it; a time of relapse or progression
        beyond the time of overall survival; a death from the disease of a sample that is alive.
    """
    found: list[Any] = []
    for name, endpoint in endpoints.items():
        found += _within(sheet, endpoint, mapping["endpoints"][name])
    found += _between(sheet, endpoints)
    if "os" in endpoints:
        found += _beyond_life(sheet, endpoints, mapping)
    for text in dict.fromkeys(found):
        warn("contradicting-outcome", text)


def _within(sheet: Sheet, endpoint: Endpoint, spec: dict[str, Any]) -> Iterator[str]:
    """Sources of one time against its status: every column that a time may come from is read by itself."""
    columns = _time_columns(spec["time"])
    if len(columns) < 2:
        return
    first, *others = columns
    times = {column: _read(sheet, part, column) for column, part in columns.items()}
    event_time = times[first]
    event, censored = endpoint.event == 1, (endpoint.event == 0) & ~endpoint.competing
    speaks = not FOLLOW_UP.search(plain(first)) and ("event" in spec["time"] or event_of(first))
    dated = censored & ~np.isnan(event_time)
    if speaks and dated.any() and dated.sum() <= censored.sum() / 2:
        yield (
            f"{endpoint.name}: {int(dated.sum())} samples have no event, but a time of it in column {first!r}: "
            f"{_listed(sheet, dated, (event_time, first))}"
        )
    if not _is_death(endpoint.name, spec):
        return
    for other in others:
        later = event & (times[other] > event_time + TOLERANCE)
        if later.any():
            yield (
                f"{endpoint.name}: {int(later.sum())} deaths are earlier than a contact in column {other!r}: "
                f"{_listed(sheet, later, (event_time, first), (times[other], other))}"
            )


def _between(sheet: Sheet, endpoints: dict[str, Endpoint]) -> Iterator[str]:
    """Deaths from the disease among the living."""
    for whole, part in combinations([name for name in DEATHS if name in endpoints], 2):
        if whole != "os":
            continue
        alive, dead = endpoints[whole].event == 0, endpoints[part].event == 1
        both = alive & ~endpoints[whole].competing & dead
        if both.any():
            yield f"{int(both.sum())} samples have the event of {part}, but are alive by os: {_ids(sheet, both)}"


def _beyond_life(sheet: Sheet, endpoints: dict[str, Endpoint], mapping: dict[str, Any]) -> Iterator[str]:
    """Times of other endpoints that exceed the time of overall survival, also of raw columns that are not mapped."""
    life = endpoints["os"].time_months
    others = {name: e.time_months for name, e in endpoints.items() if name in WITHIN_LIFE}
    for name, (column, time) in _unmapped(sheet, mapping).items():
        if name not in others:
            others[f"{name} (column {column!r})"] = time
    for name, time in others.items():
        longer = time > life + TOLERANCE
        if longer.any():
            yield (
                f"{int(longer.sum())} samples have a time of {name} that is longer than that of os: "
                f"{_listed(sheet, longer, (time, name.split()[0]), (life, 'os'))}"
            )


def _unmapped(sheet: Sheet, mapping: dict[str, Any]) -> dict[str, tuple[str, np.ndarray]]:
    used = set(_time_columns(mapping["endpoints"]["os"]["time"]))
    of_life = next((c for c in used if named_endpoint(c) == "os"), None)
    unit = next(iter(time_parts(mapping["endpoints"]["os"]["time"]).values())).get("unit", "days")
    found: dict[str, tuple[str, np.ndarray]] = {}
    for column in map(str, sheet.raw.columns):
        name = named_endpoint(column)
        if name not in WITHIN_LIFE or name in found or column in used or not TIME.search(plain(column)):
            continue
        own = named_unit(plain(column))
        alike = of_life is not None and column.lower().replace(name, "os", 1) == of_life.lower()
        if not own and not alike:
            continue
        part = {"column": column, "unit": own or unit}
        time = _read(sheet, part, column)
        if not np.isnan(time).all():
            found[name] = (column, time)
    return found


def _time_columns(spec: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every raw column that a time may come from, with how it is read; that of the event first."""
    parts = time_parts(spec)
    ordered = [parts[cause] for cause in ("", "event", "censored", "competing") if cause in parts]
    found: dict[str, dict[str, Any]] = {}
    for part in ordered:
        for column in word_list(part["column"]):
            found.setdefault(column, {**part, "column": column})
    return found


def _read(sheet: Sheet, part: dict[str, Any], column: str) -> np.ndarray:
    values = number_field(sheet.lenient(), {k: v for k, v in part.items() if k != "unit"}, column)
    return convert_time(values, part.get("unit", "days"), "months")


def _is_death(name: str, spec: dict[str, Any]) -> bool:
    words = word_list(spec["event"].get("event", [])) if "when" not in spec["event"] else []
    return name in DEATHS or any(DEATH_WORDS.fullmatch(word) for word in words)


def _listed(sheet: Sheet, rows: np.ndarray, *values: tuple[np.ndarray, str]) -> str:
    texts = []
    for i in np.flatnonzero(rows):
        shown = ", ".join(f"{name} {time[i]:.4g} months" for time, name in values)
        texts.append(f"{sheet.sample_ids[i]} ({shown})")
    return first_few(texts, MOST_LISTED)


def _ids(sheet: Sheet, rows: np.ndarray) -> str:
    return first_few((sheet.sample_ids[i] for i in np.flatnonzero(rows)), MOST_LISTED)

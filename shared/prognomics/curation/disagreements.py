"""Fields that take the first of several columns with a value: rows whose columns say different things, with ids."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from prognomics.curation.endpoints import MOST_LISTED, read_causes, time_parts
from prognomics.curation.fields import column_field, number_field, text_field
from prognomics.curation.headings import FOLLOW_UP, plain
from prognomics.curation.raw_sheet import Sheet, word_list
from prognomics.errors import first_few, warn

TOLERANCE = 0.01  # of the larger number: rounded twice


def warn_about_disagreements(sheet: Sheet, mapping: dict[str, Any]) -> None:
    """Warn of rows in which the columns of a field (`column: [a, b]`) have values that differ in meaning.

    Parameters
    ----------
    sheet : Sheet
    mapping : dict

    Warns
    -----
    contradicting-columns
        The field, the rows by sample id, and their values; the value of the column that is listed first is taken.
    """
    lenient = sheet.lenient()
    for field, spec, values in _fields(lenient, mapping):
        columns = word_list(spec["column"])
        meanings = [values({**spec, "column": column}) for column in columns]
        words = [sheet.words(column, field, word_list(spec.get("missing", []))) for column in columns]
        found = []
        for row, name in enumerate(sheet.sample_ids):
            said = [m[row] for m in meanings]
            known = [i for i, value in enumerate(said) if value is not None and value == value]
            if known and any(_differ(said[known[0]], said[i]) for i in known[1:]):
                found.append(f"{name} ({', '.join(f'{columns[i]} {words[i][row]}' for i in known)})")
        if found:
            taken = ", ".join(map(repr, columns))
            listed = first_few(found, MOST_LISTED)
            text = f"{field}: {len(found)} samples have different values in {taken}; the first is taken: {listed}"
            warn("contradicting-columns", text)


def _fields(sheet: Sheet, mapping: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Every field with a list of columns, and how its values are read from one of them."""

    def listed(spec: Any) -> bool:
        return isinstance(spec, dict) and isinstance(spec.get("column"), list) and len(set(spec["column"])) > 1

    for name in ("patient_id", "tissue_type"):
        if listed(mapping.get(name)):
            yield name, mapping[name], lambda spec, name=name: text_field(sheet, spec, name)
    for name, spec in mapping.get("columns", {}).items():
        if listed(spec):
            yield f"columns.{name}", spec, lambda one, name=name: list(column_field(sheet, one, name))
    for name, spec in mapping.get("endpoints", {}).items():
        field = f"endpoints.{name}"
        if listed(spec["event"]):
            yield f"{field}.event", spec["event"], lambda one, f=field: list(read_causes(sheet, one, f"{f}.event"))
        for cause, part in time_parts(spec["time"]).items():
            if cause == "competing" and "competing" not in spec["time"] or not listed(part):
                continue
            # the time of an event and that of the last contact differ rightly
            kinds = {bool(FOLLOW_UP.search(plain(column))) for column in part["column"]}
            if len(kinds) == 1:
                one = {key: value for key, value in part.items() if key != "unit"}
                yield f"{field}.time", one, lambda spec, f=field: list(number_field(sheet, spec, f"{f}.time"))


def _differ(one: Any, other: Any) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return str(one).casefold() != str(other).casefold()
    return abs(float(one) - float(other)) > TOLERANCE * max(abs(float(one)), abs(float(other)), np.finfo(float).tiny)

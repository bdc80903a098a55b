"""The assertions of a mapping (`expect`), checked on the curated sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from prognomics.curation.raw_sheet import Words, as_word, word_list
from prognomics.errors import BadInput, first_few, unknown_name

if TYPE_CHECKING:
    import pandas as pd


def matching(samples: pd.DataFrame, condition: dict[str, Any], field: str) -> np.ndarray:
    """Rows whose columns hold one of the given words; several columns mean AND.

    Raises
    ------
    BadInput
        An unknown column.
    """
    keep = np.ones(len(samples), dtype=bool)
    for column, words in condition.items():
        if column not in samples.columns:
            raise unknown_name("column", column, samples.columns, where=f"mapping field {field}")
        wanted = Words((word, True) for word in word_list(words))
        keep &= np.array([_known(wanted, value) for value in samples[column]], dtype=bool)
    return keep


def _known(wanted: Words, value: Any) -> bool:
    word = as_word(value)
    return bool(word) and wanted.find(word)[0]


def check_expectations(samples: pd.DataFrame, expect: dict[str, Any], cohort: str) -> None:
    """Compare what came out with what the mapping expects.

    Parameters
    ----------
    samples : pandas.DataFrame
        The curated sheet.
    expect : dict
        `n`; `complete`, `events` and `competing` per endpoint; `levels` per column (all its levels, or those named and
        `NA`); `ranges` per column; `present` and `unique`: columns without gaps and repeats; `among`: a list of the
        same with `where`.
    cohort : str
        For messages.

    Raises
    ------
    BadInput
        Every expectation that failed, with what was expected, what was found and the first samples concerned.
    """
    failures = _failures(samples, expect, "expect")
    for i, part in enumerate(expect.get("among", [])):
        rows = samples.loc[matching(samples, part["where"], f"expect.among[{i}].where")]
        named = ", ".join(f"{column} = {'/'.join(word_list(words))}" for column, words in part["where"].items())
        failures += _failures(rows, part, f"expect among {named}")
    if failures:
        raise BadInput(
            f"{len(failures)} expectations of the mapping do not hold: " + "; ".join(failures),
            where=f"cohort {cohort}",
            hint="the data are not what the mapping was written for: check the source, then the mapping",
        )


def _failures(samples: pd.DataFrame, expect: dict[str, Any], field: str) -> list[str]:
    failures: list[str] = []

    def compare(what: str, expected: int, found: int, rows: pd.Series | None = None) -> None:
        if expected != found:
            listed = f" ({first_few(rows)})" if rows is not None and len(rows) else ""
            failures.append(f"{field}: {what}: expected {expected}, found {found}{listed}")

    ids = samples["sample_id"]
    if "n" in expect:
        compare("n", expect["n"], len(samples))
    for kind in ("complete", "events", "competing"):
        for endpoint, expected in expect.get(kind, {}).items():
            if f"{endpoint}_time" not in samples.columns:
                raise unknown_name(
                    "endpoint",
                    endpoint,
                    [c[:-5] for c in samples if c.endswith("_time")],
                    where=f"mapping field {field}.{kind}",
                )
            event = samples[f"{endpoint}_event"].where(samples[f"{endpoint}_time"].notna())
            counted = event.notna() if kind == "complete" else event == {"events": 1, "competing": 2}[kind]
            n_found = int(counted.sum())
            # the rows to look at: those that count, or where some lack an outcome, these
            rows = ids[~counted] if kind == "complete" and n_found < expected else ids[counted]
            compare(f"{kind} of {endpoint}", expected, n_found, rows)
    for column, levels in expect.get("levels", {}).items():
        values = _column(samples, column, f"{field}.levels").map(_level)
        for level, expected in levels.items():
            compare(f"{column} = {level}", expected, int((values == level).sum()), ids[values == level])
        others = values[~values.isin([*levels, "NA"])]
        if len(others):
            listed = ", ".join(f"{level} ({n})" for level, n in others.value_counts().items())
            rows = first_few(ids[others.index])
            failures.append(f"{field}: {column} has levels that are not expected: {listed}: {rows}")
    for column in expect.get("present", []):
        missing = ids[_column(samples, column, f"{field}.present").map(_level) == "NA"]
        if len(missing):
            failures.append(f"{field}: {column} is missing in {len(missing)} samples: {first_few(missing)}")
    for column in expect.get("unique", []):
        values = _column(samples, column, f"{field}.unique").map(_level)
        repeated = ids[values.duplicated(keep=False) & (values != "NA")]
        if len(repeated):
            failures.append(f"{field}: {column} is not unique in {len(repeated)} samples: {first_few(repeated)}")
    for column, (low, high) in expect.get("ranges", {}).items():
        values = _column(samples, column, f"{field}.ranges")
        numbers = values.map(_number).astype(float)
        outside = samples.loc[values.notna() & ~numbers.between(low, high), "sample_id"]
        if len(outside):
            found_outside = f"{len(outside)} samples: {first_few(outside)}"
            failures.append(f"{field}: {column} outside {low:g} to {high:g} in {found_outside}")
    return failures


def _column(samples: pd.DataFrame, column: str, field: str) -> pd.Series:
    if column not in samples.columns:
        raise unknown_name("column", column, samples.columns, where=f"mapping field {field}")
    return samples[column]


def _level(value: Any) -> str:
    return as_word(value) or "NA"


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return np.nan

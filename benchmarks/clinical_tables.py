"""Whole clinical tables, rewritten as people write and damage them; each rewriting keeps the truth about every row.

Written from what reports of this field describe and from real tables alone, without a look at the code that reads them.
A mutator takes a `Clinical` table and returns what can be known about the result: RECOVERABLE (the table contains the
right values), DETECTABLE (the table contradicts itself, so that it must be refused or doubted), UNDECIDABLE (nothing in
it is wrong in itself), or None where it does not apply.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

DAYS = 30.4375
RECOVERABLE, DETECTABLE, UNDECIDABLE = "recoverable", "detectable", "undecidable"
PER_MONTH = {"days": DAYS, "weeks": DAYS / 7, "months": 1.0, "years": 1 / 12}


@dataclass
class Pair:
    """An endpoint as the table writes it: the columns, the unit, the words of the status."""

    time: str
    status: str
    unit: str
    event: str
    censored: str


@dataclass
class Clinical:
    """A table of strings with its truth: months (NaN: unknown) and event of each row, for its main endpoint."""

    frame: pd.DataFrame
    sample: str
    endpoint: str
    pair: Pair
    truth: pd.DataFrame  # id, months, event, optional (a row that may rightly be left without an outcome)
    patient: str | None = None
    others: dict[str, Pair] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)

    def rename(self, old: str, new: str) -> bool:
        """Give a column another heading; False where that heading is taken."""
        if new in self.frame.columns:
            return False
        self.frame = self.frame.rename(columns={old: new})
        self.sample = new if self.sample == old else self.sample
        self.patient = new if self.patient == old else self.patient
        for pair in (self.pair, *self.others.values()):
            pair.time = new if pair.time == old else pair.time
            pair.status = new if pair.status == old else pair.status
        return True

    def numbers(self, column: str) -> pd.Series:
        return pd.to_numeric(self.frame[column].str.replace(",", ".", regex=False), errors="coerce")


Mutator = Callable[[np.random.Generator, Clinical], str | None]


def pick(rng: np.random.Generator, items):
    return items[int(rng.integers(len(items)))]


def _write(values: pd.Series, digits: int) -> list[str]:
    return ["" if np.isnan(v) else f"{v:.{digits}f}" for v in values]


# ------------------------------------------------------------------ units
HEADINGS = ["{e}_{u}", "{E}.{u}", "{E} ({u})", "{E} [{u}]", "{E}_{U}", "{long} ({u})", "{long}, {u}", "{E} time ({u})"]
LONG = {
    "os": "Overall survival",
    "mfs": "Metastasis-free survival",
    "dfs": "Disease-free survival",
    "dss": "Disease-specific survival",
    "rfs": "Relapse-free survival",
}


def unit_stated(rng, table: Clinical) -> str | None:
    """Another unit, which the heading states."""
    unit = pick(rng, [u for u in PER_MONTH if u != table.pair.unit])
    months = table.numbers(table.pair.time) / PER_MONTH[table.pair.unit]
    table.frame[table.pair.time] = _write(
        months * PER_MONTH[unit], {"days": 0, "weeks": 1, "months": 2, "years": 3}[unit]
    )
    e = table.endpoint
    name = pick(rng, HEADINGS).format(e=e, E=e.upper(), u=unit, U=unit.upper(), long=LONG.get(e, e.upper()))
    table.pair.unit = unit
    return RECOVERABLE if table.rename(table.pair.time, name) else None


def unit_misstated(rng, table: Clinical) -> str | None:
    """Days under a heading of months or years, or months under one of years: impossible where follow-up is long."""
    said = {"days": ["months", "years"], "months": ["years"], "weeks": ["months", "years"]}.get(table.pair.unit)
    if said is None:
        return None
    unit = pick(rng, said)
    top = table.numbers(table.pair.time).max() / PER_MONTH[unit] / 12
    e = table.endpoint
    if not table.rename(
        table.pair.time, pick(rng, ["{e}_{u}", "{E} ({u})", "{E}.{u}"]).format(e=e, E=e.upper(), u=unit)
    ):
        return None
    return DETECTABLE if top > 60 else UNDECIDABLE


def weeks_misnamed(rng: np.random.Generator, table: Clinical) -> str | None:
    """Weeks under a heading of months or years: impossible where somebody would have been followed for 60 years."""
    weeks = table.numbers(table.pair.time) / PER_MONTH[table.pair.unit] * PER_MONTH["weeks"]
    table.frame[table.pair.time] = _write(weeks, 1)
    table.pair.unit = "weeks"
    return unit_misstated(rng, table)


# ------------------------------------------------------------------ status
WORDS = [
    ("Dead", "Alive"),
    ("deceased", "living"),
    ("1:DECEASED", "0:LIVING"),
    ("DOD", "NED"),
    ("verstorben", "lebt"),
    ("tot", "lebend"),
    ("décédé", "vivant"),
    ("died", "alive"),
    ("DEAD", "ALIVE"),
]


def rewrite_status(table: Clinical, event: str, censored: str) -> None:
    """Write the status with other words."""
    old = table.frame[table.pair.status]
    table.frame[table.pair.status] = np.select(
        [old == table.pair.event, old == table.pair.censored], [event, censored], default=old
    )
    table.pair.event, table.pair.censored = event, censored


def status_words(rng, table: Clinical) -> str | None:
    """The status in words, of one language or another."""
    if table.endpoint != "os":
        return None
    rewrite_status(table, *pick(rng, WORDS))
    return RECOVERABLE


def alive_column(rng, table: Clinical) -> str | None:
    """The status turned around, under a heading that says so."""
    if table.endpoint != "os" or not table.rename(table.pair.status, pick(rng, ["alive", "Alive", "lebend", "vivant"])):
        return None
    rewrite_status(table, *pick(rng, [("no", "yes"), ("0", "1"), ("N", "Y"), ("FALSE", "TRUE")]))
    return RECOVERABLE


def _agreeing(table: Clinical) -> list[str]:
    """Other columns that also say who had the event."""
    flags = table.frame[table.pair.status]
    return [
        c
        for c in table.frame
        if c != table.pair.status
        and table.frame[c].nunique() == flags.nunique()
        and pd.crosstab(flags, table.frame[c]).gt(0).sum().max() == 1
    ]


def flag_inverted(rng, table: Clinical) -> str | None:
    """A bare 0/1 with 0 for the event."""
    if {table.pair.event, table.pair.censored} != {"0", "1"}:
        rewrite_status(table, "1", "0")
    known = table.frame[table.pair.status].isin(["0", "1"])
    table.frame.loc[known, table.pair.status] = table.frame.loc[known, table.pair.status].map({"0": "1", "1": "0"})
    return DETECTABLE if table.endpoint == "os" and "vital_status" in _agreeing(table) else UNDECIDABLE


def coded_one_two(rng, table: Clinical) -> str | None:
    """1 and 2 in place of 0 and 1, as SAS and R's lung data write it."""
    rewrite_status(table, "2", "1")
    return UNDECIDABLE


# ------------------------------------------------------------------ numbers and words
def decimal_commas(rng, table: Clinical) -> str | None:
    """Decimal commas in every column of decimals."""
    if table.pair.unit in ("days", "weeks"):
        unit_stated(rng, table)
    if table.pair.unit == "days":
        return None
    for column in table.frame:
        values = table.frame[column]
        if values.str.fullmatch(r"-?\d+\.\d+").any():
            table.frame[column] = values.str.replace(r"^(-?\d+)\.(\d+)$", r"\1,\2", regex=True)
    return RECOVERABLE


def missing_words(rng, table: Clinical) -> str | None:
    """A word of a provider, or a sign, for what is missing."""
    word = pick(
        rng,
        [
            "NA",
            "[Not Available]",
            "'--",
            "not reported",
            "Unknown",
            "n/a",
            ".",
            "-",
            "#N/A",
            "k.A.",
            "unbekannt",
            "inconnu",
            "ND",
            "NaN",
            "None",
            "missing",
        ],
    )
    table.frame = table.frame.replace({"": word})
    some = rng.random(len(table.frame)) < 0.04
    table.frame.loc[some, table.pair.time] = word
    table.truth.loc[some, "months"] = np.nan
    return RECOVERABLE


def sentinel(rng, table: Clinical) -> str | None:
    """9999 or -1 for a time that is missing."""
    word = pick(rng, ["99999", "-1", "-99", "-9"])
    some = rng.random(len(table.frame)) < 0.05
    if not some.any():
        return None
    table.frame.loc[some, table.pair.time] = word
    table.truth.loc[some, "months"] = np.nan
    return DETECTABLE


def unit_in_cells(rng, table: Clinical) -> str | None:
    """ "31.4 months", "974 days" in the cells."""
    values = table.frame[table.pair.time]
    table.frame[table.pair.time] = values.where(values == "", values + f" {table.pair.unit}")
    return RECOVERABLE

"""Dates, headings and rows of whole clinical tables, rewritten and damaged; and the list of all mutators.

See `clinical_tables` for what a mutator is and returns.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from clinical_tables import (
    DAYS,
    DETECTABLE,
    PER_MONTH,
    RECOVERABLE,
    UNDECIDABLE,
    Clinical,
    Mutator,
    alive_column,
    coded_one_two,
    decimal_commas,
    flag_inverted,
    missing_words,
    pick,
    rewrite_status,
    sentinel,
    status_words,
    unit_in_cells,
    unit_misstated,
    unit_stated,
    weeks_misnamed,
)

# ------------------------------------------------------------------ dates
DATES = [
    ("date of diagnosis", "date of last contact"),
    ("diagnosis_date", "last_followup_date"),
    ("Diagnosedatum", "Datum letzter Kontakt"),
    ("date du diagnostic", "date des dernières nouvelles"),
    ("Date of surgery", "Date of death or last follow-up"),
]
FORMATS = ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%m/%d/%Y", "%d-%b-%Y", "%Y/%m/%d", "%d.%m.%y"]


def dates(rng, table: Clinical) -> str | None:
    """Two dates in place of a time."""
    if table.endpoint != "os":
        return None
    days = (table.numbers(table.pair.time) / PER_MONTH[table.pair.unit] * DAYS).round()
    start = pd.Timestamp("2002-01-01") + pd.to_timedelta(rng.integers(0, 3000, len(days)), unit="D")
    end, style = start + pd.to_timedelta(days.fillna(0), unit="D"), pick(rng, FORMATS)
    first, last = pick(rng, DATES)
    if first in table.frame or last in table.frame:
        return None
    table.frame[table.pair.time] = [d.strftime(style) if ok else "" for d, ok in zip(end, days.notna(), strict=True)]
    table.frame.insert(1, first, [d.strftime(style) for d in start])
    table.rename(table.pair.time, last)
    table.truth["months"] = np.where(table.truth["months"].isna(), np.nan, days.to_numpy() / DAYS)
    every = list(start) + list(end[days.notna()])
    told = not ("%d" in style and "%m" in style and style[1] in "dm") or any(d.day > 12 for d in every)
    return RECOVERABLE if told else UNDECIDABLE


# ------------------------------------------------------------------ headings
SYNONYMS = {
    "time": {
        "en": ["OS_time", "Survival time", "survival.time", "Follow-up", "time to death or censoring", "OS.time"],
        "de": ["Überlebenszeit", "Gesamtüberleben", "Nachbeobachtungszeit"],
        "fr": ["survie globale", "durée de survie", "durée de suivi"],
    },
    "status": {
        "en": ["OS_event", "Survival status", "vital.status", "death", "OS.status", "Vital Status"],
        "de": ["Vitalstatus", "Überlebensstatus", "verstorben"],
        "fr": ["statut vital", "décès", "décédé"],
    },
    "sample": {
        "en": ["Sample ID", "sample_id", "SampleName", "GSM"],
        "de": ["Probe", "Proben-Nr."],
        "fr": ["échantillon"],
    },
    "units": {
        "en": {"days": "days", "weeks": "weeks", "months": "months", "years": "years"},
        "de": {"days": "Tage", "weeks": "Wochen", "months": "Monate", "years": "Jahre"},
        "fr": {"days": "jours", "weeks": "semaines", "months": "mois", "years": "années"},
    },
}
AGREES = re.compile(r"death|décès|décédé|verstorben", re.IGNORECASE)


def headings(rng, table: Clinical) -> str | None:
    """Headings of another language, and words of the status that go with them."""
    if table.endpoint != "os":
        return None
    language = pick(rng, ["en", "de", "fr"])
    unit = SYNONYMS["units"][language][table.pair.unit]
    time = f"{pick(rng, SYNONYMS['time'][language])} ({unit})"
    status = pick(rng, SYNONYMS["status"][language])
    if AGREES.search(status):
        rewrite_status(table, *{"en": ("yes", "no"), "de": ("ja", "nein"), "fr": ("oui", "non")}[language])
    else:
        rewrite_status(
            table, *{"en": ("Dead", "Alive"), "de": ("verstorben", "lebt"), "fr": ("décédé", "vivant")}[language]
        )
    if not table.rename(table.pair.time, time) or not table.rename(table.pair.status, status):
        return None
    return RECOVERABLE if table.rename(table.sample, pick(rng, SYNONYMS["sample"][language])) else None


def heading_case(rng, table: Clinical) -> str | None:
    """All headings in another case, with dots or spaces for underscores, or with blanks around them."""
    way = pick(
        rng, [str.upper, str.lower, lambda c: c.replace("_", " "), lambda c: c.replace("_", "."), lambda c: f" {c} "]
    )
    names = [way(c) for c in table.frame]
    if len(set(names)) < len(names):
        return None
    for old, new in zip(list(table.frame), names, strict=True):
        table.rename(old, new) if new != old else None
    for attribute in ("sample", "patient"):  # blanks around a heading are not part of it
        value = getattr(table, attribute)
        setattr(table, attribute, value)
    return RECOVERABLE


def relapse_under_survival(rng, table: Clinical) -> str | None:
    """Times and events of relapse under the heading of overall survival."""
    other = next((table.others[e] for e in ("pfi", "dfi", "dfs", "rfs") if e in table.others), None)
    if other is None:
        return None
    frame, both = table.frame, bool(rng.integers(2))
    os_time, os_event = frame[table.pair.time].copy(), frame[table.pair.status].copy()
    frame[table.pair.time], frame[table.pair.status] = frame[other.time], frame[other.status]
    if both:
        frame[other.time], frame[other.status] = os_time, os_event
        return DETECTABLE
    table.frame = frame.drop(columns=[c for p in table.others.values() for c in (p.time, p.status) if c in frame])
    table.others = {}
    return DETECTABLE if "vital_status" in table.frame else UNDECIDABLE


# ------------------------------------------------------------------ rows
def ids_changed(rng, table: Clinical) -> str | None:
    """Ids with other separators, case, a prefix or a suffix."""
    way = pick(
        rng,
        [
            lambda i: i.replace("-", "."),
            lambda i: i.replace("-", "_"),
            str.lower,
            lambda i: f"ID {i}",
            lambda i: f"{i}A",
            lambda i: f" {i} ",
        ],
    )
    table.frame[table.sample] = table.frame[table.sample].map(way)
    table.truth["id"] = table.truth["id"].map(way).str.strip()
    return RECOVERABLE


def replicates(rng, table: Clinical) -> str | None:
    """A second sample of some patients, with a column that names the patients."""
    n = max(3, len(table.frame) // 10)
    rows = rng.choice(len(table.frame), n, replace=False)
    if table.patient is None:
        table.frame.insert(1, "patient_id", [f"P{i:04d}" for i in range(len(table.frame))])
        table.patient = "patient_id"
    second, truth = table.frame.iloc[rows].copy(), table.truth.iloc[rows].copy()
    suffix = pick(rng, ["_2", "_rep2", "-R"])
    second[table.sample] += suffix
    truth["id"] += suffix
    truth["optional"] = True
    table.truth.loc[table.truth.index[rows], "optional"] = True
    table.frame = pd.concat([table.frame, second], ignore_index=True)
    table.truth = pd.concat([table.truth, truth], ignore_index=True)
    return RECOVERABLE


def rows_doubled(rng, table: Clinical) -> str | None:
    """Some rows twice, the same or with another time."""
    rows = rng.choice(len(table.frame), max(2, len(table.frame) // 20), replace=False)
    second = table.frame.iloc[rows].copy()
    same = bool(rng.integers(2))
    if not same:
        second[table.pair.time] = "77"
    table.truth.loc[table.truth.index[rows], "optional"] = True
    table.frame = pd.concat([table.frame, second], ignore_index=True)
    table.truth = pd.concat([table.truth, table.truth.iloc[rows]], ignore_index=True)
    return DETECTABLE  # sample ids that repeat are refused, whatever the rest of the rows says


def shifted_rows(rng, table: Clinical) -> str | None:
    """Some rows moved by one cell from a column on."""
    columns = list(table.frame)
    at = min(columns.index(table.pair.time), columns.index(table.pair.status))
    start = int(rng.integers(1, at + 1)) if at >= 1 else None
    if start is None:
        return None
    rows = rng.choice(len(table.frame), max(2, len(table.frame) // 25), replace=False)
    block = table.frame.iloc[rows, start:].to_numpy()
    levels = {table.pair.event, table.pair.censored, ""}
    table.frame.iloc[rows, start + 1 :] = block[:, :-1]
    table.frame.iloc[rows, start] = ""
    broken = ~table.frame.iloc[rows][table.pair.status].isin(levels)
    table.truth.loc[table.truth.index[rows], "months"] = np.nan
    return DETECTABLE if broken.any() else UNDECIDABLE


def shifted_table(rng, table: Clinical) -> str | None:
    """One heading too few: every cell stands under its neighbor's heading."""
    columns = list(table.frame)
    at = min(columns.index(table.pair.time), columns.index(table.pair.status))
    if at < 2:
        return None
    start = int(rng.integers(1, at))
    values = table.frame.to_numpy().copy()
    values[:, start + 1 :], values[:, start] = values[:, start:-1].copy(), ""
    table.frame = pd.DataFrame(values, columns=columns)
    return DETECTABLE


MUTATORS: dict[str, Mutator] = {
    f.__name__: f
    for f in (
        unit_stated,
        unit_misstated,
        weeks_misnamed,
        status_words,
        alive_column,
        flag_inverted,
        coded_one_two,
        decimal_commas,
        missing_words,
        sentinel,
        unit_in_cells,
        dates,
        headings,
        heading_case,
        relapse_under_survival,
        ids_changed,
        replicates,
        rows_doubled,
        shifted_rows,
        shifted_table,
    )
}
# those that may follow another one: they keep the endpoint's columns and values
FOLLOWERS = ("missing_words", "ids_changed", "replicates", "heading_case")

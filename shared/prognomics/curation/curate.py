"""From a raw sample sheet to the standard one, by a declared mapping (see `mapping` for the language)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from prognomics.curation.checks import check_expectations, matching
from prognomics.curation.contradictions import warn_about_contradictions
from prognomics.curation.disagreements import warn_about_disagreements
from prognomics.curation.endpoints import read_endpoint
from prognomics.curation.fields import column_field, number_field, text_field
from prognomics.curation.patient_outcomes import warn_about_patient_outcomes
from prognomics.curation.plausibility import warn_about_samples
from prognomics.curation.raw_sheet import Sheet, Words, missing_words, word_list
from prognomics.curation.tissue_words import warn_about_tissue_types
from prognomics.data.endpoint import Endpoint
from prognomics.data.mapping import check_mapping
from prognomics.data.registry import table_columns
from prognomics.errors import BadInput, first_few, unknown_name

if TYPE_CHECKING:
    import pandas as pd

TISSUE_TYPES = ("normal", "primary", "relapse", "metastasis", "cell_line", "other")
STANDARD_COLUMNS = table_columns("sample_sheet")
FLOW_COLUMNS = table_columns("flow")


@dataclass(frozen=True)
class Curated:
    """A curated cohort.

    Attributes
    ----------
    samples : pandas.DataFrame
        `sample_id, patient_id, cohort, tissue_type`; per endpoint `<e>_time` (months, float) and `<e>_event`
        (0.0 censored, 1.0 event, 2.0 competing event, or NaN); then the mapping's columns (float where declared
        a number, else text or None); then kept raw columns.
    flow : pandas.DataFrame
        `step, rule, n, events, n_dropped, dropped_ids`: the raw sheet, each exclusion, the result; then one
        row `endpoint:<e>` per endpoint with the number of samples that carry it and its events. `events` of
        the other rows counts the first endpoint; None without endpoints. `dropped_ids` is comma-separated.
    endpoints : dict of str
        Definition of each endpoint.
    """

    samples: pd.DataFrame
    flow: pd.DataFrame
    endpoints: dict[str, str]


def curate(raw: pd.DataFrame, mapping: dict[str, Any], cohort: str) -> Curated:
    """Curate a raw sample sheet.

    Parameters
    ----------
    raw : pandas.DataFrame
        One row per sample; cells as text (numbers and missing values are accepted too).
    mapping : dict
        As `load_mapping` gives it; it is checked again.
    cohort : str
        The cohort's name in the result.

    Returns
    -------
    Curated

    Raises
    ------
    BadInput
        A wrong mapping, an unknown column, repeated or empty sample ids, values that the mapping does not
        cover, text or negative values in times, undeclared event words, an unknown tissue type, a failed
        expectation, no row left.

    Warns
    -----
    time-unit-suspect, zero-times, incomplete-outcome, duplicated-patients, possible-duplicates,
    normals-with-outcome, event-words-suspect, event-times-suspect, contradicting-outcome, contradicting-columns,
    tissue-type-suspect
    """
    import pandas as pd

    check_mapping(mapping)
    if not str(cohort).strip():
        raise BadInput("the cohort has no name", hint="--cohort NAME")
    if not len(raw):
        raise BadInput("the raw sample sheet has no rows")
    raw = raw.reset_index(drop=True)
    notation = {key: mapping[key] for key in ("decimal", "thousands", "date_format") if key in mapping}
    sheet = Sheet(
        raw,
        [str(i) for i in range(1, len(raw) + 1)],
        missing_words(mapping),
        decimal_declared="decimal" in mapping,
        **notation,
    )
    sheet = replace(sheet, sample_ids=_sample_ids(sheet, mapping))
    flow = _Flow(_counted_events(sheet, mapping))
    flow.add("raw", "rows of the raw sheet", sheet.sample_ids, [])
    for i, rule in enumerate(mapping.get("exclude", [])):
        drop = _excluded(sheet, rule, f"exclude[{i}]")
        flow.drop("exclude", _rule_text(rule), sheet.sample_ids, drop)
        sheet = sheet.part(~drop)
    if not sheet.sample_ids:
        raise BadInput("no sample is left after the exclusions", where=f"cohort {cohort}")

    samples = pd.DataFrame({"sample_id": sheet.sample_ids}, dtype=object)
    samples["patient_id"] = _patient_ids(sheet, mapping)
    samples["cohort"] = str(cohort)
    samples["tissue_type"] = _tissue_types(sheet, mapping)
    further = _columns(sheet, mapping)
    eligible_on = pd.concat([samples, further], axis=1)
    endpoints: dict[str, Endpoint] = {}
    if "patient_id" in mapping:
        warn_about_patient_outcomes(sheet, eligible_on, mapping)
    keep = _one_sample_per(eligible_on, mapping.get("one_sample_per"), "one_sample_per")
    if "one_sample_per" in mapping:
        flow.drop("one_sample_per", _one_per_text(mapping["one_sample_per"]), sheet.sample_ids, ~keep)
        sheet, samples, further, eligible_on = (
            sheet.part(keep),
            *(t.loc[keep].reset_index(drop=True) for t in (samples, further, eligible_on)),
        )
    for name, spec in mapping.get("endpoints", {}).items():
        eligible = _eligible(eligible_on, name, spec)
        endpoints[name] = read_endpoint(sheet, name, spec, eligible)
        samples[f"{name}_time"] = endpoints[name].time_months
        samples[f"{name}_event"] = endpoints[name].causes
    samples = _join(samples, further, "columns")
    samples = _join(samples, _kept(sheet, mapping), "keep")
    warn_about_samples(samples, endpoints, mapping)
    warn_about_contradictions(sheet, endpoints, mapping)
    warn_about_disagreements(sheet, mapping)
    warn_about_tissue_types(sheet, samples["tissue_type"].tolist(), mapping)
    flow.add("curated", "rows of the curated sheet", sheet.sample_ids, [])
    for name, endpoint in endpoints.items():
        flow.rows.append(
            (
                f"endpoint:{name}",
                mapping["endpoints"][name]["definition"],
                int(endpoint.known.sum()),
                endpoint.n_events,
                0,
                "",
            )
        )
    check_expectations(samples, mapping.get("expect", {}), str(cohort))
    definitions = {name: spec["definition"] for name, spec in mapping.get("endpoints", {}).items()}
    return Curated(samples, pd.DataFrame(flow.rows, columns=list(FLOW_COLUMNS)), definitions)


class _Flow:
    """The flow of samples; knows which samples have an event of the first endpoint."""

    def __init__(self, with_event: set[str] | None):
        self.with_event = with_event
        self.rows: list[tuple[Any, ...]] = []

    def add(self, step: str, rule: str, ids: list[str], dropped: list[str]) -> None:
        events = None if self.with_event is None else sum(name in self.with_event for name in ids)
        self.rows.append((step, rule, len(ids), events, len(dropped), ",".join(dropped)))

    def drop(self, step: str, rule: str, ids: list[str], drop: np.ndarray) -> None:
        kept = [name for name, gone in zip(ids, drop, strict=True) if not gone]
        self.add(step, rule, kept, [name for name, gone in zip(ids, drop, strict=True) if gone])


def _sample_ids(sheet: Sheet, mapping: dict[str, Any]) -> list[str]:
    spec = mapping.get("sample_id", sheet.raw.columns[0])
    # an id is an id, even where it spells a missing value
    ids = text_field(sheet.with_missing(frozenset({""})), spec, "sample_id")
    empty = [i + 1 for i, name in enumerate(ids) if name is None]
    if empty:
        raise BadInput(
            f"sample_id: {len(empty)} rows have no sample id",
            where=f"row {first_few(empty)} of the raw sheet",
        )
    names = [str(name) for name in ids]
    if len(set(names)) < len(names):
        repeated = [name for name, n in Counter(names).items() if n > 1]
        same = int(sheet.raw.astype(str).duplicated().sum())
        told = f"; {same} rows repeat another row in every cell, remove them from the table" if same else ""
        raise BadInput(
            f"sample_id: {len(repeated)} sample ids occur more than once: {first_few(repeated)}{told}",
            hint="take a column that names samples; one_sample_per chooses among the samples of a patient",
        )
    return names


def _patient_ids(sheet: Sheet, mapping: dict[str, Any]) -> list[str]:
    if "patient_id" not in mapping:
        return list(sheet.sample_ids)
    ids = text_field(sheet, mapping["patient_id"], "patient_id")
    return [patient or sample for patient, sample in zip(ids, sheet.sample_ids, strict=True)]


def _tissue_types(sheet: Sheet, mapping: dict[str, Any]) -> list[str]:
    types = text_field(sheet, mapping["tissue_type"], "tissue_type")
    wrong = {
        str(t or "(missing)"): name for t, name in zip(types, sheet.sample_ids, strict=True) if t not in TISSUE_TYPES
    }
    if wrong:
        raise BadInput(
            f"tissue_type: {', '.join(wrong)} is none of {', '.join(TISSUE_TYPES)}",
            where=f"sample {first_few(wrong.values())}",
            hint="say in tissue_type.values what each word stands for",
        )
    return [str(t) for t in types]


def _columns(sheet: Sheet, mapping: dict[str, Any]) -> pd.DataFrame:
    import pandas as pd

    values = {name: column_field(sheet, spec, name) for name, spec in mapping.get("columns", {}).items()}
    taken = [name for name in values if name in STANDARD_COLUMNS]
    if taken:
        raise BadInput(
            f"columns.{taken[0]}: the standard column has its own field {taken[0]} at the top of the mapping"
        )
    return pd.DataFrame(
        {k: v if isinstance(v, np.ndarray) else pd.Series(v, dtype=object) for k, v in values.items()},
        index=range(len(sheet.sample_ids)),
    )


def _kept(sheet: Sheet, mapping: dict[str, Any]) -> pd.DataFrame:
    import pandas as pd

    kept = {name: [cell or None for cell in sheet.words(name, "keep")] for name in mapping.get("keep", [])}
    return pd.DataFrame(kept, index=range(len(sheet.sample_ids)), dtype=object)


def _join(samples: pd.DataFrame, further: pd.DataFrame, field: str) -> pd.DataFrame:
    import pandas as pd

    clash = [name for name in further.columns if name in samples.columns]
    if clash:
        raise BadInput(
            f"{field}: the result has a column {clash[0]!r} already",
            hint="name it differently under columns:",
        )
    return pd.concat([samples, further], axis=1)


def _excluded(sheet: Sheet, rule: dict[str, Any], field: str) -> np.ndarray:
    """Rows that an exclusion drops."""
    words = sheet.words(rule["column"], field)
    if "missing" in rule:
        return np.array([not word for word in words])
    if "values" in rule or "except" in rule:
        # a listed word counts even where it is also a spelling of missing
        raw_words = sheet.with_missing(frozenset({""})).words(rule["column"], field)
        listed = Words((word, True) for word in word_list(rule.get("values", rule.get("except"))))
        found = np.array([bool(word) and listed.find(word)[0] for word in raw_words])
        return found if "values" in rule else ~found
    numbers = number_field(sheet, {"column": rule["column"]}, field)
    result: np.ndarray = numbers < rule["below"] if "below" in rule else numbers > rule["above"]
    return result


def _rule_text(rule: dict[str, Any]) -> str:
    kind = next(key for key in ("values", "except", "missing", "below", "above") if key in rule)
    words = {"values": "is", "except": "is not", "missing": "is missing", "below": "<", "above": ">"}[kind]
    value = "" if kind == "missing" else " " + " or ".join(word_list(rule[kind]))
    return f"{rule['column']} {words}{value}: {rule['reason']}"


def _eligible(samples: pd.DataFrame, name: str, spec: dict[str, Any]) -> np.ndarray:
    """Rows that have an endpoint: those that `only` names, and of these one per patient where it notes this."""
    field = f"endpoints.{name}"
    eligible = matching(samples, spec.get("only", {}), f"{field}.only")
    rows = np.flatnonzero(eligible)
    keep = _one_sample_per(samples.iloc[rows], spec.get("one_sample_per"), f"{field}.one_sample_per")
    eligible[rows[~keep]] = False
    return eligible


def _one_sample_per(samples: pd.DataFrame, rule: str | dict[str, Any] | None, field: str) -> np.ndarray:
    """Rows to keep, one of each value of a column, or of several together: the preferred one, else the first."""
    if rule is None:
        return np.ones(len(samples), dtype=bool)
    rule = {"column": rule} if isinstance(rule, str) else rule
    keys = word_list(rule["column"])
    for name in [*keys, *rule.get("prefer", {})]:
        if name not in samples.columns:
            raise unknown_name("column", name, samples.columns, where=f"mapping field {field}")
    rank = np.zeros(len(samples))
    for column, words in rule.get("prefer", {}).items():
        order = Words((word, i) for i, word in enumerate(word_list(words)))
        found = [order.find(str(value)) for value in samples[column]]
        rank = np.array([place if known else len(order.exact) for known, place in found], dtype=float)
    best: dict[tuple[str, ...], int] = {}
    values = list(zip(*(samples[key].map(str) for key in keys), strict=True))
    for i in np.argsort(rank, kind="stable"):
        best.setdefault(values[i], int(i))
    return np.isin(np.arange(len(samples)), list(best.values()))


def _one_per_text(rule: str | dict[str, Any]) -> str:
    if isinstance(rule, str):
        return f"the first sample of each {rule}"
    text = f"one sample of each {' and '.join(word_list(rule['column']))}"
    for column, words in rule.get("prefer", {}).items():
        text += f", preferred by {column}: {', '.join(word_list(words))}"
    return text


def _counted_events(sheet: Sheet, mapping: dict[str, Any]) -> set[str] | None:
    """Samples of the raw sheet with an event of the first endpoint; what is not understood counts as none."""
    import pandas as pd

    endpoints = mapping.get("endpoints", {})
    if not endpoints:
        return None
    name, spec = next(iter(endpoints.items()))
    lenient = sheet.lenient()
    fields = {"tissue_type": mapping["tissue_type"], **mapping.get("columns", {})}
    rule = spec.get("one_sample_per", [])
    named = [*spec.get("only", {}), *word_list(rule["column"] if isinstance(rule, dict) else rule)]
    named += rule.get("prefer", {}) if isinstance(rule, dict) else []
    values = {c: text_field(lenient, fields[c], c) for c in named if c in fields}
    if "patient_id" in named:
        values["patient_id"] = _patient_ids(lenient, mapping)
    frame = pd.DataFrame(values, index=range(len(sheet.sample_ids)), dtype=object)
    eligible = _eligible(frame, name, spec)
    endpoint = read_endpoint(lenient, name, spec, eligible)
    has_event = endpoint.known & (endpoint.event == 1)
    return {sample for sample, event in zip(sheet.sample_ids, has_event, strict=True) if event}

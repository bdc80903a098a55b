"""Draft a mapping for a raw sheet: every guess explained, nothing applied, what is not known marked TODO."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from prognomics.curation.draft import Draft, Suggestion
from prognomics.curation.suggest_columns import suggest_columns
from prognomics.curation.suggest_endpoints import suggest_endpoints
from prognomics.curation.suggest_tissue import settle_tissue, suggest_ids, suggest_tissue
from prognomics.data.mapping import TODO, dump_mapping
from prognomics.errors import AnalysisNote, AnalysisWarning, BadInput

if TYPE_CHECKING:
    import pandas as pd

ORDER = ("sample_id", "patient_id", "tissue_type", "missing", "endpoints", "columns", "one_sample_per", "expect")
MOST_TRIALS = 12


def suggest(raw: pd.DataFrame) -> Suggestion:
    """Draft a mapping by the names and values of the columns, and try it on the sheet.

    Parameters
    ----------
    raw : pandas.DataFrame
        A raw sample sheet.

    Returns
    -------
    Suggestion

    Raises
    ------
    BadInput
        A sheet without rows or columns.
    """
    if not len(raw) or not len(raw.columns):
        raise BadInput("the raw sample sheet is empty")
    draft = Draft(raw)
    suggest_ids(draft)
    suggest_tissue(draft)
    endpoints = suggest_endpoints(draft)
    settle_tissue(draft, endpoints)
    columns = suggest_columns(draft)
    if draft.missing:
        draft.mapping["missing"] = list(draft.missing)
        draft.because("missing", None, "spellings that look like missing values")
    if endpoints:
        draft.mapping["endpoints"] = endpoints
    if columns:
        draft.mapping["columns"] = columns
    _try(draft)
    mapping = {key: draft.mapping[key] for key in ORDER if key in draft.mapping}
    return Suggestion(mapping, draft.reasons, [c for c in draft.words if c not in draft.used], draft.unsure)


def _try(draft: Draft) -> None:
    """Run the draft where nothing is left to decide: drop columns that stop it, note what it warns of."""
    from prognomics.curation.curate import curate

    if TODO in str(draft.mapping):
        draft.mapping["expect"] = {"n": len(draft.raw)}
        draft.because("expect.n", None, "the number of rows; add the numbers of events that the publication states")
        return
    for _ in range(MOST_TRIALS):
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            try:
                curated = curate(draft.raw, draft.mapping, "draft")
            except BadInput as fault:
                column = fault.what.partition(":")[0].removeprefix("columns.")
                draft.doubt(fault.what.partition(":")[0], f"does not run: {fault.what}; {fault.where}")
                if draft.mapping.get("columns", {}).pop(column, None) is None:
                    return
                continue
        for warned in told:
            if isinstance(warned.message, AnalysisNote):
                draft.because(warned.message.code, None, warned.message.text)
            elif isinstance(warned.message, AnalysisWarning):
                draft.doubt(warned.message.code, warned.message.text)
        samples = curated.samples  # an event without a time is not counted, as `expect` counts
        timed = {e: samples[f"{e}_event"].where(samples[f"{e}_time"].notna()) for e in curated.endpoints}
        events = {name: int((event == 1).sum()) for name, event in timed.items()}
        draft.mapping["expect"] = {"n": len(curated.samples), **({"events": events} if events else {})}
        draft.because("expect", None, "what the draft gives; compare with the numbers that the publication states")
        return


def draft_text(suggestion: Suggestion) -> str:
    """The draft as YAML, its reasons and doubts above it as comments."""
    lines = ["# A drafted mapping: check every line, and decide where it says TODO.", "# Why:"]
    lines += _comments(suggestion.reasons)
    if suggestion.unsure:
        lines += ["# Unsure, please check:", *_comments(suggestion.unsure)]
    if suggestion.unused:
        lines.append("# Columns not used: " + _one_line(", ".join(suggestion.unused)))
    return "\n".join(lines) + "\n" + dump_mapping(suggestion.mapping)


def _comments(notes: list[tuple[str, Any]]) -> list[str]:
    return [f"#   {_one_line(field)}: {_one_line(reason)}" for field, reason in notes]


def _one_line(text: str) -> str:
    return " ".join(text.split())

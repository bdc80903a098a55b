"""Results joined to the run records that made them, by checksum.

A record names each file it wrote by its SHA-256. Two runs may write the same bytes (a stratified and an unstratified
test share their curves), so a file is shown with every record that names it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from prognomics.data.population import population_of_record
from prognomics.data.registry import is_of_cohort
from prognomics.report.results.declarations import declarations
from prognomics.report.results.findings import find
from prognomics.report.results.joined import Joined
from prognomics.report.results.steps import Step
from prognomics.report.results.steps import list_outputs as list_outputs
from prognomics.report.wording import clean_text, is_absent

if TYPE_CHECKING:
    import pandas as pd

    from prognomics.data.store import Picture, ResultTable

SCOPES = ("stratified", "unstratified", "per_cohort")
LOOK = "plot_"  # parameters that begin so change pictures, not results
MODELS = ("both", "univariable", "multivariable")
_BY = re.compile(r".*(?<!not )\bstratified by (\w+)").match  # in the words of a method without a column of strata
_COHORT = re.compile(r"^cohort=([^,=]+)$")


def join(
    study: Mapping[str, Any], records: Sequence[Mapping[str, Any]], tables: Sequence[ResultTable],
    plots: Sequence[Picture],
) -> Joined:  # fmt: skip
    """Join results to records and put the steps into the order of the report, regardless of their own order."""
    by_table = {t.sha256: t for t in sorted(tables, key=lambda t: t.name, reverse=True)}
    by_plot = {p.sha256: p for p in sorted(plots, key=lambda p: p.name, reverse=True)}
    unique = {json.dumps(r, sort_keys=True, default=str): r for r in records}
    named = {sha for record in unique.values() for _, sha in list_outputs(record)}
    several = len(study.get("cohorts") or {}) > 1
    steps = []
    for record in unique.values():
        found = [(kind, by_table[sha]) for kind, sha in list_outputs(record) if sha in by_table]
        pictures = [by_plot[sha] for _, sha in list_outputs(record) if sha in by_plot]
        scope, cohort, strata = _scope(record, [t.frame for _, t in found], several)
        steps.append(Step(0, record, scope, cohort, strata, found, pictures))
    origin = _lineage(list(unique.values()), {sha: table.frame for sha, table in by_table.items()})
    steps.sort(key=_order(study, origin))
    declared = declarations(study)
    numbered = [replace(s, number=n, origin=origin(s.record), declared=declared) for n, s in enumerate(steps, 1)]
    return Joined(
        numbered,
        sorted((t for t in by_table.values() if t.sha256 not in named), key=lambda t: (t.name, t.sha256)),
        sorted((p for p in by_plot.values() if p.sha256 not in named), key=lambda p: (p.name, p.sha256)),
        find(declared, numbered),
    )


def _scope(record: Mapping[str, Any], frames: list[pd.DataFrame], several: bool) -> tuple[str, str, str]:
    parts = map(clean_text, population_of_record(record).conditions)
    cohorts = [found[1] for found in map(_COHORT.match, parts) if found]
    if cohorts:
        return "per_cohort", cohorts[0], ""
    stated = [[clean_text(v) for v in f["strata"] if not is_absent(v)] for f in frames if "strata" in f]
    strata = [v for values in stated for v in values if v != "none"]
    if strata:
        return "stratified", "", strata[0]
    methods = [clean_text(v) for f in frames if "method" in f for v in f["method"][:1]]
    named = [found[1] for found in map(_BY, methods) if found]
    if named:
        return "stratified", "", named[0]
    warned = {w.get("code") for w in record.get("warnings") or [] if isinstance(w, dict)}
    # a table whose strata are all absent is of a method that has none, such as a cut at the median
    takes_strata = "strata" in (record.get("parameters") or {}) and (not stated or any(stated))
    unstratified = (several and takes_strata) or "cohorts-not-stratified" in warned
    return ("unstratified" if unstratified else "all"), "", ""


def scope_order(study: Mapping[str, Any]) -> list[str]:
    """The order in which scopes are shown, `all` first."""
    report = study.get("report")
    asked = (report.get("order") if isinstance(report, dict) else None) or []
    return ["all", *dict.fromkeys([*(s for s in asked if s in SCOPES), *SCOPES])]


def _order(study: Mapping[str, Any], lineage: Callable[[Mapping[str, Any]], str]) -> Any:
    """A sort key: what comes first in the pipeline, then like with like, then scopes and cohorts in order."""
    scopes, cohorts = scope_order(study), [str(c) for c in study.get("cohorts") or {}]

    def key(step: Step) -> tuple[Any, ...]:
        cohort = step.cohort or clean_text(step.parameters.get("cohort") or step.parameters.get("accession"))
        origin = cohort if cohort in cohorts else lineage(step.record)
        place = cohorts.index(origin) if origin in cohorts else len(cohorts)
        text = json.dumps(step.record, sort_keys=True, default=str)
        return (step.in_report.order, step.tool, name_analysis(step), scopes.index(step.scope), place,
                cohort, text)  # fmt: skip

    return key


def _lineage(records: list[Mapping[str, Any]], frames: Mapping[str, pd.DataFrame]) -> Any:
    """Which cohort's fetched or curated file a record starts from, through other steps too; '' when none or several."""
    owners: dict[str, set[str]] = {}
    for record in records:
        if cohort := _named_cohort(record):
            files = _carried(record, "outputs")
            if record.get("tool") == "curate_samples":  # the raw sheet that it took is the cohort's as well
                files += [file for file in list_outputs(record, "inputs") if file[0] == "raw_samples"]
            for _, sha in files:
                owners.setdefault(sha, set()).add(cohort)
    makers = {sha: found.pop() if len(found) == 1 else "" for sha, found in owners.items()}

    for record in records:
        if record.get("tool") == "merge_cohorts":
            makers = {**_merged(record, makers, frames), **makers}

    def of(record: Mapping[str, Any]) -> str:
        found = {makers.get(sha, "") for side in ("inputs", "outputs") for _, sha in _carried(record, side)} - {""}
        return _named_cohort(record) or (found.pop() if len(found) == 1 else "")

    known = -1
    while known < len(makers):  # each round reaches one step further
        known = len(makers)
        for record in records:
            if cohort := of(record):
                for _, sha in _carried(record, "outputs"):
                    makers.setdefault(sha, cohort)
    return of


def _carried(record: Mapping[str, Any], side: str) -> list[tuple[str, str]]:
    """The data of a record's files; a platform's annotation or an empty table may be the same in several cohorts."""
    return [file for file in list_outputs(record, side) if is_of_cohort(file[0])]


def _merged(record: Mapping[str, Any], makers: Mapping[str, str], frames: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """The cohorts of the matrices that were merged: their sheets are in the same order, as are the report's rows."""
    taken = list_outputs(record, "inputs")
    matrices, sheets = ([sha for kind, sha in taken if kind == k] for k in ("expression_matrix", "sample_sheet"))
    cohorts = [makers.get(sha, "") for sha in sheets]
    report = next((frames[sha] for _, sha in list_outputs(record) if sha in frames and "cohort" in frames[sha]), None)
    if report is not None and not all(cohorts):
        named = [name for name in map(clean_text, report["cohort"]) if name != "all"]
        cohorts = named if len(named) == len(sheets) else cohorts
    if len(matrices) != len(cohorts):
        return {}
    found = {sha: cohort for sha, cohort in zip([*matrices, *sheets], [*cohorts, *cohorts], strict=True) if cohort}
    return found if len(set(found)) == len(matrices) + len(sheets) else {}


def _named_cohort(record: Mapping[str, Any]) -> str:
    parameters = record.get("parameters") or {}
    return clean_text(parameters.get("cohort") or parameters.get("accession"))


def name_analysis(step: Step) -> str:
    """What a step shares with the same analysis in other scopes: its parameters but strata and samples."""
    if not step.has("scopes"):
        return ""
    shared = {k: v for k, v in step.parameters.items() if k not in ("strata", "where") and not k.startswith(LOOK)}
    where = [condition for condition in step.conditions if not _COHORT.match(condition)]
    counts = [len(step.listed("covariate")) + len(step.listed("gene")), len(step.listed("gene"))]
    models = MODELS.index(step.parameters["model"]) if step.parameters.get("model") in MODELS else 0
    grouped = [bool(step.parameters.get("group_column")), models]
    return json.dumps([counts, grouped, shared, where], sort_keys=True, default=str)


def analyses(steps: Sequence[Step]) -> list[list[Step]]:
    """Steps that differ in nothing but strata and samples, together, in the order given."""
    found: dict[str, list[Step]] = {}
    for step in steps:
        found.setdefault(name_analysis(step), []).append(step)
    return list(found.values())

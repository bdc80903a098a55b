"""From the rows of a step's tables to findings, by what `readings` declares of each kind of table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from prognomics.data.population import AT_RISK, ONE_PER_PATIENT
from prognomics.report.results.declarations import normal_conditions
from prognomics.report.results.identity import Finding, Identity
from prognomics.report.results.readings import COLUMN, MOST_GENES, READINGS, WORDS, Reading
from prognomics.report.results.rows import get, label, records, unique
from prognomics.report.results.steps import Step
from prognomics.report.wording import as_number, format_number, is_absent

SPLINE = "spline basis"  # the unit of rows that are parts of a curve, no ratios of their own
AT_TIME_0 = "the effect at time 0"  # of an effect along log time
IMPUTED = "_imputed"  # ending of a model of imputed covariates
COMPLETE = "univariable_complete_cases"  # unadjusted, in the samples of the adjusted model
APPARENT = "apparent"  # the scope of a model's figures in the samples that it was learned in
ALONE = ("univariable", COMPLETE)
IN_AN_INTERACTION = "takes part in an interaction"  # a ratio at the other part's reference, not of the marker as such
POOLED = {"random": "random", "fixed": "fixed", "stratified": "one_model"}  # row type of a meta-analysis: scope
MODEL_TABLES = {"cox_model": "cox_table", "odds_model": "odds_table"}  # with a row per model: the table of its terms
Row = Mapping[str, Any]


def read_findings(step: Step, known: Mapping[str, str], source: Step | None = None) -> Iterator[Finding]:
    """The findings of a step; `source` is the step whose table or model it took, whose marker and endpoint are its own.

    Rows that were not estimated (no value and no p) are not findings.
    """
    for kind, table in step.tables:
        rows = records(table.frame) if kind in READINGS else []
        for reading in READINGS.get(kind, ()):
            for number, row in _chosen(_named_models(step, kind, rows), reading, known):
                found = _finding(step, row, reading, rows, known, source)
                if found is not None:
                    yield replace(found, place=(kind, number))


def _chosen(rows: list[dict[str, Any]], reading: Reading, known: Mapping[str, str]) -> list[tuple[int, Row]]:
    """The rows that are read, with their numbers."""
    numbered = [(i, r) for i, r in enumerate(rows) if _is_read(r, reading)]
    if reading.gene and len(numbered) > MOST_GENES:
        ranked = sorted(numbered, key=lambda x: (is_absent(get(x[1], reading.p)), as_number(get(x[1], reading.p))))
        best = {i for i, _ in ranked[:MOST_GENES]}
        numbered = [(i, r) for i, r in numbered if i in best or label(get(r, reading.term)) in known]
    return numbered


def _named_models(step: Step, kind: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of whole models with the variable of a model of one, which their table lacks (models are in order)."""
    if kind == "cox_ph":
        for before, row in zip(rows, rows[1:], strict=False):
            if label(get(row, "term")) == "GLOBAL" and label(get(row, "model")) in ALONE:
                row["term_of_model"] = label(get(before, "term"))
    if kind in MODEL_TABLES:
        fitted = step.rows(MODEL_TABLES[kind])
        for model in ALONE:
            terms = unique(get(r, "term") for r in fitted if label(get(r, "model")) == model)
            mine = [r for r in rows if label(get(r, "model")) == model]
            for row, term in zip(mine, terms, strict=False) if len(mine) == len(terms) else ():
                row["term_of_model"] = term
    return rows


def _is_read(row: Row, reading: Reading) -> bool:
    if reading.kinds and label(get(row, "row_type")) not in reading.kinds:
        return False
    return any(not is_absent(get(row, name)) for name in (reading.estimate, reading.p) if name)


def _finding(
    step: Step, row: Row, reading: Reading, rows: list[dict[str, Any]], known: Mapping[str, str], source: Step | None
) -> Finding | None:
    identity = _identity(step, row, reading, rows, known)
    if step.tool == "meta_analysis":
        identity = _of_meta(identity, row)
    if source is not None:
        identity = _inherited(identity, source, known)
    if identity is None:
        return None
    names = (reading.estimate, reading.low, reading.high, reading.p, reading.se, reading.statistic)
    value, low, high, p, se, statistic = (as_number(get(row, n)) if n else float("nan") for n in names)
    n, events = (as_number(get(row, x)) if x else float("nan") for x in (reading.n, reading.events))
    return Finding(identity, n, events, (value, low, high), p, step, row, se, statistic)


def _identity(step: Step, row: Row, reading: Reading, rows: list[dict[str, Any]], known: Mapping[str, str]) -> Identity:
    term, contrast = _contrast(step, row, reading)
    if one := label(get(row, "term_of_model")):
        term = f"{term} of {one}" if term == "GLOBAL" else one
    variable = _term(step, row, reading.marker) if reading.marker else ""
    marker = known.get(variable, variable) if variable else known.get(term, "")
    model = label(get(row, reading.model)) if reading.model else ""
    group = label(get(row, reading.group)) if reading.group else ""
    if reading.group == "subgroup":
        level = label(get(row, "level"))
        group = f"{group}={level}" if level else group
    cohort = label(get(row, reading.cohort)) if reading.cohort else ""
    cohort = "" if cohort in ("all", "none") else cohort
    scope = reading.scope or step.scope
    if cohort == APPARENT:  # a model in its own samples
        cohort, scope = "", APPARENT
    if cohort and scope not in ("held_out", "per_cohort"):
        scope = "held_out" if step.tool == "evaluate_model" else "per_cohort"
    penalty = label(step.parameters.get("penalty"))
    method = step.tool if penalty in ("", "none") else f"{step.tool}, {penalty}"
    return Identity(
        marker, term, contrast, read_outcome(step), read_population(step), _adjusted(step, row, rows, term),
        scope, cohort or step.cohort, f"{method}, imputed" if model.endswith(IMPUTED) else method, read_limits(step),
        _measure(row, reading), model, group, label(get(row, reading.time)) if reading.time else "",
        _cause(row, reading, model),
    )  # fmt: skip


def _measure(row: Row, reading: Reading) -> str:
    if not reading.measure.startswith(COLUMN):
        return "spline coefficient" if label(get(row, "unit")) == SPLINE else reading.measure
    named = label(get(row, reading.measure.removeprefix(COLUMN)))
    return WORDS.get(named, named.replace("_", " ")) or "test"


def _cause(row: Row, reading: Reading, model: str) -> str:
    if reading.cause:
        return label(get(row, reading.cause))
    return "competing" if model == "cause_specific_competing" else "event" if model in (
        "cause_specific", "fine_gray") else ""  # fmt: skip


def _contrast(step: Step, row: Row, reading: Reading) -> tuple[str, str]:
    """The variable of a row, and what of it is compared with what."""
    term = _term(step, row, reading.term) if reading.term else _marker_of_model(step)
    if not reading.level:
        return term, ""
    level, against = label(get(row, reading.level)), label(get(row, reading.versus)) if reading.versus else ""
    if level and against:
        return term, f"{level} vs {against}"
    return term, level or ("continuous" if reading.estimate else "")


def _term(step: Step, row: Row, name: str) -> str:
    """A column's value, or the first of the step's parameters that is given."""
    if not name.startswith("@"):
        return label(get(row, name))
    return next((v for parameter in name[1:].split("|") for v in step.listed(parameter)), "")


def _marker_of_model(step: Step) -> str:
    """The marker of a model that is judged as a whole; '' where it has none."""
    return next(iter([*step.listed("gene"), *step.listed("marker_column"), *step.listed("name")]), "")


def _adjusted(step: Step, row: Row, rows: list[dict[str, Any]], term: str) -> tuple[str, ...]:
    """The other variables of a row's model."""
    model = label(get(row, "model"))
    if step.tool in ("cox", "logistic", "competing_risks") and "term" in row:
        if model.removesuffix(IMPUTED) in ALONE or label(get(row, "model_kind")) in ALONE:
            return ()
        if "covariates" in row:
            own = ("", term, label(get(row, "subgroup")))
            return tuple(t for t in label(get(row, "covariates")).split(" + ") if t not in own and ":" not in t)
        return tuple(t for t in terms_of_model(rows, model) if t not in (term, "GLOBAL"))
    if step.tool in ("cox", "logistic") and "term_of_model" not in row:
        return tuple(terms_of_model(step.rows("cox_table" if step.tool == "cox" else "odds_table"), model))
    named = tuple(v for v in step.listed("covariate") if v != term)
    if step.tool == "evaluate_model":
        return named if model.startswith("covariates+") else ()
    return named if step.tool in ("meta_analysis", "screen", "differential_expression") else ()


def terms_of_model(rows: Sequence[Mapping[str, Any]], model: str) -> list[str]:
    """The variables of a model in the order of its rows."""
    return unique(get(r, "term") for r in rows if label(get(r, "model")) == model)


def _of_meta(identity: Identity, row: Row) -> Identity | None:
    kind, unit = label(get(row, "row_type")), label(get(row, "unit"))
    scope = "per_cohort" if kind == "cohort" else POOLED.get(kind, kind)
    if scope not in ("per_cohort", "leave_out", *POOLED.values()):
        return None
    step_term = identity.term
    cohort = label(get(row, "cohort")) if kind in ("cohort", "leave_out") else ""
    return replace(identity, term=step_term, contrast=unit if " vs " in unit else "continuous", scope=scope,
                   cohort=cohort)  # fmt: skip


def _inherited(identity: Identity, source: Step, known: Mapping[str, str]) -> Identity:
    """The marker, endpoint and samples of what a step took: the ranking of a gene set, the model applied."""
    term = next(iter([*source.listed("group_column"), *source.listed("gene"), *source.listed("score_column"),
                      *source.listed("name")]), "")  # fmt: skip
    endpoint, population = identity.endpoint or read_outcome(source), identity.population or read_population(source)
    return replace(identity, marker=identity.marker or known.get(term, term), endpoint=endpoint, population=population)


def is_part(row: Row) -> bool:
    """Whether a ratio means nothing without others: a part of a curve, of an interaction, or of a time interval."""
    over_time = not is_absent(get(row, "interval")) or AT_TIME_0 in label(get(row, "note"))
    return over_time or label(get(row, "unit")) == SPLINE or label(get(row, "note")).startswith(IN_AN_INTERACTION)


def read_population(step: Step) -> tuple[str, ...]:
    """The conditions that chose a step's samples, without the cohort and what `read_limits` states."""
    apart = {f"cohort={step.cohort}"} if step.cohort else set()
    if step.parameters.get("one_sample_per_patient") is True:
        apart.add(ONE_PER_PATIENT)
    landmark = not is_absent(step.parameters.get("landmark"))
    kept = [c for c in step.conditions if c not in apart and not (landmark and str(c).startswith(AT_RISK))]
    return normal_conditions(kept)


def read_endpoint(step: Step) -> str:
    """The endpoint's name, or its two columns."""
    columns = [label(step.parameters.get(name)) for name in ("time_column", "event_column")]
    return label(step.parameters.get("endpoint")) or ", ".join(filter(None, columns))


def read_outcome(step: Step) -> str:
    """The endpoint, or the column of a yes/no outcome."""
    return read_endpoint(step) or label(step.parameters.get("outcome_column"))


def read_limits(step: Step) -> str:
    """What else restricts the samples or times of a step: a landmark, an end of follow-up, one sample per patient."""
    said = []
    if not is_absent(step.parameters.get("landmark")):
        said.append(f"from a landmark at {format_number(step.parameters['landmark'])} months")
    if not is_absent(step.parameters.get("censor_at")):
        said.append(f"censored at {format_number(step.parameters['censor_at'])} months")
    if step.parameters.get("one_sample_per_patient") is True:
        said.append("one sample per patient")
    return ", ".join(said)

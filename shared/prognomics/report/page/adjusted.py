"""The primary analysis adjusted for other variables: the whole model as a forest, next to the unadjusted ratios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from prognomics.report.page import cells, phrases
from prognomics.report.page.blocks import Section
from prognomics.report.page.cells import get, label, records
from prognomics.report.page.forests import ForestRow, forest_view
from prognomics.report.results.findings import COMPLETE, IMPUTED, Finding, is_part
from prognomics.report.results.joining import Joined
from prognomics.report.wording import as_number, format_ratio_unit, is_absent, p_phrase, plural, sentence_case

FEW = 10  # events per coefficient
Row = Mapping[str, Any]


def adjusted_section(joined: Joined) -> Section | None:
    """The largest adjusted model of the primary question; None without one."""
    head = joined.findings.primary
    most = largest_model(joined, head) if head else None
    if head is None or most is None:
        return None
    rows = records(most.step.frame("cox_table"))
    mine = [r for r in rows if label(get(r, "model")) == label(get(most.row, "model")) and not is_part(r)]
    alone = [r for r in rows if label(get(r, "model")) == COMPLETE]  # the same samples
    same = bool(alone)
    alone = alone or [r for r in rows if label(get(r, "model")) == "univariable"]
    section = Section("adjusted", "Adjusted for other variables", main=True, short="Adjusted model")
    section.say(_sentence(joined, head, most))
    drawn = _rows(joined, most, mine, alone)
    of = phrases.setting(joined, most)
    title = f"{phrases.marker(most)} and {plural(len(most.identity.adjusted_for), 'other variable')} in one model"
    heads = ("Variable",) if not alone else ("Variable", "Unadjusted HR (95% CI)")
    section.show(
        forest_view(f"{title}: {of}.", drawn, heads, notes=_notes(most, mine, bool(alone), same), ratio="Adjusted HR"),
        most.step,
    )
    return section


def largest_model(joined: Joined, head: Finding) -> Finding | None:
    """Of the adjusted estimates of the same marker, endpoint and samples the one with most variables."""
    found = [
        f
        for f in joined.findings.question(head)
        if f.identity.adjusted_for
        and f.identity.scope == head.identity.scope
        and f.identity.method == head.identity.method
    ]
    return max(found, default=None, key=lambda f: (f.identity.term == head.identity.term, len(f.identity.adjusted_for)))


def _sentence(joined: Joined, head: Finding, most: Finding) -> str:
    alone = joined.findings.unadjusted(most)
    names = most.step.declared.variables(most.identity.adjusted_for)
    who = (
        f"{sentence_case(phrases.setting(joined, most))}: {phrases.contrast(joined, most)}, adjusted for {names}: "
        f"{phrases.hr(most)}, {phrases.p(most)} "
        f"({phrases.numbers(most)})."
    )
    if alone is not None:
        return f"{who} Unadjusted in the same samples: {phrases.hr(alone)}, {phrases.p(alone)}."
    if most.same_samples(head) or head is most:
        return who
    return f"{who} These are the samples with values of all variables; an unadjusted model of them is not available."


def _rows(joined: Joined, most: Finding, mine: Sequence[Row], alone: Sequence[Row]) -> list[ForestRow]:
    declared = most.step.declared
    single = {(label(get(r, "term")), label(get(r, "level"))): r for r in alone if get(r, "row_type") == "level"}
    rows: list[ForestRow] = []
    for term in cells.unique(get(r, "term") for r in mine):
        part = [r for r in mine if label(get(r, "term")) == term and get(r, "row_type") in ("level", "reference")]
        tests = [r for r in mine if label(get(r, "term")) == term and get(r, "row_type") == "omnibus"]
        leveled = any(label(get(r, "level")) for r in part)
        primary = term == most.identity.term
        if leveled:
            p = next((get(t, "p_value") for t in tests if as_number(get(t, "df")) > 1), None)
            small = "" if is_absent(p) else f"overall {p_phrase(p)}"
            rows.append(ForestRow(declared.variable(term), small, kind="heading"))
        for row in part:
            level = label(get(row, "level"))
            name = sentence_case(declared.level(term, level)) if leveled else declared.variable(term)
            unit = "" if leveled else phrases.per_unit(declared, term, label(get(row, "unit")))
            own = not is_absent(get(row, "n_level"))
            n, events = (as_number(get(row, f"{key}_level" if own else key)) for key in ("n", "events"))
            before = single.get((term, level))
            reference = get(row, "row_type") == "reference"
            text = "1" if reference and alone else _ratio(before) if before else ""
            rows.append(
                ForestRow(
                    name,
                    unit,
                    n,
                    events,
                    _hr(row) if not reference else (float("nan"),) * 3,
                    as_number(get(row, "p_value")) if not reference else float("nan"),
                    "reference" if reference else "study",
                    indent=leveled,
                    more=(text,),
                    primary=primary and not reference and most is joined.findings.primary,
                )
            )
    return rows


def _hr(row: Row) -> tuple[float, float, float]:
    hr, low, high = (as_number(get(row, name)) for name in ("hr", "ci_low", "ci_high"))
    return hr, low, high


def _ratio(row: Row) -> str:
    return format_ratio_unit(*_hr(row))


def _notes(most: Finding, mine: Sequence[Row], alone: bool, same: bool) -> list[str]:
    coefficients = sum(get(r, "row_type") == "level" for r in mine)
    said = [
        f"Cox model, {phrases.SCOPES.get(most.identity.scope, '')}, all variables together; {phrases.numbers(most)}.",
        "Squares: hazard ratio, larger with more events; lines: 95% confidence "
        "interval; hollow squares: reference; arrowheads: the interval goes on. n / events: those of the level.",
    ]
    if most.identity.method.endswith(IMPUTED.removeprefix("_")):
        said.append("Missing values of covariates were imputed.")
    if coefficients and most.events / coefficients < FEW:
        said.append(f"{most.events / coefficients:.1f} events per coefficient: estimates may be imprecise.")
    where = "in the same samples" if same else "in all samples in which it is known"
    return [*said, *([f"Unadjusted: one variable at a time, {where}."] if alone else [])]

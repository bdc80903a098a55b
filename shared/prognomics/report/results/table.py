"""All findings as one table: identity, estimate, and the step and row that each is from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from prognomics.report.results.identity import Finding
from prognomics.report.results.joined import Joined
from prognomics.report.results.reading import AT_TIME_0, SPLINE, terms_of_model
from prognomics.report.results.rows import get, label
from prognomics.report.wording import as_number

AND = " & "
IDENTITY = ("measure", "marker", "term", "contrast", "endpoint", "scope", "cohort", "group", "time", "cause", "model",
            "method", "limits")  # fmt: skip
OF_MODELS = {"cox_ph": "cox_table", "cox_model": "cox_table", "odds_model": "odds_table"}  # where their terms are
NUMBERS = ("n", "events", "estimate", "ci_low", "ci_high", "se", "statistic", "df", "p_value", "n_level",
           "events_level", "p_lr")  # fmt: skip


def findings_table(joined: Joined) -> list[dict[str, str]]:
    """One row per finding as text: `id`, the identity, the numbers at ten digits, and `step, artifact, row, sha256`."""
    return [_row(f"F{number:05d}", f) for number, f in enumerate(joined.findings.all, 1)]


def _row(name: str, finding: Finding) -> dict[str, str]:
    identity, step = finding.identity, finding.step
    kind, place = finding.place
    low, high = finding.estimate[1:]
    own = {"n": finding.n, "events": finding.events, "estimate": finding.estimate[0], "ci_low": low, "ci_high": high,
           "se": finding.se, "statistic": finding.statistic, "p_value": finding.p}  # fmt: skip
    numbers = {field: own.get(field, get(finding.row, field)) for field in NUMBERS}
    return {
        "id": name, "tool": step.tool, **{field: getattr(identity, field) for field in IDENTITY},
        "population": AND.join(identity.population) or "all", "adjusted_for": AND.join(identity.adjusted_for),
        **{field: exact(value) for field, value in numbers.items()}, "step": str(step.number), "artifact": kind,
        "row": str(place), "sha256": next((t.sha256 for k, t in step.tables if k == kind), ""),
    }  # fmt: skip


def exact(value: Any) -> str:
    """A number as the tables of the tools have it; NA if it is missing."""
    number = as_number(value)
    return "NA" if math.isnan(number) else f"{number:.10g}"


def coding_of_model(finding: Finding) -> str:
    """The terms of a finding's model, a factor with its reference: `XPO1_group[low]|age_years`; '' if not known."""
    kind, model = OF_MODELS.get(finding.place[0], finding.place[0]), finding.identity.model
    alone = model.startswith("univariable") or label(get(finding.row, "model_kind")) == "univariable"
    one = finding.identity.term.rpartition(" of ")[2] if alone else None
    key = ("coding", kind, model, one or "", str(alone))
    return finding.step.once(key, lambda: _coding(finding.step.rows(kind), model, one))


def _coding(rows: Sequence[Mapping[str, Any]], model: str, one: str | None) -> str:
    names = terms_of_model(rows, model) if rows and "term" in rows[0] else []
    if one is not None:
        names = [n for n in names if n == one]
    said = []
    for name in names:
        mine = [r for r in rows if label(get(r, "model")) == model and label(get(r, "term")) == name]
        reference = next((label(get(r, "reference")) for r in mine if label(get(r, "reference"))), "")
        kind = _kind_of_term(name, names, mine)
        said.append(f"{name}{f'[{reference}]' if reference and kind != '<product>' else ''}{kind}")
    return "|".join(said)


def _kind_of_term(name: str, names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """`<spline>`, `<product>` of two others, `<step>` or `<log>` over time; '' of a plain term."""
    if any(label(get(r, "unit")) == SPLINE for r in rows):
        return "<spline>"
    if any(name.startswith(f"{other}:") for other in names):
        return "<product>"
    if any(AT_TIME_0 in label(get(r, "note")) for r in rows):
        return "<log>"
    return "<step>" if any(label(get(r, "interval")) for r in rows) else ""

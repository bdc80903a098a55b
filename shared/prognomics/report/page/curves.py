"""Kaplan-Meier figures of the page, drawn from the table of the curves and worded from its step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from prognomics.report.figures.survival_drawing import LEAST_AT_RISK, Curves, draw_curves
from prognomics.report.page import cells, phrases
from prognomics.report.page.cells import get, label, records
from prognomics.report.results.findings import TRUSTED, Finding, read_endpoint, read_limits, read_population
from prognomics.report.results.joining import Joined, Step
from prognomics.report.wording import (
    as_number,
    clean_text,
    format_count,
    format_number,
    format_percent,
    format_ratio_unit,
    is_absent,
    join_words,
    p_phrase,
    plural,
    sentence_case,
    within_sentence,
)

TESTS = {
    "logrank": "log-rank test",
    "wilcoxon": "Gehan-Breslow test",
    "peto": "Peto-Peto test",
    "tarone_ware": "Tarone-Ware test",
    "fleming_harrington": "Fleming-Harrington test",
    "max_combo": "max-combo test",
    "rmst_difference": "difference of restricted means",
}
NO_CURVES = ("rmst_difference",)  # tests of something else
WIDE, NARROW, SMALL = 634.0, 350.0, 350.0
BANDS = {"log": "log transformation", "log-log": "log-log transformation", "plain": "no transformation"}


@dataclass(frozen=True)
class CurveFigure:
    """A figure with its words; `wide` and `narrow` are the same curves for two widths of a screen."""

    step: Step
    curves: Curves
    title: str
    sub: str
    legend: str

    @property
    def wide(self) -> Markup:
        return draw_curves(self.curves, WIDE).inline("fig wide")

    @property
    def narrow(self) -> Markup:
        return draw_curves(self.curves, NARROW).inline("fig narrow")

    @property
    def small(self) -> Markup:
        return draw_curves(self.curves, SMALL).inline("fig")

    @property
    def data(self) -> list[dict[str, Any]]:
        """The curves as numbers, for the values at a month that the page shows on request: each group's times and
        number at risk; of its events the times, estimates and limits."""
        found = []
        for group, part in self.curves.parts().items():
            events = part[part["n_event"].astype(float) > 0]
            values = {key: _numbers(events[name], 6) for key, name in VALUES.items()}
            values |= {"t": _numbers(part["time_months"], 4), "n": _numbers(part["n_risk"], 2)}
            found.append({"name": self.curves.names.get(group, group), "look": self.curves.look(group), **values})
        return found


VALUES = {"e": "time_months", "s": "survival", "lo": "ci_low", "hi": "ci_high"}


def _numbers(column: Any, decimals: int) -> list[float | None]:
    """Values of a column, rounded; whole ones as integers."""
    rounded = [round(v, decimals) for v in map(as_number, column)]
    return [None if v != v else int(v) if v == int(v) else v for v in rounded]


def select_steps(joined: Joined, head: Finding) -> list[Step]:
    """The steps with curves by the marker of this finding, of its endpoint and samples; its own groups first."""
    identity = head.identity
    terms = [t for t, m in joined.findings.markers.items() if m == identity.marker]
    found = [
        s
        for s in joined.of("kaplan_meier")
        if label(s.parameters.get("group_column")) in terms
        and read_endpoint(s) == identity.endpoint
        and read_population(s) == identity.population
        and read_limits(s) == identity.limits
        and drawable(s)
    ]
    return sorted(found, key=lambda s: label(s.parameters.get("group_column")) != identity.term)


def drawable(step: Step) -> bool:
    frame = step.frame("km_curve")
    return frame is not None and len(frame) > 0 and {"group", "time_months", "n_risk", "survival"} <= set(frame)


def pooled_step(joined: Joined, head: Finding) -> Step | None:
    """Of these the one in the preferred scope."""
    found = select_steps(joined, head)
    return next((s for scope in TRUSTED[:3] for s in found if s.scope == scope), None)


def at_risk(study: dict[str, Any]) -> float:
    """Until which fraction of a group at risk its curve is drawn: the study's `report: {at_risk: 0.1}`."""
    report = study.get("report")
    value = as_number(report.get("at_risk")) if isinstance(report, dict) else float("nan")
    return value if 0 <= value < 1 else LEAST_AT_RISK


def curve_figure(joined: Joined, step: Step, head: Finding | None = None, least: float = LEAST_AT_RISK) -> CurveFigure:
    """The figure of a step; `head` is the finding whose hazard ratio is on the plot, if it is of these samples."""
    frame: Any = step.frame("km_curve")
    column = label(step.parameters.get("group_column"))
    names = {g: _group(joined, step, column, g) for g in cells.unique(frame["group"])}
    rates = records(step.frame("km_summary"))
    n, events = (_total(rates, names, name) for name in ("n", "events"))
    test = _test(step)
    lines = [*([_hazard(joined, head)] if head else []), *([_tested(test, head, column)] if test else [])]
    endpoint = endpoint_words(step)
    vertical = f"{sentence_case(endpoint)} (%)" if _is_survival(endpoint) else "Without the event (%)"
    by = f" by {_variable(joined, step, column)}" if column else ""
    words = f"{sentence_case(endpoint) if _is_survival(endpoint) else 'Proportion without the event'}{by}"
    sub = f"{_heading(step)}, n = {format_count(n)}, {plural(events, _event(step))}"
    if not rates:
        sub = _heading(step)
    curves = Curves(frame, names, lines, vertical, _since(step), least, f"{words}. {_alt(names, rates)}")
    return CurveFigure(step, curves, words, sub, _legend(step, names, curves, rates, test, head))


def endpoint_words(step: Step) -> str:
    name = clean_text(step.parameters.get("endpoint"))
    return step.declared.endpoint_words(name) if name else ""


def _is_survival(words: str) -> bool:
    return words.endswith(("survival", "interval"))


def _event(step: Step) -> str:
    return "death" if step.declared.event_words(clean_text(step.parameters.get("endpoint"))) == "death" else "event"


def _variable(joined: Joined, step: Step, column: str) -> str:
    marker = joined.findings.markers.get(column, column)
    return step.declared.variable(column) if marker == column else marker


def _group(joined: Joined, step: Step, column: str, group: str) -> str:
    level = step.declared.level(column, group)
    of = joined.findings.markers.get(column, "") if column else ""
    return f"{of} {level}" if of and of != column else sentence_case(level) if level != "all" else "All"


def _where(step: Step) -> str:
    of = step.declared.population_words(read_population(step))
    cohort = step.declared.cohort(step.cohort) if step.cohort else ""
    limits = read_limits(step)
    return ", ".join(filter(None, [cohort or of, of if cohort and read_population(step) else "", limits]))


def _heading(step: Step) -> str:
    """The same at the start of a line; a cohort's name as it is."""
    return _where(step) if step.cohort else sentence_case(_where(step))


def _since(step: Step) -> str:
    origin = clean_text(step.declared.endpoints.get(clean_text(step.parameters.get("endpoint")), {}).get("origin"))
    landmark = step.parameters.get("landmark")
    if not is_absent(landmark):
        return f"Months after the landmark at {format_number(landmark)} months"
    return f"Months since {origin}" if origin else "Months of follow-up (origin not stated)"


def _total(rates: Sequence[dict[str, Any]], drawn: Iterable[str], name: str) -> float:
    """Over the groups that are drawn: the summary of all also counts samples without a group."""
    by_group = {label(get(r, "group")): as_number(get(r, name)) for r in rates if not is_absent(get(r, name))}
    return sum(by_group.get(group, 0.0) for group in drawn)


def _test(step: Step) -> dict[str, Any] | None:
    rows = [
        r
        for r in records(step.frame("km_test"))
        if get(r, "comparison") == "overall" and get(r, "test") not in NO_CURVES
    ]
    return rows[0] if rows else None


def _test_name(row: dict[str, Any]) -> str:
    return TESTS.get(label(get(row, "test")), label(get(row, "test")))


def _stratified(row: dict[str, Any]) -> str:
    strata = label(get(row, "strata"))
    return f", stratified by {strata}" if strata not in ("", "none") else ""


def _hazard(joined: Joined, head: Finding) -> str:
    how = f" {phrases.unit(joined, head)}" if head.identity.contrast == "continuous" else ""
    value, _, interval = format_ratio_unit(*head.hr).partition(" (")
    return f"Hazard ratio{how} {value} (95% CI {interval}"


def _tested(row: dict[str, Any], head: Finding | None, column: str) -> str:
    name = _test_name(row).removesuffix(" test")
    lead = "Groups: " if head and head.identity.term != column else ""
    text = f"{lead}{name}{_stratified(row)}, {p_phrase(get(row, 'p_value'))}"
    return sentence_case(text)


def _alt(names: dict[str, str], rates: Sequence[dict[str, Any]]) -> str:
    said = [_rate(r, names) for r in rates if get(r, "statistic") == "survival" and label(get(r, "group")) in names]
    return f"Kaplan-Meier curves of {join_words(names.values())}" + (f": {'; '.join(said)}." if said else ".")


def _rate(row: dict[str, Any], names: dict[str, str]) -> str:
    share = format_percent(*(get(row, name) for name in ("estimate", "ci_low", "ci_high"))).replace("(", "(95% CI ")
    return f"{names.get(label(get(row, 'group')), '')} {share} at {label(get(row, 'time_months'))} months"


def _legend(
    step: Step,
    names: dict[str, str],
    curves: Curves,
    rates: Sequence[dict[str, Any]],
    test: dict[str, Any] | None,
    head: Finding | None,
) -> str:
    """As a journal would print it: what is drawn, bands and ticks, where curves end, which test, key values."""
    dashes = [
        f"solid: {n}" if curves.look(g) == "high" else f"dashed: {n}"
        for g, n in names.items()
        if curves.look(g) in ("high", "low")
    ]
    method = BANDS.get(label(curves.curve["conf_type"].iloc[0]) if "conf_type" in curves.curve else "", "")
    of = endpoint_words(step)
    definition = step.declared.definition(clean_text(step.parameters.get("endpoint")))
    said = [
        f"Kaplan-Meier estimates of {of or 'the proportion without the event'} in {_where(step)}"
        + (f" ({within_sentence(definition.rstrip('.'))})" if definition and len(definition) < 90 else "")
    ]
    if len(names) == 2 and len(dashes) == 2:
        said.append(sentence_case("; ".join(dashes)))
    bands = f" ({method})" if method else ""
    said.append(f"Shaded areas: pointwise 95% confidence intervals{bands}. Vertical ticks: censored samples")
    if curves.at_risk:
        said.append(
            f"Curves end where fewer than {100 * curves.at_risk:g}% of a group are at risk; the full follow-up "
            "is in the supplement"
        )
    if head is not None:
        said.append(f"Hazard ratio: Cox model, {phrases.model(head)}")
    if test:
        name = _test_name(test)
        pooled = "; the curves pool the cohorts" if _stratified(test) else ""
        said.append(f"p: two-sided {name}{_stratified(test)}{pooled}")
    last = [r for r in rates if get(r, "statistic") == "survival" and label(get(r, "group")) in names]
    times = cells.unique(get(r, "time_months") for r in last)
    said += ["; ".join(_rate(r, names) for r in last if label(get(r, "time_months")) == t) for t in times[-1:]]
    return ". ".join(s.rstrip(".") for s in said if s) + "."

"""Cox models as a journal prints them: one row per level, the models side by side."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from prognomics.report.page import cells
from prognomics.report.page.added import KIND, show_added
from prognomics.report.page.blocks import Section, caption, endpoint_words, scope_label, section_of_tool, subset_label
from prognomics.report.page.cells import Cell, View, get, label, records, view
from prognomics.report.page.declared import plot_label
from prognomics.report.page.forests import NAN3, ForestRow, forest_view
from prognomics.report.page.further import show_tables
from prognomics.report.results.declarations import Declarations
from prognomics.report.results.findings import AT_TIME_0, SPLINE
from prognomics.report.results.joining import Joined, Step, analyses
from prognomics.report.wording import (
    ABSENT,
    as_number,
    format_p,
    format_ratio_unit,
    is_absent,
    join_words,
    sentence_case,
)

if TYPE_CHECKING:
    from prognomics.data.store import Picture

SHOWN = ("cox_table", "cox_model", "cox_ph", KIND)
MOST = 4  # variables that a title names
MODELS = {"univariable": "Univariable", "multivariable": "Multivariable", "selected": "Selected",
          "univariable_complete_cases": "Univariable, complete cases",
          "univariable_imputed": "Univariable, imputed", "multivariable_imputed": "Multivariable, imputed"}  # fmt: skip
PROPORTIONAL = "Tests of proportional hazards (a small p: the hazard ratio changes over time)"
NONLINEAR = "nonlinear"  # the level of the test of a spline against a straight line
LOOKS = {"stratified": "headline", "all": "headline", "unstratified": "pooled", "per_cohort": "cohort"}
Row = Mapping[str, Any]


def cox_section(joined: Joined) -> Section | None:
    """All Cox analyses, each in its scopes; None without any."""
    steps = [s for s in joined.of("cox") if s.tables or s.plots]
    if not steps:
        return None
    section = section_of_tool("cox")
    section.say(
        "HR is the hazard ratio: above 1 the hazard of the event is higher than in the reference level, or with each "
        "further unit of a continuous variable. p is of the Wald test; if a level cannot be estimated, of the "
        "likelihood-ratio test (LR)."
    )
    for group in analyses(steps):
        section.heading(sentence_case(_setting(group[0], analysis_title(group[0]))))
        _show_analysis(section, group)
    return section


def analysis_title(step: Step) -> str:
    """What the models of a Cox step hold; of many variables the first, and how many more."""
    terms = _terms(step)
    models = {"univariable": "univariable", "multivariable": "multivariable"}
    kind = models.get(str(step.parameters.get("model")), "uni- and multivariable")
    said = join_words(terms) if len(terms) <= MOST else f"{terms[0]} and {len(terms) - 1} other variables"
    return f"{said}, {kind}" if len(terms) > 1 else "".join(terms) or "models"


def _setting(step: Step, what: str) -> str:
    """What the models are of, with endpoint and population."""
    return ", ".join(filter(None, [what, endpoint_words(step), subset_label(step)]))


def _terms(step: Step) -> list[str]:
    """The variables, each with how it enters; interactions last."""
    curves, name = step.listed("spline"), step.declared.variable
    genes = [f"{name(g)} ({'spline' if g in curves else 'continuous'})" for g in step.listed("gene")]
    others = [f"{name(c)} (spline)" if c in curves else name(c) for c in step.listed("covariate")]
    pairs = [re.split("[=:]", pair, maxsplit=1) for pair in step.listed("interaction")]
    return [*genes, *others, *(f"interaction of {' and '.join(map(name, pair))}" for pair in pairs)]


def _about(step: Step) -> str:
    """The variables of a long model, and which enter the multivariable one; '' if the title names them all."""
    terms, said = _terms(step), []
    if len(terms) > MOST:
        said.append(f"Variables: {join_words(terms)}.")
    if step.parameters.get("entry") == "univariable" and step.parameters.get("model") != "univariable":
        alpha = label(step.parameters.get("entry_alpha"))
        said.append(f"Those with p up to {alpha or 'the level requested'} alone are in the multivariable model.")
    elif len(terms) > MOST:
        said.append("All of them are in the multivariable model.")
    return " ".join(said)


def _show_analysis(section: Section, group: list[Step]) -> None:
    what, of = analysis_title(group[0]), _setting(group[0], analysis_title(group[0]))
    if about := _about(group[0]):
        section.say(about)
    tables = [(s, records(s.frame("cox_table"))) for s in group]
    tables = [(s, rows) for s, rows in tables if rows]
    single = len(tables) > 1 and all(_holds_one_ratio(rows) for _, rows in tables)
    if single:
        section.show(_scopes_view(tables, f"Hazard ratios of {of} by scope."), *(s for s, _ in tables))
    for step in group:
        rows = records(step.frame("cox_table"))
        if len(group) > 1 and not single:
            section.heading(sentence_case(scope_label(step)), 4)
        if rows and not single:
            section.show(hazard_ratio_view(rows, caption(step, "Hazard ratios"), step.declared), step)
        for plot in _not_in_tables(step, bool(rows)):
            section.figure(plot, caption(step, f"Forest plot of {what}", long=False), forest_alt(rows), step)
    show_added(section, group)
    used = [s for s in group if s.frame("cox_model") is not None]
    if used:
        section.show(_by_scope(used, "cox_model", f"Tests of the models: {of}.", _model_row), *used)
    used = [s for s in group if s.frame("cox_ph") is not None]
    if used:
        section.show(_proportional_view(used, f"{PROPORTIONAL}: {of}."), *used)
    for step in group:
        show_tables(section, step, SHOWN)


def _worth_a_row(row: Row, rows: Sequence[Row]) -> bool:
    """A global test of a model with one term repeats the test of the term."""
    if get(row, "term") != "GLOBAL":
        return True
    terms = [r for r in rows if get(r, "model") == get(row, "model") and get(r, "chisq") == get(row, "chisq")]
    return not is_absent(get(row, "chisq")) and len(terms) < 2


def _holds_one_ratio(rows: Sequence[Row]) -> bool:
    result: bool = sum(get(r, "row_type") == "level" for r in rows) == 1
    return result


def _by_scope(steps: list[Step], artifact: str, title: str, make: Callable[[Row], dict[str, Cell]]) -> View:
    """One table over all scopes, the scope said in its first row only."""
    heads: list[str] = ["Scope"]
    body = []
    for step in steps:
        rows = records(step.frame(artifact))
        for place, row in enumerate(r for r in rows if _worth_a_row(r, rows)):
            found = make(row)
            heads = ["Scope", *found]
            name = sentence_case(scope_label(step, long=False)) if place == 0 else ""
            body.append([Cell(name, kind="head"), *found.values()])
    return view(title, heads, body, notes=["EPV: events per coefficient. LR: likelihood ratio."])


def _proportional_view(steps: list[Step], title: str) -> View:
    """One row per term of a model, the scopes side by side."""
    found: dict[tuple[str, str], dict[int, Row]] = {}
    for place, step in enumerate(steps):
        rows = _first_scale(records(step.frame("cox_ph")))
        for row in (r for r in rows if _worth_a_row(r, rows)):
            found.setdefault((label(get(row, "model")), label(get(row, "term"))), {})[place] = row
    body, last = [], ""
    for (model, term), rows in found.items():
        cells_of = [cell for place in range(len(steps)) for cell in _ph_cells(rows.get(place, {}))]
        body.append([Cell(model if model != last else "", kind="head"), Cell("all terms" if term == "GLOBAL" else term),
                     *cells_of])  # fmt: skip
        last = model
    heads = ["Model", "Term", *(["χ²", "df", "p"] * len(steps))]
    scopes = [(sentence_case(scope_label(s, long=False)), 3) for s in steps]
    groups = [("", 1), ("", 1), *scopes] if len(steps) > 1 else []
    scales = cells.unique(get(r, "transform") for s in steps for r in _first_scale(records(s.frame("cox_ph"))))
    notes = [f"Time scale: {join_words(scales)}."] if scales else []
    return View(title, heads, body, notes=notes, groups=groups, numeric=frozenset(range(2, len(heads))))


def _first_scale(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tests on the first time scale; the table holds the others."""
    return [r for r in rows if get(r, "transform") == get(rows[0], "transform")]


def _model_row(row: Row) -> dict[str, Cell]:
    concordance, error = cells.number(get(row, "concordance")), get(row, "concordance_se")
    if not is_absent(error):
        concordance = Cell(f"{concordance.text} (SE {cells.number(error, 2).text})", concordance.title, "number")
    return {
        "Model": _model_cell(row), "n": cells.count(get(row, "n")), "Events": cells.count(get(row, "events")),
        "EPV": cells.number(get(row, "epv")), "LR p": cells.p(get(row, "p_lr")),
        "Wald p": cells.p(get(row, "p_wald")), "Score p": cells.p(get(row, "p_score")),
        "Concordance": concordance, "AIC": cells.number(get(row, "aic"), 5),
    }  # fmt: skip


def _model_cell(row: Row) -> Cell:
    """The model with its variable, or how many there are; all of them in the title."""
    model, terms = label(get(row, "model")) or ABSENT, label(get(row, "covariates")).split(" + ")
    if terms == [""]:
        return Cell(model)
    return Cell(f"{model}: {terms[0]}" if len(terms) == 1 else f"{model}, {len(terms)} variables", ", ".join(terms))


def _ph_cells(row: Row) -> list[Cell]:
    if not row:
        return [Cell("", kind="number")] * 3
    return [cells.number(get(row, "chisq")), cells.count(get(row, "df")), cells.p(get(row, "p_value"))]


def _not_in_tables(step: Step, shown: bool) -> list[Picture]:
    """The plots of a step but its forest plot, whose numbers and drawings are in the tables."""
    return [p for p in step.plots if not shown or plot_label(step, p.sha256)]


def _scopes_view(tables: list[tuple[Step, list[dict[str, Any]]]], title: str) -> View:
    """One row per scope, for models of one hazard ratio."""
    drawn = []
    for step, rows in tables:
        for row in (r for r in rows if get(r, "row_type") == "level"):
            n, events, hr, low, high, p = (as_number(get(row, k)) for k in
                                           ("n", "events", "hr", "ci_low", "ci_high", "p_value"))  # fmt: skip
            kind = "study" if step.scope == "per_cohort" else "pooled"
            estimated = label(get(row, "estimable")) != "no"
            drawn.append(ForestRow(sentence_case(scope_label(step, long=False)), "", n, events,
                                   (hr, low, high) if estimated else NAN3, p if estimated else math.nan, kind,
                                   more=(contrast(row),)))  # fmt: skip
    pooled = [f"{sentence_case(scope_label(s))}." for s, _ in tables if s.scope == "unstratified"][:1]
    return forest_view(title, drawn, ("Scope", "Contrast"), notes=pooled, figure=False)


def contrast(row: Row) -> str:
    """What a hazard ratio compares: `high against low`, `each further unit`."""
    level, against = label(get(row, "level")), label(get(row, "reference"))
    if level:
        return f"{level} against {against}" if against else level
    unit = label(get(row, "unit"))
    return "each further unit" if unit in ("", "1") else f"each further {unit}"


def _estimate(row: Row) -> list[Cell]:
    if get(row, "row_type") == "reference":
        return [Cell("1 (reference)", kind="number"), Cell("", kind="number")]
    if label(get(row, "estimable")) == "no" or is_absent(get(row, "hr")):
        p_lr = get(row, "p_lr")
        test = Cell(ABSENT if is_absent(p_lr) else f"LR {format_p(p_lr)}", cells.full(p_lr), "number")
        return [Cell("not estimable", kind="number"), test]
    return [cells.ratio(get(row, "hr"), get(row, "ci_low"), get(row, "ci_high")), cells.p(get(row, "p_value"))]


def hazard_ratio_view(rows: Sequence[Row], title: str, declared: Declarations | None = None) -> View:
    """One row per term or level; n, events, HR and p of each model side by side."""
    models = cells.unique(get(r, "model") for r in rows) or [""]
    named = declared or Declarations()
    found: dict[str, dict[tuple[bool, str], dict[str, Row]]] = {}
    for row in (r for r in rows if get(r, "unit") != SPLINE):
        key = (get(row, "row_type") == "omnibus", _level_name(row))
        found.setdefault(label(get(row, "term")), {}).setdefault(key, {})[label(get(row, "model"))] = row
    body: list[list[Cell]] = []
    for term, parts in found.items():
        levels = {level: by_model for (omnibus, level), by_model in parts.items() if not omnibus}
        if any(levels) or not levels:
            curve = "" if any(levels) or _is_number(rows, term) else ", spline: any effect"
            if any(_is_of_time(row) for by_model in levels.values() for row in by_model.values()):
                curve = ", change over time"
            body.append(
                [cells.head(f"{named.variable(term)}{curve}"), *_each(models, parts.get((True, ""), {}), _omnibus)]
            )
            if (True, NONLINEAR) in parts:
                name = cells.head("departure from a straight line", indent=True)
                body.append([name, *_each(models, parts[True, NONLINEAR], _omnibus)])
        for level, by_model in levels.items():
            text = named.level(term, level) if level else _numeric_term(named.variable(term), by_model)
            name = cells.head(text, indent=bool(level))
            body.append([name, *_each(models, by_model, _level)])
    groups = [("", 1), *((MODELS.get(m, m), 4) for m in models)] if len(models) > 1 else []
    heads = ["Variable", *(["n", "Events", "HR (95% CI)", "p"] * len(models))]
    chosen = [s for s in cells.unique(get(r, "selected_by") for r in rows) if s != "all"]
    notes = [f"Why a variable is in the multivariable model: {join_words(chosen)}."] if chosen else []
    return View(title, heads, body, notes=notes, groups=groups, numeric=frozenset(range(1, len(heads))))


def _is_of_time(row: Row) -> bool:
    """Whether a row is of an interval of follow-up, or of the change of an effect over it."""
    return not is_absent(get(row, "interval"))


def _level_name(row: Row) -> str:
    """The level of a row, and the part of follow-up it is of."""
    when = label(get(row, "interval"))
    if when:
        when = f"change per {when}" if when.startswith("log") else f"{when} months"
    elif AT_TIME_0 in label(get(row, "note")):
        when = "at time 0"
    return ", ".join(filter(None, (label(get(row, "level")), when)))


def _is_number(rows: Sequence[Row], term: str) -> bool:
    return not any(get(r, "unit") == SPLINE for r in rows if label(get(r, "term")) == term)


def _each(models: list[str], by_model: Mapping[str, Row], make: Callable[[Row], list[Cell]]) -> list[Cell]:
    empty = [Cell("", kind="number")] * 4
    return [cell for model in models for cell in (make(by_model[model]) if model in by_model else empty)]


def _omnibus(row: Row) -> list[Cell]:
    """The test of all levels; with one level it would repeat the level's p."""
    blank = Cell("", kind="number")
    if not as_number(get(row, "df")) > 1 and label(get(row, "level")) != NONLINEAR:
        return [blank] * 4
    wald, ratio = get(row, "p_value"), get(row, "p_lr")
    shown, prefix = (wald, "overall") if not is_absent(wald) else (ratio, "overall, LR")
    if is_absent(shown):
        return [blank] * 4
    return [blank, blank, Cell(prefix, kind="number"), Cell(format_p(shown), cells.full(shown), "number")]


def _level(row: Row) -> list[Cell]:
    own = not is_absent(get(row, "n_level"))
    n, events = ("n_level", "events_level") if own else ("n", "events")
    return [cells.count(get(row, n)), cells.count(get(row, events)), *_estimate(row)]


def _numeric_term(term: str, by_model: Mapping[str, Row]) -> str:
    units = cells.unique(get(r, "unit") for r in by_model.values())
    return f"{term}, per {units[0]}" if units and units[0] != "1" else f"{term}, per unit"


def forest_alt(rows: Sequence[Row]) -> str:
    """The forest plot in words, for those who do not see it."""
    said = []
    for row in rows:
        if get(row, "row_type") == "level" and not is_absent(get(row, "hr")):
            parts = [label(get(row, name)) for name in ("model", "term", "level")]
            interval = format_ratio_unit(get(row, "hr"), get(row, "ci_low"), get(row, "ci_high"))
            said.append(" ".join([*filter(None, parts), interval]))
    return "Forest plot of hazard ratios with 95% intervals" + (": " + "; ".join(said) if said else "")

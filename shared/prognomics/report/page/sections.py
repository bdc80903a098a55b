"""The other sections of the report: cutpoints, further results, provenance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from prognomics.report.page import cells
from prognomics.report.page.blocks import Section, caption, section_of_tool, step_title, tool_name
from prognomics.report.page.cells import Cell, column_head, generic_view, get, label, records, view
from prognomics.report.page.cut_counts import cut_counts
from prognomics.report.page.further import show_tables
from prognomics.report.page.methods import parameters_shown
from prognomics.report.results.declarations import Declarations
from prognomics.report.results.joining import LOOK, Joined, Step, list_outputs
from prognomics.report.results.tools import section_for
from prognomics.report.wording import as_number, clean_text, is_absent, sentence_case
from prognomics.spec.in_report import OTHER

JOINED = ("option", "left", "right", "matched", "only_left", "only_right")
SHORT = 10  # characters of a checksum

FACTS = {
    "lowest_high": "smallest value called high", "n_high": "samples called high", "n_low": "samples called low",
    "n_middle": "samples between", "events_high": "events among the high", "events_low": "events among the low",
    "n_case": "cases", "n_control": "controls", "n_tied_optima": "thresholds that tie",
    "lowest_not_low": "smallest value not low", "n_candidates": "thresholds tried", "n_high_case": "cases called high",
    "n_high_control": "controls called high",
    "p_corrected": "p corrected for the search", "p_naive": "p as if the cutpoint had been given (not to be reported)",
    "window_low": "window from", "window_high": "window to", "n_searched": "samples of the search",
    "events_searched": "events of the search", "critical_value": "statistic that chance reaches in 5%",
    "hr_shrunken": "hazard ratio, shrunken", "shrinkage": "fraction of the log hazard ratio that is left",
    "cut_ci_low": "bootstrap cutpoints from", "cut_ci_high": "bootstrap cutpoints to",
    "hr_per_sd": "hazard ratio of the continuous marker per SD", "p_per_sd": "p of the continuous marker",
    "hr_naive": "hazard ratio as if the cutpoint had been given (too far from 1)",
}  # fmt: skip


def cut_section(joined: Joined) -> Section | None:
    """Where each marker was divided, by which rule, and how many samples are on each side; the study's marker first."""
    steps = [s for s in joined.of("cutpoint") if s.frame("cutpoint_table") is not None or s.plots]
    if not steps:
        return None
    section = section_of_tool("cutpoint")
    policies = {
        "outcome_blind": "was chosen without use of the outcome.",
        "prespecified": "was prespecified.",
        "searched": "was searched for in the outcome: only the p-value corrected for the search is valid.",
    }
    ours = joined.findings.terms
    steps.sort(key=lambda s: label(s.parameters.get("name")) not in ours)  # the study's marker first
    for step in steps:
        rows = records(step.frame("cutpoint_table"))
        marker = label(get(rows[0], "marker")) if rows else label(step.parameters.get("gene"))
        of = f" of {marker}" if marker else ""
        for policy in cells.unique(get(r, "policy") for r in rows):
            section.say(f"The cutpoint{of} {policies.get(policy, f'has the policy {policy}.')}")
        if rows:
            section.show(_facts_view(rows, caption(step, f"Cutpoint{of}")), step)
        what = f"ROC curve and cutpoint{of}" if step.parameters.get("method") == "roc" else f"Cutpoint{of}"
        for picture in step.plots:
            section.figure(picture, caption(step, what), _cut_alt(rows, step.declared), step)
    return section


def _cut_alt(rows: list[dict[str, Any]], declared: Declarations) -> str:
    said = [f"{label(get(r, 'marker'))}: {cells.number(get(r, 'lowest_high')).text} and above is high, "
            f"{cut_counts(r, declared)}"
            + ("" if is_absent(get(r, "auc")) else f", AUC {as_number(get(r, 'auc')):.2f}") for r in rows]  # fmt: skip
    return "Plot of the cutpoint" + (": " + "; ".join(said) if said else "")


def _facts_view(rows: list[dict[str, Any]], title: str) -> cells.View:
    """One row per property, one column per cutpoint."""
    skipped = ("endpoint", "population", "n_missing", "method", "marker", "policy", "auc_ci_method", "n", "events",
               "threshold" if "lowest_high" in rows[0] else "")  # fmt: skip
    ratios = ("hr_shrunken", "hr_per_sd", "hr_naive")
    intervals = {n: (f"{n}_low", f"{n}_high") for n in ("auc", "sensitivity", "specificity", *ratios)}
    limits = {limit for pair in intervals.values() for limit in pair}
    body = []
    for name in rows[0]:
        values = [get(r, name) for r in rows]
        if name in skipped or name in limits or all(map(is_absent, values)) or (name == "n_middle" and not any(values)):
            continue
        made = []
        for row, value in zip(rows, values):
            if name in intervals:
                shown = cells.number_with_interval(value, *(get(row, n) for n in intervals[name]))
                made.append(Cell(shown.text, shown.title))
            elif as_number(value) == as_number(value):
                shown = cells.p(value) if name.startswith("p_") else cells.number(value)
                made.append(Cell(shown.text, shown.title))
            else:
                made.append(Cell(label(value) if "=" in label(value) else label(value).replace("_", " ") or "–"))
        body.append([cells.head(FACTS.get(name) or column_head(name)), *made])
    heads = ["", *(label(get(r, "learnt_in")) or "Value" if len(rows) > 1 else "Value" for r in rows)]
    return view(title, heads, body)


def other_section(joined: Joined) -> Section | None:
    """Every other table and plot, with its caption; those without a record last."""
    section = Section("other", "Other results")
    for step in joined.steps:
        shown = [kind for kind, _ in step.tables if section_for(step.tool, kind) == OTHER]
        plots = step.plots if section_for(step.tool, "plot") == OTHER else []
        if shown or plots:
            section.heading(sentence_case(step_title(step)))
        for picture in plots:
            section.figure(picture, caption(step, f"Plot of {step_title(step)}"), f"Plot of {step_title(step)}", step)
        show_tables(section, step, {kind for kind, _ in step.tables} - {*shown})
    if joined.loose_tables or joined.loose_plots:
        section.heading("Without a run record")
        section.say("No run record at hand names these files by their checksums: how they were made is not known here.")
    for table in joined.loose_tables:
        section.show(generic_view(table.frame, f"Table {clean_text(table.name)}; no run record."))
    for picture in joined.loose_plots:
        section.figure(picture, f"Plot {clean_text(picture.name)}; no run record", f"Plot {clean_text(picture.name)}")
    return section if section.blocks else None


def provenance_section(joined: Joined) -> Section:
    """Each step with what went in and came out, by checksum."""
    section = Section("provenance", "Provenance")
    section.say(
        "Each table and plot of this page is joined to the run record that made it by the SHA-256 checksum of the file "
        "(of its content, where the file is compressed): the record names its inputs, the parameters and the versions. "
        "An output of one step is an input of another where their checksums agree. "
        f"Checksums are shortened to {SHORT} digits here; the full ones are in the records."
    )
    makers = {sha: step.number for step in reversed(joined.steps) for _, sha in list_outputs(step.record)}
    body = []
    for step in joined.steps:
        given = [(name, value) for name, value in parameters_shown(step) if not name.startswith(LOOK)]
        parameters = "; ".join(f"{name} = {value}" for name, value in given if value != "no")
        off = [name for name, value in given if value == "no"]
        parameters += (("; " if parameters else "") + f"off: {', '.join(off)}") if off else ""
        seed = step.record.get("seed")
        counts = step.record.get("counts") if isinstance(step.record.get("counts"), dict) else {}
        body.append([
            Cell(str(step.number), kind="head", link=f"step-{step.number}"), Cell(tool_name(step), f"{step.tool}"),
            Cell(clean_text(step.record.get("tool_version"))), Cell(step.population),
            cells.count(counts.get("n_matched")), Cell(parameters), cells.count(seed),
            _files(step, "inputs", makers), _files(step, "outputs", {}),
        ])  # fmt: skip
    heads = ["Step", "Tool", "Version", "Samples", "n", "Parameters", "Seed", "Inputs", "Outputs"]
    section.show(view("The steps, in the order of the work.", heads, body))
    found: dict[tuple[str, ...], list[tuple[Step, Mapping[str, Any]]]] = {}
    for step in joined.steps:
        for join in _joins(step):
            key = tuple(clean_text(join.get(name)) for name in JOINED)
            found.setdefault(key, []).append((step, join))
    if found:
        heads = ["Input", "Tables", "Matched", "Only in the first", "Only in the second", "Steps"]
        body = [_join([step for step, _ in those], those[0][1]) for those in found.values()]
        section.show(view("How many ids of two tables matched, in each step that joins them.", heads, body))
    return section


def _joins(step: Step) -> list[Mapping[str, Any]]:
    found = step.record.get("joins")
    return [join for join in found if isinstance(join, Mapping)] if isinstance(found, list) else []


def _join(steps: Sequence[Step], join: Mapping[str, Any]) -> list[Cell]:
    """What steps joined, and how many ids both tables, the first and the second only have."""
    tables = f"{clean_text(join.get('left'))}; {clean_text(join.get('right'))}"
    numbers = [cells.count(join.get(name)) for name in ("matched", "only_left", "only_right")]
    links = list(dict.fromkeys((f"step-{step.number}", str(step.number)) for step in steps))
    return [cells.head(clean_text(join.get("option")).replace("_", " ")), Cell(tables), *numbers, Cell("", links=links)]


def _files(step: Step, side: str, makers: Mapping[str, int]) -> Cell:
    """Kind and short checksum of each file, and the step that made it where that is known."""
    shown = []
    for kind, sha in list_outputs(step.record, side):
        maker = makers.get(sha)
        origin = f" (step {maker})" if maker and maker != step.number else ""
        shown.append(f"{clean_text(kind).replace('_', ' ')} {clean_text(sha)[:SHORT]}{origin}")
    return Cell("; ".join(shown))

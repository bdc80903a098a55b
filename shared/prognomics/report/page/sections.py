"""The other sections of the report: cohorts and flow, the cut, further results, provenance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prognomics.report.page import cells
from prognomics.report.page.blocks import Section, caption, step_title, tool_name
from prognomics.report.page.cells import Cell, column_head, generic_view, get, label, records, view
from prognomics.report.page.joining import Joined, Step, outputs_of
from prognomics.report.page.methods import parameters_shown
from prognomics.report.wording import as_number, clean_text, is_absent, sentence_case

SHORT = 10  # characters of a checksum
ELSEWHERE = ("flow", "merge_report", "cutpoint_table", "km_summary", "km_curve", "km_test", "cox_table", "cox_model",
             "cox_ph")  # fmt: skip
PER_SAMPLE = ("groups", "classes", "scores", "annotation", "raw_samples", "sample_sheet", "feature_map")
TITLES = {
    "comparison_table": "Comparison of groups", "association_table": "Association with other variables",
    "roc_table": "ROC curve", "meta_table": "Meta-analysis", "quality_table": "Quality",
    "pca_table": "Principal components",
    "duplicates_table": "Near-duplicate samples", "coverage": "Coverage of the signature", "centroids": "Centroids",
    "gene_report": "Mapping of probes to genes", "effects": "Effects of the cohorts",
}  # fmt: skip


def cohorts_section(study: Mapping[str, Any], joined: Joined) -> Section | None:
    """The cohorts that the study names and how their samples became those analysed."""
    section = Section("cohorts", "Cohorts and flow of samples")
    cohorts = study.get("cohorts")
    flows = [(s, records(s.frame("flow"))) for s in joined.steps if s.frame("flow") is not None]
    if isinstance(cohorts, dict) and cohorts:
        last = {label(s.parameters.get("cohort")): rows[-1] for s, rows in flows if rows}
        body = []
        for name, facts in cohorts.items():
            facts = facts if isinstance(facts, dict) else {}
            row = last.get(label(name), {})
            words = {key: Cell(clean_text(facts.get(key)) or "–") for key in ("title", "accession", "platform", "note")}
            note, numbers = words.pop("note"), [cells.count(get(row, "n")), cells.count(get(row, "events"))]
            body.append([cells.head(name), *words.values(), *numbers, note])
        heads = ["Cohort", "Title", "Accession", "Platform", "n", "Events", "Note"]
        section.show(view("The cohorts; n and events after curation.", heads, body))
    endpoint = study.get("endpoint")
    if isinstance(endpoint, dict) and endpoint.get("definition"):
        section.say(f"Endpoint {clean_text(endpoint.get('name'))}: {clean_text(endpoint['definition'])}")
    if flows:
        body = []
        for step, rows in flows:
            for place, row in enumerate(rows):
                cohort = label(step.parameters.get("cohort")) if place == 0 else ""
                ids = label(get(row, "dropped_ids"))
                body.append([Cell(cohort, kind="head"), Cell(label(get(row, "step"))), Cell(label(get(row, "rule"))),
                             cells.count(get(row, "n")), cells.count(get(row, "events")),
                             Cell(cells.count(get(row, "n_dropped")).text, ids, "number")])  # fmt: skip
        heads = ["Cohort", "Step", "Rule", "n", "Events", "Dropped"]
        section.show(view("The flow of samples through curation.", heads, body), *(s for s, _ in flows))
    for step in joined.steps:
        if (frame := step.frame("merge_report")) is not None:
            section.show(generic_view(frame, "What merging the cohorts did (variance: share between cohorts)."), step)
    return section if section.blocks else None


def cut_section(joined: Joined) -> Section | None:
    """Where the marker was cut, by which rule, and how many fell on each side."""
    steps = [s for s in joined.of("cutpoint") if s.frame("cutpoint_table") is not None or s.plots]
    if not steps:
        return None
    section = Section("cut", "The cut")
    policies = {
        "outcome_blind": "The cut was chosen without looking at the outcome.",
        "prespecified": "The cut was fixed before the data were seen.",
        "searched": "The cut was searched for in the outcome: only the p-value corrected for the search counts.",
    }
    for step in steps:
        rows = records(step.frame("cutpoint_table"))
        for policy in cells.unique(get(r, "policy") for r in rows):
            section.say(policies.get(policy, f"Policy: {policy}."))
        if rows:
            section.show(_facts_view(rows, caption(step, f"The cut of {label(get(rows[0], 'marker'))}")), step)
        for picture in step.plots:
            section.figure(picture, caption(step, "The cut"), "Plot of the cut", step)
    return section


def _facts_view(rows: list[dict[str, Any]], title: str) -> cells.View:
    """One line a fact, one column a cut."""
    skipped = ("endpoint", "population", "n_missing", "method", "marker")
    intervals = {n: (f"{n}_low", f"{n}_high") for n in ("auc", "sensitivity", "specificity")}
    limits = {limit for pair in intervals.values() for limit in pair}
    words = {"lowest_high": "smallest value called high"}
    body = []
    for name in rows[0]:
        values = [get(r, name) for r in rows]
        if name in skipped or name in limits or all(map(is_absent, values)):
            continue
        made = []
        for row, value in zip(rows, values):
            if name in intervals:
                made.append(cells.number_with_interval(value, *(get(row, n) for n in intervals[name])))
            elif as_number(value) == as_number(value):
                shown = cells.p(value) if name.startswith("p_") else cells.number(value)
                made.append(Cell(shown.text, shown.title))
            else:
                made.append(Cell(label(value).replace("_", " ") or "–"))
        body.append([cells.head(words.get(name) or column_head(name)), *made])
    heads = ["", *(label(get(r, "learnt_in")) or "Value" if len(rows) > 1 else "Value" for r in rows)]
    return view(title, heads, body)


def other_section(joined: Joined) -> Section | None:
    """Every other table and plot, with its caption; those without a record last."""
    section = Section("other", "Other results")
    for step in joined.steps:
        shown = [(kind, table) for kind, table in step.tables if kind not in ELSEWHERE]
        plots = [] if step.tool in ("kaplan_meier", "cox", "cutpoint") else step.plots
        if shown or plots:
            section.heading(sentence_case(step_title(step)))
        for picture in plots:
            section.figure(picture, caption(step, f"Plot of {step_title(step)}"), f"Plot of {step_title(step)}", step)
        for kind, table in shown:
            what = TITLES.get(kind) or sentence_case(clean_text(kind).replace("_", " "))
            longest = 8 if kind in PER_SAMPLE else cells.LONGEST
            section.show(generic_view(table.frame, caption(step, what), longest), step)
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
        f"Checksums are shortened to {SHORT} digits here; the full ones are in the records, and in the tooltips."
    )
    makers = {sha: step.number for step in reversed(joined.steps) for _, sha in outputs_of(step.record)}
    body = []
    for step in joined.steps:
        parameters = "; ".join(f"{name} = {value}" for name, value in parameters_shown(step) if value != "no")
        off = [name for name, value in parameters_shown(step) if value == "no"]
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
    return section


def _files(step: Step, side: str, makers: Mapping[str, int]) -> Cell:
    """Kind and short checksum of each file, and the step that made it where that is known."""
    shown, whole = [], []
    for kind, sha in outputs_of(step.record, side):
        maker = makers.get(sha)
        origin = f" (step {maker})" if maker and maker != step.number else ""
        shown.append(f"{clean_text(kind).replace('_', ' ')} {clean_text(sha)[:SHORT]}{origin}")
        whole.append(f"{clean_text(kind)} {clean_text(sha)}")
    return Cell("; ".join(shown), "; ".join(whole))

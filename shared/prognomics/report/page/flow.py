"""The cohorts, how their samples and genes became those analyzed, and what merging did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prognomics.report.page import cells
from prognomics.report.page.blocks import Section, step_title
from prognomics.report.page.cells import Cell, get, label, records, view
from prognomics.report.page.diagram import cohort_rows, collect_flows, flow_alt, flow_boxes
from prognomics.report.results.joining import Joined, Step
from prognomics.report.wording import as_number, clean_text, format_count, format_months, is_absent, join_words

MOST = 4  # cohorts whose flow is shown step by step; of more, one row each
ENDPOINT = "endpoint:"
Flows = list[tuple[Step, list[dict[str, Any]]]]


def cohorts_section(study: Mapping[str, Any], joined: Joined) -> Section | None:
    """The cohorts that the study names, and its endpoints."""
    section = Section("cohorts", "Cohorts", main=True)
    cohorts = study.get("cohorts")
    if isinstance(cohorts, dict) and cohorts:
        section.show(_cohorts_view(study, joined, cohorts))
    for name, facts in joined.findings.declared.endpoints.items():
        if definition := joined.findings.declared.definition(name):
            origin = clean_text(facts.get("origin"))
            rival = clean_text(facts.get("competing"))
            more = [f"time origin: {origin}" if origin else "", f"competing event: {rival}" if rival else ""]
            section.say("; ".join(filter(None, [f"Endpoint {name}: {definition.rstrip('.')}", *more])) + ".")
    return section if section.blocks else None


def flow_section(study: Mapping[str, Any], joined: Joined) -> Section | None:
    """How samples and genes became those analyzed; None without a table of it."""
    section = Section("flow", "Flow of samples and genes", short="Flow of samples")
    flows = collect_flows(joined)
    if boxes := flow_boxes(study, joined):
        said = "The flow of samples from the sources to the analyses of the marker. Boxes: samples (n) and events; " \
            "next to the arrows: what was excluded."  # fmt: skip
        section.flow(boxes, flow_alt(boxes), said)
    if len(flows) > MOST:
        section.show(_short_flow(flows), *(s for s, _ in flows))
    elif flows:
        section.show(_long_flow(flows), *(s for s, _ in flows))
    if lost := _lost_in_joins(joined):
        section.show(lost)
    genes = [(s, s.frame("gene_report")) for s in joined.of("map_genes") if s.frame("gene_report") is not None]
    if genes:
        section.show(_genes_view([(s, records(f)) for s, f in genes]), *(s for s, _ in genes))
    merges = [(s, records(s.frame("merge_report"))) for s in joined.steps if s.frame("merge_report") is not None]
    if any(len(rows) > MOST + 1 for _, rows in merges):
        section.show(_merges_view(merges), *(s for s, _ in merges))
        return section
    for step, rows in merges:
        section.show(_merge_view(rows), step)
    return section if section.blocks else None


def _lost_in_joins(joined: Joined) -> cells.View | None:
    """Files that steps joined by sample and that do not have the same samples; None where all agree.

    The first file's samples without a partner are lost to the analysis. Those of the second one are counted where no
    filter had taken samples away before.
    """
    found: dict[tuple[Any, ...], list[Step]] = {}
    for step in joined.steps:
        joins = step.record.get("joins")
        for join in (j for j in (joins if isinstance(joins, list) else []) if isinstance(j, dict)):
            lost, more = as_number(join.get("only_left")), as_number(join.get("only_right"))
            more = 0 if step.conditions else more
            if lost > 0 or more > 0:
                names = clean_text(join.get("left")), clean_text(join.get("right"))
                found.setdefault((*names, as_number(join.get("matched")), lost, more), []).append(step)
    if not found:
        return None
    body = []
    for (left, right, matched, lost, more), steps in found.items():
        where = join_words(step_title(s) for s in steps[:2]) + (f" and {len(steps) - 2} more" if len(steps) > 2 else "")
        body.append([Cell(where, kind="head"), Cell(f"{left} and {right}"), cells.count(matched), cells.count(lost),
                     cells.count(more)])  # fmt: skip
    heads = ["Step", "Files", "Samples in both", "Only in the first", "Only in the second"]
    return view("Samples without a partner where files were joined.", heads, body,
                notes=["Joins in which all samples have a partner are not listed."])  # fmt: skip


def _cohorts_view(study: Mapping[str, Any], joined: Joined, cohorts: Mapping[str, Any]) -> cells.View:
    """One row per cohort: what it is, samples, those with an endpoint, events, follow-up."""
    flows = collect_flows(joined)
    followed = {r["cohort"]: r for r in cohort_rows(study, joined)}
    by_cohort = {s.origin: rows for s, rows in flows if rows}
    endpoints = cells.unique(
        label(get(r, "step")).removeprefix(ENDPOINT) for _, rows in flows for r in rows if _is_endpoint(r)
    )
    body = []
    for name, facts in cohorts.items():
        facts = facts if isinstance(facts, dict) else {}
        rows = by_cohort.get(label(name), [])
        curated = [r for r in rows if not _is_endpoint(r)][-1:]
        words = {key: Cell(clean_text(facts.get(key)) or "–") for key in ("title", "accession", "platform", "note")}
        if words["accession"].text == clean_text(name):
            words["accession"] = Cell("–")  # said already
        note = words.pop("note")
        numbers = [cells.count(get(curated[0], "n")) if curated else Cell("–", kind="number")]
        for endpoint in endpoints:
            found = [r for r in rows if label(get(r, "step")) == ENDPOINT + endpoint]
            numbers += [
                cells.count(get(found[0], key)) if found else Cell("0", kind="number") for key in ("n", "events")
            ]
        if not endpoints:
            numbers.append(cells.count(get(curated[0], "events")) if curated else Cell("–", kind="number"))
        follow = followed.get(clean_text(name), {})
        known = [follow.get(f"followup_{part}") for part in ("months", "low", "high")]
        months = Cell(
            "" if is_absent(known[0]) else format_months(known[0], known[1], known[2], 0), cells.full(*known), "number"
        )
        body.append(
            [cells.head(joined.findings.declared.cohort(clean_text(name))), *words.values(), *numbers, months, note]
        )
    pairs = [head for e in endpoints for head in (f"With {e}", f"Events of {e}")] or ["Events"]
    heads = ["Cohort", "Title", "Accession", "Platform", "Samples", *pairs, "Follow-up, months (95% CI)", "Note"]
    notes = ["Samples and events after curation. Follow-up: median by the reverse Kaplan-Meier method."]
    return view("The cohorts.", heads, body, notes=notes)


def _is_endpoint(row: Mapping[str, Any]) -> bool:
    return label(get(row, "step")).startswith(ENDPOINT)


def _long_flow(flows: Flows) -> cells.View:
    body = []
    for step, rows in flows:
        for place, row in enumerate(rows):
            cohort = step.source if place == 0 else ""
            ids = label(get(row, "dropped_ids"))
            body.append([Cell(cohort, kind="head"), Cell(label(get(row, "step"))), Cell(label(get(row, "rule"))),
                         cells.count(get(row, "n")), cells.count(get(row, "events")),
                         Cell(cells.count(get(row, "n_dropped")).text, ids, "number")])  # fmt: skip
    heads = ["Cohort", "Step", "Rule", "n", "Events", "Dropped"]
    return view("The flow of samples through curation.", heads, body)


def _short_flow(flows: Flows) -> cells.View:
    """One row per cohort: samples in, samples out, and what was excluded in between."""
    body, in_all, out_all = [], 0.0, 0.0
    for step, rows in flows:
        curated = [r for r in rows if not _is_endpoint(r)]
        if not curated:
            continue
        first, last = (as_number(get(curated[i], "n")) for i in (0, -1))
        in_all, out_all = in_all + first, out_all + last
        left = [f"{format_count(get(r, 'n_dropped'))} {label(get(r, 'rule'))}" for r in curated
                if as_number(get(r, "n_dropped")) > 0]  # fmt: skip
        ids = "; ".join(filter(None, (label(get(r, "dropped_ids")) for r in curated)))
        body.append([cells.head(step.source), cells.count(first), cells.count(last),
                     Cell("; ".join(left) or "none", ids)])  # fmt: skip
    body.append([cells.head("All"), cells.count(in_all), cells.count(out_all), Cell("")])
    return view("The flow of samples through curation.", ["Cohort", "In the source", "Curated", "Excluded"], body)


MERGED = {
    "n_samples": "Samples", "n_genes": "Genes of any", "n_genes_common": "Common genes",
    "n_reference": "Reference samples", "n_undefined": "Undefined genes",
}  # fmt: skip


def _merge_view(rows: list[dict[str, Any]]) -> cells.View:
    """One row per cohort, and a last row for all of them."""
    body = [
        [cells.head("All" if label(get(r, "cohort")) == "all" else get(r, "cohort")),
         *(cells.count(get(r, name)) for name in MERGED),
         *(cells.share(get(r, f"batch_variance_{side}")) for side in ("before", "after"))]
        for r in rows
    ]  # fmt: skip
    methods = cells.unique(get(r, "method") for r in rows)
    notes = [f"Method: {', '.join(methods)}."] if methods else []
    heads = ["Cohort", *MERGED.values(), "Variance between cohorts before", "after"]
    title = "What merging the cohorts did, and the fraction of the variance of all genes that lies between cohorts."
    return view(title, heads, body, notes=notes)


def _merges_view(merges: Flows) -> cells.View:
    """One row per merge: what applies to all cohorts."""
    body = []
    for _, rows in merges:
        whole = next((r for r in rows if label(get(r, "cohort")) == "all"), {})
        body.append([
            cells.head(get(whole, "method")), Cell(format_count(len(rows) - 1), kind="number"),
            *(cells.count(get(whole, name)) for name in MERGED),
            *(cells.share(get(whole, f"batch_variance_{side}")) for side in ("before", "after")),
        ])  # fmt: skip
    heads = ["Method", "Cohorts", *MERGED.values(), "Variance between cohorts before", "after"]
    title = "What merging the cohorts did, and the fraction of the variance of all genes that lies between cohorts."
    return view(title, heads, body)


def _genes_view(reports: list[tuple[Step, list[dict[str, Any]]]]) -> cells.View:
    """One row per cohort: rows of the matrix, genes made of them, and what was lost."""
    columns = {
        "rows_in": "Rows", "genes_out": "Genes", "genes_with_several_rows": "of several rows",
        "composite_rows_dropped": "Composite rows excluded", "rows_without_symbol": "Rows without a symbol",
        "genes_lost_with_composite_rows": "Genes lost with them",
    }  # fmt: skip
    body = []
    for step, rows in reports:
        found = {label(get(r, "metric")): r for r in rows}
        body.append([cells.head(step.source), *(
            Cell(cells.count(get(found.get(name, {}), "value")).text, label(get(found.get(name, {}), "ids")), "number")
            for name in columns)])  # fmt: skip
    return view("From the rows of each matrix, such as probes, to genes.", ["Cohort", *columns.values()], body)

"""What is known of the samples: how they flowed from the sources to the analyses, and the cohorts at a glance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from prognomics.report.page.blocks import endpoint_words, population_label
from prognomics.report.page.cells import get, label, records
from prognomics.report.results.findings import TRUSTED
from prognomics.report.results.joining import Joined, Step
from prognomics.report.wording import as_number, clean_text, format_count, is_absent, plural

LANES = 4  # cohorts drawn side by side; more are one lane
LEAVES = 4
BESIDE = 3  # variables that a box names
ENDPOINT = "endpoint:"
Rows = list[dict[str, Any]]


def is_endpoint(row: Mapping[str, Any]) -> bool:
    return label(get(row, "step")).startswith(ENDPOINT)


def collect_flows(joined: Joined) -> list[tuple[Step, Rows]]:
    """The flow tables of the curated cohorts."""
    return [(s, records(s.frame("flow"))) for s in joined.steps if s.frame("flow") is not None]


def cohorts_with_endpoint(joined: Joined, endpoint: str) -> int:
    """How many curated cohorts have an endpoint."""
    return sum(any(label(get(r, "step")) == f"{ENDPOINT}{endpoint}" for r in rows) for _, rows in collect_flows(joined))


def main_endpoint(study: Mapping[str, Any], joined: Joined) -> str:
    """The endpoint of the primary analysis, else the first declared, else the first that is analyzed."""
    found = joined.findings
    if found.primary and found.primary.step.parameters.get("endpoint"):
        return found.primary.identity.endpoint
    return next(iter([*found.declared.endpoints, *found.endpoints]), "")


def flow_boxes(study: Mapping[str, Any], joined: Joined) -> Rows:
    """The boxes of the flow diagram, see `draw_flow`; empty without a flow table."""
    flows = [(s, rows) for s, rows in collect_flows(joined) if [r for r in rows if not is_endpoint(r)]]
    if not flows:
        return []
    endpoint = main_endpoint(study, joined)
    if len(flows) <= LANES:
        boxes = [box for step, rows in flows for box in _lane(study, step, rows)]
    else:
        boxes = _one_lane(flows)
    return boxes + _trunk(joined, flows, endpoint) + _leaves(study, joined)


def _box(
    part: str, label: str, n: object, events: object = math.nan, left_out: str = "", lane: str = ""
) -> dict[str, Any]:
    return {"part": part, "lane": lane, "label": label, "n": as_number(n), "events": as_number(events),
            "left_out": left_out}  # fmt: skip


def _reasons(rows: Rows) -> dict[str, float]:
    """How many samples left by which rule."""
    found: dict[str, float] = {}
    for row in rows:
        if as_number(get(row, "n_dropped")) > 0:
            rule = label(get(row, "rule"))
            found[rule] = found.get(rule, 0) + as_number(get(row, "n_dropped"))
    return found


def _left_out(found: Mapping[str, float]) -> str:
    if not found:
        return ""
    said = "; ".join(f"{format_count(n)} {rule}" for rule, n in sorted(found.items(), key=lambda i: -i[1]))
    return f"Excluded: {said}"


def _lane(study: Mapping[str, Any], step: Step, rows: Rows) -> Rows:
    name = step.source
    cohorts = study.get("cohorts")
    facts = cohorts.get(name) if isinstance(cohorts, dict) else None
    title = clean_text(facts.get("title")) if isinstance(facts, dict) else ""
    curated = [r for r in rows if not is_endpoint(r)]
    first = _box("source", f"{name}, {title}" if title else name, get(curated[0], "n"), lane=name)
    n, events = (get(curated[-1], name) for name in ("n", "events"))
    return [first, _box("source", "Curated", n, events, _left_out(_reasons(curated)), name)]


def _one_lane(flows: list[tuple[Step, Rows]]) -> Rows:
    curated = [[r for r in rows if not is_endpoint(r)] for _, rows in flows]
    first, last = (sum(as_number(get(rows[i], "n")) for rows in curated) for i in (0, -1))
    reasons = _reasons([r for rows in curated for r in rows])
    return [_box("source", f"{len(flows)} cohorts, in the sources", first, lane="all"),
            _box("source", "Curated", last, left_out=_left_out(reasons), lane="all")]  # fmt: skip


def _trunk(joined: Joined, flows: list[tuple[Step, Rows]], endpoint: str) -> Rows:
    """Merged, and with the endpoint: what all analyses start from."""
    boxes = []
    reports = [r for s in joined.of("merge_cohorts") for r in records(s.frame("merge_report"))]
    merged = [r for r in reports if get(r, "cohort") == "all"]
    if merged:
        genes = get(merged[-1], "n_genes_common")
        shared = "" if is_absent(genes) else f" on {plural(genes, 'common gene')}"
        boxes.append(_box("trunk", f"Merged{shared}", get(merged[-1], "n_samples")))
    with_it = [r for _, rows in flows for r in rows if label(get(r, "step")) == ENDPOINT + endpoint]
    if with_it and endpoint:
        n, events = (sum(as_number(get(r, name)) for r in with_it) for name in ("n", "events"))
        before = boxes[-1]["n"] if boxes else sum(as_number(get([r for r in rows if not is_endpoint(r)][-1], "n"))
                                                  for _, rows in flows)  # fmt: skip
        without = f"Without it: {format_count(before - n)}" if before - n > 0 else ""
        where = f", in {len(with_it)} of {len(flows)} cohorts" if len(with_it) < len(flows) else ""
        boxes.append(_box("trunk", f"With the endpoint {endpoint}{where}", n, events, without))
    return boxes


def _leaves(study: Mapping[str, Any], joined: Joined) -> Rows:
    """The marker's analyses of the preferred scope: their samples and events."""
    found, terms = joined.findings, joined.findings.terms
    primary = found.primary
    boxes: dict[str, dict[str, Any]] = {}
    for step in joined.of("kaplan_meier"):
        group = label(step.parameters.get("group_column"))
        rows = [r for r in records(step.frame("km_summary")) if label(get(r, "statistic")) != ""]
        whole = next((r for r in rows if label(get(r, "group")) == "all"), rows[0] if len(rows) == 1 else None)
        if whole is not None and step.scope != "per_cohort" and (group in terms or not group):
            by = f" by {step.declared.variable(group)}" if group else ""
            name = f"Kaplan-Meier curves{by}{_of(joined, endpoint_words(step))}{_where(step)}"
            boxes.setdefault(name, _box("leaf", name, get(whole, "n"), get(whole, "events")))
    effects = [f for f in found.of_marker() if f.identity.scope != "per_cohort"]
    scope = next((s for s in TRUSTED if any(f.identity.scope == s for f in effects)), "")
    for one in (f for f in effects if f.identity.scope == scope):
        names = one.identity.adjusted_for
        said = one.step.declared.variables(names) if len(names) <= BESIDE else f"{len(names)} variables"
        of = f"{one.step.declared.variable(one.identity.term)}{f', adjusted for {said}' if names else ''}"
        name = f"{'Primary analysis: ' if one is primary else ''}Cox model of {of}" \
            f"{_of(joined, endpoint_words(one.step))}{_where(one.step)}"  # fmt: skip
        boxes.setdefault(name, _box("leaf", name, one.n, one.events))
    listed = sorted(boxes.values(), key=lambda box: not box["label"].startswith("Primary"))
    return listed[:LEAVES] if len(listed) <= LEAVES else _fewest(listed)


def _of(joined: Joined, endpoint: str) -> str:
    """The endpoint, where the study has several."""
    return f", {endpoint}" if endpoint and len(joined.findings.endpoints) > 1 else ""


def _where(step: Step) -> str:
    where = population_label(step)
    return f", {where}" if where else ""


def _fewest(boxes: Rows) -> Rows:
    """Of many analyses one for each number of samples."""
    by_size: dict[tuple[float, float], dict[str, Any]] = {}
    for box in boxes:
        by_size.setdefault((box["n"], box["events"]), box)
    return list(by_size.values())[:LEAVES]


def flow_alt(boxes: Rows) -> str:
    """The diagram in words."""
    said = []
    for box in boxes:
        counts = [f"n = {format_count(box['n'])}"] if box["n"] == box["n"] else []
        counts += [plural(box["events"], "event")] if box["events"] == box["events"] else []
        where = f"{box['lane']}, " if box["lane"] not in ("", "all") and box["label"] == "Curated" else ""
        left = f" ({box['left_out']})" if box["left_out"] else ""
        said.append(f"{where}{box['label']}: {', '.join(counts)}{left}")
    return "Flow of samples. " + "; ".join(said)


def cohort_rows(study: Mapping[str, Any], joined: Joined) -> Rows:
    """One row per curated cohort: platform, samples, events and follow-up; empty where no flow table is at hand."""
    endpoint = main_endpoint(study, joined)
    cohorts = study.get("cohorts") if isinstance(study.get("cohorts"), dict) else {}
    followed = {s.cohort: r for s in joined.of("kaplan_meier") if s.scope == "per_cohort"
                for r in records(s.frame("km_summary"))
                if label(get(r, "statistic")) == "followup_reverse_km" and label(get(r, "group")) == "all"}  # fmt: skip
    rows = []
    for step, flow in collect_flows(joined):
        name = step.source
        curated = [r for r in flow if not is_endpoint(r)][-1:]
        if not curated:
            continue
        known = next((r for r in flow if label(get(r, "step")) == ENDPOINT + endpoint), {})
        facts = cohorts.get(name)
        follow = followed.get(name, {})
        rows.append({
            "cohort": name, "platform": (facts if isinstance(facts, dict) else {}).get("platform"),
            "n": get(curated[0], "n"), "n_endpoint": get(known, "n"), "events": get(known, "events"),
            "followup_months": get(follow, "estimate"), "followup_low": get(follow, "ci_low"),
            "followup_high": get(follow, "ci_high"),
        })  # fmt: skip
    return rows

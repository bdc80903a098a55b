"""REMARK's twenty items: what the run answers, and what the authors must write.

The items are those of `remark_items`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from prognomics.report.page import cells, phrases
from prognomics.report.page.blocks import Section, endpoint_words, tool_name
from prognomics.report.page.cells import Cell, get, label, records, view
from prognomics.report.page.checks import checks
from prognomics.report.page.cut_counts import cut_counts
from prognomics.report.page.diagram import collect_flows, is_endpoint, main_endpoint
from prognomics.report.page.remark_items import ITEMS, name_of_place
from prognomics.report.results.findings import Finding, read_endpoint, read_population
from prognomics.report.results.joining import Joined, Step
from prognomics.report.wording import (
    ABSENT,
    as_number,
    clean_text,
    format_number,
    is_absent,
    join_words,
    plural,
)

RUN, PART, AUTHORS = "in this report", "in part; the rest is the authors' to write", "the authors' to write"
Answer = tuple[str, str, Sequence[str]]  # status, what the run says, sections where it stands


def remark_section(study: Mapping[str, Any], joined: Joined, present: set[str]) -> Section:
    """The checklist; `present` are the ids of the sections that the page has."""
    section = Section("remark", "REMARK checklist")
    section.say(
        "The twenty items of the reporting recommendations for tumor marker prognostic studies (REMARK). Items that "
        "follow from the run are filled in; items that only the authors can answer are marked."
    )
    body, answers = [], remark_answers(study, joined)
    for (number, part, item), (status, said, where) in zip(ITEMS, answers, strict=True):
        places = [place for place in where if place in present]
        links = [(place, name_of_place(place, joined)) for place in places]
        texts = (part, item, status, said or ABSENT)
        body.append([Cell(number, kind="head"), *map(Cell, texts), Cell("", links=links)])
    counts = {status: sum(a[0] == status for a in answers) for status in (RUN, PART, AUTHORS)}
    shares = f"{counts[RUN]} are answered here, {counts[PART]} in part, and {counts[AUTHORS]} are the authors' to write"
    section.say(f"Of the 20 items {shares}.")
    heads = ["Item", "Part", "Asks for", "Answered", "From the run", "Where"]
    section.show(view("REMARK, item by item.", heads, body))
    return section


def remark_answers(study: Mapping[str, Any], joined: Joined) -> list[Answer]:
    """(status, text, sections) for each of the twenty items, in their order."""
    return [answer(study, joined) for answer in _ANSWERS]


def _aims(study: Mapping[str, Any], joined: Joined) -> Answer:
    marker, question = clean_text(study.get("marker")), clean_text(study.get("question"))
    if not question:
        return AUTHORS, f"Marker: {joined.findings.marker}." if joined.findings.marker else "", []
    said = f"Marker: {marker}. " if marker else ""
    return PART, f"{said}Question: {question} Hypotheses fixed beforehand: to state.", ["summary"]


def _patients(study: Mapping[str, Any], joined: Joined) -> Answer:
    flows = collect_flows(joined)
    if not flows and not study.get("cohorts"):
        return AUTHORS, "", []
    curated = [[r for r in rows if not is_endpoint(r)][-1:] for _, rows in flows]
    n = sum(as_number(get(r[0], "n")) for r in curated if r)
    names = [label(a) for a in (s.parameters.get("accession") for s in joined.of("fetch_cohort")) if label(a)]
    source = f" from {join_words(names)}" if 0 < len(names) <= 8 else ""
    count = len(flows) or len(study.get("cohorts") or {})
    counted = f" with {plural(n, 'sample')} after curation" if flows else ""
    rest = "Inclusion and exclusion by the original studies: to cite."
    return PART, f"{plural(count, 'cohort')}{counted}{source}. {rest}", ["cohorts"]


def _assay(study: Mapping[str, Any], joined: Joined) -> Answer:
    cohorts = study.get("cohorts") if isinstance(study.get("cohorts"), dict) else {}
    platforms = cells.unique(c.get("platform") for c in cohorts.values() if isinstance(c, dict))
    said = f"Platforms: {'; '.join(platforms)}. " if platforms else ""
    if joined.of("normalize", "rma", "merge_cohorts", "map_genes"):
        said += "Normalization, genes and merging as in the methods."
    return (PART, said.strip(), ["cohorts", "methods", "quality"]) if said else (AUTHORS, "", [])


def _design(study: Mapping[str, Any], joined: Joined) -> Answer:
    for step in joined.of("kaplan_meier"):
        for row in records(step.frame("km_summary")):
            whole = get(row, "group") == "all" and step.scope != "per_cohort"
            whole = whole and is_absent(step.parameters.get("landmark"))  # from then on it would be another
            whole = whole and read_endpoint(step) == main_endpoint(study, joined) and _primary_samples(joined, step)
            if whole and get(row, "statistic") == "followup_reverse_km":
                months = format_number(get(row, "estimate"))
                said = f"Existing data, reused. Median follow-up {months} months (reverse Kaplan-Meier)."
                return PART, said + " Period of inclusion and end of follow-up: to state.", ["survival"]
    return AUTHORS, "", []


def _primary_samples(joined: Joined, step: Step) -> bool:
    head = joined.findings.primary
    return head is None or read_population(step) == head.identity.population


def _endpoints(study: Mapping[str, Any], joined: Joined) -> Answer:
    declared, found = joined.findings.declared, joined.findings.endpoints
    defined = [name for name in [*declared.endpoints, *found] if declared.definition(name)]
    said = "; ".join(f"{name}: {declared.definition(name).rstrip('.')}" for name in dict.fromkeys(defined))
    names = list(dict.fromkeys(filter(None, map(endpoint_words, joined.steps))))
    lacking = [name for name in found if name not in defined]
    if said and not lacking:
        return RUN, f"{said}.", ["cohorts"]
    if said:
        return PART, f"{said}. Analyzed without a definition: {join_words(lacking)}.", ["cohorts"]
    return (PART, f"Analyzed: {join_words(names)}; the definition is to be stated.", []) if names else (AUTHORS, "", [])


def list_variables(step: Step) -> list[str]:
    """The variables of a step's model, the marker too."""
    return [v for name in ("gene", "covariate", "marker_column") for v in step.listed(name)]


def considered_variables(joined: Joined) -> list[str]:
    """Every variable that a model or a test took, the marker too."""
    names = ("gene", "covariate", "variable", "score_column", "marker_column", "group_column")
    return list(dict.fromkeys(v for s in joined.having("test") for name in names for v in s.listed(name)))


def _variables(study: Mapping[str, Any], joined: Joined) -> Answer:
    found = considered_variables(joined)
    if not found:
        return AUTHORS, "", []
    return PART, f"{join_words(found)}. Others that were looked at outside this run: to state.", ["associations", "cox"]


def _size(study: Mapping[str, Any], joined: Joined) -> Answer:
    head = joined.findings.primary
    if head is None:
        return AUTHORS, "", []
    of = f"{phrases.endpoint(head)}, {phrases.population(head)}".removeprefix(", ")
    said = f"Primary analysis ({of}): {phrases.numbers(head)}. The power is to be stated."
    return PART, said, ["cox"]


def _statistics(study: Mapping[str, Any], joined: Joined) -> Answer:
    tools = dict.fromkeys(tool_name(s) for s in joined.having("test"))
    if not tools:
        return AUTHORS, "", []
    return RUN, f"{join_words(tools)}, with every parameter; samples with a missing variable are excluded from the " \
        "models that use it, and counted.", ["methods", "provenance"]  # fmt: skip


def _cut(study: Mapping[str, Any], joined: Joined) -> Answer:
    rows = [r for s in joined.of("cutpoint") for r in records(s.frame("cutpoint_table"))]
    if not rows:
        used = [f for f in joined.findings.of_marker() if f.identity.contrast == "continuous"]
        return (RUN, "The marker was used as a continuous variable only.", ["cox"]) if used else (AUTHORS, "", [])
    words = {"outcome_blind": "without looking at the outcome", "prespecified": "before the data were seen",
             "searched": "by a search in the outcome, corrected for it"}  # fmt: skip
    said = []
    for row in rows[:4]:
        policy = words.get(label(get(row, "policy")), label(get(row, "policy")))
        said.append(f"{label(get(row, 'marker'))}: {label(get(row, 'rule')) or 'cut'}, chosen {policy}; "
                    f"{cut_counts(row, joined.findings.declared)}")  # fmt: skip
    mine = [f.identity for f in joined.findings.every]
    continuous = list(dict.fromkeys(i.marker for i in mine if i.contrast == "continuous"))
    also = f"Also continuous: {join_words(continuous)}." if continuous else "No model takes the marker as continuous."
    return RUN, f"{'. '.join(dict.fromkeys(said))}. {also}", ["cut", "sensitivity"]


def _flow(study: Mapping[str, Any], joined: Joined) -> Answer:
    flows = collect_flows(joined)
    if not flows:
        return AUTHORS, "", []
    endpoint = main_endpoint(study, joined)
    with_it = [r for _, rows in flows for r in rows if label(get(r, "step")) == f"endpoint:{endpoint}"]
    n, events = (sum(as_number(get(r, k)) for r in with_it) for k in ("n", "events"))
    said = f"{plural(n, 'sample')} with {endpoint} and {plural(events, 'event')}." if with_it else ""
    return RUN, said, ["cohorts"]


def _distributions(study: Mapping[str, Any], joined: Joined) -> Answer:
    steps = [s for s in joined.of("associate") if s.frame("association_table") is not None]
    if not steps:
        return AUTHORS, "Make it with associate: counts, means and missing values of each variable by group.", []
    by_group = any(s.listed("group_column") for s in steps)
    found = list(dict.fromkeys(v for s in steps for v in s.listed("variable")))
    said = f"{join_words(found)}{', by group' * by_group}, with missing values."
    shown = {*found, *(v for s in steps for v in s.listed("group_column")), *joined.findings.markers}
    modelled = dict.fromkeys(v for s in joined.of("cox", "evaluate_model") for v in s.listed("covariate"))
    if lacking := [v for v in modelled if v not in shown]:
        return PART, f"{said} Not shown, though in a model: {join_words(lacking)}.", ["associations"]
    return RUN, said, ["associations"]


def _relations(study: Mapping[str, Any], joined: Joined) -> Answer:
    steps = [s for s in joined.of("associate") if s.frame("association_table") is not None
             and not s.parameters.get("all_samples")]  # fmt: skip
    if not steps:
        return AUTHORS, "Make it with associate.", []
    groups = join_words(dict.fromkeys(v for s in steps for v in s.listed("group_column")))
    numbers = join_words(dict.fromkeys(v for s in steps for n in ("gene", "score_column") for v in s.listed(n)))
    what = join_words(filter(None, [f"the groups of {groups}" if groups else "",
                                    f"{numbers} as a number" if numbers else ""]))  # fmt: skip
    return RUN, f"Tests with effect sizes, for {what}.", ["associations"]


def _alone(study: Mapping[str, Any], joined: Joined) -> Answer:
    effects = [f for f in joined.findings.of_marker() if not f.identity.adjusted_for]
    curves = [s for s in joined.of("kaplan_meier") if label(s.parameters.get("group_column")) in joined.findings.terms]
    if not effects and not curves:
        return AUTHORS, "", []
    missing = [] if effects else ["a hazard ratio"]
    missing += [] if curves else ["survival curves by group"]
    said = f"Lacking: {join_words(missing)}." if missing else "Hazard ratios with intervals, and Kaplan-Meier curves."
    return (PART if missing else RUN), said, ["survival", "cox", "summary"]


def _together(study: Mapping[str, Any], joined: Joined) -> Answer:
    effects = _adjusted(joined)
    if not effects:
        return AUTHORS, "No multivariable model contains the marker.", []
    head = joined.findings.primary
    ours = [f for f in effects if head and f.identity.question == head.identity.question]
    most = max(ours or effects, key=lambda f: len(f.identity.adjusted_for))
    models = [label(get(most.row, "model"))]
    lost = [r for r in records(most.step.frame("cox_table")) if label(get(r, "model")) in models
            and label(get(r, "estimable")) == "no"]  # fmt: skip
    rest = "; levels that cannot be estimated are marked so" if lost else ""
    of = phrases.setting(joined, most)
    names = f"{join_words(most.identity.adjusted_for)}{f' ({of})' if of else ''}"
    said = f"The marker adjusted for {names}; every variable with its interval{rest}."
    return RUN, said, ["cox"]


def _whole(study: Mapping[str, Any], joined: Joined) -> Answer:
    if any(f.step.parameters.get("entry") != "univariable" for f in _adjusted(joined)):
        return RUN, "All variables entered, regardless of their p-value.", ["cox"]
    if _adjusted(joined):
        return AUTHORS, "Only variables that were significant alone entered: run cox with entry all.", []
    return AUTHORS, "No model adjusts the marker for other variables: run cox with covariates.", []


def _adjusted(joined: Joined) -> list[Finding]:
    return [f for f in joined.findings.of_marker() if f.identity.adjusted_for]


def _checks(study: Mapping[str, Any], joined: Joined) -> Answer:
    made = checks(joined)
    places = ["sensitivity", "cox", "meta", "survival", "evaluation"]
    return (RUN, f"Done: {join_words(made)}.", places) if made else (AUTHORS, "", [])


def _limits(study: Mapping[str, Any], joined: Joined) -> Answer:
    said = study.get("limits")
    if not said:
        return AUTHORS, "", []
    count = len(said) if isinstance(said, list) else 1
    return PART, f"{plural(count, 'limit')} stated with the study; the discussion is to be written.", ["doubts"]


def _authors(said: str) -> Callable[[Mapping[str, Any], Joined], Answer]:
    return lambda study, joined: (AUTHORS, said, [])


_ANSWERS: tuple[Callable[[Mapping[str, Any], Joined], Answer], ...] = (
    _aims, _patients, _authors("Public data seldom say: cite the original studies."),
    _authors("Cite the original studies."), _assay, _design, _endpoints, _variables, _size, _statistics, _cut, _flow,
    _distributions, _relations, _alone, _together, _whole, _checks, _limits, _authors(""),
)  # fmt: skip

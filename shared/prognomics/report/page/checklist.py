"""REMARK's twenty items: what the run answers, and what the authors must write.

The items are those of `remark_items`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from prognomics.report.page import cells
from prognomics.report.page.blocks import Section, endpoint_words, subset_label, tool_name
from prognomics.report.page.cells import Cell, get, label, records, view
from prognomics.report.page.cut_counts import cut_counts
from prognomics.report.page.diagram import flows_of, is_endpoint, main_endpoint
from prognomics.report.page.effects import marker_effects, marker_terms
from prognomics.report.page.joining import Joined, Step
from prognomics.report.page.remark_items import ITEMS, PLACES
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
TESTING = ("compare_groups", "associate", "kaplan_meier", "cox", "screen", "meta_analysis", "evaluate_model")
Answer = tuple[str, str, Sequence[str]]  # status, what the run says, sections where it stands


def remark_section(study: Mapping[str, Any], joined: Joined, present: set[str]) -> Section:
    """The checklist; `present` are the ids of the sections that the page has."""
    section = Section("remark", "REMARK checklist")
    section.say(
        "The twenty items of the reporting recommendations for tumour marker prognostic studies (REMARK). What the run "
        "knows is filled in; what only the authors know is marked as theirs."
    )
    body, answers = [], remark_answers(study, joined)
    for (number, part, item), (status, said, where) in zip(ITEMS, answers, strict=True):
        places = [place for place in where if place in present]
        links = [(place, PLACES.get(place, place)) for place in places]
        texts = (part, item, status, said or ABSENT)
        body.append([Cell(number, kind="head"), *map(Cell, texts), Cell("", links=links)])
    counts = {status: sum(a[0] == status for a in answers) for status in (RUN, PART, AUTHORS)}
    shares = f"{counts[RUN]} are answered here, {counts[PART]} in part, and {counts[AUTHORS]} are the authors' to write"
    section.say(f"Of the 20 items {shares}.")
    heads = ["Item", "Part", "Asks for", "Answered", "What the run says", "Where"]
    section.show(view("REMARK, item by item.", heads, body))
    return section


def remark_answers(study: Mapping[str, Any], joined: Joined) -> list[Answer]:
    """(status, text, sections) for each of the twenty items, in their order."""
    return [answer(study, joined) for answer in _ANSWERS]


def _aims(study: Mapping[str, Any], joined: Joined) -> Answer:
    marker, question = clean_text(study.get("marker")), clean_text(study.get("question"))
    if not question:
        return AUTHORS, f"Marker: {join_words(marker_terms(study, joined))}." if marker_terms(study, joined) else "", []
    said = f"Marker: {marker}. " if marker else ""
    return PART, f"{said}Question: {question} Hypotheses fixed beforehand: to state.", ["summary"]


def _patients(study: Mapping[str, Any], joined: Joined) -> Answer:
    flows = flows_of(joined)
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
            if whole and get(row, "statistic") == "followup_reverse_km":
                months = format_number(get(row, "estimate"))
                said = f"Existing data, reused. Median follow-up {months} months (reversed Kaplan-Meier)."
                return PART, said + " Period of inclusion and end of follow-up: to state.", ["survival"]
    return AUTHORS, "", []


def _endpoints(study: Mapping[str, Any], joined: Joined) -> Answer:
    declared = study.get("endpoint")
    if isinstance(declared, dict) and declared.get("definition"):
        return RUN, f"{clean_text(declared.get('name'))}: {clean_text(declared['definition'])}", ["cohorts"]
    names = list(dict.fromkeys(filter(None, map(endpoint_words, joined.steps))))
    return (PART, f"Analysed: {join_words(names)}; its definition is to be stated.", []) if names else (AUTHORS, "", [])


def variables_of(step: Step) -> list[str]:
    """The variables of a step's model, the marker too."""
    return [v for name in ("gene", "covariate", "marker_column") for v in step.listed(name)]


def considered_variables(joined: Joined) -> list[str]:
    """Every variable that a model or a test took, the marker too."""
    names = ("gene", "covariate", "variable", "score_column", "marker_column", "group_column")
    return list(dict.fromkeys(v for s in joined.of(*TESTING) for name in names for v in s.listed(name)))


def _variables(study: Mapping[str, Any], joined: Joined) -> Answer:
    found = considered_variables(joined)
    if not found:
        return AUTHORS, "", []
    return PART, f"{join_words(found)}. Others that were looked at outside this run: to state.", ["associations", "cox"]


def _size(study: Mapping[str, Any], joined: Joined) -> Answer:
    effects = [e for e in marker_effects(joined, marker_terms(study, joined)) if e.scope != "per_cohort"]
    most = max((as_number(get(e.row, "events")) for e in effects), default=float("nan"))
    if is_absent(most):
        return AUTHORS, "", []
    subsets = list(dict.fromkeys(filter(None, (subset_label(e.step) for e in effects))))
    used = f"Models of {'; '.join(subsets)}" if subsets else "All samples with the endpoint were used"
    said = f"{used}; {plural(most, 'event')} in the largest model. Its power: to state."
    return PART, said, ["cox"]


def _statistics(study: Mapping[str, Any], joined: Joined) -> Answer:
    tools = dict.fromkeys(tool_name(s) for s in joined.of(*TESTING))
    if not tools:
        return AUTHORS, "", []
    return RUN, f"{join_words(tools)}, with every parameter; samples that lack a variable of a model are left out of " \
        "that model and counted.", ["methods", "provenance"]  # fmt: skip


def _cut(study: Mapping[str, Any], joined: Joined) -> Answer:
    rows = [r for s in joined.of("cutpoint") for r in records(s.frame("cutpoint_table"))]
    if not rows:
        used = [e for e in marker_effects(joined, marker_terms(study, joined)) if not e.level]
        return (RUN, "The marker was used as a continuous variable only.", ["cox"]) if used else (AUTHORS, "", [])
    words = {"outcome_blind": "without looking at the outcome", "prespecified": "before the data were seen",
             "searched": "by a search in the outcome, corrected for it"}  # fmt: skip
    said = []
    for row in rows[:4]:
        policy = words.get(label(get(row, "policy")), label(get(row, "policy")))
        said.append(f"{label(get(row, 'marker'))}: {label(get(row, 'rule')) or 'cut'}, chosen {policy}; "
                    f"{cut_counts(row)}")  # fmt: skip
    continuous = any(not e.level for e in marker_effects(joined, marker_terms(study, joined)))
    beside = "The continuous marker stands beside it." if continuous else "No model here takes the marker as a number."
    return RUN, f"{'. '.join(dict.fromkeys(said))}. {beside}", ["cut", "sensitivity"]


def _flow(study: Mapping[str, Any], joined: Joined) -> Answer:
    flows = flows_of(joined)
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
    found = list(dict.fromkeys(v for s in steps for v in s.listed("variable")))
    said = f"{join_words(found)}, by group, with missing values."
    shown = {*found, *(v for s in steps for v in s.listed("group_column")), *marker_terms(study, joined)}
    modelled = dict.fromkeys(v for s in joined.of("cox", "evaluate_model") for v in s.listed("covariate"))
    if lacking := [v for v in modelled if v not in shown]:
        return PART, f"{said} Not shown, though in a model: {join_words(lacking)}.", ["associations"]
    return RUN, said, ["associations"]


def _relations(study: Mapping[str, Any], joined: Joined) -> Answer:
    steps = [s for s in joined.of("associate") if s.frame("association_table") is not None]
    if not steps:
        return AUTHORS, "Make it with associate.", []
    groups = join_words(dict.fromkeys(v for s in steps for v in s.listed("group_column")))
    numbers = join_words(dict.fromkeys(v for s in steps for n in ("gene", "score_column") for v in s.listed(n)))
    what = join_words(filter(None, [f"the groups of {groups}" if groups else "",
                                    f"{numbers} as a number" if numbers else ""]))  # fmt: skip
    return RUN, f"Tests with effect sizes, for {what}.", ["associations"]


def _alone(study: Mapping[str, Any], joined: Joined) -> Answer:
    effects = [e for e in marker_effects(joined, marker_terms(study, joined)) if not e.beside]
    curves = [s for s in joined.of("kaplan_meier") if s.parameters.get("group_column")]
    if not effects and not curves:
        return AUTHORS, "", []
    missing = [] if effects else ["a hazard ratio"]
    missing += [] if curves else ["survival curves by group"]
    said = f"Lacking: {join_words(missing)}." if missing else "Hazard ratios with intervals, and Kaplan-Meier curves."
    return (PART if missing else RUN), said, ["survival", "cox", "summary"]


def _together(study: Mapping[str, Any], joined: Joined) -> Answer:
    effects = [e for e in marker_effects(joined, marker_terms(study, joined)) if e.beside]
    if not effects:
        return AUTHORS, "No multivariable model holds the marker.", []
    most = max(effects, key=lambda e: len(e.beside))
    models = [label(get(most.row, "model"))]
    lost = [r for r in records(most.step.frame("cox_table")) if label(get(r, "model")) in models
            and label(get(r, "estimable")) == "no"]  # fmt: skip
    rest = "; levels that cannot be estimated are marked so" if lost else ""
    said = f"The marker beside {join_words(most.beside)}; every variable with its interval{rest}."
    return RUN, said, ["cox"]


def _whole(study: Mapping[str, Any], joined: Joined) -> Answer:
    effects = [e for e in marker_effects(joined, marker_terms(study, joined))
               if e.beside and e.step.parameters.get("entry") != "univariable"]  # fmt: skip
    if effects:
        return RUN, "All variables entered, whatever their p-value.", ["cox"]
    if any(e.beside for e in marker_effects(joined, marker_terms(study, joined))):
        return AUTHORS, "Only variables that were significant alone entered: run cox with entry all.", []
    return AUTHORS, "No model here holds the marker beside other variables: run cox with covariates.", []


def _checks(study: Mapping[str, Any], joined: Joined) -> Answer:
    made = []
    if any(s.frame("cox_ph") is not None for s in joined.of("cox")):
        made.append("proportional hazards")
    pooled = {label(get(r, "row_type")) for s in joined.of("meta_analysis") for r in records(s.frame("meta_table"))}
    made += ["meta-analysis"] if pooled else []
    made += ["each cohort left out in turn"] if "leave_out" in pooled else []
    if {s.scope for s in joined.of("cox", "kaplan_meier")} >= {"stratified", "unstratified"}:
        made.append("stratified against unstratified")
    if any(s.scope == "per_cohort" for s in joined.of("cox")):
        made.append("each cohort alone")
    if any(not is_absent(s.parameters.get("landmark")) for s in joined.of("kaplan_meier")):
        made.append("a landmark")
    if any(s.listed("spline") for s in joined.of("cox")):
        made.append("the marker's or a variable's effect as a curve")
    if joined.of("evaluate_model"):
        made.append("discrimination and calibration of a model, by internal validation" if validated(joined)
                    else "discrimination and calibration of a model")  # fmt: skip
    places = ["sensitivity", "cox", "meta", "survival", "evaluation"]
    return (RUN, f"Done: {join_words(made)}.", places) if made else (AUTHORS, "", [])


def validated(joined: Joined) -> bool:
    """Whether a model was judged on other data than its own: bootstrap samples or cohorts left out."""
    rows = [r for s in joined.of("evaluate_model") for r in records(s.frame("evaluation_table"))]
    left = any(label(get(r, "validation")) == "leave_one_cohort_out" for r in rows)
    return left or any(not is_absent(get(r, "corrected")) for r in rows)


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

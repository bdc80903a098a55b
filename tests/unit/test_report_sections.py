"""What the report adds to the tools' results: pictures of the samples, the overview of estimates, REMARK."""

import pandas as pd
import pytest
from test_report import STUDY, Outline, example, record, sha

from prognomics.data.store import ResultTable
from prognomics.report.figures.flow_drawing import draw_flow
from prognomics.report.page import build_report
from prognomics.report.page.checklist import ITEMS, remark_answers
from prognomics.report.page.diagram import cohort_rows, flow_alt, flow_boxes
from prognomics.report.page.sensitivity import estimates
from prognomics.report.results.joining import join
from prognomics.warning_codes import warning_codes

FLOW = ("raw", "rows of the raw sheet"), ("exclude", "not a primary tumour"), ("curated", "rows of the curated sheet")


def flow(n, events, dropped=0):
    rows = [(*FLOW[0], n + dropped, events, 0), (*FLOW[1], n, events, dropped), (*FLOW[2], n, events, 0)]
    rows.append(("endpoint:os", "death", n - 4, events, 0))
    return pd.DataFrame(rows, columns=["step", "rule", "n", "events", "n_dropped"]).assign(dropped_ids="")


def curated(cohorts):
    """Records and flow tables of cohorts, given as name to n, events, dropped."""
    records, tables = [], []
    for name, numbers in cohorts.items():
        records.append(record("curate_samples", {"flow": sha(name)}, cohort=name))
        tables.append(ResultTable(sha(name), "flow.tsv", flow(*numbers)))
    return records, tables


def joined_with(cohorts):
    records, tables, plots = example()
    more, flows = curated(cohorts)
    return join(STUDY, records + more, tables + flows, plots)


def test_boxes_of_the_flow_count_samples_and_events():
    boxes = flow_boxes(STUDY, joined_with({"gse1992": (124, 35, 6), "gse3143": (158, 50, 0)}))
    assert [b["label"] for b in boxes[:2]] == ["gse1992, Title of gse1992", "Curated"]
    assert [b["n"] for b in boxes[:2]] == [130, 124] and boxes[1]["left_out"] == "Excluded: 6 not a primary tumour"
    whole = next(b for b in boxes if b["part"] == "trunk")
    assert (whole["label"], whole["n"], whole["events"]) == ("With the endpoint os", 274, 85)
    assert whole["left_out"] == "Without it: 8"
    leaves = [b["label"] for b in boxes if b["part"] == "leaf"]
    assert "Primary analysis: Cox model of XPO1_group" in leaves and len(leaves) <= 4
    assert "gse1992, Curated: n = 124, 35 events (Excluded: 6 not a primary tumour)" in flow_alt(boxes)


def test_many_cohorts_flow_in_one_lane():
    boxes = flow_boxes(STUDY, joined_with({f"c{i}": (100, 20, i) for i in range(15)}))
    assert [b["label"] for b in boxes[:2]] == ["15 cohorts, in the sources", "Curated"]
    assert (boxes[0]["n"], boxes[1]["n"]) == (1605, 1500) and "105 not a primary tumour" in boxes[1]["left_out"]


def test_cohorts_at_a_glance_and_their_flow_are_the_same_twice():
    joined = joined_with({"a": (10_000, 1, 0), "b": (40, 0, 3)})
    first, second = (draw_flow(flow_boxes(STUDY, joined)).to_bytes("svg") for _ in range(2))
    assert first == second and b"NaN" not in first and b"10,000" in first
    assert [(r["cohort"], r["n"], r["events"]) for r in cohort_rows(STUDY, joined)] == [("a", 10_000, 1), ("b", 40, 0)]


def test_all_estimates_side_by_side():
    rows = estimates(STUDY, join(STUDY, *example()))
    part = [r for r in rows if r["heading"] == "XPO1_group, high vs low" and r["kind"] != "heading"]
    assert {r["scope"] for r in part} == {"stratified", "unstratified", "per_cohort"}
    assert any(r["scope"] == "random" for r in rows) and any(r["scope"] == "leave_out" for r in rows)
    text = Outline(build_report(STUDY, *example())).text
    assert "Sensitivity analyses" in text and "above 1 in 2 of 3 cohorts" in text
    assert "the stratified (1.62) and the unstratified model (2.40) lead to the same conclusion" in text


def test_remark_answers_all_twenty_items():
    assert [number for number, *_ in ITEMS] == [str(i) for i in range(1, 21)]
    nothing = remark_answers({}, join({}, [], [], []))
    assert len(nothing) == 20 and all(status == "the authors' to write" for status, *_ in nothing)
    answers = remark_answers(STUDY, join(STUDY, *example()))
    found = {number: answer for (number, *_), answer in zip(ITEMS, answers, strict=True)}
    assert found["7"] == ("in this report", "os: death from any cause.", ["cohorts"])
    assert found["16"][0] == found["17"][0] == "in this report" and "grade, age_years and er_status" in found["16"][1]
    assert found["3"][0] == found["20"][0] == "the authors' to write"
    assert found["12"][0] == "the authors' to write"  # no flow table here
    links = Outline(build_report(STUDY, *example())).links
    assert "#cox" in links and "#sensitivity" in links


def test_the_profile_lists_every_analysis():
    page = build_report(STUDY, *example())
    text = Outline(page).text
    assert "REMARK profile" in text and "A1. Survival curves" in text
    steps = [r for r in example()[0] if r["tool"] in ("kaplan_meier", "cox", "meta_analysis")]
    assert f"A{len(steps)}. " in text and f"A{len(steps) + 1}. " not in text


def evaluated():
    """The example, with tools that have no layout of their own: one of the suite, one that nobody knows."""
    records, tables, plots = example()
    table = pd.DataFrame([{"model": "marker", "metric": "harrell_c", "time_months": 24, "estimate": 0.61}])
    long = pd.DataFrame({"gene_id": [f"G{i}" for i in range(900)], "p_value": 0.01})
    for tool, kind, frame in (("evaluate_model", "evaluation_table", table), ("screen", "screen_table", long),
                              ("weigh_things", "weights_of_things", table.assign(estimate=7.25))):  # fmt: skip
        key = sha(tool)
        records.append(record(tool, {kind: key}, endpoint="os", covariate=["x"]))
        tables.append(ResultTable(key, "t.tsv", frame))
    return records, tables, plots


def test_tools_without_a_layout_have_sections_all_the_same():
    text = Outline(build_report(STUDY, *evaluated())).text
    assert "Model performance" in text and "Harrell's C" in text
    assert "The first 20 of 900 rows" in text and "G25" not in text
    assert "Weigh things" in text and "Weights of things" in text and "7.25" in text


def test_tripod_where_a_model_is_offered():
    assert "TRIPOD" not in Outline(build_report(STUDY, *example())).text
    text = Outline(build_report(STUDY, *evaluated())).text
    assert "the 27 items of TRIPOD+AI" in text and "funding and the role of funders" in text


def test_methods_name_their_references():
    text = Outline(build_report(STUDY, *example())).text
    assert "J Am Stat Assoc 1958. doi:10.1080/01621459.1958.10501452 (the estimator)" in text


def test_a_further_plot_is_named_by_its_output():
    from prognomics.data.store import Picture

    records, tables, plots = example()
    records[0]["outputs"].append({"option": "out_residual_plot", "artefact": "plot", "sha256": sha("residuals")})
    plots.append(Picture(sha("residuals"), "r.svg", "svg", b"<svg/>"))
    assert "Residual plot of Kaplan-Meier of XPO1_group" in Outline(build_report(STUDY, records, tables, plots)).text


def test_the_answer_comes_first_in_plain_words():
    text = Outline(build_report(STUDY, *example())).text
    assert text.index("Result.") < text.index("In numbers") < text.index("XPO1_group, high vs low, unadjusted, strat")
    higher = "Higher hazard of death (overall survival) in the high group of XPO1_group than in the low group"
    assert f"{higher}: HR 1.62 (95% CI 1.12 to 2.35), p = 0.011; 397 samples, 123 events." in text
    assert "397 samples with 123 events; no patient with two samples was found" in text
    assert "2 of 3 cohorts agree in direction for overall survival, 1 with an interval that excludes 1" in text
    assert "Adjusted for. grade, age_years and er_status (overall survival): HR " in text
    assert "Caveats and warnings. 1 limitation stated in the study file; warnings about " in text


@pytest.mark.parametrize("code", [c for c, entry in warning_codes().items() if entry.theme == "patients"])
def test_samples_of_one_patient_are_named_whatever_tool_found_them(code):
    records, tables, plots = example()
    records.append(record("quality_control", {}, warnings=[(code, "of S1 and S2")]))
    text = Outline(build_report(STUDY, records, tables, plots)).text
    assert "123 events; some may be of one patient, see the warnings" in text
    assert warning_codes()[code].action in text and warning_codes()[code].title in text


def test_samples_that_were_chosen_by_patient_are_named():
    for code, words in (("one-sample-per-patient", "one sample per patient"),
                        ("duplicated-patients", "some are of one patient, see the notes")):  # fmt: skip
        records, tables, plots = example()
        for each in records:
            each["notes"] = [{"code": code, "text": "of S1 and S2"}]
        assert f"123 events; {words}" in Outline(build_report(STUDY, records, tables, plots)).text


def test_every_citation_has_its_reference_and_is_given_where_it_was_used():
    from prognomics.report.page.declared import collect_citations, references
    from prognomics.spec.loader import load_tool, tool_names

    cited = {c["doi"] for name in tool_names() for c in load_tool(name).citations if "doi" in c}
    assert not cited - set(references())
    plain, curved = (join({}, [record("cox", {}, **more)], [], []).steps for more in ({}, {"spline": ["age_years"]}))
    of = [[reason for _, reasons in collect_citations(steps) for reason in reasons] for steps in (plain, curved)]
    assert "splines" not in of[0] and "splines" in of[1] and "ties" in of[0]

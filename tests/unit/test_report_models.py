"""Screens, evaluated models, landmarks, differences of means and splines as the report shows them."""

import pandas as pd
import pytest
from test_report import STUDY, Outline, example, record, sha

from prognomics.data.store import ResultTable
from prognomics.report.page import build_report
from prognomics.report.page.checklist import remark_answers
from prognomics.report.page.cox import cox_section
from prognomics.report.page.evaluation import evaluation_section
from prognomics.report.page.further import further_sections
from prognomics.report.page.methods_survival import competing_sentences
from prognomics.report.page.profile import profile_section
from prognomics.report.page.remark_items import ITEMS
from prognomics.report.page.screening import screen_section
from prognomics.report.page.sections import other_section
from prognomics.report.page.survival import mean_difference_view
from prognomics.report.page.tripod import tripod_section
from prognomics.report.results.joining import join


def one_step(tool, frames, **parameters):
    """A joined study of one step with its tables, given as artifact to frame."""
    keys = {kind: sha(f"{tool} {kind}") for kind in frames}
    tables = [ResultTable(keys[kind], f"{kind}.tsv", frame) for kind, frame in frames.items()]
    return join(STUDY, [record(tool, keys, **parameters)], tables, [])


def tables_of(section):
    return [block.table for block in section.blocks if block.kind == "table"]


def items_of(section):
    return [" ".join(filter(None, item)) for block in section.blocks for item in block.items]


def screened(n=100):
    p_value = [i / n for i in range(n, 0, -1)]
    frame = {"gene_id": [f"G{i}" for i in range(n - 1)] + ["XPO1"], "n": 80, "events": 30, "hr": 1.5, "ci_low": 1.1,
             "ci_high": 2.0, "p_value": p_value, "q_value": p_value, "p_ph": 0.4, "flag": None}  # fmt: skip
    return pd.DataFrame(frame)


def test_a_screen_says_where_the_marker_stands():
    joined = one_step("screen", {"screen_table": screened()}, method="cox", endpoint="os")
    section = screen_section({"marker": "XPO1"}, joined)
    assert items_of(section) == [
        "Of 100 genes, 4 have a false discovery rate (q) below 0.05.",
        "XPO1 Rank 1 of 100: hazard ratio 1.50 (1.10–2.00), p = 0.010, q = 0.010.",
    ]
    first, *_ = tables_of(section)[0].rows  # without a table of the top genes, sorted by p
    assert first[0].text == "XPO1" and len(tables_of(section)[0].rows) == 20


def test_the_top_genes_of_a_screen_have_n_and_events():
    top = pd.DataFrame({"rank": [1], "gene_id": ["XPO1"], "hr": [1.5], "ci_low": [1.1], "ci_high": [2.0],
                        "p_value": [0.01], "q_value": [0.01], "in_top": [0.8]})  # fmt: skip
    joined = one_step("screen", {"screen_table": screened(), "screen_top": top}, method="maxstat")
    (table,) = tables_of(screen_section({}, joined))
    assert [c.text for c in table.rows[0][:4]] == ["XPO1", "80", "30", "1.50 (1.10–2.00)"]
    assert "in top" in table.heads and "100 genes are in the file and in the workbook." in table.notes


def measure(model, metric, estimate, validation="apparent", cohort=None, **more):
    return {"model": model, "metric": metric, "time_months": None, "estimate": estimate, "ci_low": estimate - 0.1,
            "ci_high": estimate + 0.1, "corrected": estimate - 0.02 if cohort is None else None, "n": 90, "events": 40,
            "validation": validation, "cohort": cohort, "p_value": None, "n_missing": 7, **more}  # fmt: skip


def test_measures_of_models_stand_side_by_side():
    gain = "covariates+marker minus covariates"
    rows = [measure("covariates", "harrell_c", 0.65), measure("covariates+marker", "harrell_c", 0.67),
            measure(gain, "harrell_c", 0.02), measure(gain, "likelihood_ratio", 1.6, p_value=0.21),
            measure("covariates", "harrell_c", 0.6, "leave_one_cohort_out", "a")]  # fmt: skip
    section = evaluation_section(one_step("evaluate_model", {"evaluation_table": pd.DataFrame(rows)}, gene="XPO1"))
    measures, cohorts = tables_of(section)
    assert [g for g, _ in measures.groups] == ["", "Covariates", "Covariates and marker", "What the marker adds"]
    assert [c.text for c in measures.rows[0][:3]] == ["Harrell's C", "0.650 (0.550 to 0.750)", "0.630"]
    assert measures.notes == ["n = 90, 40 events; 7 samples with a missing value are excluded. Corrected: for the "
                              "optimism of judging a model on its own data, by bootstrap."]  # fmt: skip
    assert [c.text for c in cohorts.rows[0]] == ["Covariates", "a", "90", "40", "0.600 (0.500 to 0.700)"]
    assert "0.650 and 0.670 (corrected for optimism 0.630 and 0.650); likelihood-ratio test p = 0.21" in \
        items_of(section)[0]  # fmt: skip


def test_a_difference_of_means_shows_its_estimate():
    row = {"test": "rmst_difference", "strata": "cohort", "comparison": "low vs high", "n": 90, "events": 40,
           "time_months": 60.0, "estimate": -4.2, "ci_low": -8.0, "ci_high": -0.4, "p_value": 0.03}  # fmt: skip
    table = mean_difference_view([row], "T")
    assert table.rows[0][0].text == "high minus low, within strata of cohort"
    assert [c.text for c in table.rows[0][1:]] == ["90", "40", "60", "−4.20 (−8 to −0.400)", "0.030"]
    records, tables, plots = example()
    step = next(r for r in records if r["tool"] == "kaplan_meier")
    key = next(f["sha256"] for f in step["outputs"] if f["artefact"] == "km_test")
    tables = [t if t.sha256 != key else ResultTable(key, t.name, pd.concat([t.frame, pd.DataFrame([row])]))
              for t in tables]  # fmt: skip
    text = Outline(build_report(STUDY, records, tables, plots)).text
    assert "Differences of restricted mean survival by XPO1_group" in text and "−4.20 (−8 to −0.400)" in text


def test_a_landmark_is_an_analysis_of_its_own():
    records, tables, plots = example()
    first = next(r for r in records if r["tool"] == "kaplan_meier")
    records.append({**first, "parameters": {**first["parameters"], "landmark": 12}})
    text = Outline(build_report(STUDY, records, tables, plots)).text
    assert "By XPO1_group, overall survival, from a landmark at 12 months, those then at risk" in text
    tests = text[text.index("Log-rank test by XPO1_group") :]
    assert tests[: tests.index("By cohort")].count("(stratified by cohort)") == 1  # the answer leaves it out


def test_parts_of_a_spline_are_no_results_of_the_profile():
    base = {"model": "multivariable", "term": "XPO1", "n": 90, "events": 40, "hr": 0.01, "ci_low": 1e-7, "ci_high": 9e5}
    parts = [{**base, "row_type": "level", "unit": "spline basis", "p_value": 0.43},
             {**base, "row_type": "omnibus", "level": None, "hr": None, "p_value": 0.15},
             {**base, "row_type": "omnibus", "level": "nonlinear", "hr": None, "p_value": 0.73}]  # fmt: skip
    joined = one_step("cox", {"cox_table": pd.DataFrame(parts)}, gene=["XPO1"], endpoint="os")
    *_, analyses = tables_of(profile_section({"marker": "XPO1"}, joined))
    said = [cell.text for cell in analyses.rows[0]]
    assert "multivariable, all its terms: p = 0.15" in said and not any("HR" in text for text in said)


def answers(study, joined):
    return dict(zip((number for number, *_ in ITEMS), remark_answers(study, joined), strict=True))


def hazards(model="univariable", terms=("XPO1_group",)):
    rows = [{"model": model, "row_type": "level", "term": term, "level": "high" if term == terms[0] else None,
             "reference": "low", "n": 90, "events": 40, "hr": 1.4, "ci_low": 1.1, "ci_high": 1.8, "p_value": 0.01}
            for term in terms]  # fmt: skip
    return pd.DataFrame(rows)


def test_remark_claims_no_model_that_was_not_made():
    found = answers({}, one_step("cox", {"cox_table": hazards()}, covariate=["XPO1_group"], endpoint="os"))
    assert found["16"][0] == found["17"][0] == "the authors' to write"
    assert "No model adjusts the marker for other variables" in found["17"][1]
    assert found["18"][0] == "the authors' to write"  # one cohort, no test of proportional hazards
    table = hazards("multivariable", ("XPO1_group", "age_years"))
    several = one_step("cox", {"cox_table": table}, covariate=["XPO1_group", "age_years"], endpoint="os")
    assert answers({}, several)["17"] == (
        "in this report",
        "All variables entered, regardless of their p-value.",
        ["cox"],
    )
    said = "The marker adjusted for age_years (overall survival); every variable with its interval."
    assert answers({}, several)["16"][1] == said


def test_remark_says_what_lies_beside_the_cut():
    cut = pd.DataFrame([{"marker": "XPO1", "policy": "outcome_blind", "rule": "median", "n_high": 45, "n_low": 45}])
    alone = one_step("cutpoint", {"cutpoint_table": cut}, gene="XPO1", name="XPO1_group")
    assert answers({}, alone)["11"][1].endswith("No model takes the marker as continuous.")


def test_remark_names_variables_whose_distribution_is_not_shown():
    keys = {"association_table": sha("a"), "cox_table": sha("c")}
    records = [
               record("associate", {"association_table": keys["association_table"]}, group_column="XPO1_group",
                      variable=["age_years"]),
               record("cox", {"cox_table": keys["cox_table"]}, covariate=["XPO1_group", "age_years", "grade"]),
    ]  # fmt: skip
    tables = [ResultTable(keys["association_table"], "a.tsv", pd.DataFrame({"variable": ["age_years"]})),
              ResultTable(keys["cox_table"], "c.tsv", hazards())]  # fmt: skip
    status, said, _ = answers({"marker": "XPO1"}, join({}, records, tables, []))["13"]
    assert status.startswith("in part") and said.endswith("Not shown, though in a model: grade.")


ITEMS_OF_TRIPOD = [str(n) for n in range(1, 28)]


def tripod(joined, present=()):
    (table,) = tables_of(tripod_section({}, joined, set(present)))
    return {row[0].text: [cell.text for cell in row] for row in table.rows}


def test_tripod_claims_only_what_the_run_holds():
    only = one_step("evaluate_model", {"evaluation_table": pd.DataFrame([measure("marker", "harrell_c", 0.6)])},
                    gene="XPO1", covariate=["age_years"])  # fmt: skip
    rows = tripod(only, {"evaluation", "methods", "provenance", "messages"})
    assert list(dict.fromkeys(number.rstrip("abcdefg") for number in rows)) == ITEMS_OF_TRIPOD
    assert rows["22"][3] == "the authors' to write" and "--out-nomogram" in rows["22"][4]
    assert rows["12a"][4].startswith("The same samples, resampled by bootstrap")
    assert rows["12e"][3:5] == ["in this report", "Harrell's C."]
    assert rows["23b"][3] == "the authors' to write" and "not estimated by cohort" in rows["23b"][4]
    for number in ("14", "17", "18a", "18d", "19", "25", "27b"):
        assert rows[number][3] == "the authors' to write"


def test_tripod_is_not_answered_by_what_the_page_does_not_show():
    only = one_step("evaluate_model", {"evaluation_table": pd.DataFrame([measure("marker", "harrell_c", 0.6)])},
                    gene="XPO1", covariate=["age_years"])  # fmt: skip
    rows = tripod(only)
    assert {row[3] for number, row in rows.items() if number in ("11", "12a", "12e", "21")} == {"the authors' to write"}


def test_tripod_of_a_locked_model_and_of_a_learned_signature():
    table = pd.DataFrame([{"model": "signature", "held_out": c, "n": 50, "events": 20, "statistic": "c_harrell",
                           "estimate": 0.6, "ci_low": 0.5, "ci_high": 0.7} for c in ("alpha", "beta")])  # fmt: skip
    learned = one_step("learn_signature", {"signature_validation": table}, name="s", endpoint="os")
    learned.steps[0].record["outputs"].append({"option": "out_fitted", "artefact": "model", "sha256": sha("model")})
    rows = tripod(learned, {"signatures", "derivations", "methods", "provenance", "messages"})
    assert rows["12a"][4] == "The signature was derived without alpha and beta, and evaluated there."
    assert rows["22"][3] == "in this report" and rows["23b"][4] == "By 2 cohorts or parts."
    assert rows["23a"][3].startswith("in part") and "Harrell's C, with intervals" in rows["23a"][4]
    assert rows["21"][4].startswith("50 samples with 20 events")


def test_cohorts_are_named_by_what_was_merged():
    """Without a study file and a fetching step, as in Galaxy: matrices go with the sheets they were merged with."""

    def of(tool, inputs, outputs, **parameters):
        made = record(tool, {}, **parameters)
        files = ([{"option": k, "artefact": k, "sha256": sha(name)} for k, name in side] for side in (inputs, outputs))
        return {**made, "inputs": next(files), "outputs": next(files)}

    genes = [of("map_genes", [("expression_matrix", f"raw {c}")], [("expression_matrix", f"m {c}")]) for c in "ab"]
    curate = [of("curate_samples", [("raw_samples", f"clinical {c}")], [("sample_sheet", f"s {c}")]) for c in "ab"]
    merged = of("merge_cohorts", [*(("expression_matrix", f"m {c}") for c in "ab"),
                                  *(("sample_sheet", f"s {c}") for c in "ab")],
                [("merge_report", "report")])  # fmt: skip
    report = ResultTable(sha("report"), "r.tsv", pd.DataFrame({"cohort": ["alpha", "beta", "all"], "n_samples": 1}))
    for given in ([*genes, *curate, merged], [merged, *curate, *genes][::-1]):
        named = {s.record["inputs"][0]["sha256"]: s.source for s in join({}, given, [report], []).of("map_genes")}
        assert named == {sha("raw a"): "alpha", sha("raw b"): "beta"}
    unnamed = join({}, [*genes, merged], [], []).of("map_genes")
    assert {s.source for s in unnamed} == {"step 1", "step 2"}
    named = [{**curate[0], "parameters": {"cohort": "one"}}, {**curate[1], "parameters": {"cohort": "two"}}]
    assert {s.source for s in join({}, [*genes, *named, merged], [], []).of("map_genes")} == {"one", "two"}


def test_what_a_marker_adds_stands_with_the_models():
    added = pd.DataFrame([{"marker": "XPO1_group", "standard": "age_years + stage", "n": 90, "events": 40, "lr": 4.2,
                           "df": 1, "p_lr": 0.04, "concordance_standard": 0.6, "concordance": 0.63,
                           "aic_standard": 300.2, "aic": 298.0}])  # fmt: skip
    frames = {"cox_table": hazards("multivariable", ("XPO1_group", "age_years", "stage")), "cox_added": added,
              "cox_coefficients": pd.DataFrame({"term": ["age_years"], "beta": [0.02]})}  # fmt: skip
    joined = one_step("cox", frames, covariate=["XPO1_group", "age_years", "stage"], endpoint="os")
    tables = tables_of(cox_section(joined))
    shown = next(t for t in tables if t.caption.startswith("What the marker adds"))
    assert [c.text for c in shown.rows[0][1:]] == [
        "XPO1_group adjusted for age_years and stage", "90", "40", "4.20", "1", "0.040", "0.600 and 0.630",
        "300.20 and 298",
    ]  # fmt: skip
    assert "Coefficients" in tables[-1].caption and other_section(joined) is None


def test_combinations_of_markers_stand_with_the_models():
    row = {"standard": "age_years", "n": 90, "events": 40, "lr": 4.2, "df": 1, "p_lr": 0.04, "concordance": 0.63,
           "aic": 298.5}  # fmt: skip
    combined = pd.DataFrame([
        {"markers": "XPO1_group", "others": "stage", "lr_others": 6.5, "p_others": 0.011, **row},
        {"markers": "XPO1_group + stage", "others": None, "lr_others": float("nan"), "p_others": float("nan"), **row},
    ])  # fmt: skip
    frames = {"cox_table": hazards("multivariable", ("XPO1_group", "age_years", "stage")), "cox_combinations": combined}
    joined = one_step("cox", frames, covariate=["XPO1_group", "age_years", "stage"], endpoint="os")
    shown = next(t for t in tables_of(cox_section(joined)) if t.caption.startswith("Each marker, each pair"))
    assert [c.text for c in shown.rows[0][1:]] == [
        "XPO1_group", "90", "40", "4.20", "1", "0.040", "stage", "6.50", "0.011", "0.630", "298.50",
    ]  # fmt: skip
    assert [c.text for c in shown.rows[1][1:]][0] == "XPO1_group and stage"
    assert other_section(joined) is None


def test_competing_risks_have_a_section_and_sentences():
    incidence = pd.DataFrame({"group": ["all"], "cause": ["event"], "time_months": [60.0], "n": [90], "events": [30],
                              "competing": [20], "estimate": [0.31], "ci_low": [0.2], "ci_high": [0.4],
                              "strata": ["cohort"]})  # fmt: skip
    models = pd.DataFrame({"model": ["fine_gray"], "term": ["stage"], "hr": [1.5], "strata": ["cohort"]})
    frames = {"incidence_table": incidence, "competing_table": models}
    joined = one_step("competing_risks", frames, endpoint="dss", group_column="stage", model="fine_gray")
    (section,) = further_sections(joined, ())
    assert section.title == "Competing risks"
    assert [len(table.rows) for table in tables_of(section)] == [1, 1]
    assert other_section(joined) is None
    said = " ".join(competing_sentences(joined.steps))
    assert "(disease-specific survival) was estimated by the Aalen-Johansen method" in said
    assert "groups of stage were compared by Gray's test" in said
    assert "Fine-Gray models" in said and "cause-specific" not in said
    assert "stratified by cohort" in said


def test_an_effect_over_time_has_a_row_per_interval_and_is_no_finding():
    from prognomics.report.page.cox import hazard_ratio_view
    from prognomics.report.results.findings import is_part

    rows = [
        {"model": "multivariable", "term": "g", "row_type": "level", "level": "high", "interval": interval, "n": 9,
         "events": 5, "hr": hr, "ci_low": 1, "ci_high": 3, "p_value": 0.1, "note": note}
        for interval, hr, note in (("0-24", 2.0, None), ("24-", 1.5, None), (None, 1.2, "the effect at time 0"))
    ]  # fmt: skip
    rows.append({"model": "multivariable", "term": "g", "row_type": "omnibus", "df": 2, "p_value": 0.3})
    body = [row[0].text for row in hazard_ratio_view(rows, "x").rows]
    assert body == ["g, change over time", "high, 0-24 months", "high, 24- months", "high, at time 0"]
    assert all(is_part(row) for row in rows[:3])


@pytest.mark.parametrize("tool", ["competing_risks", "differential_expression", "logistic", "apply_model",
                                  "learn_signature", "enrichment", "a_plugin"])  # fmt: skip
def test_results_of_a_tool_without_a_section_of_its_own_are_shown(tool):
    keys = {"effects": sha(f"{tool} table")}
    values = {"estimate": [1.234, 0.5], "ci_low": [1.1, 0.2], "ci_high": [1.4, 0.9]}
    table = pd.DataFrame({"term": ["XPO1", "age_years"], **values})
    made = record(tool, keys, endpoint="os", gene=["XPO1"], covariate=["age_years"])
    page = build_report({"marker": "XPO1"}, [made], [ResultTable(keys["effects"], "t.tsv", table)], [])
    assert "1.23 (1.10 to 1.40)" in page and "No run record" not in page

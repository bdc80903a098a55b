"""Screens, evaluated models, landmarks, differences of means and splines as the report shows them."""

import pandas as pd
from test_report import STUDY, Outline, example, record, sha

from prognomics.artefacts.store import ResultTable
from prognomics.report.page import build_report
from prognomics.report.page.evaluation import evaluation_section
from prognomics.report.page.joining import join
from prognomics.report.page.profile import profile_section
from prognomics.report.page.screening import screen_section
from prognomics.report.page.survival import mean_difference_view


def one_step(tool, frames, **parameters):
    """A joined study of one step with its tables, given as artefact to frame."""
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
    assert measures.notes == ["n = 90, 40 events; 7 samples lack a value and are left out. Corrected: for the optimism "
                              "of judging a model on its own data, by bootstrap."]  # fmt: skip
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
    tests = text[text.index("Log-rank test. ") :]
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

"""The report's own layouts: many cohorts, comparisons, associations, classes, quality, meta-analysis."""

import pandas as pd
from test_report import PNG, Outline, record, sha

from prognomics.data.store import Picture, ResultTable
from prognomics.report.page import build_report

NA = float("nan")
COHORTS = [f"c{i}" for i in range(1, 8)]


def page(tool, frames, plot=False, study=None, notes=(), **parameters):
    """The page of one step with its tables."""
    keys = {kind: sha(kind) for kind in frames}
    tables = [ResultTable(keys[kind], f"{kind}.tsv", pd.DataFrame(rows)) for kind, rows in frames.items()]
    plots = [Picture(sha("plot"), "plot.png", "png", PNG)] if plot else []
    made = record(tool, {**keys, **({"plot": sha("plot")} if plot else {})}, **parameters)
    made["notes"] = [{"code": "note", "text": text} for text in notes]
    return build_report(study, [made], tables, plots)


def association(variable, kind, level=NA, group=NA, **values):
    blank = dict.fromkeys(("count", "percent", "mean", "sd", "median", "q1", "q3", "p_value", "p_adjusted", "effect",
                           "ci_low", "ci_high", "n"), NA)  # fmt: skip
    text = dict.fromkeys(("test", "effect_type", "method", "note"), NA)
    return {"variable": variable, "row_type": kind, "level": level, "group": group, **blank, **text, **values}


def test_associations_are_a_first_table_by_group():
    rows = [association("age_years", "summary", group=g, count=50, mean=m, sd=9.0, median=m, q1=m - 5, q3=m + 5)
            for g, m in (("low", 62.0), ("high", 58.5), ("all", 60.0))]  # fmt: skip
    rows.append(association("age_years", "test", test="welch", p_value=3e-5, p_adjusted=6e-5, effect=-3.5, n=100,
                            effect_type="mean_difference", ci_low=-5.0, ci_high=-2.0,
                            note="high minus low"))  # fmt: skip
    for level, low, high in (("deep", 30, 20), ("superficial", 20, 30), ("missing", 0, 0)):
        rows += [
            association("depth", "count", level, g, count=n, percent=2.0 * n) for g, n in (("low", low), ("high", high))
        ]
    rows.append(association("depth", "test", test="fisher", p_value=0.07, effect=2.2, effect_type="odds_ratio", n=100))
    rows += [association("depth", "count", "deep", c, count=5, percent=50.0, method="by cohort") for c in COHORTS]
    text = Outline(page("associate", {"association_table": rows}, group_column="XPO1_group")).text
    assert "p below 0.05: age_years (p < 0.001, Welch's t-test). Not below: depth (p = 0.07" in text
    assert "Variable low high all p Adjusted p Test Effect (95% CI) age_years <0.001 <0.001" in text
    assert "mean (SD) 62 (9) 58.5 (9) 60 (9)" in text and "deep 30 (60%) 20 (40%)" in text
    assert "missing" not in text.split("Clinical and pathological")[1].split("Counts with")[0]
    assert "difference −3.50 (−5 to −2)" in text and "age_years: high minus low" in text
    assert "The same variables in each cohort" in text and "c7 50%" in text


def test_a_description_of_all_samples_is_a_first_table_without_tests():
    rows = [
        association("sex", "count", level, "all", count=n, percent=n) for level, n in (("female", 60), ("male", 40))
    ]
    rows.append(
        association("age_years", "summary", group="all", count=100, mean=60.0, sd=9.0, median=61.0, q1=55, q3=65)
    )
    found = page("associate", {"association_table": rows}, all_samples=True, variable=["sex", "age_years"])
    text = Outline(found).text
    assert "All samples, without groups and without tests." in text
    assert "Variable All samples sex female 60 (60%) male 40 (40%) age_years mean (SD) 60 (9)" in text
    assert "sex and age_years were described in all samples" in text
    assert "Adjusted p" not in text and "No variable has p" not in text


def test_a_continuous_marker_is_described_in_each_level():
    rows = [association("sex", "summary", level, count=50, median=m, q1=m - 1, q3=m + 1)
            for level, m in (("female", 0.25), ("male", 0.5))]  # fmt: skip
    rows.append(
        association("sex", "test", test="mann_whitney", p_value=0.5, effect=0.2, n=100, effect_type="hodges_lehmann")
    )
    text = Outline(page("associate", {"association_table": rows}, gene="XPO1")).text
    assert "With XPO1, continuous" in text and "female 50 0.250 (−0.750 to 1.25)" in text
    assert "No variable has p below 0.05." in text


def comparison(kind, **values):
    names = ("group", "versus", "n", "n_versus", "median", "q1", "q3", "mean", "sd", "min", "max", "test", "p_value",
             "p_exact", "p_adjusted", "effect", "effect_type", "ci_low", "ci_high", "auc", "n_missing",
             "note")  # fmt: skip
    return {"marker": "XPO1", "row_type": kind, **dict.fromkeys(names, NA), **values}


def test_a_comparison_is_a_sentence_a_picture_and_two_tables():
    pair = {"group": "primary", "versus": "normal", "n": 1362, "n_versus": 4}
    rows = [
        comparison("group", group="normal", n=4, median=-1.6, mean=-1.7, sd=0.4, n_missing=0),
        comparison("group", group="primary", n=1362, median=0.01, mean=2e-17, sd=1.0, n_missing=0),
        comparison("pair", **pair, test="mann_whitney", p_value=0.003, p_exact=5e-4, effect=1.8, ci_low=0.8,
                   ci_high=2.9,
                   effect_type="hodges_lehmann", auc=0.93, note="rests on one cohort"),
        comparison("pair", **pair, test="van_elteren", p_value=0.0034, effect=0.93, effect_type="auc_within_cohorts"),
    ]  # fmt: skip
    made = page("compare_groups", {"comparison_table": rows}, plot=True, gene=["XPO1"], group_column="tissue_type")
    text = Outline(made).text
    assert (
        "XPO1, primary against normal. Median 0.0100 in 1,362 primary and −1.60 in 4 normal samples: p = 0.003" in text
    )
    assert "(Mann-Whitney test, exact p < 0.001); AUC 0.93. Within cohorts: p = 0.003." in text
    assert "0 (1)" in text and "e-17 (" not in text  # the mean of a standardized marker
    assert "shift 1.80 (0.800 to 2.90)" in text and "Rests on one cohort." in text and "<img " in made


def test_many_cohorts_have_one_row_each():
    flow = [{"step": "raw", "rule": "rows", "n": 40, "events": NA, "n_dropped": 0, "dropped_ids": NA},
            {"step": "curated", "rule": "benign lesions", "n": 38, "events": 12, "n_dropped": 2, "dropped_ids": "a;b"},
            {"step": "endpoint:os", "rule": "death", "n": 30, "events": 12, "n_dropped": 8,
             "dropped_ids": NA}]  # fmt: skip
    genes = [{"metric": "rows_in", "value": 900, "ids": NA}, {"metric": "genes_out", "value": 700, "ids": NA}]
    merged = [{"cohort": c, "n_samples": 38, "n_genes": 700, "n_genes_common": 500, "n_reference": NA, "n_undefined": 0,
               "batch_variance_before": NA, "batch_variance_after": NA, "method": "zscore"}
              for c in COHORTS]  # fmt: skip
    merged.append(
        {**merged[0], "cohort": "all", "n_samples": 266, "batch_variance_before": 0.9, "batch_variance_after": 0.0}
    )
    records, tables = [], []
    for cohort in COHORTS:
        sheet, matrix = sha(f"sheet {cohort}"), sha(f"matrix {cohort}")
        tables.append(ResultTable(sha(f"flow {cohort}"), "flow.tsv", pd.DataFrame(flow).assign(cohort=cohort)))
        tables.append(ResultTable(sha(f"genes {cohort}"), "report.tsv", pd.DataFrame(genes).assign(cohort=cohort)))
        records.append(record("fetch_cohort", {"raw_samples": sheet, "expression_matrix": matrix}, accession=cohort))
        records.append(record("curate_samples", {"flow": sha(f"flow {cohort}")}, cohort=cohort))
        records.append(record("map_genes", {"gene_report": sha(f"genes {cohort}")}, collapse="max_variance"))
        records[-1]["inputs"] = [{"option": "expression", "artefact": "expression_matrix", "sha256": matrix}]
    tables.append(ResultTable(sha("merge"), "report.tsv", pd.DataFrame(merged)))
    records.append(record("merge_cohorts", {"merge_report": sha("merge")}, method="zscore"))
    study = {"cohorts": {c: {"accession": c, "platform": "array", "steps": []} for c in COHORTS}}
    made = build_report(study, records, tables, [])
    text = Outline(made).text
    assert "Cohort Platform Samples With os Events of os c1 array 38 30 12" in text
    assert "c1 40 38 2 benign lesions" in text and "All 280 266" in text
    assert "c3 900 700" in text  # known by the matrix it started from
    assert "zscore 7 266 700 500 0 0.900 <0.001" in text


def test_classes_say_what_they_rest_on():
    coverage = [
        {"gene_id": "A", "status": "found"},
        {"gene_id": "B", "status": "alias"},
        {"gene_id": "C", "status": "missing"},
    ]
    text = Outline(page("classify_centroid", {"coverage": coverage},
                        notes=["2 of 3 genes used; classes: 5 high, 6 low"],
                        name="CINSARC", mode="loocv", horizon=36.0, endpoint="mfs")).text  # fmt: skip
    assert "CINSARC" in text and "2 of 3 genes used; classes: 5 high, 6 low." in text and "CINSARC 3 2 C" in text
    assert "learnt from metastasis-free survival at 36 months" in text


def test_quality_says_what_the_cohorts_explain():
    rows = [{"metric": metric, "scope": scope, "value": value, "stage": stage} for metric, scope, value, stage in (
        ("n_samples", "all", 100, "before"), ("explained_variance", "PC1", 0.9, "before"),
        ("explained_variance", "PC2", 0.05, "before"), ("explained_variance", "PC1", 0.03, "after"),
        ("variance_share", "cohort", 0.95, "before"), ("variance_share", "cohort", 0.0004, "after"),
        ("variance_share_by_chance", "cohort", 0.01, "before"), ("duplicate_pairs", "all", 0, "before"))]  # fmt: skip
    text = Outline(page("quality_control", {"quality_table": rows}, plot=True)).text
    assert "Share of the variance of all genes between cohorts: 95.0% before and 0.0% after merging" in text
    assert "(by chance alone: 1.0%)" in text and "No near-duplicate samples were found across cohorts." in text
    assert "(n = 100); before merging, the first two components hold 90.0% and 5.0% of the variance" in text


def test_a_meta_analysis_keeps_cohorts_without_estimate_in_a_note():
    blank = dict.fromkeys(("weight", "tau2", "tau2_method", "i2", "q", "q_df", "q_p", "pi_low", "pi_high", "note"), NA)
    ratio = {"hr": 1.5, "ci_low": 1.2, "ci_high": 1.9, "p_value": 1e-3}
    rows = [{"row_type": "cohort", "cohort": c, "n": 90, "events": 30, **blank, **ratio, "weight": 50.0} for c in "ab"]
    rows += [{"row_type": "cohort", "cohort": c, "n": 0, "events": 0, **blank, **dict.fromkeys(ratio, NA),
              "note": "no follow-up; not pooled: no estimate"} for c in "cd"]  # fmt: skip
    rows.append({"row_type": "random", "cohort": "all", "n": 180, "events": 60, **blank, **ratio, "tau2": 0.04,
                 "i2": 12.0,
                 "q": 1.1, "q_df": 1, "q_p": 0.3, "tau2_method": "reml"})  # fmt: skip
    rows.append({"row_type": "leave_out", "cohort": "a", "n": 90, "events": 30, **blank, **ratio})
    text = Outline(
        page("meta_analysis", {"meta_table": [{**r, "unit": "1 SD within cohort"} for r in rows]}, gene="XPO1")
    ).text
    assert "Pooled over 2 cohorts (random effects), the hazard ratio is 1.50 (1.20–1.90), p = 0.001." in text
    assert "I² is 12% (Q 1.10 on 1 df, p = 0.30; τ² 0.0400)." in text
    assert "Without an estimate (no follow-up): c and d." in text and "Random effects (REML) 180 / 60" in text
    assert "a 90 / 30" in text


def test_parts_of_curves_and_interactions_are_no_effects_of_the_marker():
    from prognomics.report.results.joining import join

    rows = pd.DataFrame([
        {"model": "multivariable", "row_type": "level", "term": "XPO1", "level": "spline 1", "unit": "spline basis",
         "hr": 2.8, "n": 9},
        {"model": "multivariable", "row_type": "level", "term": "XPO1", "level": None, "unit": "1", "hr": 1.4, "n": 9,
         "note": "takes part in an interaction: the effect where the other part is 0 or at its reference"},
        {"model": "univariable", "row_type": "level", "term": "XPO1", "level": None, "unit": "1", "hr": 1.2, "n": 9},
    ])  # fmt: skip
    made = record("cox", {"cox_table": sha("parts")}, gene=["XPO1"], endpoint="os")
    joined = join({}, [made], [ResultTable(sha("parts"), "t.tsv", rows)], [])
    assert [f.hr[0] for f in joined.findings.every] == [1.2]


def test_tests_of_several_markers_name_them():
    from prognomics.report.page.groups import _pairs_view

    rows = [{"marker": marker, "row_type": "pair", "group": "positive", "versus": "negative", "n": 9, "n_versus": 7,
             "test": "mann_whitney", "p_value": 0.02} for marker in ("XPO1", "MKI67")]  # fmt: skip
    heads = [row[0].text for row in _pairs_view(rows, "T").rows]
    assert heads == ["XPO1: positive against negative", "MKI67: positive against negative"]
    assert _pairs_view(rows[:1], "T").rows[0][0].text == "positive against negative"

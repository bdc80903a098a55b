"""Findings of every tool: each row of a result is an estimate with an identity of its own."""

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from prognomics.data.registry import artifact
from prognomics.data.store import read
from prognomics.report.results.joining import join
from prognomics.report.results.primary import declared_and_found
from prognomics.report.results.readings import READINGS
from prognomics.runtime.call import run_to_files
from prognomics.spec.loader import load_tool

DATA = Path(__file__).resolve().parents[2] / "test-data"
BOTH = {"samples": "both.samples.tsv"}
GENES = {**BOTH, "expression": "both.tsv"}
GROUPS = {**BOTH, "annotation": ["both.groups.tsv"]}
RESPONSE = {**BOTH, "annotation": ["both.groups.tsv", "both.response.tsv"]}
FILES = {"samples", "expression", "annotation"}


def run(folder, tool, options, outputs):
    """The step of one call as (record, tables)."""
    given = {
        k: [str(DATA / f) for f in v] if isinstance(v, list) else str(DATA / v)
        for k, v in options.items()
        if k in FILES
    }
    spec = load_tool(tool)
    made = {name: folder / f"{tool}.{name}" for name in (*outputs, "record")}
    run_to_files(spec, {**options, **given}, made)
    tables = [read(artifact("result_table"), made[name]) for name in outputs if spec.output(name).artifact in READINGS]
    return read(artifact("run_record"), made["record"]), tables, made


def findings(tmp_path, *calls, study=None):
    done = [run(tmp_path, *call) for call in calls]
    return join(study or {}, [r for r, _, _ in done], [t for _, tables, _ in done for t in tables], []).findings, done


def the(found, measure, **identity):
    (one,) = found.of(measure, **identity)
    return one


def table(done, name):
    return pd.read_csv(done[2][name], sep="\t")


def row(frame, **wanted):
    for name, value in wanted.items():
        frame = frame[frame[name] == value]
    assert len(frame) == 1
    return frame.iloc[0]


def same(finding, found, estimate="estimate", low="ci_low", high="ci_high"):
    assert finding.estimate == pytest.approx(tuple(found[[estimate, low, high]]), nan_ok=True)
    assert (finding.n, finding.events) == (found["n"], found["events"])


def test_curves_medians_and_tests_have_group_time_and_endpoint(tmp_path):
    call = (
        "kaplan_meier",
        {
            **GROUPS,
            "group_column": "XPO1_group",
            "endpoint": "os",
            "at": [24.0, 48.0],
            "where": ["tissue_type=primary"],
        },
        ("summary", "test"),
    )
    found, (done,) = findings(tmp_path, call)
    at = the(found, "survival probability", group="high", time="24")
    same(at, row(table(done, "summary"), group="high", statistic="survival", time_months=24.0))
    assert at.identity.marker == "XPO1_group" and at.identity.population == ("tissue_type=primary",)
    same(the(found, "median survival", group="low"), row(table(done, "summary"), group="low", statistic="median"))
    tests = found.of("log-rank test", endpoint="os", group="overall")
    assert [t.p for t in tests] == list(table(done, "test").query("comparison == 'overall'").p_value)
    assert found.populations == [("tissue_type=primary",)] and not found.every


def test_a_model_over_time_with_subgroups_and_an_interaction_gives_no_plain_effect_of_its_parts(tmp_path):
    call = (
        "cox",
        {
            **GROUPS,
            "covariate": ["XPO1_group", "age_years"],
            "marker": ["XPO1_group"],
            "subgroup": ["sex"],
            "endpoint": "os",
            "model": "multivariable",
        },
        ("table", "subgroups", "ph", "model"),
    )
    found, (done,) = findings(tmp_path, call)
    part = row(table(done, "subgroups"), row_type="level", level="female")
    (sex,) = found.of("hazard ratio", group="sex=female")
    assert sex.estimate[0] == pytest.approx(part.hr) and (sex.n, sex.events) == (part.n_level, part.events_level)
    assert sex not in found.every and [f.identity.group for f in found.every] == [""]
    interaction = the(found, "test of interaction", group="sex")
    assert interaction.p == pytest.approx(row(table(done, "subgroups"), row_type="interaction").p_value)
    changing = (
        "cox",
        {
            **GROUPS,
            "covariate": ["XPO1_group"],
            "time_varying": ["XPO1_group"],
            "time_split": [24.0],
            "endpoint": "os",
            "model": "univariable",
        },
        ("table",),
    )
    found, _ = findings(tmp_path, changing)
    assert [f.identity.time for f in found.of("hazard ratio", term="XPO1_group")] == ["0-24", "24-"]
    assert not found.every


def test_competing_events_name_their_cause(tmp_path):
    call = (
        "competing_risks",
        {
            "samples": "competing.samples.tsv",
            "covariate": ["age_years"],
            "endpoint": "dss",
            "group_column": "marker_group",
            "at": [24.0],
        },
        ("incidence", "test", "table"),
    )
    found, (done,) = findings(tmp_path, call)
    for cause in ("event", "competing"):
        wanted = row(table(done, "incidence"), cause=cause, group="high", time_months=24.0)
        same(the(found, "cumulative incidence", cause=cause, group="high"), wanted)
    fine_gray = the(found, "subdistribution hazard ratio", term="age_years")
    assert fine_gray.identity.cause == "event"
    assert {f.identity.cause for f in found.of("hazard ratio", term="age_years")} <= {"event", "competing"}


def test_odds_ratios_are_of_their_outcome(tmp_path):
    call = (
        "logistic",
        {**RESPONSE, "covariate": ["XPO1_group", "age_years"], "outcome_column": "response", "strata": ["none"]},
        ("table", "model"),
    )
    found, (done,) = findings(tmp_path, call)
    wanted = row(table(done, "table"), model="multivariable", term="XPO1_group", row_type="level")
    one = the(found, "odds ratio", term="XPO1_group", model="multivariable")
    same(one, wanted, "odds_ratio")
    assert one.identity.endpoint == "response" and one.identity.adjusted_for == ("age_years",)
    assert "response" in found.endpoints and the(found, "AUC", model="multivariable").identity.adjusted_for


def test_genes_between_groups_and_their_sets_are_of_the_groups_marker(tmp_path):
    first = (
        "differential_expression",
        {**GENES, "annotation": ["both.groups.tsv"], "group_column": "XPO1_group"},
        ("table",),
    )
    found, (done,) = findings(tmp_path, first)
    genes = found.of("difference of log2 expression")
    assert genes and {f.identity.marker for f in genes} == {"XPO1_group"}
    assert {f.identity.contrast for f in genes} == set(table(done, "table").contrast)
    for one in genes:
        wanted = row(table(done, "table"), gene_id=one.identity.term)
        assert one.estimate[0] == pytest.approx(wanted.log_fc) and one.p == pytest.approx(wanted.p_value)


def test_comparisons_and_associations_name_marker_and_variable(tmp_path):
    compare = ("compare_groups", {**GENES, "gene": ["XPO1"], "group_column": "sex"}, ("table",))
    relate = ("associate", {**GROUPS, "group_column": "XPO1_group", "variable": ["age_years", "sex"]}, ("table",))
    found, done = findings(tmp_path, compare, relate)
    pairs = table(done[0], "table").query("row_type == 'pair'")
    assert {f.identity.contrast for f in found.all if f.step.tool == "compare_groups"} >= {
        f"{r.group} vs {r.versus}" for r in pairs.itertuples()
    }
    ages = [f for f in found.all if f.identity.group == "age_years"]
    assert ages and ages[0].identity.term == "XPO1_group"
    assert ages[0].p == pytest.approx(row(table(done[1], "table"), variable="age_years", row_type="test").p_value)


def test_a_screen_gives_the_studys_marker_and_the_first_genes(tmp_path):
    call = ("screen", {**GENES, "endpoint": "os"}, ("table",))
    found, (done,) = findings(tmp_path, call, study={"markers": ["TP53"]})
    ranked = table(done, "table").sort_values("p_value")
    shown = [f.identity.term for f in found.of("hazard ratio")]
    assert set(ranked.gene_id[:10]) <= set(shown) and len(shown) <= 11
    assert not found.every  # what a screen finds is no estimate of the marker's own analysis


def test_a_searched_cutpoint_has_its_corrected_p(tmp_path):
    call = ("cutpoint", {**GENES, "gene": "XPO1", "method": "maxstat", "endpoint": "os", "name": "g"}, ("table",))
    found, (done,) = findings(tmp_path, call)
    wanted = table(done, "table").iloc[0]
    one = the(found, "test corrected for the search")
    assert one.p == pytest.approx(wanted.p_corrected) and one.identity.marker == "XPO1"
    assert the(found, "cutpoint").estimate[0] == pytest.approx(wanted.lowest_high)


def test_identities_within_a_step_are_of_one_row_each(tmp_path):
    calls = [
        (
            "cox",
            {**GROUPS, "covariate": ["XPO1_group", "age_years", "sex"], "endpoint": "os"},
            ("table", "model", "ph"),
        ),
        ("meta_analysis", {**GROUPS, "marker_column": "XPO1_group", "endpoint": "os"}, ("table",)),
        (
            "evaluate_model",
            {
                **GROUPS,
                "marker_column": "XPO1_group",
                "covariate": ["age_years"],
                "endpoint": "os",
                "at": [24.0],
                "bootstraps": 5,
            },
            ("table",),
        ),
    ]
    found, _ = findings(tmp_path, *calls)
    assert {f.step.tool for f in found.all} == {tool for tool, _, _ in calls}
    times = Counter((f.step.number, f.identity, f.place[0]) for f in found.all)
    assert [key for key, count in times.items() if count > 1] == []
    pooled = the(found, "hazard ratio", scope="random")
    assert pooled in found.every and pooled.identity.endpoint == "os"


def test_a_declared_primary_analysis_that_is_an_odds_ratio_is_not_called_missing(tmp_path):
    call = (
        "logistic",
        {**RESPONSE, "covariate": ["XPO1_group"], "outcome_column": "response", "strata": ["none"]},
        ("table",),
    )
    study = {
        "markers": ["XPO1_group"],
        "endpoints": {"response": {"definition": "complete response", "title": "Response"}},
        "primary": {"marker": "XPO1_group", "endpoint": "response"},
    }
    found, (done,) = findings(tmp_path, call, study=study)
    wanted = row(table(done, "table"), term="XPO1_group", row_type="level", model="univariable")
    assert (found.primary, found.chosen) == (None, "declared") and declared_and_found(found) == []
    same(found.head, wanted, estimate="odds_ratio")
    assert found.head.identity.contrast == "high vs low" and found.head.identity.adjusted_for == ()
    other = findings(tmp_path, call, study={**study, "primary": {"marker": "XPO1_group", "endpoint": "os"}})[0]
    assert other.chosen == "missing"

"""One patient with several samples, in every tool that takes samples for patients."""

import numpy as np
import pandas as pd
import pytest

from prognomics.data.patients import patient_keys
from prognomics.data.sheet import as_sheet
from prognomics.errors import AnalysisNote, BadInput, Refused, UsageError
from prognomics.generate.build import builtin_tools
from prognomics.runtime.call import call
from prognomics.spec.loader import load_tool

N = 60
MODELS = {
    "kaplan_meier": {"endpoint": "os"},
    "cox": {"endpoint": "os", "covariate": ["marker"], "strata": ["none"]},
    "screen": {"endpoint": "os", "score_column": ["marker", "age_years"]},
    "cutpoint": {"score_column": "marker"},
    "compare_groups": {"score_column": ["marker"], "group_column": "arm"},
    "associate": {"variable": ["age_years"], "group_column": "arm"},
    "evaluate_model": {"endpoint": "os", "marker_column": "marker", "at": [12], "bootstraps": 0},
    "meta_analysis": {"endpoint": "os", "marker_column": "marker"},
    "competing_risks": {"endpoint": "os", "covariate": ["marker"]},
    "logistic": {"covariate": ["marker"], "outcome_column": "arm"},
    "differential_expression": {"group_column": "arm"},
    "learn_signature": {"endpoint": "os", "nested": False, "random_signatures": 0, "folds": 3, "lambda_count": 5,
                        "lambda_ratio": 0.5},
    "power_analysis": {"endpoint": "os", "marker_column": "marker", "simulations": 0},
    "parametric_survival": {"endpoint": "os", "covariate": ["marker"], "distribution": ["weibull"]},
    "apply_model": {"endpoint": "os", "at": [12], "coefficients": pd.DataFrame({"term": ["marker"], "beta": [0.3]})},
}  # fmt: skip
WITH_GENES = ("differential_expression", "learn_signature")
OUTPUTS = {"kaplan_meier": ["summary"], "cutpoint": ["table", "groups"], "competing_risks": ["table", "incidence"],
           "learn_signature": ["validation"], "apply_model": ["validation"]}  # fmt: skip


def cohort(twice=10, cohorts=2):
    """Sixty patients; the first have a second sample, a relapse whose id is lower than the primary's."""
    rng = np.random.default_rng(3)
    rows = []
    for i in range(N):
        common = {"patient_id": f"P{i:02d}", "cohort": "ab"[i % cohorts], "os_time": round(1 + 40 * rng.random(), 1),
                  "os_event": int(rng.random() < 0.6), "age_years": 40 + i % 30, "arm": "xy"[(i // 2) % 2]}  # fmt: skip
        rows.append({"sample_id": f"t{i:02d}", "tissue_type": "primary", "marker": rng.normal(), **common})
        if i < twice:
            rows.append({"sample_id": f"a{i:02d}", "tissue_type": "relapse", "marker": rng.normal(), **common})
    return pd.DataFrame(rows)


def genes(frame):
    """Six genes, of which each sample has the same values whatever other samples there are."""
    values = {i: np.random.default_rng([ord(c) for c in i]).normal(size=6) for i in frame["sample_id"]}
    return pd.DataFrame({"gene_id": [f"G{i}" for i in range(6)], **values})


def run(name, frame, **options):
    expression = {"expression": genes(frame)} if name in WITH_GENES else {}
    given = {"samples": frame, **MODELS[name], **expression, **options}
    found = call(load_tool(name), given, OUTPUTS.get(name, ["table"]))
    return found, {w.code: w.text for w in found.warned if not isinstance(w, AnalysisNote)}


def test_every_tool_that_takes_samples_for_patients_is_tried():
    assert {tool.id for tool in builtin_tools() if tool.patients} == set(MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_repeated_patients_are_said_with_numbers_and_what_to_do(name):
    _, warned = run(name, cohort())
    text = warned["duplicated-patients"]
    assert "10 patients have 20 of the 70 analyzed samples (the 70 are of 60 patients" in text
    assert "P00: a00, t00" in text and "--one-sample-per-patient" in text


@pytest.mark.parametrize("name", MODELS)
def test_nobody_is_warned_of_patients_with_one_sample(name):
    frame = cohort(twice=0)
    frame.loc[:3, "patient_id"] = np.nan
    _, warned = run(name, frame)
    assert not {"duplicated-patients", "shared-patients"} & set(warned)
    _, warned = run(name, cohort(), where=["tissue_type=primary"])
    assert "duplicated-patients" not in warned


@pytest.mark.parametrize("name", MODELS)
def test_one_sample_per_patient_is_the_primary_in_any_order_of_rows(name):
    frame = cohort()
    kept, warned = run(name, frame.sample(frac=1, random_state=1), one_sample_per_patient=True)
    assert "duplicated-patients" not in warned
    output = OUTPUTS.get(name, ["table"])[0]
    wanted, _ = run(name, frame[frame["tissue_type"] == "primary"].sample(frac=1, random_state=1))
    found, alone = kept.output(output), wanted.output(output)
    assert (found["population"].dropna() == "one sample per patient").all()
    shared = found.columns.difference(["population", "learnt_in"])
    pd.testing.assert_frame_equal(found[shared], alone[shared], rtol=1e-9)


def test_samples_that_cannot_be_analyzed_are_not_chosen():
    frame = cohort()
    frame.loc[frame["sample_id"] == "t00", "os_time"] = np.nan
    _, warned = run("kaplan_meier", frame)
    assert "9 patients have 18 of the 69 analyzed samples" in warned["duplicated-patients"]
    found, _ = run("kaplan_meier", frame, one_sample_per_patient=True)
    assert found.output("summary")["n"].iloc[0] == 60
    frame.loc[frame["sample_id"] == "t01", "marker"] = np.nan
    found, _ = run("cox", frame, one_sample_per_patient=True)
    assert found.output("table")["n"].iloc[0] == 60


def test_an_incomplete_sample_is_no_second_one():
    frame = cohort(twice=1)
    frame.loc[frame["sample_id"] == "a00", "marker"] = np.nan
    for name in ("cox", "screen", "evaluate_model", "meta_analysis", "cutpoint"):
        options = {"score_column": ["marker"]} if name == "screen" else {}
        _, warned = run(name, frame, **options)
        assert "duplicated-patients" not in warned, name


def test_of_samples_of_one_tissue_the_lowest_id_is_kept():
    frame = cohort().assign(tissue_type="primary")
    found, _ = run("cutpoint", frame.iloc[::-1], one_sample_per_patient=True)
    assert {s for s in found.output("groups")["sample_id"] if s[1:] == "05"} == {"a05"}


def test_the_same_number_in_two_cohorts_is_two_patients():
    frame = cohort(twice=0)
    frame["patient_id"] = [str(i // 2) for i in range(N)]
    found, warned = run("cox", frame)
    assert "duplicated-patients" not in warned
    assert any(w.code == "patient-ids-in-several-cohorts" and "30 patient ids" in w.text for w in found.warned)
    frame["patient_id"] = [f"TCGA-AB-{1000 + i // 2}" for i in range(N)]
    _, warned = run("cox", frame)
    assert "30 patients have 60 of the 60" in warned["duplicated-patients"]


def test_long_numbers_are_different_patients():
    frame = cohort(twice=0).assign(patient_id=np.arange(N) + 1e14)
    assert len(set(patient_keys(as_sheet(frame)))) == N


def test_groups_that_share_patients_are_said():
    frame = cohort()
    for name, options in (("compare_groups", {"group_column": "tissue_type"}),
                          ("associate", {"group_column": "tissue_type"})):  # fmt: skip
        _, warned = run(name, frame, **options)
        assert "10 patients have samples in more than one group (P00, P01" in warned["shared-patients"]
    _, warned = run("compare_groups", frame)
    assert "shared-patients" not in warned
    with pytest.raises(Refused, match="two groups"):
        run("compare_groups", frame, group_column="tissue_type", one_sample_per_patient=True)


def test_only_chosen_groups_count():
    frame = cohort()
    frame.loc[frame["tissue_type"] == "relapse", "arm"] = "z"
    _, warned = run("compare_groups", frame, level=["x", "y"])
    assert not {"duplicated-patients", "shared-patients"} & set(warned)


def test_controls_stay_beside_the_cases_of_the_same_patients():
    frame = cohort()
    normal = frame[:20:2].assign(tissue_type="normal")
    normal["sample_id"] = "n" + normal["sample_id"]
    normal["marker"] -= 1
    found, warned = run("cutpoint", pd.concat([frame, normal]), method="roc", one_sample_per_patient=True)
    assert len(found.output("groups")) == N + 10
    assert "shared-patients" in warned and "duplicated-patients" not in warned


def test_without_patient_ids_the_option_is_refused():
    frame = cohort().drop(columns="patient_id")
    with pytest.raises(BadInput, match="patient_id"):
        run("kaplan_meier", frame, one_sample_per_patient=True)
    effects = pd.DataFrame({"cohort": ["a", "b"], "log_hr": [0.1, 0.2], "se": [0.1, 0.1]})
    with pytest.raises(UsageError, match="--samples"):
        call(load_tool("meta_analysis"), {"effects": effects, "one_sample_per_patient": True})


def test_clustered_patients_are_no_warning():
    _, warned = run("cox", cohort(), cluster="patient_id")
    assert "duplicated-patients" not in warned
    _, warned = run("cox", cohort(), cluster="sample_id")
    assert "--cluster patient_id" in warned["duplicated-patients"]


def test_paired_tests_warn_of_neither_and_need_one_sample_in_each_group():
    frame = cohort()
    options = {"group_column": "tissue_type", "test": "wilcoxon_signed_rank", "pair_column": "patient_id"}
    found, warned = run("compare_groups", frame.sample(frac=1, random_state=2), **options)
    row = found.output("table").query("row_type == 'pair'").iloc[0]
    assert row["n"] == row["n_versus"] == 10 and "50 samples without a partner" in row["note"]
    assert not {"duplicated-patients", "shared-patients"} & set(warned)
    third = frame[frame["sample_id"] == "a03"].assign(sample_id="b03")
    with pytest.raises(BadInput, match="several samples in the group 'relapse'"):
        run("compare_groups", pd.concat([third, frame]), **options)
    again, _ = run("compare_groups", pd.concat([third, frame]), one_sample_per_patient=True, **options)
    assert again.output("table").query("row_type == 'pair'").iloc[0]["p_value"] == row["p_value"]


def test_pairs_are_within_a_cohort_and_nobody_is_a_pair_without_id():
    frame = cohort(twice=6)
    frame.loc[frame["sample_id"] == "a00", "cohort"] = "elsewhere"
    frame.loc[frame["patient_id"] == "P01", "patient_id"] = None
    options = {"group_column": "tissue_type", "test": "paired_t", "pair_column": "patient_id"}
    found, _ = run("compare_groups", frame, **options)
    assert found.output("table").query("row_type == 'pair'")["n"].iloc[0] == 4
    with pytest.raises(Refused, match="no pair"):
        run("compare_groups", frame[frame["tissue_type"] == "primary"], **options | {"group_column": "arm"})


def with_normals(n=4):
    """A cohort without repeated patients, in which some samples of normal tissue have the outcome of a tumor."""
    frame = cohort(twice=0)
    frame.loc[frame.index[:n], "tissue_type"] = "normal"
    return frame


@pytest.mark.parametrize("name", [name for name in MODELS if "endpoint" in MODELS[name]])
@pytest.mark.parametrize("named", [True, False])
def test_normal_tissue_that_is_followed_to_an_endpoint_is_warned_of(name, named):
    frame = with_normals() if named else with_normals().drop(columns="patient_id")
    _, warned = run(name, frame)
    text = warned["normals-with-outcome"]
    assert "4 of the 60 analyzed samples" in text and "t00, t01, t02, t03" in text
    assert "--where tissue_type=primary" in text and "'tissue_type!=normal'" in text
    for condition in ("tissue_type=primary", "tissue_type!=normal"):
        _, warned = run(name, frame, where=[condition])
        assert "normals-with-outcome" not in warned


def test_normal_tissue_is_warned_of_only_where_it_is_analyzed():
    frame = with_normals()
    assert "normals-with-outcome" not in run("compare_groups", frame)[1]
    frame.loc[frame["tissue_type"] == "normal", ["os_time", "os_event"]] = np.nan
    assert "normals-with-outcome" not in run("cox", frame)[1]
    frame = with_normals()
    frame.loc[frame.index[:3], "marker"] = np.nan
    assert "1 of the 57 analyzed samples" in run("cox", frame)[1]["normals-with-outcome"]
    alone = run("cox", with_normals(30), where=["tissue_type=normal"])[1]["normals-with-outcome"]
    assert "all 30 analyzed samples" in alone and "--where" not in alone


def test_a_normal_sample_that_is_not_kept_of_its_patient_is_no_matter():
    frame = cohort()
    frame.loc[frame["tissue_type"] == "relapse", "tissue_type"] = "normal"
    assert "10 of the 70" in run("cox", frame)[1]["normals-with-outcome"]
    assert "normals-with-outcome" not in run("cox", frame, one_sample_per_patient=True)[1]


def test_of_cut_searches_only_the_one_with_an_endpoint_warns_of_normal_tissue():
    assert "normals-with-outcome" in run("cutpoint", with_normals(), endpoint="os", method="maxstat")[1]
    assert "normals-with-outcome" not in run("cutpoint", with_normals(), endpoint="os")[1]

"""Locked models in new samples: what is refused, what is missing and said, and what needs a baseline."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from prognomics import tools
from prognomics.cli import main
from prognomics.data.model import Baseline, Coefficient, Derivation, LockedModel, identifier_hashes
from prognomics.data.model_file import parse_model
from prognomics.data.population import as_population
from prognomics.errors import AnalysisWarning, BadInput, Refused, UsageError
from prognomics.learning.overlap import require_new

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
N = 40


def gene(name, value=1.0, center=8.0):
    return Coefficient(name, "gene", name, value, center=center)


def locked(*coefficients, **options):
    means = {c.term: c.center for c in coefficients if c.kind == "gene"}
    return LockedModel("cox", "risk", coefficients=coefficients, missing_genes=means, **options)


@pytest.fixture
def samples():
    rng = np.random.default_rng(3)
    return pd.DataFrame({
        "sample_id": [f"N{i:02d}" for i in range(N)], "patient_id": [f"Q{i:02d}" for i in range(N)],
        "cohort": ["x"] * (N // 2) + ["y"] * (N // 2), "os_time": rng.integers(5, 60, N).astype(float),
        "os_event": rng.integers(0, 2, N), "age_years": rng.integers(40, 80, N).astype(float),
        "response": rng.choice(["yes", "no"], N),
    })  # fmt: skip


@pytest.fixture
def matrix(samples):
    rng = np.random.default_rng(4)
    return pd.DataFrame(rng.normal(8, 1, (5, N)), index=["G1", "G2", "G3", "G4", "ENSG00000000003.4"],
                        columns=samples["sample_id"])  # fmt: skip


STEPS = dict(time_months=(10.0, 30.0, 90.0), cumulative_hazard=(0.2, 0.6, 1.2))


@pytest.mark.parametrize("column", ["sample", "patient"])
def test_samples_and_patients_of_the_derivation_are_named(samples, matrix, column):
    seen = {f"{column}_hashes": identifier_hashes([samples[f"{column}_id"].iloc[3]])}
    model = locked(gene("G1"), derivation=Derivation(cohorts=("train",), **seen))
    with pytest.raises(Refused, match=f"1 of 40 {column}s were in the derivation") as refused:
        tools.apply_model(model=model, samples=samples, expression=matrix, endpoint="os").scores  # noqa: B018
    assert samples[f"{column}_id"].iloc[3] in str(refused.value)
    assert len(tools.apply_model(model=model, samples=samples, expression=matrix).scores) == N


@pytest.mark.parametrize("column", ["sample", "patient"])
def test_samples_of_the_derivation_are_left_out_where_that_is_asked(samples, matrix, column):
    seen = {f"{column}_hashes": identifier_hashes(list(samples[f"{column}_id"].iloc[[3, 30]]))}
    model = locked(gene("G1"), derivation=Derivation(cohorts=("train",), **seen))
    given = {"model": model, "expression": matrix, "endpoint": "os", "at": [24]}
    found = tools.apply_model(samples=samples, exclude_derivation=True, **given)
    noted = next(w.text for w in found.warnings if w.code == "derivation-excluded")
    assert "2 of 40 samples" in noted and "N03, N30" in noted
    rest = samples.drop(index=[3, 30])
    alone = tools.apply_model(samples=rest, **given)
    pd.testing.assert_frame_equal(found.scores, alone.scores)
    shared = found.validation.columns.drop("population")
    pd.testing.assert_frame_equal(found.validation[shared], alone.validation[shared])
    assert set(found.validation["population"]) == {"not in the derivation of the model"}
    subset = tools.apply_model(samples=samples, exclude_derivation=True, where=["cohort=x"], **given)
    assert set(subset.validation["population"]) == {"cohort=x & not in the derivation of the model"}
    assert len(subset.scores) == 19


def test_the_record_counts_samples_of_the_derivation_that_are_left_out(repository, tmp_path):
    data, record = repository / "test-data", tmp_path / "record.json"
    options = [
        "--samples",
        data / "both.samples.tsv",
        "--expression",
        data / "both.tsv",
        "--where",
        "tissue_type=primary",
    ]
    with pytest.raises(SystemExit, match="0"):
        main(["apply_model", "--model", str(data / "alpha.model.json"), *map(str, options), "--exclude-derivation",
              "--where", "tissue_type=primary",
              "--out-scores", str(tmp_path / "scores.tsv"), "--out-record", str(record)])  # fmt: skip
    found = json.loads(record.read_text())
    n = len(pd.read_csv(tmp_path / "scores.tsv", sep="\t"))
    assert found["counts"] == {"n_in": 120, "n_matched": n, "n_dropped": 120 - n} and n < 67
    wanted = ["tissue_type=primary", "not in the derivation of the model"]
    assert found["population_conditions"] == wanted == list(as_population(found["population"]).conditions)


def test_what_cannot_be_left_out_is_refused(samples, matrix):
    given = {"samples": samples, "expression": matrix, "exclude_derivation": True}
    with pytest.raises(Refused, match="does not state the samples"):
        tools.apply_model(model=locked(gene("G1")), **given).scores  # noqa: B018
    every = Derivation(sample_hashes=identifier_hashes(list(samples["sample_id"])))
    with pytest.raises(Refused, match="all 40 samples were in the derivation"):
        tools.apply_model(model=locked(gene("G1"), derivation=every), **given).scores  # noqa: B018
    none = Derivation(sample_hashes=identifier_hashes(["another"]))
    assert len(tools.apply_model(model=locked(gene("G1"), derivation=none), **given).scores) == N
    one = locked(gene("G1"), derivation=Derivation(sample_hashes=identifier_hashes(["N01"])))
    alone = tools.apply_model(model=one, expression=matrix, exclude_derivation=True)
    assert "N01" not in set(alone.scores["sample_id"]) and len(alone.scores) == N - 1


def test_a_logistic_model_leaves_samples_of_its_derivation_out(samples, matrix):
    model = LockedModel("logistic", "risk", coefficients=(gene("G1"),), intercept=-0.3,
                        outcome={"column": "response", "level": "yes"},
                        derivation=Derivation(sample_hashes=identifier_hashes(["N00"])))  # fmt: skip
    with pytest.raises(Refused, match="exclude them .exclude_derivation"):
        tools.apply_model(model=model, samples=samples, expression=matrix).validation  # noqa: B018
    found = tools.apply_model(model=model, samples=samples, expression=matrix, exclude_derivation=True)
    assert set(found.validation["n"]) <= {39, 20, 19}


def test_numbers_of_another_cohort_are_other_patients():
    model = locked(gene("G1"), derivation=Derivation(cohorts=("train",), patient_hashes=identifier_hashes(["7"])))
    frame = pd.DataFrame({"sample_id": ["a"], "patient_id": ["7"], "cohort": ["test"]})
    with pytest.warns(AnalysisWarning, match="taken for other patients"):
        require_new(model, frame)
    for same in (frame.assign(cohort="train"), frame.drop(columns="cohort")):
        with pytest.raises(Refused):
            require_new(model, same)


def test_a_new_cohort_of_a_stratified_model_has_no_absolute_risks(samples, matrix):
    model = locked(gene("G1"), baseline=(Baseline("x", **STEPS), Baseline("other", **STEPS)), strata=("cohort",))
    found = tools.apply_model(model=model, samples=samples, expression=matrix, endpoint="os", at=[24])
    scores = found.scores
    assert scores["linear_predictor"].notna().all()
    assert (scores["survival_24"].notna() == (samples["cohort"] == "x")).all()
    table = found.validation.set_index(["cohort", "statistic"]).sort_index()
    for cohort, defined in (("x", True), ("y", False), ("all", False)):
        for statistic in ("brier", "observed_expected"):
            rows = table.loc[(cohort, statistic)]
            assert rows["estimate"].notna().eq(defined).all()
            assert defined or rows["note"].str.contains("no baseline survival for y").all()
        assert np.isfinite(table.loc[(cohort, "c_harrell"), "estimate"]).all()


def test_missing_genes_are_counted_and_at_their_mean(samples, matrix):
    model = locked(gene("G1"), gene("G2"), gene("G3"), gene("G4"), gene("LOST", 5.0))
    with pytest.warns(AnalysisWarning, match="1 of 5 genes .* LOST"):
        scores = tools.apply_model(model=model, samples=samples, expression=matrix).scores
    expected = (matrix.loc[["G1", "G2", "G3", "G4"]] - 8).sum().to_numpy()
    np.testing.assert_allclose(scores["linear_predictor"], expected, atol=1e-12)
    with pytest.raises(Refused, match="1 of 5 genes"):
        tools.apply_model(model=model, samples=samples, expression=matrix, min_genes=0.9).scores  # noqa: B018


def test_genes_are_found_under_another_ensembl_version(samples, matrix):
    scores = tools.apply_model(model=locked(gene("ENSG00000000003.14")), expression=matrix).scores
    np.testing.assert_allclose(scores["linear_predictor"], matrix.loc["ENSG00000000003.4"] - 8, atol=1e-12)


def test_a_single_sample(matrix):
    one = matrix[["N05"]]
    scores = tools.apply_model(model=locked(gene("G1"), baseline=(Baseline("all", **STEPS),)), expression=one).scores
    assert scores["linear_predictor"].tolist() == pytest.approx([matrix.loc["G1", "N05"] - 8])
    assert scores["survival_60"].tolist() == pytest.approx([np.exp(-0.6 * np.exp(matrix.loc["G1", "N05"] - 8))])
    with pytest.raises(Refused, match="standardizes genes within each cohort"):
        tools.apply_model(model=locked(gene("G1"), scaling="within_cohort"), expression=one).scores  # noqa: B018


def test_scaling_within_cohorts(samples, matrix):
    model = locked(gene("G1", 0.5, 0.0), scaling="within_cohort")
    scores = tools.apply_model(model=model, samples=samples, expression=matrix).scores["linear_predictor"]
    for rows in (samples["cohort"] == "x", samples["cohort"] == "y"):
        own = matrix.loc["G1"].to_numpy()[rows]
        np.testing.assert_allclose(scores[rows], 0.5 * (own - own.mean()) / own.std(ddof=1), rtol=1e-12)


def test_a_cohort_without_events_is_flagged_and_none_at_all_refused(samples, matrix):
    model = locked(gene("G1"))
    none = samples.assign(os_event=np.where(samples["cohort"] == "y", 0, samples["os_event"]))
    table = tools.apply_model(model=model, samples=none, expression=matrix, endpoint="os").validation
    (row,) = table[table["cohort"] == "y"].to_dict("records")
    assert (row["n"], row["events"], row["note"]) == (20, 0, "no events") and np.isnan(row["estimate"])
    with pytest.raises(Refused, match="has the event"):
        none = samples.assign(os_event=0)
        tools.apply_model(model=model, samples=none, expression=matrix, endpoint="os").validation  # noqa: B018


def test_horizons_beyond_the_model_are_missing_with_a_reason(samples, matrix):
    model = locked(gene("G1"), baseline=(Baseline("all", **STEPS),))
    found = tools.apply_model(model=model, samples=samples, expression=matrix, endpoint="os", at=[24, 120])
    assert found.scores["survival_120"].isna().all() and found.scores["survival_24"].notna().all()
    late = found.validation[found.validation["time_months"] == 120]
    late = late[late["statistic"].isin(["brier", "observed_expected"])]
    assert len(late) == 6 and late["estimate"].isna().all()
    assert late["note"].str.contains("beyond the model's follow-up").all()


def test_groups_are_by_the_locked_cutpoints_and_equal_is_higher(samples, matrix):
    cut = float(matrix.loc["G1", "N03"] - 8)
    scores = tools.apply_model(model=locked(gene("G1"), cutpoints=(cut, cut + 1)), expression=matrix).scores
    linear = scores["linear_predictor"].to_numpy()
    assert scores["group"].iloc[3] == "mid"
    assert scores["group"].tolist() == ["low" if x < cut else "mid" if x < cut + 1 else "high" for x in linear]


def test_a_logistic_model_is_validated_in_its_outcome(samples, matrix):
    model = LockedModel("logistic", "risk", coefficients=(gene("G1"),), intercept=-0.3,
                        outcome={"column": "response", "level": "yes"})  # fmt: skip
    found = tools.apply_model(model=model, samples=samples, expression=matrix)
    linear = matrix.loc["G1"].to_numpy() - 8.3
    np.testing.assert_allclose(found.scores["probability"], 1 / (1 + np.exp(-linear)), rtol=1e-12)
    table = found.validation
    assert set(table["statistic"]) == {"auc", "calibration_slope", "observed_expected", "brier"}
    whole = table[(table["cohort"] == "all") & (table["statistic"] == "observed_expected")].iloc[0]
    observed = (samples["response"] == "yes").sum()
    assert whole["estimate"] == pytest.approx(observed / (1 / (1 + np.exp(-linear))).sum())
    assert found.calibration["events"].sum() == observed


def test_tables_of_a_model_with_levels_splines_and_an_interaction(repository):
    options = dict(samples=repository / "test-data" / "both.samples.tsv", endpoint="os")
    fitted = tools.cox(**options, covariate=["age_years", "sex", "stage"], spline=["age_years"], knots=3,
                       interaction=["sex:stage"], model="multivariable", where=["cohort=alpha"])  # fmt: skip
    new = dict(**options, where=["cohort=beta"], at=[24])
    model = tools.apply_model(model=fitted.fitted, **new).scores
    tables = tools.apply_model(coefficients=fitted.coefficients, baseline=fitted.baseline, **new).scores
    assert model["linear_predictor"].notna().sum() > 20
    for column in ("linear_predictor", "survival_24"):
        np.testing.assert_allclose(tables[column], model[column], rtol=1e-9)


@pytest.mark.parametrize(("changes", "message"), [
    ({"term": ["a", "b"], "beta": [1.0, 2.0], "model": ["univariable", "multivariable"]}, "2 models"),
    ({"term": ["age_years"], "beta": [np.inf]}, "infinite"),
    ({"term": ["age_years"], "beta": [1.0], "kind": ["odd"]}, "not a kind of term"),
    ({"term": ["a:b"], "beta": [1.0], "kind": ["interaction"], "column": ["a:b"]}, "parts of the interaction"),
    ({"term": ["ages"], "beta": [1.0]}, "age_years"),
])  # fmt: skip
def test_tables_that_are_no_model(samples, changes, message):
    with pytest.raises(BadInput, match=message):
        tools.apply_model(coefficients=pd.DataFrame(changes), samples=samples).scores  # noqa: B018


def test_a_baseline_that_falls_is_no_baseline(samples):
    coefficients = pd.DataFrame({"term": ["age_years"], "beta": [0.1]})
    baseline = pd.DataFrame({"time_months": [1.0, 2.0], "cumulative_hazard": [0.3, 0.2]})
    with pytest.raises(BadInput, match="falls"):
        tools.apply_model(coefficients=coefficients, baseline=baseline, samples=samples).scores  # noqa: B018


def test_nothing_to_apply_to():
    with pytest.raises(UsageError, match="no samples"):
        tools.apply_model(model=locked(gene("G1"))).scores  # noqa: B018


def test_samples_of_one_group_and_a_model_of_nothing(samples, matrix, tmp_path):
    """All samples above the cutpoint, and a signature that kept no gene, are drawn like others."""
    nothing = locked(cutpoints=(0.5,), baseline=(Baseline("all", **STEPS),))
    for model in (locked(gene("G1"), cutpoints=(-99.0,)), nothing):
        model = parse_model(model.text(), "m")
        found = tools.apply_model(model=model, samples=samples, expression=matrix, endpoint="os")
        assert found.scores["group"].nunique() == 1
        found.plot.save(tmp_path / "plot.svg")
        assert (tmp_path / "plot.svg").stat().st_size > 1000
        assert not found.validation["statistic"].str.startswith("hr_high").any()


def test_a_conditional_logistic_model_gives_no_probabilities(samples, matrix):
    model = LockedModel("logistic", "risk", coefficients=(gene("G1"),),
                        outcome={"column": "response", "level": "yes,maybe"})  # fmt: skip
    found = tools.apply_model(model=model, samples=samples, expression=matrix)
    assert found.scores["probability"].isna().all() and found.scores["linear_predictor"].notna().all()
    defined = found.validation.groupby("statistic")["estimate"].apply(lambda values: values.notna().all())
    assert defined.to_dict() == {"auc": True, "brier": False, "calibration_slope": True, "observed_expected": False}
    assert len(found.calibration) == 0


@pytest.mark.parametrize(("coefficient", "message"), [
    (Coefficient("a:b", "interaction", "a:b", 1.0), "two parts"),
    (Coefficient("age", "spline", "age", 1.0), "knots"),
    (Coefficient("age", "spline", "age", 1.0, knots=(1.0, 2.0, 3.0), place=2), "column 2 of a spline"),
    (Coefficient("sex", "factor", "sex=x", 1.0), "level"),
])  # fmt: skip
def test_parts_that_contradict_each_other(coefficient, message):
    with pytest.raises(BadInput, match=message):
        parse_model(locked(coefficient).text(), "m")


@pytest.mark.parametrize(("options", "message"), [
    ({"baseline": (Baseline("all", (), ()),)}, "time_months"),
    ({"baseline": (Baseline("all", **STEPS),) * 2}, "one stratum"),
    ({"baseline": (Baseline("all", (1.0,), (-0.5,)),)}, "ascending"), ({"kind": "score"}, "method of scores"),
])  # fmt: skip
def test_baselines_and_methods_that_are_none(options, message):
    with pytest.raises(BadInput, match=message):
        parse_model(replace(locked(gene("G1")), **options).text(), "m")


def test_the_center_of_published_coefficients_is_read_in_both_spellings(samples, matrix):
    table = pd.DataFrame({"term": ["G1"], "kind": ["gene"], "beta": [0.5], "centre": [8.0]})
    wanted = tools.apply_model(coefficients=table, samples=samples, expression=matrix).scores["linear_predictor"]
    plain = tools.apply_model(coefficients=table.drop(columns="centre"), samples=samples, expression=matrix).scores
    np.testing.assert_allclose(wanted.astype(float), plain["linear_predictor"].astype(float) - 4.0, rtol=0, atol=1e-9)
    other = table.rename(columns={"centre": "center"})
    found = tools.apply_model(coefficients=other, samples=samples, expression=matrix).scores["linear_predictor"]
    pd.testing.assert_series_equal(found, wanted)
    with pytest.raises(BadInput, match="center and centre differ"):
        tools.apply_model(coefficients=table.assign(center=7.0), samples=samples, expression=matrix)

"""Components, shares of variance and duplicates."""

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA

from prognomics.errors import AnalysisWarning, Refused
from prognomics.expression.duplicates import find_duplicates
from prognomics.expression.merge import Cohort, merge_cohorts
from prognomics.expression.pca import principal_components
from prognomics.expression.quality import quality_control, suitable_covariates
from prognomics.expression.variance import variance_share, variance_shares
from prognomics.stats import ordering

COHORT = np.repeat(["a", "b"], [30, 20])
SAMPLES = [f"S{i}" for i in range(50)]


@pytest.fixture
def values():
    rng = np.random.default_rng(6)
    x = rng.normal(rng.normal(8, 2, 400)[:, None], rng.uniform(0.3, 1.5, 400)[:, None], (400, 50))
    x[:100] += rng.normal(0, 1, 50)
    x[:, COHORT == "b"] += rng.normal(0, 1, 400)[:, None]
    return x


@pytest.mark.parametrize("n_genes", [400, 20])
def test_components_equal_scikit_learn(values, n_genes):
    values = values[:n_genes]
    found = principal_components(values)
    peer = PCA(10, svd_solver="full").fit(values.T)
    scores = peer.transform(values.T)
    np.testing.assert_allclose(found.explained_variance_ratio, peer.explained_variance_ratio_, rtol=1e-9)
    sign = np.sign((scores * found.scores).sum(axis=0))
    np.testing.assert_allclose(found.scores * sign, scores, atol=1e-9)
    np.testing.assert_allclose(found.loadings * sign, peer.components_.T, atol=1e-9)
    largest = np.abs(found.scores).argmax(axis=0)
    assert (found.scores[largest, np.arange(10)] > 0).all()


def test_components_of_two_points():
    found = principal_components(np.array([[0.0, 3.0], [0.0, 4.0], [1.0, 1.0]]))
    np.testing.assert_allclose(found.scores, [[2.5], [-2.5]])
    np.testing.assert_allclose(found.explained_variance_ratio, [1.0])
    assert found.n_genes == 2


def test_missing_values_are_filled_or_their_gene_left_out(values):
    values[0, :3] = np.nan
    values[1, :20] = np.nan
    found = principal_components(values)
    assert (found.n_genes, found.n_filled) == (399, 3)
    assert np.isnan(found.loadings[1]).all()
    with pytest.raises(Refused):
        principal_components(np.ones((4, 5)))
    with pytest.raises(Refused):
        principal_components(np.ones((4, 1)))


def test_quality_table(values):
    covariates = pd.DataFrame({"sex": ["f", "m"] * 25, "age": np.arange(50.0)})
    after = values - np.where(
        COHORT == "a",
        values[:, COHORT == "a"].mean(axis=1, keepdims=True),
        values[:, COHORT == "b"].mean(axis=1, keepdims=True),
    )
    found = quality_control(after, SAMPLES, COHORT, covariates=covariates, values_before=values)
    assert found.table.columns[:3].tolist() == ["metric", "scope", "value"]
    cell = found.table.set_index(["stage", "metric", "scope"])["value"]
    assert cell["before", "variance_share", "cohort"] > 0.1
    assert cell["after", "variance_share", "cohort"] == pytest.approx(0, abs=1e-20)
    assert cell["after", "variance_share_by_chance", "sex"] == pytest.approx(1 / 49)
    assert cell["before", "n_samples", "b"] == 20
    assert max(cell["before", "variance_share_of_component", f"cohort:PC{i}"] for i in (1, 2)) > 0.8
    assert cell["before", "duplicate_pairs", "all"] == 0
    assert found.components.shape == (100, 13)
    assert found.components.columns[:4].tolist() == ["sample_id", "cohort", "stage", "PC1"]
    assert cell["after", "explained_variance", "PC1"] == found.explained["after"][0]


def test_suitable_covariates():
    frame = pd.DataFrame(
        {
            "sample_id": SAMPLES,
            "sex": ["f", "m"] * 25,
            "one": "x",
            "age": np.arange(50.0),
            "rare": [1.0, 2.0] + [np.nan] * 48,
        }
    )
    assert suitable_covariates(frame) == ["sex", "age"]
    assert suitable_covariates(frame, exclude=["sex"]) == ["age"]


def test_a_planted_duplicate_is_found_across_a_platform_shift(values):
    rng = np.random.default_rng(9)
    mean = {name: values[:, COHORT == name].mean(axis=1) for name in "ab"}
    own = values[:, 4] - mean["a"]
    values[:, 40] = mean["b"] + own * rng.uniform(0.6, 1.4, 400) + 0.3 * own.std() * rng.normal(size=400)
    found = find_duplicates(values, SAMPLES, COHORT)
    assert found.columns[:5].tolist() == ["sample_a", "cohort_a", "sample_b", "cohort_b", "r"]
    assert found[["sample_a", "cohort_a", "sample_b", "cohort_b"]].to_numpy().tolist() == [["S4", "a", "S40", "b"]]
    assert found.loc[0, "r"] > 0.7
    with pytest.warns(AnalysisWarning, match="duplicate-samples.*S4 \\(a\\) and S40 \\(b\\)"):
        quality_control(values, SAMPLES, COHORT)


def test_a_copied_column_is_found_in_spite_of_the_shift(values):
    values[:, 40] = values[:, 4]
    found = find_duplicates(values, SAMPLES, COHORT)
    assert found[["sample_a", "sample_b"]].to_numpy().tolist() == [["S4", "S40"]]


def test_no_duplicate_among_strangers_and_small_cohorts_are_said(values):
    assert find_duplicates(values, SAMPLES, COHORT).empty
    assert find_duplicates(values[:, :30], SAMPLES[:30], COHORT[:30]).empty
    with pytest.warns(AnalysisWarning, match="duplicates-not-searched.*c"):
        find_duplicates(values, SAMPLES, [*COHORT[:-2], "c", "c"])
    with pytest.warns(AnalysisWarning, match="too few to search"):
        assert find_duplicates(values[:10], SAMPLES, COHORT).empty


@pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
@pytest.mark.parametrize("method", ["none", "zscore", "combat"])
def test_ovarian_cohorts_hold_no_duplicate_but_the_planted_one(shared_data, method):
    tables = {
        name: pd.read_csv(shared_data / "ovarian" / f"{name}.expression.tsv.gz", sep="\t", index_col=0)
        for name in ("GSE51088", "GSE12470", "GSE19829.GPL8300", "GSE8842")
    }

    def duplicates():
        cohorts = [Cohort(name, t.to_numpy(), t.index, t.columns) for name, t in tables.items()]
        merged = merge_cohorts(cohorts, method)
        return find_duplicates(merged.values, merged.sample_ids, merged.cohort)

    assert duplicates().empty
    source, target = tables["GSE51088"], tables["GSE12470"]
    genes = source.index.intersection(target.index)
    z = (source.loc[genes, "GSM1238150"] - source.loc[genes].mean(axis=1)) / source.loc[genes].std(axis=1)
    noise = np.random.default_rng(1).normal(0, 0.3, len(genes))
    spread = target.loc[genes].std(axis=1)
    tables["GSE12470"] = target.assign(planted=target.loc[genes].mean(axis=1) + (z + noise) * spread)
    found = duplicates()
    assert found[["sample_a", "sample_b"]].to_numpy().tolist() == [["GSM1238150", "planted"]]


@pytest.mark.parametrize("missing", [False, True])
def test_variables_that_share_a_pass_have_the_shares_that_each_has_alone(values, missing):
    if missing:
        values[::7, ::3] = np.nan
    age = [float(i) if i % 5 or not missing else None for i in range(50)]
    variables = [COHORT, ["f", "m"] * 25, age, ["one"] * 50, np.arange(50.0)]
    together, alone = variance_shares(values, variables), [variance_share(values, v) for v in variables]
    np.testing.assert_array_equal(together, alone)
    assert np.isnan(together[3]) and min(together[:3]) > 0


def test_threads_and_compiled_loops_change_no_bit(values, monkeypatch):
    values[::9, 4] = np.nan
    cohort = np.repeat(["a", "b", "c"], [20, 20, 10])

    def tables():
        found = quality_control(values, SAMPLES, cohort, covariates=pd.DataFrame({"age": np.arange(50.0)}))
        return found.table, found.components, found.duplicates, found.samples

    monkeypatch.setenv("PROGNOMICS_THREADS", "1")
    first = tables()
    monkeypatch.setenv("PROGNOMICS_THREADS", "3")
    monkeypatch.setattr(ordering, "compiled_loops", lambda: None)
    for one, other in zip(first, tables(), strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)

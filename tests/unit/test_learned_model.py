"""A learned signature as a locked model, and what it is compared with by chance."""

import numpy as np
import pandas as pd
import pytest

from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.signature import Signature, SignatureFile
from prognomics.learning.absolute_risk import expected_events, strata_of
from prognomics.learning.analysis import analyze_signature, published_scores
from prognomics.learning.cohort_data import learning_data
from prognomics.learning.learner import Settings, learn
from prognomics.learning.locked_signature import lock_signature

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")


def made(effect, strata, seed=1):
    rng = np.random.default_rng(seed)
    n = 180
    frame = pd.DataFrame({"sample_id": [f"s{i}" for i in range(n)], "cohort": np.repeat(["a", "b", "c"], 60),
                          "ward": rng.choice(["east", "west"], n)})  # fmt: skip
    values = rng.normal(size=(40, n))
    time = rng.exponential(20 * np.exp(-effect * values[0] - (frame["ward"] == "east")))
    event = (rng.random(n) < 0.7).astype(float)
    matrix = ExpressionMatrix(values, [f"g{i}" for i in range(40)], frame["sample_id"].tolist())
    return frame, learning_data(frame, matrix, time, event, strata=strata)


@pytest.mark.parametrize("strata", [["none"], ["auto"], ["ward"], ["cohort", "ward"]])
def test_the_baseline_of_each_stratum_gives_its_events(strata):
    frame, data = made(0.6, strata)
    learned = learn(data, np.arange(data.n), Settings(penalties=(0.05,)))
    model = lock_signature(data, learned, name="s", scaling="within_cohort", cut_quantiles=[0.5], endpoint="os",
                           outcome=None, population="all", method="lasso")  # fmt: skip
    assert list(model.strata) == {"none": [], "auto": ["cohort"]}.get(strata[0], strata)
    labels = strata_of(model, frame)
    linear = learned.coefficients @ data.values
    expected, beyond = expected_events(model, linear, data.time, labels)
    assert not np.isnan(expected).any() and not beyond.any()
    for label in {curve.stratum for curve in model.baseline}:
        rows = np.full(data.n, True) if label == "all" else labels == label
        assert expected[rows].sum() == pytest.approx(data.event[rows].sum(), rel=1e-9)


def test_permuted_outcomes_are_the_procedure_without_an_effect():
    _, data = made(0.9, ["auto"])
    found = analyze_signature(
        data, Settings(folds=3, n_penalties=20, smallest=0.1), leave_out="cohort", nested=True, fold_column=None, at=(),
        published={}, n_random=15, n_permuted=12, common={"endpoint": "os", "population": "all"},
    )  # fmt: skip
    table = found.null
    assert table["signature"].value_counts().to_dict() == {"random": 15, "permuted": 12, "signature": 2}
    rows = found.validation.set_index("model")
    assert rows.loc["permuted_median", "p_value"] == pytest.approx(1 / 13)
    assert abs(rows.loc["permuted_median", "estimate"] - 0.5) < 0.06
    assert rows.loc["permuted_median", "ci_high"] < table.loc[table["signature"] == "signature", "estimate"].iloc[0]


@pytest.mark.parametrize("penalty", [10.0, 1e-9], ids=["no gene", "all genes"])
def test_a_signature_without_a_random_one_of_its_size(penalty):
    """Nothing learned is a result: the table of random signatures has the row of the signature, and no other."""
    _, data = made(0.0, ["auto"])
    found = analyze_signature(
        data, Settings(folds=3, penalties=(penalty,)), leave_out="cohort", nested=True, fold_column=None, at=(),
        published={}, n_random=15, n_permuted=0, common={"endpoint": "os", "population": "all"},
    )  # fmt: skip
    assert int((found.learned.coefficients != 0).sum()) == (0 if penalty > 1 else len(data.gene_ids))
    assert found.null is not None and found.null[["rank", "signature"]].to_numpy().tolist() == [[1, "signature"]]
    own = found.validation.query("model == 'signature' and held_out == 'all' and statistic == 'c_harrell'")
    assert found.null["estimate"].iloc[0] == pytest.approx(own["estimate"].iloc[0], abs=1e-12)
    assert "random_median" not in set(found.validation["model"])


def test_published_weights_stay_with_their_genes():
    """A gene without an identifier of the kind of the matrix is not there, nor is its weight."""
    frame, data = made(0.5, ["auto"])
    matrix = ExpressionMatrix(data.values, data.gene_ids, frame["sample_id"].tolist())
    one = Signature("s", {"gene_id": ("g3", "", "g1"), "entrez_id": ("3", "2", "")}, weights=(2.0, 50.0, -1.0))
    scores = published_scores(matrix, data, [SignatureFile((one,))])
    z = (data.values - data.values.mean(axis=1, keepdims=True)) / data.values.std(axis=1, ddof=1, keepdims=True)
    assert np.corrcoef(scores["s"], 2 * z[3] - z[1])[0, 1] > 0.99


def test_held_out_log_odds_are_those_of_a_model_of_the_other_cohorts():
    """A yes/no outcome: predictions have the intercept of their training samples, and compare within cohorts only."""
    from prognomics.regression.fit import fit_logistic

    rng = np.random.default_rng(3)
    n, cohort = 240, np.repeat(["a", "b", "c"], 80)
    values = rng.normal(size=(30, n))
    age = rng.normal(60, 10, n).round()
    odds = 2.2 + 0.9 * values[0] - 0.03 * (age - 60) - 2.0 * (cohort == "c")
    event = (rng.random(n) < 1 / (1 + np.exp(-odds))).astype(float)
    frame = pd.DataFrame({"sample_id": [f"s{i}" for i in range(n)], "cohort": cohort, "age": age})
    matrix = ExpressionMatrix(values, [f"g{i}" for i in range(30)], frame["sample_id"].tolist())
    data = learning_data(frame, matrix, None, event, covariates=["age"], strata=["none"])
    found = analyze_signature(
        data, Settings(folds=3, n_penalties=20, smallest=0.1), leave_out="cohort", nested=True, fold_column=None, at=(),
        published={"given": values[0]}, n_random=30, common={"endpoint": "y=1", "population": "all"},
    )  # fmt: skip
    training = cohort != "a"
    fit = fit_logistic(event[training] == 1, age[training])
    expected = fit.intercept + fit.beta[0] * age[~training]
    np.testing.assert_allclose(found.held_out.linear["clinical"][~training], expected, rtol=1e-7)
    table = found.validation.set_index(["model", "held_out", "statistic"])["estimate"]
    assert table["signature_and_clinical", "apparent", "observed_expected"] == pytest.approx(1.0, rel=1e-9)
    own = found.null.loc[found.null["signature"] == "signature", "estimate"].iloc[0]
    assert table["signature", "all", "auc"] == pytest.approx(own, rel=1e-12)
    parts = [table["signature", c, "auc"] for c in "abc"]
    pairs = [event[cohort == c].sum() * (1 - event[cohort == c]).sum() for c in "abc"]
    assert table["signature", "all", "auc"] == pytest.approx(np.average(parts, weights=pairs), rel=1e-12)
    assert ("given", "all", "brier") not in table.index and ("given", "all", "auc") in table.index
    model = lock_signature(data, found.learned, name="s", scaling="within_cohort", cut_quantiles=[], endpoint=None,
                           outcome={"column": "y", "level": "1"}, population="all", method="lasso")  # fmt: skip
    center = np.array([c.center for c in model.coefficients])
    used = np.flatnonzero(found.learned.coefficients)
    locked = model.intercept + found.learned.coefficients[used] @ (data.values[used] - center[:, None])
    assert (1 / (1 + np.exp(-locked))).sum() == pytest.approx(event.sum(), rel=1e-9)

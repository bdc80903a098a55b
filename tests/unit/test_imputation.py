"""Multiple imputation of covariates: what is imputed, what never is, and that it removes bias."""

import numpy as np
import pandas as pd
import pytest

from prognomics.errors import Refused, UsageError
from prognomics.survival.cox.analysis import cox_analysis
from prognomics.survival.cox.imputation import impute

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")


def made(seed, n=400):
    rng = np.random.default_rng(seed)
    x, stage = rng.normal(size=n), rng.choice(["I", "II", "III"], n)
    marker = 0.7 * x + rng.normal(size=n)
    death, end = rng.exponential(30 / np.exp(0.8 * x + 0.5 * marker + 0.4 * (stage == "III"))), rng.uniform(10, 60, n)
    frame = pd.DataFrame({
        "sample_id": [f"S{i:03d}" for i in range(n)], "cohort": rng.choice(["a", "b"], n), "x": x, "stage": stage,
        "marker": marker, "time": np.minimum(death, end), "event": (death <= end).astype(int),
    })  # fmt: skip
    lost = rng.random(n) < np.where((frame["event"] == 1) & (marker > 0), 0.6, 0.1)
    frame.loc[lost, "x"] = np.nan
    frame.loc[rng.random(n) < 0.1, "stage"] = None
    return frame


def analysis(frame, n_imputations=3, markers=("marker",), **options):
    return cox_analysis(frame, "time", "event", ["marker", "x", "stage"], model="multivariable", markers=markers,
                        n_imputations=n_imputations, **options)  # fmt: skip


def test_less_bias_than_complete_cases_where_missing_depends_on_the_outcome():
    errors = []
    for seed in range(6):
        table = analysis(made(seed), 4).table
        rows = table[(table["term"] == "marker") & (table["row_type"] == "level")].set_index("model")["beta"]
        errors.append(rows - 0.5)
    bias = pd.DataFrame(errors).mean().abs()
    assert bias["multivariable_imputed"] < bias["multivariable"]


def test_markers_and_outcomes_are_never_imputed():
    frame = made(1)
    frame.loc[:4, "marker"] = np.nan
    frame.loc[5:9, "time"] = np.nan
    found = analysis(frame)
    imputed = impute(found.data, ["marker", "x", "stage"], ["marker"], 3, 1)
    assert not imputed.eligible[:10].any()
    assert set(imputed.missing) == {"x", "stage"}
    for one in imputed.frames:
        assert one["marker"].isna().sum() == 5
        assert one.loc[imputed.eligible, ["x", "stage"]].notna().all(axis=None)
        pd.testing.assert_series_equal(one["time"], frame["time"])
        known = frame["x"].notna()
        assert (one["x"][known] == frame["x"][known]).all()
        assert set(one["stage"].dropna()) == {"I", "II", "III"}
    assert not imputed.frames[0]["x"].equals(imputed.frames[1]["x"])
    row = found.table[found.table["model"] == "multivariable_imputed"].iloc[0]
    assert row["n"] == imputed.eligible.sum()
    assert row["n_imputed"] == (frame["x"].isna() | frame["stage"].isna())[imputed.eligible].sum()


def test_the_seed_and_the_ids_decide():
    frame = made(2)
    turned = frame.sample(frac=1, random_state=3).reset_index(drop=True)
    one, same, other = (analysis(f, seed=seed).table["beta"] for f, seed in ((frame, 5), (turned, 5), (frame, 6)))
    np.testing.assert_allclose(one, same, rtol=1e-9)
    assert not np.allclose(one.dropna(), other.dropna())


def test_nothing_missing_gives_no_further_rows():
    table = analysis(made(3).dropna().reset_index(drop=True)).table
    assert set(table["model"]) == {"multivariable"}
    assert list(table.columns[23:26]) == ["interval", "n_imputed", "fmi"]


def test_what_cannot_be_asked():
    with pytest.raises(UsageError, match="two imputations"):
        analysis(made(4), 1)
    with pytest.raises(UsageError, match="--entry"):
        analysis(made(4), entry="univariable")
    with pytest.raises(UsageError, match="--penalty"):
        analysis(made(4), penalty="firth")
    frame = made(4)
    frame["stage"] = np.where(frame["time"] < 20, "I", None)
    frame.loc[frame["event"] == 1, "stage"] = "II"
    with pytest.raises(Refused, match="separate"):
        analysis(frame)

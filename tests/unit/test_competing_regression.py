"""Fine-Gray and cause-specific models: identities, tables, refusals and warnings."""

import numpy as np
import pandas as pd
import pytest

from prognomics.data.result_table import COMMON
from prognomics.errors import BadInput, Refused, UsageError
from prognomics.survival.competing_risks.fine_gray import fit_fine_gray
from prognomics.survival.competing_risks.regression import competing_regression
from prognomics.survival.cox.analysis import cox_analysis
from prognomics.survival.cox.fit import fit_cox
from prognomics.survival.cox.tables import TABLE_COLUMNS


def a_sheet(n=120, seed=5):
    rng = np.random.default_rng(seed)
    return pd.DataFrame({
        "sample_id": [f"S{i}" for i in range(n)], "cohort": [f"c{i % 2}" for i in range(n)],
        "t": np.ceil(rng.exponential(20, n)), "c": rng.choice([0, 1, 2], n), "g": rng.choice(["low", "high"], n),
        "x": rng.normal(0, 1, n), "stage": rng.choice(["I", "II", "III"], n),
    })  # fmt: skip


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("strata", [None, "cohort"])
def test_without_competing_events_fine_gray_is_cox(ties, strata):
    sheet = a_sheet()
    event, labels = (sheet["c"] == 1).to_numpy(), None if strata is None else sheet[strata]
    x = sheet[["x"]].to_numpy()
    found = fit_fine_gray(sheet["t"], event.astype(float), x, labels, ties)
    wanted = fit_cox(sheet["t"], event, x, labels, ties, cluster=np.arange(len(sheet)))
    assert found.beta == pytest.approx(wanted.beta, rel=1e-10)
    assert found.se == pytest.approx(wanted.se, rel=1e-10)
    assert found.loglik == pytest.approx(wanted.loglik, rel=1e-12)


def test_the_fast_sums_are_those_of_split_rows():
    """Rows split at every event time with finegray's weights give the same fit."""
    sheet = a_sheet(60).assign(t=lambda d: d["t"] + np.arange(60) / 1000)
    time, cause = sheet["t"].to_numpy(), sheet["c"].to_numpy()
    at = np.unique(time)
    left = np.array([1 - (cause[time == t] == 0).sum() / (time >= t).sum() for t in at])
    before = dict(zip(at, np.concatenate(([1.0], np.cumprod(left)[:-1])), strict=True))
    rows = []
    for i, (end, kind) in enumerate(zip(time, cause, strict=True)):
        rows.append((i, -1.0, end, kind == 1, 1.0))
        if kind == 2:
            later = np.append(end, at[at > end])
            rows += [(i, a, b, False, before[b] / before[end]) for a, b in zip(later, later[1:], strict=False)]
    long = pd.DataFrame(rows, columns=["row", "start", "stop", "event", "weight"])
    x = sheet[["x"]].to_numpy()
    wanted = fit_cox(long["stop"], long["event"], x[long["row"]], None, "efron", long["weight"], long["start"],
                     long["row"])  # fmt: skip
    found = fit_fine_gray(time, cause, x, ties="efron")
    assert found.beta == pytest.approx(wanted.beta, rel=1e-10)
    assert found.se == pytest.approx(wanted.se, rel=1e-10)


def test_cause_specific_rows_are_those_of_cox():
    sheet = a_sheet()
    table = competing_regression(sheet, "t", "c", ["x", "stage"], model="cause_specific").table
    for model, code in (("cause_specific", 1), ("cause_specific_competing", 2)):
        event = (sheet["c"] == code).astype(float)
        wanted = cox_analysis(sheet, "t", event, ["x", "stage"], model="multivariable").table
        own = table[table["model"] == model].reset_index(drop=True)
        columns = [name for name in TABLE_COLUMNS if name != "model"]
        pd.testing.assert_frame_equal(own[columns], wanted[columns])


def test_each_variable_alone_is_a_model_of_one_variable():
    sheet = a_sheet()
    sheet.loc[2, "x"] = np.nan
    found = competing_regression(sheet, "t", "c", ["x", "g"], model_kind="both")
    assert found.table["model_kind"].unique().tolist() == ["univariable", "multivariable"]
    for kind, part in found.table.groupby("model_kind", sort=False):
        wanted = [["x"], ["g"]] if kind == "univariable" else [["x", "g"]]
        alone = pd.concat([competing_regression(sheet, "t", "c", names).table for names in wanted])
        for model, rows in part.groupby("model", sort=False):
            same = alone[alone["model"] == model].drop(columns="model_kind")
            pd.testing.assert_frame_equal(
                rows.drop(columns="model_kind").reset_index(drop=True), same.reset_index(drop=True)
            )
    univariable = found.table[found.table["model_kind"] == "univariable"].groupby("term")["n"].first()
    assert univariable.to_dict() == {"x": 119, "g": 120}


def test_variable_without_an_estimate_alone_does_not_stop_the_others():
    sheet = a_sheet().assign(flat=1.0)
    with pytest.warns(match="flat not estimable"):
        found = competing_regression(sheet, "t", "c", ["x", "flat"], model="fine_gray", model_kind="univariable")
    assert found.table.set_index("term")["estimable"].to_dict() == {"x": "yes", "flat": "no"}


def test_table():
    sheet = a_sheet()
    sheet.loc[2, "x"], sheet.loc[5, "c"] = np.nan, np.nan
    found = competing_regression(sheet, "t", "c", ["x", "g", "stage"], endpoint="dss")
    table = found.table
    assert list(table.columns) == [*TABLE_COLUMNS, "n_competing", "model_kind", *COMMON]
    assert (table["model_kind"] == "multivariable").all()
    assert table["model"].unique().tolist() == ["fine_gray", "cause_specific", "cause_specific_competing"]
    inside = sheet["x"].notna() & sheet["c"].notna()
    assert (table["n"] == inside.sum()).all() and (table["n_missing"] == 2).all()
    assert (table["n_competing"] == (sheet["c"][inside] == 2).sum()).all()
    counts = {"fine_gray": 1, "cause_specific": 1, "cause_specific_competing": 2}
    for model, code in counts.items():
        assert (table.loc[table["model"] == model, "events"] == (sheet["c"][inside] == code).sum()).all()
    assert table.groupby("model")["ties"].first().to_dict() == {
        "fine_gray": "breslow", "cause_specific": "efron", "cause_specific_competing": "efron"
    }  # fmt: skip
    fine = table[table["model"] == "fine_gray"]
    assert fine["row_type"].tolist() == ["level", "reference", "level", "omnibus", "reference", "level", "level",
                                         "omnibus"]  # fmt: skip
    assert fine.loc[fine["row_type"] == "omnibus", "df"].tolist() == [1, 2]
    assert set(table["strata"]) == {"cohort"}
    assert set(found.ph["model"]) == set(counts)


def test_a_level_without_events_is_not_estimable_and_the_rest_is():
    sheet = a_sheet()
    sheet["stage"] = np.where((sheet["c"] != 1) & (np.arange(len(sheet)) % 5 == 0), "IV", sheet["stage"])
    with pytest.warns(UserWarning, match="not estimable"):
        table = competing_regression(sheet, "t", "c", ["x", "stage"], model="fine_gray").table
    assert table.loc[table["level"] == "IV", "estimable"].tolist() == ["no"]
    assert table.loc[table["term"] == "x", "estimable"].tolist() == ["yes"]
    assert np.isfinite(table.loc[table["row_type"] == "omnibus", "p_lr"]).all()


def test_units_do_not_matter():
    sheet = a_sheet().assign(tiny=lambda d: 1e-9 * d["x"] + 5)
    tables = [competing_regression(sheet, "t", "c", [name], model="fine_gray").table for name in ("x", "tiny")]
    assert tables[1]["statistic"].to_numpy() == pytest.approx(tables[0]["statistic"].to_numpy(), rel=1e-5)


def test_order_of_samples_does_not_matter():
    sheet = a_sheet()
    one, other = (competing_regression(part, "t", "c", ["x", "stage"], strata=["none"]).table
                  for part in (sheet, sheet.sample(frac=1, random_state=3)))  # fmt: skip
    for column in ("beta", "se", "p_lr"):
        np.testing.assert_allclose(one[column], other[column], rtol=1e-9)


def test_competing_model_is_left_out_where_nothing_can_be_estimated():
    sheet = a_sheet()
    competing = np.flatnonzero(sheet["c"] == 2)
    sheet.loc[competing[1:], "c"] = 0
    sheet["y"] = (np.arange(len(sheet)) == competing[0]).astype(float) + 0.0
    sheet.loc[np.flatnonzero(sheet["c"] == 1)[:20], "y"] = 1.0
    sheet.loc[competing[0], "t"] = sheet["t"].max() + 1
    with pytest.warns(UserWarning, match="cause_specific_competing"):
        table = competing_regression(sheet, "t", "c", ["y"]).table
    assert set(table["model"]) == {"fine_gray", "cause_specific"}


def test_no_competing_events():
    sheet = a_sheet().assign(c=lambda d: (d["c"] == 1) * 1)
    with pytest.warns(UserWarning, match="equals the Cox model"):
        table = competing_regression(sheet, "t", "c", ["x"], ties="efron").table
    assert table["model"].tolist() == ["fine_gray", "cause_specific"]
    assert table["beta"].iloc[0] == pytest.approx(table["beta"].iloc[1], rel=1e-9)


def test_refusals():
    sheet = a_sheet()
    with pytest.raises(Refused, match="has the event"):
        competing_regression(sheet.assign(c=0), "t", "c", ["x"])
    with pytest.raises(Refused, match="nothing can be estimated"):
        competing_regression(sheet.assign(x=1.0), "t", "c", ["x"])
    with pytest.raises(UsageError, match="covariate"):
        competing_regression(sheet, "t", "c", [])
    with pytest.raises(UsageError, match="stratum"):
        competing_regression(sheet, "t", "c", ["cohort"])
    with pytest.raises(BadInput, match="0, 1 and 2"):
        competing_regression(sheet.assign(c=3), "t", "c", ["x"])
    with pytest.raises(BadInput, match="'z'"):
        competing_regression(sheet, "t", "c", ["z"])
    with pytest.raises(UsageError, match="ties"):
        competing_regression(sheet, "t", "c", ["x"], ties="exact")


@pytest.mark.slow
@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_fine_gray_keeps_its_level(ties):
    rng = np.random.default_rng(9)
    rejected, runs = 0, 2000
    for _ in range(runs):
        n, x = 120, rng.normal(0, 1, 120)
        first, second, end = rng.exponential(25, n), rng.exponential(30, n), rng.uniform(5, 60, n)
        time = np.minimum(np.minimum(first, second), end)
        cause = np.where(time == end, 0, np.where(time == first, 1, 2))
        fit = fit_fine_gray(time, cause, x[:, None], ties=ties)
        rejected += abs(fit.beta[0] / fit.se[0]) > 1.959964
    assert rejected / runs == pytest.approx(0.05, abs=0.018)

"""Start-stop rows against R's `coxph(Surv(start, stop, event) ~ ...)`: covariates that change, recurrent events."""

from pathlib import Path

import pandas as pd
import pytest

from prognomics import tools

HERE = Path(__file__).parent / "survival"
ROWS = pd.read_csv(HERE / "start_stop_data.tsv", sep="\t")
EXPECTED = pd.read_csv(HERE / "start_stop_expected.tsv", sep="\t")


def sheet(kind):
    rows = ROWS[ROWS["kind"] == kind]
    return pd.DataFrame({
        "sample_id": [f"P{i}.{k}" for k, i in enumerate(rows["id"])], "patient_id": [f"P{i}" for i in rows["id"]],
        "pfs_time": rows["stop"].to_numpy(), "pfs_event": rows["event"].to_numpy(), "start": rows["start"].to_numpy(),
        "x1": rows["x1"].to_numpy(), "z": rows["z"].to_numpy(), "number": rows["number"].astype(str).to_numpy(),
    })  # fmt: skip


@pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
@pytest.mark.parametrize("model", EXPECTED["model"].unique())
def test_rows_from_start_to_stop(model):
    name, ties = model.split()
    frame = sheet("changing" if name == "changing" else "recurrent")
    options = {} if name == "changing" else {"cluster": "patient_id"}
    if name == "prentice_williams_peterson":
        options["strata"] = ["number"]
    found = tools.cox(samples=frame, endpoint="pfs", covariate=["x1", "z"], entry_time_column="start", ties=ties,
                      model="multivariable", **options)  # fmt: skip
    table = found.table.set_index("term")
    for row in EXPECTED[EXPECTED["model"] == model].itertuples():
        assert table.loc[row.term, "beta"] == pytest.approx(row.beta, rel=1e-6)
        assert table.loc[row.term, "se"] == pytest.approx(row.se, rel=1e-6)


def test_rows_of_one_patient_are_said():
    with pytest.warns(match="duplicated-patients"):
        tools.cox(samples=sheet("changing"), endpoint="pfs", covariate=["x1"], entry_time_column="start")

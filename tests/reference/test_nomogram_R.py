"""Nomograms against R's `rms::nomogram`, and of locked models."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.survival.evaluation.analysis import evaluate_models

HERE = Path(__file__).parent / "evaluation"
SAMPLES = pd.read_csv(HERE / "samples.tsv", sep="\t")
WANTED = pd.read_csv(HERE / "nomogram.tsv", sep="\t", dtype={"value": str, "stratum": str}, keep_default_na=False)
READING = 0.06  # rms interpolates its axis of survival


@pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
@pytest.mark.parametrize("strata", ["none", "auto"])
def test_points_and_survival(strata):
    table = evaluate_models(SAMPLES, "os_time", "os_event", ["age", "grade"], "marker", at=[36, 60], strata=[strata],
                            factors=["grade"], bootstraps=0).nomogram  # fmt: skip
    table = table[table["model"] == "covariates+marker"]
    wanted = WANTED[WANTED["case"] == strata]
    points = table[table["row_type"] == "points"].set_index(["term", "value"])["points"]
    rows = wanted[wanted["term"] != "survival"]
    assert len(points) == len(rows) == 13
    for row in rows.itertuples():
        assert points[row.term, row.value] == pytest.approx(row.points, abs=1e-6)
    survival = table[table["row_type"] == "survival"].set_index(["stratum", "time_months", "value"])["points"]
    most = table.loc[table["row_type"] == "total", "points"].max()
    compared = 0
    for row in wanted[wanted["term"] == "survival"].itertuples():
        if 0 < float(row.points) < most:
            assert survival[row.stratum, float(row.time), row.value] == pytest.approx(float(row.points), abs=READING)
            compared += 1
    assert compared > 10


@pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
def test_reading_the_nomogram_gives_the_predicted_survival():
    """The points of a patient's values, summed, are those of the survival that the table of totals gives."""
    table = evaluate_models(SAMPLES, "os_time", "os_event", ["age"], "marker", at=[36], bootstraps=0).nomogram
    for (_, _, _), rows in table[table["row_type"] != "points"].groupby(["model", "stratum", "time_months"]):
        total, survival = (rows[rows["row_type"] == kind] for kind in ("total", "survival"))
        hazard = np.log(-np.log1p(-total["risk"].to_numpy(float)))
        kept = np.isfinite(hazard)
        read = np.interp(survival["points"], total["points"][kept], hazard[kept])
        inside = survival["points"].between(total["points"][kept].min(), total["points"][kept].max()).to_numpy()
        assert read[inside] == pytest.approx(np.log(-np.log(survival["value"][inside].astype(float))), abs=1e-6)

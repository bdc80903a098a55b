"""Rubin's rules over Cox models of given data sets against mice (make_rubin_references.R)."""

from pathlib import Path

import pandas as pd
import pytest

from prognomics.survival.cox.analysis import cox_analysis
from prognomics.survival.cox.imputation import Imputed
from prognomics.survival.cox.pooled import rows_of

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
FOLDER = Path(__file__).parent / "survival"


def test_pooled_coefficients_and_tests():
    read = {"sep": "\t", "float_precision": "round_trip"}
    ages = pd.read_csv(FOLDER / "rubin_ages.tsv", **read)
    r = pd.read_csv(FOLDER / "rubin_expected.tsv", **read).set_index("stat")["value"]
    frame = pd.read_csv(FOLDER / "cox_more_data.tsv", **read).query("stage != 'IV'").reset_index(drop=True)
    gap = ages["missing"].to_numpy() == 1
    found = cox_analysis(frame.assign(age=frame["age"].mask(gap)), "time", "event", ["marker", "age", "stage"],
                         model="multivariable", reference_levels={"marker": "low"})  # fmt: skip
    frames = [frame.assign(age=ages[f"X{i}"]) for i in range(1, 6)]
    rows = pd.DataFrame(rows_of(found.data, found.models, Imputed(frames, found.data.eligible, {"age": gap})))
    assert set(rows["model"]) == {"multivariable_imputed"}
    assert set(rows["n_imputed"]) == {gap.sum()}
    levels = rows[rows["row_type"] == "level"]
    for (_, row), name in zip(levels.iterrows(), ["markerhigh", "age", "stageII", "stageIII"], strict=True):
        for column in ("beta", "se", "df", "fmi"):
            assert row[column] == pytest.approx(r[f"{name} {column}"], rel=1e-6), (name, column)
    omnibus = rows[(rows["row_type"] == "omnibus") & (rows["term"] == "stage")].iloc[0]
    assert omnibus["statistic"] == pytest.approx(r["D1 F"], rel=1e-6)
    assert omnibus["p_value"] == pytest.approx(r["D1 p"], rel=1e-6)

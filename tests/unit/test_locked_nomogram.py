"""The nomogram of a locked model."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from prognomics.data.model import Baseline, Coefficient, LockedModel
from prognomics.data.sheet import as_sheet
from prognomics.errors import Refused
from prognomics.learning.application import apply_to_samples
from prognomics.learning.locked_nomogram import locked_nomogram

MODEL = LockedModel(
    "cox", "risk",
    (Coefficient("age", "numeric", "age", 0.05, center=60.0),
     Coefficient("stage", "factor", "stage=II", 0.4, level="II", reference="I"),
     Coefficient("stage", "factor", "stage=III", 1.1, level="III", reference="I")),
    baseline=(Baseline("all", (10.0, 40.0, 70.0), (0.1, 0.5, 0.9)),), endpoint="os",
)  # fmt: skip


def applied(model=MODEL, **columns):
    frame = pd.DataFrame({"sample_id": list("abcd"), "age": [41.0, 58, np.nan, 79], "stage": ["I", "II", "III", "I"]})
    return apply_to_samples(model, as_sheet(frame.assign(**columns)), None, [40.0], 0.8)


@pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
def test_the_sum_of_points_is_the_predicted_survival_of_a_sample():
    found = applied()
    table = locked_nomogram(found)
    points = table[table["row_type"] == "points"].set_index(["term", "value"])["points"]
    assert points["age", "80"] - points["age", "40"] == pytest.approx(100)
    total = table[table["row_type"] == "total"]
    survival_of = 1 - total["risk"].to_numpy(float)
    own = (58 - 40) * 100 / 40 + points["stage", "II"]
    read = np.interp(own, total["points"], np.log(-np.log(survival_of)))
    assert np.exp(-np.exp(read)) == pytest.approx(found.survival[1, 0], rel=1e-9)
    assert set(table["model"]) == {"risk"} and table["note"].str.contains("these samples").all()


@pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
def test_what_no_nomogram_can_show():
    with pytest.raises(Refused, match="baseline"):
        locked_nomogram(applied(replace(MODEL, baseline=())))
    many = tuple(Coefficient(f"x{i}", "numeric", f"x{i}", 0.1) for i in range(20))
    with pytest.raises(Refused, match="20 variables"):
        locked_nomogram(applied(replace(MODEL, coefficients=many), **{f"x{i}": np.arange(4.0) for i in range(20)}))
    crossed = (*MODEL.coefficients, Coefficient("age:stage", "interaction", "age:II", 0.1, parts=("age", "stage=II")))
    with pytest.raises(Refused, match="interaction"):
        locked_nomogram(applied(replace(MODEL, coefficients=crossed)))
    with pytest.raises(Refused, match="no sample has 'age'"):
        locked_nomogram(applied(age=[np.nan] * 4))

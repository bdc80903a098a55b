"""The max-combo test against R: `survdiff` for its parts, `mvtnorm::pmvnorm` for its p-value."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics import tools
from prognomics.errors import UsageError
from prognomics.survival.curves.logrank import logrank
from prognomics.survival.curves.max_combo import inside_probability, max_combo

HERE = Path(__file__).parent / "survival"
DATA = pd.read_csv(HERE / "data.tsv", sep="\t")
EXPECTED = pd.read_csv(HERE / "max_combo_expected.tsv", sep="\t", skipinitialspace=True)


@pytest.mark.parametrize("row", EXPECTED.itertuples(), ids=lambda row: f"{row.set}-{row.strata}".replace(" ", ""))
def test_statistic_and_p(row):
    data = DATA[DATA["dataset"] == row.set.strip()]
    data = data[data["group"].isin(sorted(data["group"].unique())[:2])]
    strata = None if row.strata.strip() == "none" else data["stratum"]
    found = max_combo(data["time"], data["event"], data["group"], strata)
    each = np.array([row.z00, row.z10, row.z01, row.z11])
    assert found.chisq == pytest.approx(np.abs(each).max() ** 2, rel=1e-6)
    assert found.p_value == pytest.approx(row.p, abs=2e-5)
    for z in each:
        assert f"{z:.4g}" in found.note
    late = logrank(data["time"], data["event"], data["group"], strata, "fleming_harrington", powers=(0, 1))
    assert late.chisq == pytest.approx(row.z01**2, rel=1e-6)


def test_normal_probabilities():
    assert inside_probability(np.eye(1), 1.959963985) == pytest.approx(0.95, abs=1e-8)
    assert inside_probability(np.eye(3), 1.959963985) == pytest.approx(0.95**3, abs=1e-5)
    assert inside_probability(np.ones((4, 4)), 1.959963985) == pytest.approx(0.95, abs=1e-8)
    assert inside_probability(np.eye(2), 0.0) == 0


def test_null_is_kept():
    rng = np.random.default_rng(8)
    rejected = 0
    for _ in range(300):
        time, end, group = rng.exponential(20, 80), rng.uniform(5, 40, 80), rng.permutation(np.repeat([0, 1], 40))
        rejected += max_combo(np.minimum(time, end), time < end, group).p_value < 0.05
    assert 4 <= rejected <= 29


@pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
def test_what_is_refused():
    frame = pd.DataFrame({"sample_id": list("abcdefgh"), "os_time": range(1, 9), "os_event": 1, "w": 1.5,
                          "g": list("xyxyxyxy"), "three": list("xyzxyzxy")})  # fmt: skip
    options = {"samples": frame, "endpoint": "os", "weights": "max_combo"}
    with pytest.raises(UsageError, match="two groups, not 3"):
        tools.kaplan_meier(group_column="three", **options)
    with pytest.raises(UsageError, match="no robust variance"):
        tools.kaplan_meier(group_column="g", weight_column="w", **options)
    assert tools.kaplan_meier(group_column="g", **options).test["p_value"].between(0, 1).all()

"""The evaluation figure: the same bytes each time, one model or three, and a refusal without rows."""

import numpy as np
import pandas as pd
import pytest

from prognomics.errors import BadInput
from prognomics.report.figures.evaluation import EvaluationFigure
from prognomics.survival.evaluation.analysis import evaluate_models

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")


def figure(covariates, marker, cohorts=1, **changes):
    rng = np.random.default_rng(1)
    n = 90
    frame = pd.DataFrame({"marker": rng.normal(size=n), "age": rng.normal(60, 9, n),
                          "cohort": [f"cohort {i % cohorts} $x$" for i in range(n)],
                          "os_time": rng.exponential(40, n) + 1, "os_event": rng.integers(0, 2, n)})  # fmt: skip
    found = evaluate_models(frame, "os_time", "os_event", covariates, marker, at=[24, 36], bootstraps=0)
    tables = {name: getattr(found, name) for name in ("table", "roc", "curve", "calibration", "decision")}
    return EvaluationFigure(**tables | changes, marker="XPO1", title="A study")


def panels(drawn):
    return [text.get_text() for text in drawn.texts if text.get_weight() == "bold"]


def test_six_panels_and_the_same_bytes():
    made = figure(["age"], "marker", 3)
    assert made.to_bytes("svg") == made.to_bytes("svg")
    drawn = made.draw()
    assert len(drawn.axes) == 6
    assert any("Each cohort" in text for text in panels(drawn))
    assert [text.get_text() for text in drawn.texts].count("Covariates and XPO1") == 1
    ticks = [label.get_text() for label in drawn.axes[5].get_yticklabels()]
    assert len(ticks) == 4 and ticks[-1].startswith("all")


@pytest.mark.parametrize(
    ("covariates", "marker", "name"), [([], "marker", "XPO1 alone"), (["age"], None, "Covariates")]
)
def test_one_model_in_one_cohort(covariates, marker, name):
    drawn = figure(covariates, marker).draw()
    assert len(drawn.axes) == 5
    assert name in [text.get_text() for text in drawn.texts]
    # the panels at a horizon are those of the first
    assert any("24 months" in text for text in panels(drawn))
    lines = drawn.axes[0].get_lines()
    np.testing.assert_allclose(lines[1].get_xydata()[[0, -1]], [[0, 0], [1, 1]])


def test_no_rows_no_figure():
    made = figure([], "marker")
    with pytest.raises(BadInput, match="no row"):
        EvaluationFigure(made.table.iloc[:0], made.roc, made.curve, made.calibration, made.decision).draw()

"""Samples that were in training under another name: refused in validation, and never held out from themselves."""

import numpy as np
import pandas as pd
import pytest

from prognomics import tools
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.model_file import parse_model
from prognomics.errors import BadInput, Refused
from prognomics.learning.cohort_data import learning_data
from prognomics.learning.held_out import make_splits
from prognomics.learning.learner import Settings
from prognomics.learning.profiles import known_profiles, make_profiles

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
GENES = [f"G{i:03d}" for i in range(400)]


def people(seed, n, name):
    """Correlated genes of patients with an outcome that the first ones decide."""
    rng = np.random.default_rng(seed)
    loading = np.random.default_rng(99).normal(size=(400, 8)) * 0.6
    values = loading @ rng.normal(size=(8, n)) + rng.normal(size=(400, n)) + 7
    time = rng.exponential(20 * np.exp(-0.8 * (values[0] - 7) + 0.8 * (values[1] - 7)))
    sheet = pd.DataFrame({"sample_id": [f"{name}{i}" for i in range(n)], "cohort": name, "os_time": time.round(2),
                          "os_event": (rng.random(n) < 0.75).astype(int)})  # fmt: skip
    return sheet, pd.DataFrame(values, GENES, sheet["sample_id"])


@pytest.fixture(scope="module")
def model():
    parts = [people(1, 60, "A"), people(2, 70, "B")]
    sheet, x = pd.concat([p[0] for p in parts], ignore_index=True), pd.concat([p[1] for p in parts], axis=1)
    made = tools.learn_signature(samples=sheet, expression=x.rename_axis("gene_id"), endpoint="os", leave_out="none",
                                 nested=False, random_signatures=0, lambda_ratio=0.1)  # fmt: skip
    return parse_model(made.fitted.text(), "model.json")


def renamed(x, sheet, rows, noise, turn, seed=5):
    """Some samples of a cohort under other names, measured again, among 40 others."""
    rng = np.random.default_rng(seed)
    other, y = people(7, 40, "N")
    again = x.iloc[:, rows] + rng.normal(size=(400, len(rows))) * noise
    part = sheet.iloc[rows].assign(cohort="N")
    part["sample_id"] = again.columns = [f"again{i}" for i in range(len(rows))]
    whole = turn(pd.concat([y, again], axis=1))
    return pd.concat([other, part], ignore_index=True), whole.rename_axis("gene_id")


@pytest.mark.parametrize("noise", [0.0, 0.2])
@pytest.mark.parametrize("turn", [lambda x: x, lambda x: 2.0**x, lambda x: 3 * x - np.arange(400)[:, None]])
def test_renamed_samples_are_refused_by_their_expression(model, noise, turn):
    sheet, x = people(1, 60, "A")
    samples, expression = renamed(x, sheet, [3, 17, 40], noise, turn)
    with pytest.raises(Refused, match="3 of 43 samples have the expression") as told:
        tools.apply_model(model=model, samples=samples, expression=expression, endpoint="os", at=[12])
    assert "again0, again1, again2" in str(told.value)
    with pytest.raises(Refused, match="have the expression"):
        tools.evaluate_model(model=model, samples=samples, expression=expression, endpoint="os", at=[12], bootstraps=0)
    others = tools.apply_model(model=model, samples=samples, expression=expression, endpoint="os", at=[12],
                               exclude_derivation=True)  # fmt: skip
    noted = next(w.text for w in others.warnings if w.code == "derivation-excluded")
    assert "by their expression alone" in noted and noted.startswith(f"{43 - len(others.scores)} of 43")
    scored = tools.apply_model(model=model, samples=samples, expression=expression)  # no outcome: nothing is validated
    assert len(scored.scores) == 43


def test_the_whole_cohort_under_other_names_is_refused(model):
    sheet, x = people(2, 70, "B")
    samples = sheet.assign(sample_id=[f"x{i}" for i in range(70)], cohort="C")
    expression = x.set_axis(samples["sample_id"], axis=1).rename_axis("gene_id")
    with pytest.raises(Refused, match="70 of 70 samples"):
        tools.apply_model(model=model, samples=samples, expression=expression, endpoint="os", at=[12])


def test_other_patients_are_not_taken_for_those_of_the_derivation(model):
    seen = 0
    for seed in range(10, 30):
        sheet, x = people(seed, 60, "D")
        matrix = ExpressionMatrix(x.to_numpy(), GENES, sheet["sample_id"].tolist())
        cohort = sheet["cohort"].to_numpy(object)
        seen += known_profiles(model.derivation.profiles, matrix, matrix.sample_ids, cohort).sum()
    assert seen == 0


def test_a_model_without_profiles_and_matrices_that_cannot_tell(model):
    sheet, x = people(1, 60, "A")
    matrix = ExpressionMatrix(x.to_numpy(), GENES, sheet["sample_id"].tolist())
    cohort = sheet["cohort"].to_numpy(object)
    few = ExpressionMatrix(x.to_numpy()[:100], GENES[:100], matrix.sample_ids)
    assert make_profiles(few, matrix.sample_ids, cohort) == {}
    assert make_profiles(matrix, matrix.sample_ids[:4], cohort[:4]) == {}
    assert not known_profiles({}, matrix, matrix.sample_ids, cohort).any()
    assert not known_profiles(model.derivation.profiles, few, matrix.sample_ids, cohort).any()
    assert known_profiles(model.derivation.profiles, matrix, matrix.sample_ids, cohort).all()
    order = np.random.default_rng(1).permutation(60)
    shuffled = ExpressionMatrix(x.to_numpy()[::-1][:, order], GENES[::-1], [matrix.sample_ids[j] for j in order])
    assert make_profiles(shuffled, shuffled.sample_ids, cohort) == make_profiles(matrix, matrix.sample_ids, cohort)


def test_profiles_of_another_length_are_no_model(model):
    text = model.text().replace(model.derivation.profiles["bits"][0], "00")
    with pytest.raises(BadInput, match="one bit for each pair"):
        parse_model(text, "model.json")


def test_a_copy_in_another_cohort_is_never_in_training_for_itself():
    a, b = people(1, 60, "A"), people(2, 70, "B")
    copy = a[1].iloc[:, :5] * 1.1 + np.random.default_rng(3).normal(size=(400, 5)) * 0.1
    y = pd.concat([a[1], b[1], copy], axis=1).to_numpy()
    sheet = pd.concat([a[0], b[0], a[0].iloc[:5].assign(cohort="B", sample_id=[f"copy{i}" for i in range(5)])],
                      ignore_index=True)  # fmt: skip
    matrix = ExpressionMatrix(y, GENES, sheet["sample_id"].tolist())
    with pytest.warns(match="5 pairs of samples of different cohorts"):
        data = learning_data(sheet, matrix, sheet["os_time"].to_numpy(), sheet["os_event"].to_numpy(float))
    assert (data.patient[:5] == data.patient[-5:]).all()
    splits = {split.name: split for split in make_splits(data, "cohort", True, Settings())}
    assert not set(splits["A"].training) & set(range(130, 135))
    assert not set(splits["B"].training) & set(range(5))

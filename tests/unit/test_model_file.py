"""The model file: it comes back as it was written, and what was edited or damaged is named."""

import json

import numpy as np
import pandas as pd
import pytest

from prognomics.data.model import (
    Baseline,
    Coefficient,
    Derivation,
    EditedModel,
    LockedModel,
    groups_of,
    identifier_hashes,
    require_unedited,
)
from prognomics.data.model_file import parse_model
from prognomics.errors import BadInput, Refused
from prognomics.learning.applied import apply_locked, predicted_survival

MODEL = LockedModel(
    kind="cox", name="risk", scaling="overall",
    coefficients=(
        Coefficient("TP53", "gene", "TP53", 0.5, center=8.0, scale=2.0),
        Coefficient("XPO1", "gene", "XPO1", -1.0, center=6.0),
        Coefficient("stage", "factor", "stage=II", 0.25, level="II", reference="I"),
    ),
    baseline=(Baseline("alpha", (3.0, 12.0), (0.1, 0.4)), Baseline("beta", (6.0,), (0.2,))),
    cutpoints=(0.0, 1.0), missing_genes={"TP53": 8.0, "XPO1": 6.0},
    derivation=Derivation(n=50, events=20, cohorts=("alpha", "beta"), sample_hashes=identifier_hashes(["a", "b"])),
)  # fmt: skip
SHEET = pd.DataFrame({"sample_id": ["a", "b", "c"], "cohort": ["alpha", "beta", "gamma"], "stage": ["I", "II", "II"]})
GENES = pd.DataFrame({"TP53": [8.0, 10.0, np.nan], "XPO1": [6.0, 6.0, 5.0]})


def edited(**changes):
    raw = json.loads(MODEL.text())
    raw.update(changes)
    return json.dumps(raw)


def test_it_comes_back_as_it_was_written():
    assert parse_model(MODEL.text(), "m.json") == MODEL


def test_no_identifier_is_in_the_file():
    text = LockedModel("score", "s", derivation=Derivation(sample_hashes=identifier_hashes(["PATIENT-77"]))).text()
    assert "PATIENT-77" not in text


def test_an_edited_model_is_refused_unless_accepted():
    model = parse_model(edited(cutpoints=[0.5, 1.0]), "m.json")
    assert isinstance(model, EditedModel)
    with pytest.raises(BadInput, match="edited after it was written"):
        require_unedited(model, False)
    require_unedited(model, True)
    require_unedited(parse_model(MODEL.text(), "m.json"), False)


@pytest.mark.parametrize(("text", "message"), [
    ("", "not a model"), ("[1]", "not a model"), ("{}", "not a model"), (edited(format_version=2), "format version 2"),
    (edited(coefficients=[{"term": 1}]), "not a valid model: coefficients"), (edited(cutpoints=[2, 1]), "ascending"),
    (edited(coefficients=[dict(term="a", kind="gene", column="a", value=1)] * 2), "more than once"),
    (edited(baseline=[dict(stratum="x", time_months=[1, 2], cumulative_hazard=[0.1])]), "not an ascending curve"),
    (edited(surprise=1), "surprise"), ("[" * 100_000, "not a model"),
    (edited(coefficients=[dict(term="a:b", kind="interaction", column="c", value=1, parts=["a", "b"])]), "lacks: a, b"),
    (edited(intercept=float("nan")), "not finite"), (edited(cutpoints=[float("inf")]), "not finite"),
])  # fmt: skip
def test_damaged_models_are_named(text, message):
    with pytest.raises(BadInput, match=message):
        parse_model(text, "m.json")


def test_linear_predictor_and_groups():
    made = apply_locked(MODEL, SHEET, GENES, min_genes=0.5)
    # 0.5 (TP53 - 8) - (XPO1 - 6) + 0.25 [stage II]; the missing TP53 stands at its center
    np.testing.assert_allclose(made.linear_predictor, [0.0, 1.25, 1.25])
    assert made.replaced == 1 and made.incomplete == 0
    assert groups_of(MODEL, made.linear_predictor).tolist() == ["mid", "high", "high"]


def test_a_missing_gene_needs_the_floor():
    with pytest.raises(Refused, match="1 of 2 genes of the model are not in the matrix: XPO1"):
        apply_locked(MODEL, SHEET, GENES[["TP53"]])
    made = apply_locked(MODEL, SHEET, GENES[["TP53"]], min_genes=0.5)
    assert made.missing_genes == ("XPO1",)


def test_unknown_levels_and_columns():
    with pytest.raises(BadInput, match="levels that are not in the model: IV"):
        apply_locked(MODEL, SHEET.assign(stage=["I", "II", "IV"]), GENES)
    with pytest.raises(BadInput, match="stage"):
        apply_locked(MODEL, SHEET.drop(columns="stage"), GENES)


def test_genes_are_standardized_within_the_new_cohorts():
    model = LockedModel("cox", "m", (Coefficient("G", "gene", "G", 2.0),), scaling="within_cohort")
    sheet = pd.DataFrame({"cohort": ["x", "x", "y", "y"]})
    made = apply_locked(model, sheet, pd.DataFrame({"G": [1.0, 3.0, 100.0, 102.0]}))
    np.testing.assert_allclose(made.linear_predictor, 2 * np.array([-1, 1, -1, 1]) / np.sqrt(2))


def test_survival_of_an_unknown_stratum_is_missing():
    survival = predicted_survival(MODEL, np.zeros(3), np.array([3.0, 12.0]), SHEET["cohort"].to_numpy(object))
    np.testing.assert_allclose(survival[0], np.exp([-0.1, -0.4]))
    np.testing.assert_allclose(survival[1], [1.0, np.nan])  # beta's follow-up ends at 6 months
    assert np.isnan(survival[2]).all()

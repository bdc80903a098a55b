"""Scores and cuts as models: in the samples that they were made of they are what the tool itself gives."""

import numpy as np
import pandas as pd
import pytest

from prognomics import tools
from prognomics.data.model_file import parse_model
from prognomics.errors import Refused, UsageError

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")


@pytest.fixture(scope="module")
def data(repository):
    folder = repository / "test-data"
    return {"matrix": folder / "both.raw.h5ad", "samples": folder / "both.samples.tsv",
            "sets": folder / "few.signature.gmt", "weights": folder / "few.signature.csv",
            "aliases": folder / "few.aliases.tsv", "other": folder / "alpha.tsv"}  # fmt: skip


@pytest.mark.parametrize(("method", "options"), [
    ("mean", {}), ("zscore", {}), ("zscore", {"within": "cohort"}), ("singscore", {}),
    ("ssgsea", {"normalize": False}), ("singscore", {"pair": ["PROLIF=OTHER"], "min_coverage": 0.5}),
    ("zscore", {"pair": ["PROLIF=OTHER"], "min_coverage": 0.5}),
])  # fmt: skip
def test_a_score_of_its_own_samples(data, method, options):
    named = {} if "pair" in options else {"signature_name": ["OTHER"]}
    scored = tools.score_signature(expression=data["matrix"], samples=data["samples"], signature=data["sets"],
                                   method=method, **named, **options)  # fmt: skip
    model = parse_model(scored.fitted.text(), "a file")
    again = tools.apply_model(model=model, expression=data["matrix"], samples=data["samples"]).scores
    np.testing.assert_allclose(again["linear_predictor"], scored.scores.iloc[:, 1], rtol=1e-9, atol=1e-11)
    assert model.derivation.sample_hashes == ()


def test_weights_are_kept(data):
    scored = tools.score_signature(expression=data["other"], signature=data["weights"], method="weighted_mean",
                                   aliases=data["aliases"])  # fmt: skip
    again = tools.apply_model(model=scored.fitted, expression=data["other"]).scores
    np.testing.assert_allclose(again["linear_predictor"], scored.scores.iloc[:, 1], rtol=1e-9)


def test_stored_means_score_a_single_sample(data):
    """What a z-score of one sample alone cannot be: that of the samples with which it was made."""
    scored = tools.score_signature(expression=data["matrix"], samples=data["samples"], signature=data["sets"],
                                   signature_name=["OTHER"])  # fmt: skip
    one = dict(expression=data["matrix"], samples=data["samples"], where=["sample_id=A07"], min_matched=0)
    alone = tools.apply_model(model=scored.fitted, **one).scores["linear_predictor"].tolist()
    own = scored.scores.set_index("sample_id").iloc[:, 0]["A07"]
    assert alone == pytest.approx([own], rel=1e-9)


@pytest.mark.parametrize(("options", "message"), [
    ({"method": "ssgsea", "signature_name": ["OTHER"]}, "normalize=False"),
    ({"method": "mean", "min_coverage": 0.5}, "signature_name"),
    ({"within": "sex", "signature_name": ["OTHER"]}, "within"),
])  # fmt: skip
def test_what_cannot_be_applied_elsewhere(data, options, message):
    with pytest.raises(UsageError) as fault:
        shared = dict(expression=data["matrix"], samples=data["samples"], signature=data["sets"])
        tools.score_signature(**shared, **options).fitted  # noqa: B018
    assert message in str(fault.value)


@pytest.mark.parametrize("method", [
    {"method": "median"}, {"method": "quantile", "quantile": [0.4]}, {"method": "fixed", "value": 8.0},
    {"method": "quantile", "quantile": [0.25, 0.75], "keep_middle": True},
    {"method": "maxstat", "endpoint": "os", "permutations": 99, "bootstraps": 0},
])  # fmt: skip
def test_a_cut_of_its_own_samples(data, method):
    shared = dict(samples=data["samples"], expression=data["other"], where=["cohort=alpha"])
    cut = tools.cutpoint(**shared, gene="XPO1", **method)
    model = parse_model(cut.fitted.text(), "a file")
    scores = tools.apply_model(model=model, **shared).scores.merge(cut.groups, on="sample_id")
    groups = scores.iloc[:, -1].replace({"middle": "mid"})
    assert len(scores) == 60 and scores["group"].fillna("-").tolist() == groups.fillna("-").tolist()


def test_a_searched_cut_is_not_validated_where_it_was_found(data):
    shared = dict(samples=data["samples"], expression=data["other"], where=["cohort=alpha"], endpoint="os")
    cut = tools.cutpoint(**shared, gene="XPO1", method="maxstat", permutations=99, bootstraps=0)
    with pytest.raises(Refused, match="derivation"):
        tools.apply_model(model=cut.fitted, **shared).scores  # noqa: B018
    blind = tools.cutpoint(**shared, gene="XPO1")
    table = tools.apply_model(model=blind.fitted, **shared).validation
    assert "hr_high_vs_low" in set(table["statistic"]) and "calibration_slope" not in set(table["statistic"])


def test_a_cut_of_a_column(data):
    sheet = pd.read_csv(data["samples"], sep="\t")
    cut = tools.cutpoint(samples=sheet, score_column="age_years", method="fixed", value=60)
    scores = tools.apply_model(model=cut.fitted, samples=sheet).scores
    age = sheet["age_years"]
    assert scores["group"].fillna("-").tolist() == np.select([age.isna(), age >= 60], ["-", "high"], "low").tolist()
    with pytest.raises(UsageError, match="within"):
        tools.cutpoint(samples=sheet, score_column="age_years", within="cohort").fitted  # noqa: B018

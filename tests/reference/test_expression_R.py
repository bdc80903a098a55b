"""Normalization, ComBat and principal components against Bioconductor and R (numbers frozen beside)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.expression.combat import combat
from prognomics.expression.counts import log_cpm, tmm_factors
from prognomics.expression.normalize import normalize
from prognomics.expression.pca import principal_components
from prognomics.expression.quantile import normalize_quantiles

FOLDER = Path(__file__).parent / "expression"
pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / name, sep="\t", index_col=0)


def case(frame: pd.DataFrame, name: str) -> np.ndarray:
    return frame[frame.index.str.rsplit(":", n=1).str[0] == name].to_numpy(dtype=float)


@pytest.mark.parametrize("name", ["complete", "ties", "missing", "both"])
def test_quantiles_equal_limma(name):
    found = normalize_quantiles(case(table("quantile_input.tsv"), name))
    np.testing.assert_allclose(found, case(table("quantile_R.tsv"), name), rtol=1e-13)


@pytest.mark.parametrize("name", ["complete", "missing"])
def test_quantiles_without_ties_equal_limma(name):
    found = normalize_quantiles(case(table("quantile_input.tsv"), name), ties=False, threads=2)
    np.testing.assert_allclose(found, case(table("quantile_noties_R.tsv"), name), rtol=1e-13)


def test_log_cpm_equals_edger():
    counts = table("counts_input.tsv").to_numpy(float)
    np.testing.assert_allclose(log_cpm(counts), table("cpm_R.tsv"), rtol=1e-12)
    np.testing.assert_allclose(normalize(counts, "auto").values, table("cpm_R.tsv"), rtol=1e-12)


def test_tmm_equals_edger():
    counts = table("counts_input.tsv").to_numpy(float)
    np.testing.assert_allclose(tmm_factors(counts), table("tmm_factors_R.tsv").to_numpy(float)[0], rtol=1e-12)
    np.testing.assert_allclose(normalize(counts, "tmm").values, table("tmm_R.tsv"), rtol=1e-12)


@pytest.mark.parametrize("method", ["cpm", "tmm"])
def test_plain_counts_per_million_equal_edger(method):
    counts = table("counts_input.tsv").to_numpy(float)
    found = normalize(counts, method, log=False)
    np.testing.assert_allclose(found.values, table(f"{method}_plain_R.tsv"), rtol=1e-12)
    assert "log2" not in found.method_applied


COMBAT_MODES = {
    "parametric": {},
    "nonparametric": {"parametric": False},
    "mean_only": {"mean_only": True},
    "mean_only_nonparametric": {"mean_only": True, "parametric": False},
    "reference": {"reference": "a1"},
    "reference_nonparametric": {"reference": "a1", "parametric": False},
    "reference_mean_only": {"reference": "c3", "mean_only": True},
    "covariates": {"covariates": ["cancer", "age"]},
    "covariates_nonparametric": {"covariates": ["cancer", "age"], "parametric": False},
    "covariates_reference": {"covariates": ["cancer", "age"], "reference": "b2"},
    "covariates_mean_only": {"covariates": ["cancer", "age"], "mean_only": True},
    "single": {"batch": "single"},
    "single_nonparametric": {"batch": "single", "parametric": False},
}


TRIED = [(data, mode) for data in ("full", "gaps") for mode in COMBAT_MODES]
TRIED += [("flat", mode) for mode in ("parametric", "nonparametric", "reference", "single")]
TRIED += [("flatgaps", mode) for mode in ("parametric", "covariates", "mean_only")]


@pytest.mark.parametrize(("data", "mode"), TRIED)
def test_combat_equals_sva(data, mode):
    pheno = table("combat_pheno.tsv")
    options = dict(COMBAT_MODES[mode])
    batch = pheno[options.pop("batch", "batch")]
    if "covariates" in options:
        options["covariates"] = pheno[options["covariates"]]
    found = combat(case(table("combat_input.tsv"), data), batch, **options)
    expected = case(table("combat_R.tsv"), f"{data}:{mode}")
    np.testing.assert_allclose(found.values, expected, rtol=0, atol=1e-10)
    assert found.untouched.sum() == {"full": 0, "gaps": 0, "flat": 3, "flatgaps": 2}[data]


@pytest.mark.parametrize(("file", "covariates"), [("nomod", None), ("mod_cancer", ["cancer"])])
def test_combat_equals_sva_on_bladder_arrays(shared_data, file, covariates):
    folder = shared_data / "combat"
    raw = pd.read_csv(folder / "bladder501_raw.tsv.gz", sep="\t", index_col=0)
    expected = pd.read_csv(folder / f"bladder501_sva_ComBat_{file}.tsv.gz", sep="\t", index_col=0)
    pheno = pd.read_csv(folder / "bladderbatch.pheno.tsv.gz", sep="\t", index_col=0).loc[raw.columns]
    found = combat(raw.to_numpy(), pheno["batch"], covariates=pheno[covariates] if covariates else None)
    np.testing.assert_allclose(found.values, expected, rtol=0, atol=5e-8)


def test_components_equal_prcomp():
    pheno_free = case(table("combat_input.tsv"), "full")
    expected = table("pca_R.tsv")
    found = principal_components(pheno_free, n_components=10)
    np.testing.assert_allclose(found.explained_variance_ratio, expected["share"].to_numpy()[:10], rtol=1e-10)
    scores = expected.drop(columns="share").to_numpy(float)[:10]
    np.testing.assert_allclose(np.abs(found.scores.T), np.abs(scores), rtol=0, atol=1e-9)

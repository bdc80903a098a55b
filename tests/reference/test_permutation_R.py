"""Family-wise p-values of the screen against survival's score test and coin's stratified step-down permutation test."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.data.matrix import ExpressionMatrix
from prognomics.screen.eligible import eligible_samples
from prognomics.screen.null_model import null_model
from prognomics.screen.permutation import Permutations

FOLDER = Path(__file__).parent / "screen"
SAMPLES = pd.read_csv(FOLDER / "samples.tsv", sep="\t")
GENES = pd.read_csv(FOLDER / "genes.tsv", sep="\t", index_col=0).dropna()
REFERENCE = pd.read_csv(FOLDER / "permutation.tsv", sep="\t")
MATRIX = ExpressionMatrix(GENES.to_numpy(), list(GENES.index), list(GENES.columns), "genes")


def _null(time, strata, ties, covariates):
    samples = eligible_samples(SAMPLES, SAMPLES[time].to_numpy(float), SAMPLES["event"].to_numpy(float),
                               MATRIX.sample_ids, strata=[strata], covariates=covariates, factors=[],
                               numerics=covariates)  # fmt: skip
    return null_model(samples, ties)


def _values(**chosen):
    rows = REFERENCE[np.logical_and.reduce([REFERENCE[name] == value for name, value in chosen.items()])]
    return rows.set_index("gene").loc[list(GENES.index), "value"].to_numpy()


@pytest.mark.parametrize("strata", ["none", "cohort"])
@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("time", ["untied", "tied"])
def test_score_tests_beside_covariates(time, ties, strata):
    null = _null(time, strata, ties, ["age", "grade"])
    found = null.score_tests(MATRIX.values[:, null.follow_up.columns].T)
    np.testing.assert_allclose(found**2, _values(what="score", time=time, ties=ties, strata=strata), rtol=1e-7)


@pytest.mark.parametrize("strata", ["none", "cohort"])
def test_statistics_and_step_down(strata):
    count = 20_000
    found = Permutations(_null("tied", strata, "breslow", []), len(GENES), count, np.random.default_rng(2))
    found.add(MATRIX.values)
    np.testing.assert_allclose(found.statistics[:, 0], np.abs(_values(what="z", strata=strata)), rtol=1e-6)
    expected = _values(what="step_down", strata=strata)
    error = np.sqrt(expected * (1 - expected) / count) + 1 / count
    assert (np.abs(found.p_values() - expected) < 4 * error).all()

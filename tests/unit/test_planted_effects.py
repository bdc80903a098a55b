"""What correction takes away and what it leaves: planted effects, and the confounded real set of bladder cancers."""

import numpy as np
import pandas as pd
import pytest

from prognomics.errors import AnalysisWarning
from prognomics.expression.combat import combat
from prognomics.expression.variance import variance_share

FOLD = np.log2(1.5)


@pytest.fixture(scope="module")
def planted():
    """Three balanced cohorts; cohort explains 40 % of the variance, 200 of 2,000 genes differ 1.5-fold by tissue."""
    rng = np.random.default_rng(2024)
    n_genes, cohort = 2000, np.repeat(["a", "b", "c"], 60)
    tissue = np.tile(np.repeat(["normal", "tumour"], 30), 3)
    values = rng.normal(0, 0.6, (n_genes, 180))
    shift = rng.normal(0, 1, (n_genes, 3))
    shift -= shift.mean(axis=1, keepdims=True)
    values[:200] += FOLD * (tissue == "tumour")
    ratio = 0.4 / 0.6 * values.var() / np.mean(shift**2)
    values += np.sqrt(ratio) * shift[:, np.repeat([0, 1, 2], 60)]
    return values + 8, cohort, tissue


def fold(values, tissue):
    """Mean difference of the genes that truly differ."""
    return values[:200, tissue == "tumour"].mean() - values[:200, tissue == "normal"].mean()


@pytest.mark.filterwarnings("ignore:.combat-covariates.:prognomics.errors.AnalysisWarning")
@pytest.mark.parametrize("options", [{}, {"parametric": False}, {"reference": "a"}])
@pytest.mark.parametrize("keep", [False, True])
def test_a_batch_effect_goes_and_biology_stays(planted, options, keep):
    values, cohort, tissue = planted
    if options.get("parametric") is False:
        rows = np.r_[0:400]
        values = values[rows]
    assert variance_share(values, cohort) == pytest.approx(0.4, abs=0.03)
    covariates = pd.DataFrame({"tissue": tissue}) if keep else None
    done = combat(values, cohort, covariates=covariates, **options).values
    assert variance_share(done, cohort) < 0.02
    assert fold(done, tissue) == pytest.approx(fold(values, tissue), rel=0.05)
    assert fold(done, tissue) == pytest.approx(FOLD, rel=0.05)


def test_means_alone_leave_part_of_the_cohort_effect(planted):
    """The shift is shrunk as if each cohort had one sample, as in sva: half of the effect goes, not all."""
    values, cohort, tissue = planted
    done = combat(values, cohort, mean_only=True).values
    assert 0.1 < variance_share(done, cohort) < 0.5 * variance_share(values, cohort)
    assert fold(done, tissue) == pytest.approx(FOLD, rel=0.05)


def test_bladder_cancers_before_and_after(shared_data):
    """Batch and cancer overlap in part: without the covariate correction takes cancer with it, with it, it is kept.

    Of the five batches one holds cancers only and two hold none, so the contrast rests on the other two.
    """
    folder = shared_data / "combat"
    pheno = pd.read_csv(folder / "bladderbatch.pheno.tsv.gz", sep="\t", index_col=0)
    values = pd.read_csv(folder / "bladder501_raw.tsv.gz", sep="\t", index_col=0)
    pheno = pheno.loc[values.columns]
    batch = pheno["batch"].astype(str).to_numpy()
    cancer = (pheno["cancer"] == "Cancer").to_numpy()
    table = pd.crosstab(batch, cancer)
    assert table.index[(table > 0).all(axis=1)].tolist() == ["2", "5"]
    raw = values.to_numpy()
    plain = combat(raw, batch).values
    with pytest.warns(AnalysisWarning, match="combat-covariates"):
        kept = combat(raw, batch, covariates=pd.DataFrame({"cancer": cancer.astype(str)})).values
    shares = {name: (variance_share(m, batch), variance_share(m, cancer.astype(str)))
              for name, m in (("raw", raw), ("plain", plain), ("kept", kept))}  # fmt: skip
    assert shares["plain"][0] < 0.02 < shares["raw"][0]
    assert shares["plain"][1] < shares["raw"][1] < shares["kept"][1]
    assert shares["kept"][0] > shares["plain"][0]  # as much of the batch as cannot be told from cancer stays

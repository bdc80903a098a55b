"""Several samples of one patient under the null hypothesis: clustered tests keep their level, others do not."""

import numpy as np
import pytest
from scipy.special import ndtr

from prognomics.survival.cox.fit import fit_cox
from prognomics.survival.curves.logrank import logrank

N_PATIENTS = 150
N_SETS = 2000


def patients_with_copies(rng):
    """Patients with one to four samples; marker and group go with the patient, and nothing with survival."""
    patient = np.repeat(np.arange(N_PATIENTS), rng.integers(1, 5, N_PATIENTS))
    own, censored = rng.exponential(30, N_PATIENTS), rng.exponential(45, N_PATIENTS)
    time, event = np.ceil(np.minimum(own, censored))[patient], (own <= censored)[patient].astype(int)
    marker = rng.normal(size=N_PATIENTS)[patient] + 0.3 * rng.normal(size=len(patient))
    return patient, time, event, marker


@pytest.mark.slow
def test_clustered_tests_keep_five_percent():
    """2,000 sets: the share of p below .05 lies within 5% give or take 1.5% (three standard errors)."""
    below = {"cox": 0, "log-rank": 0, "cox of samples": 0, "log-rank of samples": 0}
    for seed in range(N_SETS):
        patient, time, event, marker = patients_with_copies(np.random.default_rng([seed, 7]))
        group = np.where(marker > 0, "high", "low")
        for name, cluster in (("", patient), (" of samples", None)):
            fit = fit_cox(time, event, marker, cluster=cluster)
            below[f"cox{name}"] += 2 * ndtr(-abs(fit.beta[0] / fit.se[0])) < 0.05
            below[f"log-rank{name}"] += logrank(time, event, group, cluster=cluster).p_value < 0.05
    share = {name: count / N_SETS for name, count in below.items()}
    assert 0.035 <= share["log-rank"] <= 0.065, share
    assert 0.035 <= share["cox"] <= 0.065, share
    assert min(share["cox of samples"], share["log-rank of samples"]) > 0.12, share

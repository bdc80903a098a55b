"""Family-wise errors of permuted screens whose genes depend on covariates that decide survival."""

import numpy as np
import pandas as pd
import pytest

from prognomics.screen.eligible import eligible_samples
from prognomics.screen.null_model import null_model
from prognomics.screen.permutation import Permutations

N, GENES, COUNT, STUDIES = 150, 40, 199, 500
DEPENDENCE = {
    "linear": lambda z, noise: 0.9 * z[:, 0] - 0.5 * z[:, 1] + noise,
    "curved": lambda z, noise: 0.9 * np.exp(0.7 * z[:, 0]) + noise,
    "spread": lambda z, noise: 0.9 * z[:, 0] + noise * np.exp(0.5 * z[:, 0]),
}


@pytest.mark.slow
@pytest.mark.parametrize("dependence", DEPENDENCE)
def test_family_wise_errors_beside_correlated_covariates(dependence):
    """No gene matters beside the covariates; three standard errors above 5% are 7.9%."""
    one, family = 0, 0
    for study in range(STUDIES):
        rng = np.random.default_rng([25, study])
        stratum = np.repeat([0, 1], N // 2)
        z = rng.normal(size=(N, 2)) + 0.8 * stratum[:, None]
        x = DEPENDENCE[dependence](z, rng.normal(size=(GENES, N)) + 0.7 * rng.normal(size=N))
        death = rng.exponential(20 * np.exp(-z[:, 0] + 0.7 * z[:, 1] - stratum))
        lost = rng.uniform(5, 60, N)
        frame = pd.DataFrame(
            {"sample_id": [f"S{i}" for i in range(N)], "cohort": stratum.astype(str), "a": z[:, 0], "b": z[:, 1]}
        )
        time, event = np.ceil(np.minimum(death, lost)), (death <= lost) * 1.0
        samples = eligible_samples(
            frame, time, event, list(frame["sample_id"]),
            strata=["cohort"], covariates=["a", "b"], factors=[], numerics=["a", "b"],
        )  # fmt: skip
        found = Permutations(null_model(samples, "efron"), GENES, COUNT, rng)
        found.add(x)
        one += np.mean(found.statistics[0] >= found.statistics[0, 0]) <= 0.05
        family += found.p_values().min() <= 0.05
    assert one <= 0.079 * STUDIES
    assert family <= 0.079 * STUDIES

"""Monte Carlo errors by hand and by repetition."""

import numpy as np
import pytest

from prognomics.stats.monte_carlo import mean_error, proportion_error


def test_errors_by_hand():
    assert proportion_error(0.5, 100) == pytest.approx(0.05)
    assert np.isnan(proportion_error(0.5, 0)) and np.isnan(mean_error([1.0]))
    assert mean_error([1.0, 3.0]) == pytest.approx(1.0)


def test_the_error_is_how_far_repeated_draws_scatter():
    rng = np.random.default_rng(1)
    draws = rng.random((4000, 50)) < 0.3
    assert proportion_error(0.3, 50) == pytest.approx(draws.mean(axis=1).std(), rel=0.05)
    errors = [mean_error(row) for row in rng.standard_normal((4000, 50))]
    assert np.mean(errors) == pytest.approx(1 / np.sqrt(50), rel=0.05)

"""Screens for the best cut of markers that mean nothing: how many have any gene with q below 0.05."""

import numpy as np
import pytest

from prognomics.cutpoint.cut_statistics import best_cuts
from prognomics.cutpoint.logrank_scores import rank_follow_up
from prognomics.cutpoint.maximally_selected import smaller_bound
from prognomics.stats.multiple_testing import adjust

GENES = 1000


@pytest.mark.slow
@pytest.mark.parametrize("stratified", [False, True])
@pytest.mark.parametrize(("samples", "screens", "censoring"), [(60, 300, 18), (200, 150, 24)])
def test_at_most_one_screen_in_fourteen_finds_anything(samples, screens, censoring, stratified):
    """About a third of 60 and four tenths of 200 samples have the event; cohorts differ in hazard and expression."""
    found = 0
    for screen in range(screens):
        rng = np.random.default_rng([15, samples, screen])
        cohort = rng.integers(0, 3, samples) if stratified else np.zeros(samples, dtype=int)
        death = rng.exponential(40 * np.exp(-0.8 * cohort))
        lost = rng.exponential(censoring, samples)
        follow_up = rank_follow_up(np.minimum(death, lost), death <= lost, cohort)
        p, _ = smaller_bound(best_cuts(rng.normal(size=(GENES, samples)) + cohort, follow_up, 0.1), 0.1)
        found += bool((adjust(p, "bh") < 0.05).any())
    assert found <= 0.07 * screens

"""The compiled concordance of large cohorts has the numbers of the other one."""

from dataclasses import astuple

import numpy as np
import pytest

from prognomics.survival import concordance as module


@pytest.mark.parametrize("strata", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_both_ways_agree(strata, weighted, monkeypatch):
    rng = np.random.default_rng(4)
    n = 400
    time, event = np.ceil(rng.exponential(20, n)), rng.random(n) < 0.5
    risk = np.round(rng.normal(size=n) - 0.02 * time, 1)
    options = {
        "strata": rng.integers(0, 3, n) if strata else None,
        "weights": rng.uniform(0.5, 2, n) if weighted else None,
    }
    slow = module.concordance(time, event, risk, **options)
    monkeypatch.setattr(module, "MANY", 0)
    fast = module.concordance(time, event, risk, **options)
    for ours, theirs in zip(astuple(fast), astuple(slow), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-15)
    alone = module.concordance(time, event, risk, **options, with_se=False)
    assert alone.estimate == fast.estimate and np.isnan(alone.se) and np.isnan(alone.influence).all()

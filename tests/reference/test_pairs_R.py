"""Tests of pairs against R's `wilcox.test` and `t.test` with `paired = TRUE`, and exactRankTests."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.stats.paired_tests import differences, paired_t, signed_rank

FOLDER = Path(__file__).parent / "pairs"
PAIRS = {name: part for name, part in pd.read_csv(FOLDER / "pairs.tsv", sep="\t").groupby("set")}
WANTED = pd.read_csv(FOLDER / "reference.tsv", sep="\t").pivot(index="set", columns="stat", values="value")


@pytest.mark.parametrize("name", PAIRS)
def test_signed_ranks(name):
    found, wanted = signed_rank(PAIRS[name]["x"].to_numpy(), PAIRS[name]["y"].to_numpy()), WANTED.loc[name]
    assert found.v == wanted["v"]
    assert found.p_value == pytest.approx(wanted["p"], rel=1e-12)
    assert found.p_exact == pytest.approx(wanted["p_exact"], rel=1e-9)
    if found.exact or len(PAIRS[name]) >= 20:  # below, R doubles alpha until its root search has a root
        tolerance = {"rel": 1e-9} if found.exact else {"abs": 1e-4}
        assert found.shift == pytest.approx(wanted["shift"], **tolerance)
        assert found.shift_low == pytest.approx(wanted["low"], **tolerance)
        assert found.shift_high == pytest.approx(wanted["high"], **tolerance)


def test_floating_noise_is_no_difference():
    x, y = np.array([0.1 + 0.2, 5.0, 1e6 + 0.1]), np.array([0.3, 5.0, 1e6 + 0.1])
    assert (differences(x, y) == 0).all()
    ties = differences(np.array([0.3, 0.5, 0.9]), np.array([0.1, 0.3, 0.7]))
    assert len(set(ties)) == 1
    assert (differences(np.array([2e-12, 3e-15]), np.array([1e-12, 2e-15])) != 0).all()
    found = signed_rank(x, y)
    assert np.isnan(found.p_value) and found.n_zero == 3


def test_signs_and_order_of_pairs_do_not_matter():
    x, y = PAIRS["tied49"]["x"].to_numpy(), PAIRS["tied49"]["y"].to_numpy()
    found, turned, other = signed_rank(x, y), signed_rank(y, x), signed_rank(x[::-1], y[::-1])
    assert (found.p_value, found.p_exact, found.shift) == (turned.p_value, turned.p_exact, -turned.shift)
    assert found == other


@pytest.mark.parametrize("name", PAIRS)
def test_paired_t(name):
    found, wanted = paired_t(PAIRS[name]["x"].to_numpy(), PAIRS[name]["y"].to_numpy()), WANTED.loc[name]
    assert [found.statistic, found.df, found.p_value, found.difference, found.ci_low, found.ci_high] == pytest.approx(
        wanted[["t", "df", "t_p", "mean", "t_low", "t_high"]].tolist(), rel=1e-9
    )

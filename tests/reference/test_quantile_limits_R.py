"""Limits of median survival against `summary(survfit)$table`, where the upper limit of the curve is not monotone."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.survival.curves.kaplan_meier import kaplan_meier, survival_quantile

FOLDER = Path(__file__).parent / "survival"
DATA = pd.read_csv(FOLDER / "quantile_limits_data.tsv", sep="\t")
EXPECTED = pd.read_csv(FOLDER / "quantile_limits_expected.tsv", sep="\t")


@pytest.mark.parametrize("name", sorted(DATA["set"].unique()))
def test_limits_are_where_the_pointwise_limits_first_reach_one_half(name):
    data = DATA[DATA["set"] == name]
    for row in EXPECTED[EXPECTED["set"] == name].itertuples():
        event = 1 - data["event"] if row.reverse else data["event"]
        found = survival_quantile(kaplan_meier(data["time"], event, row.conf_type))
        ours = [found.estimate, found.ci_low, found.ci_high]
        np.testing.assert_allclose(ours, [row.estimate, row.ci_low, row.ci_high], rtol=1e-12)


def test_the_data_sets_tell_the_two_rules_apart():
    assert (EXPECTED["ci_high"].fillna(-1) != EXPECTED["quantile_high"].fillna(-1)).sum() >= 15

"""Immune genes and response in simulated cohorts: what they follow, and that nothing else changes with them."""

import numpy as np
import pandas as pd
import pytest

from prognomics import tools
from prognomics.errors import UsageError
from prognomics.simulate.cohorts import simulate_cohorts
from prognomics.simulate.files import write_simulation

ADDED = {"immune_genes": 12, "immune_marker_correlation": 0.6, "response_fraction": 0.25, "response_odds_ratio": 3.0}


def simulated(n=2000, **options):
    return simulate_cohorts(2, n, 60, signature_size=10, n_normals=5, **options)


def test_the_rest_of_a_simulation_does_not_depend_on_them():
    plain, more = simulated(50), simulated(50, **ADDED)
    pd.testing.assert_frame_equal(plain.truth, more.truth.drop(columns=["immune", "response"]))
    assert not {"immune_genes", "response_fraction"} & plain.parameters.keys()
    assert plain.genes.names[:40] == more.genes.names[:40]
    first, second = (next(iter(s.cohorts())).expression for s in (plain, more))
    assert first.values.shape[1] == second.values.shape[1]


def test_score_genes_and_response_follow_what_was_stated(tmp_path):
    simulation = simulated(**ADDED)
    truth = simulation.truth[simulation.truth["tissue_type"] == "primary"]
    assert np.corrcoef(truth["immune"], truth["marker"])[0, 1] == pytest.approx(0.6, abs=0.04)
    responds = (truth["response"] == "yes").to_numpy()
    assert responds.mean() == pytest.approx(0.25, abs=0.03)
    table = tools.logistic(samples=truth[["sample_id", "marker", "response"]], covariate=["marker"], strata=["none"],
                           outcome_column="response", outcome_level=["yes"], model="univariable").table  # fmt: skip
    row = table[table["row_type"] == "level"].iloc[0]
    assert np.log(row["odds_ratio"]) == pytest.approx(np.log(3), abs=3.5 * row["se"])
    small = simulated(40, **ADDED)
    write_simulation(small, tmp_path)
    assert (tmp_path / "immune.gmt").read_text().split("\t")[2:] == small.genes.immune[:-1] + ["IMM012\n"]
    roles = pd.read_csv(tmp_path / "truth_genes.tsv", sep="\t").set_index("gene_id")["role"]
    assert (roles[small.genes.immune] == "immune").all() and (roles == "immune").sum() == 12


def test_normal_samples_do_not_respond():
    truth = simulated(30, **ADDED).truth
    assert truth.loc[truth["tissue_type"] == "normal", "response"].isna().all()


@pytest.mark.parametrize("wrong", [{"immune_genes": 49}, {"response_fraction": 1.0}, {"response_of": "immune"},
                                   {"response_odds_ratio": 0.0}, {"immune_marker_correlation": 1.5}])  # fmt: skip
def test_impossible_additions_are_refused(wrong):
    with pytest.raises(UsageError, match="the simulation needs"):
        simulated(30, **wrong)

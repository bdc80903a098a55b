"""Simulated cohorts: the same bytes for a seed, the stated margins, and a truth that can be recovered."""

import hashlib
import json

import numpy as np
import pandas as pd
import pytest

from prognomics.curation.curate import curate
from prognomics.data.mapping import load_mapping
from prognomics.errors import UsageError
from prognomics.simulate.cohorts import simulate_cohorts
from prognomics.simulate.files import write_simulation
from prognomics.sources.local import read_local

SIZES = {"n_cohorts": 4, "samples_per_cohort": [30, 25, 20, 15], "n_genes": 120}
SMALL = {**SIZES, "n_normals": 6, "n_relapses": 5, "n_outcomes": 50, "missing_fraction": 0.02, "seed": 7}
OUTCOME = ("mfs_time", "mfs_event")


def digests(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def log_hazard_ratio(x, time, event, stratum):
    """Newton's method for one covariate, no tied times; the log ratio and its standard error."""
    beta = 0.0
    for _ in range(20):
        score = information = 0.0
        for s in np.unique(stratum):
            order = np.argsort(-time[stratum == s])
            xs, es = x[stratum == s][order], event[stratum == s][order] == 1
            w = np.exp(beta * xs)
            mean = np.cumsum(w * xs) / np.cumsum(w)
            score += np.sum((xs - mean)[es])
            information += np.sum((np.cumsum(w * xs**2) / np.cumsum(w) - mean**2)[es])
        beta += score / information
    return beta, 1 / np.sqrt(information)


@pytest.mark.parametrize("file_format", ["tsv", "geo"])
def test_a_seed_gives_the_same_bytes(tmp_path, file_format):
    for name in ("a", "b"):
        write_simulation(simulate_cohorts(**SMALL), tmp_path / name, file_format)
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    write_simulation(simulate_cohorts(**{**SMALL, "seed": 8}), tmp_path / "c", file_format)
    assert digests(tmp_path / "a")["truth.tsv"] != digests(tmp_path / "c")["truth.tsv"]


@pytest.mark.parametrize("file_format", ["tsv", "geo"])
def test_the_files_are_read_and_curated_to_the_truth(tmp_path, file_format):
    table = write_simulation(simulate_cohorts(**SMALL), tmp_path, file_format)
    truth = pd.read_csv(tmp_path / "truth.tsv", sep="\t").set_index("sample_id")
    assert table["n_mfs"].sum() == 50 and table["n_normal"].tolist() == [6, 0, 0, 0]
    seen = 0
    for row in table.itertuples():
        raw = read_local([tmp_path], accession=row.cohort)
        mapping = load_mapping((tmp_path / row.mapping).read_text(), row.mapping)
        samples = curate(raw.samples, mapping, row.cohort).samples.set_index("sample_id")
        known = truth.loc[samples.index]
        for column in ("patient_id", "tissue_type", "sex", "cohort"):
            assert samples[column].tolist() == known[column].tolist()
        np.testing.assert_allclose(samples["age_years"], known["age_years"], atol=0.01)
        sized = samples["tumor_size_cm"].notna()
        np.testing.assert_allclose(samples["tumor_size_cm"][sized], known["tumor_size_cm"][sized], rtol=1e-12)
        if "mfs_time" in samples:
            seen += 1
            np.testing.assert_allclose(samples["mfs_time"], known["mfs_time"], atol=0.02)
            np.testing.assert_array_equal(samples["mfs_event"], known["mfs_event"])
        values, probes, _ = raw.expression
        features = raw.features.set_index("probe_id")
        assert set(features.index) == set(probes)
        of_marker = values[[features.loc[p, "gene_symbol"] == "XPO1" for p in probes]]
        best = of_marker[np.nanargmax(np.nanvar(of_marker, axis=1))]
        best = np.log2(best) if row.platform == "sequencing" else best
        assert np.corrcoef(best, known["marker"])[0, 1] > 0.99
    assert 1 <= seen < 4
    assert json.loads((tmp_path / "parameters.json").read_text())["marker"] == "XPO1"
    assert len((tmp_path / "signature.gmt").read_text().split()) == 2 + 67


def test_the_ratio_is_recovered_per_sd():
    truth = simulate_cohorts(6, 200, 80, hazard_ratio=1.8, event_fraction=0.5, seed=11).truth
    beta, se = log_hazard_ratio(*(truth[c].to_numpy() for c in ("marker", *OUTCOME)), pd.factorize(truth["cohort"])[0])
    assert abs(beta - np.log(1.8)) < 3 * se and se < 0.06


def test_the_ratio_is_recovered_by_group():
    settings = {"hazard_ratio_of": "group", "high_fraction": 0.8, "event_fraction": 0.5}
    truth = simulate_cohorts(6, 200, 80, hazard_ratio=3.0, seed=12, **settings).truth
    high = (truth["marker_group"] == "high").to_numpy(dtype=float)
    beta, se = log_hazard_ratio(high, *(truth[c].to_numpy() for c in OUTCOME), pd.factorize(truth["cohort"])[0])
    assert abs(beta - np.log(3)) < 3 * se and abs(high.mean() - 0.8) < 0.05


def test_stratified_intervals_cover_the_truth_and_unstratified_do_not():
    """The numbers that docs/stratified.md states: 1,000 seeds, three cohorts of 60 that differ in both."""
    settings = {"hazard_ratio": 1.5, "cohort_hazard_sd": 1.0, "cohort_marker_sd": 1.0}
    covered = np.zeros(2)
    for seed in range(1000):
        truth = simulate_cohorts(3, 60, 75, seed=seed, **settings).truth
        data = [truth[c].to_numpy() for c in ("marker", *OUTCOME)]
        for i, stratum in enumerate((pd.factorize(truth["cohort"])[0], np.zeros(len(truth)))):
            beta, se = log_hazard_ratio(*data, stratum)
            covered[i] += abs(beta - np.log(1.5)) < 1.96 * se
    assert 930 <= covered[0] <= 970
    assert covered[1] < 800


def test_ignoring_cohorts_misses_the_truth():
    settings = {"cohort_hazard_sd": 1.5, "cohort_marker_sd": 1.5, "event_fraction": 0.5}
    covered = np.zeros(2)
    for seed in range(40):
        truth = simulate_cohorts(3, 60, 75, hazard_ratio=1.0, seed=seed, **settings).truth
        data = [truth[c].to_numpy() for c in ("marker", *OUTCOME)]
        for i, stratum in enumerate((pd.factorize(truth["cohort"])[0], np.zeros(len(truth)))):
            beta, se = log_hazard_ratio(*data, stratum)
            covered[i] += abs(beta) < 1.96 * se
    assert covered[0] >= 34 and covered[1] < 25


def test_the_margins():
    margins = {"n_normals": 400, "n_relapses": 32, "n_outcomes": 610, "event_fraction": 0.3}
    truth = simulate_cohorts(5, 300, 80, seed=3, **margins).truth
    counts = truth["tissue_type"].value_counts()
    assert counts.to_dict() == {"primary": 1500, "normal": 400, "relapse": 32}
    primary, normal = (truth.loc[truth["tissue_type"] == t, "marker"].to_numpy() for t in ("primary", "normal"))
    auc = np.mean(primary[:, None] > normal[None, :])
    assert abs(auc - 0.93) < 0.02
    assert truth["mfs_event"].notna().sum() == 610
    assert truth.loc[truth["mfs_event"].notna(), "tissue_type"].unique().tolist() == ["primary"]
    assert abs(truth["mfs_event"].sum() - 183) < 45
    assert (truth["os_time"].dropna() >= truth["mfs_time"].dropna()).all()
    assert truth["os_event"].sum() <= truth["mfs_event"].sum()


def test_a_signature_follows_the_risk_and_batches_differ():
    simulation = simulate_cohorts(3, 150, 200, seed=5, event_fraction=0.5)
    truth = simulation.truth
    beta, se = log_hazard_ratio(*(truth[c].to_numpy() for c in ("risk", *OUTCOME)), pd.factorize(truth["cohort"])[0])
    assert beta > 4 * se
    means = []
    for cohort in simulation.cohorts():
        symbols = cohort.expression.features["gene_symbol"]
        values = cohort.expression.values
        values = np.log2(values) if cohort.platform == "sequencing" else values
        score = values[symbols.isin(simulation.genes.signature).to_numpy()].mean(axis=0)
        assert np.corrcoef(score, cohort.truth["risk"])[0, 1] > 0.9
        means.append(values[(symbols == "XPO1").to_numpy()].mean())
    assert np.ptp(means) > 1


def test_a_cohort_is_the_same_whenever_it_is_drawn():
    simulation = simulate_cohorts(2, 10, 80, seed=1)
    first, again = ([c.expression.values for c in simulation.cohorts()] for _ in range(2))
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    "wrong",
    [
        {"samples_per_cohort": [5]},
        {"n_genes": 10},
        {"hazard_ratio": 0},
        {"hazard_ratio_of": "x"},
        {"high_fraction": 1},
        {"n_outcomes": 1000},
        {"endpoints": ["a", "a"]},
        {"signature_strength": 1.2},
        {"platforms": ["x"]},
        {"n_normals": -1},
        {"event_fraction": 0},
        {"median_followup": 0},
        {"missing_fraction": 1},
    ],
)
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(UsageError, match="the simulation needs"):
        simulate_cohorts(**{**SMALL, **wrong})

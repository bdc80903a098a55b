"""Scores of signatures: by hand, one sample, missing values, directions, floors, names."""

import numpy as np
import pytest

from prognomics.data.signature import Signature, SignatureFile, read_signature
from prognomics.errors import AnalysisWarning, BadInput, Refused
from prognomics.signature import score_analysis
from prognomics.signature import signature_score as methods
from prognomics.stats.row_ranks import row_midranks

GENES = list("ABCDEFGH")
SAMPLE = np.array([[8.0], [7], [1], [2], [5], [4], [3], [6]])


def one(name, genes, weights=None):
    return Signature(name, {"gene_id": tuple(genes)}, weights)


def scored(values, signatures, method, pairs=(), genes=GENES, min_coverage=0.5, **options):
    wanted = score_analysis.signatures_to_score(SignatureFile(tuple(signatures)), [], pairs)
    found, coverage = score_analysis.find_signatures(values, genes, wanted, {}, method, min_coverage)
    settings = {"normalize": False, **options}
    return score_analysis.score_samples(np.asarray(values, float), found, method, **settings), found, coverage


def test_by_hand():
    assert methods.mean_score([[1.0, np.nan], [3, 5]]).tolist() == [2, 5]
    assert methods.weighted_mean_score([[1.0], [4]], [1, -0.5]).tolist() == [(1 - 2) / 1.5]
    assert methods.combined_z_score([[1.0, np.nan], [2, 3]]).tolist() == pytest.approx([3 / 2**0.5, 3])
    # ranks 8 and 7 of 8: the set stands at the very top
    sets = [np.array([0, 1]), np.array([2, 3]), np.array([0, 2])]
    assert methods.singscore(SAMPLE, sets).ravel().tolist() == [0.5, -0.5, 0]
    # walk over the two highest, then six others: hits 8 and 7 left, misses 6 to 1
    weights = np.array([8, 7]) ** 0.25
    hits = weights @ [8, 7] / weights.sum()
    assert methods.ssgsea_scores(SAMPLE, [np.array([0, 1])])[0, 0] == pytest.approx(hits - 21 / 6)


def test_a_single_sample_where_the_method_allows():
    for method in ("mean", "singscore", "ssgsea"):
        scores, *_ = scored(SAMPLE, [one("top", "AB"), one("low", "CD")], method)
        assert scores[0, 0] > scores[1, 0]
    with pytest.raises(Refused, match="single one"):
        scored(SAMPLE, [one("top", "AB")], "zscore")
    with pytest.raises(Refused, match="range"):
        scored(SAMPLE, [one("top", "AB")], "ssgsea", normalize=True)


def test_rank_scores_of_a_sample_do_not_look_at_others():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(8, 12))
    for method in ("singscore", "ssgsea"):
        together, *_ = scored(values, [one("s", "ACE")], method)
        alone, *_ = scored(values[:, 3:4], [one("s", "ACE")], method)
        assert alone[0, 0] == pytest.approx(together[0, 3], rel=1e-12)
        monotone, *_ = scored(np.exp(values), [one("s", "ACE")], method)
        np.testing.assert_allclose(monotone, together)


def test_up_and_down():
    pair = [one("SIG_UP", "AB"), one("SIG_DN", "CD")]
    scores, found, coverage = scored(SAMPLE, pair, "singscore", [("SIG_UP", "SIG_DN")])
    assert scores[0, 0] == 1.0 and found[0].name == "SIG"
    assert list(coverage["signature"]) == ["SIG_UP"] * 2 + ["SIG_DN"] * 2
    with pytest.warns(AnalysisWarning, match="count up"):
        signed, *_ = scored(SAMPLE, [one("SIG", "ABCD", (1.0, 2.0, -1.0, -3.0))], "singscore")
    assert signed[0, 0] == 1.0
    with pytest.raises(BadInput, match="no signature 'SIG_DOWN'"):
        scored(SAMPLE, pair, "singscore", [("SIG_UP", "SIG_DOWN")])


@pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
def test_missing_values_count_for_nothing_in_their_sample():
    rng = np.random.default_rng(1)
    values = rng.normal(8, 1, (8, 12))
    values[0, 0] = values[7, 0] = np.nan
    values[:, 1] = np.nan
    for method in ("mean", "zscore", "singscore", "ssgsea"):
        scores, *_ = scored(values, [one("s", "ABC")], method)
        assert np.isnan(scores[0, 1]) and np.isfinite(np.delete(scores[0], 1)).all()
    fewer, *_ = scored(values[1:7, :1], [one("s", "BC")], "ssgsea", genes=GENES[1:7])
    assert fewer[0, 0] == pytest.approx(scores[0, 0])
    assert scored(values, [one("s", "ABC")], "mean")[0][0, 0] == pytest.approx(values[1:3, 0].mean())


@pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
def test_constant_and_absent_genes():
    rng = np.random.default_rng(2)
    values = rng.normal(8, 1, (8, 12))
    values[0], values[1] = 5.0, np.nan
    scores, _, coverage = scored(values, [one("s", "ABCDX")], "zscore", min_coverage=0.4)
    assert list(coverage["status"]) == ["constant", "no value", "found", "found", "missing"]
    z = (values[2:4] - values[2:4].mean(axis=1, keepdims=True)) / values[2:4].std(axis=1, ddof=1, keepdims=True)
    np.testing.assert_allclose(scores[0], z.sum(axis=0) / 2**0.5)
    assert list(scored(values, [one("s", "ABCDX")], "mean", min_coverage=0.4)[2]["status"])[0] == "found"
    with pytest.raises(BadInput, match="2 of the 5"):
        scored(values, [one("s", "ABCDX")], "zscore")


def test_of_several_signatures_those_below_the_floor_are_left_out():
    with pytest.warns(AnalysisWarning, match="1 of 2 signatures"):
        scores, found, coverage = scored(SAMPLE, [one("here", "AB"), one("gone", "AXYZ")], "mean")
    assert [s.name for s in found] == ["here"] and len(scores) == 1 and len(coverage) == 6


@pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
def test_standardized_within_cohorts():
    rng = np.random.default_rng(3)
    values = rng.normal(8, 1, (8, 24))
    cohorts = np.repeat(["a", "b"], 12)
    shifted = values + 5 * (cohorts == "b")
    scores = [scored(v, [one("s", "ABC")], "zscore", cohorts=cohorts)[0] for v in (values, shifted)]
    np.testing.assert_allclose(*scores, atol=1e-12)
    with pytest.warns(AnalysisWarning, match="not logarithms"):
        scored(np.exp2(values), [one("s", "ABC")], "mean")


def test_names_of_columns():
    names = score_analysis.score_columns
    assert names(["CINSARC"], "zscore", None) == ["CINSARC_zscore"] and names([""], "mean", None) == ["signature_mean"]
    assert names(["A b", "C"], "mean", "N") == ["N_A_b", "N_C"] and names(["A"], "mean", "N") == ["N"]
    with pytest.raises(BadInput, match="one name"):
        names(["A b", "A_b"], "mean", None)


def test_other_names_come_with_the_signature(tmp_path):
    (tmp_path / "s.tsv").write_text("gene_id\talias\nCDK1\tCDC2|CDC28A\nXPO1\tNA\n")
    signature = read_signature(tmp_path / "s.tsv").one(None)
    assert signature.aliases == {"CDK1": ("CDC2", "CDC28A")}
    assert signature.other_names({"CDK1": ["P34"], "A": ["B"]}) == {"CDK1": ["CDC2", "CDC28A", "P34"], "A": ["B"]}
    wanted = score_analysis.signatures_to_score(SignatureFile((signature,)), [], [])
    found, coverage = score_analysis.find_signatures(np.ones((2, 3)), ["CDC2", "XPO1"], wanted, {}, "mean", 1.0)
    assert coverage["status"].tolist() == ["alias", "found"] and found[0].up.rows.tolist() == [0, 1]


def test_row_midranks():
    values = np.array([[3.0, 1, 3, np.nan], [2, 2, 2, 2], [4, 3, 2, 1]])
    expected = [[2.5, 1, 2.5, np.nan], [2.5] * 4, [4, 3, 2, 1]]
    np.testing.assert_array_equal(row_midranks(values), expected)

"""Enrichment: rankings, universes, limits of size, redundancy, and what depends on ids and seed only."""

import numpy as np
import pandas as pd
import pytest

from prognomics import tools
from prognomics.data.gene_list import read_gene_list
from prognomics.errors import BadInput, Refused, UsageError

QUIET = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")


@pytest.fixture
def study(tmp_path):
    rng = np.random.default_rng(6)
    genes = [f"G{i}" for i in range(80)]
    table = pd.DataFrame({"gene_id": genes, "t": rng.standard_normal(80).round(4)})
    table.loc[:9, "t"] += 3
    sets = {"UP": genes[:10], "UP_TOO": genes[:9], "ANY": genes[20:40:2], "ALL": genes, "PAIR": genes[5:7]}
    path = tmp_path / "sets.gmt"
    path.write_text("".join("\t".join([name, "na", *members]) + "\n" for name, members in sets.items()))
    return table, path


def test_order_of_rows_and_other_sets_do_not_matter(study, tmp_path):
    table, path = study
    first = tools.enrichment(table=table, sets=[str(path)], min_size=2, permutations=500).table
    lines = path.read_text().splitlines()
    one, two = tmp_path / "one.gmt", tmp_path / "two.gmt"
    one.write_text(lines[4] + "\n" + lines[0] + "\n")
    two.write_text("\n".join(lines[1:4]) + "\n")
    second = tools.enrichment(table=table.iloc[::-1], sets=[str(one), str(two)], min_size=2, permutations=500).table
    pd.testing.assert_frame_equal(first, second)
    alone = tools.enrichment(table=table, sets=[str(one)], min_size=2, permutations=500).table
    columns = ["set", "es", "nes", "p_value", "leading_edge"]
    both = first[first["set"].isin(["UP", "PAIR"])][columns].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone[columns], both)
    other = tools.enrichment(table=table, sets=[str(path)], min_size=2, permutations=500, seed=2).table
    assert (other.set_index("set")["p_value"] != first.set_index("set")["p_value"]).any()


@QUIET
def test_limits_are_inclusive_and_all_ranked_genes_are_no_set(study):
    table, path = study
    found = tools.enrichment(table=table, sets=[str(path)], min_size=9, max_size=10, permutations=100).table
    assert set(found["set"]) == {"UP", "UP_TOO", "ANY"}
    found = tools.enrichment(table=table, sets=[str(path)], min_size=1, max_size=100, permutations=100).table
    assert "ALL" not in set(found["set"]) and "PAIR" in set(found["set"])
    assert found.set_index("set").loc["UP_TOO", ["similar_to", "jaccard"]].tolist() == ["UP", 0.9] or (
        found.set_index("set").loc["UP", ["similar_to", "jaccard"]].tolist() == ["UP_TOO", 0.9]
    )


def test_ties_and_genes_without_a_statistic_are_told(study):
    table, path = study
    table.loc[30:59, "t"] = 0.25
    table.loc[70:, "t"] = np.nan
    with pytest.warns(UserWarning, match="29 of 70 genes have the same t"):
        found = tools.enrichment(table=table, sets=[str(path)], min_size=2, permutations=100)
    assert found.table["n_universe"].eq(70).all()


def test_universe_and_duplicates(study, tmp_path):
    _, path = study
    universe = [f"G{i}" for i in range(60)]
    listed = ["G0", "G1", "G1", "G50", "G70", "NOT"]
    with pytest.warns(UserWarning, match="2 of 5 genes of the list"):
        found = tools.enrichment(method="ora", gene_list=listed, universe=universe, sets=[str(path)], min_size=2).table
    row = found.set_index("set").loc["UP"]
    assert row[["n_found", "overlap", "n_list", "n_universe"]].tolist() == [10, 2, 3, 60]
    assert row["expected"] == pytest.approx(0.5) and row["odds_ratio"] == pytest.approx(2 * 49 / (1 * 8))
    assert row["leading_edge"] == "G0,G1"
    with pytest.warns(UserWarning, match="no --universe: the 80 genes"):
        tools.enrichment(method="ora", gene_list=["G0", "G1"], sets=[str(path)], min_size=2)
    with pytest.raises(Refused, match="all genes of the universe"):
        tools.enrichment(method="ora", gene_list=universe, universe=universe[:5], sets=[str(path)])


def test_genes_behind_the_groups_are_warned_of(study):
    table, path = study
    with pytest.warns(UserWarning, match=r"3 sets hold genes .*\(PAIR, UP, UP_TOO\)"):
        found = tools.enrichment(table=table, sets=[str(path)], min_size=2, permutations=100,
                                 made_from=["G5", "G6"]).table  # fmt: skip
    assert found.set_index("set").loc["PAIR", "note"] == "2 of 2 genes made the groups"


def test_gene_lists_of_files(tmp_path):
    path = tmp_path / "list"
    for text in ("A\nB\nA\n", "gene_id\nA\nB\n", "Gene\nA\nNA\nB\n", "gene_id\tt\nA\t1\nB\t2\n", "A\r\nB\r\n"):
        path.write_text(text, newline="")
        assert read_gene_list(path).genes == ("A", "B"), text
    path.write_text("A\n")
    assert read_gene_list(path).genes == ("A",)
    path.write_text("\n# nothing\n")
    with pytest.raises(BadInput, match="holds no gene"):
        read_gene_list(path)


@pytest.mark.parametrize(
    ("change", "options", "error", "words"),
    [
        (lambda t: pd.concat([t, t.head(1)]), {}, BadInput, "occur twice"),
        (lambda t: t.assign(t=[np.inf, *t["t"][1:]]), {}, BadInput, "infinite"),
        (lambda t: t.assign(t=1.0), {}, Refused, "cannot be ranked"),
        (lambda t: t.rename(columns={"t": "score"}), {}, BadInput, "none of the columns"),
        (lambda t: t.rename(columns={"gene_id": "row"}), {}, BadInput, "column of genes"),
        (lambda t: t.assign(t=["high", *t["t"][1:]]), {}, BadInput, "'t'"),
        (lambda t: t.assign(gene_id=t["gene_id"] + ".1"), {}, Refused, "none of 5 sets"),
        (lambda t: t, {"min_size": 20, "max_size": 10}, UsageError, "above"),
    ],
)
def test_refusals(study, change, options, error, words):
    table, path = study
    with pytest.raises(error, match=words):
        tools.enrichment(table=change(table), sets=[str(path)], permutations=100, **options)


def test_two_sets_of_one_name(study, tmp_path):
    table, path = study
    with pytest.raises(BadInput, match="two sets have the name 'UP'"):
        tools.enrichment(table=table, sets=[str(path), str(path)], permutations=100)


def permuted_study(seed=4, n_genes=60, correlated=True):
    """Two cohorts of 16; the genes of the first set have a factor in common; the groups mean nothing."""
    rng = np.random.default_rng(seed)
    ids = [f"S{i:02d}" for i in range(32)]
    values = rng.standard_normal((n_genes, 32))
    values[:10] += rng.standard_normal(32) * correlated
    values += np.repeat([0, 3], 16)
    sheet = pd.DataFrame({"sample_id": ids, "cohort": np.repeat(["a", "b"], 16),
                          "group": np.where(rng.permutation(32) < 14, "high", "low")})  # fmt: skip
    sets = pd.DataFrame({"gene_id": [f"G{i:02d}" for i in (*range(10), *range(5, 15))],
                         "signature_id": ["S"] * 10 + ["T"] * 10})  # fmt: skip
    return sheet, pd.DataFrame(values, [f"G{i:02d}" for i in range(n_genes)], ids), sets


def made(sheet, matrix, permutations, **options):
    result = tools.differential_expression(samples=sheet, expression=matrix, group_column="group", seed=2,
                                           permutations=permutations, **options)  # fmt: skip
    return result.table, result.permuted


@QUIET
@pytest.mark.parametrize("method", ["limma", "wilcoxon"])
def test_permuted_labels_keep_the_blocks_and_give_the_statistics_of_the_relabeled_samples(method):
    sheet, matrix, _ = permuted_study()
    table, permuted = made(sheet, matrix, 12, method=method)
    observed = table.set_index("gene_id")["t"][permuted["gene_id"]]
    np.testing.assert_allclose(permuted["observed"], observed.to_numpy(), atol=6e-5)
    _, again = made(sheet.iloc[::-1], matrix[matrix.columns[::-1]], 12, method=method)
    pd.testing.assert_frame_equal(permuted, again)
    counts = sheet.groupby("cohort")["group"].apply(lambda g: (g == "high").sum())
    rng = np.random.default_rng([2, 22])
    order = np.concatenate([rng.permutation(np.arange(16)), rng.permutation(np.arange(16, 32))])
    relabeled = sheet.assign(group=sheet["group"].to_numpy()[order])
    assert relabeled.groupby("cohort")["group"].apply(lambda g: (g == "high").sum()).equals(counts)
    first = made(relabeled, matrix, 10, method=method)[0].set_index("gene_id")["t"][permuted["gene_id"]]
    np.testing.assert_allclose(permuted["p1"], first.to_numpy(), atol=6e-5)


@QUIET
def test_scores_among_those_of_permuted_labels():
    """Each score and p again from the definition: the running sum over all genes, one permutation at a time."""
    sheet, matrix, sets = permuted_study()
    table, permuted = made(sheet, matrix, 60)
    found = tools.enrichment(table=table, sets=[sets], min_size=5, permute="samples", permuted=permuted).table

    def score(statistic, members):
        order = np.argsort(-statistic, kind="stable")
        hit = np.isin(permuted["gene_id"].to_numpy()[order], list(members))
        weights = np.abs(statistic[order]) * hit
        running = np.cumsum(weights / weights.sum() - ~hit / (~hit).sum())
        return running[np.abs(running).argmax()]

    for _, row in found.iterrows():
        members = set(sets["gene_id"][sets["signature_id"] == row["set"]])
        exact = table.set_index("gene_id")["t"][permuted["gene_id"]].to_numpy()
        own = score(exact, members)
        null = np.array([score(permuted[f"p{k}"].to_numpy(), members) for k in range(1, 61)])
        same = null[null * own > 0]
        assert row["es"] == pytest.approx(own, abs=1e-9)
        assert row["p_value"] == pytest.approx((1 + (np.abs(same) >= abs(own)).sum()) / (1 + len(same)))
        assert row["nes"] == pytest.approx(own / np.abs(same).mean())
    with pytest.raises(BadInput, match="observed"):
        tools.enrichment(table=table.assign(t=table["t"] + 1), sets=[sets], min_size=5, permute="samples",
                         permuted=permuted)  # fmt: skip


def test_few_labelings_are_warned_about():
    sheet, matrix, _ = permuted_study()
    few = sheet.iloc[[0, 1, 2, 16, 17, 18]].assign(group=["high", "low", "low"] * 2)
    with pytest.warns(Warning, match="only 9 different labelings"):
        _ = tools.differential_expression(
            samples=few, expression=matrix, group_column="group", permutations=20
        ).permuted

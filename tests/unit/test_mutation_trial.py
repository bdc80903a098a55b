"""A small slice of the trial of drafts on whole tables that are mutated and saved (benchmarks/mutation_trial.py)."""

import sys
from collections import Counter

import pytest


@pytest.fixture(scope="module")
def bench(repository):
    sys.path.insert(0, str(repository / "benchmarks"))
    try:
        import mutation_trial
    finally:
        sys.path.remove(str(repository / "benchmarks"))
    return mutation_trial


def test_drafts_of_mutated_files(bench, tmp_path):
    log = tmp_path / "log.tsv"
    bench.run(30, 4, bench.own_tables(), log)
    rows = bench.run(80, 4, bench.own_tables(), log)  # a run that was stopped goes on
    assert rows["trial"].tolist() == [str(i) for i in range(80)]
    known = Counter(zip(rows["kind"], rows["verdict"], strict=True))
    decided = {key: n for key, n in known.items() if key[0] in (bench.RECOVERABLE, bench.DETECTABLE)}
    assert not any(n for (_, verdict), n in decided.items() if verdict == bench.SILENT)
    useful = known[bench.RECOVERABLE, bench.RIGHT]
    assert useful >= 0.9 * sum(n for (kind, _), n in known.items() if kind == bench.RECOVERABLE)
    assert useful > 30
    text = bench.page(rows)
    assert "silently wrong among recoverable and detectable tables | 0 of" in text


def test_every_mutation_keeps_the_truth_of_its_rows(bench):
    for name in bench.MUTATORS:
        for number in range(12):
            made = next((m for t in bench.own_tables().values()
                         if (m := bench.mutate(bench.np.random.default_rng([7, number]), t, name))), None)  # fmt: skip
            if made is not None:
                _, table, _ = made
                assert len(table.frame) == len(table.truth)
                assert table.frame[table.sample].str.strip().tolist() == table.truth["id"].tolist()

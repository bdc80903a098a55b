"""What a tool draws at random depends on sample ids and seed, not on the order of rows or columns."""

import numpy as np
import pandas as pd
import pytest
import yaml

from prognomics.cli import main

ORDERS = 3
RANDOM = {
    "cutpoint": (["--expression", "genes.tsv", "--gene", "G1", "--method", "maxstat", "--endpoint", "os",
                  "--bootstraps", "25", "--permutations", "99"], ["table", "groups", "profile"]),
    "evaluate_model": (["--covariate", "age", "--covariate", "sex", "--expression", "genes.tsv", "--gene", "G1",
                        "--endpoint", "os", "--at", "20", "--bootstraps", "15"], ["table", "calibration", "decision"]),
    "learn_signature": (["--expression", "genes.tsv", "--endpoint", "os", "--covariate", "age", "--folds", "3",
                         "--random-signatures", "20", "--repeats", "2"], ["validation", "null", "cv", "coefficients"]),
    "cox": (["--covariate", "age", "--covariate", "sex", "--covariate", "risk", "--marker", "age", "--impute", "3",
             "--endpoint", "os", "--annotation", "gaps.tsv"], ["table"]),
    "screen": (["--expression", "genes.tsv", "--endpoint", "os", "--permutations", "50", "--bootstraps", "10"],
               ["table", "top"]),
    "classify_centroid": (["--expression", "genes.tsv", "--signature", "genes.gmt", "--outcome-column", "sex",
                           "--permutations", "40"], ["classes", "centroids", "test"]),
    "cluster_samples": (["--expression", "genes.tsv", "--signature", "genes.gmt", "--k", "2", "--k", "3",
                         "--resamples", "10"], ["groups", "table", "centroids"]),
    "differential_expression": (["--expression", "genes.tsv", "--group-column", "sex", "--permutations", "20"],
                                ["table", "permuted"]),
    "power_analysis": (["--marker-column", "age", "--endpoint", "os", "--hazard-ratio", "1.5", "--simulations", "200"],
                       ["table", "curve"]),
    "associate": (["--group-column", "grade", "--variable", "site", "--variable", "sex", "--simulations", "2000"],
                  ["table"]),
}  # fmt: skip


def written(folder, frame, genes):
    frame.to_csv(folder / "samples.tsv", sep="\t", index=False)
    gaps = frame.assign(risk=frame["age"].round(-1).where(frame["age"] > 55))[["sample_id", "risk"]]
    gaps.to_csv(folder / "gaps.tsv", sep="\t", index=False)
    genes.to_csv(folder / "genes.tsv", sep="\t", index_label="gene_id")
    (folder / "genes.gmt").write_text("all\tx\t" + "\t".join(genes.index) + "\n")


@pytest.fixture
def study():
    rng = np.random.default_rng(2)
    n = 80
    ids = [f"S{i:03d}" for i in range(n)]
    genes = pd.DataFrame(rng.standard_normal((8, n)).round(3), [f"G{i}" for i in range(1, 9)], ids)
    frame = pd.DataFrame({
        "sample_id": ids, "patient_id": ids, "tissue_type": "primary", "cohort": np.repeat(["a", "b"], n // 2),
        "os_time": np.ceil(rng.exponential(30, n) / np.exp(0.5 * genes.loc["G1"].to_numpy())),
        "os_event": (rng.random(n) < 0.7).astype(int), "age": rng.normal(60, 9, n).round(1),
        "sex": rng.choice(["f", "m"], n), "grade": rng.choice(list("123456"), n), "site": rng.choice(list("uvwxyz"), n),
    })  # fmt: skip
    return frame, genes


def run(tool, folder, monkeypatch, orders):
    options, outputs = RANDOM[tool]
    monkeypatch.chdir(folder)
    made = [f"--out-{name}={name}.out" for name in outputs]
    with pytest.raises(SystemExit) as ended:
        main([tool, "--samples", "samples.tsv", *options, *made])
    assert ended.value.code in (0, None), (tool, orders)
    return {name: (folder / f"{name}.out").read_bytes() for name in outputs}


@pytest.mark.parametrize("tool", sorted(RANDOM))
def test_the_order_of_rows_and_columns_changes_no_byte(tool, study, tmp_path, monkeypatch):
    frame, genes = study
    results = []
    for order in range(ORDERS):
        rng = np.random.default_rng(order)
        rows, columns = (
            (np.arange(len(frame)), np.arange(len(frame)))
            if order == 0
            else (rng.permutation(len(frame)), rng.permutation(len(frame)))
        )
        folder = tmp_path / str(order)
        folder.mkdir()
        written(folder, frame.iloc[rows], genes.iloc[:, columns])
        results.append(run(tool, folder, monkeypatch, order))
    for other in results[1:]:
        for name, content in results[0].items():
            assert other[name] == content, f"{tool}: {name}"


def test_every_tool_with_a_seed_is_tried(repository):
    known = {}
    for path in (repository / "tool_specs").glob("*.yml"):
        spec = yaml.safe_load(path.read_text())
        known[spec["id"]] = "name: seed" in path.read_text() and "artifact: sample_sheet" in path.read_text()
    assert {tool for tool, draws in known.items() if draws} - TRIED_ELSEWHERE == set(RANDOM)


TRIED_ELSEWHERE: set[str] = set()

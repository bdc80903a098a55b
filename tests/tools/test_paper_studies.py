"""The studies of published analyses on simulated cohorts: their steps, and one number of each."""

import csv
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

FOLDER = Path(__file__).parents[2] / "studies" / "papers"
STEPS = list(csv.DictReader((FOLDER / "steps.tsv").read_text().splitlines(), delimiter="\t"))
STUDIES = sorted({row["study"] for row in STEPS if row["study"]})


def test_every_step_is_in_the_page_with_its_number():
    page = (FOLDER.parents[1] / "docs" / "papers.md").read_text()
    assert [int(row["step"]) for row in STEPS] == list(range(1, 32))
    lines = {int(found[1]): found[0] for found in re.finditer(r"^\| (\d+) \|.*$", page, re.M)}
    for row in STEPS:
        line = lines[int(row["step"])]
        for name in ("tool", "study", "value"):
            assert row[name] in line, (row["step"], name)
        assert row["study"] in STUDIES and row["basis"] in line
        assert float(row["low"]) <= float(row["value"]) <= float(row["high"]), row["step"]


def test_every_study_has_the_options_of_its_cohorts():
    for ending in ("yml", "options"):
        assert sorted(path.stem for path in FOLDER.glob(f"*.{ending}")) == STUDIES


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_passes_its_check(name, tmp_path):
    from prognomics.cli import main

    data = tmp_path / "cohorts"
    options = (FOLDER / f"{name}.options").read_text().split()
    options[options.index("--genes") + 1] = "80"
    with pytest.raises(SystemExit) as ended:
        main(["simulate_cohorts", *options, "--out-directory", str(data)])
    assert not ended.value.code
    with pytest.raises(SystemExit) as ended:
        main(["study", "check", str(FOLDER / f"{name}.yml"), "--data", str(data)])
    assert not ended.value.code


@pytest.mark.slow
@pytest.mark.parametrize("name", STUDIES)
def test_the_number_of_each_step(name, tmp_path):
    tool = [sys.executable, "-m", "prognomics"]
    options = (FOLDER / f"{name}.options").read_text().split()
    subprocess.run([*tool, "simulate_cohorts", *options, "--out-directory", str(tmp_path / "cohorts")], check=True)
    subprocess.run([*tool, "run", str(FOLDER / f"{name}.yml"), "--data", str(tmp_path / "cohorts"), "--out",
                    str(tmp_path / "out")], check=True)  # fmt: skip
    for row in (row for row in STEPS if row["study"] == name):
        table = pd.read_csv(tmp_path / "out" / row["file"], sep="\t", dtype=str, keep_default_na=False)
        for condition in filter(None, row["row"].split("; ")):
            column, value = condition.split(" = ")
            table = table[table[column] == value]
        assert len(table) == 1, row["step"]
        found = float(table[row["column"]].iloc[0])
        assert found == pytest.approx(float(row["value"]), rel=0.006), row["step"]
        assert float(row["low"]) <= found <= float(row["high"]), row["step"]

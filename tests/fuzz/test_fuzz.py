"""A short run of each fuzzer; long ones are started by hand (`python -m tests.fuzz`)."""

import importlib.util
import subprocess
import sys

import numpy as np
import pytest

from prognomics.compiled import compiled_loops

from .h5ad_layout import write_layout
from .loop_targets import LOOP_TARGETS, right_arguments
from .targets import TARGETS, run_one


@pytest.mark.parametrize("name", TARGETS)
def test_the_files_to_start_from_are_read(name):
    for seed in TARGETS[name][1]:
        run_one(name, seed)


def test_any_layout_of_h5ad_is_read_or_refused(tmp_path):
    rng = np.random.default_rng(1)
    drawn = [rng.integers(0, 256, 200).astype(np.uint8).tobytes() for _ in range(60)]
    assert sum(write_layout(content, tmp_path / "m") for content in drawn) > 40
    for content in drawn:
        run_one("h5ad_layout", content)


@pytest.mark.parametrize("name", LOOP_TARGETS)
def test_loops_keep_to_their_arrays(name):
    rng = np.random.default_rng(2)
    for _ in range(100):
        run_one(name, rng.integers(0, 256, 300).astype(np.uint8).tobytes())


def test_seeds_of_arguments_reach_every_loop():
    assert {seed[0] for seed in LOOP_TARGETS["loop_arguments"][1]} == set(range(len(right_arguments())))
    if (loops := compiled_loops()) is not None:
        for name, make in right_arguments().items():
            getattr(loops, name)(*make())


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not installed")
@pytest.mark.parametrize("name", TARGETS)
def test_a_short_run_finds_nothing(repository, name):
    words = [sys.executable, "-m", "tests.fuzz", name, "--runs", "300", "--seconds", "20"]
    done = subprocess.run(words, cwd=repository, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]


def test_the_table_sums_the_slices_of_each_parser(tmp_path, repository, monkeypatch):
    monkeypatch.syspath_prepend(str(repository / "benchmarks"))
    import fuzzing

    log = tmp_path / "fuzz.tsv"
    assert fuzzing.read(log).empty
    slices = [("soft", "1", 90, 1000, 7, 120, ""), ("soft", "1", 30, 500, 9, 110, "MemoryError: x"),
              ("series", "1", 60, 10, 3, 90, "")]  # fmt: skip
    with log.open("a") as lines:
        lines.writelines("\t".join(map(str, each)) + "\n" for each in slices)
    assert fuzzing.page(fuzzing.read(log))[2:] == [
        "| GEO series matrix (`series`) | 1.0 | 10 | 3 | 90 | nothing |",
        "| GEO SOFT (family, data set) (`soft`) | 2.0 | 1,500 | 9 | 120 | MemoryError: x |",
    ]

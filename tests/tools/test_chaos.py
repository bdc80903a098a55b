"""Runs stopped and killed at random end as undisturbed runs do. `make chaos` repeats it 300 times."""

import importlib.util
import os
import shutil
import subprocess
import sys

import pytest
from chaos import Chaos
from small_study import make_study

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("snakemake") is None, reason="Snakemake is not installed"),
    pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="it reads /proc"),
]


@pytest.fixture(scope="module")
def study(tmp_path_factory, repository):
    folder = tmp_path_factory.mktemp("chaos")
    path = make_study(folder, repository / "test-data")
    command = [sys.executable, "-m", "prognomics", "--tool-path", str(folder / "tools"), "run", str(path),
               "--out", str(folder / "out"), "--data", str(folder / "data"), "--cores", "2"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    shutil.copytree(folder / "out", folder / "undisturbed")
    return command, folder


def test_a_disturbed_study_ends_as_an_undisturbed_one(study):
    command, folder = study
    assert len(Chaos(command, folder / "out", folder / "undisturbed", seed=1).repeat(2)) >= 2


@pytest.mark.slow
def test_however_often_a_study_is_disturbed(study):
    command, folder = study
    times = int(os.environ.get("PROGNOMICS_CHAOS", "300"))
    seed = int(os.environ.get("PROGNOMICS_CHAOS_SEED", "2"))
    assert len(Chaos(command, folder / "out", folder / "undisturbed", seed).repeat(times)) >= times

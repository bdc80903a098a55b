"""The results of a study go to a folder apart from what it reads, and to one that can be written."""

import os
import shutil
import threading
from pathlib import Path

import pytest

from prognomics.errors import UsageError
from prognomics.study.places import read_any_study, require_apart
from prognomics.study.plan import make_plan
from prognomics.study.run import run

STUDY = """
study: 1
title: One cohort
question: Are its files safe?
marker: XPO1
endpoint: {name: os, definition: death from any cause}
cohorts:
  alpha: {steps: [fetch_cohort: {source: local, local_path: [raw]}, curate_samples: {mapping: alpha.mapping.yml}]}
steps:
  - cutpoint: {gene: XPO1, name: g, method: median}
"""


@pytest.fixture
def place(repository, tmp_path, monkeypatch):
    pytest.importorskip("snakemake")
    data = repository / "test-data"
    (tmp_path / "raw").mkdir()
    shutil.copy(data / "alpha.tsv", tmp_path / "raw" / "alpha.expression.tsv")
    shutil.copy(data / "alpha.clinical.tsv", tmp_path / "raw")
    shutil.copy(data / "alpha.mapping.yml", tmp_path)
    (tmp_path / "study.yml").write_text(STUDY)
    (tmp_path / "link").symlink_to("raw")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("out", [".", "raw", "raw/out", "link", "link/out", "raw/../raw/new/out"])
def test_results_stay_apart_from_inputs(place, out):
    before = sorted(place.rglob("*"))
    with pytest.raises(UsageError, match="also an input"):
        run(place / "study.yml", place / out, data=place)
    assert sorted(place.rglob("*")) == before


def test_a_folder_that_cannot_be_made(place):
    (place / "file").write_text("")
    for out, says in (("file", "is a file"), ("file/out", "Not a directory"), ("x" * 300, "too long")):
        with pytest.raises(UsageError, match=says):
            run(place / "study.yml", place / out, data=place)
    if os.geteuid():
        (place / "locked").mkdir(mode=0o500)
        with pytest.raises(UsageError, match="Permission denied"):
            run(place / "study.yml", place / "locked" / "out", data=place)


def test_a_study_that_comes_through_a_pipe(place):
    os.mkfifo(place / "pipe")
    threading.Thread(target=(place / "pipe").write_text, args=(STUDY,), daemon=True).start()
    study, text = read_any_study(place / "pipe", place, place / "out")
    assert text == STUDY and study.path == place.resolve() / "out" / "workflow" / "study.yml"
    plan = make_plan(study)
    assert str(place / "alpha.mapping.yml") in plan.to_json(str(place / "out"))
    require_apart(plan, place / "pipe", place / "out")
    with pytest.raises(UsageError, match="is a device"):
        read_any_study(Path("/dev/zero"), place, place / "out")

"""Which jobs run again: content and code decide, not dates and not where the study is."""

import json
import os
import shutil
from pathlib import Path

import pytest
from small_study import STUDY, make_study

from prognomics.spec import plugins
from prognomics.study import content
from prognomics.study.content import Digests
from prognomics.study.file import read_study
from prognomics.study.job import read_plan
from prognomics.study.plan import make_plan
from prognomics.study.stamps import made_from, outdated, stamp_path, write_stamp

ALL = ["cohort_alpha", "cohort_beta", "pooled_merge_cohorts", "results_cutpoint", "results_gene_difference",
       "results_kaplan_meier", "report"]  # fmt: skip


def planned(folder: Path) -> dict:
    """The jobs of the study in a folder, planned anew as `run` does."""
    plan = make_plan(read_study(folder / "study.yml", folder / "data"))
    path = folder / "out" / "workflow" / "plan.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(plan.to_json(os.path.realpath(folder / "out")))
    return read_plan(path)


def must_run(folder: Path) -> list[str]:
    content._package_digest.cache_clear()
    return list(outdated(planned(folder), folder / "out"))


def finish(folder: Path) -> None:
    """Make every job look as if it had run: the outputs with some content, and the stamp."""
    out = folder / "out"
    for job in planned(folder).values():
        parts = made_from(job, out, Digests())
        for path in job["outputs"]:
            (out / path).parent.mkdir(parents=True, exist_ok=True)
            (out / path).write_text(path)
        write_stamp(job, parts, out)


@pytest.fixture
def study(tmp_path, repository, monkeypatch):
    folder = tmp_path / "study"
    make_study(folder, repository / "test-data")
    monkeypatch.setenv(plugins.PLUGIN_PATH_VARIABLE, str(folder / "tools"))
    assert must_run(folder) == ALL
    finish(folder)
    assert must_run(folder) == []
    return folder


def edit(path: Path) -> None:
    """Change the content and nothing else: size and dates stay."""
    before = path.stat()
    data = bytearray(path.read_bytes())
    data[-2] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_dates_decide_nothing(study):
    for path in [p for p in study.rglob("*") if p.is_file()]:
        os.utime(path, (1, 1) if path.suffix in (".tsv", ".json") else (4_000_000_000, 4_000_000_000))
    assert must_run(study) == []


BELOW_ALPHA = [name for name in ALL if name != "cohort_beta"]
BELOW_BETA = [name for name in ALL if name != "cohort_alpha"]


@pytest.mark.parametrize(
    ("path", "run_again"),
    {
        "data/folder/alpha.clinical.tsv": BELOW_ALPHA,
        "data/beta.features.tsv": BELOW_BETA,
        "beta.yml": BELOW_BETA,
        "tools/gene_difference.py": ["results_gene_difference", "results_kaplan_meier", "report"],
        "tools/gene_difference.yml": ["results_gene_difference", "results_kaplan_meier", "report"],
        "tools/weight.txt": ["results_gene_difference", "results_kaplan_meier", "report"],
        "out/results/cutpoint/groups.tsv": ["results_cutpoint", "results_gene_difference", "results_kaplan_meier",
                                            "report"],
        "out/report.html": ["report"],
    }.items(),
)  # fmt: skip
def test_content_decides_whatever_the_date(study, path, run_again):
    edit(study / path)
    found = must_run(study)
    # groups and scores annotate later steps; a tool without a sample sheet takes none
    assert found == [name for name in ALL if name in run_again and name in found] and found[0] == run_again[0]
    assert set(found) >= {run_again[0], "report"}
    finish(study)
    assert must_run(study) == []


def test_a_file_added_renamed_or_removed_in_a_folder_counts(study):
    folder = study / "data" / "folder"
    (folder / "deeper").mkdir()
    assert must_run(study) == []
    (folder / "deeper" / ".note").write_text("x")
    assert must_run(study) == BELOW_ALPHA
    finish(study)
    (folder / "deeper" / ".note").rename(folder / "deeper" / "note")
    assert must_run(study) == BELOW_ALPHA
    finish(study)
    (folder / "deeper" / "note").unlink()
    assert must_run(study) == BELOW_ALPHA
    finish(study)
    (folder / "itself").symlink_to(folder)
    os.mkfifo(folder / "pipe")
    assert must_run(study) == []


def test_helpers_of_a_plugin_count_and_its_neighbors_do_not(study):
    tools = study / "tools"
    (tools / "notes.txt").write_text("no code names this")
    (tools / "alpha.tsv").write_text("nor this")
    assert must_run(study) == []
    (tools / "helpers").mkdir()
    (tools / "helpers" / "arithmetic.py").write_text("def subtract(a, b): return a - b\n")
    assert must_run(study)[0] == "results_gene_difference"
    finish(study)
    edit(tools / "helpers" / "arithmetic.py")
    assert must_run(study)[0] == "results_gene_difference"


def test_the_code_of_the_package_counts(study, monkeypatch, tmp_path):
    copy = tmp_path / "package"
    shutil.copytree(content._PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    monkeypatch.setattr(content, "_PACKAGE", copy)
    content._package_digest.cache_clear()
    finish(study)
    assert must_run(study) == []
    edit(copy / "errors.py")
    assert must_run(study) == ALL
    content._package_digest.cache_clear()


def test_versions_of_the_libraries_count(study, monkeypatch):
    monkeypatch.setattr(content, "versions", lambda: {"numpy": "0.9"})
    assert must_run(study) == ALL
    content._package_digest.cache_clear()


def test_an_option_of_one_step_counts_for_it_and_what_is_below(study):
    (study / "study.yml").write_text(STUDY.replace("at: [24]", "at: [12]"))
    assert must_run(study) == ["results_kaplan_meier", "report"]


def test_moving_or_copying_the_folder_makes_nothing_outdated(study, monkeypatch):
    moved = study.parent / "elsewhere" / "deeper"
    moved.parent.mkdir()
    shutil.copytree(study, moved)
    monkeypatch.setenv(plugins.PLUGIN_PATH_VARIABLE, str(moved / "tools"))
    before_planning = read_plan(moved / "out" / "workflow" / "plan.json")
    assert str(moved / "data" / "folder") in before_planning["cohort_alpha"]["inputs"]
    assert must_run(moved) == []
    edit(moved / "data" / "folder" / "alpha.tsv")
    assert must_run(moved) == BELOW_ALPHA
    monkeypatch.setenv(plugins.PLUGIN_PATH_VARIABLE, str(study / "tools"))
    assert must_run(study) == []
    (study / "out").rename(study.parent / "out")  # only the results: the data are where they were
    jobs = read_plan(study.parent / "out" / "workflow" / "plan.json")
    assert str(study / "data" / "folder") in jobs["cohort_alpha"]["inputs"]


def test_a_damaged_or_missing_stamp_or_output_runs_again(study):
    out = study / "out"
    for text in ("{", "[]", "null", '{"stamp": 1}', '{"made_from": 1, "outputs": 2}'):
        (out / stamp_path("results_cutpoint")).write_text(text)
        assert must_run(study)[0] == "results_cutpoint"
    finish(study)
    (out / "results" / "cutpoint" / "groups.tsv").unlink()
    jobs = planned(study)
    assert outdated(jobs, out)["results_cutpoint"] == "results/cutpoint/groups.tsv is missing"
    stamp = json.loads((out / stamp_path("cohort_alpha")).read_text())
    assert str(study) not in json.dumps(stamp)


def test_a_cohort_more_costs_one_cohort(study):
    """What all cohorts share runs again; the jobs of the other cohorts do not, wherever the new one is listed."""
    shutil.copytree(study / "data" / "folder", study / "data" / "third")
    (one,) = [f"{line}\n" for line in STUDY.splitlines() if line.startswith("  alpha: ")]
    more = one.replace("alpha:", "gamma:", 1).replace("[folder]", "[third]")
    for text in (STUDY.replace(one, more + one), STUDY.replace(one, one + more)):
        (study / "study.yml").write_text(text)
        assert must_run(study) == ["cohort_gamma", *ALL[2:]]
    finish(study)
    (study / "study.yml").write_text(STUDY)
    assert must_run(study) == ALL[2:]

"""How the plan of a study grows with its cohorts: in steps of the interpreter, since seconds depend on the machine."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from prognomics.study.file import read_study
from prognomics.study.plan import make_plan
from prognomics.study.to_snakemake import snakefile

MAPPING = """
sample_id: id
tissue_type: {constant: primary}
endpoints:
  os: {definition: death, time: {column: t, unit: months}, event: {column: e, event: 1, censored: 0}}
"""
STUDY = """
study: 1
title: Many cohorts
question: How does a plan grow?
marker: XPO1
endpoint: {name: os, definition: death}
cohorts:
%s
within: [normalize: {method: none}]
pool: [merge_cohorts: {method: zscore}]
steps:
  - cutpoint: {gene: XPO1, name: g}
  - kaplan_meier: {group_column: g, endpoint: os}
    across: [cohorts, stratified]
"""


def lines_executed(work: Callable[[], object]) -> int:
    """How many lines of Python a call takes; the same every time."""
    count = 0

    def trace(_frame: object, event: str, _arg: object) -> object:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)  # type: ignore[arg-type]
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def write(folder: Path, n: int) -> Path:
    steps = "[fetch_cohort: {source: local, local_path: [%s.tsv]}, curate_samples: {mapping: m.yml}]"
    names = [f"c{i:04d}" for i in range(n)]
    folder.mkdir()
    (folder / "m.yml").write_text(MAPPING)
    for name in names:
        (folder / f"{name}.tsv").write_text("id\tt\te\n")
    (folder / "study.yml").write_text(STUDY % "\n".join(f"  {c}: {{steps: {steps % c}}}" for c in names))
    return folder / "study.yml"


@pytest.mark.skipif(sys.gettrace() is not None, reason="something else traces lines")
def test_reading_and_planning_grow_no_faster_than_the_cohorts(tmp_path: Path) -> None:
    def plan(study: Path) -> None:
        made = make_plan(read_study(study, study.parent))
        assert len(made.jobs) > 20
        assert made.to_json() and snakefile(made)

    studies = {n: write(tmp_path / str(n), n) for n in (20, 40, 80)}
    plan(studies[20])  # what is read once only: specs, schemas
    spent = {n: lines_executed(lambda study=study: plan(study)) for n, study in studies.items()}
    first, second = spent[40] - spent[20], spent[80] - spent[40]
    assert second < 2.1 * first  # twice as many cohorts more, twice as much more

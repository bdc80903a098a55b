"""`prognomics study`: plan, schema, copy; parts of a study that are asked for; genes that are in no matrix."""

import json
import shutil
from pathlib import Path

import jsonschema
import pytest
import yaml
from small_study import make_study

from prognomics.errors import BadInput, UsageError
from prognomics.spec import plugins
from prognomics.study.check import check_study
from prognomics.study.check_genes import gene_problems, require_genes
from prognomics.study.chosen import job_of, needed_for
from prognomics.study.content import Digests
from prognomics.study.copies import copy_study, shipped_studies
from prognomics.study.editor_schema import study_schema
from prognomics.study.file import read_study
from prognomics.study.plan import make_plan
from prognomics.study.preview import preview
from prognomics.study.stamps import made_from, outdated, write_stamp


@pytest.fixture
def study(tmp_path, repository, monkeypatch):
    path = make_study(tmp_path / "study", repository / "test-data")
    monkeypatch.setenv(plugins.PLUGIN_PATH_VARIABLE, str(path.parent / "tools"))
    return path


def changed(study: Path, old: str, new: str) -> Path:
    text = study.read_text()
    assert old in text
    study.write_text(text.replace(old, new))
    return study


def test_only_what_a_step_needs(study):
    jobs = make_plan(read_study(study, study.parent / "data")).as_jobs()
    assert needed_for(jobs, [job_of(jobs, "merge_cohorts")]) == ["cohort_alpha", "cohort_beta", "pooled_merge_cohorts"]
    assert needed_for(jobs, ["report"]) == list(jobs)
    with pytest.raises(UsageError, match="did you mean merge_cohorts"):
        job_of(jobs, "merge_cohort")


def test_a_forced_step_runs_and_what_follows_it(study, tmp_path):
    jobs = make_plan(read_study(study, study.parent / "data")).as_jobs()
    assert outdated(jobs, tmp_path, ["results_cutpoint"])["results_cutpoint"] == "forced"


def test_the_plan_says_what_would_run_and_why(study, tmp_path):
    text = preview(study, tmp_path / "out", data=study.parent / "data", until=["cutpoint"], force=["merge-cohorts"])
    lines = text.splitlines()
    assert [line.split()[0] for line in lines[:-1]] == ["runs"] * 4
    assert lines[2].endswith("forced") and lines[0].endswith("not made yet")
    assert not (tmp_path / "out").exists()


def test_a_gene_that_no_cohort_has(study, tmp_path):
    changed(study, "gene: XPO1, name", "gene: XPO11, name")
    found = gene_problems(read_study(study, study.parent / "data"))
    assert [(p.line, p.certain) for p in found] == [(18, True)] and "did you mean XPO1 or" in str(found[0])
    with pytest.raises(BadInput, match=r"study.yml:18: .*XPO11"):
        require_genes(read_study(study, study.parent / "data"), tmp_path / "out")


def test_genes_that_the_matrices_have(study):
    assert check_study(study, study.parent / "data") == []
    assert gene_problems(read_study(study, study.parent / "data")) == []


def test_the_schema_allows_the_suite_s_studies_and_no_mistyped_option():
    schema = study_schema()
    validator = jsonschema.Draft202012Validator(schema)
    jsonschema.Draft202012Validator.check_schema(schema)
    for name, text in shipped_studies().items():
        assert list(validator.iter_errors(yaml.safe_load(text))) == [], name
    raw = yaml.safe_load(shipped_studies()["breast_xpo1"])
    raw["steps"][0]["cutpoint"]["metod"] = "median"
    raw["steps"][1]["kaplan_meier"]["conf_type"] = "lin"
    assert len(list(validator.iter_errors(raw))) == 2


@pytest.mark.parametrize("name", shipped_studies())
def test_a_copied_study_is_complete(name, tmp_path):
    written = copy_study(name, tmp_path / "copy")
    assert json.loads((tmp_path / "copy" / "study.schema.json").read_text())["$id"].startswith("urn:prognomics:study")
    assert [p for p in check_study(written[0]) if p.certain] == []
    assert written[0].read_text().count("yaml-language-server") == 1
    with pytest.raises(UsageError, match="is there already"):
        copy_study(name, tmp_path / "copy")
    shutil.rmtree(tmp_path / "copy" / "mappings", ignore_errors=True)
    assert "mappings" not in str(written) or check_study(written[0])


def test_a_study_that_is_not_there():
    with pytest.raises(BadInput, match="did you mean breast_xpo1"):
        copy_study("breast_xpo", Path("nowhere"))


def test_a_cohort_more_runs_no_other_cohort_again(study, tmp_path):
    """Its own steps run, and those that take all cohorts."""
    data, out = study.parent / "data", tmp_path / "out"

    def jobs():
        return make_plan(read_study(study, data)).as_jobs()

    for job in jobs().values():
        parts = made_from(job, out, Digests())
        for path in job["outputs"]:
            (out / path).parent.mkdir(parents=True, exist_ok=True)
            (out / path).write_text(path)
        write_stamp(job, parts, out)
    assert outdated(jobs(), out) == {}
    more = (
        "  gamma: {steps: [fetch_cohort: {source: local, local_path: [folder]}, curate_samples: {mapping: alpha.yml}]}"
    )
    changed(study, "  beta:\n", f"{more}\n  beta:\n")
    assert [n for n in outdated(jobs(), out) if n.startswith("cohort_")] == ["cohort_gamma"]

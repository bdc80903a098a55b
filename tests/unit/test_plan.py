"""A study file becomes a plan: wiring, scopes, and what is refused."""

import pytest

from prognomics.errors import BadInput, UsageError
from prognomics.spec.shipped_yaml import read_yaml
from prognomics.study.file import read_study
from prognomics.study.plan import make_plan
from prognomics.study.to_snakemake import snakefile

MAPPING = """
sample_id: sample_id
tissue_type: {constant: primary}
endpoints:
  os:
    definition: %s
    time: {column: t, unit: months}
    event: {column: e, event: 1, censored: 0}
"""
STUDY = """
study: 1
title: A study of two cohorts
question: Does the plan wire what the steps make and take?
endpoint: {name: os, definition: death}
cohorts:
  a: {steps: [fetch_cohort: {source: survset, accession: gse1992}, curate_samples: {mapping: a.yml}]}
  b: {steps: [fetch_cohort: {source: survset, accession: gse3143}, curate_samples: {mapping: b.yml}]}
within: [normalize: {method: none}]
pool: [merge_cohorts: {method: zscore}]
steps:
  - cutpoint: {gene: XPO1, name: g}
  - kaplan_meier: {group_column: g, endpoint: os}
    across: [cohorts, stratified, unstratified]
  - cox: {gene: [XPO1], covariate: [g], endpoint: os}
"""


@pytest.fixture
def study(tmp_path):
    def make(text=STUDY, definitions=("death", "death")):
        for name, definition in zip("ab", definitions):
            (tmp_path / f"{name}.yml").write_text(MAPPING % definition)
        path = tmp_path / "study.yml"
        path.write_text(text)
        return path

    return make


def test_each_input_takes_the_latest_artifact_of_its_kind(study):
    jobs = {j.name: j for j in make_plan(read_study(study())).jobs}
    assert list(jobs) == ["cohort_a", "cohort_b", "pooled_merge_cohorts", "results_cutpoint", "results_kaplan_meier",
                          "results_cox", "report"]  # fmt: skip
    normalize = jobs["cohort_a"].calls[2]
    assert normalize.options["expression"] == jobs["cohort_a"].calls[0].outputs["expression"]
    merge = jobs["pooled_merge_cohorts"].calls[0]
    assert merge.options["samples"] == [f"cohorts/{c}/2_curate_samples/samples.tsv" for c in "ab"]
    cox = jobs["results_cox"].calls[0]
    assert cox.options["expression"] == "pooled/merge_cohorts/expression.h5ad"
    assert cox.options["annotation"] == ["results/cutpoint/groups.tsv"]


def test_a_matrix_is_not_given_to_a_step_that_names_no_gene(study):
    jobs = {j.name: j for j in make_plan(read_study(study())).jobs}
    assert "expression" not in jobs["results_kaplan_meier"].calls[0].options


def test_scopes_become_subsets_and_strata(study):
    calls = {j.name: j for j in make_plan(read_study(study())).jobs}["results_kaplan_meier"].calls
    assert [c.options.get("where") for c in calls] == [["cohort=a"], ["cohort=b"], None, None]
    assert [c.options.get("strata") for c in calls] == [None, None, ["auto"], ["none"]]


def test_only_the_changed_job_has_a_new_signature(study):
    changed = STUDY.replace("name: g}", "name: g, method: median}")
    before = {j.name: j.signature for j in make_plan(read_study(study())).jobs}
    after = {j.name: j.signature for j in make_plan(read_study(study(changed))).jobs}
    assert {n for n in before if before[n] != after[n]} == {"results_cutpoint"}


def test_the_snakefile_has_a_rule_for_each_job(study):
    plan = make_plan(read_study(study()))
    assert all(f"rule {j.name}:" in snakefile(plan) for j in plan.jobs)


def test_endpoints_that_differ_are_not_pooled_without_a_reason(study):
    with pytest.raises(BadInput, match="define the endpoint differently") as caught:
        read_study(study(definitions=("death", "relapse")))
    assert "a: death" in caught.value.where
    reason = STUDY + "pooling: Both are the first event of the disease.\n"
    assert read_study(study(reason, ("death", "relapse"))).cohorts


@pytest.mark.parametrize(
    ("old", "new", "error", "says"),
    [
        ("method: none", "method: nne", BadInput, "step normalize: --method 'nne'"),
        ("- cox:", "- coxx:", BadInput, "step 3: there is no tool 'coxx'"),
        ("{gene: XPO1, name: g}", "{name: g}", BadInput, "step cutpoint: give --expression"),
        ("mapping: a.yml", "mapping: z.yml", UsageError, "z.yml"),
        ("mapping: a.yml", "mapping: data:a.yml", UsageError, "--data DIR"),
        ("study: 1", "study: 2", BadInput, "study schema"),
        ("across: [cohorts, stratified, unstratified]", "across: [cohorts]\n    cohorts: [c]", BadInput, "cohort 'c'"),
    ],
)
def test_faults_name_the_step(study, old, new, error, says):
    assert old in STUDY
    with pytest.raises(error, match=says):
        make_plan(read_study(study(STUDY.replace(old, new))))


@pytest.mark.parametrize("name", ["breast_xpo1", "ovarian_xpo1", "cholangiocarcinoma_xpo1", "letter_sts_xpo1"])
def test_studies_of_the_repository_are_planned(repository, tmp_path, name):
    """With stand-ins for local data, whose content a plan does not look at."""
    path = repository / "studies" / f"{name}.yml"
    raw = read_yaml(path)
    for cohort in raw["cohorts"].values():
        for file in (cohort["steps"][0]["fetch_cohort"] or {}).get("local_path", []):
            (tmp_path / file).touch()
    plan = make_plan(read_study(path, tmp_path))
    assert plan.jobs[-1].name == "report" and len(plan.jobs) > len(raw["cohorts"])


def test_an_output_beside_the_usual_ones_is_asked_for_and_wired(study):
    usual = "[fetch_cohort: {source: survset, accession: gse1992}, curate"
    more = "[{fetch_cohort: {source: geo, accession: GSE1}, also: [features]}, map_genes: {}, curate"
    asked = STUDY.replace(usual, more)
    fetch, genes, *_ = make_plan(read_study(study(asked))).jobs[0].calls
    assert fetch.outputs["features"] == "cohorts/a/1_fetch_cohort/features.tsv"
    assert genes.options["features"] == fetch.outputs["features"]
    with pytest.raises(BadInput, match="no output 'feature'"):
        read_study(study(asked.replace("[features]", "[feature]")))


def test_cohorts_are_merged_twice_and_an_input_names_the_step_that_fills_it(study):
    twice = STUDY.replace(
        "pool: [merge_cohorts: {method: zscore}]",
        """pool:
  - merge_cohorts: {method: none}
    as: before
  - merge_cohorts: {method: zscore}
  - quality_control: {expression_before: "step:before"}""",
    )
    jobs = {j.name: j.calls[0].options for j in make_plan(read_study(study(twice))).jobs}
    assert jobs["pooled_merge_cohorts"]["expression"] == jobs["pooled_before"]["expression"]
    assert len(jobs["pooled_before"]["samples"]) == 2
    assert jobs["pooled_quality_control"]["expression_before"] == "pooled/before/expression.h5ad"
    assert jobs["pooled_quality_control"]["expression"] == "pooled/merge_cohorts/expression.h5ad"
    alone = STUDY.replace("{method: zscore}]", "{method: zscore}, quality_control: {}]")
    plan = make_plan(read_study(study(alone)))
    assert "expression_before" not in next(j for j in plan.jobs if "quality" in j.name).calls[0].options
    with pytest.raises(BadInput, match="no earlier step 'after'"):
        make_plan(read_study(study(twice.replace("step:before", "step:after"))))


def test_a_marker_column_leaves_the_matrix_out(study):
    pooled = STUDY.replace("  - cox:", "  - meta_analysis: {marker_column: g, endpoint: os}\n  - cox:")
    jobs = {j.name: j.calls[0].options for j in make_plan(read_study(study(pooled))).jobs}
    assert "expression" not in jobs["results_meta_analysis"] and "samples" in jobs["results_meta_analysis"]


def test_a_branch_that_needs_only_data_is_the_default(study):
    """The screen takes the merged matrix unless the step names columns to screen."""
    steps = STUDY[: STUDY.index("steps:\n  - cut")] + "steps:\n"
    whole = make_plan(read_study(study(steps + "  - screen: {endpoint: os}\n"))).jobs[-2].calls[0]
    assert whole.options["expression"] == "pooled/merge_cohorts/expression.h5ad"
    given = "  - screen: {endpoint: os, score_column: [age_years]}\n"
    columns = make_plan(read_study(study(steps + given))).jobs[-2].calls[0]
    assert "expression" not in columns.options


def test_raw_files_of_a_cohort_are_summarized(study, tmp_path):
    """What fetch_cohort writes as its raw files is what rma takes; its matrix is used from there on."""
    (tmp_path / "chip.cdf").write_bytes(b"")
    raw = STUDY.replace(
        "fetch_cohort: {source: survset, accession: gse1992}",
        "{fetch_cohort: {source: geo, accession: GSE1}, also: [raw]}, rma: {cdf: chip.cdf}",
    )
    fetch, rma, _, normalize = make_plan(read_study(study(raw))).jobs[0].calls
    assert fetch.outputs["raw"].endswith(".tar") and rma.options["cel"] == [fetch.outputs["raw"]]
    assert normalize.options["expression"] == rma.outputs["expression"]


def test_cohorts_whose_names_look_alike_are_told_apart(study):
    """`x-y`, `x_y` and `x.y`, and a cohort called like a scope, are each run and written to a place of its own."""
    first, second = "  a: {steps", "  b: {steps"
    steps = "{steps: [fetch_cohort: {source: survset, accession: gse1992}, curate_samples: {mapping: a.yml}]}"
    others = "".join(f"  {name}: {steps}\n" for name in ("x-y", "x_y", "x.y", "x_y_2", "stratified"))
    assert first in STUDY and second in STUDY
    jobs = make_plan(read_study(study(STUDY.replace(first, others + first)))).jobs
    names = [job.name for job in jobs]
    assert len(set(names)) == len(names) and all(name.isidentifier() for name in names)
    outputs = [path for job in jobs for path in job.outputs]
    assert len(set(outputs)) == len(outputs)
    scopes = next(job for job in jobs if job.name == "results_kaplan_meier").calls
    assert len({call.outputs["record"] for call in scopes}) == len(scopes) == 9
    wanted = {f"cohort={name}" for name in ("x-y", "x_y", "x.y", "x_y_2", "stratified", "a", "b")}
    assert {call.options["where"][0] for call in scopes if "where" in call.options} == wanted


def test_offline_is_the_runs_and_means_nothing_to_sources_without_a_network(study, tmp_path):
    (tmp_path / "a.tsv").touch()
    usual = "  a: {steps: [fetch_cohort: {source: survset, accession: gse1992}"
    assert usual in STUDY
    local = STUDY.replace(usual, "  a: {steps: [fetch_cohort: {source: local, local_path: [a.tsv]}")
    remote = "  c: {steps: [fetch_cohort: {source: geo, accession: GSE1}, curate_samples: {mapping: a.yml}]}\nwithin"
    path = study(local.replace("within", remote, 1))
    asked = {job.title: job.calls[0].options for job in make_plan(read_study(path, tmp_path), offline=True).jobs}
    assert asked["cohort c"]["offline"] is True
    assert "offline" not in asked["cohort a"] and "offline" not in asked["cohort b"]
    asked = {job.title: job.calls[0].options for job in make_plan(read_study(path, tmp_path)).jobs}
    assert not any("offline" in options for options in asked.values())


LEARN = """
learn:
  risk:
    training: [a]
    validation: [b]
    signature: {compare: [library:gene70], lambda_ratio: 0.1, where: [tissue_type=primary]}
    apply: {at: [60]}
"""


def test_a_learned_signature_is_validated_in_cohorts_that_it_never_saw(study):
    jobs = {j.name: j for j in make_plan(read_study(study(STUDY + LEARN))).jobs}
    learned, applied = jobs["results_risk"].calls[0], jobs["results_risk_validation"].calls[0]
    assert learned.tool == "learn_signature" and learned.options["where"] == ["tissue_type=primary", "cohort=a"]
    assert learned.options["compare"][0].endswith("library/gene70.tsv")
    assert applied.options["where"] == ["tissue_type=primary", "cohort=b"] and applied.options["at"] == [60]
    assert applied.options["model"] == learned.outputs["fitted"]
    assert applied.options["name"] == "risk"
    assert {learned.options["endpoint"], applied.options["endpoint"]} == {"os"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("validation: [b]", "validation: [b, a]", "in training and validation"),
        ("validation: [b]", "validation: [c]", "does not have"),
        ("at: [60]", "model: other.json", "given by the part itself"),
        ("merge_cohorts: {method: zscore}", "merge_cohorts: {method: combat}", "by those of the validation"),
    ],
)
def test_a_validation_cohort_that_reaches_the_learner_is_refused(study, old, new, said):
    with pytest.raises(BadInput, match=said):
        read_study(study((STUDY + LEARN).replace(old, new)))


CLASSES = "classify_centroid: {mode: loocv, signature: a.gmt, endpoint: os, name: risky}"
SEARCHED = "cutpoint: {method: maxstat, gene: XPO1, endpoint: os, name: risky}"


@pytest.mark.parametrize(
    ("step", "option", "refused"),
    [
        (CLASSES, "covariate: [risky]", True),
        (CLASSES.replace("}", ", where: ['cohort=a']}"), "covariate: [risky]", False),
        (CLASSES.replace("}", ", where: ['cohort=a,b']}"), "covariate: [risky]", True),
        (CLASSES, "covariate: [age]", False),
        (SEARCHED, "strata: [risky]", True),
        (SEARCHED.replace("maxstat", "median"), "strata: [risky]", False),
        ("screen: {endpoint: os}", "candidates: step:made", True),
        ("screen: {endpoint: os, where: ['cohort=a']}", "candidates: step:made", False),
    ],
)
def test_what_was_made_with_the_outcome_of_a_validation_cohort_is_refused(study, step, option, refused):
    text = (
        (STUDY + LEARN).replace("  - cox:", f"  - {step}\n    as: made\n  - cox:").replace("lambda_ratio: 0.1", option)
    )
    if refused:
        with pytest.raises(BadInput, match="with the outcome of other cohorts"):
            read_study(study(text))
    else:
        read_study(study(text))


def test_one_cohort_under_two_names_and_a_pooled_normalization_are_refused(study):
    with pytest.raises(BadInput, match="fetched from one place"):
        read_study(study((STUDY + LEARN).replace("accession: gse3143", "accession: GSE1992")))
    pooled = "merge_cohorts: {method: zscore}, normalize: {method: quantile}"
    with pytest.raises(BadInput, match="normalize by quantile"):
        read_study(study((STUDY + LEARN).replace("merge_cohorts: {method: zscore}", pooled)))

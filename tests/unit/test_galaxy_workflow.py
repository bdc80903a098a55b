"""A study as a Galaxy workflow: what is mapped, wired, and refused."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from prognomics.errors import BadInput
from prognomics.generate.galaxy_workflow_groups import grouped
from prognomics.generate.galaxy_workflow_layout import crossings, lines_through_nodes, links, positions
from prognomics.generate.galaxy_workflow_text import gxformat2, native
from prognomics.generate.to_galaxy_form import form
from prognomics.generate.to_galaxy_state import CONNECTED, Source, form_state
from prognomics.generate.to_galaxy_workflow import read_workflow
from prognomics.spec.loader import load_tool

FOLDER = Path(__file__).parents[2] / "workflows" / "galaxy" / "prognostic-marker"


@pytest.fixture(scope="module")
def workflow():
    return read_workflow(FOLDER / "workflow.yml")


@pytest.fixture
def copied(tmp_path):
    return Path(shutil.copytree(FOLDER, tmp_path / "copy"))


def edited(folder, name, old, new):
    path = folder / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return folder / "workflow.yml"


def test_cohorts_are_one_chain_over_collections(workflow):
    assert [i.label for i in workflow.inputs.values()][:4] == [
        "Expression matrices", "Feature maps", "Raw sample sheets", "Mappings"]  # fmt: skip
    curated = workflow.steps["curate_samples"]
    assert curated.connections == {"samples": [Source("samples")], "way|mapping": [Source("mapping")]}
    assert curated.state["cohort"] is None
    assert workflow.steps["merge_cohorts"].connections["samples"] == [Source("curate_samples", "out_samples")]


def test_parameters_reach_each_step_that_gives_the_option(workflow):
    wired = [(s.name, p) for s in workflow.steps.values() for p, sources in s.connections.items()
             if sources == [Source("gene")]]  # fmt: skip
    assert wired == [("cutpoint", "marker|gene"), ("cox_marker", "genes|gene_0|gene"),
                     ("cox_adjusted", "genes|gene_0|gene"), ("meta_analysis", "cohorts|marker|gene")]  # fmt: skip
    assert workflow.inputs["months"].default == 60
    assert "fetch_cohort" not in workflow.steps


def test_datasets_are_listed_where_they_stand_beside_collections(workflow):
    report = workflow.steps["report"].connections
    assert report["record"] == [Source("curate_samples", "out_record"), Source("map_genes", "out_record"),
                                Source("normalize", "out_record"), Source("report_record")]  # fmt: skip
    assert len(workflow.steps["report_record"].connections) == 10
    assert all(s.output == "out_plot" for s in report["plot"])


def test_a_parameter_with_a_value_fills_only_that_value_of_a_list(workflow):
    state, wired = workflow.steps["associate"].state, workflow.steps["associate"].connections
    assert wired["variable_0|variable"] == [Source("covariate")]
    assert state["variable"][1]["variable"] == "risk_class"
    assert workflow.steps["cox_adjusted"].connections["covariate_0|covariate"] == [Source("covariate")]
    assert workflow.inputs["covariate"].default == "age_years"


def test_one_file_is_a_dataset_and_no_collection(workflow):
    assert workflow.inputs["signature"].type == workflow.inputs["study"].type == "data"
    assert workflow.steps["classify_centroid"].connections["way|signature"] == [Source("signature")]
    assert workflow.steps["report"].connections["study"] == [Source("study")]
    text = yaml.safe_load(gxformat2(workflow))
    (given,) = [i for i in text["inputs"] if i["id"] == "Study description"]
    assert (given["type"], given["format"], given["optional"]) == ("data", ["yaml"], True)


def test_a_file_that_may_be_missing_need_not_be_an_input(copied):
    path = copied / "workflow.yml"
    declared = yaml.safe_load(path.read_text())
    del declared["inputs"]["study"]
    path.write_text(yaml.safe_dump(declared))
    assert "study" not in read_workflow(path).steps["report"].connections


def test_an_input_that_no_step_takes_is_named(copied):
    path = edited(copied, "workflow.yml", "  signature:\n", "  weights: {label: Weights, doc: None.}\n  signature:\n")
    with pytest.raises(BadInput, match="no step takes the input 'weights'"):
        read_workflow(path)


def test_both_texts_wire_the_same(workflow):
    ours, exported = yaml.safe_load(gxformat2(workflow)), json.loads(native(workflow))
    labels = {step["id"]: step["label"] for step in exported["steps"].values()}
    tools = [s for s in exported["steps"].values() if s["type"] == "tool"]
    assert [s["label"] for s in ours["steps"]] == [s["label"] for s in tools]
    for mine, theirs in zip(ours["steps"], tools, strict=True):
        wired = {p: li if isinstance(li, list) else [li] for p, li in theirs["input_connections"].items()}
        named = {
            path: [labels[li["id"]] + ("" if is_input(li, exported) else f"/{li['output_name']}") for li in links]
            for path, links in wired.items()
        }
        given = {p: v["source"] if isinstance(v["source"], list) else [v["source"]] for p, v in mine["in"].items()}
        assert named == given
        assert mine["tool_state"].items() <= json.loads(theirs["tool_state"]).items()
        assert mine["doc"] and theirs["annotation"]


def is_input(link, exported):
    return exported["steps"][str(link["id"])]["type"] != "tool"


def test_cohorts_treated_unlike_are_refused(copied):
    path = edited(copied, "study.yml", "{mapping: 'data:SIM02.mapping.yml'}", "{suggest: true}")
    with pytest.raises(BadInput, match="not treated alike in 'curate_samples'|curate_samples"):
        read_workflow(path)


def test_what_is_not_declared_is_named(copied):
    path = edited(copied, "workflow.yml", "  meta_analysis:\n", "  other:\n")
    with pytest.raises(BadInput, match="'meta_analysis' is not declared"):
        read_workflow(path)


def test_one_parameter_cannot_stand_for_two_values(copied):
    path = edited(copied, "study.yml", "meta_analysis: {gene: XPO1", "meta_analysis: {gene: TP53")
    with pytest.raises(BadInput, match="different values"):
        read_workflow(path)


def test_state_holds_defaults_branches_and_blocks():
    tool = load_tool("cox")
    options = {"samples": Source("s"), "covariate": ["age", Source("c")], "reference_level": ["stage=I"],
               "endpoint": "os", "entry": "univariable"}  # fmt: skip
    state, connections = form_state(tool, form(tool), options, ["table"])
    assert state["entry_rule"] == {"entry": "univariable", "__current_case__": 1, "entry_alpha": "0.05", "keep": []}
    assert state["covariate"][1] == {"__index__": 1, "covariate": CONNECTED}
    assert state["coding"]["reference_level"] == [{"__index__": 0, "column": "stage", "level": "I"}]
    assert state["endpoint_choice"]["endpoint"] == "os"
    assert connections == {"samples": [Source("s")], "covariate_1|covariate": [Source("c")]}


def test_state_refuses_what_the_form_lacks():
    tool = load_tool("normalize")
    with pytest.raises(ValueError, match="cannot be filled with color"):
        form_state(tool, form(tool), {"expression": Source("e"), "color": "red"}, ["expression"])


# ------------------------------------------------------------------ groups of steps, and where nodes are


@pytest.fixture(scope="module")
def folded(workflow):
    return grouped(workflow)


def leaves(workflow):
    """All steps of a workflow and of those within it, in their order."""
    return [leaf for s in workflow.steps.values() for leaf in (leaves(s.inner) if s.inner else [s])]


def test_groups_hold_the_same_steps_and_show_the_same_results(workflow, folded):
    assert list(folded.steps) == ["prepare", "pool", "groups", "models", "lists", "report"]
    assert [s.name for s in leaves(folded)] == list(workflow.steps)
    assert all(a.state == b.state for a, b in zip(leaves(folded), workflow.steps.values(), strict=True))
    shown = [label for s in workflow.steps.values() for label in s.results.values()]
    assert sorted(label for s in folded.steps.values() for label in s.results.values()) == sorted(shown)
    assert folded.plots == workflow.plots


def test_wires_through_groups_lead_to_what_made_the_value(workflow, folded):
    """Each wire of the unfolded workflow is found again by following labels into and out of the groups."""

    def made_by(source, around, chain):
        if source.step in around.inputs and not chain:
            return source
        if source.step in around.inputs:
            outer, step = chain[-1]
            (given,) = step.connections[source.step]
            return made_by(given, outer, chain[:-1])
        step = around.steps[source.step]
        if not step.inner:
            return source
        return next(Source(s.name, out) for s in step.inner.steps.values()
                    for out, label in s.results.items() if label == source.output)  # fmt: skip

    for outer in folded.steps.values():
        for step in outer.inner.steps.values() if outer.inner else [outer]:
            around, chain = (outer.inner, [(folded, outer)]) if outer.inner else (folded, [])
            found = {path: [made_by(s, around, chain) for s in li] for path, li in step.connections.items()}
            assert found == workflow.steps[step.name].connections


def test_both_texts_hold_the_inner_workflows(folded):
    ours, exported = yaml.safe_load(gxformat2(folded)), json.loads(native(folded))
    mine = {s["label"]: [t["label"] for t in s["run"]["steps"]] for s in ours["steps"] if "run" in s}
    theirs = {
        s["label"]: [t["label"] for t in s["subworkflow"]["steps"].values() if t["type"] == "tool"]
        for s in exported["steps"].values()
        if s["type"] == "subworkflow"
    }
    assert mine == theirs and len(mine) == 5
    for step in exported["steps"].values():
        for label, link in step["input_connections"].items() if step["type"] == "subworkflow" else ():
            assert step["subworkflow"]["steps"][str(link["input_subworkflow_step_id"])]["label"] == label
        assert step["tool_state"] is not None  # planemo reads it of every step


def test_an_optional_input_is_optional_in_its_group(folded):
    (features,) = [i for i in folded.steps["prepare"].inner.inputs.values() if i.label == "Feature maps"]
    assert features.optional


def test_steps_of_a_group_follow_each_other(copied):
    path = edited(copied, "workflow.yml", "[merge_cohorts, quality_control]", "[merge_cohorts, report]")
    with pytest.raises(BadInput, match="'pool' do not follow each other"):
        grouped(read_workflow(path))


def test_a_step_of_two_groups_is_refused(copied):
    path = edited(copied, "workflow.yml", "[merge_cohorts, quality_control]", "[merge_cohorts, meta_analysis]")
    with pytest.raises(BadInput, match="a step is in two groups"):
        grouped(read_workflow(path))


def test_a_group_of_an_unknown_step_is_refused(copied):
    path = edited(copied, "workflow.yml", "[merge_cohorts, quality_control]", "[merge_cohorts, quality]")
    with pytest.raises(BadInput, match="'quality', which the workflow does not have"):
        grouped(read_workflow(path))


@pytest.mark.parametrize("name", ["prognostic-marker", "learn-and-validate", "one-cohort"])
def test_a_drawing_has_few_crossing_lines(name):
    flat = read_workflow(FOLDER.parent / name / "workflow.yml")
    drawn = grouped(flat)
    tangle = [crossings(positions(w), links(w)) for w in (flat, drawn)]
    assert tangle[1] <= 25 and tangle[1] < tangle[0] / 5
    places = positions(drawn)
    for name, step in drawn.steps.items():  # nothing is behind a node, which is as high as it has inputs and outputs
        rows = len(step.connections) + len(
            {o for s in (step.inner.steps.values() if step.inner else ()) for o in s.results}
        )
        below = [
            p["top"] for n, p in places.items() if p["left"] == places[name]["left"] and p["top"] > places[name]["top"]
        ]
        assert min(below, default=10**6) >= places[name]["top"] + 30 * rows
    for before, after in links(drawn):
        assert places[before]["left"] < places[after]["left"]


def test_lines_that_cross_are_counted():
    places = {n: {"left": left, "top": top} for n, left, top in
              [("a", 0, 0), ("b", 0, 500), ("c", 640, 0), ("d", 640, 500), ("m", 320, 0)]}  # fmt: skip
    assert crossings(places, [("a", "d"), ("b", "c")]) == 1
    assert crossings(places, [("a", "c"), ("b", "d")]) == crossings(places, [("a", "d"), ("a", "c")]) == 0
    assert lines_through_nodes(places, [("a", "c")], dict.fromkeys(places, 200)) == 1
    assert lines_through_nodes(places, [("b", "d")], dict.fromkeys(places, 200)) == 0

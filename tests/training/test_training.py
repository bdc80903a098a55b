"""The tutorials for Galaxy: their boxes are done step by step, and their answers state what comes out."""

import json
import re
from pathlib import Path

import pytest
import yaml
from run_tutorial import Runner, stated_values

from prognomics.cli import commands
from prognomics.errors import BadInput
from prognomics.generate.training_steps import Made, Uploaded, tutorial_calls
from prognomics.generate.training_workflow import front_matter

REPOSITORY = Path(__file__).resolve().parents[2]
TRAINING = REPOSITORY / "docs" / "training"
TUTORIALS = sorted(TRAINING.glob("*/tutorial.md"))
DATA = REPOSITORY / "workflows" / "galaxy" / "prognostic-marker" / "test-data"
ENDINGS = {"Matrices": "expression.tsv.gz", "Feature maps": "features.tsv", "Clinical tables": "clinical.tsv",
           "Mappings": "mapping.yml"}  # fmt: skip
HEAD = {"layout", "title", "level", "zenodo_link", "questions", "objectives", "time_estimation", "key_points",
        "contributions"}  # fmt: skip
BOXES = ("hands_on", "question", "solution", "comment", "agenda")
BULLET = re.compile(r'\*"([^"]+)"\*: `([^`]+)`')


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda p: p.parent.name)
def test_the_form_of_a_tutorial(path):
    text = path.read_text(encoding="utf-8")
    assert set(front_matter(text)) >= HEAD
    for box in BOXES:
        opened = len(re.findall(rf"<{box.replace('_', '-')}-title>", text))
        assert opened == text.count(f"{{: .{box}}}"), box
        assert opened or box == "comment"
    assert text.count("<question-title>") == text.count("<solution-title>")
    assert list(path.parent.glob("workflows/*.ga"))
    (tour,) = path.parent.glob("tours/*.yaml")
    assert {"id", "name", "description", "title_default", "steps", "tags"} == set(yaml.safe_load(tour.read_text()))


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda p: p.parent.name)
def test_the_data_library_lists_the_files_of_the_tutorial(path):
    library = yaml.safe_load((path.parent / "data-library.yaml").read_text(encoding="utf-8"))
    (tutorial,) = library["items"][0]["items"]
    assert tutorial["name"] == front_matter(path.read_text(encoding="utf-8"))["title"]
    files = [item["url"].rpartition("/")[2] for item in tutorial["items"][0]["items"]]
    cohorts = {name.partition(".")[0] for name in files}
    assert sorted(files) == sorted(f"{c}.{ending}" for c in cohorts for ending in ENDINGS.values())
    assert all((DATA / name).is_file() for name in files)
    assert all(cohort in path.read_text(encoding="utf-8") for cohort in cohorts)


def test_the_steps_of_three_cohorts_give_the_numbers_of_the_answers(tmp_path):
    text = (TRAINING / "prognostic-marker" / "tutorial.md").read_text(encoding="utf-8")
    uploads = {name: {c: DATA / f"{c}.{e}" for c in ("SIM01", "SIM02", "SIM03")} for name, e in ENDINGS.items()}
    runner = Runner(tmp_path, uploads)
    for call in tutorial_calls(text, "tutorial.md"):
        runner.run(call)
    check_answers(text, runner.by_id, 10)
    effects = runner.by_id["meta_analysis", "table"][""].read_text(encoding="utf-8").splitlines()
    header = effects[0].split("\t")
    ratios = [float(line.split("\t")[header.index("hr")]) for line in effects if line.startswith("cohort\t")]
    assert len(ratios) == 3 and min(ratios) > 1  # "in all three"


def check_answers(text, results, count):
    stated = stated_values(text, results)
    assert len(stated) == count
    assert [
        value for value, answer in stated if not re.search(rf"(?<![\d.]){re.escape(value)}(?![\d]|\.\d)", answer)
    ] == []


def test_the_workflow_of_one_cohort_takes_what_its_tutorial_enters_and_gives_its_answers(tmp_path, monkeypatch):
    text = (TRAINING / "my-gene-my-cohort" / "tutorial.md").read_text(encoding="utf-8")
    folder = REPOSITORY / "workflows" / "galaxy" / "one-cohort"
    entered = dict(BULLET.findall(text))
    (case,) = yaml.safe_load((folder / "one-cohort-tests.yml").read_text(encoding="utf-8"))
    tested = {n: v if isinstance(v, str) else v["path"].rpartition("/")[2] for n, v in case["job"].items()}
    assert entered == tested  # which the test in Galaxy runs
    workflow = json.loads((TRAINING / "my-gene-my-cohort" / "workflows" / "main_workflow.ga").read_text())
    assert workflow["name"] in text
    labels = {s["label"] for s in workflow["steps"].values() if not s["tool_id"]}
    left = set(re.findall(r'\*"([^"]+)"\*', text)) - set(entered)
    assert set(entered) | left <= labels and len(left) == 2
    words = ["run", str(folder / "study.yml"), "--data", str(folder / "test-data"), "--out", str(tmp_path / "out")]
    assert commands.main(words, "prognomics", standalone_mode=False) in (0, None)
    out = tmp_path / "out"
    results = {
        ("curate_samples", "flow"): {"": next(out.glob("cohorts/*/*_curate_samples/flow.tsv"))},
        ("kaplan_meier", "summary"): {"": out / "results" / "kaplan_meier" / "summary.tsv"},
        ("cox_marker", "table"): {"": out / "results" / "cox_marker" / "table.tsv"},
    }
    check_answers(text, results, 7)


BOX = "> 1. {% tool [Prognomics: dichotomize a marker](prognomics_cutpoint) %} with:\n"


def test_a_box_becomes_options():
    text = BOX + (
        '>    - {% icon param-file %} *"Sample sheet"*: `Table` (output of **Prognomics: cox** {% icon tool %})\n'
        '>    - In *"Sample filter"*:\n'
        '>        - {% icon param-repeat %} *"Insert Sample filter"*\n'
        '>            - *"Sample filter"*: `sex=female`\n'
        '>    - *"Marker"*: `A gene of an expression matrix`\n'
        '>        - {% icon param-collection %} *"Expression matrix"*: `Matrices`\n'
        '>        - *"Gene"*: `XPO1`\n'
        '>    - *"Method"*: `Quantiles (one or two)`\n'
        '>        - *"Keep an intermediate group"*: `Yes`\n'
        '>    - *"Outputs"*: `Groups`, `Run record`\n'
        "> 2. Look at it\n"
    )  # fmt: skip
    (call,) = tutorial_calls(text, "here")
    assert call.options == {
        "samples": Made("Prognomics: cox", "Table"), "where": ["sex=female"],
        "expression": Uploaded("Matrices", collection=True), "gene": "XPO1", "method": "quantile", "keep_middle": True,
    }  # fmt: skip
    assert call.outputs == ["groups", "record"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('>    - *"Cutpoints"*: `Median`\n', "the form has no 'Cutpoints'"),
        ('>    - *"Method"*: `Mode`\n', "'Method' has no choice 'Mode'"),
        ('>    - *"Outputs"*: `Curves`\n', "there is no output 'Curves'"),
    ],
)
def test_what_the_form_does_not_have_is_named(line, message):
    with pytest.raises(BadInput, match=message):
        tutorial_calls(BOX + line, "here")


def test_a_tool_under_another_name_is_refused():
    with pytest.raises(BadInput, match="is called 'Prognomics: dichotomize a marker'"):
        tutorial_calls(BOX.replace("dichotomize", "cut"), "here")

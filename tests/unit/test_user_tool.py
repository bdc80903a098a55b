"""Galaxy's user-defined tools: valid by Galaxy's own model, and no value reaches the shell unquoted."""

import json
import re
import shlex
import shutil
import subprocess

import pytest
import yaml

from prognomics.errors import UsageError
from prognomics.generate.build import builtin_tools
from prognomics.generate.export import export_user_tools
from prognomics.generate.to_user_tool import WORDS, user_tool
from prognomics.spec.loader import load_tool

IMAGE = "example.org/prognomics:0.1.0"
EXPRESSION = re.compile(r"\$\((words\(.*?\))\)")


@pytest.mark.parametrize("tool", builtin_tools(), ids=lambda t: t.id)
def test_galaxys_model_takes_it(tool):
    models = pytest.importorskip("galaxy.tool_util_models")
    document = yaml.safe_load(user_tool(tool, IMAGE))
    models.UserToolSource.model_validate(document)
    assert document["container"] == IMAGE
    named = set(re.findall(r"inputs[.](\w+)", document["shell_command"]))
    assert named == {i["name"] for i in document["inputs"]}
    assert all(o["from_work_dir"] in document["shell_command"] for o in document["outputs"])


def command_of(tool, inputs):
    """The words that the shell receives, with Galaxy's expressions evaluated by node."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    text = yaml.safe_load(user_tool(load_tool(tool), IMAGE))["shell_command"]
    script = f"{WORDS}\nvar inputs = {json.dumps(inputs)};\n"
    found = EXPRESSION.findall(text)
    script += f"console.log(JSON.stringify([{', '.join(found)}]));"
    values = iter(json.loads(subprocess.run([node, "-e", script], capture_output=True, text=True, check=True).stdout))
    return shlex.split(EXPRESSION.sub(lambda _: next(values), text))


def test_values_become_words():
    given = {
        "samples": {"class": "File", "path": "/data/my sheet.tsv"},
        "group_column": "sex",
        "endpoint": "os",
        "at": [{"value": 24}, {"value": 60}],
        "where": [{"value": "tissue_type=primary"}],
        "one_sample_per_patient": False,
        "strata": [],
    }
    words = command_of("kaplan_meier", given)
    assert words[:4] == ["prognomics", "kaplan_meier", "--samples", "/data/my sheet.tsv"]
    assert "--no-one-sample-per-patient" in words
    at = [words[i + 1] for i, word in enumerate(words) if word == "--at"]
    assert at == ["24", "60"]
    assert words[words.index("--where") + 1] == "tissue_type=primary"
    assert "--strata" not in words


@pytest.mark.parametrize(
    "hostile", ["'; touch harm; '", "$(touch harm)", "`touch harm`", "a\nb", '"', "\\'", "--out-test"]
)
def test_hostile_text_stays_one_word(hostile):
    words = command_of(
        "kaplan_meier", {"samples": {"path": hostile}, "group_column": hostile, "where": [{"value": hostile}]}
    )
    assert [words[words.index(flag) + 1] for flag in ("--samples", "--group-column", "--where")] == [hostile] * 3


def test_all_are_written_for_an_image(tmp_path):
    written = export_user_tools(tmp_path / "tools", IMAGE)
    assert {p.stem for p in written} == {t.id for t in builtin_tools()}


@pytest.mark.parametrize("image", ["", "two words", "'; harm"])
def test_an_image_needs_a_name(tmp_path, image):
    with pytest.raises(UsageError, match="container image"):
        export_user_tools(tmp_path / "tools", image)

"""A folder with a spec and a script is a plugin: by option, by environment, as a script."""

import os
import subprocess
import sys

import pytest
import yaml

from prognomics.spec.former_keys import read_tool_spec, with_current_keys
from prognomics.spec.loader import load_tool, tool_names
from prognomics.spec.schema import schema_problems

SPEC = """
id: gene_difference
name: Gene difference
summary: scores each sample by the difference of two genes
inputs:
  - {name: expression, type: data, artifact: expression_matrix, label: Expression matrix, help: Log scale.}
  - {name: first, type: text, kind: gene, label: First gene, help: The first gene.}
  - {name: second, type: text, kind: gene, label: Second gene, help: The second gene.}
outputs:
  - {name: scores, artifact: scores, label: Scores, help: One row a sample.}
cases:
  - name: difference
    shows: The second is subtracted.
    options: {expression: m.tsv, first: A, second: B}
    outputs: {scores: {assert: [{that: has_n_lines, n: 3}]}}
  - name: unknown_gene
    shows: An unknown gene is named.
    options: {expression: m.tsv, first: Q, second: B}
    fails: {exit_code: 3, stderr: ["Q"]}
help: {what: The difference., method: Subtraction., limits: None known.}
"""
SCRIPT = """
def gene_difference(expression, first, second):
    import pandas as pd

    difference = expression.gene(first) - expression.gene(second)
    return {"scores": pd.DataFrame({"sample_id": expression.sample_ids, "difference": difference})}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
"""
MAIN = "import sys; from prognomics.cli import main; main(sys.argv[1:])"


@pytest.fixture
def plugin(tmp_path):
    folder = tmp_path / "my tools"
    folder.mkdir()
    (folder / "gene_difference.yml").write_text(SPEC)
    (folder / "gene_difference.py").write_text(SCRIPT)
    (tmp_path / "m.tsv").write_text("gene_id\tS1\tS2\nA\t3\t4\nB\t2\t1\n")
    return folder


def run(plugin, *start, **environment):
    out = plugin.parent / "scores.tsv"
    options = ["--expression", str(plugin.parent / "m.tsv"), "--first", "A", "--second", "B", "--out-scores", str(out)]
    done = subprocess.run([sys.executable, *start, *options], capture_output=True, text=True, cwd=plugin.parent,
                          env={**os.environ, **environment})  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert out.read_text() == "sample_id\tdifference\nS1\t1\nS2\t3\n"


def test_by_option(plugin):
    run(plugin, "-c", MAIN, "--tool-path", "my tools", "gene-difference")


def test_former_keys_are_accepted(plugin):
    former = SPEC.replace("artifact:", "artifact:").replace("shows:", "proves:")
    assert former.count("artifact:") == former.count("proves:") == 2
    (plugin / "gene_difference.yml").write_text(former)
    run(plugin, "-c", MAIN, "--tool-path", "my tools", "gene-difference")


def test_a_former_and_a_current_key_at_once_are_refused(plugin):
    spec = read_tool_spec(plugin / "gene_difference.yml")
    spec["cases"][0]["proves"] = spec["cases"][0]["shows"]
    assert "proves" in " ".join(schema_problems("tool", with_current_keys(spec), plugin / "gene_difference.yml"))


def test_keys_of_options_are_left_alone():
    raw = {"cases": [{"proves": "It runs.", "options": {"artifact": "a"}}], "outputs": [{"look": ["group_colour"]}]}
    current = {"cases": [{"shows": "It runs.", "options": {"artifact": "a"}}], "outputs": [{"look": ["group_color"]}]}
    assert with_current_keys(raw) == current


def test_by_environment(plugin):
    run(plugin, "-c", MAIN, "gene_difference", PROGNOMICS_TOOL_PATH=str(plugin))


def test_as_a_script(plugin):
    run(plugin, str(plugin / "gene_difference.py"))


def test_a_folder_that_is_not_there(plugin):
    call = [sys.executable, "-c", MAIN, "--tool-path", "no such folder", "cox", "--help"]
    assert subprocess.run(call, capture_output=True).returncode == 2


def test_the_suite_s_own_tools_have_terms_and_citations():
    for name in tool_names():
        spec = yaml.safe_load(load_tool(name).spec_path.read_text())
        assert spec["edam"]["operations"] and "citations" in spec, name


def test_a_plugin_is_found_by_its_entry_point(plugin, tmp_path):
    """As an installed package declares it: metadata on the path, the module of the folder as its value."""
    package = tmp_path / "site" / "their_tools"
    package.parent.mkdir()
    plugin.rename(package)
    (package / "__init__.py").write_text("")
    metadata = tmp_path / "site" / "their_tools-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: their-tools\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[prognomics.tools]\ntheirs = their_tools\n")
    environment = {**os.environ, "PYTHONPATH": str(package.parent)}
    words = [sys.executable, "-m", "prognomics", "gene_difference", "--expression", str(tmp_path / "m.tsv"), "--first",
             "A", "--second", "B", "--out-scores", str(tmp_path / "s.tsv")]  # fmt: skip
    done = subprocess.run(words, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "s.tsv").read_text() == "sample_id\tdifference\nS1\t1\nS2\t3\n"

"""The gates: what turns `spec check`, and so the tests, red."""

import re
import shutil
from dataclasses import replace

import pytest

from prognomics.generate.build import check, terms_lacking
from prognomics.generate.check import tool_problems
from prognomics.spec.loader import load_tool


@pytest.fixture
def copy(repository, tmp_path):
    """A copy of one tool's spec and script, to be broken."""

    def make(tool, change_spec=None, change_script=None):
        spec, script = tmp_path / f"{tool}.yml", tmp_path / f"{tool}.py"
        shutil.copy(repository / "tool_specs" / f"{tool}.yml", spec)
        shutil.copy(repository / "tools" / f"{tool}.py", script)
        for path, change in ((spec, change_spec), (script, change_script)):
            if change:
                old, new = change
                text = path.read_text()
                assert re.search(old, text, re.S), f"nothing to change in {path.name}"
                path.write_text(re.sub(old, new, text, count=1, flags=re.S))
        return tool_problems(spec, script)

    return make


def test_the_suite_is_clean(repository):
    assert check(repository) == []


def test_an_untouched_copy_is_clean(copy):
    assert copy("cox") == []


def test_an_option_deleted_from_the_spec(copy):
    problems = copy("cox", (r"      - name: ties\n.*?(?=      - name: penalty)", ""))
    assert any("the parameters differ" in p and "ties" in p for p in problems)
    assert any("ties is no input" in p for p in problems)


def test_a_parameter_renamed_in_the_script(copy):
    problems = copy("cox", change_script=(r"    cluster: str", "    clusters: str"))
    assert any("the parameters differ" in p and "cluster, clusters" in p for p in problems)


def test_a_default_in_the_script(copy):
    problems = copy("normalize", change_script=(r"log: bool\n\)", "log: bool = False\n)"))
    assert any("the parameters differ" in p for p in problems)


def test_a_case_that_no_longer_covers_an_option(copy):
    problems = copy("cox", (r"ties: breslow, ", ""))
    assert any("no case chooses ties breslow" in p for p in problems)


def test_no_failing_case(copy):
    problems = copy("map_genes", (r"  - name: another_platforms_map.*?(?=help:)", ""))
    assert any("no case fails" in p for p in problems)


def test_a_format_that_no_case_writes(copy):
    problems = copy("normalize", (r"matrix_format: h5ad}\n    outputs:\n      expression: {file: .h5ad, ",
                                  "matrix_format: tsv}\n    outputs:\n      expression: {"))  # fmt: skip
    assert any("no case writes expression as .h5ad" in p for p in problems)


def test_a_schema_fault_names_file_line_and_field(copy):
    problems = copy("map_genes", (r"type: select", "type: selekt"))
    assert len(problems) == 1
    assert re.match(r".*map_genes\.yml:\d+: inputs\[3\]\.type: ", problems[0])


def test_a_default_outside_the_options(copy):
    problems = copy("normalize", (r"default: auto", "default: automatic"))
    assert any("its default is not allowed" in p for p in problems)


def test_an_unknown_artifact(copy):
    problems = copy("normalize", (r"artifact: expression_matrix", "artifact: expresion_matrix"))
    assert any("no artifact expresion_matrix" in p for p in problems)


def test_an_artifact_that_is_only_read(copy):
    problems = copy("normalize", (r"(outputs:\n.*?)artifact: expression_matrix", r"\1artifact: gene_list"))
    assert any("files of gene_list are read only" in p for p in problems)


def test_a_tool_of_the_suite_without_terms_is_named():
    tools = [replace(load_tool(name), edam=edam) for name, edam in (("cox", {}), ("normalize", {"operations": ["x"]}))]
    found = terms_lacking(tools)
    assert len(found) == 1 and "cox.yml: a tool of the suite needs EDAM terms, such as edam: {operations:" in found[0]

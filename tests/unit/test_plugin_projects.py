"""A plugin from its template to what the suite's own tools have: checks, cases, wrappers, CWL, page, record."""

import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest
import yaml

from prognomics.errors import BadInput, UsageError
from prognomics.generate.plugin import build_plugin, check_plugin, run_cases
from prognomics.generate.plugin_template import new_plugin
from prognomics.spec.plugins import plugin_at


@pytest.fixture
def project(tmp_path):
    new_plugin("count-levels", tmp_path / "project")
    return tmp_path / "project"


@pytest.fixture
def tools(project):
    return project / "count_levels"


def prognomics(*words, folder=None, code=0, **more):
    words = [sys.executable, "-m", "prognomics", *map(str, words)]
    done = subprocess.run(words, capture_output=True, text=True, cwd=folder, **more)
    assert done.returncode == code, done.stderr
    return done


def test_the_template_is_green(tools):
    assert check_plugin(tools) == []
    found = [(case.name, problems) for _, case, problems in run_cases(tools)]
    assert found == [("levels", []), ("unknown_column", [])]


def test_the_template_on_the_command_line(project):
    said = prognomics("plugin", "new", "other_levels", folder=project.parent).stdout
    assert "other_levels.yml" in said
    folder = project.parent / "other_levels"
    assert "agree" in prognomics("spec", "check", "--tool-path", "other_levels", folder=folder).stdout
    assert prognomics("spec", "cases", "--tool-path", "other_levels", folder=folder).stdout.count("holds") == 2
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"], cwd=folder,
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0 and "2 passed" in done.stdout, done.stdout


def test_a_case_that_does_not_hold(tools):
    spec = tools / "count_levels.yml"
    spec.write_text(spec.read_text().replace("low\\t3", "low\\t4"))
    assert sum(bool(problems) for _, _, problems in run_cases(tools)) == 1
    done = prognomics("spec", "cases", "--tool-path", tools, code=3)
    assert "1 case does not hold" in done.stderr


@pytest.mark.parametrize("name", ["cox", "Two Words", "../x", "class", "a", "prognomics"])
def test_names_that_are_refused(name, tmp_path):
    with pytest.raises(UsageError):
        new_plugin(name, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_with_something_in_it_is_left_alone(project):
    with pytest.raises(UsageError, match="not an empty folder"):
        new_plugin("third_tool", project)


def test_wrapper_cwl_and_page_name_the_plugin(tools):
    written = {str(p.relative_to(tools)) for p in build_plugin(tools)}
    assert written == {"docs/count_levels.md", "galaxy/count_levels.xml", "galaxy/macros.xml", "galaxy/.shed.yml",
                       "cwl/count_levels.cwl"}  # fmt: skip
    assert build_plugin(tools) == [] and check_plugin(tools) == []
    wrapper = ElementTree.parse(tools / "galaxy" / "count_levels.xml").getroot()
    assert wrapper.get("id") == "prognomics_count_levels_count_levels" and wrapper.get("license") is None
    macros = ElementTree.parse(tools / "galaxy" / "macros.xml").getroot()
    assert macros.find("token[@name='@TOOL_VERSION@']").text == "0.1.0"
    assert [r.text for r in macros.iter("requirement")] == ["prognomics-count-levels", "prognomics"]
    cwl = yaml.safe_load((tools / "cwl" / "count_levels.cwl").read_text())
    assert cwl["baseCommand"] == ["prognomics", "count_levels"]
    assert list(cwl["hints"]["SoftwareRequirement"]["packages"]) == ["prognomics-count-levels", "prognomics"]
    shed = yaml.safe_load((tools / "galaxy" / ".shed.yml").read_text())
    (repository,) = shed["repositories"].values()
    assert repository["include"][-1]["source"] == ["../test-data/samples.tsv"]
    assert (tools / "galaxy" / "../test-data/samples.tsv").is_file()


def test_the_wrapper_passes_galaxy_s_linters(tools):
    lint = pytest.importorskip("galaxy.tool_util.lint")
    from galaxy.tool_util.parser import get_tool_source

    build_plugin(tools)
    context = lint.LintContext(level=lint.LintLevel.SILENT, skip_types=["BioToolsValid", "EDAMTermsValid"])
    lint.lint_tool_source_with(context, get_tool_source(str(tools / "galaxy" / "count_levels.xml")))
    assert [str(m) for m in [*context.error_messages, *context.warn_messages]] == []


def test_what_was_generated_and_is_outdated_is_named(tools):
    build_plugin(tools)
    spec = tools / "count_levels.yml"
    spec.write_text(spec.read_text().replace("Samples to count", "The samples"))
    problems = check_plugin(tools)
    assert problems and all("is outdated: run `prognomics spec build --tool-path" in p for p in problems)
    with pytest.raises(UsageError, match="there is no spec"):
        build_plugin(tools / "test-data")
    spec.write_text(spec.read_text().replace("type: integer", "type: integr"))
    with pytest.raises(BadInput, match="integr"):
        build_plugin(tools)


def record(tools, *more, folder=None):
    out = tools.parent / "record.json"
    prognomics(*more, "count_levels", "--samples", tools / "test-data" / "samples.tsv", "--out-record", out,
               "--out-table", tools.parent / "t.tsv", folder=folder)  # fmt: skip
    return json.loads(out.read_text())


def test_the_record_names_the_plugin_its_version_and_its_code(tools, project):
    first = record(tools, "--tool-path", tools)
    assert first["plugin"]["name"] == "prognomics-count-levels" and first["plugin"]["version"] == "0.1.0"
    assert record(tools, "--tool-path", tools)["plugin"] == first["plugin"]
    script = tools / "count_levels.py"
    script.write_text(script.read_text() + "# changed\n")
    assert record(tools, "--tool-path", tools)["plugin"]["sha256"] != first["plugin"]["sha256"]
    said = prognomics("--tool-path", tools, "count_levels", "--version").stdout
    assert "version 0.1.0 of prognomics-count-levels" in said
    (project / "pyproject.toml").unlink()
    assert record(tools, "--tool-path", tools)["plugin"]["version"] is None
    assert plugin_at(tools).name == "count_levels"


@pytest.mark.parametrize(
    "text", ["[project", "project = 3", "[project]\nname = 3\nversion = []", "[project]\nauthors = [1]"]
)
def test_a_project_file_of_any_content_is_no_crash(text, tools, project):
    (project / "pyproject.toml").write_text(text)
    assert plugin_at(tools).name
    build_plugin(tools)


def test_a_record_of_the_suite_s_own_tool_names_no_plugin(tools, repository, tmp_path):
    prognomics("--tool-path", tools, "normalize", "--expression", repository / "test-data" / "alpha.tsv", "--method",
               "none", "--out-record", tmp_path / "r.json")  # fmt: skip
    assert "plugin" not in json.loads((tmp_path / "r.json").read_text())


def test_relative_tool_paths(tools, project, monkeypatch):
    monkeypatch.setenv("PROGNOMICS_TOOL_PATH", "count_levels")
    assert record(tools, folder=project)["plugin"]["version"] == "0.1.0"
    from prognomics.spec.plugins import fix_tool_path, tool_path

    monkeypatch.chdir(project)
    fix_tool_path()
    assert tool_path() == [tools]

"""Nextflow modules: their structure as nf-core lints it, agreement with the specs, and scripts that a shell takes."""

import re
import shutil
import subprocess

import pytest
import yaml

from prognomics.errors import UsageError
from prognomics.generate.build import builtin_tools
from prognomics.generate.export import export_nextflow
from prognomics.generate.to_cwl import main_outputs
from prognomics.generate.to_nextflow import data_inputs, nextflow_files, output_name, process_name
from prognomics.spec.model import flag

TOOLS = {t.id: t for t in builtin_tools()}
FILES = nextflow_files(list(TOOLS.values()))
NAMES = sorted({path.split("/")[2] for path in FILES})
SECTIONS = ["input:", "output:", "when:", "script:", "stub:"]


def text(tool, name):
    return FILES[f"modules/prognomics/{tool}/{name}"]


def test_every_tool_that_cwl_has_is_a_module(repository):
    assert NAMES == sorted(p.stem for p in (repository / "tools" / "cwl").glob("*.cwl"))
    assert len(FILES) == 5 * len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_process_has_all_parts_in_order(name):
    module = text(name, "main.nf")
    assert module.startswith(f'process {process_name(TOOLS[name])} {{\n    tag "$meta.id"\n    label \'process_')
    places = [module.index(f"\n    {part}\n") for part in SECTIONS]
    assert places == sorted(places) and 'conda "${moduleDir}/environment.yml"' in module
    assert "task.ext.when == null || task.ext.when" in module and "container" not in module
    for pair in ("{}", "()", "[]"):
        assert module.count(pair[0]) == module.count(pair[1])
    assert module.count('"""') == 4 and module.endswith("}\n")


@pytest.mark.parametrize("name", NAMES)
def test_inputs_and_outputs_are_those_of_the_spec_and_of_meta(name):
    tool, module, meta = TOOLS[name], text(name, "main.nf"), yaml.safe_load(text(name, "meta.yml"))
    wanted = [i.name for i in data_inputs(tool)]
    assert re.findall(r"path\((\w+), stageAs: '\1/\*'\)", module) == wanted
    assert [next(iter(entry)) for entry in meta["input"][0]] == ["meta", *wanted]
    emitted = dict(re.findall(r"path\(\"\*\.(\S+?)\"(?:, type: 'dir')?\), emit: (\w+)", module))
    expected = {output_name(o): o.name for o in tool.outputs} | {"record.json": "record"}
    assert emitted == expected and list(meta["output"]) == [*expected.values(), "versions"]
    optional = set(re.findall(r"emit: (\w+), optional: true", module))
    assert optional == {o.name for o in tool.outputs} - set(main_outputs(tool))
    assert "*id0" not in text(name, "meta.yml") and meta["name"] == f"prognomics_{name}" and len(meta["keywords"]) > 2
    for output in tool.outputs:
        assert f"{output.name}: \"{flag('out_' + output.name)} '${{prefix}}.{output_name(output)}'\"," in module


def blocks(name):
    """The texts of script and stub, as a shell gets them after Nextflow has filled them in."""
    for block in re.findall(r'"""\n(.*?)\n {4}"""', text(name, "main.nf"), re.S):
        shown = re.sub(r"(?<!\\)\$\{([^}]*)\}", lambda m: {"prefix": "p"}.get(m[1], ""), block)
        yield re.sub(r"^ {4}", "", shown.replace("\\\\", "\\").replace("\\$", "$"), flags=re.M)


@pytest.mark.parametrize("name", NAMES)
def test_a_shell_takes_the_scripts_and_the_stub_makes_what_is_always_made(name, tmp_path):
    script, stub = blocks(name)
    assert subprocess.run(["bash", "-n", "-c", script], capture_output=True).returncode == 0
    done = subprocess.run(["bash", "-c", stub.replace("prognomics ", "echo ")], cwd=tmp_path, capture_output=True)
    assert done.returncode == 0, done.stderr
    made = {output_name(o) for o in TOOLS[name].outputs if o.name in main_outputs(TOOLS[name])}
    assert {p.name for p in tmp_path.iterdir()} == {f"p.{m}" for m in made} | {"p.record.json", "versions.yml"}


def test_cases_become_tests():
    found = text("normalize", "tests/main.nf.test")
    assert "module_args = '--method quantile'" in found and "'/alpha.tsv', checkIfExists: true), [] ]" in found
    assert "assert path(process.out.expression[0][1]).readLines().size() == 41" in found
    assert 'options "-stub"' in found and found.count("{") == found.count("}")
    failing = [c for t in TOOLS.values() for c in t.cases if c.exit_code and {"galaxy", "cwl"} & set(c.engines)]
    written = "".join(FILES.values())
    assert failing and all(f"assert process.exitStatus == {c.exit_code}" in written for c in failing)


@pytest.mark.parametrize("name", NAMES)
def test_the_files_of_the_tests_are_exported(name, repository):
    for file in re.findall(r"params\.test_data \+ '/([^']+)'", text(name, "tests/main.nf.test")):
        assert (repository / "test-data" / file).is_file()


def test_export_with_an_image(tmp_path):
    export_nextflow(tmp_path / "out", "example.org/prognomics:1")
    module = (tmp_path / "out" / "modules" / "prognomics" / "cox" / "main.nf").read_text()
    assert "    container 'example.org/prognomics:1'\n" in module
    assert (tmp_path / "out" / "test-data" / "alpha.tsv").is_file()
    for image in ("a'b", "a b", "$x"):
        with pytest.raises(UsageError, match="container image"):
            export_nextflow(tmp_path / "other", image)
    assert not (tmp_path / "other").exists()


@pytest.mark.skipif(not shutil.which("nextflow"), reason="Nextflow is not installed")
def test_nextflow_runs_a_module(tmp_path, repository):
    export_nextflow(tmp_path / "out")
    (tmp_path / "main.nf").write_text(
        "include { PROGNOMICS_NORMALIZE } from './out/modules/prognomics/normalize/main.nf'\n"
        f"workflow {{ PROGNOMICS_NORMALIZE([[id: 'a'], file('{repository}/test-data/alpha.tsv'), []]) }}\n"
    )
    done = subprocess.run(["nextflow", "run", "main.nf"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert list(tmp_path.glob("work/*/*/a.expression.tsv"))

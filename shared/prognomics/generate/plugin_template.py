"""A new plugin: a project with one small tool that passes its checks and cases as it is."""

from __future__ import annotations

import keyword
import re
from pathlib import Path

from prognomics import __version__
from prognomics.errors import UsageError
from prognomics.spec.loader import tool_names

SPEC = """id: {name}
name: {words}
summary: for each level of a column of the sample sheet
inputs:
  - {{name: samples, type: data, artifact: sample_sheet, label: Sample sheet, help: Samples to count.}}
  - {{name: column, type: text, kind: column, default: tissue_type, label: Column, help: Its levels are counted.}}
  - name: at_least
    type: integer
    default: 1
    min: 1
    label: Minimum number
    help: Levels with fewer samples are omitted.
outputs:
  - {{name: table, artifact: result_table, label: Counts, help: One row per level.}}
cases:
  - name: levels
    shows: Levels with at least two samples are counted.
    options: {{samples: samples.tsv, column: grade, at_least: 2}}
    outputs:
      table: {{assert: [{{that: has_n_lines, n: 3}}, {{that: has_line, line: "low\\t3"}}]}}
    engines: [cli, galaxy, cwl]
  - name: unknown_column
    shows: A column that is not in the sheet is named.
    options: {{samples: samples.tsv, column: grde}}
    fails: {{exit_code: 3, stderr: [grde, grade]}}
help:
  what: Counts the samples for each level of a column.
  method: Counting. Samples without a value are not counted.
  limits: It counts samples, not patients.
"""
SCRIPT = '''"""{words}: the function has the tool's name, and its parameters are the inputs of the spec."""

from __future__ import annotations

import pandas as pd

from prognomics.data.sheet import SampleSheet
from prognomics.errors import BadInput, near_names


def {name}(samples: SampleSheet, column: str, at_least: int) -> dict[str, object]:
    if column not in samples.frame:
        near = near_names(column, list(samples.frame))
        raise BadInput(f"there is no column {{column!r}}", hint=f"did you mean {{' or '.join(near)}}?" if near else "")
    counts = samples.frame[column].value_counts().sort_index()
    kept = counts[counts >= at_least]
    return {{"table": pd.DataFrame({{column: kept.index, "n": kept.to_numpy()}})}}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)
'''
SAMPLES = """sample_id\tpatient_id\tcohort\ttissue_type\tgrade
S1\tP1\tdemo\tprimary\tlow
S2\tP2\tdemo\tprimary\tlow
S3\tP3\tdemo\tprimary\tlow
S4\tP4\tdemo\tprimary\thigh
S5\tP5\tdemo\tprimary\thigh
S6\tP6\tdemo\tnormal\tunknown
"""
PROJECT = """[build-system]
requires = ["setuptools>=64"]
build-backend = "setuptools.build_meta"

[project]
name = "{project}"
version = "0.1.0"
description = "{words} for Prognomics"
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["prognomics>={version}"]

[project.optional-dependencies]
dev = ["galaxy-tool-util", "pytest"]

[project.entry-points."prognomics.tools"]
{name} = "{name}"

[tool.setuptools]
packages = ["{name}"]

[tool.setuptools.package-data]
{name} = ["*.yml", "test-data/*"]
"""
TESTS = '''"""The spec agrees with its script, every case holds, and what was generated is up to date."""

from pathlib import Path

from prognomics.generate.plugin import check_plugin, run_cases

TOOLS = Path(__file__).resolve().parents[1] / "{name}"


def test_the_specs_are_valid() -> None:
    assert check_plugin(TOOLS) == []


def test_every_case_holds() -> None:
    assert [problem for _, _, problems in run_cases(TOOLS) for problem in problems] == []
'''
README = """# {words}

A plugin of Prognomics: the spec `{name}/{name}.yml`, the function `{name}/{name}.py`, and in `{name}/test-data` the
data of the cases.

```sh
prognomics spec check --tool-path {name}        # the spec, its script, what cases do not exercise
prognomics spec cases --tool-path {name}        # runs the cases; needs galaxy-tool-util
prognomics --tool-path {name} {name} --samples {name}/test-data/samples.tsv --out-table counts.tsv
prognomics spec build --tool-path {name}        # writes {name}/galaxy, {name}/cwl and {name}/docs
pip install .                         # after this the tool is found without --tool-path
```

Add a license and authors to `pyproject.toml`; wrappers and pages then state them. Run records name this package, its
version and the checksum of its code.
"""
FILES = {
    "pyproject.toml": PROJECT,
    "README.md": README,
    "tests/test_cases.py": TESTS,
    "{name}/__init__.py": "",
    "{name}/{name}.yml": SPEC,
    "{name}/{name}.py": SCRIPT,
    "{name}/test-data/samples.tsv": SAMPLES,
}


def new_plugin(name: str, folder: Path) -> list[Path]:
    """Write the project of a new plugin whose tool is called `name`; returns the files written.

    Raises
    ------
    UsageError
        The name is not one of a tool, is taken, or the folder contains something already.
    """
    name = name.replace("-", "_")
    if not re.fullmatch(r"[a-z][a-z0-9_]{2,40}", name) or keyword.iskeyword(name) or name in ("tests", "prognomics"):
        raise UsageError(f"{name!r} is not a name of a tool", hint="letters a to z, digits and _, such as count_levels")
    if name in tool_names():
        raise UsageError(f"there is a tool {name!r} already", hint="choose another name")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{str(folder)!r} is not an empty folder", hint="name one that is empty or not there yet")
    said = {
        "name": name,
        "words": name.replace("_", " ").capitalize(),
        "project": f"prognomics-{name.replace('_', '-')}",
        "version": __version__,
    }
    written = []
    for place, text in FILES.items():
        path = folder / place.format(**said)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(**said) if text is not SAMPLES else text, encoding="utf-8", newline="\n")
        written.append(path)
    return written

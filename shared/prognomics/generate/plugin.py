"""What is generated from the specs of a plugin's folder, its checks, and its cases."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from prognomics.errors import BadInput, UsageError
from prognomics.generate.cases import run_case
from prognomics.generate.check import tool_problems
from prognomics.generate.publisher import published
from prognomics.generate.to_cwl import cwl_files
from prognomics.generate.to_docs import tool_page
from prognomics.generate.to_galaxy import galaxy_files
from prognomics.generate.written import outdated_files, write_changed
from prognomics.spec.former_keys import read_tool_spec
from prognomics.spec.loader import build_tool
from prognomics.spec.model import Case, Tool

PLACES = (("tools/cwl/", "cwl/"), ("tools/", "galaxy/"))
DATA = "test-data"


def plugin_tools(folder: Path) -> list[Tool]:
    """The tools whose specs are in a folder.

    Raises
    ------
    UsageError
        There is none.
    BadInput
        A spec is not valid.
    """
    specs = sorted(folder.glob("*.yml"))
    if not specs:
        raise UsageError(f"there is no spec (NAME.yml) in {str(folder)!r}", hint="prognomics plugin new NAME")
    for path in specs:
        if problems := tool_problems(path, path.with_suffix(".py")):
            raise BadInput(problems[0], hint="prognomics spec check --tool-path lists all problems")
    return [build_tool(read_tool_spec(p), p, p.with_suffix(".py")) for p in specs]


def plugin_files(folder: Path) -> dict[Path, str]:
    """Paths and texts of what is generated: `galaxy/`, `cwl/` and `docs/` in the plugin's folder."""
    tools = plugin_tools(folder)
    maker = published(tools[0])
    files = {folder / "docs" / f"{t.id}.md": tool_page(t) for t in tools}
    for path, text in {**galaxy_files(tools, maker), **cwl_files(tools, maker)}.items():
        place = next(path.replace(old, new, 1) for old, new in PLACES if path.startswith(old))
        files[folder / place] = text
    return files


def build_plugin(folder: Path) -> list[Path]:
    """Write wrappers, CWL and pages of a plugin's tools; returns the paths that changed."""
    return write_changed(plugin_files(folder.resolve()))


def check_plugin(folder: Path) -> list[str]:
    """All problems of a plugin's folder; generated files are compared once one of them is there."""
    specs = sorted(folder.glob("*.yml"))
    problems = [p for s in specs for p in tool_problems(s, s.with_suffix(".py"))] or ([] if specs else ["no specs"])
    if problems:
        return problems
    wanted = plugin_files(folder)
    if not any(path.is_file() for path in wanted):
        return []
    build = f"prognomics spec build --tool-path {folder}"
    return [f"{path} is outdated: run `{build}`" for path in outdated_files(wanted)]


def find_test_data(folder: Path) -> Path:
    """Where the files of a plugin's cases are: `test-data` in its folder or next to it."""
    places = (folder / DATA, folder.parent / DATA)
    return next((p for p in places if p.is_dir()), places[0])


def run_cases(folder: Path) -> Iterator[tuple[Tool, Case, list[str]]]:
    """Run every case of a plugin's tools; yields each with what is wrong.

    Raises
    ------
    UsageError
        The package that compares outputs with what cases assert is not installed.
    """
    if find_spec("galaxy.tool_util") is None:
        raise UsageError("running cases needs galaxy-tool-util", hint="pip install galaxy-tool-util")
    folder = folder.resolve()
    for tool in plugin_tools(folder):
        for case in tool.cases:
            with tempfile.TemporaryDirectory() as scratch:
                yield tool, case, run_case(tool, case, find_test_data(folder), Path(scratch))

"""What the warm process of a run loads, and in which order (see `warm.py`)."""

from __future__ import annotations

import ast
import contextlib
import gc
import importlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from prognomics.spec.loader import is_own_name, load_tool
from prognomics.study.content import code_digest
from prognomics.study.stamps import stamp_path

ALL_JOBS = ("numpy", "pandas", "yaml", "jsonschema", "prognomics.cli", "prognomics.study.job",
            "prognomics.runtime.binding", "prognomics.runtime.staging", "prognomics.runtime.spool",
            "prognomics.runtime.checksums", "prognomics.runtime.record", "prognomics.data.store")  # fmt: skip
BY_ENDING = {
    ".h5ad": ("h5py",),
    ".svg": ("matplotlib.figure", "matplotlib.style", "matplotlib.backends.backend_svg"),
    ".html": ("jinja2", "prognomics.report.page.first_screen"),
    ".xlsx": ("xlsxwriter",),
}


def loading(plan: str) -> Iterator[None]:
    """Load what the unfinished jobs of a plan need; yields whenever jobs may be forked.

    Before the first time that is what every job needs, and what those need that can begin now.
    """
    jobs = [job for job in _planned(Path(plan)) if not stamp_path(job["name"]).exists()]
    for name in {name for job in jobs for name in _builtin_tools(job)}:
        code_digest(load_tool(name))  # of the code as it is before it is loaded
    _load(ALL_JOBS)
    to_come = {path for job in jobs for path in job["outputs"]}
    for job in jobs:
        if to_come.isdisjoint(job["inputs"]):
            _load(_needed(job))
    for job in jobs:
        gc.freeze()  # pages that the collector does not write to stay common to all processes
        yield
        for module in _needed(job):
            _load([module])
            yield
    gc.freeze()
    yield


def _planned(plan: Path) -> list[dict[str, Any]]:
    return list(json.loads(plan.read_text(encoding="utf-8"))["jobs"])


def _needed(job: dict[str, Any]) -> Iterator[str]:
    """Names of modules that a job will load: by the endings of its files, and those that its tools' scripts name."""
    endings = {Path(path).suffix for path in [*job["inputs"], *job["outputs"]]}
    for ending, modules in BY_ENDING.items():
        yield from modules if ending in endings else ()
    for name in _builtin_tools(job):
        yield from named_modules(load_tool(name).script_path)


def _builtin_tools(job: dict[str, Any]) -> list[str]:
    """The suite's own tools that a job calls: a plugin's spec and code are loaded by its jobs."""
    return [name for name in dict.fromkeys(call["tool"] for call in job["calls"]) if is_own_name(name)]


def named_modules(script: Path) -> Iterator[str]:
    """Modules of the package that a script imports, also those inside functions."""
    for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("prognomics."):
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _load(modules: Iterable[str]) -> None:
    """Load modules; what is not installed or not a module is skipped: the job that needs it reports it."""
    for module in modules:
        with contextlib.suppress(ImportError):
            importlib.import_module(module)

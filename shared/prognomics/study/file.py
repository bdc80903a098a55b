"""The study file: read, checked against its schema and the specs of the tools it names."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prognomics.data.standard_mappings import standard_mapping
from prognomics.errors import BadInput, UsageError
from prognomics.spec.loader import load_tool
from prognomics.spec.model import Tool
from prognomics.spec.schema import check_yaml
from prognomics.spec.shipped_yaml import read_yaml
from prognomics.study.learning_part import learning_steps

DATA = "data:"
OWN_KEYS = ("as", "across", "cohorts", "also")


@dataclass(frozen=True)
class Step:
    """One step: a tool, its options, and over which parts of the samples it runs."""

    name: str
    tool: Tool
    options: dict[str, Any]
    across: tuple[str, ...]
    cohorts: tuple[str, ...]
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Study:
    """A checked study file."""

    path: Path
    data: Path | None
    raw: dict[str, Any]
    cohorts: dict[str, tuple[Step, ...]]
    pool: tuple[Step, ...]
    steps: tuple[Step, ...]
    folder: Path

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.path.read_bytes()).hexdigest()

    def locate(self, name: str, *, local: bool = False) -> Path:
        """Where a file named in the study is: in the data folder if `local` or written `data:NAME`, else next to it.

        Raises
        ------
        UsageError
            If it is not there, or the data folder was not given.
        """
        local, name = local or name.startswith(DATA), name.removeprefix(DATA)
        if local and self.data is None:
            raise UsageError("this study reads local files: say where they are with --data DIR", where=str(self.path))
        path = ((self.data if local else self.folder) / name).resolve()
        if not path.exists():
            hint = "check --data" if local else ""
            raise UsageError(f"there is no file {str(path)!r}", where=str(self.path), hint=hint)
        return path


def read_study(path: Path, data: Path | None = None, folder: Path | None = None) -> Study:
    """Read and check a study file.

    `data` is the folder of its local files, `folder` that of all other files that it names (default: its own).

    Raises
    ------
    UsageError
        If the file is not there.
    BadInput
        If it breaks the schema, names an unknown tool, or pools endpoints that differ without saying why.
    """
    if not path.is_file():
        raise UsageError(f"there is no study file {str(path)!r}", hint="studies/ of the suite holds some")
    raw = check_yaml("study", path)
    names: set[str] = set()
    cohorts = {
        cohort: _steps([*content["steps"], *raw.get("within", [])], path, set())
        for cohort, content in raw["cohorts"].items()
    }
    steps = [*raw["steps"], *learning_steps(raw, str(path))]
    study = Study(path, data, raw, cohorts, _steps(raw.get("pool", []), path, names), _steps(steps, path, names),
                  folder or path.parent)  # fmt: skip
    _check_cohort_names(study)
    _check_declarations(study)
    _check_pooling(study)
    return study


def _steps(raw: list[dict[str, Any]], path: Path, names: set[str]) -> tuple[Step, ...]:
    steps = []
    for number, item in enumerate(raw, start=1):
        tools = [key for key in item if key not in OWN_KEYS]
        if len(tools) != 1:
            raise BadInput(f"step {number} names {len(tools)} tools", where=str(path), hint="one tool a step")
        try:
            tool = load_tool(tools[0])
        except UsageError as error:
            raise BadInput(f"step {number}: {error.what}", where=str(path), hint=error.hint) from None
        name = item.get("as", tool.id)
        if name in names:
            raise BadInput(f"two steps are called {name!r}", where=str(path), hint="name one with `as:`")
        names.add(name)
        across = tuple(item.get("across", ["all"]))
        also = tuple(item.get("also", ()))
        unknown = set(also) - {o.name for o in tool.outputs}
        if unknown:
            raise BadInput(f"step {name}: {tool.id} has no output {sorted(unknown)[0]!r}", where=str(path),
                           hint=f"its outputs: {', '.join(o.name for o in tool.outputs)}")  # fmt: skip
        steps.append(
            Step(
                name, tool, tool.with_current_names(item[tools[0]] or {}), across, tuple(item.get("cohorts", ())), also
            )
        )
    return tuple(steps)


def _check_cohort_names(study: Study) -> None:
    for step in study.steps:
        unknown = set(step.cohorts) - set(study.cohorts)
        if unknown:
            raise BadInput(f"step {step.name} names the cohort {sorted(unknown)[0]!r}, which the study does not have",
                           where=str(study.path))  # fmt: skip


def _check_declarations(study: Study) -> None:
    """The primary analysis names what is declared, and labels of cohorts those of the study."""
    raw, primary = study.raw, study.raw.get("primary", {})
    markers = [*filter(None, [raw.get("marker")]), *raw.get("markers", [])]
    endpoints = [*filter(None, [raw.get("endpoint", {}).get("name")]), *raw.get("endpoints", {})]
    asked = [("primary.marker", primary.get("marker"), markers),
             ("primary.endpoint", primary.get("endpoint"), endpoints),
             ("primary.population", primary.get("population"), [*raw.get("populations", {})])]  # fmt: skip
    asked += [("labels.cohorts", name, [*study.cohorts]) for name in raw.get("labels", {}).get("cohorts", {})]
    for field, name, known in asked:
        if name is not None and name not in known:
            hint = f"declared: {', '.join(known)}" if known else f"declare it under {field.partition('.')[2]}s:"
            raise BadInput(f"{field}: {name!r} is not declared in the study file", where=str(study.path), hint=hint)


def endpoint_names(study: Study) -> list[str]:
    """The endpoints that the study declares, the first first."""
    single = study.raw.get("endpoint", {}).get("name")
    return list(dict.fromkeys([*([single] if single else []), *study.raw.get("endpoints", {})]))


def endpoint_definitions(study: Study, name: str | None = None) -> dict[str, str | None]:
    """How each cohort's mapping defines an endpoint, by default the study's first (None where it has none)."""
    name = name or next(iter(endpoint_names(study)), None)
    found: dict[str, str | None] = {}
    for cohort, steps in study.cohorts.items():
        for step in steps:
            mapping = step.options.get("mapping")
            standard = step.options.get("standard")
            if step.tool.id == "curate_samples" and (mapping or standard):
                declared = standard_mapping(standard) if standard else read_yaml(study.locate(mapping)) or {}
                endpoint = declared.get("endpoints", {}).get(name)
                found[cohort] = endpoint.get("definition", "not stated") if endpoint else None
    return found


def _check_pooling(study: Study) -> None:
    if not study.pool or study.raw.get("pooling"):
        return
    for name in endpoint_names(study):
        definitions = {c: d for c, d in endpoint_definitions(study, name).items() if d is not None}
        if len({d.strip().casefold() for d in definitions.values()}) > 1:
            listed = "; ".join(f"{c}: {' '.join(d.split())}" for c, d in definitions.items())
            raise BadInput(
                f"the cohorts define the endpoint differently ({name}), and the study pools them",
                where=f"{study.path}: {listed}",
                hint="state under `pooling:` why they may be pooled, or analyze them separately (across: [cohorts])",
            )

"""What a tool is: inputs, outputs, cases and help, as its spec declares them.

The classes hold what the YAML states and nothing else; `loader` fills them, the
writers (`to_click`, `to_docs`, ...) and the runtime read them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from prognomics.spec.in_report import OTHER, InReport

ENGINES = ("cli", "galaxy", "cwl")


def flag(name: str) -> str:
    """The command-line option of an input or output name: `conf_type` -> `--conf-type`, `lambda_` -> `--lambda`.

    A trailing underscore keeps a name apart from Python's keywords.
    """
    return "--" + name.rstrip("_").replace("_", "-")


@dataclass(frozen=True)
class Option:
    """One choice of a select."""

    value: str
    label: str
    help: str = ""
    expose: tuple[str, ...] = ENGINES
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Condition:
    """An input applies only where `selector` has one of `values`; an inferred selector is not an option."""

    selector: str
    values: tuple[str, ...]
    inferred: bool = False


@dataclass(frozen=True)
class Input:
    """One input of a tool; `type` is data, text, integer, float, select, boolean or repeat.

    A `repeat` has `fields` and is written `left=right` on the command line. A
    common input is added by the framework and never reaches the tool's function. A text that is
    `named_after` a data input is, where it is not given, the name of that file without its ending. In a
    matrix several rows may have one name if the input states `repeated_rows`; a matrix to `stream` stays in its
    file where that can be read in blocks of genes. An endpoint is `competing` where the tool models competing events.
    `aliases` are former names, which are accepted and not shown.
    """

    name: str
    type: str
    label: str
    help: str
    default: Any = None
    optional: bool = False
    multiple: bool = False
    at_least: int = 0
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    options: tuple[Option, ...] = ()
    pattern: str = ""
    kind: str = ""
    example: str = ""
    artifact: str = ""
    fields: tuple[Input, ...] = ()
    separator: str = "="
    needs: tuple[str, ...] = ()
    expose: tuple[str, ...] = ENGINES
    conditions: tuple[Condition, ...] = ()
    common: bool = False
    exempt: str = ""
    named_after: str = ""
    repeated_rows: bool = False
    stream: bool = False
    competing: bool = False
    aliases: tuple[str, ...] = ()

    @property
    def flag(self) -> str:
        return flag(self.name)

    @property
    def required(self) -> bool:
        """Whether a value must be given (where its conditions hold)."""
        if self.optional or self.type == "boolean":
            return False
        if self.multiple or self.type == "repeat":
            return self.at_least > 0
        return self.default is None

    @property
    def empty(self) -> Any:
        """The value that a function receives when nothing was given."""
        if self.multiple or self.type == "repeat":
            return list(self.default or [])
        return self.default


@dataclass(frozen=True)
class Section:
    """A group of inputs under one heading of a form."""

    name: str
    title: str
    children: tuple[Any, ...]
    expanded: bool = False


@dataclass(frozen=True)
class When:
    value: str
    children: tuple[Any, ...]


@dataclass(frozen=True)
class Conditional:
    """Inputs that depend on a select.

    With `inferred` the selector exists in forms only: on the command line the
    branch follows from the inputs that are given.
    """

    name: str
    selector: Input
    whens: tuple[When, ...]
    inferred: bool = False


@dataclass(frozen=True)
class Output:
    """One output; its artifact states format and columns, `look` what may be chosen of a plot, `section` its place.

    The place is the id of a report's section, or `none`.
    """

    name: str
    artifact: str
    label: str
    help: str = ""
    selected: bool = True
    look: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    section: str = OTHER

    @property
    def flag(self) -> str:
        return flag("out_" + self.name)


@dataclass(frozen=True)
class Case:
    """One executable example: options, and what comes out or how it fails."""

    name: str
    shows: str
    options: dict[str, Any]
    outputs: dict[str, Any] = field(default_factory=dict)
    exit_code: int = 0
    stderr: tuple[str, ...] = ()
    engines: tuple[str, ...] = ("cli",)
    needs: tuple[str, ...] = ()


def _current(valued: dict[tuple[str, str], str], name: str, value: Any) -> Any:
    return valued.get((name, value), value) if isinstance(value, str) else value


@dataclass(frozen=True)
class Tool:
    """A tool as its spec declares it; `summary` continues `name`, which begins in lower case."""

    id: str
    name: str
    summary: str
    tree: tuple[Any, ...]
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    cases: tuple[Case, ...]
    help: dict[str, Any]
    citations: tuple[dict[str, str], ...]
    edam: dict[str, list[str]]
    expose: tuple[str, ...]
    spec_path: Path
    script_path: Path
    raw: dict[str, Any]
    patients: dict[str, Any] = field(default_factory=dict)
    in_report: InReport = InReport()
    threads: int = 1

    @property
    def heading(self) -> str:
        """The name as a heading."""
        return self.name[:1].upper() + self.name[1:]

    @property
    def sentence(self) -> str:
        """Name and summary as one sentence."""
        return f"{self.heading} {self.summary}."

    @property
    def parameters(self) -> tuple[Input, ...]:
        """The inputs that the tool's function receives, in the spec's order."""
        return tuple(i for i in self.inputs if not i.common)

    def with_current_names(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Given options with former names of options and values replaced by the current ones; both at once stay."""
        named = {alias: item.name for item in self.inputs for alias in item.aliases}
        valued = {(i.name, a): o.value for i in self.inputs for o in i.options for a in o.aliases}
        current = {name: value for name, value in given.items() if name not in named}
        for name in given.keys() & named.keys():
            current[name if given.get(named[name]) is not None else named[name]] = given[name]
        return {
            name: [_current(valued, name, v) for v in value]
            if isinstance(value, list)
            else _current(valued, name, value)
            for name, value in current.items()
        }

    def input(self, name: str) -> Input:
        for candidate in self.inputs:
            if candidate.name == name:
                return candidate
        raise KeyError(f"{self.id} has no input {name}")

    def section_for(self, artifact: str) -> str:
        """The section of a report in which its outputs of this kind are."""
        return next((o.section for o in self.outputs if o.artifact == artifact), OTHER)

    def output(self, name: str) -> Output:
        for candidate in self.outputs:
            if candidate.name == name:
                return candidate
        raise KeyError(f"{self.id} has no output {name}")

"""Options of one step of a study file against the tool's spec and against what the study has by then."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from prognomics.data.names_in_options import split_filter, split_values
from prognomics.data.signature_library import PREFIX, signature_library
from prognomics.errors import BadInput, UsageError
from prognomics.runtime.values import parse_all, parse_value
from prognomics.spec.model import Input, Tool
from prognomics.spec.schema import proposal
from prognomics.study.file import DATA
from prognomics.study.known import Known

STEP = "step:"
WORDS_FOR_COLUMNS = ("auto", "none")
NEAR = 0.8  # as similar as a word and its misspelling


class Wrong(NamedTuple):
    """What is wrong, what to write instead, and whether it is certain."""

    what: str
    hint: str = ""
    certain: bool = True


Found = tuple[list[Any], Wrong]  # with the field


@dataclass(frozen=True)
class Scene:
    """What a step can name: columns, earlier steps, files, and columns that later steps make."""

    known: Known
    steps: tuple[str, ...]
    folder: Path
    data: Path | None
    later: dict[str, str]

    def column(self, name: str, more: tuple[str, ...] = ()) -> Wrong | None:
        """What is wrong with a column's name, and what to write instead; None if nothing is."""
        if self.known.open or name in self.known.columns or name in more or name.startswith("column:"):
            return None
        if name in self.later:
            return Wrong(
                f"the column {name!r} is made only later, by {self.later[name]}", "move this step below that one"
            )
        hint = proposal(name, [*self.known.columns, *more])
        if self.known.scored:  # a score may be called so
            near = get_close_matches(name, self.known.columns, 1, NEAR)
            return Wrong(f"there is perhaps no column {name!r}", proposal(name, near), False) if near else None
        return Wrong(f"there is no column {name!r}", hint)

    def level(self, column: str, value: str) -> Wrong | None:
        """What is wrong with a level of a column, and what to write instead."""
        levels = self.known.columns.get(column)
        if self.known.open or not levels or value in levels:
            return None
        return Wrong(f"{column} has no level {value!r}", proposal(value, sorted(levels)))

    def condition(self, text: str) -> Iterator[Wrong]:
        """What is wrong with a filter such as `tissue_type=primary`."""
        columns = self.known.columns
        try:
            column, sign, listed = split_filter(text, columns)
        except BadInput as error:
            yield Wrong(error.what, error.hint)
            return
        wrong = self.column(column)
        if wrong:
            yield wrong
            return
        values = [value for value in split_values(listed, columns.get(column) or ()) if value]
        found = [wrong for value in values if (wrong := self.level(column, value))]
        certain = sign == "=" and len(found) == len(values)  # no sample has any of them
        for wrong in found:
            yield wrong._replace(certain=certain)


def option_problems(tool: Tool, options: dict[str, Any], scene: Scene) -> Iterator[Found]:
    """All that is wrong with the options of a step; fields are relative to them."""
    known = {i.name: i for i in tool.inputs}
    former = {alias: item for item in tool.inputs for alias in item.aliases}
    for name, value in options.items():
        item = known.get(str(name)) or former.get(str(name))
        if item is None:
            hint = proposal(str(name).replace("-", "_"), known)
            yield [name], Wrong(f"{tool.id} has no option {str(name)!r}", hint)
            continue
        many = item.multiple or item.type == "repeat"
        if value is None:
            yield [name], Wrong("the option has no value", item.help.split(". ")[0])
        elif isinstance(value, list) and many:
            for number, one in enumerate(value):
                yield from _at([name, number], _one(tool, item, one, options, scene))
        elif isinstance(value, list):
            yield [name], Wrong("one value is needed, not a list")
        else:
            yield from _at([name], _one(tool, item, value, options, scene))
        if isinstance(value, list) and len(value) < item.at_least:
            yield [name], Wrong(f"at least {item.at_least} values are needed")


def _at(field: list[Any], found: Iterator[Wrong]) -> Iterator[Found]:
    for wrong in found:
        yield field, wrong


def _one(tool: Tool, item: Input, value: Any, options: dict[str, Any], scene: Scene) -> Iterator[Wrong]:
    if item.type == "data" or item.kind == "path":
        yield from _file(item, str(value), scene)
        return
    value = tool.with_current_names({item.name: value})[item.name]
    try:
        parsed = parse_all(item, value)[0] if item.type == "repeat" else parse_value(item, value)
    except UsageError as error:
        yield Wrong(error.what, error.hint)
        return
    if item.type == "endpoint":
        endpoints = scene.known.endpoints
        if not scene.known.open and parsed not in endpoints and f"{parsed}_time" not in scene.known.columns:
            yield Wrong(f"no cohort's mapping has the endpoint {parsed!r}", proposal(parsed, endpoints))
    elif item.type == "repeat":
        yield from _pair(item, parsed, scene)
    elif item.kind == "filter":
        yield from scene.condition(parsed)
    elif item.kind in ("column", "columns"):
        if parsed not in WORDS_FOR_COLUMNS and (wrong := scene.column(parsed, _genes(options))):
            yield wrong
    elif item.kind == "level" and not item.common:
        column = next((str(options[c]) for c in ("group_column", "outcome_column") if options.get(c)), "")
        column = "cohort" if item.name == "reference_cohort" else column
        if wrong := scene.level(column, parsed):
            yield wrong
    elif item.kind == "accession":
        yield from _accession(options, parsed)


def _pair(item: Input, parts: tuple[str, ...], scene: Scene) -> Iterator[Wrong]:
    """A pair such as `stage=early`: the column, and the level if the column is right."""
    kinds = [field.kind for field in item.fields]
    if item.common or kinds[0] != "column":
        return
    for kind, part in zip(kinds, parts, strict=True):
        if kind == "column" and (wrong := scene.column(part)):
            yield wrong
        elif kind == "level" and scene.column(parts[0]) is None and (wrong := scene.level(parts[0], part)):
            yield wrong


def _genes(options: dict[str, Any]) -> tuple[str, ...]:
    genes = options.get("gene")
    return tuple(map(str, genes)) if isinstance(genes, list) else (str(genes),) if genes else ()


def _accession(options: dict[str, Any], value: str) -> Iterator[Wrong]:
    from prognomics.sources.providers import checked_accession
    from prognomics.sources.survset import PINNED_SHA256

    source = options.get("source")
    if source == "survset":
        if value.lower() not in PINNED_SHA256:
            yield Wrong(f"SurvSet has no cohort {value!r}", proposal(value.lower(), PINNED_SHA256))
    elif source in ("geo", "arrayexpress", "gdc", "cbioportal", "xena"):
        try:
            checked_accession(source, value)
        except BadInput as error:
            yield Wrong(error.what, error.hint)


def _file(item: Input, value: str, scene: Scene) -> Iterator[Wrong]:
    """A file of the study, of the data folder, of the library, or an earlier step's."""
    if value.startswith(STEP):
        name = value.removeprefix(STEP)
        if name not in scene.steps:
            yield Wrong(f"there is no earlier step {name!r}", proposal(name, scene.steps))
        return
    if value.startswith(PREFIX) and item.artifact in ("signature", "centroids"):
        from prognomics.data.signature_library import library_signature

        try:
            library_signature(value.removeprefix(PREFIX))
        except (BadInput, UsageError) as error:
            yield Wrong(error.what, error.hint)
        return
    from prognomics.study.plan import split_role

    _, name = split_role(value)
    path = place_of(name, scene.folder, scene.data, local=item.kind == "path")
    if path is not None and not os.path.exists(path):
        yield Wrong(f"there is no file {str(path)!r}", _near_library(item, name) or _near_file(path))


def _near_library(item: Input, name: str) -> str:
    """The signature of the library that a name may have been meant to be; "" if it is none of them."""
    if item.artifact not in ("signature", "centroids"):
        return ""
    near = get_close_matches(name, [f"{PREFIX}{known}" for known in signature_library()], 1, NEAR)
    return f"did you mean {near[0]}?" if near else ""


def place_of(name: str, folder: Path, data: Path | None, *, local: bool = False) -> Path | None:
    """Where a file that a study names is; None if it is in a data folder that was not given."""
    local = local or name.startswith(DATA)
    within = data if local else folder
    return within / name.removeprefix(DATA) if within is not None else None


def _near_file(path: Path) -> str:
    try:
        names = [entry.name for entry in os.scandir(path.parent)]
    except OSError:
        return _near_file(path.parent) if path.parent != path else ""
    return proposal(path.name, sorted(names), 5)

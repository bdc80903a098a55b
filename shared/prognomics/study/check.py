"""All that is wrong with a study file, each problem with its line and a proposal; nothing of the study is run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from prognomics.data.mapping import load_mapping
from prognomics.data.standard_mappings import standard_mapping
from prognomics.errors import BadInput, PrognomicsError, UsageError
from prognomics.spec.loader import load_tool, tool_names
from prognomics.spec.schema import Problem, proposal, schema_faults, spelled
from prognomics.spec.shipped_yaml import parse_yaml
from prognomics.spec.yaml_lines import Lines
from prognomics.study.check_declared import declared_problems, suspicions
from prognomics.study.check_options import Scene, option_problems, place_of
from prognomics.study.file import OWN_KEYS, read_study
from prognomics.study.known import Known, joined, of_mapping
from prognomics.study.plan import make_plan

MOST_SHOWN = 10
SIDES = ("training", "validation")
LEARNING = {"signature": "learn_signature", "apply": "apply_model"}


def check_study(path: Path, data: Path | None = None, folder: Path | None = None) -> list[Problem]:
    """Check a study file.

    Parameters
    ----------
    path : Path
        The study file.
    data : Path, optional
        The folder of its local files; without it files in that folder are not looked for.
    folder : Path, optional
        Where the other files that it names are; by default where it is itself.

    Returns
    -------
    list of Problem
        In the order of their lines; empty if nothing is wrong.

    Raises
    ------
    UsageError
        There is no such file.
    """
    if not path.is_file():
        raise UsageError(f"there is no study file {str(path)!r}", hint="studies/ of the suite holds some")
    try:
        content = path.read_bytes()
        raw = parse_yaml(content, str(path))
        lines = Lines(content.decode("utf-8", "replace"))
    except BadInput as error:
        number = error.where.rpartition("line ")[2]
        return [Problem(path, int(number) if number.isdigit() else 1, "the file", error.what, error.hint)]
    found = list(_Checker(path, raw, lines, data, folder or path.parent).problems())
    found = list({(p.line, p.field, p.what): p for p in found}.values())
    if not any(p.certain for p in found):
        found += _planned(path, raw, lines, data, folder)
    return sorted(found, key=lambda p: p.line)


def require_sound(path: Path, data: Path | None = None, folder: Path | None = None) -> list[Problem]:
    """The suspicions about a study file, if nothing is certainly wrong with it.

    Raises
    ------
    BadInput
        With all that is.
    """
    problems = check_study(path, data, folder)
    refuse(problems)
    return problems


def refuse(problems: list[Problem]) -> None:
    """BadInput if one of the problems is certain."""
    certain = [str(p) for p in problems if p.certain]
    if certain:
        count = "one error" if len(certain) == 1 else f"{len(certain)} errors"
        shown = "\n    ".join([*certain[:MOST_SHOWN], *(["…"] if len(certain) > MOST_SHOWN else [])])
        raise BadInput(f"the study file has {count}", where=shown, hint="see `prognomics study check`")


def _planned(path: Path, raw: Any, lines: Lines, data: Path | None, folder: Path | None) -> list[Problem]:
    """What shows only when the study is planned."""
    try:
        study = read_study(path, data, folder)
        make_plan(study)
    except UsageError as error:
        if data is None and "--data" in str(error):
            return []  # what is in that folder cannot be looked at without it
        return [Problem(path, 1, "the study", error.what, error.hint)]
    except BadInput as error:
        where = error.where.removeprefix(str(path)).lstrip(": ")
        named = re.match(r"step (\w+): ", error.what)
        field = _field_of(raw, named[1]) if named else []
        what = f"{error.what}{f' ({where})' if where else ''}"
        return [
            Problem(path, lines.of(field) if field else 1, spelled(field) if field else "the study", what, error.hint)
        ]
    return []


def _field_of(raw: dict[str, Any], step: str) -> list[Any]:
    """The field of the step of that name."""
    lists = [([part], raw.get(part, [])) for part in ("within", "pool", "steps")]
    lists += [(["cohorts", name, "steps"], cohort["steps"]) for name, cohort in raw["cohorts"].items()]
    for field, items in lists:
        for number, item in enumerate(items):
            if item.get("as", next((key for key in item if key not in OWN_KEYS), None)) == step:
                return [*field, number]
    return []


class _Checker:
    def __init__(self, path: Path, raw: Any, lines: Lines, data: Path | None, folder: Path):
        self.path, self.raw, self.lines, self.data, self.folder = path, raw, lines, data, folder
        self.later: dict[str, str] = {}

    def problem(self, field: list[Any], what: str, hint: str = "", certain: bool = True) -> Problem:
        return Problem(self.path, self.lines.of(field), spelled(field), what, hint, certain)

    def problems(self) -> Iterator[Problem]:
        for field, line in self.lines.repeated_keys():
            yield Problem(self.path, line, spelled(field), "this key is given twice", "remove or rename one of the two")
        steps = list(self._step_lists())
        misspelled = {p.field: p for field, items in steps for p in self._keys_of_steps(field, items)}
        yield from misspelled.values()
        for error in schema_faults("study", self.raw, self.path, self.lines):
            if not any(error.field == field or error.field.startswith(f"{field}.") for field in misspelled):
                yield error
        if isinstance(self.raw, dict):
            yield from self._steps()

    # ------------------------------------------------------------ steps

    def _step_lists(self) -> Iterator[tuple[list[Any], list[Any]]]:
        """All lists of steps, with their fields."""
        raw = self.raw if isinstance(self.raw, dict) else {}
        cohorts = raw.get("cohorts")
        for name, content in (cohorts if isinstance(cohorts, dict) else {}).items():
            if isinstance(content, dict) and isinstance(content.get("steps"), list):
                yield ["cohorts", name, "steps"], content["steps"]
        for name in ("within", "pool", "steps"):
            if isinstance(raw.get(name), list):
                yield [name], raw[name]

    def _keys_of_steps(self, field: list[Any], items: list[Any]) -> Iterator[Problem]:
        """Words of steps that are neither a tool nor one of the study's own."""
        for number, item in enumerate(items):
            if not isinstance(item, dict):
                continue
            names = [key for key in item if key not in OWN_KEYS]
            unknown = [key for key in names if _tool(key) is None]
            for key in unknown:
                several = len(names) > 1
                what = f"unknown field {str(key)!r} of a step" if several else f"there is no tool {str(key)!r}"
                known = [*OWN_KEYS, *tool_names()] if several else tool_names()
                yield self.problem([*field, number, key], what, proposal(str(key), known))
            if len(names) > 1 and not unknown:
                what = f"a step has one tool, and this one has {len(names)}"
                yield self.problem([*field, number, names[1]], what, "begin another step with `- `")
            if not names:
                yield self.problem([*field, number], "this step names no tool", "write `- tool: {option: value}`")

    def _steps(self) -> Iterator[Problem]:
        lists = dict((tuple(field), items) for field, items in self._step_lists())
        within, cohorts = lists.pop(("within",), []), []
        for field in [f for f in lists if f[0] == "cohorts"]:
            known = Known(open=True)
            names_of_cohort: list[str] = []
            for items, at in ((lists[field], list(field)), (within, ["within"])):
                known = yield from self._walk(at, items, known, names_of_cohort, str(field[1]))
            cohorts.append(known)
        known = joined(cohorts) if cohorts else Known(open=True)
        named: list[str] = []
        yield from self._learning(known)
        self.later = dict(_made_later([*lists.get(("pool",), []), *lists.get(("steps",), [])]))
        for name in ("pool", "steps"):
            known = yield from self._walk([name], lists.get((name,), []), known, named)
        for found in (declared_problems(self.raw, known, named, self.path.parent), suspicions(self.raw)):
            for place, wrong in found:
                yield self.problem(place, *wrong)

    def _learning(self, known: Known) -> Iterator[Problem]:
        """The cohorts and options of the part `learn`."""
        parts, cohorts = self.raw.get("learn"), self.raw.get("cohorts")
        for name, part in (parts if isinstance(parts, dict) else {}).items():
            for side in SIDES if isinstance(part, dict) and isinstance(cohorts, dict) else ():
                for place, cohort in enumerate(part[side] if isinstance(part.get(side), list) else []):
                    if cohort not in cohorts:
                        hint = proposal(str(cohort), list(cohorts))
                        yield self.problem(["learn", name, side, place], f"there is no cohort {str(cohort)!r}", hint)
            scene = Scene(known, (), self.folder, self.data, {})
            for key, tool in LEARNING.items():
                options = part.get(key) if isinstance(part, dict) else None
                options = options if isinstance(options, dict) else {}
                for inner, wrong in option_problems(load_tool(tool), options, scene):
                    yield self.problem(["learn", name, key, *inner], *wrong)

    def _walk(self, field: list[Any], items: list[Any], known: Known, named: list[str], cohort: str = "") -> Any:
        """The problems of a list of steps; returns what is known after it."""
        for number, item in enumerate(items):
            keys = [k for k in item if k not in OWN_KEYS] if isinstance(item, dict) else []
            tool = _tool(keys[0]) if len(keys) == 1 else None
            if tool is None:
                known = Known(known.columns, known.endpoints, True)
                continue
            at, options = [*field, number, keys[0]], item[keys[0]] or {}
            if not isinstance(options, dict):
                continue
            scene = Scene(known, tuple(named), self.folder, self.data, self.later)
            for inner, wrong in option_problems(tool, options, scene):
                yield self.problem([*at, *inner], *wrong)
            also = item.get("also")
            for place, name in enumerate(also if isinstance(also, list) else []):
                outputs = [o.name for o in tool.outputs]
                if name not in outputs:
                    hint = proposal(str(name), outputs)
                    yield self.problem([*field, number, "also", place], f"{tool.id} has no output {str(name)!r}", hint)
            if item.get("as", tool.id) in named:
                at = [*field, number, "as" if "as" in item else keys[0]]
                yield self.problem(at, f"two steps are called {item.get('as', tool.id)!r}", "name one with `as:`")
            named.append(str(item.get("as", tool.id)))
            if tool.id == "curate_samples":
                known = yield from self._curated(at, options, cohort)
            known = known.after(tool, options)
        return known

    def _curated(self, field: list[Any], options: dict[str, Any], cohort: str) -> Any:
        """What the mapping of a cohort makes, and what is wrong with it."""
        if options.get("standard"):
            try:
                return of_mapping(standard_mapping(str(options["standard"])), cohort)
            except BadInput:
                return Known(open=True)
        path = place_of(str(options.get("mapping", "")), self.folder, self.data)
        if path is None or not path.is_file():
            return Known(open=True)
        try:
            return of_mapping(load_mapping(path.read_text("utf-8", "replace"), str(path)), cohort)
        except PrognomicsError as error:
            yield self.problem([*field, "mapping"], error.what, f"see {error.where}" if error.where else error.hint)
            return Known(open=True)


def _tool(name: Any) -> Any:
    try:
        return load_tool(str(name))
    except PrognomicsError:
        return None


def _made_later(items: list[Any]) -> Iterator[tuple[str, str]]:
    for item in items:
        for key, options in item.items() if isinstance(item, dict) else ():
            if key not in OWN_KEYS and isinstance(options, dict) and isinstance(options.get("name"), str):
                yield options["name"], f"step {item.get('as', key)}"

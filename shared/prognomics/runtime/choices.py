"""Which inputs apply: conditionals, required and dependent options. Nothing is loaded here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from prognomics.errors import UsageError
from prognomics.runtime.values import parse_all
from prognomics.spec.loader import flatten
from prognomics.spec.model import Conditional, Input, Section, Tool, flag

_ENDING = re.compile(r"\.(?:tsv|txt|tab|tabular)(?:\.gz)?$|\.gz$", re.IGNORECASE)


def resolve_options(tool: Tool, given: dict[str, Any]) -> dict[str, Any]:
    """All inputs of a tool with parsed values, defaults filled in; inputs that do not apply keep theirs.

    The branches of inferred conditionals are next to them, under their selectors' names.

    Raises
    ------
    UsageError
        On an unknown, misplaced or missing option, or a value that is not allowed.
    """
    given = tool.with_current_names(given)
    names = {i.name for i in tool.inputs}
    unknown = sorted(set(given) - names)
    former = next(((i, a) for i in tool.inputs for a in i.aliases if a in unknown), None)
    if former:
        raise UsageError(f"{flag(former[1])} is the former name of {former[0].flag}", hint="give it once")
    if unknown:
        raise UsageError(f"{tool.id} has no option {flag(unknown[0])}")
    values = {i.name: parse_all(i, given[i.name]) for i in tool.inputs if given.get(i.name) is not None}
    branches = _branches(tool, values)
    resolved = {}
    for item in tool.inputs:
        misplaced = _misplaced(item, values, branches, tool)
        if item.name in values:
            if misplaced:
                raise UsageError(f"{item.flag} applies only {misplaced}")
            _check_needs(item, values)
        elif item.required and not misplaced and item.type != "endpoint":
            where = _conditions_text(item, branches)
            raise UsageError(f"the option {item.flag} is missing{where}", hint=item.help.split(". ")[0])
        resolved[item.name] = values[item.name] if item.name in values else _not_given(item, values)
        if item.at_least and item.name in values and len(values[item.name]) < item.at_least:
            raise UsageError(f"{item.flag} is needed at least {item.at_least} times")
    resolved.update(branches)
    return resolved


class NameOfFile(str):
    """A value that was not given, but taken from the name of a file."""


def _not_given(item: Input, values: dict[str, Any]) -> Any:
    """What an input is that was not given: its default, or the name of the file that it is named after."""
    path = values.get(item.named_after)
    if not isinstance(path, (str, Path)):
        # as if it were given: a default of 0 is the number that `--option 0` is
        return item.empty if item.empty in (None, []) else parse_all(item, item.empty)
    name = _ENDING.sub("", Path(path).name)
    try:
        return NameOfFile(parse_all(item, name))
    except UsageError:
        what = f"{item.flag} is not given, and the name of the file {Path(path).name!r} cannot stand for it"
        raise UsageError(what, hint=f"give {item.flag}") from None


def _check_needs(item: Input, values: dict[str, Any]) -> None:
    for needed in item.needs:
        if needed not in values:
            raise UsageError(f"{item.flag} needs {flag(needed)} beside it")


def _value(tool: Tool, name: str, values: dict[str, Any], branches: dict[str, str]) -> str:
    if name in branches:
        return branches[name]
    return str(values.get(name, tool.input(name).default))


def _misplaced(item: Input, values: dict[str, Any], branches: dict[str, str], tool: Tool) -> str:
    """Why an input does not apply (empty if it does)."""
    for condition in item.conditions:
        if _value(tool, condition.selector, values, branches) not in condition.values:
            if condition.inferred:
                return "where its alternative is not given"
            return f"with {flag(condition.selector)} {' or '.join(condition.values)}"
    return ""


def _conditions_text(item: Input, branches: dict[str, str]) -> str:
    shown = [f"{flag(c.selector)} {' or '.join(c.values)}" for c in item.conditions if not c.inferred]
    return f" (needed with {' and '.join(shown)})" if shown else ""


def conditionals(nodes: tuple[Any, ...]) -> list[Conditional]:
    """All conditionals of a form, outer ones first."""
    found = []
    for node in nodes:
        if isinstance(node, Section):
            found += conditionals(node.children)
        elif isinstance(node, Conditional):
            found.append(node)
            for when in node.whens:
                found += conditionals(when.children)
    return found


def _branches(tool: Tool, values: dict[str, Any]) -> dict[str, str]:
    """The branch of each inferred conditional, from the inputs that were given."""
    chosen: dict[Any, Any] = {}
    for conditional in conditionals(tool.tree):
        if not conditional.inferred:
            continue
        if not _reached(tool, conditional, values, chosen):
            chosen.setdefault(conditional.selector.name, "")
            continue
        inputs = {when.value: flatten(when.children) for when in conditional.whens}
        matching = [v for v, items in inputs.items() if any(i.name in values for i in items)]
        own = {v: _offered(conditional, v) or [items[0].flag] for v, items in inputs.items() if items}
        offers = " or ".join(" with ".join(flags) for flags in own.values())
        full = [v for v in matching if all(i.name in values for i in inputs[v] if i.required)]
        if len(full) > 1:
            raise UsageError(f"give only one of {offers}")
        if not matching:
            empty = [v for v, items in inputs.items() if not items]
            if not empty:
                raise UsageError(f"give {offers}")
            chosen[conditional.selector.name] = empty[0]
        else:
            chosen[conditional.selector.name] = (full or matching)[0]
    return chosen


def _reached(tool: Tool, conditional: Conditional, values: dict[str, Any], chosen: dict[str, str]) -> bool:
    """Whether the branch that a conditional is in is the one that applies."""
    return all(_value(tool, c.selector, values, chosen) in c.values for c in conditional.selector.conditions)


def _offered(conditional: Conditional, value: str) -> list[str]:
    """The options that a branch needs in any case, those of conditionals inside it excluded."""
    children = next(w.children for w in conditional.whens if w.value == value)
    return [i.flag for i in flatten(tuple(c for c in children if not isinstance(c, Conditional))) if i.required]

"""Errors as Python users read them: arguments in place of options, and near names of arguments."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from typing import Any, Literal

from prognomics.data.registry import artifact
from prognomics.errors import PrognomicsError, UsageError, near_names
from prognomics.spec.model import Input, Tool

_FLAG = re.compile(r"(?<![\w-])--(no-)?([a-z][a-z0-9-]*)")
_TYPES: dict[str, Any] = {"text": str, "endpoint": str, "integer": int, "float": float, "boolean": bool}


class UnknownArgument(UsageError, TypeError):
    """An argument that the tool does not have."""


def require_arguments(tool: Tool, given: Iterable[str]) -> None:
    """Refuse arguments that a tool does not have.

    Raises
    ------
    UnknownArgument
        With near names.
    """
    known = [i.name for i in tool.inputs]
    former = {alias for i in tool.inputs for alias in i.aliases}
    for name in given:
        if name not in known and name not in former:
            near = near_names(name, known)
            hint = f"did you mean {' or '.join(near)}?" if near else f"its arguments: {', '.join(known)}"
            if name.startswith("out_"):
                hint = f"outputs are attributes of the result: {', '.join(o.name for o in tool.outputs)}"
            raise UnknownArgument(f"{tool.id}() has no argument {name!r}", hint=hint)


def in_python_words(tool: Tool, error: PrognomicsError) -> PrognomicsError:
    """The same error with arguments in place of options (`--conf-type` -> `conf_type`)."""
    error.what, error.where, error.hint = (_renamed(tool, text) for text in (error.what, error.where, error.hint))
    error.args = (error.what,)
    return error


def _renamed(tool: Tool, text: str) -> str:
    names = {i.flag: i.name for i in tool.inputs}
    names |= {o.flag: f"the output {o.name}" for o in tool.outputs}

    def replaced(match: re.Match[str]) -> str:
        negated, word = match.groups()
        name = names.get(f"--{word}", word.replace("-", "_"))
        return f"{name}=False" if negated else name

    return _FLAG.sub(replaced, text)


def signature_of(tool: Tool) -> inspect.Signature:
    """The signature of a tool's function: keywords only, with types and defaults."""
    parameters = []
    for item in tool.inputs:
        if item.name in ("plot_format", "matrix_format"):
            continue
        needed = item.required and not item.conditions and item.type != "endpoint"
        default = inspect.Parameter.empty if needed else _default(item)
        parameters.append(inspect.Parameter(item.name, inspect.Parameter.KEYWORD_ONLY, default=default,
                                            annotation=_annotation(item)))  # fmt: skip
    return inspect.Signature(parameters)


def _default(item: Input) -> Any:
    return None if item.default in (None, []) or item.conditions else item.default


def _annotation(item: Input) -> Any:
    if item.type == "select":
        one: Any = Literal[tuple(o.value for o in item.options)]
    elif item.type == "data":
        one = f"file or {artifact(item.artifact).title.lower()}"
    elif item.type == "repeat":
        return "dict or list of pairs"
    else:
        one = _TYPES[item.type]
    return list[one] if item.multiple and not isinstance(one, str) else one


def documentation(tool: Tool) -> str:
    """The docstring of a tool's function."""
    lines = [tool.sentence, "", " ".join(tool.help.get("what", "").split()), "", "Parameters", "----------"]
    for item in tool.inputs:
        shown = _annotation(item)
        kind = shown if isinstance(shown, str) else inspect.formatannotation(shown)
        lines += [f"{item.name} : {kind}", f"    {' '.join(item.help.split())}"]
    lines += ["", "Returns", "-------", "Result", "    With these attributes:"]
    lines += [f"    {output.name} : {output.label}. {output.help}".rstrip() for output in tool.outputs]
    return "\n".join(lines)

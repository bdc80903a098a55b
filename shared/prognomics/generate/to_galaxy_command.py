"""The command of a wrapper: one option per line, every value in single quotes."""

from __future__ import annotations

from typing import Any

from prognomics.data.registry import artifact
from prognomics.generate.to_galaxy_form import Form, implied, repeated
from prognomics.generate.to_galaxy_inputs import OUTPUT_PREFIX, OUTPUTS, condition_terms, output_flag
from prognomics.generate.to_galaxy_links import link_lines
from prognomics.spec.model import Conditional, Input, Output, Section, Tool

_STEP = "    "


def command(tool: Tool, shown: Form) -> str:
    """The Cheetah template that calls the tool."""
    lines = [*link_lines(shown.nodes), f"prognomics {tool.id}"]
    for node in shown.nodes:
        lines += _node(node, "", 1)
    for item in shown.formats.values():
        lines += _once(item, "", 1)
    for output in shown.outputs:
        lines += _output(tool, shown, output)
    return "\n".join(lines)


def _pad(depth: int, text: str) -> str:
    return _STEP * depth + text


def _node(node: Any, place: str, depth: int) -> list[str]:
    if isinstance(node, Section):
        return [line for c in node.children for line in _node(c, f"{place}{node.name}.", depth)]
    if isinstance(node, Conditional):
        return _conditional(node, f"{place}{node.name}.", depth)
    if repeated(node):
        return _repeat(node, place, depth)
    return _once(node, place, depth)


def _conditional(node: Conditional, place: str, depth: int) -> list[str]:
    selector = f"{place}{node.selector.name}"
    lines = [] if node.inferred else [_pad(depth, f"{node.selector.flag} '${selector}'")]
    word = "#if"
    for when in node.whens:
        boolean = implied(node, when)
        inner = (
            [_pad(depth + 1, boolean.flag)]
            if boolean
            else [line for c in when.children for line in _node(c, place, depth + 1)]
        )
        if inner:
            lines += [_pad(depth, f"{word} str(${selector}) == '{when.value}'"), *inner]
            word = "#elif"
    return lines + ([_pad(depth, "#end if")] if word == "#elif" else [])


def _repeat(item: Input, place: str, depth: int) -> list[str]:
    fields = [f.name for f in item.fields] or [item.name]
    value = item.separator.join(f"${{each.{name}}}" for name in fields)
    return [
        _pad(depth, f"#for $each in ${place}{item.name}"),
        _pad(depth + 1, f"{item.flag} '{value}'"),
        _pad(depth, "#end for"),
    ]


def _once(item: Input, place: str, depth: int) -> list[str]:
    name = f"${place}{item.name}"
    if item.type == "boolean":
        return [_pad(depth, name)]
    if item.type == "data":
        return _data(item, name, depth)
    if item.multiple:
        loop = [f"#for $each in {name}", f"{_STEP}{item.flag} '$each'", "#end for"]
        if not item.at_least:
            loop = [f"#if {name}", *(_STEP + line for line in loop), "#end if"]
        return [_pad(depth, line) for line in loop]
    if item.required or (item.default is not None and not item.optional):
        return [_pad(depth, f"{item.flag} '{name}'")]
    test = f"str({name}) != ''" if item.type in ("integer", "float") else name
    return [_pad(depth, f"#if {test}"), _pad(depth + 1, f"{item.flag} '{name}'"), _pad(depth, "#end if")]


def _data(item: Input, name: str, depth: int) -> list[str]:
    """Files are given by their links."""
    if item.multiple:
        loop = [f"#for $each in ${item.name}_files", f"{_STEP}{item.flag} '$each'", "#end for"]
        return [_pad(depth, line) for line in loop]
    if item.required:
        return [_pad(depth, f"{item.flag} '${item.name}_file'")]
    return [_pad(depth, f"#if {name}"), _pad(depth + 1, f"{item.flag} '${item.name}_file'"), _pad(depth, "#end if")]


def _output(tool: Tool, shown: Form, output: Output) -> list[str]:
    terms = [f"'{output.name}' in ${OUTPUTS}"]
    for path, values in condition_terms(tool, shown, output):
        terms.append(f"str(${'.'.join(path)}) in {list(values)}")
    # a folder is made in the job's directory, where its parts are found
    target = f"{'' if artifact(output.artifact).parts else '$'}{OUTPUT_PREFIX}{output.name}"
    return [
        _pad(1, f"#if {' and '.join(terms)}"),
        _pad(2, f"{output_flag(output)} '{target}'"),
        _pad(1, "#end if"),
    ]

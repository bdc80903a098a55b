"""Links to the datasets under their names, so that messages and reports name them and no path of the server.

A dataset `clash.tsv` given as the second annotation becomes `annotation_2/clash.tsv`;
all but letters, digits and `_ . -` of its name is replaced, and so are dots that it begins with: one called `..`
is not a way out of its folder.
"""

from __future__ import annotations

from typing import Any

from prognomics.spec.model import Conditional, Input, Section

_STEP = "    "
_NAME = "(re.sub('^[.]+', '_', re.sub('[^A-Za-z0-9_.-]', '_', str(${}.element_identifier))[-100:]) or '_')"


def link_lines(nodes: tuple[Any, ...]) -> list[str]:
    """The part of a command before the tool is called."""
    lines = [line for node in nodes for line in _node(node, "")]
    return ["#import re", *lines] if lines else []


def _node(node: Any, place: str) -> list[str]:
    if isinstance(node, Section):
        return [line for c in node.children for line in _node(c, f"{place}{node.name}.")]
    if isinstance(node, Conditional):
        return _conditional(node, f"{place}{node.name}.")
    if node.type != "data":
        return []
    return _several(node, place + node.name) if node.multiple else _one(node, place + node.name)


def _conditional(node: Conditional, place: str) -> list[str]:
    lines, word = [], "#if"
    for when in node.whens:
        inner = [_STEP + line for c in when.children for line in _node(c, place)]
        if inner:
            lines += [f"{word} str(${place}{node.selector.name}) == '{when.value}'", *inner]
            word = "#elif"
    return [*lines, "#end if"] if lines else []


def _one(item: Input, source: str) -> list[str]:
    lines = [
        f"#set ${item.name}_file = '{item.name}/' + {_NAME.format(source)}",
        f"mkdir {item.name} &&",
        f"ln -s '${source}' '${item.name}_file' &&",
    ]
    return lines if item.required else [f"#if ${source}", *(_STEP + line for line in lines), "#end if"]


def _several(item: Input, source: str) -> list[str]:
    lines = [
        f"#for $number, $each in enumerate(${source}, 1)",
        f"{_STEP}#set $link = '{item.name}_%d/' % $number + {_NAME.format('each')}",
        f"{_STEP}#silent ${item.name}_files.append($link)",
        f"{_STEP}mkdir '{item.name}_$number' &&",
        f"{_STEP}ln -s '$each' '$link' &&",
        "#end for",
    ]
    if not item.at_least:
        lines = [f"#if ${source}", *(_STEP + line for line in lines), "#end if"]
    return [f"#set ${item.name}_files = []", *lines]

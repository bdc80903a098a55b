"""The hands-on boxes of a tutorial in the form of Galaxy's training network, as calls of tools.

A box names a tool (`{% tool [name](id) %}`) and, bullet by bullet, what is entered in its form, by its own labels:

    > 1. {% tool [Prognomics: normalize expression](prognomics_normalize) %} with the following parameters:
    >    - {% icon param-file %} *"Expression matrix"*: `matrix.tsv`
    >    - *"Method"*: `Automatic`

A file is the name of an upload, or an output of an earlier tool, as in
`Groups` (output of **Prognomics: dichotomize a marker**).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from prognomics.errors import BadInput
from prognomics.generate.to_galaxy_form import Form, form, repeated
from prognomics.spec.loader import load_tool, panel_title, suite
from prognomics.spec.model import Conditional, Input, Section, Tool

_TOOL = re.compile(r"^>\s*\d+\.\s+\{% tool \[(.+?)\]\((\w+)\) %\}")
_BULLET = re.compile(r"^>(\s*)- (.*)$")
_LABEL = re.compile(r'\*"(.+?)"\*')
_VALUE = re.compile(r"`([^`]+)`(?:\s*\(output of \*\*(.+?)\*\*)?")
_OUTPUTS = "Outputs"


@dataclass(frozen=True)
class Made:
    """An output of an earlier tool, by the tool's name in the panel and the output's label."""

    tool: str
    label: str


@dataclass(frozen=True)
class Uploaded:
    """A file or collection that was uploaded."""

    name: str
    collection: bool = False


@dataclass
class Bullet:
    """One line of a box with what is indented below it."""

    label: str
    values: list[str | Made]
    collection: bool = False
    children: list[Bullet] = field(default_factory=list)


@dataclass(frozen=True)
class Call:
    """A tool with its options by name, as the command line has them, and the outputs that are ticked."""

    tool: Tool
    title: str
    options: dict[str, Any]
    outputs: list[str]


def tutorial_calls(text: str, where: str) -> list[Call]:
    """The calls of a tutorial in their order.

    Raises
    ------
    BadInput
        A box names a tool, a label or a choice that the forms do not have.
    """
    calls = []
    lines = text.splitlines()
    for number, line in enumerate(lines):
        found = _TOOL.match(line)
        if found:
            calls.append(_call(found.group(1), found.group(2), _bullets(lines[number + 1 :]), f"{where}:{number + 1}"))
    return calls


def _bullets(lines: list[str]) -> list[Bullet]:
    """The bullets that follow a line, as a tree by indentation."""
    top: list[Bullet] = []
    open_at: list[tuple[int, list[Bullet]]] = [(-1, top)]
    for line in lines:
        found = _BULLET.match(line)
        if not found:
            break
        depth, text = len(found.group(1)), found.group(2)
        label = _LABEL.search(text)
        values = [Made(tool, value) if tool else value for value, tool in _VALUE.findall(text)]
        bullet = Bullet(label.group(1) if label else text, values, "param-collection" in text)
        while open_at[-1][0] >= depth:
            open_at.pop()
        open_at[-1][1].append(bullet)
        open_at.append((depth, bullet.children))
    return top


def _call(title: str, tool_id: str, bullets: list[Bullet], where: str) -> Call:
    tool = load_tool(tool_id.removeprefix(f"{suite()['id']}_"))
    if panel_title(tool) != title:
        raise BadInput(f"the tool {tool_id} is called {panel_title(tool)!r}, not {title!r}", where=where)
    shown = form(tool)
    filler = _Filler(where)
    filler.fill((*shown.nodes, *shown.formats.values()), [b for b in bullets if b.label != _OUTPUTS])
    return Call(tool, title, filler.options, _outputs(shown, bullets, where))


def _outputs(shown: Form, bullets: list[Bullet], where: str) -> list[str]:
    """The outputs that are ticked: by default as the form has them."""
    labels = {o.label: o.name for o in shown.outputs}
    ticked = [str(value) for b in bullets if b.label == _OUTPUTS for value in b.values]
    unknown = [value for value in ticked if value not in labels]
    if unknown:
        raise BadInput(f"there is no output {unknown[0]!r}", where=where, hint=f"there are: {', '.join(labels)}")
    return [labels[v] for v in ticked] or [o.name for o in shown.outputs if o.selected and not o.conditions]


class _Filler:
    def __init__(self, where: str):
        self.where = where
        self.options: dict[str, Any] = {}

    def fill(self, nodes: tuple[Any, ...], bullets: list[Bullet]) -> None:
        labels = {_label(node): node for node in nodes}
        for bullet in bullets:
            node = labels.get(bullet.label)
            if node is None:
                raise BadInput(f"the form has no {bullet.label!r} there", where=self.where,
                               hint=f"it has: {', '.join(labels)}")  # fmt: skip
            if isinstance(node, Section):
                self.fill(node.children, bullet.children)
            elif isinstance(node, Conditional):
                value = self._choice(node.selector, bullet.values[0])
                if not node.inferred:
                    self.options[node.selector.name] = value
                self.fill(next(w.children for w in node.whens if w.value == value), bullet.children)
            elif repeated(node):
                self.options[node.name] = [self._block(node, block) for block in bullet.children]
            else:
                self.options[node.name] = self._value(node, bullet)

    def _block(self, item: Input, block: Bullet) -> Any:
        inner = _Filler(self.where)
        fields = item.fields if item.type == "repeat" else (replace(item, multiple=False),)
        inner.fill(tuple(fields), block.children)
        values = [inner.options[f.name] for f in fields]
        return item.separator.join(str(v) for v in values) if item.type == "repeat" else values[0]

    def _value(self, item: Input, bullet: Bullet) -> Any:
        if item.type == "data":
            files = [v if isinstance(v, Made) else Uploaded(v, bullet.collection) for v in bullet.values]
            return files if item.multiple else files[0]
        if item.type == "select":
            chosen = [self._choice(item, value) for value in bullet.values]
            return chosen if item.multiple else chosen[0]
        value = str(bullet.values[0])
        if item.type == "boolean":
            return {"Yes": True, "No": False}[value]
        return value

    def _choice(self, item: Input, value: str | Made) -> str:
        for option in item.options:
            if option.label == value:
                return option.value
        raise BadInput(f"{item.label!r} has no choice {value!r}", where=self.where,
                       hint=f"it has: {', '.join(o.label for o in item.options)}")  # fmt: skip


def _label(node: Any) -> str:
    if isinstance(node, Section):
        return node.title
    return node.selector.label if isinstance(node, Conditional) else node.label

"""The state of a tool's form in a Galaxy workflow: its values, and which of them come from other steps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from prognomics.generate.to_galaxy_form import Form, chosen, implied, repeated
from prognomics.generate.to_galaxy_inputs import OUTPUTS
from prognomics.spec.model import Input, Section, Tool

CONNECTED = {"__class__": "ConnectedValue"}
FORMATS = {"matrix": "h5ad", "plot": "png"}


@dataclass(frozen=True)
class Source:
    """What makes a value: an input of the workflow, or an output of a step."""

    step: str
    output: str = "output"


Connections = dict[str, list[Source]]


def form_state(
    tool: Tool, shown: Form, options: dict[str, Any], outputs: list[str]
) -> tuple[dict[str, Any], Connections]:
    """The whole state of a form, defaults included, and its connections by path (`where_0|where`).

    Parameters
    ----------
    options : dict
        Values by input name; a `Source`, or a list that holds some, where a value comes from elsewhere.
    outputs : list of str
        The outputs that are ticked.

    Raises
    ------
    ValueError
        If the form cannot be filled so.
    """
    filler = _Filler(tool, options)
    state = filler.nodes(shown.nodes, "")
    state[OUTPUTS] = outputs
    state |= {item.name: options.get(item.name, FORMATS[kind]) for kind, item in shown.formats.items()}
    unsaid = set(options) - filler.said - {i.name for i in shown.formats.values()}
    if unsaid:
        raise ValueError(f"{tool.id}: the form of Galaxy cannot be filled with {', '.join(sorted(unsaid))}")
    return state, filler.connections


class _Filler:
    def __init__(self, tool: Tool, options: dict[str, Any]):
        self.tool, self.options = tool, options
        self.connections: Connections = {}
        self.said: set[str] = set()

    def nodes(self, nodes: tuple[Any, ...], place: str) -> dict[str, Any]:
        state: dict[str, Any] = {}
        for node in nodes:
            state[node.name] = self._node(node, place + node.name)
        return state

    def _node(self, node: Any, path: str) -> Any:
        if isinstance(node, Section):
            return self.nodes(node.children, f"{path}|")
        if not isinstance(node, Input):
            when = chosen(node, self.options, self.tool.id)
            boolean = implied(node, when)
            self.said |= {node.selector.name, *([boolean.name] if boolean else [])}
            inner = {} if boolean else self.nodes(when.children, f"{path}|")
            return {node.selector.name: when.value, "__current_case__": node.whens.index(when), **inner}
        self.said.add(node.name)
        value = self.options.get(node.name)
        return self._blocks(node, value, path) if repeated(node) else self._value(node, value, path)

    def _blocks(self, item: Input, value: Any, path: str) -> list[dict[str, Any]]:
        blocks = []
        for number, one in enumerate(value if isinstance(value, list) else [] if value is None else [value]):
            place = f"{path}_{number}|"
            if item.type == "repeat":
                parts = one if isinstance(one, (list, tuple)) else str(one).split(item.separator, len(item.fields) - 1)
                fields = list(zip(item.fields, parts, strict=True))
            else:
                fields = [(replace(item, multiple=False), one)]
            blocks.append({"__index__": number, **{f.name: self._value(f, v, place + f.name) for f, v in fields}})
        return blocks

    def _value(self, item: Input, value: Any, path: str) -> Any:
        sources = [v for v in (value if isinstance(value, list) else [value]) if isinstance(v, Source)]
        if sources:
            self.connections[path] = list(dict.fromkeys(sources))
            return dict(CONNECTED)
        if item.type == "data":
            return None
        value = item.default if value is None else value
        if isinstance(value, list):
            return [str(v) for v in value]
        return value if value is None or isinstance(value, bool) else str(value)

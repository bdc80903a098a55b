"""The form of a tool as Galaxy shows it: which inputs, in what order, and which choices remain.

The form is made of the model's own classes, so that inputs, command and tests
of a wrapper are written from one tree.
"""

from __future__ import annotations

import keyword
from dataclasses import dataclass, replace
from typing import Any

from prognomics.data.registry import artifact
from prognomics.spec.loader import flatten, suite
from prognomics.spec.model import Conditional, Input, Option, Output, Section, Tool, When

ENGINE = "galaxy"
ENDPOINT_COLUMNS = ("time_column", "event_column")
OF_AN_ENDPOINT = ("censor_at",)
FORMAT_INPUTS = {"plot": "plot_format", "matrix": "matrix_format"}
RECORD = Output("record", "run_record", "Run record", "Parameters, versions, checksums and warnings of this run.")
UNSAFE_KINDS = ("path", "url")
TEMPLATE_NAMES = ("each", "link", "number", "outputs", "re", *keyword.kwlist)


class NotOffered(Exception):
    """Nothing of the tool is left to choose in Galaxy."""


@dataclass(frozen=True)
class Form:
    """The nodes of a form in order, and the selects that decide the format of outputs, by artifact kind."""

    nodes: tuple[Any, ...]
    formats: dict[str, Input]
    outputs: tuple[Output, ...]


def form(tool: Tool) -> Form:
    """The form of a tool.

    Raises
    ------
    NotOffered
        If the spec exposes nothing of it to Galaxy.
    ValueError
        If the form would lack a required input, or offer a path or address of a server.
    """
    if ENGINE not in tool.expose:
        raise NotOffered(tool.id)
    formats = {kind: tool.input(name) for kind, name in FORMAT_INPUTS.items()
               if any(i.name == name for i in tool.inputs)
               and any(artifact(o.artifact).kind == kind for o in tool.outputs)}  # fmt: skip
    formats = {kind: _format_choice(tool, item, kind) for kind, item in formats.items()}
    pruned = _pruned(tool, _anchored(tool, {i.name for i in formats.values()}))
    return Form(pruned, formats, (*tool.outputs, RECORD))


# ------------------------------------------------------------------ order


def _anchored(tool: Tool, last: set[str]) -> tuple[Any, ...]:
    """The form's nodes with each common input after the one that brought it in."""
    common = {n.name: n for n in tool.tree if isinstance(n, Input) and n.common}
    nodes: tuple[Any, ...] = tuple(n for n in tool.tree if getattr(n, "name", "") not in common)
    for group in suite()["common"]:
        found = [common[n["name"]] for n in group["inputs"] if n["name"] in common and n["name"] not in last]
        placed = _after(nodes, group["when"], found)
        nodes = nodes + tuple(found) if found and placed == nodes else placed
    return _with_endpoint_choice(nodes)


def _after(nodes: tuple[Any, ...], rule: dict[str, str], found: list[Input]) -> tuple[Any, ...]:
    """The nodes with `found` after the first input that the rule means; in branches, in each that has one."""
    for at, node in enumerate(nodes):
        if isinstance(node, Input):
            inside: tuple[Any, ...] = (node, *found) if _means(rule, node) else (node,)
        elif isinstance(node, Section):
            inside = (replace(node, children=_after(node.children, rule, found)),)
        else:
            whens = tuple(replace(w, children=_after(w.children, rule, found)) for w in node.whens)
            inside = (replace(node, whens=whens),)
        if inside != (node,):
            return (*nodes[:at], *inside, *nodes[at + 1 :])
    return nodes


def _means(rule: dict[str, str], item: Input) -> bool:
    if "input_artifact" in rule:
        return item.artifact == rule["input_artifact"]
    return item.type == rule.get("input_type")


def _with_endpoint_choice(nodes: tuple[Any, ...]) -> tuple[Any, ...]:
    """An endpoint is named or given by two columns: one choice instead of several fields, with what goes with it."""
    columns = {n.name: n for n in nodes if isinstance(n, Input) and n.name in ENDPOINT_COLUMNS}
    beside = [n for n in nodes if isinstance(n, Input) and n.name in OF_AN_ENDPOINT]
    made: list[Any] = []
    for node in nodes:
        if isinstance(node, Section):
            made.append(replace(node, children=_with_endpoint_choice(node.children)))
        elif isinstance(node, Conditional):
            whens = tuple(replace(w, children=_with_endpoint_choice(w.children)) for w in node.whens)
            made.append(replace(node, whens=whens))
        elif len(columns) < len(ENDPOINT_COLUMNS):
            made.append(node)
        elif node.type == "endpoint":
            made.append(_endpoint_choice(node, [columns[n] for n in ENDPOINT_COLUMNS], beside))
        elif node.name not in columns and node not in beside:
            made.append(node)
    return tuple(made)


def _endpoint_choice(endpoint: Input, columns: list[Input], beside: list[Input]) -> Conditional:
    options = [Option("name", "An endpoint of the sample sheet"), Option("columns", "Two columns of the sample sheet")]
    whens = [When("name", (replace(endpoint, optional=False), *beside)),
             When("columns", (*(replace(c, optional=False) for c in columns), *beside))]  # fmt: skip
    if endpoint.optional:
        options.insert(0, Option("none", "None"))
        whens.insert(0, When("none", ()))
    selector = Input("endpoint_from", "select", endpoint.label,
                     "Where time and event come from. " + (endpoint.help if endpoint.optional else ""),
                     default=options[0].value, options=tuple(options))  # fmt: skip
    return Conditional("endpoint_choice", selector, tuple(whens), inferred=True)


def _format_choice(tool: Tool, item: Input, kind: str) -> Input:
    outputs = [o.label for o in tool.outputs if artifact(o.artifact).kind == kind]
    return replace(item, optional=False, default=item.default or item.options[0].value,
                   help=f"Format of: {', '.join(outputs)}.")  # fmt: skip


# ------------------------------------------------------------------ what is offered


def _pruned(tool: Tool, nodes: tuple[Any, ...]) -> tuple[Any, ...]:
    kept: list[Any] = []
    for node in nodes:
        if isinstance(node, Section):
            children = _pruned(tool, node.children)
            kept += [replace(node, children=children)] if children else []
        elif isinstance(node, Conditional):
            kept.append(_pruned_conditional(tool, node))
        elif ENGINE in node.expose:
            offered = _offered(tool, node)
            kept += [] if _settled(offered) else [offered]
        elif node.required:
            raise ValueError(f"{tool.id}: the required input {node.name} is not exposed to Galaxy")
    return tuple(kept)


def _settled(item: Input) -> bool:
    """Whether nothing is left to choose: of a select only the default is offered."""
    return item.type == "select" and [o.value for o in item.options] == [item.default]


def _pruned_conditional(tool: Tool, node: Conditional) -> Conditional:
    selector = _offered(tool, node.selector)
    offered = [o.value for o in selector.options]
    whens = {w.value: When(w.value, _pruned(tool, w.children)) for w in node.whens if w.value in offered}
    return replace(node, selector=selector, whens=tuple(whens.get(v, When(v, ())) for v in offered))


def _offered(tool: Tool, item: Input) -> Input:
    if item.name in TEMPLATE_NAMES:
        raise ValueError(f"{tool.id}: the name {item.name} has a meaning of its own in Galaxy's templates")
    if item.kind in UNSAFE_KINDS:
        raise ValueError(f"{tool.id}: a form must not offer {item.name}, a {item.kind} of the server")
    options = tuple(o for o in item.options if ENGINE in o.expose)
    if item.options and not options:
        if item.required or item.default is not None:
            raise NotOffered(f"{tool.id}: nothing is left to choose of {item.name}")
        raise ValueError(f"{tool.id}: no option of {item.name} is exposed to Galaxy")
    return replace(item, options=options)


# ------------------------------------------------------------------ reading a form


def repeated(item: Input) -> bool:
    """Whether an input becomes a block that can be added several times."""
    return item.type == "repeat" or (item.multiple and item.type in ("text", "integer", "float", "endpoint"))


def implied(conditional: Conditional, when: When) -> Input | None:
    """The boolean that a branch represents: alone in an inferred branch, it is passed and not asked."""
    if conditional.inferred and len(when.children) == 1:
        child = when.children[0]
        if isinstance(child, Input) and child.type == "boolean":
            return child
    return None


def chosen(conditional: Conditional, options: dict[str, Any], where: str) -> When:
    """The branch that options take: as its selector states, or as the inputs that are given imply.

    Raises
    ------
    ValueError
        If the form does not offer it; `where` states whose options they are.
    """
    value = _branch(conditional, options)
    for when in conditional.whens:
        if when.value == value:
            return when
    raise ValueError(f"{where}: Galaxy's form does not offer {value} of {conditional.selector.name}")


def _branch(node: Conditional, options: dict[str, Any]) -> str:
    if not node.inferred:
        return str(options.get(node.selector.name, node.selector.default))
    inputs = {w.value: flatten(w.children) for w in node.whens}
    given = {v: [i for i in items if i.name in options] for v, items in inputs.items()}
    full = [v for v, items in inputs.items() if given[v] and all(i in given[v] for i in items if i.required)]
    empty = [v for v, items in inputs.items() if not items]
    return (full or [v for v in given if given[v]] or empty or [node.selector.default])[0]


def selector_paths(nodes: tuple[Any, ...], prefix: tuple[str, ...] = ()) -> dict[str, tuple[str, ...]]:
    """Where each select is in the form: the names of the groups around it, and its own."""
    paths: dict[str, tuple[str, ...]] = {}
    for node in nodes:
        if isinstance(node, Section):
            paths |= selector_paths(node.children, (*prefix, node.name))
        elif isinstance(node, Conditional):
            paths[node.selector.name] = (*prefix, node.name, node.selector.name)
            for when in node.whens:
                paths |= selector_paths(when.children, (*prefix, node.name))
        elif node.type == "select":
            paths[node.name] = (*prefix, node.name)
    return paths


def galaxy_formats(kind: str) -> list[str]:
    """Datatypes that an artifact is read from; Galaxy calls tab-separated text `tabular` or `tsv`."""
    found: list[str] = []
    for known in artifact(kind).formats:
        found += [known.galaxy, *(["tsv"] if known.galaxy == "tabular" else [])]
    return list(dict.fromkeys(found))

"""Read tool specs into the model, and find tools: built in, installed as plugins, or in folders."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from prognomics.errors import UsageError, near_names
from prognomics.spec.former_keys import read_tool_spec
from prognomics.spec.in_report import OTHER, in_report
from prognomics.spec.model import ENGINES, Case, Condition, Conditional, Input, Option, Output, Section, Tool, When
from prognomics.spec.plugins import plugin_folders
from prognomics.spec.shipped_yaml import package_folder, read_yaml, specs_folder
from prognomics.warning_codes import declare_codes

SUITE = "suite"  # the file beside the specs that is no tool


@cache
def suite() -> dict[str, Any]:
    """What all tools share (`tool_specs/suite.yml`)."""
    result: dict[str, Any] = read_yaml(specs_folder() / "suite.yml")
    return result


# ------------------------------------------------------------------ finding


def _builtin_names() -> list[str]:
    return sorted(p.stem for p in specs_folder().glob("*.yml") if p.stem != SUITE)


def _plugin_specs() -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder in plugin_folders():
        if not folder.is_dir():
            raise UsageError(f"the tool path {str(folder)!r} is not a folder")
        for path in sorted(folder.glob("*.yml")):
            found.setdefault(path.stem, path)
    return found


def tool_names() -> list[str]:
    """Names of all tools, built in and plugins, sorted."""
    return sorted({*_builtin_names(), *_plugin_specs()})


def is_own_name(name: str) -> bool:
    """Whether a tool of that name (`_` and `-` alike) is the suite's own."""
    name = name.replace("-", "_")
    return name != SUITE and (specs_folder() / f"{name}.yml").is_file()


def load_tool(name: str) -> Tool:
    """The tool of that name (`_` and `-` alike).

    Raises
    ------
    UsageError
        If there is no such tool.
    """
    name = name.replace("-", "_")
    if is_own_name(name):
        return _cached(specs_folder() / f"{name}.yml", package_folder("prognomics.tools") / f"{name}.py")
    plugins = _plugin_specs()
    if name in plugins:
        from prognomics.spec.schema import check_tool_file

        check_tool_file(plugins[name])
        return _cached(plugins[name], plugins[name].with_suffix(".py"))
    near = near_names(name, tool_names())
    raise UsageError(f"there is no tool {name!r}", hint=f"did you mean {' or '.join(near)}?" if near else "")


def panel_title(tool: Tool) -> str:
    """The name of a tool among those of other suites, as in Galaxy's panel."""
    return f"{suite()['name']}: {tool.name}"


@cache
def _cached(spec_path: Path, script_path: Path) -> Tool:
    return build_tool(read_tool_spec(spec_path), spec_path, script_path)


# ------------------------------------------------------------------ building


def _options(raw: list[Any]) -> tuple[Option, ...]:
    made = []
    for item in raw:
        item = {"value": item} if not isinstance(item, dict) else item
        value = str(item["value"])
        made.append(
            Option(
                value,
                str(item.get("label", value)),
                item.get("help", ""),
                tuple(item.get("expose", ENGINES)),
                tuple(item.get("aliases", [])),
            )
        )
    return tuple(made)


def _input(raw: dict[str, Any], conditions: tuple[Condition, ...] = (), common: bool = False) -> Input:
    return Input(
        name=raw["name"], type=raw["type"], label=raw["label"], help=raw.get("help", ""),
        default=raw.get("default"), optional=raw.get("optional", False), multiple=raw.get("multiple", False),
        at_least=raw.get("at_least", 0), minimum=raw.get("min"), maximum=raw.get("max"),
        unit=raw.get("unit", ""), options=_options(raw.get("options", [])), pattern=raw.get("pattern", ""),
        kind=raw.get("kind", ""), example=str(raw.get("example", "")), artifact=raw.get("artifact", ""),
        fields=tuple(_input(f) for f in raw.get("fields", [])), separator=raw.get("separator", "="),
        needs=tuple(raw.get("needs", [])), expose=tuple(raw.get("expose", ENGINES)),
        conditions=conditions, common=common, exempt=raw.get("exempt", ""),
        named_after=raw.get("named_after", ""), repeated_rows=raw.get("repeated_rows", False),
        stream=raw.get("stream", False), competing=raw.get("competing", False),
        aliases=tuple(raw.get("aliases", [])),
    )  # fmt: skip


def _node(raw: dict[str, Any], conditions: tuple[Condition, ...] = (), common: bool = False) -> Any:
    if raw["type"] == "section":
        children = tuple(_node(c, conditions, common) for c in raw["inputs"])
        return Section(raw["name"], raw["title"], children, raw.get("expanded", False))
    if raw["type"] == "conditional":
        selector = _input(raw["selector"], conditions, common)
        inferred = raw.get("inferred", False)
        whens = []
        for value, children in raw["when"].items():
            inner = (*conditions, Condition(selector.name, (str(value),), inferred))
            whens.append(When(str(value), tuple(_node(c, inner, common) for c in children)))
        return Conditional(raw["name"], selector, tuple(whens), inferred)
    return _input(raw, conditions, common)


def flatten(nodes: tuple[Any, ...]) -> list[Input]:
    """All inputs of a form in order; one that is in several branches once, its conditions joined."""
    found: dict[str, Input] = {}

    def add(item: Input) -> None:
        if item.name in found:
            item = _join(found[item.name], item)
        found[item.name] = item

    def walk(node: Any) -> None:
        if isinstance(node, Section):
            for child in node.children:
                walk(child)
        elif isinstance(node, Conditional):
            if not node.inferred:
                add(node.selector)
            for when in node.whens:
                for child in when.children:
                    walk(child)
        else:
            add(node)

    for node in nodes:
        walk(node)
    return list(found.values())


def _join(first: Input, second: Input) -> Input:
    joined = {c.selector: c for c in first.conditions}
    for condition in second.conditions:
        earlier = joined.get(condition.selector, condition)
        values = tuple(dict.fromkeys(earlier.values + condition.values))
        joined[condition.selector] = replace(condition, values=values)
    return replace(first, conditions=tuple(joined.values()))


def _applies(rule: dict[str, Any], raw: dict[str, Any], inputs: list[Input], outputs: tuple[Output, ...]) -> bool:
    if "declares" in rule:
        return rule["declares"] in raw
    if "input_artifact" in rule:
        needed = rule["input_artifact"]
        return set([needed] if isinstance(needed, str) else needed) <= {i.artifact for i in inputs}
    if "output_artifact" in rule:
        return any(o.artifact == rule["output_artifact"] for o in outputs)
    if "output_look" in rule:
        return any(rule["output_look"] in o.look for o in outputs)
    if "input_type" in rule:
        return any(i.type == rule["input_type"] for i in inputs)
    return True


def _with_common(tree: tuple[Any, ...], nodes: tuple[Any, ...], heading: str | None) -> tuple[Any, ...]:
    """The form with common inputs at its end, those of one heading together."""
    if not heading or not nodes:
        return tree + nodes
    last = tree[-1] if tree and isinstance(tree[-1], Section) and tree[-1].name == heading else None
    if last:
        return (*tree[:-1], replace(last, children=last.children + nodes))
    return (*tree, Section(heading, suite()["sections"][heading], nodes))


def build_tool(raw: dict[str, Any], spec_path: Path, script_path: Path) -> Tool:
    """A tool from the YAML of its spec; common inputs of the suite are added."""
    declare_codes(raw.get("warning_codes", {}))
    tree = tuple(_node(n) for n in raw["inputs"])
    shown = in_report(raw.get("report", {}))
    outputs = tuple(
        Output(o["name"], o["artifact"], o["label"], o.get("help", ""), o.get("selected", True),
               tuple(o.get("look", [])),
               tuple(Condition(s, tuple(map(str, v if isinstance(v, list) else [v])))
                     for s, v in o.get("when", {}).items()),
               o.get("report", {}).get("section") or shown.section or OTHER)
        for o in raw["outputs"]
    )  # fmt: skip
    inputs = flatten(tree)
    taken = {i.name for i in inputs}
    for group in suite()["common"]:
        if _applies(group["when"], raw, inputs, outputs):
            nodes = [_node(n, common=True) for n in group["inputs"] if n["name"] not in taken]
            tree = _with_common(tree, tuple(nodes), group.get("section"))
            inputs += flatten(tuple(nodes))
    cases = tuple(
        Case(c["name"], c["shows"], c["options"], c.get("outputs", {}),
             c.get("fails", {}).get("exit_code", 0), tuple(c.get("fails", {}).get("stderr", [])),
             tuple(c.get("engines", ["cli"])), tuple(c.get("needs", [])))
        for c in raw.get("cases", [])
    )  # fmt: skip
    return Tool(
        id=raw["id"], name=raw["name"], summary=raw["summary"], tree=tree, inputs=tuple(inputs),
        outputs=outputs, cases=cases, help=raw.get("help", {}), citations=tuple(raw.get("citations", [])),
        edam=raw.get("edam", {}), expose=tuple(raw.get("expose", ENGINES)), spec_path=spec_path,
        script_path=script_path, raw=raw, patients=raw.get("patients", {}), in_report=shown,
        threads=raw.get("threads", 1),
    )  # fmt: skip

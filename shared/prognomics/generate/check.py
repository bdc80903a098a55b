"""Check specs: against the schema, against themselves, and against the script next to them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from prognomics.data.registry import artifact, artifact_names
from prognomics.errors import PrognomicsError, UsageError
from prognomics.spec.former_keys import read_tool_spec
from prognomics.spec.loader import build_tool, flatten, tool_names
from prognomics.spec.model import Conditional, Section, Tool
from prognomics.spec.schema import schema_problems
from prognomics.spec.shipped_yaml import read_yaml, specs_folder


def script_parameters(tool: Tool) -> list[str] | None:
    """Parameter names of the script's function, without running it; None if there is no such function."""
    module = ast.parse(tool.script_path.read_text(encoding="utf-8"))
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and node.name == tool.id:
            plain = not (node.args.defaults or node.args.vararg or node.args.kwarg or any(node.args.kw_defaults))
            return [a.arg for a in [*node.args.args, *node.args.kwonlyargs]] if plain else ["(has defaults)"]
    return None


def _nodes(nodes: tuple[Any, ...]) -> Iterator[Any]:
    for node in nodes:
        yield node
        if isinstance(node, Section):
            yield from _nodes(node.children)
        elif isinstance(node, Conditional):
            for when in node.whens:
                yield from _nodes(when.children)


def _script_problems(tool: Tool) -> Iterator[str]:
    if not tool.script_path.is_file():
        yield f"there is no script {tool.script_path.name} beside the spec"
        return
    wanted, found = [i.name for i in tool.parameters], script_parameters(tool)
    if found is None:
        yield f"{tool.script_path.name} holds no function {tool.id}"
    elif found != wanted:
        odd = sorted(set(wanted) ^ set(found)) or ["their order"]
        yield f"{tool.script_path.name}: the parameters differ from the spec's inputs: {', '.join(odd)}"


def _input_problems(tool: Tool) -> Iterator[str]:
    from prognomics.runtime.values import parse_all

    names = [i.name for i in tool.inputs]
    known = artifact_names()
    for item in tool.inputs:
        if item.artifact and item.artifact not in known:
            yield f"input {item.name}: there is no artifact {item.artifact}"
        for former in item.aliases:
            if former in names or sum(former in i.aliases for i in tool.inputs) > 1:
                yield f"input {item.name}: its former name {former} is that of another input"
        for needed in item.needs:
            if needed not in names:
                yield f"input {item.name} needs {needed}, which is no input"
        if item.named_after and not any(i.name == item.named_after and i.type == "data" and not i.multiple
                                        for i in tool.inputs):  # fmt: skip
            yield f"input {item.name} is named after {item.named_after}, which is no input of one file"
        if item.default is not None:
            try:
                parse_all(item, item.default)
            except UsageError as error:
                yield f"input {item.name}: its default is not allowed: {error.what}"
    for node in _nodes(tool.tree):
        if isinstance(node, Conditional):
            options = {o.value for o in node.selector.options}
            for when in node.whens:
                if when.value not in options:
                    yield f"conditional {node.name}: {when.value} is no option of {node.selector.name}"
            if node.inferred and node.selector.name in names:
                yield f"conditional {node.name}: the inferred selector {node.selector.name} is also an input"


def _output_problems(tool: Tool) -> Iterator[str]:
    known = artifact_names()
    for output in tool.outputs:
        if output.artifact not in known:
            yield f"output {output.name}: there is no artifact {output.artifact}"
        elif not any(form.write for form in artifact(output.artifact).formats):
            yield f"output {output.name}: files of {output.artifact} are read only; take another, such as result_table"
    tools = tool_names()
    for side in ("upstream", "downstream"):
        for name in tool.help.get(side, []):
            if name not in tools:
                yield f"help: {side} names {name}, which is no tool"


def _case_problems(tool: Tool) -> Iterator[str]:
    inputs, outputs = {i.name for i in tool.inputs}, {o.name for o in tool.outputs}
    names = [c.name for c in tool.cases]
    for name in {n for n in names if names.count(n) > 1}:
        yield f"two cases are called {name}"
    for case in tool.cases:
        for name in set(case.options) - inputs:
            yield f"case {case.name}: {name} is no input"
        for name in set(case.outputs) - outputs:
            yield f"case {case.name}: {name} is no output"


def tool_problems(path: Path, script: Path) -> list[str]:
    """All that is wrong with one spec: schema, references, script and coverage of its cases."""
    from prognomics.generate.coverage import uncovered

    try:
        raw = read_tool_spec(path)
    except PrognomicsError as error:
        return [str(error)]
    problems = schema_problems("tool", raw, path)
    if problems:
        return problems
    tool = build_tool(raw, path, script)
    if tool.id != path.stem:
        problems.append(f"the id {tool.id} differs from the file's name")
    for find in (_script_problems, _input_problems, _output_problems, _case_problems):
        problems += list(find(tool))
    if not any("there is no artifact" in p for p in problems):
        problems += list(uncovered(tool))
    names = [i.name for i in flatten(tool.tree)]
    problems += [f"two inputs are called {n}" for n in {n for n in names if names.count(n) > 1}]
    return [p if p.startswith(str(path)) else f"{path}: {p}" for p in problems]


def suite_problems() -> list[str]:
    """What is wrong with the suite file and the artifact definitions."""
    folder = specs_folder()
    problems = schema_problems("suite", read_yaml(folder / "suite.yml"), folder / "suite.yml")
    for path in sorted((folder / "artifacts").glob("*.yml")):
        raw = read_yaml(path)
        problems += schema_problems("artifact", raw, path)
        if raw.get("id") != path.stem:
            problems.append(f"{path}: the id {raw.get('id')} differs from the file's name")
    return problems

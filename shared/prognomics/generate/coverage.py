"""Which inputs, options, formats and outputs the cases of a tool exercise: computed, not promised."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from prognomics.data.registry import artifact
from prognomics.spec.model import Case, Input, Output, Tool


def _values(item: Input, case: Case) -> list[Any]:
    """The values that a case gives to an input, or its default."""
    value = case.options.get(item.name, item.default)
    return value if isinstance(value, list) else [] if value is None else [value]


def _differs(item: Input, case: Case) -> bool:
    if item.name not in case.options:
        return False
    value = case.options[item.name]
    result: bool = value != item.default
    return result


def input_gaps(item: Input, cases: tuple[Case, ...]) -> Iterator[str]:
    """What the cases leave untried of one input."""
    if item.exempt:
        return
    if not any(_differs(item, c) for c in cases):
        yield f"no case gives {item.name} a value other than its default"
    if item.type == "boolean":
        for side in (True, False):
            if not any(side in _values(item, c) for c in cases):
                yield f"no case has {item.name} {'on' if side else 'off'}"
    elif item.type == "select":
        for option in item.options:
            if "cli" in option.expose and not any(option.value in map(str, _values(item, c)) for c in cases):
                yield f"no case chooses {item.name} {option.value}"


def _input_format_gaps(tool: Tool, cases: tuple[Case, ...]) -> Iterator[str]:
    for kind in sorted({i.artifact for i in tool.parameters if i.type == "data"}):
        files = [str(f) for i in tool.inputs if i.artifact == kind for c in cases for f in _values(i, c)]
        endings = sorted((f.ending for f in artifact(kind).formats), key=len, reverse=True)
        found = {next((e for e in endings if f.endswith(e)), "") for f in files}
        if artifact(kind).kind == "matrix":
            for ending in endings:
                if ending not in found:
                    yield f"no case reads {kind} from {ending}: name such a file of test-data in a case's options"


def written_ending(output: Output, case: Case) -> str:
    """The ending of the file that a case asks an output to be written to."""
    return case.outputs[output.name].get("file") or artifact(output.artifact).formats[0].ending


def _output_gaps(tool: Tool, cases: tuple[Case, ...]) -> Iterator[str]:
    for output in tool.outputs:
        asked = [written_ending(output, c) for c in cases if output.name in c.outputs]
        if not asked:
            yield f"no case asks for the output {output.name}"
            continue
        for kind in artifact(output.artifact).formats:
            if kind.write and kind.ending not in asked:
                example = f"outputs: {{{output.name}: {{file: {kind.ending}, assert: [...]}}}}"
                yield f"no case writes {output.name} as {kind.ending}: give a case {example}"


def uncovered(tool: Tool) -> Iterator[str]:
    """What no case of the tool exercises; common inputs count over the whole suite (`common_gaps`)."""
    working = tuple(c for c in tool.cases if not c.exit_code)
    for item in tool.parameters:
        if "cli" in item.expose:
            yield from input_gaps(item, working)
    yield from _input_format_gaps(tool, working)
    yield from _output_gaps(tool, working)
    if not any(c.exit_code for c in tool.cases):
        yield "no case fails (with its exit code and message)"


def common_gaps(tools: list[Tool]) -> Iterator[str]:
    """What no case of any tool exercises of the options that the framework adds."""
    common = {i.name: i for tool in tools for i in tool.inputs if i.common}
    for name, item in sorted(common.items()):
        cases = tuple(c for t in tools for c in t.cases if not c.exit_code and any(i.name == name for i in t.inputs))
        for gap in input_gaps(item, cases):
            yield f"suite.yml: {gap}"

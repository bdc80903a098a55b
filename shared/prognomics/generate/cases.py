"""Run the cases of specs through the command line, in this process."""

from __future__ import annotations

import contextlib
import gzip
import io
import re
from pathlib import Path
from typing import Any

from prognomics.data.registry import artifact
from prognomics.generate.assertions import expand
from prognomics.generate.coverage import written_ending
from prognomics.runtime.guard import guarded
from prognomics.runtime.to_click import make_command, run_tool
from prognomics.spec.model import Case, Input, Tool

_ROLE = re.compile(r"^([a-z_]+=)?(.*)$")


def arguments(tool: Tool, case: Case, test_data: Path) -> list[str]:
    """The command line of a case's inputs."""
    words: list[str] = []
    for name, value in case.options.items():
        item = tool.input(name)
        for part in value if isinstance(value, list) else [value]:
            words += _words(item, part, test_data)
    return words


def _words(item: Input, value: Any, test_data: Path) -> list[str]:
    if item.type == "boolean":
        return [item.flag if value else f"--no-{item.flag[2:]}"]
    if item.type == "data" or item.kind == "path":
        role, name = _ROLE.match(str(value)).groups()
        value = f"{role or ''}{test_data / name}"
    return [item.flag, str(value)]


def run_case(tool: Tool, case: Case, test_data: Path, folder: Path) -> list[str]:
    """What is wrong with a case; empty if all holds. Outputs land in `folder`."""
    words = arguments(tool, case, test_data)
    wanted = [o for o in tool.outputs if o.name in case.outputs or (case.exit_code and not o.conditions)]
    paths = {}
    for output in wanted or tool.outputs[:1]:
        ending = written_ending(output, case) if output.name in case.outputs else ".out"
        paths[output.name] = folder / f"{case.name}.{output.name}{ending}"
        words += [output.flag, str(paths[output.name])]
    errors = io.StringIO()
    command = make_command(tool, run_tool)
    with contextlib.redirect_stderr(errors):
        code = guarded(lambda: command.main(words, f"prognomics {tool.id}", standalone_mode=False), debug=True)
    said = errors.getvalue()
    if code != case.exit_code:
        return [f"{tool.id}, {case.name}: exit code {code}, not {case.exit_code}: {said.strip()[-800:]}"]
    if case.exit_code:
        wrong = [f"the message does not say {text!r}: {said.strip()}" for text in case.stderr if text not in said]
        wrong += [f"{p.name} was left behind" for p in folder.iterdir() if p in paths.values() or ".part" in p.name]
    else:
        wrong = [w for name, path in paths.items() for w in output_faults(tool, case, name, path)]
    return [f"{tool.id}, {case.name}: {w}" for w in wrong]


def output_faults(tool: Tool, case: Case, name: str, path: Path) -> list[str]:
    """What an output lacks of what the case asserts, judged by Galaxy's own verifier."""
    said, kind = case.outputs[name], artifact(tool.output(name).artifact)
    faults = _file_faults(path, said.get("assert", []), kind.id)
    for file, assertions in said.get("files", {}).items():
        faults += _file_faults(path / file, assertions, kind.part_of(file)[0].artifact)
    return [f"{name}: {error}" for error in faults]


def _file_faults(path: Path, assertions: list[dict[str, Any]], kind: str) -> list[str]:
    """What a file lacks; of a folder, its list of names is looked at."""
    from galaxy.tool_util.verify.asserts import verify_assertions

    if not path.exists():
        return [f"{path.name} was not written"]
    content = "\n".join(sorted(p.name for p in path.iterdir())).encode() if path.is_dir() else path.read_bytes()
    if content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    faults = []
    for assertion in assertions:
        tag, attributes = expand(assertion, kind)
        try:
            verify_assertions(content, [{"tag": tag, "attributes": attributes, "children": []}])
        except AssertionError as error:
            faults.append(f"{path.name}: {str(error)[:1500]}")
    return faults

"""Compare what Galaxy made of each marked case with what the command line makes of it, byte by byte.

    same_bytes.py SERVER.json PLANEMO.json TEST_DATA

Runs in the suite's environment, which is also the one that Galaxy's jobs ran in.
"""

from __future__ import annotations

import json
import sys
import tempfile
import urllib.request
from pathlib import Path

from prognomics.data.registry import artifact
from prognomics.generate.cases import run_case
from prognomics.generate.to_galaxy_inputs import OUTPUT_PREFIX, part_name
from prognomics.spec.loader import load_tool, suite
from prognomics.spec.model import Case, Tool
from prognomics.study.differences import differences as file_differences


def marked_case(tested: dict) -> tuple[Tool, Case]:
    """The case that a test of planemo's report ran."""
    tool = load_tool(tested["tool_id"].removeprefix(f"{suite()['id']}_"))
    return tool, [c for c in tool.cases if "galaxy" in c.engines][tested["test_index"]]


def content(server: dict, dataset: str) -> bytes:
    address = f"{server['url']}/api/datasets/{dataset}/display?raw=true"
    request = urllib.request.Request(address, headers={"x-api-key": server["user_key"]})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()


def differences(server: dict, tested: dict, test_data: Path) -> tuple[int, list[str]]:
    """How many outputs of a test were compared, and what differs."""
    tool, case = marked_case(tested)
    if case.exit_code:
        return 0, []
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        wrong += run_case(tool, case, test_data, Path(folder))
        pairs = [pair for name in case.outputs for pair in made_by_both(server, tested, tool, case, name, Path(folder))]
        for name, made, path in pairs:
            if not same(content(server, made), path):
                wrong.append(f"{tool.id}, {case.name}: {name} differs from what the command line makes")
    return len(pairs), wrong


def same(galaxys: bytes, path: Path) -> bool:
    """Byte by byte; of archives the members, but for the dates in a crate's metadata."""
    if path.suffix != ".zip" or galaxys == path.read_bytes():
        return galaxys == path.read_bytes()
    other = path.with_suffix(".galaxy.zip")
    other.write_bytes(galaxys)
    return not list(file_differences(path, other, path.name))


def made_by_both(server: dict, tested: dict, tool: Tool, case: Case, name: str, folder: Path):
    """For each file of an output: its name, Galaxy's dataset, and what the command line made."""
    path = next(folder.glob(f"{case.name}.{name}.*"))
    output = tool.output(name)
    outputs = tested["job"]["outputs"]
    for part in artifact(output.artifact).parts:
        if part.file:
            yield part.file, outputs[part_name(output, part)]["id"], path / part.file
            continue
        collection = tested["job"]["output_collections"][part_name(output, part)]["id"]
        for element in answer(server, f"/api/dataset_collections/{collection}")["elements"]:
            file = element["element_identifier"] + part.each
            yield file, element["object"]["id"], path / file
    if not path.is_dir():
        yield name, outputs[OUTPUT_PREFIX + name]["id"], path


def answer(server: dict, address: str):
    """What Galaxy's API says."""
    request = urllib.request.Request(server["url"] + address, headers={"x-api-key": server["user_key"]})
    with urllib.request.urlopen(request, timeout=60) as said:
        return json.load(said)


def main(server_file: str, report_file: str, test_data: str) -> None:
    server = json.loads(Path(server_file).read_text())
    compared, wrong = 0, []
    for test in json.loads(Path(report_file).read_text())["tests"]:
        if test["data"]["status"] == "success":
            count, found = differences(server, test["data"], Path(test_data))
            compared += count
            wrong += found
    print(f"{compared} outputs compared with the command line's, {len(wrong)} differ")
    if wrong or not compared:
        sys.exit("\n".join(wrong) or "nothing was compared")


if __name__ == "__main__":
    main(*sys.argv[1:])

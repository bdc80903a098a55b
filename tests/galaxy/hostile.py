"""Hostile names, contents and texts in a running Galaxy: they do no harm, and appear escaped.

hostile.py SERVER.json FOLDER      FOLDER is Galaxy's; nothing there may be made by what is sent
"""

from __future__ import annotations

import json
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from server import request

NAME = "'; touch pwned #<script>alert(1)</script> $(touch pwned) `touch pwned` \u00fc \u202e.tsv"
VALUES = ("<script>alert(1)</script>", "'; touch pwned; '")
TEXTS = (
    "'; touch pwned #",
    "$(touch pwned)",
    "`touch pwned`",
    "<script>alert(1)</script>",
    "a\\' --debug",
    'a"b',
    "a;b",
    "${__import__('os').system('touch pwned')}",
)
WAIT_SECONDS = 240


class Client:
    """What is needed of Galaxy's API, as an ordinary user in a history of its own."""

    def __init__(self, server: dict[str, str]):
        self.url, self.key = server["url"], server["user_key"]
        self.history = self.call("POST", "/api/histories", {"name": "hostile"})["id"]

    def call(self, method: str, path: str, data: Any = None) -> Any:
        return request(self.url + path, self.key, method, data)

    def upload(self, name: str, text: str, extension: str = "tabular") -> str:
        element = {"src": "pasted", "paste_content": text, "name": name, "ext": extension}
        targets = [{"destination": {"type": "hdas"}, "elements": [element]}]
        made = self.call("POST", "/api/tools/fetch", {"history_id": self.history, "targets": targets})
        return self.finished(made["outputs"][0]["id"])

    def run(self, tool: str, inputs: dict[str, Any]) -> dict[str, str]:
        """Datasets of a job by output name."""
        made = self.call("POST", "/api/tools", {"tool_id": tool, "history_id": self.history, "inputs": inputs})
        return {o["output_name"]: self.finished(o["id"]) for o in made["outputs"]}

    def finished(self, dataset: str) -> str:
        end = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < end:
            state = self.call("GET", f"/api/datasets/{dataset}")
            if state["state"] == "ok":
                return dataset
            if state["state"] in ("error", "discarded", "paused"):
                raise SystemExit(f"{state['name']!r} failed: {state.get('misc_info')}")
            time.sleep(0.5)
        raise SystemExit(f"dataset {dataset} is not ready after {WAIT_SECONDS} s")

    def text(self, dataset: str) -> str:
        address = f"{self.url}/api/datasets/{dataset}/display?raw=true"
        asked = urllib.request.Request(address, headers={"x-api-key": self.key})
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return answer.read().decode()

    def command_line(self, dataset: str) -> str:
        job = self.call("GET", f"/api/datasets/{dataset}")["creating_job"]
        return self.call("GET", f"/api/jobs/{job}?full=true")["command_line"] or ""


def sheet() -> str:
    """A sample sheet whose groups are hostile; late in the file, where an upload's own check no longer looks."""
    rows = ["sample_id\tpatient_id\tcohort\ttissue_type\tos_time\tos_event\tcare \u00fc"]
    for i in range(240):
        care = "usual" if i < 120 else VALUES[i % 2]
        rows.append(f"S{i}\tP{i}\ta\tprimary\t{(i * 7) % 100 + 1}\t{i % 3 % 2}\t{care}")
    return "\n".join(rows) + "\n"


def inputs_of(samples: str, column: str) -> dict[str, Any]:
    return {
        "samples": {"src": "hda", "id": samples},
        "group_column": column,
        "endpoint_choice|endpoint_from": "name",
        "endpoint_choice|endpoint": "os",
        "outputs": ["summary", "plot", "record"],
        "plot_format": "svg",
    }


def refused(client: Client, inputs: dict[str, Any]) -> bool:
    try:
        client.call("POST", "/api/tools", {"tool_id": "prognomics_kaplan_meier", "history_id": client.history,
                                           "inputs": inputs})  # fmt: skip
    except urllib.error.HTTPError as error:
        return error.code == 400
    return False


def main(server_file: str, folder: str) -> None:
    client = Client(json.loads(Path(server_file).read_text()))
    samples = client.upload(NAME, sheet())
    wrong = []
    made = client.run("prognomics_kaplan_meier", inputs_of(samples, "care \u00fc"))
    if not all(value in client.text(made["out_summary"]) for value in VALUES):
        wrong.append("the table does not hold the groups as they are")
    if "pwned" in client.command_line(made["out_summary"]):
        wrong.append("the name of a dataset reached the command line")
    if "<script" in client.text(made["out_plot"]):
        wrong.append("a script stands unescaped in the plot")
    page = client.run("prognomics_report", {
        "record": {"batch": False, "values": [{"src": "hda", "id": made["out_record"]}]},
        "table": {"batch": False, "values": [{"src": "hda", "id": made["out_summary"]}]},
        "plot": {"batch": False, "values": [{"src": "hda", "id": made["out_plot"]}]},
        "outputs": ["html"],
    })  # fmt: skip
    html = client.text(page["out_html"])
    if "<script>alert" in html or "&lt;script&gt;alert" not in html:
        wrong.append("the report does not show the group escaped")
    for text in TEXTS:
        for place in ("group_column", "strata_0|strata", "where_0|where", "endpoint_choice|endpoint"):
            if not refused(client, {**inputs_of(samples, "cohort"), place: text}):
                wrong.append(f"{place} accepts {text!r}")
    wrong += [f"{path} was made" for path in Path(folder).rglob("pwned*")]
    print(f"hostile name and contents, {4 * len(TEXTS)} hostile texts: {len(wrong)} did harm or were let through")
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main(*sys.argv[1:])

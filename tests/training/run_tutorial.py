"""Do the steps of a tutorial on the command line, and look up the numbers that its answers state."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

from prognomics.data.registry import artifact
from prognomics.generate.training_steps import Call, Made, Uploaded
from prognomics.runtime.guard import guarded
from prognomics.runtime.to_click import make_command, run_tool

Files = dict[str, Path]
"""Of a collection the files by element, of a single file one without a name."""
VALUE = re.compile(r"<!-- value: (\w+) (\w+)(?: (\w+))?; (.+?); (.+?) -->")


class Runner:
    """Runs calls as a history would: outputs stay by tool and label; a list given to a single input is mapped over."""

    def __init__(self, folder: Path, uploads: dict[str, Files]):
        self.folder, self.uploads = folder, {name: self._named(folder, name, files) for name, files in uploads.items()}
        self.made: dict[Made, Files] = {}
        self.by_id: dict[tuple[str, str], Files] = {}

    @staticmethod
    def _named(folder: Path, collection: str, files: Files) -> Files:
        """Links with the names of the elements, as the wrappers make them."""
        made = {}
        for element, path in files.items():
            made[element] = folder / "uploads" / collection / element
            made[element].parent.mkdir(parents=True, exist_ok=True)
            made[element].symlink_to(path)
        return made

    def run(self, call: Call) -> None:
        single = [self._files(v) for v in call.options.values() if isinstance(v, (Made, Uploaded))]
        elements = list(dict.fromkeys(e for files in single for e in files)) or [""]
        for element in elements:
            self._one(call, element)

    def _files(self, value: Made | Uploaded) -> Files:
        return self.uploads[value.name] if isinstance(value, Uploaded) else self.made[value]

    def _one(self, call: Call, element: str) -> None:
        words: list[str] = []
        for name, value in call.options.items():
            item = call.tool.input(name)
            for part in value if isinstance(value, list) else [value]:
                words += self._words(item, part, element)
        for output in [o for o in call.outputs if o != "record"]:
            words += self._output(call, output, element)
        if "record" in call.outputs:
            words += ["--out-record", str(self._place(call, "record", "Run record", element, ".json"))]
        command = make_command(call.tool, run_tool)
        code = guarded(lambda: command.main(words, f"prognomics {call.tool.id}", standalone_mode=False), debug=True)
        assert code == 0, f"{call.title}: exit code {code} of {' '.join(words)}"

    def _words(self, item: Any, value: Any, element: str) -> list[str]:
        if item.type == "boolean":
            return [item.flag if value else f"--no-{item.flag[2:]}"]
        if item.name == "matrix_format":
            return []
        if not isinstance(value, (Made, Uploaded)):
            return [item.flag, str(value)]
        files = self._files(value)
        taken = list(files.values()) if item.multiple else [files.get(element) or files[""]]
        return [word for path in taken for word in (item.flag, str(path))]

    def _output(self, call: Call, name: str, element: str) -> list[str]:
        output = call.tool.output(name)
        kind = artifact(output.artifact).kind
        ending = {"matrix": ".h5ad", "plot": ".png"}.get(kind, artifact(output.artifact).formats[0].ending)
        return [output.flag, str(self._place(call, name, output.label, element, ending))]

    def _place(self, call: Call, name: str, label: str, element: str, ending: str) -> Path:
        path = self.folder / call.tool.id / (element or "all") / f"{name}{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        self.made.setdefault(Made(call.title, label), {})[element] = path
        self.by_id.setdefault((call.tool.id, name), {})[element] = path
        return path


def stated_values(text: str, by_id: dict[tuple[str, str], Files]) -> list[tuple[str, str]]:
    """What each `<!-- value: -->` comment of a tutorial means in the results, and the answer below it."""
    lines = text.splitlines()
    found = []
    for number, line in enumerate(lines):
        comment = VALUE.search(line)
        if not comment:
            continue
        rest = [other for other in lines[number + 1 :] if not VALUE.search(other)]
        answer = " ".join(re.sub(r"^[> ]+", "", other) for other in rest[:3])
        tool, output, element, where, columns = comment.groups()
        row = _row(by_id[tool, output][element or ""], where)
        for column in columns.split(", "):
            name, _, form = column.partition(":")
            found.append((format(float(row[name]), form) if form else row[name], answer))
    return found


def _row(path: Path, where: str) -> dict[str, str]:
    wanted = [condition.split("=", 1) for condition in where.split(",")]
    with open(path, encoding="utf-8", newline="") as handle:
        rows = [r for r in csv.DictReader(handle, delimiter="\t") if all(r[c] == v for c, v in wanted)]
    assert len(rows) == 1, f"{path.name}: {len(rows)} rows with {where}"
    return rows[0]

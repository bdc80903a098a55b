"""A study as one CWL workflow: a step per tool call of its plan, with the options of the study written out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from prognomics.data.registry import artifact
from prognomics.generate.publisher import published
from prognomics.generate.to_cwl import NETWORK_KINDS
from prognomics.runtime.code_files import is_builtin
from prognomics.spec.loader import load_tool, suite
from prognomics.spec.model import Input, Tool, flag
from prognomics.spec.plugins import plugin_at
from prognomics.study.file import Study
from prognomics.study.plan import Call, Plan, split_role

NOTICE = "#!/usr/bin/env cwl-runner\n# Written by `prognomics cwl export --study` from {name}: do not edit.\n"


def study_cwl(study: Study, plan: Plan) -> str:
    """The text of a CWL v1.2 workflow that does what `prognomics run` does.

    Files from outside are inputs of the workflow, with where they are now as the default. Each file that a step makes
    is an output of the workflow, named by its place in the folder of results with dots (`results.cox.table.tsv`).
    """
    import yaml

    writer = _Writer()
    for job in plan.jobs:
        for call in job.calls:
            writer.add(call)
    document = {
        "cwlVersion": "v1.2",
        "class": "Workflow",
        "label": study.raw["title"],
        "doc": " ".join(str(study.raw["question"]).split()),
        "requirements": {"MultipleInputFeatureRequirement": {}},
        "inputs": writer.outside,
        "steps": writer.steps,
        "outputs": writer.outputs,
    }
    text: str = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)
    return NOTICE.format(name=study.path.name) + text


class _Writer:
    def __init__(self) -> None:
        self.steps: dict[str, Any] = {}
        self.outside: dict[str, Any] = {}
        self.outputs: dict[str, Any] = {}
        self.makers: dict[str, str] = {}
        self.sources: dict[str, str] = {}

    def add(self, call: Call) -> None:
        tool = load_tool(call.tool)
        name = _word(str(Path(call.outputs["record"]).parent)) if "record" in call.outputs else call.tool
        name = tool.id if name in ("", "_", ".") else name
        arguments, inputs, ports = [], {}, {}
        for option, value in call.options.items():
            item = tool.input(option)
            if item.type == "data" or item.kind == "path":
                for number, one in enumerate(value if isinstance(value, list) else [value], start=1):
                    port = f"{option}_{number}" if isinstance(value, list) else option
                    if str(one).startswith("library:"):
                        arguments += [item.flag, str(one)]
                        continue
                    role, path = split_role(str(one))
                    inputs[port], ports[port] = self._port(item, role, path)
            else:
                arguments += _written(item, value)
        outputs = {}
        for output, path in call.outputs.items():
            file = ".".join(Path(path).parts)
            arguments += [flag(f"out_{output}"), file]
            kind = "run_record" if output == "record" else tool.output(output).artifact
            shape = "Directory" if artifact(kind).kind == "folder" else "File"
            outputs[f"out_{output}"] = {"type": shape, "outputBinding": {"glob": file}}
            self.makers[path] = f"{name}/out_{output}"
            self.outputs[_word(file)] = {"type": shape, "outputSource": self.makers[path]}
        self.steps[name] = {
            "label": tool.sentence,
            "in": ports,
            "out": list(outputs),
            "run": {**_tool_head(tool, call), "arguments": arguments, "inputs": inputs, "outputs": outputs},
        }

    def _port(self, item: Input, role: str, path: str) -> tuple[dict[str, Any], str]:
        """An input of a step, and what fills it."""
        binding = {"prefix": item.flag, **({"valueFrom": f"{role}$(self.path)"} if role else {})}
        shape = "Directory" if Path(path).is_absolute() and Path(path).is_dir() else "File"
        source = self.makers.get(path) or self._outside(path, shape)
        return {"type": shape, "inputBinding": binding}, source

    def _outside(self, path: str, shape: str) -> str:
        if path not in self.sources:
            name = base = _word(Path(path).name) or "file"
            while name in self.outside:
                name = f"{base}_{len(self.outside)}"
            self.sources[path] = name
            self.outside[name] = {"type": shape, "default": {"class": shape, "location": Path(path).as_uri()}}
        return self.sources[path]


def _tool_head(tool: Tool, call: Call) -> dict[str, Any]:
    packages = {name: {"version": [version]} for name, version in published(tool)["packages"].items()}
    here = [] if is_builtin(tool) or plugin_at(tool.spec_path.parent).installed else [str(tool.spec_path.parent)]
    head: dict[str, Any] = {
        "class": "CommandLineTool",
        "hints": {"SoftwareRequirement": {"packages": packages}},
        "baseCommand": [suite()["id"], *(word for folder in here for word in ("--tool-path", folder)), tool.id],
    }
    if any(i.kind in NETWORK_KINDS and i.name in call.options for i in tool.inputs):
        head["requirements"] = {"NetworkAccess": {"networkAccess": True}}
    return head


def _written(item: Input, value: Any) -> list[str]:
    """An option as words of the command line."""
    if item.type == "boolean":
        return [item.flag if value else f"--no-{item.flag[2:]}"]
    if item.type == "repeat":
        pairs = value.items() if isinstance(value, dict) else value if isinstance(value, list) else [value]
        texts = [item.separator.join(map(str, p)) if isinstance(p, (list, tuple)) else str(p) for p in pairs]
    else:
        texts = list(map(str, value if isinstance(value, list) else [value]))
    return [word for text in texts for word in (item.flag, text)]


def _word(text: str) -> str:
    """A name that CWL takes."""
    return re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_")

"""The workflow of a tutorial: its hands-on boxes as steps, so that the one cannot differ from the other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from prognomics.generate.galaxy_workflow_text import native
from prognomics.generate.to_galaxy_form import form, galaxy_formats
from prognomics.generate.to_galaxy_inputs import OUTPUT_PREFIX
from prognomics.generate.to_galaxy_state import Source, form_state
from prognomics.generate.to_galaxy_workflow import Workflow, WorkflowInput, WorkflowStep, tool_reference
from prognomics.generate.training_steps import Call, Made, Uploaded, tutorial_calls


def tutorial_workflow(path: Path) -> Workflow | None:
    """The workflow of a tutorial's boxes; none if it has no box that names a tool."""
    text = path.read_text(encoding="utf-8")
    calls = tutorial_calls(text, path.name)
    if not calls:
        return None
    head = front_matter(text)
    goals = "; ".join(goal[0].lower() + goal[1:] for goal in head["objectives"])
    declared = {
        "name": head["title"], "release": head["workflow_release"], "tags": head["tags"],
        "doc": f"This workflow does the steps of the tutorial of the same name: {goals}.",
    }  # fmt: skip
    return _Writer(Workflow(path.parent.name, declared)).written(calls)


def front_matter(text: str) -> dict[str, Any]:
    """The YAML before a tutorial's text."""
    import yaml

    found = re.match(r"^---\n(.*?)\n---\n", text, re.DOTALL)
    return dict(yaml.safe_load(found.group(1))) if found else {}


class _Writer:
    def __init__(self, workflow: Workflow):
        self.workflow = workflow
        self.sources: dict[Made, Source] = {}
        self.mapped: set[str] = set()

    def written(self, calls: list[Call]) -> Workflow:
        for call in calls:
            self._step(call)
        return self.workflow

    def _step(self, call: Call) -> None:
        name, shown = call.tool.id, form(call.tool)
        options = {option: self._filled(call, option, value) for option, value in call.options.items()}
        state, connections = form_state(call.tool, shown, options, call.outputs)
        of_one = [s for option, value in options.items() if isinstance(value, Source) for s in [value]]
        shape = "collection" if any(self._is_collection(s) for s in of_one) else "data"
        if shape == "collection":
            self.mapped.add(name)
        results: dict[str, str] = {}
        for item in shown.outputs:
            if item.name in call.outputs:
                label = f"{call.title}: {item.label}"
                source = Source(name, OUTPUT_PREFIX + item.name)
                self.sources[Made(call.title, item.label)] = source
                self.workflow.made[source] = WorkflowInput(
                    label, item.help, shape, tuple(galaxy_formats(item.artifact))
                )
                results |= {source.output: label} if item.name != "record" else {}
        self.workflow.steps[name] = WorkflowStep(
            name, call.title, f"{call.tool.summary[0].upper()}{call.tool.summary[1:]}.", tool_reference(call.tool),
            state, connections, results,
        )  # fmt: skip

    def _is_collection(self, source: Source) -> bool:
        item = self.workflow.inputs.get(source.step)
        return item.type == "collection" if item else source.step in self.mapped

    def _filled(self, call: Call, option: str, value: Any) -> Any:
        if isinstance(value, list):
            return [self._filled(call, option, one) for one in value]
        if isinstance(value, Made):
            return self.sources[value]
        if not isinstance(value, Uploaded):
            return value
        formats = tuple(galaxy_formats(call.tool.input(option).artifact))
        shape = "collection" if value.collection else "data"
        doc = f"{call.tool.input(option).label} of {call.title}."
        self.workflow.inputs.setdefault(value.name, WorkflowInput(value.name, doc, shape, formats))
        return Source(value.name)


def training_files(repository: Path) -> dict[str, str]:
    """The workflows of the tutorials under `docs/training`, by path."""
    files = {}
    for path in sorted(repository.glob("docs/training/*/tutorial.md")):
        workflow = tutorial_workflow(path)
        if workflow:
            files[f"docs/training/{path.parent.name}/workflows/main_workflow.ga"] = native(workflow)
    return files

"""Steps of a Galaxy workflow that belong together, as workflows within it: fewer nodes and lines for a reader.

A declaration names them under `groups`: label, doc, and the steps, which must follow each other.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

from prognomics.errors import BadInput
from prognomics.generate.to_galaxy_state import Connections, Source
from prognomics.generate.to_galaxy_workflow import Workflow, WorkflowInput, WorkflowStep


def grouped(workflow: Workflow) -> Workflow:
    """The same workflow, each declared group a single step with an inner workflow.

    Raises
    ------
    BadInput
        A group names a step that is not there or is in another group, or its steps do not follow each other.
    """
    groups = workflow.declared.get("groups", {})
    of_step = {step: name for name, said in groups.items() for step in said["steps"]}
    if len(of_step) < sum(len(said["steps"]) for said in groups.values()):
        raise BadInput("a step is in two groups", where=workflow.id)
    unknown = [step for step in of_step if step not in workflow.steps]
    if unknown:
        raise BadInput(f"a group names the step {unknown[0]!r}, which the workflow does not have", where=workflow.id)
    made = Workflow(workflow.id, workflow.declared, dict(workflow.inputs), {}, workflow.made)
    moved: dict[Source, Source] = {}
    for name, members in groupby(workflow.steps.values(), key=lambda step: of_step.get(step.name)):
        if name is None:
            made.steps |= {s.name: replace(s, connections=_moved(s.connections, moved)) for s in members}
            continue
        if name in made.steps:
            raise BadInput(f"the steps of the group {name!r} do not follow each other", where=workflow.id)
        made.steps[name] = _step(name, list(members), workflow, moved)
    return made


def _moved(connections: Connections, moved: dict[Source, Source]) -> Connections:
    return {path: [moved.get(s, s) for s in sources] for path, sources in connections.items()}


def _step(name: str, members: list[WorkflowStep], workflow: Workflow, moved: dict[Source, Source]) -> WorkflowStep:
    """The one step that takes the place of a group; `moved` learns where its outputs are then."""
    said = workflow.declared["groups"][name]
    inside = {step.name for step in members}
    taken = _sources(members)
    outer = [s for s in dict.fromkeys(taken) if s.step not in inside]
    entries = {s: _entry(s, workflow) for s in outer}
    inner = Workflow(f"{workflow.id}/{name}", {**workflow.declared, "name": said["label"], "doc": said["doc"]})
    inner.inputs = {entry.label: entry for entry in entries.values()}
    renamed = {s: Source(entry.label) for s, entry in entries.items()}
    elsewhere = _sources([s for s in workflow.steps.values() if s.name not in inside])
    needed = [s for s in dict.fromkeys(elsewhere) if s.step in inside]
    for step in members:
        shown = step.results | {s.output: workflow.made[s].label for s in needed if s.step == step.name}
        inner.steps[step.name] = replace(step, connections=_moved(step.connections, renamed), results=shown)
    results = {label: label for step in members for label in step.results.values()}
    connections = {entry.label: [moved.get(s, s)] for s, entry in entries.items()}
    moved |= {s: Source(name, workflow.made[s].label) for s in needed}
    return WorkflowStep(name, said["label"], said["doc"], ("", "", ""), {}, connections, results, inner)


def _sources(steps: list[WorkflowStep]) -> list[Source]:
    return [s for step in steps for sources in step.connections.values() for s in sources]


def _entry(source: Source, workflow: Workflow) -> WorkflowInput:
    """What enters a group: an input of the workflow, or the output of another step."""
    return workflow.inputs[source.step] if source.step in workflow.inputs else workflow.made[source]

"""Write a plan as a Galaxy workflow in which the cohorts are one list collection.

The chain of each cohort becomes one chain of steps that Galaxy maps over the
collection, so all cohorts of the study must be treated alike; what is fetched
becomes an input. With `cohorts: one` in the declaration there is no collection.
A declaration beside the study (`workflow.yml`) states what the inputs, parameters
and steps are called, and which options are left to the user.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from prognomics import __version__
from prognomics.errors import BadInput
from prognomics.generate.to_galaxy_form import Form, form, galaxy_formats
from prognomics.generate.to_galaxy_inputs import OUTPUT_PREFIX
from prognomics.generate.to_galaxy_state import CONNECTED, Connections, Source, form_state
from prognomics.spec.loader import load_tool, panel_title, suite
from prognomics.spec.model import Input, Tool
from prognomics.spec.shipped_yaml import read_yaml
from prognomics.study.file import read_study
from prognomics.study.plan import Call, Plan, make_plan

FETCHING = "fetch_cohort"
BUILD_LIST = ("__BUILD_LIST__", "1.2.0", "Build list")


@dataclass(frozen=True)
class WorkflowInput:
    """An input of the workflow: a collection of files, one file (`data`), or a parameter."""

    label: str
    doc: str
    type: str  # collection, data, or the type of a parameter
    formats: tuple[str, ...] = ()
    optional: bool = False
    default: Any = None


@dataclass(frozen=True)
class WorkflowStep:
    """A step of the workflow.

    `tool` is the wrapper's id, version and name; `results` are the labels of the outputs that users see, by output.
    A step with an `inner` workflow runs that one; then connections and outputs go by the labels of its inputs and
    outputs.
    """

    name: str
    label: str
    doc: str
    tool: tuple[str, str, str]
    state: dict[str, Any]
    connections: Connections
    results: dict[str, str]
    inner: Workflow | None = None


@dataclass
class Workflow:
    """A workflow before it is written in a format; its steps are in an order in which they can run.

    `made` describes what each output of a step is, as the input that it would be elsewhere.
    """

    id: str
    declared: dict[str, Any]
    inputs: dict[str, WorkflowInput] = field(default_factory=dict)
    steps: dict[str, WorkflowStep] = field(default_factory=dict)
    made: dict[Source, WorkflowInput] = field(default_factory=dict)

    @property
    def plots(self) -> list[str]:
        """Labels of the plots that users see."""
        inner = {s.name: s.inner.plots if s.inner else [] for s in self.steps.values()}
        return [label for s in self.steps.values() for output, label in s.results.items()
                if output == f"{OUTPUT_PREFIX}plot" or output in inner[s.name]]  # fmt: skip

    @property
    def license(self) -> str:
        result: str = suite()["license"]
        return result

    @property
    def creators(self) -> list[dict[str, str]]:
        return [
            {"class": "Person", "name": c["name"], "identifier": f"https://orcid.org/{c['orcid']}"}
            if "orcid" in c
            else {"class": "Organization", "name": c["name"], **({"url": c["url"]} if "url" in c else {})}
            for c in suite()["creators"]
        ]


def tool_reference(tool: Tool) -> tuple[str, str, str]:
    """The id, version and name of a tool's wrapper."""
    revision = suite().get("galaxy", {}).get("revision", 0)
    return f"{suite()['id']}_{tool.id}", f"{__version__}+galaxy{revision}", panel_title(tool)


def read_workflow(path: Path) -> Workflow:
    """The workflow that a declaration and the study next to it give.

    Raises
    ------
    BadInput
        If the cohorts are not treated alike, or a step or input is not declared.
    """
    declared = read_yaml(path)
    study = read_study(path.with_name(declared["study"]), path.parent / declared["data"])
    if declared.get("cohorts") == "one" and len(study.cohorts) != 1:
        raise BadInput("`cohorts: one` needs a study of one cohort", where=str(path))
    return _Writer(path, declared).written(make_plan(study))


def step_name(call: Call) -> str:
    """The name of a call's step: the folders of its outputs below the first, without their numbers."""
    folders = PurePosixPath(call.outputs["record"]).parts[:-1]
    if not folders:
        return call.tool
    if folders[0] == "cohorts":
        return folders[2].partition("_")[2]
    return "_".join(folders[1:])


class _Writer:
    def __init__(self, path: Path, declared: dict[str, Any]):
        self.path, self.declared = path, declared
        self.workflow = Workflow(path.parent.name, declared)
        self.made: dict[str, Source | None] = {}
        self.fixed: dict[str, Any] = {}
        self.mapped: set[str] = set()
        self.shape = "data" if declared.get("cohorts") == "one" else "collection"

    def written(self, plan: Plan) -> Workflow:
        for job in plan.jobs:
            of_cohort = job.calls[0].outputs["record"].startswith("cohorts/")
            for call in job.calls:
                if call.tool == FETCHING:
                    self._inputs(call)
                else:
                    self._step(call, of_cohort)
        for name, parameter in self.declared["parameters"].items():
            if name not in self.workflow.inputs:
                raise self._fault(f"no step gives the option {parameter['fills']!r} that the parameter {name!r} fills")
        for name in self.declared["inputs"]:
            if name not in self.workflow.inputs:
                raise self._fault(f"no step takes the input {name!r}")
        order = [*self.declared["inputs"], *self.declared["parameters"]]
        self.workflow.inputs = {n: self.workflow.inputs[n] for n in order if n in self.workflow.inputs}
        return self.workflow

    def _fault(self, what: str) -> BadInput:
        return BadInput(what, where=str(self.path))

    # ------------------------------------------------------------ inputs

    def _inputs(self, call: Call) -> None:
        """What is fetched from outside Galaxy comes as collections instead."""
        for output in load_tool(call.tool).outputs:
            if output.name in call.outputs:
                self.made[call.outputs[output.name]] = self._file_input(output.name, output.artifact, self.shape)
        self.made[call.outputs["record"]] = None

    def _file_input(self, name: str, kind: str, shape: str) -> Source:
        """An input of one file (`data`), or of one a cohort (`collection`)."""
        if name not in self.declared["inputs"]:
            raise self._fault(f"the input {name!r} is not declared under `inputs`")
        said = self.declared["inputs"][name]
        formats = tuple(galaxy_formats(kind))
        item = WorkflowInput(said["label"], said["doc"], shape, formats, said.get("optional", False))
        if self.workflow.inputs.setdefault(name, item) != item:
            raise self._fault(f"the input {name!r} is one file to one step and a list, or another kind, to another")
        return Source(name)

    def _parameter(self, option: str, value: Any) -> Source | None:
        """The parameter that fills an option; the study must give it one value everywhere.

        One with a `value` fills the options only where the study gives that value.
        """
        for name, said in self.declared["parameters"].items():
            if option not in _listed(said["fills"]) or value != said.get("value", value):
                continue
            if self.fixed.setdefault(name, value) != value:
                raise self._fault(f"steps give {option!r} different values, so no one parameter can fill it")
            default = value if said.get("default") else None
            self.workflow.inputs[name] = WorkflowInput(said["label"], said["doc"], said["type"], default=default)
            return Source(name)
        return None

    # ------------------------------------------------------------ steps

    def _step(self, call: Call, of_cohort: bool) -> None:
        name, tool = step_name(call), load_tool(call.tool)
        shown = form(tool)
        outputs = [o.name for o in shown.outputs if o.name in call.outputs]
        options = self._options(call, tool, of_cohort)
        try:
            state, connections = form_state(tool, shown, options, outputs)
        except ValueError as error:
            raise self._fault(str(error)) from None
        said = self.declared["steps"].get(name)
        if said is None:
            raise self._fault(f"the step {name!r} is not declared under `steps`")
        step = WorkflowStep(
            name, said["label"], said["doc"], tool_reference(tool), state, connections,
            self._results(said, shown, outputs),
        )  # fmt: skip
        if self.workflow.steps.setdefault(name, step) != step:
            raise self._fault(f"the cohorts are not treated alike in {name!r}, so it cannot be mapped over them")
        if of_cohort and self.shape == "collection":
            self.mapped.add(name)
        shape = "collection" if name in self.mapped else "data"
        for item in shown.outputs:
            if item.name in outputs:
                source = Source(name, OUTPUT_PREFIX + item.name)
                self.made[call.outputs[item.name]] = source
                label = f"{said['label']}: {item.label}"
                self.workflow.made[source] = WorkflowInput(
                    label, item.help, shape, tuple(galaxy_formats(item.artifact))
                )

    def _results(self, said: dict[str, Any], shown: Form, outputs: list[str]) -> dict[str, str]:
        """Labels of the outputs that users see: all but run records, if the step does not state which."""
        wanted = said.get("results", [o for o in outputs if o != "record"])
        return {OUTPUT_PREFIX + o.name: f"{said['label']}: {o.label}" for o in shown.outputs if o.name in wanted}

    def _options(self, call: Call, tool: Tool, of_cohort: bool) -> dict[str, Any]:
        options: dict[str, Any] = {}
        for name, value in call.options.items():
            item = tool.input(name)
            if item.type == "data":
                sources = [self._source(name, item, path, of_cohort) for path in _listed(value)]
                found = list(dict.fromkeys(s for s in sources if s))
                if found:
                    options[name] = self._alike(tool.id, name, found) if item.multiple else found[0]
            elif of_cohort and name == "cohort" and item.optional:
                continue  # the element of the collection, or the dataset, names it
            else:
                options[name] = self._filled(name, value)
        return options

    def _alike(self, tool: str, option: str, sources: list[Source]) -> list[Source]:
        """Sources that are collections, or all datasets; Galaxy drops datasets that are given beside a collection."""
        single = [s for s in sources if not self._is_collection(s)]
        if not single or len(single) == len(sources):
            return sources
        name = f"{tool}_{option}"
        said = self.declared["steps"].get(name)
        if said is None:
            raise self._fault(f"the step {name!r}, which lists what is no collection, is not declared under `steps`")
        blocks = [{"__index__": i, "input": dict(CONNECTED), "id_cond": {"id_select": "idx", "__current_case__": 0}}
                  for i in range(len(single))]  # fmt: skip
        connections = {f"datasets_{i}|input": [source] for i, source in enumerate(single)}
        self.workflow.steps[name] = WorkflowStep(
            name, said["label"], said["doc"], BUILD_LIST, {"datasets": blocks}, connections, {}
        )
        self.mapped.add(name)
        self.workflow.made[Source(name)] = WorkflowInput(said["label"], said["doc"], "collection")
        return [s for s in sources if s not in single] + [Source(name)]

    def _is_collection(self, source: Source) -> bool:
        item = self.workflow.inputs.get(source.step)
        return item.type == "collection" if item else source.step in self.mapped

    def _filled(self, name: str, value: Any) -> Any:
        """A value, or each value of a list, where a parameter fills it that parameter."""
        filled = [self._parameter(name, one) or one for one in _listed(value)]
        return filled if isinstance(value, list) else filled[0]

    def _source(self, name: str, item: Input, path: str, of_cohort: bool) -> Source | None:
        """What makes a file; none if it is neither made nor declared as an input, and may be missing."""
        if path in self.made:
            return self.made[path]
        if item.optional and name not in self.declared["inputs"]:
            return None
        return self._file_input(name, item.artifact, self.shape if of_cohort else "data")


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]

"""From a study to a plan: jobs of tool calls, wired by the artifacts they make and take.

Each data input takes the latest artifact of its kind: a cohort's own within its
chain, all cohorts' where it takes several, the merged ones after that. Of two
inputs of one kind the first is filled; `step:NAME` fills one by an earlier step.
Groups, classes and scores become annotations of every later step.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any

from prognomics import __version__
from prognomics.data.registry import artifact
from prognomics.data.signature_library import PREFIX, library_signature
from prognomics.errors import BadInput, UsageError
from prognomics.runtime.choices import conditionals, resolve_options
from prognomics.spec.loader import flatten
from prognomics.spec.model import Input, Tool
from prognomics.study.file import Step, Study

ENDINGS = {"matrix": ".h5ad", "plot": ".svg"}
REPORT = "report.html"
REPORTED = ("html", "xlsx", "crate")  # of every study; the PDF where it asks for it
STEP = "step:"
FETCH = "fetch_"  # begins the name of a job that only fetches
ANALYZED = ("sample_sheet", "annotation", "expression_matrix")
STUDY_DEFAULTS = {"complete_cases": True}
_ROLE = re.compile(r"^[a-z_]+=")


@dataclass
class Call:
    """One tool call: options by input name (files as paths), outputs by name."""

    tool: str
    options: dict[str, Any]
    outputs: dict[str, str]


@dataclass
class Job:
    """Calls that run one after the other in one process."""

    name: str
    title: str
    calls: list[Call]
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)

    @property
    def signature(self) -> str:
        """A digest of what the job does; it runs again when this changes."""
        content = json.dumps([__version__, [vars(c) for c in self.calls]], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:16]


@dataclass
class Plan:
    """All jobs of a study, in an order in which they can run."""

    jobs: list[Job]

    def to_json(self, folder: str | None = None) -> str:
        """The plan as a file; `folder` is where the study's results are."""
        jobs = list(self.as_jobs().values())
        return json.dumps({"plan": 1, "folder": folder, "jobs": jobs}, indent=1, ensure_ascii=False) + "\n"

    def as_jobs(self) -> dict[str, dict[str, Any]]:
        """The jobs by name, as the plan's file has them."""
        return {j.name: {**vars(j), "calls": [vars(c) for c in j.calls], "signature": j.signature} for j in self.jobs}


class _Context:
    """The artifacts that steps have made so far; later ones replace earlier ones of their kind."""

    def __init__(self) -> None:
        self.latest: dict[str, list[str]] = {}
        self.of_cohorts: dict[str, list[str]] = {}
        self.of_step: dict[str, dict[str, str]] = {}
        self.annotations: list[str] = []

    def add(self, step: Step, outputs: dict[str, str]) -> None:
        for output in step.tool.outputs:
            if output.name in outputs:
                kind = artifact(output.artifact)
                serves = [kind.id, *filter(None, [kind.serves_as])]
                self.of_step.setdefault(step.name, {}).update(dict.fromkeys(serves, outputs[output.name]))
                if kind.kind == "sheet":
                    self.annotations = []  # the sheet that a tool writes holds them already
                if kind.annotates:
                    self.annotations.append(outputs[output.name])
                else:
                    self.latest.update({name: [outputs[output.name]] for name in serves})

    def found(self, item: Input, several: bool) -> list[str]:
        """What fills a data input; a tool that takes several cohorts has them as they were before any merging."""
        kind = "annotation" if item.name == "annotation" else item.artifact
        if several and item.multiple and self.of_cohorts:
            return self.of_cohorts.get(kind, [])
        return self.annotations if kind == "annotation" else self.latest.get(kind, [])

    @classmethod
    def of_all(cls, contexts: list[_Context]) -> _Context:
        joined = cls()
        for context in contexts:
            joined.annotations += context.annotations
            joined.of_cohorts.setdefault("annotation", []).extend(context.annotations)
            for kind, paths in context.latest.items():
                joined.latest.setdefault(kind, []).extend(paths)
                joined.of_cohorts.setdefault(kind, []).extend(paths)
        return joined


def make_plan(study: Study, *, offline: bool = False, fetches_apart: bool = False) -> Plan:
    """The plan of a study.

    With `fetches_apart` what a cohort fetches from a provider is a job of its own, for clusters whose nodes may not
    reach it.
    """
    planner = _Planner(study, offline, fetches_apart)
    jobs = [job for cohort, steps in study.cohorts.items() for job in planner.cohort_jobs(cohort, steps)]
    context = _Context.of_all(list(planner.contexts.values()))
    for step in study.pool:
        jobs.append(planner.step_job(step, context, "pooled"))
    for step in study.steps:
        jobs.append(planner.step_job(step, context, "results"))
    jobs.append(planner.report_job(jobs))
    return Plan(jobs)


class _Planner:
    def __init__(self, study: Study, offline: bool, fetches_apart: bool):
        self.study, self.offline, self.fetches_apart = study, offline, fetches_apart
        self.contexts: dict[str, _Context] = {}
        self.job_names: set[str] = set()

    # ------------------------------------------------------------ jobs

    def cohort_jobs(self, cohort: str, steps: tuple[Step, ...]) -> list[Job]:
        """One job, or two: what is fetched, and the rest."""
        context = self.contexts[cohort] = _Context()
        calls = []
        for number, step in enumerate(steps, start=1):
            options = dict(step.options)
            if "cohort" in {i.name for i in step.tool.inputs}:
                options.setdefault("cohort", cohort)
            call = self._call(step, options, context, f"cohorts/{cohort}/{number}_{step.name}")
            context.add(step, call.outputs)
            calls.append(call)
        jobs = []
        if self.fetches_apart and len(calls) > 1 and uses_network(steps[0].tool, calls[0].options):
            jobs.append(_job(self._job_name(f"{FETCH}{_safe(cohort)}"), f"fetch {cohort}", [calls.pop(0)]))
        return [*jobs, _job(self._job_name(f"cohort_{_safe(cohort)}"), f"cohort {cohort}", calls)]

    def _job_name(self, name: str) -> str:
        """A name that no other job has: cohorts `a-b` and `a_b` are two."""
        name = _other_than(self.job_names, name)
        self.job_names.add(name)
        return name

    def step_job(self, step: Step, context: _Context, folder: str) -> Job:
        scopes = self._scopes(step)
        calls = []
        for label, options in scopes:
            place = f"{folder}/{step.name}" + (f"/{label}" if len(scopes) > 1 else "")
            calls.append(self._call(step, options, context, place))
        context.add(step, calls[-1].outputs)
        return _job(self._job_name(f"{folder}_{step.name}"), step.name.replace("_", " "), calls)

    def report_job(self, jobs: list[Job]) -> Job:
        """The report takes every record, result table and plot that the steps made."""
        from prognomics.spec.loader import load_tool

        records, tables, plots = [], [], []
        for call in (c for job in jobs for c in job.calls):
            kinds = {o.name: artifact(o.artifact).kind for o in load_tool(call.tool).outputs}
            for name, path in call.outputs.items():
                if name == "record":
                    records.append(path)
                elif kinds[name] == "plot":
                    plots.append(path)
                elif kinds[name] == "table":
                    tables.append(path)
        options = {"study": str(self.study.path.resolve()), "record": records, "table": tables, "plot": plots}
        options["sample_data"] = list(dict.fromkeys(path for job in jobs for c in job.calls for path in _analyzed(c)))
        options = {k: v for k, v in options.items() if v}
        asked = [*REPORTED, *self.study.raw.get("report", {}).get("also", [])]
        tool = load_tool("report")
        endings = {name: _ending(tool.output(name).artifact) for name in asked}
        first = {ending: name for name, ending in reversed(endings.items())}  # others of an ending are named in full
        outputs = {name: f"report{'' if first[e] == name else f'_{name}'}{e}" for name, e in endings.items()}
        call = Call("report", options, {**outputs, "record": "report.record.json"})
        job = _job(self._job_name("report"), "report", [call])
        job.outputs = [path for path in job.outputs if path != outputs.get("pdf")]  # not made without WeasyPrint
        return job

    # ------------------------------------------------------------ calls

    def _scopes(self, step: Step) -> list[tuple[str, dict[str, Any]]]:
        scopes: list[tuple[str, dict[str, Any]]] = []
        taken = set(step.across)
        for across in step.across:
            if across == "cohorts":
                for cohort in step.cohorts or self.study.cohorts:
                    where = [*_listed(step.options.get("where")), f"cohort={cohort}"]
                    label = _other_than(taken, _safe(cohort))
                    taken.add(label)
                    scopes.append((label, {**step.options, "where": where}))
            elif across in ("stratified", "unstratified"):
                if "strata" not in {i.name for i in step.tool.inputs}:
                    raise BadInput(f"step {step.name}: {step.tool.id} has no strata", where=str(self.study.path))
                chosen = {"stratified": ["auto"], "unstratified": ["none"]}[across]
                scopes.append((across, {**step.options, "strata": chosen}))
            else:
                scopes.append((across, dict(step.options)))
        return scopes

    def _call(self, step: Step, options: dict[str, Any], context: _Context, place: str) -> Call:
        tool = step.tool
        options = {**_study_defaults(tool), **options}
        options = {name: self._placed(step, name, value, context) for name, value in options.items()}
        if self.offline and uses_network(tool, options):
            options["offline"] = True
        several = any(i.type == "data" and i.multiple and i.name != "annotation" for i in tool.inputs)
        filled: set[str] = set()
        for item in (i for i in tool.inputs if i.type == "data"):
            if item.name not in options and item.artifact not in filled and self._wanted(tool, item, options):
                paths = context.found(item, several)
                if paths:
                    options[item.name] = list(paths) if item.multiple else paths[-1]
            if item.name in options:
                filled.add(item.artifact)
        resolved = self._settled(step, options)
        outputs = {
            o.name: f"{place}/{o.name}{_ending(o.artifact)}"
            for o in tool.outputs
            if o.selected or o.name in step.also
            if all(str(resolved.get(c.selector)) in c.values for c in o.conditions)
        }
        return Call(tool.id, options, {**outputs, "record": f"{place}/record.json"})

    def _wanted(self, tool: Tool, item: Input, options: dict[str, Any]) -> bool:
        """Whether a data input takes part: where it depends on choices, only if each branch that holds it is used.

        An inferred branch is used if another of its inputs is given; the default one also if it needs only data and
        nothing of the others is given.
        """
        for conditional in conditionals(tool.tree):
            for when in conditional.whens:
                inside = flatten(when.children)
                names = {i.name for i in inside}
                if item.name in names:
                    if conditional.inferred:
                        used = bool((names - {item.name}) & set(options))
                        if when.value == conditional.selector.default and all(i.type == "data" for i in inside):
                            rest = {i.name for w in conditional.whens for i in flatten(w.children)} - names
                            used = used or not rest & set(options)
                    else:
                        default = conditional.selector.default
                        used = str(options.get(conditional.selector.name, default)) == when.value
                    if not used:
                        return False
        return True

    def _settled(self, step: Step, options: dict[str, Any]) -> dict[str, Any]:
        """The options as the tool will see them; a error names the step of the study file."""
        shown = dict(options)
        for item in step.tool.inputs:
            if item.type == "data" and item.name in shown:
                shown[item.name] = [object()] if item.multiple else object()
        try:
            return resolve_options(step.tool, shown)
        except UsageError as error:
            raise BadInput(f"step {step.name}: {error.what}", where=str(self.study.path), hint=error.hint) from None

    def _placed(self, step: Step, name: str, value: Any, context: _Context) -> Any:
        """Files that the study names, made absolute; `step:NAME` is what an earlier step made."""
        item = next((i for i in step.tool.inputs if i.name == name), None)
        if item is None or not (item.type == "data" or item.kind == "path"):
            return value
        placed = []
        for part in _listed(value):
            if str(part).startswith(STEP):
                made = context.of_step.get(str(part).removeprefix(STEP), {})
                if item.artifact not in made:
                    what = f"no earlier step {str(part).removeprefix(STEP)!r} made what {name} takes"
                    raise BadInput(f"step {step.name}: {what}", where=str(self.study.path))
                placed.append(made[item.artifact])
                continue
            if str(part).startswith(PREFIX):
                placed.append(str(library_signature(str(part).removeprefix(PREFIX)).path))
                continue
            role, name = split_role(str(part))
            placed.append(role + str(self.study.locate(name, local=item.kind == "path")))
        return placed if isinstance(value, list) else placed[0]


def uses_network(tool: Tool, options: dict[str, Any]) -> bool:
    """Whether a call can be told to keep off the network: a source that uses none has no such option."""
    item = next((i for i in tool.inputs if i.name == "offline"), None)
    if item is None:
        return False
    defaults = {i.name: i.default for i in tool.inputs}
    return all(str(options.get(c.selector, defaults.get(c.selector))) in c.values for c in item.conditions)


def _analyzed(call: Call) -> list[str]:
    """The sheets, annotations and matrices of samples that an analysis took."""
    from prognomics.spec.loader import load_tool

    tool = load_tool(call.tool)
    kinds = {i.name: i.artifact for i in tool.inputs if i.type == "data"}
    if kinds.get("samples") != "sample_sheet" or any(artifact(o.artifact).kind == "sheet" for o in tool.outputs):
        return []
    return [path for name, kind in kinds.items() if kind in ANALYZED for path in _listed(call.options.get(name))]


def _study_defaults(tool: Tool) -> dict[str, Any]:
    """Options that a study sets if its file does not: its report compares estimates in the same samples."""
    names = {i.name for i in tool.inputs}
    return {name: value for name, value in STUDY_DEFAULTS.items() if name in names}


def split_role(value: str) -> tuple[str, str]:
    """The role before a path (`samples=`, or nothing), and the path."""
    role = _ROLE.match(value)
    return (role[0], value[role.end() :]) if role else ("", value)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [] if value is None else [value]


def _other_than(taken: set[str], name: str) -> str:
    """The name, or with the first number at its end that makes it another one than those taken."""
    numbers = (f"{name}_{number}" for number in range(2, len(taken) + 3))
    return next(n for n in (name, *numbers) if n not in taken)


def _safe(name: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in name)


def _ending(name: str) -> str:
    kind = artifact(name)
    return ENDINGS.get(kind.kind, kind.formats[0].ending)


def _job(name: str, title: str, calls: list[Call]) -> Job:
    """A job with the files that it takes from outside and all that it makes."""
    from prognomics.spec.loader import load_tool

    outputs = [p for c in calls for p in c.outputs.values()]
    inputs: list[str] = []
    for call in calls:
        for item in load_tool(call.tool).inputs:
            if item.type == "data" or item.kind == "path":
                given = [split_role(p)[1] for p in _listed(call.options.get(item.name))]
                inputs += [p for p in given if p not in outputs]
    return Job(name, title, calls, list(dict.fromkeys(inputs)), outputs)

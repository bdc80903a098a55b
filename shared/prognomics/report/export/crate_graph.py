"""The graph of an RO-Crate: what its metadata file states of a study, its steps and its files."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from prognomics.report.page.blocks import step_title, tool_name
from prognomics.report.results.joining import Joined, Step
from prognomics.report.results.names import file_name, safe
from prognomics.report.wording import clean_text, is_absent

Entity = dict[str, Any]
PROFILES = (
    ("https://w3id.org/ro/wfrun/process/0.5", "Process Run Crate", "0.5"),
    ("https://w3id.org/ro/wfrun/workflow/0.5", "Workflow Run Crate", "0.5"),
    ("https://w3id.org/ro/wfrun/provenance/0.5", "Provenance Run Crate", "0.5"),
    ("https://w3id.org/workflowhub/workflow-ro-crate/1.0", "Workflow RO-Crate", "1.0"),
)
HOME = "https://w3id.org/ro/crate/1.1"
SOURCES = {  # where an accession is looked up
    "geo": "https://www.ncbi.nlm.nih.gov/geo/query/acc.cgi?acc={}",
    "arrayexpress": "https://www.ebi.ac.uk/biostudies/arrayexpress/studies/{}",
    "gdc": "https://portal.gdc.cancer.gov/projects/{}",
    "cbioportal": "https://www.cbioportal.org/study/summary?id={}",
}
DONE = "http://schema.org/CompletedActionStatus"
BIOSCHEMAS = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
ORCID = re.compile(r"\b\d{4}-\d{4}-\d{4}-\d{3}[\dX]\b")
README = "README.md"
WORKFLOW, ENGINE, RUN, LANGUAGE = "study.yml", "#prognomics", "#run", "#study-file"


@dataclass(frozen=True)
class Member:
    """A file of the crate; `sha256` is that of its content unless it is given."""

    path: str
    name: str
    data: bytes
    media: str
    sha256: str = ""

    @property
    def checksum(self) -> str:
        return self.sha256 or hashlib.sha256(self.data).hexdigest()


def _ref(*ids: str) -> Any:
    found = [{"@id": i} for i in dict.fromkeys(ids)]
    return found[0] if len(found) == 1 else found


def record_path(step: Step) -> str:
    return f"records/{file_name(step, 'record')}.json"


def tool_id(tool: str) -> str:
    return f"#tool-{safe(tool)}"


class Graph:
    """The entities of a crate, made from the steps of a study and the files at hand."""

    def __init__(self, study: Mapping[str, Any], joined: Joined, members: list[Member], now: datetime):
        self.study, self.joined, self.members, self.now = study, joined, members, now
        self.people: list[str] = []
        self.known: dict[str, Entity] = {}
        self.by_checksum: dict[str, str] = {}
        for member in members:
            self.by_checksum.setdefault(member.checksum, member.path)

    def entities(self) -> list[Entity]:
        """All entities, the metadata file's first."""
        title = clean_text(self.study.get("title")) or "Results of a marker study"
        about = clean_text(self.study.get("question")) or title
        profiles = [profile for profile, _, _ in PROFILES]
        self._add("ro-crate-metadata.json", "CreativeWork", about=_ref("./"), conformsTo=_ref(HOME, profiles[-1]))
        root = self._add("./", "Dataset", name=title, description=about, datePublished=self.now.date().isoformat(),
                         conformsTo=_ref(*profiles), license=_ref("#license"), mainEntity=_ref(WORKFLOW))  # fmt: skip
        for profile, name, version in PROFILES:
            self._add(profile, ["CreativeWork", "Profile"], name=name, version=version)
        terms = "To be stated by the authors; data of others keep the terms of their sources."
        self._add("#license", "CreativeWork", name="The license of the results", description=terms)
        for member in self.members:
            self._add(member.path, "File", name=member.name, encodingFormat=member.media,
                      contentSize=str(len(member.data)), sha256=member.checksum)  # fmt: skip
        self._people(root)
        if README in self.known:
            self.known[README]["about"] = _ref("./")
        self._workflow(title)
        actions = [self._action(step) for step in self.joined.steps]
        self._engine(actions)
        root["hasPart"] = [{"@id": member.path} for member in self.members]
        root["mentions"] = _ref(RUN, *actions)
        return list(self.known.values())

    def _add(self, identifier: str, kind: str | list[str], /, **said: Any) -> Entity:
        return self.known.setdefault(identifier, {"@id": identifier, "@type": kind, **said})

    def _people(self, root: Entity) -> None:
        """The authors that the study file names, by ORCID where it gives one: `A. Name (0000-0002-1825-0097)`."""
        listed = self.study.get("authors")
        for number, text in enumerate(listed if isinstance(listed, list) else [], 1):
            orcid = ORCID.search(clean_text(text))
            name = re.sub(r"[\s(,;]*(https?://orcid\.org/)?$", "", clean_text(text)[: orcid.start()]) if orcid else ""
            identifier = f"https://orcid.org/{orcid[0]}" if orcid else f"#author-{number}"
            self._add(identifier, "Person", name=name or clean_text(text))
            self.people.append(identifier)
        if self.people:
            root["author"] = _ref(*self.people)

    def _done(self, moment: datetime | None) -> Entity:
        """How an action ended: when, and who ran it, as far as that is known."""
        said: Entity = {"actionStatus": DONE}
        if moment is not None:
            said["endTime"] = moment.isoformat(timespec="seconds")
        return {**said, "agent": _ref(*self.people)} if self.people else said

    # ------------------------------------------------------------ the workflow and its parts

    def _workflow(self, title: str) -> None:
        steps = self.joined.steps
        tools = list(dict.fromkeys(step.tool for step in steps))
        self._add(LANGUAGE, "ComputerLanguage", name="Prognomics study file", alternateName="study",
                  identifier="#study-file", url="https://yaml.org/")  # fmt: skip
        workflow = self.known[WORKFLOW]
        workflow |= {"@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"], "name": title,
                     "programmingLanguage": _ref(LANGUAGE), "version": "1", "license": _ref("#license"),
                     "conformsTo": _ref(BIOSCHEMAS)}  # fmt: skip
        self._add(BIOSCHEMAS, ["CreativeWork", "Profile"], name="Bioschemas ComputationalWorkflow", version="1.0")
        if steps:
            workflow["hasPart"] = _ref(*map(tool_id, tools))
            workflow["step"] = _ref(*(f"#how-{step.number}" for step in steps))
        for tool in tools:
            first = next(step for step in steps if step.tool == tool)
            plugin = first.record.get("plugin")
            plugin = plugin if isinstance(plugin, dict) else {}
            version = clean_text(plugin.get("version") if plugin else first.record.get("tool_version"))
            package = clean_text(plugin.get("name")) or "prognomics"
            self._add(tool_id(tool), "SoftwareApplication", name=f"{package} {tool}", softwareVersion=version,
                      description=tool_name(first))  # fmt: skip
        for step in steps:
            self._add(f"#how-{step.number}", "HowToStep", name=step_title(step), position=str(step.number),
                      workExample=_ref(tool_id(step.tool)))  # fmt: skip

    def _engine(self, actions: list[str]) -> None:
        version = clean_text(next((s.record.get("tool_version") for s in self.joined.steps), "")) or "not stated"
        self._add(ENGINE, "SoftwareApplication", name="prognomics", softwareVersion=version)
        made = {sha for step in self.joined.steps for sha in self._files(step, "outputs")}
        outside = [i for step in self.joined.steps for sha, i in self._files(step, "inputs").items() if sha not in made]
        results = [member.path for member in self.members if member.path.startswith(("tables/", "plots/", "report"))]
        self._add(RUN, "CreateAction", name="The run of the study", instrument=_ref(WORKFLOW),
                  description=f"{len(actions)} steps, from the sources to the report.", **self._done(self.now),
                  **({"object": _ref(*outside)} if outside else {}),
                  result=_ref(*results))  # fmt: skip
        controls = []
        for step, action in zip(self.joined.steps, actions, strict=True):
            identifier = f"#control-{step.number}"
            self._add(identifier, "ControlAction", name=f"orchestrate step {step.number}",
                      instrument=_ref(f"#how-{step.number}"), object=_ref(action))  # fmt: skip
            controls.append(identifier)
        if controls:
            self._add("#orchestration", "OrganizeAction", name="The order of the steps", instrument=_ref(ENGINE),
                      object=_ref(*controls), result=_ref(RUN))  # fmt: skip

    # ------------------------------------------------------------ one step

    def _action(self, step: Step) -> str:
        """The run of a step: instrument, files and parameters in, files out; returns its id."""
        identifier = f"#step-{step.number}"
        objects = [*self._files(step, "inputs").values(), *self._parameters(step), *self._source(step)]
        results = list(self._files(step, "outputs").values())
        said: Entity = {"name": step_title(step), "instrument": _ref(tool_id(step.tool))}
        if objects:
            said["object"] = _ref(*objects)
        if results:
            said["result"] = _ref(*results)
        warned = [clean_text(w.get("text")) for w in step.record.get("warnings") or [] if isinstance(w, dict)]
        versions = step.record.get("versions")
        used = ", ".join(f"{k} {v}" for k, v in sorted(versions.items())) if isinstance(versions, dict) else ""
        words = [f"Samples: {step.population}.", f"With {used}." if used else "", *(f"Warning: {w}" for w in warned)]
        said["description"] = " ".join(filter(None, words))
        said["subjectOf"] = _ref(record_path(step))
        self._add(identifier, "CreateAction", **said, **self._done(getattr(step.record, "written", None)))
        return identifier

    def _files(self, step: Step, side: str) -> dict[str, str]:
        """Checksum to id of each file that a step took or made; files that are not in the crate are described."""
        found = {}
        for file in step.record.get(side) or []:
            if not isinstance(file, dict) or not file.get("sha256"):
                continue
            sha, kind = clean_text(file["sha256"]), clean_text(file.get("artefact")).replace("_", " ")
            identifier = self.by_checksum.get(sha) or f"#sha256-{sha}"
            if identifier.startswith("#"):
                self._add(identifier, "CreativeWork", name=kind or "file", identifier=f"sha256:{sha}", sha256=sha,
                          description="Not in the crate; known by its checksum.")  # fmt: skip
            found[sha] = identifier
        return found

    def _parameters(self, step: Step) -> list[str]:
        ids = []
        for name, value in sorted(step.parameters.items()):
            if is_absent(value) or value in ([], {}):
                continue
            identifier = f"#step-{step.number}-{safe(clean_text(name))}"
            text = value if isinstance(value, (str, int, float, bool)) else json.dumps(value, ensure_ascii=False)
            self._add(identifier, "PropertyValue", name=clean_text(name), value=text)
            ids.append(identifier)
        return ids

    def _source(self, step: Step) -> list[str]:
        """The accession that a step fetched, as the place where it is published."""
        accession, source = (clean_text(step.parameters.get(name)) for name in ("accession", "source"))
        if step.tool != "fetch_cohort" or not accession:
            return []
        address = SOURCES.get(source, "")
        plain = all(c.isalnum() or c in "_.-" for c in accession)
        identifier = address.format(accession) if address and plain else f"#accession-{step.number}"
        self._add(identifier, "CreativeWork", name=accession, identifier=accession, description=f"Source: {source}")
        return [identifier]

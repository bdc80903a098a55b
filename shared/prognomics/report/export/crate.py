"""The study as a Workflow Run RO-Crate: a ZIP of its results with `ro-crate-metadata.json`.

It follows RO-Crate 1.1 (https://w3id.org/ro/crate/1.1) and the Provenance Run Crate profile 0.5
(https://w3id.org/ro/wfrun/provenance/0.5): the study file is the workflow, each tool a part of it, each run record
an action with its inputs, parameters and outputs. Files that are not in the crate, such as matrices, are named by
their checksums.

Run records hold no dates: the end of a step is the time at which the file of its record was written, that of the whole
run the time at which the crate is made. Who ran it is who the study file names as authors.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from prognomics.report.export.crate_files import StudyFile, study_files, study_text
from prognomics.report.export.crate_graph import Graph, Member, record_path
from prognomics.report.export.samples import are_withheld, sample_members
from prognomics.report.export.witness import witness_files
from prognomics.report.results.joining import Step, join
from prognomics.report.results.names import file_name
from prognomics.report.wording import clean_text

if TYPE_CHECKING:
    from prognomics.data.store import Picture, ResultTable, SampleData

METADATA = "ro-crate-metadata.json"
PER_SAMPLE = "sample_id"  # the column of tables with a row per sample
REPEATED = ("tables/", "plots/", "samples/")  # the same bytes of several steps are there once
STUDY, REPORT, README = "study.yml", "report.html", "README.md"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # of every file in the ZIP, so that the same content gives the same bytes
MEDIA = {
    ".html": "text/html", ".md": "text/markdown", ".json": "application/json", ".yml": "application/yaml",
    ".yaml": "application/yaml", ".txt": "text/plain", ".gmt": "text/plain", ".csv": "text/csv",
    ".tsv": "text/tab-separated-values", ".svg": "image/svg+xml", ".png": "image/png", ".pdf": "application/pdf",
    ".R": "text/x-r",
}  # fmt: skip

WITNESS_NAMES = {
    "witness.R": "Computes the findings again in R and compares them", "findings.tsv": "All findings, with identities",
    "printed.tsv": "Numbers that the page prints, each with its finding",
}  # fmt: skip


def crate(
    study: Mapping[str, Any] | None, records: Sequence[Mapping[str, Any]], tables: Sequence[ResultTable],
    plots: Sequence[Picture], page: str, now: datetime | None = None, samples: Sequence[SampleData] = (),
) -> bytes:  # fmt: skip
    """A study as a ZIP that holds an RO-Crate.

    Parameters
    ----------
    study, records, tables, plots
        As of `build_report`.
    page : str
        The report, which becomes part of the crate.
    samples : sequence of SampleData
        Sheets, groups and matrices that the steps took. Unless the study withholds data of patients, the crate
        contains the sheets and groups, and the witness the columns and genes that were analyzed.
    now : datetime, optional
        The end of the run and, as a day, the crate's `datePublished`; the time of the call by default.
    """
    facts: dict[str, Any] = dict(study) if isinstance(study, Mapping) else {}
    joined = join(facts, records, tables, plots)
    members = [Member(REPORT, "Report", page.encode(), MEDIA[".html"])]
    files, missing = study_files(study or {}, records)
    members += [Member(STUDY, "Study file", study_text(_study_text(study), files).encode(), MEDIA[".yml"])]
    kept, withheld = sample_members(facts, joined, samples)
    witness = witness_files(joined, page, samples, withheld=are_withheld(facts))
    readme = _readme(facts, files, [*missing, *withheld], bool(witness), bool(kept))
    members += [Member(README, "What is in this crate", readme.encode(), MEDIA[".md"])]
    members += [_of_study(file) for file in files]
    members += [member for step in joined.steps for member in _of_step(step, are_withheld(facts))]
    members += kept
    members += [Member(name, WITNESS_NAMES.get(name.rpartition("/")[2], "Samples of analyses, for the witness"), data,
                       MEDIA[name[name.rindex(".") :]]) for name, data in witness.items()]  # fmt: skip
    unique = list({member.path: member for member in reversed(members)}.values())[::-1]
    unique = list({(m.checksum if m.path.startswith(REPEATED) else m.path): m for m in reversed(unique)}.values())[::-1]
    graph = Graph(facts, joined, unique, now or datetime.now(UTC)).entities()
    document = {"@context": ["https://w3id.org/ro/crate/1.1/context", "https://w3id.org/ro/terms/workflow-run/context"],
                "@graph": graph}  # fmt: skip
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
        for path, data in [(METADATA, text.encode()), *((m.path, m.data) for m in unique)]:
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return buffer.getvalue()


def _study_text(study: Mapping[str, Any] | None) -> str:
    """The study file as it was written, where its text is known."""
    text = getattr(study, "text", "")
    if text:
        return text
    import yaml

    result: str = yaml.safe_dump(
        dict(study or {"title": "Results without a study file"}), sort_keys=False, allow_unicode=True
    )
    return result


def _of_study(file: StudyFile) -> Member:
    ending = f".{file.path.rpartition('.')[2]}"
    name = f"{clean_text(file.kind).replace('_', ' ').capitalize()} {file.name}"
    return Member(file.path, name, file.data, MEDIA.get(ending, "application/octet-stream"), file.sha256)


def _readme(study: Mapping[str, Any], files: Sequence[StudyFile], missing: Sequence[str], witness: bool,
            samples: bool) -> str:  # fmt: skip
    title = clean_text(study.get("title")) or "Results of a marker study"
    holds = {
        REPORT: "the report; open it in a browser",
        STUDY: "the study file, which `prognomics run` takes",
        "tables/": "result tables, named by step, tool, variables, endpoint, samples and kind",
        "plots/": "plots, named likewise",
        "records/": "what made them: parameters, versions, checksums",
        METADATA: "the description of all of it",
    }
    if witness:
        holds["witness/"] = "all findings; `Rscript witness.R` in it computes them again in R and compares them"
    if samples:
        holds["samples/"] = "sheets and groups of the samples, as the steps took them"
    holds |= {file.path: f"{clean_text(file.kind).replace('_', ' ')} of the study" for file in files}
    listed = "\n".join(f"- `{name}`: {what}" for name, what in holds.items())
    local = any("(--data)" in text for text in missing)
    again = f"To repeat the study: `prognomics run {STUDY} --out results{' --data DIR' if local else ''}`"
    lacking = "\n".join(["Not in this crate:", "", *(f"- {text}" for text in missing)]) if missing else ""
    parts = [f"# {title}", clean_text(study.get("question")), listed, again + ".", lacking]
    return "\n\n".join(filter(None, parts)) + "\n"


def _of_step(step: Step, withhold: bool) -> list[Member]:
    """The record of a step and those of its outputs that are at hand."""
    text = json.dumps(step.record, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    members = [Member(record_path(step), f"Run record of step {step.number}", text.encode(), MEDIA[".json"])]
    for kind, table in {table.sha256: (kind, table) for kind, table in step.tables}.values():
        if withhold and PER_SAMPLE in table.frame:
            continue
        data = table.data or table.frame.to_csv(sep="\t", index=False, na_rep="NA", lineterminator="\n").encode()
        path = f"tables/{file_name(step, kind or 'table')}.tsv"
        members.append(Member(path, clean_text(kind).replace("_", " "), data, MEDIA[".tsv"], table.sha256))
    for picture in step.plots:
        path = f"plots/{file_name(step, _output_of(step, picture.sha256))}.{picture.format}"
        members.append(Member(path, "plot", picture.data, MEDIA[f".{picture.format}"], picture.sha256))
    return members


def _output_of(step: Step, sha256: str) -> str:
    """The output that a file of a step is, such as `subgroup_plot`."""
    files = [f for f in step.record.get("outputs") or [] if isinstance(f, dict) and f.get("sha256") == sha256]
    return clean_text(files[0].get("option")).removeprefix("out_") if files else "plot"

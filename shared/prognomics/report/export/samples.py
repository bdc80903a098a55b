"""Sheets and groups of patients in a crate, or their checksums where they are withheld."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from prognomics.report.export.crate_graph import Member
from prognomics.report.results.joining import Joined, list_outputs
from prognomics.report.results.names import file_name

if TYPE_CHECKING:
    from prognomics.data.store import SampleData

TSV = "text/tab-separated-values"


def are_withheld(study: Mapping[str, Any]) -> bool:
    """Whether rows of patients must not be in the archive: as declared, else if a cohort is of local files."""
    declared = study.get("patient_data")
    if declared in ("included", "withheld"):
        return bool(declared == "withheld")
    cohorts = study.get("cohorts")
    cohorts = cohorts.values() if isinstance(cohorts, Mapping) else ()
    steps = [s for c in cohorts if isinstance(c, Mapping) for s in c.get("steps") or [] if isinstance(s, Mapping)]
    sources = [s["fetch_cohort"].get("source") for s in steps if isinstance(s.get("fetch_cohort"), Mapping)]
    return not sources or any(source in ("local", None) for source in sources)


def sample_members(
    study: Mapping[str, Any], joined: Joined, samples: Sequence[SampleData]
) -> tuple[list[Member], list[str]]:
    """The sheets and groups as files of the crate, and a sentence with the checksum of each file that is not in it."""
    made: dict[str, Any] = {}
    for step in joined.steps:
        for kind, sha in list_outputs(step.record):
            made.setdefault(sha, file_name(step, kind or "samples"))
    kept, absent = [], []
    for file in {s.sha256: s for s in samples}.values():
        name = made.get(file.sha256, f"input_{file.sha256[:8]}")
        if are_withheld(study):
            absent.append(f"{name}: data of patients, withheld; SHA-256 {file.sha256}")
        elif file.is_matrix:
            absent.append(f"{name}: matrix of all genes; a run of the study makes it again; SHA-256 {file.sha256}")
        else:
            title = name.replace("_", " ")
            kept.append(Member(f"samples/{name}.tsv", f"Samples: {title}", file.data, TSV, file.sha256))
    if are_withheld(study):
        rows = {table.sha256: file_name(step, kind or "table") for step in joined.steps for kind, table in step.tables
                if "sample_id" in table.frame}  # fmt: skip
        absent += [f"{name}: a row per patient, withheld; SHA-256 {sha}" for sha, name in rows.items()]
    return kept, absent

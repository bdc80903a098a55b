"""The samples that the steps of a study analyzed, as tables with the columns and genes that they took and no others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from prognomics.report.results.identity import Finding
from prognomics.report.results.joined import Joined
from prognomics.report.results.steps import Step, list_outputs

if TYPE_CHECKING:
    from prognomics.data.store import SampleData

COLUMNS = (
    "covariate", "marker_column", "group_column", "score_column", "variable", "outcome_column", "time_column",
    "event_column", "subgroup", "cohort_column", "weight_column", "entry_time_column", "cluster", "marker",
)  # fmt: skip
ALWAYS = ("sample_id", "cohort")
Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Tables:
    """`files` are (name, rows); `of_step` states which of them a step is of, by its number."""

    files: Sequence[tuple[str, Rows]]
    of_step: Mapping[int, str]


def sample_tables(joined: Joined, samples: Sequence[SampleData]) -> Tables:
    """One table per set of files that steps took; steps whose files are not all at hand have none."""
    by_sha = {s.sha256: s for s in samples}
    files: list[tuple[str, Rows]] = []
    of_step: dict[int, str] = {}
    keys: dict[tuple[str, ...], list[Step]] = {}
    with_findings = {f.step.number for f in joined.findings.all}
    for step in joined.steps:
        taken = [sha for kind, sha in list_outputs(step.record, "inputs")
                 if kind in ("sample_sheet", "annotation", "expression_matrix")]  # fmt: skip
        if step.number in with_findings and taken and all(sha in by_sha for sha in taken):
            keys.setdefault(tuple(sorted(taken)), []).append(step)
    for key, steps in keys.items():
        rows = _table(steps, [by_sha[sha] for sha in key], joined.findings.all)
        name = next((n for n, known in files if known == rows), f"samples_{len(files) + 1}.tsv")
        if all(n != name for n, _ in files):
            files.append((name, rows))
        of_step |= {step.number: name for step in steps}
    return Tables(files, of_step)


def _table(steps: Sequence[Step], files: Sequence[SampleData], findings: Sequence[Finding]) -> Rows:
    columns, genes = _names(steps, findings)
    merged: dict[str, dict[str, str]] = {}
    for file in (f for f in files if not f.is_matrix):
        frame = file.columns()
        if "sample_id" not in frame:
            continue
        kept = [c for c in frame.columns if c in columns]
        for record in frame[kept].to_dict("records"):
            own = merged.setdefault(str(record["sample_id"]), {})
            own.update({str(k): _text(v) for k, v in record.items()})
    for file in (f for f in files if genes and (f.is_matrix or "sample_id" not in f.columns())):
        for gene, values in file.genes(genes).items():
            for sample, value in values.items():
                if sample in merged:
                    merged[sample][gene] = f"{value:.17g}"
    names = [*ALWAYS, *sorted({n for row in merged.values() for n in row} - set(ALWAYS))]
    rows = [{n: row.get(n, "NA") for n in names if n != "cohort" or n in row} for row in merged.values()]
    return sorted(rows, key=lambda r: r["sample_id"])


def _text(value: Any) -> str:
    text = " ".join(str(value).split()) if value == value and value is not None else ""
    return text or "NA"


def _names(steps: Sequence[Step], findings: Sequence[Finding]) -> tuple[set[str], list[str]]:
    """The columns that these steps took, and the genes."""
    columns, genes = set(ALWAYS), []
    for step in steps:
        for option in COLUMNS:
            columns |= set(step.listed(option))
        for option in ("strata", "cluster"):
            columns |= {c for c in step.listed(option) if c not in ("auto", "none")}
        for endpoint in step.listed("endpoint"):
            columns |= {f"{endpoint}_time", f"{endpoint}_event"}
        columns |= {filter_column(condition) for condition in step.listed("where")}
        genes += step.listed("gene")
        genes += [f.identity.term for f in findings if f.step is step and step.tool == "screen"]
    return columns, list(dict.fromkeys(genes))


def filter_column(condition: str) -> str:
    """The column of `column=value` or `column!=value`."""
    return condition.partition("=")[0].removesuffix("!")

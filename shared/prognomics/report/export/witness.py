"""The witness of a report: an R script and small tables with which R computes the findings again and compares them.

`samples_1.tsv` and so on hold the columns and genes that the analyses took, one row per sample, unless data of patients
are withheld; `findings.tsv` what was found, and how; `printed.tsv` the numbers that the page prints, each with its
finding.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from prognomics.data.registry import known_artifact
from prognomics.report.export.printed import printed_numbers
from prognomics.report.export.witness_samples import Tables, sample_tables
from prognomics.report.results.identity import Finding
from prognomics.report.results.joined import Joined
from prognomics.report.results.rows import get, label
from prognomics.report.results.steps import Step
from prognomics.report.results.table import coding_of_model, findings_table
from prognomics.report.wording import is_absent

if TYPE_CHECKING:
    from prognomics.data.store import SampleData

FOLDER = "witness"
NOT_REPEATED = (
    "weight_column", "entry_time_column", "cluster", "one_sample_per_patient", "landmark", "adjust_for", "impute",
    "interaction", "spline", "time_varying", "effects", "block", "pair_column",
)  # fmt: skip
REPEATED = {  # by table
    **dict.fromkeys(("cox_table", "cox_model"), (
        "weight_column", "entry_time_column", "cluster", "interaction", "spline", "time_varying",
    )),
    **dict.fromkeys(("cox_ph", "cox_added", "cox_combinations"), (
        "weight_column", "entry_time_column", "cluster", "interaction", "spline",
    )),
    "odds_table": ("interaction",), "odds_model": ("interaction",),
}  # fmt: skip
METHODS = (
    "ties",
    "conf_type",
    "weights",
    "tau",
    "hartung_knapp",
    "test",
    "group_column",
    "outcome_level",
    "at",
    "quantile",
    "transform",
    "factor",
    "weight_column",
    "entry_time_column",
    "cluster",
    "knots",
    "time_split",
    "penalty",
    "early_power",
    "late_power",
    "correction",
    "min_fraction",
)


def witness_files(joined: Joined, page: str, samples: Sequence[SampleData], withheld: bool) -> dict[str, bytes]:
    """The files of the witness by name; none without findings."""
    rows = findings_table(joined)
    if not rows:
        return {}
    tables = Tables((), {}) if withheld else sample_tables(joined, samples)
    for row, finding in zip(rows, joined.findings.all, strict=True):
        row.update(_how(finding, tables))
        row["why_not"] = _why_not(finding, row)
    printed = printed_numbers(page, rows)
    return {
        **{f"{FOLDER}/{name}": _tsv(table) for name, table in tables.files},
        f"{FOLDER}/findings.tsv": _tsv(rows), f"{FOLDER}/printed.tsv": _tsv(printed),
        f"{FOLDER}/witness.R": _script(),
    }  # fmt: skip


def _script() -> bytes:
    from prognomics.report.page import TEMPLATES

    return b"".join(
        (TEMPLATES / name).read_bytes()
        for name in ("witness.R", "witness_models.R", "witness_options.R", "witness_compare.R")
    )


def _how(finding: Finding, tables: Tables) -> dict[str, str]:
    """What R needs to compute a finding: the table of samples, the columns, and the options of the method."""
    step, row = finding.step, finding.row
    name = label(step.parameters.get("endpoint"))
    time, event = (label(step.parameters.get(k)) for k in ("time_column", "event_column"))
    options = {k: ",".join(step.listed(k)) for k in METHODS if k in step.parameters}
    return {
        "data": tables.of_step.get(step.number, ""), "time_column": time or f"{name}_time",
        "event_column": event or f"{name}_event", "censor_at": label(step.parameters.get("censor_at")) or "NA",
        "level": label(get(row, "level")), "reference": label(get(row, "reference")), "unit": label(get(row, "unit")),
        "row_type": label(get(row, "row_type")), "comparison": label(get(row, "comparison")),
        "subgroup": label(get(row, "subgroup")), "strata": label(get(row, "strata")) or "none",
        "terms": coding_of_model(finding), "beta": _plain(get(row, "beta")), **options,
        "row_method": label(get(row, "method")), "row_ties": label(get(row, "ties")),
        "row_note": label(get(row, "note")),
        "interval": label(get(row, "interval")), "cohorts_of": _cohort_column(step),
    }  # fmt: skip


def _cohort_column(step: Step) -> str:
    return label(step.parameters.get("cohort_column")) or "cohort"


def _plain(value: Any) -> str:
    return "NA" if is_absent(value) else f"{float(value):.10g}"


def _why_not(finding: Finding, row: Mapping[str, str]) -> str:
    """Why the script does not compute a finding; '' if it does."""
    step = finding.step
    table = known_artifact(finding.place[0])
    if table is not None and table.not_recomputed:
        return table.not_recomputed
    known = REPEATED.get(finding.place[0], ())
    used = [k for k in NOT_REPEATED if k not in known and step.parameters.get(k) not in (None, [], False, 0, "")]
    if used:
        return f"the option {used[0].replace('_', ' ')} is not repeated"
    if label(step.parameters.get("penalty")) not in ("", "none") and finding.place[0] != "cox_table":
        return f"{step.parameters['penalty']} penalty is not in the package survival"
    if label(get(finding.row, "estimable")) == "no":
        return "not estimable"
    if finding.place[0] == "cox_ph" and not _all_estimable(finding):
        return "a coefficient of the model cannot be estimated"
    return "" if row["data"] else "data of the samples are not in the witness"


def _all_estimable(finding: Finding) -> bool:
    rows = finding.step.rows("cox_table")
    model, term = finding.identity.model, finding.identity.term.removeprefix("GLOBAL of ")
    mine = [r for r in rows if label(get(r, "model")) == model]
    mine = [r for r in mine if label(get(r, "term")) == term] if model.startswith("univariable") else mine
    return all(label(get(r, "estimable")) != "no" for r in mine)


def _tsv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE, escapechar=None,
                        quotechar=None)  # fmt: skip
    writer.writerow([_cell(n) for n in names])
    writer.writerows([_cell(row.get(n, "NA")) for n in names] for row in rows)
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    return " ".join(str(value).split()) or "NA"

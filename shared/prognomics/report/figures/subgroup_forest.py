"""The hazard ratio of a marker in subgroups, with the tests of interaction."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

import pandas as pd

from prognomics.errors import BadInput
from prognomics.report.figures import style
from prognomics.report.figures.forest import counts_text, is_estimable, unit_text
from prognomics.report.figures.forest_layout import ForestLayout, ForestRow
from prognomics.report.wording import ABSENT, as_number, clean_text, format_p, format_ratio_unit, is_absent

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass
class SubgroupForestFigure(style.StudyFigure):
    """A marker's hazard ratio in all samples and in each level of each subgroup variable.

    Parameters
    ----------
    table : DataFrame
        `cox --out-subgroups`.
    """

    table: pd.DataFrame
    _: KW_ONLY

    def draw(self) -> Figure:
        """Raises `BadInput` when the table has no row."""
        if not len(self.table):
            raise BadInput("the table of subgroups has no row", where="cox --out-subgroups")
        table = self.table
        rows: list[ForestRow] = []
        for term in dict.fromkeys(table["term"]):
            part = table[table["term"] == term]
            rows.append(ForestRow(label=_marker_text(part), kind="heading"))
            for _, row in part[part["row_type"] == "overall"].iterrows():
                rows.append(_row(_with_contrast("All samples", row, part), row, "summary", 0))
            for name in dict.fromkeys(part["subgroup"].dropna()):
                rows += _variable_rows(clean_text(name), part[part["subgroup"] == name])
        tests = int(as_number(table["n_tests"].iloc[0]) or 0)
        notes = [f"p: of the interaction, not adjusted for {tests} test{'s' * (tests != 1)} of interaction."]
        strata = [s for s in dict.fromkeys(table["strata"]) if not is_absent(s) and s != "none"]
        if strata:
            notes.append(f"Baseline hazards stratified by {', '.join(clean_text(s) for s in strata)}.")
        return ForestLayout(
            rows, label_header="Subgroup", left_headers=("n/events",), right_headers=("HR (95% CI)", "p interaction"),
            title=self.title, footnotes=notes,
        ).draw()  # fmt: skip


def _variable_rows(name: str, part: pd.DataFrame) -> list[ForestRow]:
    test = part[part["row_type"] == "interaction"].iloc[0]
    p = test["p_lr"] if is_absent(test["p_value"]) else test["p_value"]
    rows = [ForestRow(name, (), ("", ABSENT if is_absent(p) else format_p(p)), "text")]
    levels = part[part["row_type"] == "level"]
    for _, row in levels.iterrows():
        label = clean_text(row["level"])
        if is_absent(row.get("n_level")) and "percentile" in str(row.get("note")):
            label = f"at {label}"
        rows.append(_row(_with_contrast(label, row, levels), row, "estimate", 1))
    return rows


def _marker_text(part: pd.DataFrame) -> str:
    row, term = part.iloc[0], clean_text(part["term"].iloc[0])
    if not is_absent(row["term_level"]):
        several = part["term_level"].nunique() > 1
        return term if several else f"{term}: {clean_text(row['term_level'])} vs {clean_text(row['reference'])}"
    return f"{term} (per {unit_text(row['unit'])})"


def _with_contrast(label: str, row: pd.Series, part: pd.DataFrame) -> str:
    """The label with the marker's level, where the marker has several."""
    return f"{label}, {clean_text(row['term_level'])}" if part["term_level"].nunique() > 1 else label


def _row(label: str, row: pd.Series, kind: str, indent: int) -> ForestRow:
    counts = (counts_text(row),) if kind == "summary" or not is_absent(row.get("n_level")) else ("",)
    if not is_estimable(row):
        return ForestRow(label, counts, ("not estimable", ""), "text", indent=indent)
    ratio, low, high = (as_number(row.get(name)) for name in ("hr", "ci_low", "ci_high"))
    color = style.low() if kind == "summary" else style.INK
    return ForestRow(label, counts, (format_ratio_unit(ratio, low, high), ""), kind, ratio, low, high, 0.35, color,
                     indent)  # fmt: skip

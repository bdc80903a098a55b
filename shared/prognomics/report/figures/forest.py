"""Forest plots of a Cox analysis, and of one marker's hazard ratio over all analyses of a study."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from prognomics.errors import BadInput
from prognomics.report.figures import style
from prognomics.report.figures.forest_layout import ForestLayout, ForestRow
from prognomics.report.wording import (
    ABSENT,
    as_number,
    clean_text,
    format_count,
    format_number,
    format_p,
    format_ratio_unit,
    is_absent,
    sentence_case,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MODEL_HEADINGS = {
    "univariable": "Univariable (each variable alone)",
    "multivariable": "Multivariable (adjusted for one another)",
    "selected": "Multivariable, those selected by p",
}


def is_estimable(row: pd.Series) -> bool:
    """False when the table states no, or gives no ratio."""
    said = str(row.get("estimable", "yes")).strip().casefold()
    return said not in ("no", "false", "0", "0.0") and not is_absent(row.get("hr"))


def counts_text(row: pd.Series) -> str:
    """`n/events` of a level where the table knows them, of the whole model otherwise."""
    if not is_absent(row.get("n_level")):
        return f"{format_count(row['n_level'])}/{format_count(row.get('events_level'))}"
    return f"{format_count(row.get('n'))}/{format_count(row.get('events'))}"


def unit_text(unit: object) -> str:
    """The unit of a numeric term: `1`, `SD`."""
    number = as_number(unit)
    return clean_text(unit) if number != number else format_number(number)


@dataclass
class CoxForestFigure(style.StudyFigure):
    """Hazard ratios of all terms of one Cox table, one model below the other.

    Parameters
    ----------
    table : DataFrame
        `cox --out-table`: rows of `row_type` level, reference and omnibus.
    title : str
    endpoint : str
        Not drawn unless given in the title; kept for the caption.
    """

    table: pd.DataFrame
    _: KW_ONLY
    endpoint: str = ""

    SHORT: ClassVar[str] = "HR"
    AXIS: ClassVar[str] = "Hazard ratio (log scale)"
    DIRECTIONS: ClassVar[tuple[str, str]] = ("lower hazard", "higher hazard")
    STRATA: ClassVar[str] = "Baseline hazards stratified by {}."
    WHERE: ClassVar[str] = "cox --out-table"
    NOTES: ClassVar[tuple[str, ...]] = ()

    def draw(self) -> Figure:
        """Raises `BadInput` when the table has no row."""
        if not len(self.table):
            raise BadInput("the table has no row", where=self.WHERE)
        table = self._shown()
        rows: list[ForestRow] = []
        models = list(dict.fromkeys(table["model"]))
        for model in models:
            heading = MODEL_HEADINGS.get(str(model), f"Model: {clean_text(model)}")
            rows.append(ForestRow(label=heading, kind="heading", color=style.low()))
            part = table[table["model"] == model]
            for term in dict.fromkeys(part["term"]):
                rows.extend(_term_rows(clean_text(term), part[part["term"] == term]))
        changing = "interval" in table.columns and table["interval"].notna().any()
        strata = [s for s in dict.fromkeys(table.get("strata", [])) if not is_absent(s) and s != "none"]
        notes = ["n/events: of the level, or of the model for a numeric variable. Open circle: reference level."]
        if changing:
            notes.append("Over time: n/events of the interval, p of the change (test against a constant effect).")
        notes.extend(self.NOTES)
        if strata:
            notes.append(self.STRATA.format(", ".join(clean_text(s) for s in strata)))
        return ForestLayout(
            rows,
            label_header="Variable",
            left_headers=("n/events",),
            right_headers=(f"{self.SHORT} (95% CI)", "p"),
            axis_label=self.AXIS,
            directions=self.DIRECTIONS,
            title=self.title,
            footnotes=notes,
        ).draw()

    def _shown(self) -> pd.DataFrame:
        """The table with the names of columns that rows are drawn from."""
        return self.table


@dataclass
class OddsForestFigure(CoxForestFigure):
    """Odds ratios of all terms of one table of `logistic --out-table`, one model below the other."""

    SHORT: ClassVar[str] = "OR"
    AXIS: ClassVar[str] = "Odds ratio (log scale)"
    DIRECTIONS: ClassVar[tuple[str, str]] = ("lower odds", "higher odds")
    STRATA: ClassVar[str] = "Conditional on {}."
    WHERE: ClassVar[str] = "logistic --out-table"
    NOTES: ClassVar[tuple[str, ...]] = (
        "p: likelihood ratio, as the intervals; Wald for a variable whose interaction is in the model.",
    )

    def _shown(self) -> pd.DataFrame:
        """The p-values that agree with profile intervals are those of the likelihood ratio."""
        table = self.table.rename(columns={"odds_ratio": "hr"})
        return table.assign(p_value=table["p_lr"].where(table["p_lr"].notna(), table["p_value"]))


def _term_rows(term: str, part: pd.DataFrame) -> list[ForestRow]:
    """Rows of a term, then those of its effect within the levels of what modifies it."""
    within = part[part["row_type"] == "within"]
    rows = _own_rows(term, part)
    if len(within):
        rows.append(ForestRow(label=f"{term}, within levels", kind="text", indent=1))
        rows.extend(_estimate_row(clean_text(row["level"]), row, indent=2) for _, row in within.iterrows())
    return rows


def _own_rows(term: str, part: pd.DataFrame) -> list[ForestRow]:
    levels = part[part["row_type"] == "level"]
    references = part[part["row_type"] == "reference"]
    omnibus = part[part["row_type"] == "omnibus"]
    if "interval" in part.columns and part["interval"].notna().any():
        return _rows_over_time(term, references, levels, omnibus)
    p_term = format_p(omnibus["p_value"].iloc[0]) if len(omnibus) else ""
    if len(references) == 0 and len(levels) == 1 and is_absent(levels["level"].iloc[0]):
        row = levels.iloc[0]
        label = term if is_absent(row.get("unit")) else f"{term} (per {unit_text(row['unit'])})"
        return [_estimate_row(label, row, indent=1)]
    if len(levels) == 1:
        row = levels.iloc[0]
        reference = clean_text(row.get("reference"))
        versus = "" if is_absent(row.get("reference")) else f" vs {reference}"
        return [_estimate_row(f"{term}: {clean_text(row['level'])}{versus}", row, indent=1)]
    rows = [ForestRow(label=term, cells_right=("", p_term), kind="text", indent=1)]
    for _, row in references.iterrows():
        label = f"{clean_text(row['level'])}"
        rows.append(ForestRow(label, (counts_text(row),), ("1 (reference)", ""), "reference", 1.0, indent=2))
    rows.extend(_estimate_row(clean_text(row["level"]), row, indent=2) for _, row in levels.iterrows())
    return rows


def _rows_over_time(
    term: str, references: pd.DataFrame, levels: pd.DataFrame, omnibus: pd.DataFrame
) -> list[ForestRow]:
    """Rows of an effect that changes over time: by interval, or its start and its change."""
    p_term = "".join(format_p(p) for p in omnibus["p_value"].head(1) if not is_absent(p))
    rows = [ForestRow(f"{term} over time", (), ("", p_term), "text", indent=1)]
    for _, row in references.iterrows():
        rows.append(ForestRow(clean_text(row["level"]), (counts_text(row),), ("1 (reference)", ""), "reference", 1.0,
                              indent=2))  # fmt: skip
    for _, row in levels.iterrows():
        interval = "at time 0" if is_absent(row["interval"]) else clean_text(row["interval"])
        interval = f"change per {interval}" if interval.startswith("log") else interval
        interval = f"after {interval[:-1]}" if interval.endswith("-") else interval
        interval += " months" if interval[-1].isdigit() else ""
        label = interval if is_absent(row["level"]) else f"{clean_text(row['level'])}, {interval}"
        rows.append(_estimate_row(label, row, indent=2))
    return rows


def _estimate_row(label: str, row: pd.Series, indent: int) -> ForestRow:
    if not is_estimable(row):
        return ForestRow(label, (counts_text(row),), ("not estimable", ABSENT), "text", indent=indent)
    ratio, low, high = (as_number(row.get(name)) for name in ("hr", "ci_low", "ci_high"))
    cells = (format_ratio_unit(ratio, low, high), format_p(row.get("p_value")))
    excludes_one = low > 1 or high < 1
    color = (style.high() if ratio > 1 else style.low()) if excludes_one else style.INK
    return ForestRow(label, (counts_text(row),), cells, "estimate", ratio, low, high, 0.35, color, indent)


@dataclass
class OverviewForestFigure(style.StudyFigure):
    """One marker's hazard ratio in each cohort, stratified and unstratified, in one picture.

    Parameters
    ----------
    rows : DataFrame
        `label, n, events, hr, ci_low, ci_high, p_value, kind`; kind is heading, cohort
        (a square, larger with more events), headline (a colored diamond) or pooled
        (a gray diamond). A row without `hr` is shown as not estimable.
    title : str
    axis_label : str
    notes : sequence of str
    """

    rows: pd.DataFrame
    _: KW_ONLY
    axis_label: str = "Hazard ratio (log scale)"
    notes: tuple[str, ...] = ()

    def draw(self) -> Figure:
        """Raises `BadInput` when there is no row."""
        if not len(self.rows):
            raise BadInput("the overview has no row", where="rows of the overview figure")
        most = max([as_number(v) for v in self.rows["events"] if not is_absent(v)], default=1.0) or 1.0
        drawn = []
        for _, row in self.rows.iterrows():
            label = clean_text(row["label"])
            kind = str(row.get("kind", "cohort"))
            if kind == "heading":
                drawn.append(ForestRow(sentence_case(label), kind="heading"))
                continue
            counts = (f"{format_count(row.get('n'))}/{format_count(row.get('events'))}",)
            if not is_estimable(row):
                drawn.append(ForestRow(label, counts, ("not estimable", ABSENT), "text"))
                continue
            ratio, low, high = (as_number(row.get(name)) for name in ("hr", "ci_low", "ci_high"))
            cells = (format_ratio_unit(ratio, low, high), format_p(row.get("p_value")))
            mark = "estimate" if kind == "cohort" else "summary"
            colors = {"headline": style.low(), "pooled": style.GRAY}
            size = as_number(row.get("events")) / most
            drawn.append(
                ForestRow(
                    label,
                    counts,
                    cells,
                    mark,
                    ratio,
                    low,
                    high,
                    size if size == size else 0.3,
                    colors.get(kind, style.INK),
                    bold=kind == "headline",
                )
            )
        return ForestLayout(
            drawn,
            label_header="Analysis",
            left_headers=("n/events",),
            right_headers=("HR (95% CI)", "p"),
            axis_label=self.axis_label,
            title=self.title,
            footnotes=self.notes,
        ).draw()

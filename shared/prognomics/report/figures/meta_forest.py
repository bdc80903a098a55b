"""The forest plot of a meta-analysis: cohorts, pooled estimates, heterogeneity, leave-one-out."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from prognomics.errors import BadInput
from prognomics.report.figures import style
from prognomics.report.figures.forest import unit_text
from prognomics.report.figures.forest_layout import ForestLayout, ForestRow
from prognomics.report.figures.look import OrderedGroups
from prognomics.report.wording import (
    as_number,
    clean_text,
    format_count,
    format_number,
    format_p,
    format_ratio_unit,
    is_absent,
    join_words,
    p_phrase,
    sentence_case,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

POOLED = {
    "random": ("Random effects", style.low),
    "fixed": ("Fixed effect", lambda: style.GRAY),
    "stratified": ("One model, stratified by cohort", lambda: style.hue(2)),
}
TAU_METHODS = {"reml": "REML", "dl": "DerSimonian-Laird", "pm": "Paule-Mandel"}


@dataclass
class MetaForestFigure(OrderedGroups, style.StudyFigure):
    """Cohorts with squares as large as their weights, pooled estimates as diamonds.

    Parameters
    ----------
    table : DataFrame
        `meta_analysis --out-table`.
    title : str
    leave_out : bool
        Whether to show the rows in which one cohort is excluded.
    """

    table: pd.DataFrame
    _: KW_ONLY
    leave_out: bool = True

    def draw(self) -> Figure:
        """Raises `BadInput` when the table has no row."""
        if not len(self.table):
            raise BadInput("the meta-analysis table has no row", where="meta_analysis --out-table")
        unit = _difference_unit(self.table)
        shown = self.table if unit is None else _as_ratios(self.table, unit)
        parts = {kind: self._ordered(part) for kind, part in shown.groupby("row_type", sort=False)}
        cohorts = parts.get("cohort", self.table.iloc[:0])
        cohorts = cohorts[[as_number(n) != 0 for n in cohorts.get("n", [])]]  # those without follow-up: a footnote
        weights = [as_number(w) for w in cohorts.get("weight", [])]
        total = sum(w for w in weights if w == w) or 1.0
        heaviest = max((w for w in weights if w == w), default=1.0) or 1.0
        rows = []
        for _, row in cohorts.iterrows():
            weight = as_number(row.get("weight"))
            share = f"{100 * weight / total:.0f}%" if weight == weight else ""
            rows.append(
                _row(
                    clean_text(row["cohort"]),
                    row,
                    "estimate",
                    style.INK,
                    share,
                    weight / heaviest if weight == weight else 0.3,
                )
            )
        for kind, (label, color) in POOLED.items():
            for _, row in parts.get(kind, self.table.iloc[:0]).iterrows():
                rows.append(_row(label, row, "summary", color(), "", bold=kind == "random"))
                if kind == "random" and not is_absent(row.get("pi_low")):
                    low, high = as_number(row["pi_low"]), as_number(row["pi_high"])
                    text = format_ratio_unit(row["hr"], low, high).partition(" ")[2]
                    if unit is not None:
                        text = f"({row['text'].partition('; ')[2]})"
                    rows.append(
                        ForestRow(
                            "Prediction interval",
                            ("", ""),
                            (text, ""),
                            "interval",
                            low=low,
                            high=high,
                            color=style.hue(4),
                        )
                    )
        if "subgroup" in parts:
            rows.append(ForestRow("Subgroups of cohorts", kind="heading"))
            for _, row in parts["subgroup"].iterrows():
                rows.append(_row(clean_text(row["subgroup"]), row, "summary", style.hue(3), "", indent=1))
        if self.leave_out and "leave_out" in parts:
            rows.append(ForestRow("Omitted one at a time", kind="heading"))
            for _, row in parts["leave_out"].iterrows():
                label = f"without {clean_text(row['cohort'])}"
                rows.append(_row(label, row, "estimate", style.GRAY, "", 0.15, indent=1))
        units = [u for u in dict.fromkeys(self.table.get("unit", [])) if not is_absent(u)]
        of = unit_text(units[0]) if len(units) == 1 else ""
        of = f", {of}" if " vs " in of else f" per {of}" if of else ""
        words: dict[str, Any] = {} if unit is None else {"directions": ("lower", "higher"), "difference_unit": unit}
        return ForestLayout(
            rows,
            label_header="Cohort",
            left_headers=("n/events", "weight"),
            right_headers=("HR (95% CI)" if unit is None else "Effect (95% CI)", "p"),
            axis_label=f"Hazard ratio{of} (log scale)" if unit is None else "Effect",
            title=self.title,
            footnotes=(*heterogeneity(self.table), *_tests(self.table), *_reservations(self.table)),
            **words,
        ).draw()

    def _ordered(self, part: pd.DataFrame) -> pd.DataFrame:
        """Rows of cohorts in the order requested."""
        if part["row_type"].iloc[0] not in ("cohort", "leave_out") or not self.group_order:
            return part
        return part.iloc[self.places(part["cohort"])]


def heterogeneity(table: pd.DataFrame) -> tuple[str, ...]:
    """`I² = 12%, τ² = 0.03 (REML), Q = 2.3 on 2 df, p = 0.31` of the random or the fixed row."""
    for kind in ("random", "fixed"):
        rows = table[table["row_type"] == kind]
        if len(rows) and not is_absent(rows.iloc[0].get("q")):
            row = rows.iloc[0]
            i2 = as_number(row.get("i2"))
            parts = [f"I² = {i2:.0f}%"] if i2 == i2 else []
            method = "" if is_absent(row.get("tau2_method")) else clean_text(row["tau2_method"])
            if not is_absent(row.get("tau2")) and method != "none":
                method = f" ({TAU_METHODS.get(method, method)})" if method else ""
                parts.append(f"τ² = {format_number(row['tau2'])}{method}")
            q = f"Q = {format_number(row['q'])} on {format_count(row.get('q_df'))} df"
            parts.append(f"{q}, {p_phrase(row.get('q_p'))}")
            return ("Heterogeneity: " + ", ".join(parts) + ".",)
    return ()


def _difference_unit(table: pd.DataFrame) -> float | None:
    """What differences are divided by to be drawn; None for ratios."""
    if "estimate" not in table.columns or table["hr"].notna().any() or table["estimate"].isna().all():
        return None
    reach = table.loc[table["row_type"] != "egger", ["estimate", "ci_low", "ci_high"]].abs().max().max()
    return float(reach) or 1.0


def _as_ratios(table: pd.DataFrame, unit: float) -> pd.DataFrame:
    """The table with differences d as exp(d / unit) where ratios stand, and their numbers as `text`."""
    shown = table.copy()
    numbers = [[as_number(row.get(name)) for name in ("estimate", "ci_low", "ci_high", "pi_low", "pi_high")]
               for _, row in table.iterrows()]  # fmt: skip
    shown["text"] = [
        f"{format_number(d)} ({format_number(low)} to {format_number(high)})"
        + (f"; {format_number(ahead)} to {format_number(far)}" if ahead == ahead else "")
        for d, low, high, ahead, far in numbers
    ]
    for name, column in (("estimate", "hr"), *((name, name) for name in ("ci_low", "ci_high", "pi_low", "pi_high"))):
        shown[column] = np.exp(table[name].astype(float) / unit)
    return shown


def _tests(table: pd.DataFrame) -> tuple[str, ...]:
    """The test between subgroups, and Egger's."""
    said = []
    for kind, name in (("subgroup_test", "Difference between subgroups"), ("egger", "Asymmetry (Egger's test)")):
        rows = table[table["row_type"] == kind]
        if len(rows):
            said.append(f"{name}: {p_phrase(rows.iloc[0]['p_value'])}.")
    return tuple(said)


def _reservations(table: pd.DataFrame) -> tuple[str, ...]:
    """How the pooled interval was made, and what the table notes on it and on single cohorts."""
    said = []
    for kind in ("random", "fixed"):
        rows = table[table["row_type"] == kind]
        if len(rows) and not is_absent(rows.iloc[0].get("method")):
            note = rows.iloc[0].get("note")
            ending = "" if is_absent(note) else f". {sentence_case(clean_text(note))}"
            said.append(f"Pooled: {clean_text(rows.iloc[0]['method'])}{ending}.")
            break
    rows = table[table["row_type"] == "cohort"]
    rows = rows[[not is_absent(note) for note in rows.get("note", [None] * len(rows))]]
    noted: dict[str, list[str]] = {}
    for _, row in rows.iterrows():
        noted.setdefault(clean_text(row["note"]), []).append(clean_text(row["cohort"]))
    parts = [f"{join_words(cohorts)}: {note}" for note, cohorts in noted.items()]
    return (*said, *([f"{'; '.join(parts)}."] if parts else []))


def _row(
    label: str,
    row: pd.Series,
    kind: str,
    color: str,
    share: str,
    size: float = 0.5,
    bold: bool = False,
    indent: int = 0,
) -> ForestRow:
    ratio, low, high = (as_number(row.get(name)) for name in ("hr", "ci_low", "ci_high"))
    counts = f"{format_count(row.get('n'))}/{format_count(row.get('events'))}"
    if ratio != ratio:
        return ForestRow(label, (counts, share), ("not estimable", ""), "text", indent=indent)
    text = row.get("text")
    text = format_ratio_unit(ratio, low, high) if is_absent(text) else str(text).partition("; ")[0]
    cells = (text, format_p(row.get("p_value")))
    return ForestRow(label, (counts, share), cells, kind, ratio, low, high, size, color, indent, bold)

"""ROC curves with the cutpoint that a rule chose, and the values of cases and controls next to them."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from prognomics.errors import BadInput
from prognomics.report.figures import style
from prognomics.report.figures.look import SIDES, ColoredGroups, OfValues, OrderedGroups
from prognomics.report.wording import (
    as_number,
    clean_text,
    format_count,
    format_number,
    format_percent,
    is_absent,
    plural,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RULES = {"youden": "Youden", "closest_topleft": "closest to the top left", "min_specificity": "least specificity"}
LINE = 0.165  # height of a text line in inches
SIDE, STRIP = 2.75, 2.35  # a single curve, and the values beside it
ACROSS, BETWEEN = 3, 0.46  # several curves
LEFT, RIGHT, EDGE = 0.62, 0.15, 0.15


@dataclass
class RocFigure(OrderedGroups, ColoredGroups, OfValues, style.StudyFigure):
    """One ROC curve beside the values of cases and controls; several cohorts as small curves.

    Parameters
    ----------
    curve : DataFrame
        `cutpoint --out-roc`: `threshold, sensitivity, specificity, n_high_case, n_high_control, n_case,
        n_control, chosen`, and `learnt_in` if there are several curves.
    table : DataFrame
        `cutpoint --out-table`: the cutpoint, the area and their intervals, one row per curve.
    title : str
    """

    curve: pd.DataFrame
    table: pd.DataFrame
    _: KW_ONLY

    def draw(self) -> Figure:
        """Raises `BadInput` when one of the tables has no row."""
        for table, where in ((self.curve, "cutpoint --out-roc"), (self.table, "cutpoint --out-table")):
            if not len(table):
                raise BadInput("the table has no row", where=where)
        title = style.title_lines(self.title)
        self.check_colors(SIDES)
        top = 0.14 + 0.24 * len(title)
        figure = self._draw_one(top) if len(self.table) == 1 else self._draw_many(top)
        style.put_title(figure, title)
        return figure

    # ------------------------------------------------------------ one curve

    def _draw_one(self, top: float) -> Figure:
        row = self.table.iloc[0]
        room = style.WIDTH - 2 * EDGE
        lines = [line for text in _sentences(row) for line in style.wrap_text(text, room, style.SMALL)]
        bottom = 0.22 + LINE * len(lines) + 0.4
        figure = style.new_figure(style.WIDTH, bottom + SIDE + top)
        for i, line in enumerate(lines):
            place = 0.14 + LINE * (len(lines) - 1 - i)
            style.put_text(figure, EDGE, place, line, fontsize=style.SMALL, color=style.GRAY)
        axes = style.add_axes(figure, LEFT, bottom, SIDE, SIDE)
        _draw_curve(axes, self.curve, row)
        _label_axes(axes)
        _put_area(axes, row, style.TEXT)
        left = style.WIDTH - STRIP - 2 * EDGE
        axes = style.add_axes(figure, left, bottom, STRIP, SIDE)
        _draw_values(axes, self.curve, row)
        axes.set_ylabel(style.fit_text(self.with_unit(clean_text(row["marker"])), SIDE), labelpad=2)
        return figure

    # ------------------------------------------------------------ several curves

    def _draw_many(self, top: float) -> Figure:
        across = min(len(self.table), ACROSS)
        deep, step = -(-len(self.table) // across), (style.WIDTH - LEFT - RIGHT) / across
        side, between = step - BETWEEN, 0.6
        if deep * (side + between) + top + 0.1 > style.PAGE_HEIGHT:
            side, between = style.panel_height(side, deep, deep * 0.5 + top + 0.1), 0.5
        rise = side + between
        figure = style.new_figure(style.WIDTH, deep * rise + top + 0.1)
        height = deep * rise + top + 0.1
        for i, (_, row) in enumerate(self.table.iloc[self.places(self.table["learnt_in"])].iterrows()):
            left = LEFT + (i % across) * step
            bottom = height - top - (i // across + 1) * rise + between - 0.15
            axes = style.add_axes(figure, left, bottom, side, side)
            part = self.curve[self.curve["learnt_in"].astype(str) == str(row["learnt_in"])]
            _draw_curve(axes, part, row)
            _label_axes(axes, x=i + across >= len(self.table), y=i % across == 0)
            _put_area(axes, row, style.SMALL)
            cut = f": cut at {format_number(row['lowest_high'], 4)}"
            name = style.fit_name(row["learnt_in"], cut, step - 0.1)
            style.put_text(figure, left, bottom + side + 0.07, name, weight="bold", fontsize=style.TEXT)
        return figure


def _sentences(row: pd.Series) -> list[str]:
    """What the cutpoint is and what it does, for the foot of the figure."""
    rule = str(row["rule"]).split()
    words = " ".join([RULES.get(rule[0], clean_text(rule[0])), *rule[1:]])
    marker = clean_text(row["marker"])
    texts = [
        f"Cut ({words}): {marker} ≥ {format_number(row['lowest_high'], 4)} is high. Sensitivity "
        f"{_share(row, 'sensitivity')}, specificity {_share(row, 'specificity')}; bars: exact 95% intervals.",
        "Points: single samples; lines across them: medians.",
    ]
    if as_number(row.get("n_tied_optima")) > 1:
        texts.append(f"{format_count(row['n_tied_optima'])} thresholds tie for the optimum; the one with the highest "
                     "specificity is taken.")  # fmt: skip
    if str(row.get("direction")) == "low":
        texts.append("Cases are expected to have low values.")
    return texts


def _share(row: pd.Series, name: str) -> str:
    return format_percent(row[name], row.get(f"{name}_low"), row.get(f"{name}_high"))


def _put_area(axes: Any, row: pd.Series, size: float) -> None:
    """The area and what it rests on, in the corner under the curve."""
    low, high = as_number(row.get("auc_low")), as_number(row.get("auc_high"))
    area = f"AUC {as_number(row['auc']):.2f}"
    interval = f"95% CI {low:.2f}–{high:.2f}" if low == low else "no CI: fewer than ten"
    counts = [plural(row["n_case"], "case"), plural(row["n_control"], "control")]
    text = "\n".join([area, interval, *([", ".join(counts)] if size == style.TEXT else counts)])
    below = as_number(row["auc"]) < 0.4  # then the curve itself lies in that corner
    axes.text(
        0.03 if below else 0.97, 0.97 if below else 0.04, text, transform=axes.transAxes, fontsize=size,
        ha="left" if below else "right", va="top" if below else "bottom", linespacing=1.35, zorder=2,
        bbox={"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 1},
    )  # fmt: skip


def _draw_curve(axes: Any, curve: pd.DataFrame, row: pd.Series) -> None:
    """The steps of the curve, the chosen point and its exact intervals."""
    false = 1 - curve["specificity"].to_numpy(dtype=float)
    true = curve["sensitivity"].to_numpy(dtype=float)
    order = np.lexsort((true, false))
    axes.plot([0, 1], [0, 1], color=style.PALE, linewidth=0.9, zorder=1)
    axes.plot(np.append(0, false[order]), np.append(0, true[order]), color=style.INK, linewidth=1.4, zorder=3,
              solid_joinstyle="miter")  # fmt: skip
    x, y = 1 - as_number(row["specificity"]), as_number(row["sensitivity"])
    bars = {"color": style.high(), "linewidth": 1.1, "zorder": 4, "solid_capstyle": "butt"}
    axes.plot([1 - as_number(row["specificity_low"]), 1 - as_number(row["specificity_high"])], [y, y], **bars)
    axes.plot([x, x], [as_number(row["sensitivity_low"]), as_number(row["sensitivity_high"])], **bars)
    axes.plot([x], [y], marker="o", markersize=5.5, color=style.high(), markeredgecolor="white",
              markeredgewidth=0.6, linestyle="none", clip_on=False, zorder=5)  # fmt: skip
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    axes.set_aspect("equal")
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100"])
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100"])


def _label_axes(axes: Any, x: bool = True, y: bool = True) -> None:
    if x:
        axes.set_xlabel("1 − specificity (%)", labelpad=2)
    if y:
        axes.set_ylabel("Sensitivity (%)", labelpad=2)


def observed_values(curve: pd.DataFrame, side: str) -> np.ndarray:
    """The values of the cases or controls (`side`), read back from the counts at or above each threshold."""
    rows = curve[~curve["threshold"].map(is_absent)].sort_values("threshold")
    high = np.append(rows[f"n_high_{side}"].to_numpy(dtype=int), 0)
    return np.repeat(rows["threshold"].to_numpy(dtype=float), high[:-1] - high[1:])


def _draw_values(axes: Any, curve: pd.DataFrame, row: pd.Series) -> None:
    """Each control and case as a point, colored by the side of the cutpoint that it falls on."""
    cut = as_number(row["lowest_high"])
    for place, side in enumerate(("control", "case")):
        values = observed_values(curve, side)
        # points spread sideways by a fixed sequence: the same picture each time, no two in line
        spread = ((np.arange(len(values)) * 0.618034) % 1 - 0.5) * (0.62 if len(values) > 12 else 0.3)
        size = float(np.clip(1500 / max(len(values), 1), 3.5, 20))
        for chosen, color in ((values < cut, style.low()), (values >= cut, style.high())):
            x, y = place + spread[chosen], values[chosen]
            look = {"linewidths": 0, "alpha": 0.75, "zorder": 3, "rasterized": len(values) > style.MANY_POINTS}
            axes.scatter(x, y, s=size, color=color, **look)
        middle = np.median(values)
        axes.plot([place - 0.36, place + 0.36], [middle, middle], color=style.INK, linewidth=1.2, zorder=4)
    axes.axhline(cut, color=style.INK, linewidth=0.9, linestyle=(0, (4, 2)), zorder=2)
    axes.text(1.52, cut, " cut", va="center", ha="left", fontsize=style.SMALL, clip_on=False)
    axes.set_xlim(-0.5, 1.5)
    counts = [format_count(row["n_control"]), format_count(row["n_case"])]
    axes.set_xticks([0, 1], [f"Controls ({counts[0]})", f"Cases ({counts[1]})"])
    axes.tick_params(axis="x", length=0)
    axes.locator_params(axis="y", nbins=6)

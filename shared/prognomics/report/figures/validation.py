"""How a locked model does in other samples: calibration, survival by its groups, concordance by cohort."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from prognomics.errors import BadInput
from prognomics.report.figures import style
from prognomics.report.figures.curve_lookup import censored_points, overall_test_lines, step_points
from prognomics.report.figures.evaluation import percent_axis
from prognomics.report.figures.look import ColoredGroups, OrderedGroups, OverTime
from prognomics.report.wording import as_number, clean_text, endpoint_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEFT, RIGHT, GAP = 0.62, 0.14, 0.86
COHORTS = 1.3  # inches to the left of the panel of cohorts, for their names and numbers
SIDE, RISE = 2.3, 3.12  # height of a panel, and from one row of panels to the next


@dataclass
class ValidationFigure(OrderedGroups, ColoredGroups, OverTime, style.StudyFigure):
    """Up to three panels; one that there is nothing for is excluded.

    Parameters
    ----------
    table, calibration : DataFrame
        `apply_model --out-validation` and `--out-calibration`.
    curve : DataFrame or None
        Survival by the model's groups, as `kaplan_meier --out-curve`.
    test : DataFrame or None
        As `kaplan_meier --out-test`.
    endpoint : str
    """

    table: pd.DataFrame
    calibration: pd.DataFrame
    curve: pd.DataFrame | None = None
    test: pd.DataFrame | None = None
    _: KW_ONLY
    endpoint: str = "os"

    def draw(self) -> Figure:
        """Raises `BadInput` when the table has no row."""
        if not len(self.table):
            raise BadInput("the table has no row", where="apply_model --out-validation")
        panels = [self._calibration] if len(self.calibration) else []
        panels += [self._curves] if self.curve is not None and len(self.curve) else []
        panels.append(self._cohorts)
        title = style.title_lines(self.title)
        top = 0.3 + 0.2 * len(title)
        height = top + -(-len(panels) // 2) * RISE
        figure = style.new_figure(style.WIDTH, height)
        style.put_title(figure, title)
        first, gap = (COHORTS, GAP) if len(panels) % 2 else (LEFT, COHORTS)
        width = (style.WIDTH - first - RIGHT - gap) / 2
        for i, panel in enumerate(panels):
            left, bottom = first + (i % 2) * (width + gap), height - top - (i // 2) * RISE - SIDE - 0.22
            axes = style.add_axes(figure, left, bottom, width, SIDE)
            text = style.fit_text(f"{'ABC'[i]}  {panel(axes, width)}", width + 0.5, style.TEXT, True)
            style.put_text(figure, left - 0.5, bottom + SIDE + 0.09, text, weight="bold")
        return figure

    def _calibration(self, axes: Any, width: float) -> str:
        months = self.calibration["time_months"].astype(float)
        chosen = months.isna() if months.isna().all() else np.isclose(months, months.min())
        part = self.calibration[chosen]
        x, y, low, high = (part[c].to_numpy(float) for c in ("predicted", "observed", "ci_low", "ci_high"))
        axes.vlines(x, low, high, color=style.hue(1), linewidth=0.9, zorder=2, alpha=0.7)
        axes.plot(x, y, marker="o", markersize=4, color=style.hue(1), linewidth=1.0, zorder=3)
        top = min(1.0, np.ceil(np.nanmax([0.1, *x, *high]) * 10) / 10)
        axes.plot([0, top], [0, top], color=style.PALE, linewidth=0.9, zorder=1)
        percent_axis(axes, "x", top)
        percent_axis(axes, "y", top)
        axes.set_xlabel("Predicted risk (%)", labelpad=2)
        axes.set_ylabel("Observed risk (%)", labelpad=2)
        return "Calibration" + (f" at {self.unit.text(months.min())} {self.unit.name}" if months.notna().any() else "")

    def _curves(self, axes: Any, width: float) -> str:
        groups = self.in_order(self.curve["group"])
        self.check_colors(groups)
        colors, dashes = style.group_colors(groups), style.group_dashes(groups)
        longest = float(max(self.curve["time_months"].max(), 1e-9))
        for i, group in enumerate(groups):
            part = self.curve[self.curve["group"] == group].sort_values("time_months", kind="stable")
            points = step_points(part, longest)
            axes.plot(points["time_months"], points["survival"] * 100, drawstyle="steps-post", color=colors[group],
                      linestyle=dashes[group], linewidth=1.4, zorder=3)  # fmt: skip
            times, heights = censored_points(part, longest)
            axes.plot(times, heights * 100, color=colors[group], marker="|", markersize=4, markeredgewidth=0.6,
                      linestyle="none", zorder=4)  # fmt: skip
            counted = f" (n = {int(part['n_risk'].max())})"
            text = style.fit_name(clean_text(group), counted, 0.94 * width, style.SMALL, bold=False)
            axes.text(0.03, 0.04 + 0.075 * (len(groups) - 1 - i), text, transform=axes.transAxes, fontsize=style.SMALL,
                      color=style.text_color(colors[group]), zorder=5)  # fmt: skip
        for line in overall_test_lines(self.test)[:1]:
            axes.text(0.97, 0.96, style.fit_text(line, 0.94 * width, style.SMALL), transform=axes.transAxes, ha="right",
                      va="top", fontsize=style.SMALL, color=style.GRAY)  # fmt: skip
        ticks = self.unit.ticks(longest, 1.4)
        axes.set_xlim(0, longest * 1.01), axes.set_ylim(0, 103)
        axes.set_xticks(ticks, [self.unit.text(tick) for tick in ticks])
        axes.set_xlabel(self.unit.heading, labelpad=2)
        axes.set_ylabel(style.fit_text(f"{endpoint_name(self.endpoint)} (%)", SIDE), labelpad=2)
        return "Survival by the model's groups"

    def _cohorts(self, axes: Any, width: float) -> str:
        statistic = "c_harrell" if (self.table["statistic"] == "c_harrell").any() else "auc"
        rows = self.table[self.table["statistic"] == statistic].drop_duplicates("cohort")
        names = [clean_text(name) for name in rows["cohort"]]
        y = np.arange(len(rows))
        low, high = rows["ci_low"].astype(float), rows["ci_high"].astype(float)
        axes.hlines(y, low, high, color=style.INK, linewidth=1.0, zorder=2)
        axes.plot(rows["estimate"].astype(float), y, marker="s", markersize=4 if len(rows) <= 12 else 2.4,
                  linestyle="none", color=style.INK, zorder=3)  # fmt: skip
        axes.axvline(0.5, color=style.GRAY, linewidth=0.7, linestyle=(0, (1, 2)))
        counts = [f" {as_number(e):.0f}/{as_number(n):.0f}" for e, n in zip(rows["events"], rows["n"], strict=True)]
        labels = [style.fit_name(name, count, COHORTS - 0.15, style.SMALL, bold=False)
                  for name, count in zip(names, counts, strict=True)]  # fmt: skip
        axes.set_yticks(y, labels, fontsize=style.SMALL)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0)
        known = low[low.notna()]
        axes.set_xlim(max(0.0, min(0.3, float(known.min()) if len(known) else 0.3)), 1.0)
        label = "Harrell's C (95% CI)" if statistic == "c_harrell" else "AUC (95% CI)"
        axes.set_xlabel(label, labelpad=2)
        return "Discrimination by cohort (events/n)"

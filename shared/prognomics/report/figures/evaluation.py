"""How well models predict, in six panels: ROC, AUC and Brier score over time, calibration, benefit, cohorts."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from prognomics.errors import BadInput
from prognomics.report.figures import style
from prognomics.report.figures.look import OverTime
from prognomics.report.wording import as_number, clean_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEFT, RIGHT, GAP, EDGE = 0.62, 0.14, 0.86, 0.15
SIDE, RISE = 2.3, 3.12  # height of a panel, and from one row of panels to the next
MODELS = ("covariates", "marker", "covariates+marker")
HUES = dict(zip(MODELS, (0, 2, 1), strict=True))
LOOK = dict(zip(MODELS, (style.DASHES[1], style.DASHES[3], "solid"), strict=True))


@dataclass
class EvaluationFigure(OverTime, style.StudyFigure):
    """Panels of the measures of up to three models at the first horizon, and over time.

    Parameters
    ----------
    table, roc, curve, calibration, decision : DataFrame
        Outputs of `evaluate_model` of these names.
    marker : str
        What the marker is called.
    title : str
    """

    table: pd.DataFrame
    roc: pd.DataFrame
    curve: pd.DataFrame
    calibration: pd.DataFrame
    decision: pd.DataFrame
    _: KW_ONLY
    marker: str = ""

    def draw(self) -> Figure:
        """Raises `BadInput` when the table has no row."""
        if not len(self.table):
            raise BadInput("the table has no row", where="evaluate_model --out-table")
        self.models = [model for model in MODELS if (self.table["model"] == model).any()]
        self.horizon = float(self.calibration["time_months"].min())
        left_out = self.table["validation"] == "leave_one_cohort_out"
        cohorts = self.table[left_out & (self.table["metric"] == "harrell_c")]
        panels = [self._roc, self._auc, self._calibration, self._brier, self._decision]
        panels += [lambda axes: self._cohorts(axes, cohorts)] if len(cohorts) else []
        title = style.title_lines(self.title)
        top = 0.2 + 0.2 * len(title) + 0.24
        deep = -(-len(panels) // 2)
        height = top + deep * RISE
        figure = style.new_figure(style.WIDTH, height)
        style.put_title(figure, title)
        self._draw_legend(figure, height - 0.16 - 0.2 * len(title))
        width = (style.WIDTH - LEFT - RIGHT - GAP) / 2
        for i, panel in enumerate(panels):
            left = LEFT + (i % 2) * (width + GAP)
            bottom = height - top - (i // 2) * RISE - SIDE - 0.3
            axes = style.add_axes(figure, left, bottom, width, SIDE)
            heading = panel(axes)
            letter = "ABCDEF"[i]
            text = style.fit_text(f"{letter}  {heading}", width + 0.5, style.TEXT, True)
            style.put_text(figure, left - 0.5, bottom + SIDE + 0.09, text, weight="bold")
        return figure

    def _draw_legend(self, figure: Any, place: float) -> None:
        from matplotlib.lines import Line2D

        width, height = figure.get_size_inches()
        x = EDGE
        for model in self.models:
            ends = [x / width, (x + 0.34) / width]
            figure.add_artist(Line2D(ends, [(place - 0.04) / height] * 2, **self._line(model) | {"linewidth": 1.5}))
            name = style.fit_text(self._name(model), (style.WIDTH - 2 * EDGE) / len(self.models) - 0.7, style.TEXT)
            style.put_text(figure, x + 0.4, place - 0.075, name)
            x += 0.4 + style.text_width(name, style.TEXT) + 0.3

    def _name(self, model: str) -> str:
        marker = clean_text(self.marker) or "marker"
        return {"covariates": "Covariates", "marker": f"{marker} alone",
                "covariates+marker": f"Covariates and {marker}"}[model]  # fmt: skip

    def _at_horizon(self) -> str:
        return f"{self.unit.text(self.horizon)} {self.unit.name}"

    def _rows(self, frame: pd.DataFrame, model: str) -> pd.DataFrame:
        return frame[(frame["model"] == model) & np.isclose(frame["time_months"].astype(float), self.horizon)]

    def _line(self, model: str) -> dict[str, Any]:
        look = LOOK[model] if len(self.models) > 1 else "solid"
        return {"color": _color(model), "linestyle": look, "linewidth": 1.4}

    # ------------------------------------------------------------ panels

    def _roc(self, axes: Any) -> str:
        axes.plot([0, 1], [0, 1], color=style.PALE, linewidth=0.9, zorder=1)
        lines = []
        for model in self.models:
            part = self._rows(self.roc, model)
            axes.plot(1 - part["specificity"], part["sensitivity"], zorder=3, drawstyle="default", **self._line(model))
            rows = self._rows(self.table, model)
            row = rows[(rows["metric"] == "auc") & (rows["validation"] == "apparent")].iloc[0]
            lines.append((model, f"{as_number(row['estimate']):.2f} ({as_number(row['ci_low']):.2f}–"
                                 f"{as_number(row['ci_high']):.2f})"))  # fmt: skip
        for i, (model, text) in enumerate(reversed(lines)):
            axes.text(0.97, 0.04 + 0.075 * i, text, transform=axes.transAxes, ha="right", fontsize=style.SMALL,
                      color=_color(model), zorder=5)  # fmt: skip
        axes.text(0.97, 0.04 + 0.075 * len(lines), "AUC (95% CI)", transform=axes.transAxes, ha="right",
                  fontsize=style.SMALL, color=style.GRAY)  # fmt: skip
        percent_axis(axes, "x", 1)
        percent_axis(axes, "y", 1)
        axes.set_xlabel("1 − specificity (%)", labelpad=2)
        axes.set_ylabel("Sensitivity (%)", labelpad=2)
        return f"ROC curve at {self._at_horizon()}"

    def _auc(self, axes: Any) -> str:
        for model in self.models:
            part = self.curve[self.curve["model"] == model]
            axes.plot(part["time_months"], part["auc"], zorder=3, **self._line(model))
        best = self.curve[self.curve["model"] == self.models[-1]]
        axes.fill_between(best["time_months"], best["auc_low"], best["auc_high"], color=_color(self.models[-1]),
                          alpha=0.13, linewidth=0, zorder=1)  # fmt: skip
        axes.axhline(0.5, color=style.GRAY, linewidth=0.7, linestyle=(0, (1, 2)))
        low = min(0.4, float(np.nanmin(self.curve["auc"])) - 0.02)
        axes.set_ylim(max(0, np.floor(low * 10) / 10), 1.0)
        self._over_time(axes, "AUC")
        return "AUC over time"

    def _brier(self, axes: Any) -> str:
        null = self.curve[self.curve["model"] == self.models[0]]
        axes.plot(null["time_months"], null["brier_null"], color=style.GRAY, linewidth=1.0, linestyle=(0, (1, 1.2)))
        for model in self.models:
            part = self.curve[self.curve["model"] == model]
            axes.plot(part["time_months"], part["brier"], zorder=3, **self._line(model))
        axes.set_ylim(0, None)
        axes.text(0.97, 0.05, "dotted gray: Kaplan-Meier, no variables", transform=axes.transAxes, ha="right",
                  fontsize=style.SMALL, color=style.GRAY)  # fmt: skip
        self._over_time(axes, "Brier score")
        return "Brier score over time (lower is better)"

    def _over_time(self, axes: Any, label: str) -> None:
        longest = float(self.curve["time_months"].max())
        axes.set_xlim(0, longest * 1.01)
        ticks = self.unit.ticks(longest, 1.4)
        axes.set_xticks(ticks, [self.unit.text(tick) for tick in ticks])
        axes.set_xlabel(self.unit.heading, labelpad=2)
        axes.set_ylabel(label, labelpad=2)
        axes.yaxis.grid(True, color=style.PALE, linewidth=0.5, zorder=0)
        axes.set_axisbelow(True)

    def _calibration(self, axes: Any) -> str:
        top = 0.0
        for i, model in enumerate(self.models):
            part = self._rows(self.calibration, model)
            shift = (i - (len(self.models) - 1) / 2) * 0.006
            x, y = part["predicted"].to_numpy(float) + shift, part["observed"].to_numpy(float)
            low, high = part["ci_low"].to_numpy(float), part["ci_high"].to_numpy(float)
            axes.vlines(x, low, high, color=_color(model), linewidth=0.9, zorder=2, alpha=0.7)
            axes.plot(x, y, marker=style.MARKERS[i], markersize=4, zorder=3, **(self._line(model) | {"linewidth": 1.0}))
            top = np.nanmax([top, *x, *high])
        top = min(1.0, np.ceil(top * 10) / 10)
        axes.plot([0, top], [0, top], color=style.PALE, linewidth=0.9, zorder=1)
        percent_axis(axes, "x", top)
        percent_axis(axes, "y", top)
        axes.set_xlabel("Predicted risk (%)", labelpad=2)
        axes.set_ylabel("Observed risk (%), Kaplan-Meier", labelpad=2)
        return f"Calibration at {self._at_horizon()}"

    def _decision(self, axes: Any) -> str:
        treat_all = self._rows(self.decision, "all")
        shown = [self._rows(self.decision, model) for model in self.models]
        # thresholds beyond the largest predicted risk say nothing of a model
        last = max(float(part.loc[part["n_high"] > 0, "threshold"].max()) for part in shown)
        last = min(1.0, np.ceil(last * 10) / 10)
        axes.axhline(0, color=style.INK, linewidth=0.8)
        axes.plot(treat_all["threshold"], treat_all["net_benefit"], color=style.GRAY, linewidth=1.0,
                  linestyle=(0, (1, 1.2)), zorder=2)  # fmt: skip
        top = float(np.nanmax([part["net_benefit"].max() for part in (*shown, treat_all)]))
        for model, part in zip(self.models, shown, strict=True):
            axes.plot(part["threshold"], part["net_benefit"], zorder=3, **self._line(model))
        axes.set_ylim(-0.15 * max(top, 0.05), 1.08 * max(top, 0.05))
        percent_axis(axes, "x", last)
        axes.text(0.97, 0.95, "dotted gray: treat all; line at 0: none", transform=axes.transAxes, ha="right", va="top",
                  fontsize=style.SMALL, color=style.GRAY)  # fmt: skip
        axes.set_xlabel("Risk from which one would treat (%)", labelpad=2)
        axes.set_ylabel("Net benefit", labelpad=2)
        return f"Decision curve at {self._at_horizon()}"

    def _cohorts(self, axes: Any, rows: pd.DataFrame) -> str:
        names = list(dict.fromkeys(rows["cohort"].astype(str)))
        size = 4 if len(names) <= 8 else 2.4
        for i, model in enumerate(self.models):
            part = rows[rows["model"] == model].set_index(rows.loc[rows["model"] == model, "cohort"].astype(str))
            part = part.reindex(names)
            shift = (i - (len(self.models) - 1) / 2) * 0.22
            y = np.arange(len(names)) + shift
            axes.hlines(y, part["ci_low"].astype(float), part["ci_high"].astype(float), color=_color(model),
                        linewidth=1.0, zorder=2)  # fmt: skip
            axes.plot(part["estimate"].astype(float), y, marker=style.MARKERS[i], markersize=size, linestyle="none",
                      color=_color(model), zorder=3)  # fmt: skip
        axes.axvline(0.5, color=style.GRAY, linewidth=0.7, linestyle=(0, (1, 2)))
        for i in range(0, len(names) if len(names) > 8 else 0, 2):  # which bars are of one cohort
            axes.axhspan(i - 0.5, i + 0.5, color=style.PALE, alpha=0.4, linewidth=0, zorder=0)
        shown = ["all cohorts" if name == "all" else name for name in names]
        axes.set_yticks(range(len(names)), [style.fit_text(name, 0.75, style.SMALL) for name in shown],
                        fontsize=style.SMALL)  # fmt: skip
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0)
        axes.set_xlim(max(0.0, min(0.3, float(rows["ci_low"].astype(float).min()))), 1.0)
        axes.set_xlabel("Harrell's C (95% CI)", labelpad=2)
        return "Each cohort, predicted by the others"


def _color(model: str) -> str:
    return style.hue(HUES[model])


def percent_axis(axes: Any, which: str, top: float) -> None:
    """An axis of shares up to `top`, labeled in percent."""
    step = 0.25 if top > 0.8 else 0.2 if top > 0.5 else 0.1
    ticks = np.arange(0, top + 1e-9, step)
    getattr(axes, f"set_{which}ticks")(ticks, [f"{100 * tick:.0f}" for tick in ticks])
    getattr(axes, f"set_{which}lim")(-0.02 * top, 1.02 * top)

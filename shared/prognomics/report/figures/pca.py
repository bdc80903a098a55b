"""Samples on their first two principal components, before and after merging."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from prognomics.errors import BadInput
from prognomics.report.figures import style
from prognomics.report.figures.look import ColoredGroups, OrderedGroups
from prognomics.report.wording import as_number, clean_text, format_count, format_percent, is_absent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LINE = 0.18  # height of a legend line in inches
GAP = 0.17  # between legend entries
MARK = 0.16  # from a legend mark to its text
LEFT, RIGHT, BETWEEN = 0.62, 0.15, 0.62
STAGES = {"before": "Before merging", "after": "After merging"}
NOT_STATED = "not stated"
KINDS = ("normal", "primary", "relapse", "metastasis", "cell_line", "other", NOT_STATED)
RARE = 0.1  # share of the samples below which a tissue is drawn larger and with a rim, or no one finds it
LIGHTER = (0.0, 0.5)  # how far colors go towards white when there are more cohorts than colors


@dataclass
class PcaFigure(OrderedGroups, ColoredGroups, style.StudyFigure):
    """Samples on the first two components, a panel for each stage, colored by cohort.

    Parameters
    ----------
    components : DataFrame
        `quality_control --out-pca`: `sample_id, cohort, stage, PC1, PC2`, and `tissue_type` if known, which
        gives the shape of the marks.
    table : DataFrame
        `quality_control --out-table`: explained variance for the axes, and the fraction that lies between cohorts.
    title : str
    """

    components: pd.DataFrame
    table: pd.DataFrame
    _: KW_ONLY

    def draw(self) -> Figure:
        """Raises `BadInput` when the table of components has no row."""
        if not len(self.components):
            raise BadInput("the table of components has no row", where="quality_control --out-pca")
        parts = {s: part for s, part in self.components.groupby("stage", sort=False)}
        cohorts = self.in_order(self.components["cohort"].map(clean_text))
        self.check_colors(cohorts)
        look = _Look(self.components, cohorts)
        width = (style.WIDTH - LEFT - RIGHT - BETWEEN * (len(parts) - 1)) / len(parts)
        width = min(width, 4.4)
        height = width if len(parts) > 1 else 0.82 * width
        title = style.title_lines(self.title)
        rows = look.legend_rows(style.WIDTH - 0.3)
        bottom = 0.12 + LINE * len(rows) + 0.52
        top = 0.12 + (0.19 * len(title) + 0.12 if title else 0) + (0.36 if len(parts) > 1 else 0.2)
        figure = style.new_figure(style.WIDTH, bottom + height + top)
        style.put_title(figure, title, 0.12, 0.19)
        left = LEFT if len(parts) > 1 else (style.WIDTH - width - LEFT + RIGHT) / 2 + (LEFT - RIGHT) / 2
        for stage, part in parts.items():
            axes = style.add_axes(figure, left, bottom, width, height)
            self._draw_panel(axes, part, stage, look, width)
            above = bottom + height
            if len(parts) > 1:
                style.put_text(figure, left, above + 0.24, STAGES.get(stage, clean_text(stage)), weight="bold")
            text = style.fit_text(self._share(stage), width, style.SMALL)
            style.put_text(figure, left, above + 0.09, text, fontsize=style.SMALL, color=style.GRAY)
            left += width + BETWEEN
        for i, row in enumerate(rows):
            look.draw_row(figure, row, 0.12 + LINE * (len(rows) - 1 - i))
        return figure

    def _draw_panel(self, axes: Any, part: pd.DataFrame, stage: str, look: _Look, width: float) -> None:
        x = part["PC1"].to_numpy(dtype=float)
        flat = "PC2" not in part or part["PC2"].isna().all()
        y = np.zeros(len(part)) if flat else part["PC2"].to_numpy(dtype=float)
        kinds, colors = look.kinds(part), look.colors(part)
        size = float(np.clip(2400 / len(part), 7, 26)) * (width / 2.7) ** 0.5
        for kind in look.drawn_kinds:
            mine = np.flatnonzero(kinds == kind)
            mine = mine[np.argsort(mine * 0.618034 % 1, kind="stable")]  # no cohort lies on top of another
            rare = look.is_rare(kind)
            axes.scatter(
                x[mine], y[mine], s=size * (1.7 if rare else 1), c=[colors[i] for i in mine], marker=look.marker[kind],
                edgecolors=style.INK if rare else "white", linewidths=0.6 if rare else 0.25, alpha=0.9, zorder=3 + rare,
                rasterized=len(part) > style.MANY_POINTS,
            )  # fmt: skip
        for draw in (axes.axhline, axes.axvline):
            draw(0, color=style.PALE, linewidth=0.6, zorder=1)
        axes.margins(0.06)
        axes.locator_params(nbins=5)
        if flat:
            axes.set_yticks([])
        axes.set_xlabel(self._axis(stage, "PC1"), labelpad=2)
        axes.set_ylabel("no second component" if flat else self._axis(stage, "PC2"), labelpad=1)

    def _cell(self, metric: str, scope: str, stage: str) -> float:
        table = self.table
        found = table.loc[(table["metric"] == metric) & (table["scope"] == scope) & (table["stage"] == stage), "value"]
        return as_number(found.iloc[0]) if len(found) else float("nan")

    def _axis(self, stage: str, component: str) -> str:
        share = self._cell("explained_variance", component, stage)
        return component if share != share else f"{component} ({format_percent(share, decimals=1)} of the variance)"

    def _share(self, stage: str) -> str:
        share = self._cell("variance_share", "cohort", stage)
        if share != share:
            return ""
        chance = self._cell("variance_share_by_chance", "cohort", stage)
        by_chance = "" if chance != chance else f" (chance {format_percent(chance, decimals=1)})"
        return f"Cohort explains {format_percent(share, decimals=1)} of the variance{by_chance}"


class _Look:
    """Which color a cohort has, which mark a tissue, and the legend of both."""

    def __init__(self, components: pd.DataFrame, order: list[str]):
        once = components.drop_duplicates("sample_id")
        cohorts = once["cohort"].map(clean_text).value_counts(sort=False)
        self.cohorts = {name: cohorts[name] for name in order}
        self.color = {name: style.chosen_color(name) or _shade(i) for i, name in enumerate(self.cohorts)}
        self.has_kinds = "tissue_type" in components and not components["tissue_type"].map(is_absent).all()
        counts = pd.Series(self.kinds(once)).value_counts()
        named = [kind for kind in KINDS if kind in counts.index]
        named += sorted(kind for kind in counts.index if kind not in KINDS)
        self.count = {kind: int(counts[kind]) for kind in named}
        most_first = sorted(named, key=lambda kind: -self.count[kind])
        self.marker = {kind: style.MARKERS[i % len(style.MARKERS)] for i, kind in enumerate(most_first)}
        self.drawn_kinds = most_first  # rare ones on top

    def kinds(self, part: pd.DataFrame) -> np.ndarray:
        if not self.has_kinds:
            return np.full(len(part), "", dtype=object)
        return np.array([NOT_STATED if is_absent(v) else clean_text(v) for v in part["tissue_type"]], dtype=object)

    def colors(self, part: pd.DataFrame) -> list[str]:
        return [self.color[clean_text(name)] for name in part["cohort"]]

    def is_rare(self, kind: str) -> bool:
        return kind not in ("", NOT_STATED) and self.count[kind] < RARE * sum(self.count.values())

    def legend_rows(self, width: float) -> list[list[tuple[float, str, str, str]]]:
        """Rows of (place in inches, text, marker, color) in columns; an entry without a marker is a heading."""
        groups = [("Cohort", [(f"{n} ({format_count(c)})", "o", self.color[n]) for n, c in self.cohorts.items()])]
        if self.has_kinds:
            names = [(f"{k.replace('_', ' ')} ({format_count(c)})", self.marker[k], style.GRAY)
                     for k, c in self.count.items()]  # fmt: skip
            groups.append(("Tissue", names))
        indent = 0.15 + max(style.text_width(head, style.TEXT, True) for head, _ in groups) + GAP
        rows: list[list[tuple[float, str, str, str]]] = []
        for head, entries in groups:
            longest = 2.4 if len(entries) <= 6 else 1.35
            entries = [(style.fit_text(text, longest), marker, color) for text, marker, color in entries]
            column = max(style.text_width(text, style.TEXT) for text, _, _ in entries) + MARK + GAP
            fitting = max(1, int((width + 0.15 + GAP - indent) / column))
            lines = -(-len(entries) // fitting)
            across = -(-len(entries) // lines)
            for line in range(lines):
                row = [(0.15, head, "", style.INK)] if line == 0 else []
                mine = entries[line * across : (line + 1) * across]
                rows.append(row + [(indent + i * column, *entry) for i, entry in enumerate(mine)])
        return rows

    @staticmethod
    def draw_row(figure: Any, row: list[tuple[float, str, str, str]], y: float) -> None:
        from matplotlib.lines import Line2D

        width, height = figure.get_size_inches()
        for place, text, marker, color in row:
            if not marker:
                style.put_text(figure, place, y, text, weight="bold")
                continue
            mark: dict[str, Any] = {
                "marker": marker,
                "markersize": 5,
                "markeredgecolor": "white",
                "markeredgewidth": 0.25,
            }
            figure.add_artist(
                Line2D([(place + 0.05) / width], [(y + 0.04) / height], color=color, linestyle="none", **mark)
            )
            style.put_text(figure, place + MARK, y, text)


def _shade(number: int) -> str:
    """The color of the cohort of that number: the cycle, then the same colors lighter."""
    return style.lighter(style.hue(number), LIGHTER[number // style.n_hues() % len(LIGHTER)])

"""Kaplan-Meier curves as a drawing: bands, censor ticks, end labels, and the number at risk under the axis."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from prognomics.report.figures.curve_lookup import censored_points, curve_groups, numbers_at_risk, step_points
from prognomics.report.figures.drawing import Drawing, Point, stepped
from prognomics.report.figures.flow_drawing import wrapped
from prognomics.report.figures.look import month_step
from prognomics.report.wording import as_number, clean_text, format_count

LEAST_AT_RISK = 0.1  # fraction of a group until which its curve is drawn
NARROW = 480
PLOT, TOP = 232.0, 12.0
LINE, TEXT_LINE = 18.0, 17.0  # between lines of the table, of the text on the plot
MOST_BANDS = 4  # groups beyond which bands only hide one another
LETTER = 6.6  # of a label, in pixels
Scale = Callable[[float], float]
End = tuple[float, float, str, str]  # height, place, group, look


@dataclass(frozen=True)
class Curves:
    """What a drawing of curves shows.

    Parameters
    ----------
    curve : DataFrame
        `kaplan_meier --out-curve`: `group, time_months, n_risk, n_event, n_censor, survival, ci_low, ci_high`, one row
        per distinct time of a group.
    names : dict
        Words for groups, for labels at the ends of the curves.
    said : sequence of str
        Lines on the plot, such as the hazard ratio and the test.
    vertical, horizontal : str
        Labels of the axes.
    at_risk : float
        Each curve is drawn while at least this fraction of its group is at risk; 0 for all of it.
    label : str
        The figure in words.
    """

    curve: pd.DataFrame
    names: Mapping[str, str]
    said: Sequence[str] = ()
    vertical: str = "Without the event (%)"
    horizontal: str = "Months"
    at_risk: float = LEAST_AT_RISK
    label: str = ""

    def groups(self) -> list[str]:
        return [clean_text(g) for g in curve_groups(self.curve)]

    def parts(self) -> dict[str, pd.DataFrame]:
        curve = self.curve.sort_values("time_months", kind="stable")
        return {clean_text(g): curve[curve["group"] == g] for g in curve_groups(self.curve)}

    def shown(self, part: pd.DataFrame) -> pd.DataFrame:
        """The rows of a group while enough of it is at risk; the first at least."""
        least = self.at_risk * as_number(part["n_risk"].iloc[0]) if len(part) else 0.0
        kept = part[part["n_risk"].astype(float) >= least]
        return kept if len(kept) else part.iloc[:1]

    def look(self, group: str) -> str:
        """The class of a group's color and dash."""
        groups = self.groups()
        if len(groups) == 1:
            return "only"
        if group.casefold() in ("low", "high"):
            return group.casefold()
        free = ["high", "low", "g1", "g2", "g3", "g4"]
        taken = {g.casefold() for g in groups} & {"low", "high"}
        others = [g for g in groups if g.casefold() not in ("low", "high")]
        free = [name for name in free if name not in taken]
        return free[others.index(group) % len(free)]


def draw_curves(curves: Curves, width: float = 700.0) -> Drawing:
    """The drawing; narrow ones have fewer ticks of the table below and no labels at the ends."""
    parts = {group: part for group, part in curves.parts().items() if len(part)}
    narrow = width < NARROW
    shown = {group: curves.shown(part) for group, part in parts.items()}
    longest = max((as_number(part["time_months"].max()) for part in shown.values()), default=1.0) or 1.0
    step = month_step(longest)
    longest = float(np.ceil(longest / step) * step)
    names = {group: curves.names.get(group, group) for group in parts}
    widest = max((len(name) for name in names.values()), default=0) * LETTER
    left = min(max(52.0 if narrow else 68.0, min(widest, 110.0) + 14), 130.0)
    right = 14.0 if narrow else min(max(84.0, widest + 16), 190.0)
    across = width - left - right
    said = [line for text in curves.said for line in wrapped(text, across - 24)]
    above = _lines_above(said, shown, longest, across)
    top = TOP + TEXT_LINE * len(said) + 6 if above else TOP
    bottom, below = top + PLOT, 66 + LINE * len(parts)
    drawing = Drawing(width, bottom + below, curves.label)
    drawing.facts = {"left": left, "across": across, "top": top, "bottom": bottom, "longest": longest}

    def x(time: float) -> float:
        return left + across * min(time, longest) / longest

    def y(survival: float) -> float:
        return bottom - PLOT * survival

    _axes(drawing, curves, (left, left + across, bottom), x, y, longest, step)
    ends: list[End] = []
    for group, part in shown.items():
        look = curves.look(group)
        points = step_points(part, longest).rename(columns={"survival": "s"})
        corners = points[["time_months", "s", "ci_low", "ci_high"]].to_numpy(dtype=float)
        rows = [(x(t), s, low, high) for t, s, low, high in corners]
        if len(parts) <= MOST_BANDS:
            known = [r for r in rows if r[2] == r[2] and r[3] == r[3]]
            upper, lower = stepped((r[0], y(r[3])) for r in known), stepped((r[0], y(r[2])) for r in known)
            drawing.path(f"band {look}", [*upper, *reversed(lower)], closed=True)
        times, heights = censored_points(part, longest)
        ticks: list[list[Point]] = [[(x(t), y(s) - 3), (x(t), y(s) + 3)] for t, s in zip(times, heights, strict=True)]
        drawing.path(f"cens {look}", *ticks)
        drawing.path(f"curve {look}", stepped((r[0], y(r[1])) for r in rows))
        ends.append((y(rows[-1][1]), rows[-1][0], group, look))
    if not narrow and len(parts) > 1:
        for height, place, group, look in _apart(ends, bottom - 4):
            drawing.text(f"dl {look}", place + 7, height + 4, names[group])
    last = TOP + TEXT_LINE * len(said) - 6 if above else bottom - 14
    for place, text in enumerate(reversed(said)):
        drawing.text("ann", left + (0 if above else 12), last - TEXT_LINE * place, text)
    _at_risk(drawing, curves, parts, names, (x, bottom, longest, step, narrow))
    return drawing


def _axes(
    drawing: Drawing, curves: Curves, frame: tuple[float, float, float], x: Scale, y: Scale, longest: float, step: float
) -> None:
    left, right, bottom = frame
    for value in (0.0, 0.25, 0.5, 0.75, 1.0):
        drawing.path("grid", [(left, y(value)), (right, y(value))])
        drawing.text("tk", left - 7, y(value) + 4, f"{100 * value:.0f}", "end")
    drawing.path("axis", [(left, bottom), (right, bottom)])
    for tick in np.arange(0, longest * 1.0001, step):
        drawing.path("axis", [(x(tick), bottom), (x(tick), bottom + 4)])
        drawing.text("tk", x(tick), bottom + 17, f"{tick:g}", "middle")
    drawing.text("lb", (left + right) / 2, bottom + 34, curves.horizontal, "middle")
    drawing.text("lb", 16, bottom - PLOT / 2, curves.vertical, "middle", turned=True)


def _lines_above(said: Sequence[str], shown: Mapping[str, pd.DataFrame], longest: float, across: float) -> bool:
    """Whether the lower left corner, where the lines are, is crossed by a curve or its band."""
    if not said:
        return False
    until = longest * (LETTER * max(map(len, said)) + 24) / across
    floor = (TEXT_LINE * len(said) + 18) / PLOT
    early = [part[part["time_months"].astype(float) <= until] for part in shown.values()]
    lows = [part[["survival", "ci_low"]].astype(float).min().min() for part in early]
    return any(low == low and low < floor for low in lows)


def _apart(ends: Sequence[End], lowest: float, least: float = 16.0) -> list[End]:
    """The labels at the ends in their order, none over another."""
    ordered = sorted(ends)
    heights: list[float] = []
    for height, *_ in ordered:
        heights.append(max(height, heights[-1] + least) if heights else height)
    excess = max(heights[-1] - lowest, 0.0) if heights else 0.0
    shift = max((h - end[0] for h, end in zip(heights, ordered, strict=True)), default=0.0) / 2
    down = max(excess, shift)
    return [(h - down, place, group, look) for h, (_, place, group, look) in zip(heights, ordered, strict=True)]


def _at_risk(
    drawing: Drawing,
    curves: Curves,
    parts: Mapping[str, pd.DataFrame],
    names: Mapping[str, str],
    frame: tuple[Scale, float, float, float, bool],
) -> None:
    """How many are at risk just before each tick, and how many events there were until then."""
    x, bottom, longest, step, narrow = frame
    ticks = np.arange(0, longest * 1.0001, step)
    ticks = ticks[::2] if narrow and len(ticks) > 5 else ticks
    head = "Number at risk" if narrow else "Number at risk (events so far)"
    drawing.text("lb", 4, bottom + 58, head)
    for row, (group, part) in enumerate(parts.items(), 1):
        height = bottom + 58 + LINE * row
        short = clean_text(group) if len(parts) > 1 else names[group]
        most = 7 if narrow else 16
        short = f"{short[: most - 1]}…" if len(short) > most else short
        drawing.text(f"dl {curves.look(group)}", 4, height, short[:1].upper() + short[1:])
        counts = numbers_at_risk(part, ticks)
        for tick, count in zip(ticks, counts, strict=True):
            before = part[part["time_months"].astype(float) <= tick]
            events = f" ({format_count(before['n_event'].sum())})" if not narrow else ""
            drawing.text("tk", x(tick), height, f"{format_count(count)}{events}", "middle")

"""The brackets above a box plot: which pairs they join, what they say, and how they are stacked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from prognomics.report.figures import style
from prognomics.report.wording import as_number, is_absent, p_phrase

WITHIN_COHORTS = ("van_elteren", "linear_model")
MOST_BRACKETS = 6
SPACE = 0.1  # between texts side by side, in inches
FOOT, TEXT_LINE, REST = 0.06, 0.135, 0.07  # of a bracket: its feet, a line of text, the room above


@dataclass(frozen=True)
class Bracket:
    """Two groups and the lines of text above their bracket; a gray one was not tested."""

    first: object
    second: object
    lines: tuple[str, ...]
    tested: bool = True


@dataclass(frozen=True)
class PlacedBracket:
    """A bracket in inches from the panel's left edge and from the top of its axes."""

    bracket: Bracket
    start: float
    end: float
    text: float
    bottom: float


def chosen_brackets(pairs: pd.DataFrame, most: int = MOST_BRACKETS) -> list[Bracket]:
    """The brackets of one marker: all pairs, or the `most` with the smallest p.

    Parameters
    ----------
    pairs : DataFrame
        Rows `pair` of one marker in `compare_groups --out-table`. A pair's row within cohorts becomes its
        second line.
    most : int
    """
    within = pairs[pairs["test"].isin(WITHIN_COHORTS)].set_index(["group", "versus"])
    pooled = pairs[~pairs["test"].isin(WITHIN_COHORTS)]
    if len(pooled) > most:
        pooled = pooled.loc[pooled["p_value"].sort_values(kind="stable").index[:most]].sort_index()
    made = []
    for _, row in pooled.iterrows():
        ends = (row["versus"], row["group"])
        if is_absent(row["p_value"]):
            text = "confounded with cohort" if str(row["note"]).startswith("confounded") else "not tested"
            made.append(Bracket(*ends, (text,), tested=False))
            continue
        lines = [p_phrase(row["p_value"])]
        if not is_absent(row["p_exact"]) and as_number(row["p_exact"]) != as_number(row["p_value"]):
            lines[0] += f" (exact {p_phrase(row['p_exact']).removeprefix('p = ')})"
        pair = (row["group"], row["versus"])
        if pair in within.index and not is_absent(within.loc[pair, "p_value"]):
            lines = [f"pooled {lines[0]}", f"within cohorts {p_phrase(within.loc[pair, 'p_value'])}"]
        made.append(Bracket(*ends, tuple(lines)))
    return made


def stacked(
    brackets: Sequence[Bracket], centers: dict[object, float], width: float
) -> tuple[list[PlacedBracket], float]:
    """Brackets on levels where neither they nor their texts touch, short ones below; and their height.

    Parameters
    ----------
    brackets : sequence of Bracket
    centers : dict
        Where each group stands, in inches from the panel's left edge.
    width : float
        Of the panel; texts are kept inside.
    """
    levels: list[list[tuple[Bracket, float, float, float, float, float]]] = []
    spans = {id(b): sorted((centers[b.first], centers[b.second])) for b in brackets}
    for bracket in sorted(brackets, key=lambda b: (spans[id(b)][1] - spans[id(b)][0], spans[id(b)][0])):
        start, end = spans[id(bracket)]
        start, end = start + 0.03, end - 0.03
        half = max(style.text_width(line, style.SMALL) for line in bracket.lines) / 2
        text = min(max((start + end) / 2, half), max(width - half, half))
        low, high = min(start, text - half), max(end, text + half)
        # a bracket stays above those that it spans, so that its feet cross nothing
        level = max((i + 1 for i, row in enumerate(levels) for b in row if b[4] < end and start < b[5]), default=0)
        while level < len(levels) and any(b[4] <= high + SPACE and low <= b[5] + SPACE for b in levels[level]):
            level += 1
        if level == len(levels):
            levels.append([])
        levels[level].append((bracket, start, end, text, low, high))
    placed, bottom = [], 0.06
    for row in levels:
        placed += [PlacedBracket(bracket, start, end, text, bottom) for bracket, start, end, text, *_ in row]
        bottom += FOOT + TEXT_LINE * max(len(b[0].lines) for b in row) + REST
    return placed, bottom

"""Where the nodes of a Galaxy workflow are in the editor: in layers, with few crossing lines.

An input is in the column before its first use, a step in the column after the last that it needs. Within
a column, nodes are ordered by the mean height of their neighbors, from both sides in turn (the barycenter method of
Sugiyama, Tagawa and Toda, doi 10.1109/TSMC.1981.4308636). Of all orders that are tried the one with the fewest
crossings is taken.
"""

from __future__ import annotations

from itertools import combinations
from statistics import fmean

from prognomics.generate.to_galaxy_workflow import Workflow

COLUMN, WIDTH, GAP, HEAD, LINE = 320, 220, 40, 80, 54
"""Pixels of the editor: from column to column, and of a node, which is as high as it has lines."""
SWEEPS = 12

Links = list[tuple[str, str]]
Columns = list[list[str]]
Places = dict[str, dict[str, int]]


def positions(workflow: Workflow) -> Places:
    """Left and top of each input and step, in pixels."""
    wires, heights = links(workflow), _heights(workflow)
    order = _columns(workflow, wires)
    best, fewest = _placed(order, heights), None
    for sweep in range(SWEEPS):
        places = _placed(order, heights)
        tangle = crossings(places, wires) + 3 * lines_through_nodes(places, wires, heights)
        if fewest is None or tangle < fewest:
            best, fewest = places, tangle
        order = _reordered(order, wires, _placed(order, heights), heights, forward=sweep % 2 == 0)
    return best


def links(workflow: Workflow) -> Links:
    """From what makes a value to the step that takes it, each pair once."""
    found = [(s.step, step.name) for step in workflow.steps.values() for li in step.connections.values() for s in li]
    return list(dict.fromkeys(found))


def _heights(workflow: Workflow) -> dict[str, int]:
    lines = dict.fromkeys(workflow.inputs, 1)
    for step in workflow.steps.values():
        shown = sum(len(s.results) for s in step.inner.steps.values()) if step.inner else 0
        lines[step.name] = len(step.connections) + (shown or len(step.state.get("outputs", [""])))
    return {name: HEAD + LINE * count for name, count in lines.items()}


def _columns(workflow: Workflow, wires: Links) -> Columns:
    layer = dict.fromkeys(workflow.inputs, 0)
    for name in workflow.steps:
        layer[name] = 1 + max((layer[a] for a, b in wires if b == name), default=0)
    for name in workflow.inputs:
        layer[name] = min((layer[b] for a, b in wires if a == name), default=1) - 1
    columns: Columns = [[] for _ in range(1 + max(layer.values(), default=0))]
    for name in (*workflow.steps, *workflow.inputs):
        columns[layer[name]].append(name)
    return columns


def _placed(columns: Columns, heights: dict[str, int]) -> Places:
    """Each column centered, so that lines stay short."""
    totals = [sum(heights[n] + GAP for n in column) for column in columns]
    places: Places = {}
    for number, (column, total) in enumerate(zip(columns, totals, strict=True)):
        top = (max(totals) - total) // 2
        for name in column:
            places[name] = {"left": number * COLUMN, "top": top}
            top += heights[name] + GAP
    return places


def _middle(places: Places, heights: dict[str, int], name: str) -> float:
    return places[name]["top"] + heights[name] / 2


def _reordered(columns: Columns, wires: Links, places: Places, heights: dict[str, int], forward: bool) -> Columns:
    """Each column by the mean height of what it takes (forward) or gives, columns in that direction."""
    made = list(columns)
    for number in range(len(columns)) if forward else reversed(range(len(columns))):
        known = _placed(made, heights) if number else places

        def pull(name: str, known: Places = known) -> float:
            near = [a if forward else b for a, b in wires if name == (b if forward else a)]
            return fmean(_middle(known, heights, n) for n in near) if near else _middle(known, heights, name)

        made[number] = sorted(made[number], key=pull)
    return made


def _ends(places: Places, link: tuple[str, str]) -> tuple[float, float, float, float]:
    """A line from the right side of a node to the left side of another, below their heads."""
    source, target = (places[name] for name in link)
    return source["left"] + WIDTH, source["top"] + HEAD, target["left"], target["top"] + HEAD


def _height_at(line: tuple[float, float, float, float], x: float) -> float:
    x0, y0, x1, y1 = line
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)


def crossings(places: Places, wires: Links) -> int:
    """Pairs of lines that cross, but for those with an end in common."""
    lines = {link: _ends(places, link) for link in wires}
    count = 0
    for one, other in combinations(wires, 2):
        left, right = max(lines[one][0], lines[other][0]), min(lines[one][2], lines[other][2])
        if left < right and not set(one) & set(other):
            before = _height_at(lines[one], left) - _height_at(lines[other], left)
            after = _height_at(lines[one], right) - _height_at(lines[other], right)
            count += before * after < 0
    return count


def lines_through_nodes(places: Places, wires: Links, heights: dict[str, int]) -> int:
    """Lines that run behind a node that they do not belong to."""
    count = 0
    for link in wires:
        line = _ends(places, link)
        for name, place in places.items():
            center = place["left"] + WIDTH / 2
            if name not in link and line[0] < center < line[2]:
                count += place["top"] < _height_at(line, center) < place["top"] + heights[name]
    return count

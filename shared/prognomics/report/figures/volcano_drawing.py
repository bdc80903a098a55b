"""A screen as a drawing: hazard ratio against p-value, points of one place merged, few genes named."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence

from prognomics.report.figures.drawing import Drawing
from prognomics.report.wording import exponent

WIDTH, HEIGHT = 460.0, 400.0
LEFT, RIGHT, TOP, BOTTOM = 54.0, 446.0, 14.0, 352.0
NAMED = 3  # genes on either side
LETTER = 8.0
Gene = tuple[str, float, float, float]  # name, log hazard ratio, p, q


def draw_volcano(genes: Sequence[Gene], markers: Collection[str], label: str, fdr: float = 0.05) -> Drawing:
    """The drawing; genes with q below `fdr` are darker, the study's markers have the color of the primary analysis."""
    drawing = Drawing(WIDTH, HEIGHT, label)
    limit = max(max((abs(beta) for _, beta, _, _ in genes), default=0.0) * 1.05, math.log(1.5))
    highest = max(math.ceil(max((_height(p) for _, _, p, _ in genes), default=1.0)), 2)
    drawing.facts = {"left": LEFT, "across": RIGHT - LEFT, "top": TOP, "bottom": BOTTOM, "highest": highest}
    drawing.facts["limit"] = round(limit, 1) if limit > 1 else math.ceil(limit * 10) / 10
    limit = drawing.facts["limit"]

    def x(beta: float) -> float:
        return LEFT + (RIGHT - LEFT) * (max(-limit, min(limit, beta)) / limit + 1) / 2

    def y(p: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * min(_height(p), highest) / highest

    _axes(drawing, x, limit, highest)
    seen: dict[str, set[tuple[float, float]]] = {"pt": set(), "sig": set()}
    for name, beta, p, q in genes:
        if name not in markers:
            seen["sig" if q < fdr else "pt"].add((round(x(beta)), round(y(p))))
    for look, places in seen.items():
        drawing.path(look, *([place] for place in sorted(places)))
    ordered = sorted(genes, key=lambda gene: gene[2])
    named = [g for side in (-1, 1) for g in [g for g in ordered if g[1] * side > 0 and g[0] not in markers][:NAMED]]
    taken: list[tuple[float, float]] = []
    for name, beta, p, _ in [*(g for g in genes if g[0] in markers), *named]:
        mine = name in markers
        place = (x(beta), y(p))
        if mine:
            drawing.path("mark", [(place[0] - 5, place[1]), (place[0], place[1] - 5), (place[0] + 5, place[1]),
                                  (place[0], place[1] + 5)], closed=True)  # fmt: skip
        elif any(abs(place[0] - a) < 60 and abs(place[1] - b) < 13 for a, b in taken):
            continue
        taken.append(place)
        left = place[0] + 8 + LETTER * len(name) > RIGHT
        anchor = "end" if left else "start"
        drawing.text("dl pri" if mine else "tk", place[0] + (-8 if left else 8), place[1] + 4, name, anchor)
    return drawing


def _height(p: float) -> float:
    return -math.log10(max(p, 1e-300))


def _axes(drawing: Drawing, x: Callable[[float], float], limit: float, highest: int) -> None:
    step = max(1, math.ceil(highest / 5))
    for power in range(0, highest + 1, step):
        height = BOTTOM - (BOTTOM - TOP) * power / highest
        drawing.path("grid", [(LEFT, height), (RIGHT, height)])
        drawing.text("tk", LEFT - 7, height + 4, "1" if power == 0 else f"10{exponent(-power)}", "end")
    drawing.path("axis", [(LEFT, BOTTOM), (RIGHT, BOTTOM)])
    drawing.path("ref", [(x(0), TOP), (x(0), BOTTOM)])
    ratios = [r for r in (0.0625, 0.125, 0.25, 0.5, 0.71, 1.0, 1.41, 2.0, 4.0, 8.0, 16.0) if abs(math.log(r)) <= limit]
    ratios = [r for r in ratios if limit < math.log(3) or r not in (0.71, 1.41)]
    for ratio in ratios:
        drawing.path("axis", [(x(math.log(ratio)), BOTTOM), (x(math.log(ratio)), BOTTOM + 4)])
        drawing.text("tk", x(math.log(ratio)), BOTTOM + 17, f"{ratio:.3g}", "middle")
    drawing.text("lb", (LEFT + RIGHT) / 2, BOTTOM + 36, "Hazard ratio (log scale)", "middle")
    drawing.text("lb", 14, (TOP + BOTTOM) / 2, "p", "middle", turned=True)

"""What a page may hold: sections before the fold, and bytes of plots."""

import pytest
from test_report import record, sha

from prognomics.data.store import Picture
from prognomics.report.page.blocks import Block, Section
from prognomics.report.page.cells import View
from prognomics.report.page.flow import flow_section
from prognomics.report.page.limits import FIGURES, PAGE, TABLES, counted, fold, within_size
from prognomics.report.results.joining import join


def section(name, figures=0, tables=0):
    blocks = [Block("figure", "A plot") for _ in range(figures)]
    blocks += [Block("table", table=View("T", [], [])) for _ in range(tables)]
    return Section(name, name, [*blocks, Block("table", table=View("F", [], [], figure=True))])


def test_sections_beyond_the_limits_are_folded_in_their_order():
    names = ("summary", "analyses", "signatures", "each-cohort", "characteristics", "adjusted", "subgroups", "cohorts",
             "doubts")  # fmt: skip
    main = [section(name, tables=1) for name in names]
    kept, folded = fold(main, first_figures=2)
    assert [s.id for s in kept] == [n for n in names if n in {s.id for s in kept}]
    assert len(kept) + len(folded) == len(main) and {"summary", "doubts", "cohorts"} <= {s.id for s in kept}
    counts = [counted(s) for s in kept]
    assert sum(f for f, _ in counts) + 2 <= FIGURES and sum(t for _, t in counts) <= TABLES


@pytest.mark.parametrize("sizes", [(40_000, 40_000), (70_000, 30_000, 70_000), (120_001,)])
def test_plots_beyond_the_limit_are_named_with_their_file(sizes):
    pictures = [Picture(sha(f"p{i}"), "plot.png", "png", bytes(int(n * 0.74))) for i, n in enumerate(sizes)]
    cohorts = ["all" if i == 1 else "cohort=c1" for i in range(len(sizes))]
    records = [record("compare_groups", {"plot": p.sha256}, where) for p, where in zip(pictures, cohorts, strict=True)]
    joined = join({}, records, [], pictures)
    parts = [Section("groups", "Groups")]
    for step in joined.steps:
        parts[0].figure(step.plots[0], "A plot.", "A plot", step)
    within_size(parts, joined, PAGE - 120_000)
    shown = [b for b in parts[0].blocks if b.kind == "figure"]
    named = [b.text for b in parts[0].blocks if b.kind == "note"]
    assert sum(len(b.src) for b in shown) <= 120_000 and len(shown) + len(named) == len(sizes)
    assert all("the figure is in the archive of this report (0" in text for text in named)
    if len(sizes) == 3:  # the plot of all samples stays
        steps = {s.number: s.scope for s in joined.steps}
        assert "per_cohort" not in {steps[b.steps[0]] for b in shown[:1]} or len(shown) == 2


def test_samples_without_a_partner_are_in_the_flow():
    def joins(lost, more, where="all"):
        made = record("cox", {"cox_table": sha(f"{lost}{more}{where}")}, where, gene=["XPO1"])
        files = {"left": "the sample sheet", "right": "the matrix"}
        return {**made, "joins": [{**files, "matched": 50, "only_left": lost, "only_right": more}]}

    def shown(*records):
        section = flow_section({}, join({}, records, [], []))
        return [[cell.text for cell in row[1:]] for row in section.blocks[0].table.rows] if section else []

    assert shown(joins(0, 0), joins(0, 7, "sex=female")) == []  # the filter took the others
    assert shown(joins(3, 7)) == [["the sample sheet and the matrix", "50", "3", "7"]]
    assert shown(joins(3, 7, "sex=female"))[0][:3] == ["the sample sheet and the matrix", "50", "3"]

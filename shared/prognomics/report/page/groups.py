"""A marker between groups of samples: in a sentence, a picture and a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prognomics.report.page import cells
from prognomics.report.page.blocks import Section, caption, population_label, section_of_tool
from prognomics.report.page.cells import Cell, get, label, number_with_interval, records, view
from prognomics.report.results.joining import Joined, Step
from prognomics.report.wording import (
    ABSENT,
    as_number,
    format_count,
    format_number,
    is_absent,
    join_words,
    p_phrase,
    sentence_case,
)

WITHIN = ("van_elteren", "linear_model")
TESTS = {
    "mann_whitney": "Mann-Whitney test", "welch": "Welch's t-test", "t": "Student's t-test", "dunn": "Dunn's test",
    "t_pooled": "t-test on the common variance", "kruskal": "Kruskal-Wallis test", "anova": "analysis of variance",
    "welch_anova": "Welch's analysis of variance", "van_elteren": "van Elteren's test",
    "linear_model": "linear model with cohort", "fisher": "Fisher's exact test", "chi_square": "chi-square test",
    "spearman": "Spearman's correlation", "cochran_armitage": "Cochran-Armitage trend test",
    "linear_by_linear": "linear-by-linear test", "jonckheere": "Jonckheere's trend test",
    "wilcoxon_signed_rank": "Wilcoxon signed-rank test", "paired_t": "paired t-test",
    "cochran_mantel_haenszel": "Cochran-Mantel-Haenszel test",
}  # fmt: skip
EFFECTS = {
    "hodges_lehmann": "shift", "mean_difference": "difference",
    "mean_rank_difference": "difference of mean ranks",
    "auc_within_cohorts": "AUC within cohorts", "epsilon_squared": "ε²", "odds_ratio": "odds ratio",
    "cramers_v": "Cramér's V", "spearman_rho": "ρ", "eta_squared": "η²", "score_correlation": "correlation of scores",
    "auc_ordered": "AUC over the order",
}  # fmt: skip
Row = Mapping[str, Any]


def comparison_section(joined: Joined) -> Section | None:
    """All comparisons of groups; None without any."""
    steps = [s for s in joined.of("compare_groups") if s.tables or s.plots]
    if not steps:
        return None
    section = section_of_tool("compare_groups")
    for step in steps:
        rows = records(step.frame("comparison_table"))
        markers = cells.unique(get(r, "marker") for r in rows)
        column = label(step.parameters.get("group_column"))
        section.heading(f"{join_words(markers) or 'Markers'} by {column}")
        section.list(comparison_sentences(rows))
        for picture in step.plots:
            what = f"{join_words(markers)} by {column}: boxes are quartiles with the median, points single samples"
            section.figure(picture, caption(step, what), _alt(rows), step)
        if rows:
            section.show(_described_view(rows, f"{join_words(markers)} in each group{_where(step)}."), step)
            section.show(_pairs_view(rows, f"Tests between the groups{_where(step)}."), step)
    return section


def _where(step: Step) -> str:
    found = population_label(step)
    return f", {found}" if found else ""


def name_of_test(row: Row) -> str:
    """A test in words."""
    return TESTS.get(label(get(row, "test")), label(get(row, "test")).replace("_", " "))


def within_cohorts(row: Row) -> bool:
    """Whether a row of a pair is its estimate within cohorts."""
    return label(get(row, "test")) in WITHIN


def effect_cell(row: Row) -> Cell:
    """An effect with its kind and interval: shift 1.81 (0.4 to 3.2)."""
    if is_absent(get(row, "effect")):
        return Cell(ABSENT, kind="number")
    kind = label(get(row, "effect_type"))
    shown = number_with_interval(*(get(row, n) for n in ("effect", "ci_low", "ci_high")), is_ratio=kind == "odds_ratio")
    return Cell(f"{EFFECTS.get(kind, kind.replace('_', ' '))} {shown.text}", shown.title, "number")


def comparison_sentences(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """(lead, sentence) of each pair of groups of each marker."""
    return [
        said
        for marker in cells.unique(get(r, "marker") for r in rows)
        for said in _sentences([r for r in rows if label(get(r, "marker")) == marker], marker)
    ]


def _sentences(rows: list[dict[str, Any]], marker: str) -> list[tuple[str, str]]:
    """A sentence for each pair: medians, p, and what holds within the cohorts."""
    medians = {label(get(r, "group")): get(r, "median") for r in rows if get(r, "row_type") == "group"}
    said = []
    for row in rows:
        if get(row, "row_type") != "pair" or label(get(row, "test")) in WITHIN:
            continue
        group, versus = label(get(row, "group")), label(get(row, "versus"))
        between = [f"{format_number(medians.get(g))} in {format_count(get(row, n))} {g}"
                   for g, n in ((group, "n"), (versus, "n_versus"))]  # fmt: skip
        if is_absent(get(row, "p_value")):
            said.append((f"{sentence_case(group)} against {versus}", label(get(row, "note")) or "not tested"))
            continue
        exact = "" if is_absent(get(row, "p_exact")) else f", exact {p_phrase(get(row, 'p_exact'))}"
        auc = "" if is_absent(get(row, "auc")) else f"; AUC {as_number(get(row, 'auc')):.2f}"
        inner = next((r for r in rows if label(get(r, "test")) in WITHIN and label(get(r, "group")) == group
                      and label(get(r, "versus")) == versus and not is_absent(get(r, "p_value"))), None)  # fmt: skip
        alone = f" Within cohorts: {p_phrase(get(inner, 'p_value'))}." if inner else ""
        text = (
            f"Median {join_words(between)} samples: {p_phrase(get(row, 'p_value'))} ({name_of_test(row)}{exact}){auc}."
        )
        said.append((f"{marker}, {group} against {versus}", text + alone))
    return said


def _described_view(rows: list[dict[str, Any]], title: str) -> cells.View:
    body = [
        [cells.head(get(r, "marker")), cells.text(get(r, "group")), cells.count(get(r, "n")),
         cells.count(get(r, "n_missing")),
         Cell(spread(r), cells.full(*(get(r, n) for n in ("median", "q1", "q3"))), "number"),
         Cell(mean_sd(r), cells.full(get(r, "mean"), get(r, "sd")), "number"),
         Cell(f"{format_number(get(r, 'min'))} to {format_number(get(r, 'max'))}", kind="number")]
        for r in rows
        if get(r, "row_type") == "group"
    ]  # fmt: skip
    heads = ["Marker", "Group", "n", "Missing", "Median (quartiles)", "Mean (SD)", "Range"]
    return view(title, heads, body)


def spread(row: Row) -> str:
    """Median and quartiles: 59 (50 to 68)."""
    if is_absent(get(row, "median")):
        return ABSENT
    return f"{format_number(get(row, 'median'))} ({format_number(get(row, 'q1'))} to {format_number(get(row, 'q3'))})"


def mean_sd(row: Row) -> str:
    """Mean and standard deviation: 59.6 (13.7)."""
    if is_absent(get(row, "mean")):
        return ABSENT
    mean, sd = as_number(get(row, "mean")), as_number(get(row, "sd"))
    return f"{format_number(0 if abs(mean) < 1e-9 * sd else mean)} ({format_number(sd)})"  # standardized: 0, not 1e-17


def _pairs_view(rows: list[dict[str, Any]], title: str) -> cells.View:
    body = []
    several = len(cells.unique(get(r, "marker") for r in rows)) > 1  # then each row names its marker
    for row in rows:
        if get(row, "row_type") == "group":
            continue
        within = within_cohorts(row)
        pair = f"{label(get(row, 'group'))} against {label(get(row, 'versus'))}"
        what = "within cohorts" if within else pair if get(row, "row_type") == "pair" else "all groups"
        sizes = " / ".join(format_count(get(row, n)) for n in ("n", "n_versus") if not is_absent(get(row, n)))
        lead = f"{label(get(row, 'marker'))}: " if several and not within else ""
        body.append([
            cells.head(lead + what, indent=within), Cell(sizes, kind="number"),
            Cell(name_of_test(row).removesuffix(" test")), effect_cell(row),
            *(cells.p(get(row, name)) for name in ("p_value", "p_exact", "p_adjusted")),
        ])  # fmt: skip
    heads = ["Groups", "n", "Test", "Effect (95% CI)", "p", "Exact p", "Adjusted p"]
    said = dict.fromkeys(sentence_case(label(get(r, "note"))) for r in rows if not within_cohorts(r))
    notes = ["Differences are the first group minus the second. Indented: the estimate within cohorts.",
             *(f"{text}." for text in said if text)]  # fmt: skip
    return view(title, heads, body, notes=notes)


def _alt(rows: list[dict[str, Any]]) -> str:
    said = [f"{label(get(r, 'marker'))} {label(get(r, 'group'))} median {format_number(get(r, 'median'))}"
            for r in rows if get(r, "row_type") == "group"]  # fmt: skip
    return "Box plot" + (": " + "; ".join(said) if said else "")

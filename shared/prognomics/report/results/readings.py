"""Which columns of each result table are findings: the estimate, what it is of, and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from prognomics.report.results.identity import HAZARD_RATIO

COLUMN = "="  # a value that begins so names the column in which it is
MOST_GENES = 10  # of a table with a row per gene; the study's markers in addition


@dataclass(frozen=True)
class Reading:
    """How the rows of a table are read; names are columns of it unless they are said to be values.

    Attributes
    ----------
    measure : str
        A value, or `=column`.
    estimate, se, low, high, p, statistic : str
    n, events : str
    term, level, versus : str
        What was contrasted; `term` may be `@parameter` of the step, or several of which the first given counts.
    marker : str
        The same of the marker, where the term is not what the study contrasts (a gene between groups).
    group, time, cause, model, cohort : str
    kinds : tuple of str
        Values of `row_type` that are read; all if empty.
    gene : bool
        A row per gene: the markers of the study and the genes with the smallest p are read.
    scope : str
        The scope of all rows, as a value; by default the step's.
    """

    measure: str
    estimate: str = "estimate"
    se: str = "se"
    low: str = "ci_low"
    high: str = "ci_high"
    p: str = "p_value"
    statistic: str = "statistic"
    n: str = "n"
    events: str = "events"
    term: str = "term"
    level: str = "level"
    versus: str = "reference"
    group: str = ""
    time: str = "time_months"
    cause: str = ""
    model: str = "model"
    cohort: str = "cohort"
    kinds: tuple[str, ...] = ()
    gene: bool = False
    scope: str = ""
    marker: str = ""


def _test(measure: str, **columns: str | tuple[str, ...]) -> Reading:
    """A test without an estimate."""
    return Reading(measure, estimate="", se="", low="", high="", **columns)  # type: ignore[arg-type]


GROUPED: dict[str, Any] = {"term": "@group_column", "level": "", "versus": ""}
RATIO: dict[str, Any] = {"estimate": "hr", "time": "interval"}
GENE: dict[str, Any] = {"term": "gene_id", "level": "", "versus": "", "model": "", "time": "", "gene": True}
OUTCOME: dict[str, Any] = {"term": "", "level": "", "versus": ""}

READINGS: dict[str, tuple[Reading, ...]] = {
    "km_summary": (Reading("=statistic", **GROUPED, group="group", model="probability"),),
    "km_test": (_test("=test", **GROUPED, group="comparison", model="", statistic="chisq"),),
    "km_difference": (Reading("=statistic", term="@group_column", level="group", versus="versus", statistic="z"),),
    "cox_table": (
        Reading(HAZARD_RATIO, **RATIO, kinds=("level",)),
        Reading(HAZARD_RATIO, **RATIO, kinds=("within",), group="level", versus=""),
        _test("test of all levels", time="interval", kinds=("omnibus",)),
        Reading("reference level", **RATIO, p="", versus="", kinds=("reference",)),
    ),
    "cox_subgroups": (
        Reading(
            HAZARD_RATIO,
            **RATIO,
            level="term_level",
            group="subgroup",
            n="n_level",
            events="events_level",
            kinds=("level",),
        ),
        _test("test of interaction", level="term_level", group="subgroup", kinds=("interaction",)),
        _test(
            "test of interaction within cohorts", level="term_level", group="subgroup", kinds=("interaction_within",)
        ),
    ),
    "cox_ph": (_test("test of proportional hazards", statistic="chisq", group="transform", level="", versus=""),),
    "cox_model": (
        Reading("concordance", estimate="concordance", se="concordance_se", p="", statistic="", **OUTCOME),
        _test("likelihood-ratio test of the model", statistic="lr", p="p_lr", **OUTCOME),
        _test("Wald test of the model", statistic="wald", p="p_wald", **OUTCOME),
        _test("score test of the model", statistic="score", p="p_score", **OUTCOME),
        Reading("AIC", estimate="aic", se="", low="", high="", p="", statistic="", **OUTCOME),
    ),
    "cox_combinations": (
        _test(
            "likelihood-ratio test of what the markers add",
            statistic="lr",
            p="p_lr",
            term="markers",
            level="",
            versus="",
            model="standard",
        ),
        _test(
            "likelihood-ratio test of what the other markers add",
            statistic="lr_others",
            p="p_others",
            term="others",
            level="",
            versus="markers",
            model="standard",
        ),
    ),
    "cox_added": (
        _test(
            "likelihood-ratio test of what the marker adds",
            statistic="lr",
            p="p_lr",
            term="marker",
            level="",
            versus="",
            model="standard",
        ),
    ),
    "cutpoint_table": (
        Reading(
            "cutpoint",
            estimate="lowest_high",
            low="",
            high="",
            p="",
            statistic="",
            term="marker",
            level="",
            versus="",
            model="rule",
        ),
        _test(
            "test corrected for the search",
            p="p_corrected",
            term="marker",
            level="",
            versus="",
            model="rule",
            n="n_searched",
            events="events_searched",
        ),
        Reading(
            "AUC",
            estimate="auc",
            low="auc_low",
            high="auc_high",
            p="",
            statistic="",
            term="marker",
            level="",
            versus="",
            model="rule",
        ),
    ),
    "incidence_table": (Reading("cumulative incidence", **GROUPED, group="group", cause="cause", model=""),),
    "gray_test": (_test("gray test", **GROUPED, cause="cause", group="group", model=""),),
    "competing_table": (
        Reading("=model", estimate="hr", kinds=("level",)),
        _test("test of all levels", kinds=("omnibus",)),
    ),
    "odds_table": (
        Reading("odds ratio", estimate="odds_ratio", kinds=("level",)),
        Reading("odds ratio", estimate="odds_ratio", kinds=("within",), group="level", versus=""),
        _test("test of all levels", kinds=("omnibus",)),
    ),
    "odds_model": (
        Reading("AUC", estimate="auc", low="auc_low", high="auc_high", p="", statistic="", **OUTCOME),
        _test("likelihood-ratio test of the model", statistic="lr", p="p_lr", **OUTCOME),
    ),
    "meta_table": (
        Reading(
            HAZARD_RATIO, estimate="hr", term="@gene|marker_column", level="", versus="", time="", model="subgroup"
        ),
    ),
    "screen_table": (
        Reading(HAZARD_RATIO, estimate="hr", statistic="z", **GENE),
        _test("test corrected for the search", p="p_corrected", **GENE),
    ),
    "differential_table": (
        Reading(
            "difference of log2 expression",
            estimate="log_fc",
            statistic="t",
            events="",
            **{**GENE, "level": "contrast"},
            marker="@group_column|gene|score_column",
        ),
    ),
    "enrichment_table": (
        Reading(
            "normalized enrichment score",
            estimate="nes",
            se="",
            low="",
            high="",
            statistic="es",
            n="n_found",
            events="",
            **{**GENE, "term": "set", "model": "method"},
        ),
        Reading(
            "odds ratio of enrichment",
            estimate="odds_ratio",
            se="",
            low="",
            high="",
            statistic="overlap",
            n="n_found",
            events="",
            **{**GENE, "term": "set", "model": "method"},
        ),
    ),
    "signature_validation": (Reading("=statistic", **OUTCOME, cohort="held_out", statistic="", scope="held_out"),),
    "model_validation": (Reading("=statistic", **OUTCOME, statistic="", scope="held_out"),),
    "evaluation_table": (
        Reading("=metric", **OUTCOME, group="validation", p="p_value"),
        Reading(
            "=metric",
            **OUTCOME,
            group="validation",
            estimate="corrected",
            se="",
            low="",
            high="",
            p="",
            statistic="",
            scope="corrected for optimism",
        ),
    ),
    "association_table": (
        Reading(
            "=effect_type",
            estimate="effect",
            se="",
            events="",
            term="marker",
            level="",
            versus="",
            marker="marker",
            group="variable",
            model="test",
            time="",
            kinds=("test",),
        ),
    ),
    "comparison_table": (
        Reading(
            "=effect_type",
            estimate="effect",
            se="",
            events="",
            term="marker",
            marker="marker",
            level="group",
            versus="versus",
            model="test",
            time="",
            kinds=("pair", "omnibus"),
        ),
    ),
}
WORDS = {  # of the values of columns that name a measure
    "survival": "survival probability",
    "median": "median survival",
    "quantile": "quantile of survival",
    "rmst": "restricted mean survival time",
    "followup_reverse_km": "median follow-up",
    "observed_time": "observed time",
    "landmark": "samples of a landmark analysis",
    "logrank": "log-rank test",
    "fine_gray": "subdistribution hazard ratio",
    "cause_specific": HAZARD_RATIO,
    "cause_specific_competing": HAZARD_RATIO,
    "harrell_c": "Harrell's C",
    "c_harrell": "Harrell's C",
    "uno_c": "Uno's C",
    "c_uno": "Uno's C",
    "auc": "AUC",
    "brier": "Brier score",
    "integrated_brier": "integrated Brier score",
    "hr_per_sd": "hazard ratio per SD of the score",
    "c_harrell_difference": "difference of Harrell's C",
    "odds_ratio": "odds ratio",
    "hodges_lehmann": "Hodges-Lehmann shift",
    "likelihood_ratio": "likelihood-ratio test",
}

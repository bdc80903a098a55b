"""Sentences of the methods on survival: curves, models, pooling, screens and the evaluation of models."""

from __future__ import annotations

from prognomics.report.page.blocks import endpoint_words, subset_label
from prognomics.report.page.cells import label
from prognomics.report.results.joining import Step
from prognomics.report.wording import as_number, format_count, format_number, join_words

TAUS = {"reml": "REML", "dl": "DerSimonian-Laird", "fixed": "fixed effect only"}
TIES = {"efron": "Efron", "breslow": "Breslow"}
WEIGHTS = {
    "logrank": "the log-rank test", "wilcoxon": "the Gehan-Breslow test", "peto": "the Peto-Peto test",
    "tarone_ware": "the Tarone-Ware test", "fleming_harrington": "the Fleming-Harrington test",
    "max_combo": "the max-combo test (the largest of four Fleming-Harrington tests, corrected for the choice)",
}  # fmt: skip
SCREENS = {
    "cox": "a Cox model", "logrank": "the log-rank test of the groups above and below its median",
    "maxstat": "the maximally selected log-rank test, its p-value corrected for the search",
    "fine_gray": "a Fine-Gray model", "cause_specific": "a Cox model that censors competing events",
}  # fmt: skip


def list_values(steps: list[Step], name: str) -> list[str]:
    """What the steps took for a parameter, each value once."""
    return list(dict.fromkeys(v for s in steps for v in s.listed(name)))


def _number(step: Step, name: str) -> float:
    return as_number(step.parameters.get(name))


def strata_sentence(steps: list[Step], what: str) -> str:
    """How often the steps were stratified, and in which samples they ran."""
    strata = list(dict.fromkeys(s.strata for s in steps if s.strata))
    cohorts = list(dict.fromkeys(s.cohort for s in steps if s.cohort))
    parts = [f"stratified by {join_words(strata)}"] if strata else []
    parts += ["unstratified"] if any(s.scope == "unstratified" for s in steps) else []
    parts += [f"in each cohort alone ({join_words(cohorts)})"] if cohorts else []
    if strata and "unstratified" in parts:
        return f"{what} were made {join_words(parts)}; the stratified ones are to be trusted."
    return f"{what} were made {join_words(parts)}." if parts else ""


def kaplan_meier_sentences(steps: list[Step]) -> list[str]:
    endpoints = join_words(dict.fromkeys(filter(None, map(endpoint_words, steps))))
    scale = join_words(list_values(steps, "conf_type"), "or")
    tests = join_words(WEIGHTS.get(w, w) for w in list_values(steps, "weights"))
    groups = join_words(list_values(steps, "group_column"))
    said = [f"Survival{f' ({endpoints})' if endpoints else ''} was estimated by the Kaplan-Meier method, with 95% "
            f"intervals on the {scale or 'log'} scale (Greenwood's variance), follow-up by its reverse."]  # fmt: skip
    if groups:
        said.append(f"Groups of {groups} were compared by {tests or 'the log-rank test'}.")
    landmarks = [format_number(v) for v in dict.fromkeys(_number(s, "landmark") for s in steps) if v == v]
    if landmarks:
        said.append(f"A landmark analysis at {join_words(landmarks)} months starts from the samples then at risk.")
    return [*said, *filter(None, [strata_sentence(steps, "Tests") if groups else "", _censored(steps)])]


def competing_sentences(steps: list[Step]) -> list[str]:
    endpoints = join_words(dict.fromkeys(filter(None, map(endpoint_words, steps))))
    groups = join_words(list_values(steps, "group_column"))
    shown, models = {kind for s in steps for kind, _ in s.tables}, list_values(steps, "model")
    said = []
    if shown & {"incidence_table", "incidence_curve", "gray_test"}:
        of = f" ({endpoints})" if endpoints else ""
        compared = f", and groups of {groups} were compared by Gray's test" if groups else ""
        said.append(f"The cumulative incidence of the event and of the competing event{of} was estimated by the "
                    f"Aalen-Johansen method{compared}.")  # fmt: skip
    if "competing_table" in shown:
        names = {"fine_gray": "Fine-Gray models (subdistribution hazard ratios, robust standard errors)",
                 "cause_specific": "cause-specific Cox models, in which the other event is censored"}  # fmt: skip
        kinds = [name for kind, name in names.items() if kind in models or "both" in models]
        said.append(f"With competing events, hazard ratios are those of {join_words(kinds)}.")
    return [*said, *filter(None, [strata_sentence(steps, "Tests and models"), _censored(steps)])]


def _censored(steps: list[Step]) -> str:
    times = [format_number(v) for v in dict.fromkeys(s.parameters.get("censor_at") for s in steps) if v is not None]
    return f"Follow-up was cut off at {join_words(times)} months." if times else ""


def cox_sentences(steps: list[Step]) -> list[str]:
    ties = join_words((TIES.get(t, t) for t in list_values(steps, "ties")), "or")
    models = list_values(steps, "model")
    kinds = [k for k in ("univariable", "multivariable") if k in models or "both" in models]
    said = [f"Hazard ratios come from {join_words(kinds)} Cox proportional hazards models, ties after "
            f"{ties or 'Efron'}, with 95% intervals and p-values of the Wald test."]  # fmt: skip
    selected = [s for s in steps if s.parameters.get("entry") == "univariable"]
    if selected:
        alpha = join_words(dict.fromkeys(label(s.parameters.get("entry_alpha")) for s in selected))
        said.append(f"In some multivariable models only variables with p up to {alpha} alone were kept.")
    if factors := list_values(steps, "factor"):
        said.append(f"The values of {join_words(factors)} are levels, not numbers.")
    for knots in dict.fromkeys(label(s.parameters.get("knots")) for s in steps if s.listed("spline")):
        curved = join_words(dict.fromkeys(v for s in steps for v in s.listed("spline")))
        said.append(f"{curved} also entered as a restricted cubic spline with {knots or 'several'} knots.")
    if pairs := list_values(steps, "interaction"):
        said.append(f"Interactions: {join_words(pairs)}.")
    if "firth" in list_values(steps, "penalty"):
        said.append("Some models were fitted with Firth's penalty.")
    if clusters := list_values(steps, "cluster"):
        said.append(f"Standard errors are robust, with samples of one {join_words(clusters)} together.")
    scale = join_words(list_values(steps, "transform"))
    said.append(f"Proportional hazards were tested by scaled Schoenfeld residuals (time scale: {scale or 'km'}).")
    return [*said, *filter(None, [strata_sentence(steps, "Models"), _censored(steps)])]


def meta_sentences(steps: list[Step]) -> list[str]:
    markers = join_words([*list_values(steps, "gene"), *list_values(steps, "marker_column")]) or "the marker"
    tau = join_words(TAUS.get(t, t) for t in list_values(steps, "tau"))
    knapp = any(s.parameters.get("hartung_knapp") is True for s in steps)
    how = " with Hartung-Knapp intervals, never narrower than those of the fixed effect" if knapp else ""
    return [f"The hazard ratios of {markers} in each cohort were pooled with random effects ({tau}){how}."]


def screen_sentences(steps: list[Step]) -> list[str]:
    said = []
    for step in steps:
        method = label(step.parameters.get("method"))
        beside, endpoint = step.listed("covariate"), endpoint_words(step)
        columns = step.listed("score_column")
        parts = [f"{join_words(columns) if columns else 'Each gene'} was tested against "
                 f"{endpoint or 'survival'} by {SCREENS.get(method, method)}"]  # fmt: skip
        parts += [f"adjusted for {join_words(beside)}"] if beside else []
        parts += [f"stratified by {step.strata}"] if step.strata else []
        if step.parameters.get("cohorts") == "pooled":
            parts.append("in each cohort, pooled by random effects")
        if where := subset_label(step):
            parts.append(where)
        tail = "; p-values were corrected for the number of genes by Benjamini and Hochberg's false discovery rate (q)"
        if _number(step, "permutations") > 0:
            family = "minP" if step.parameters.get("family") == "min_p" else "maxT"
            tail += f" and by {format_count(_number(step, 'permutations'))} permutations (family-wise, {family})"
        if _number(step, "bootstraps") > 0:
            tail += f"; ranks were judged in {format_count(_number(step, 'bootstraps'))} bootstrap samples"
        said.append(", ".join(parts) + f"{tail}.")
    return list(dict.fromkeys(said))


def evaluation_sentences(steps: list[Step]) -> list[str]:
    said = []
    for step in steps:
        marker = join_words([*step.listed("gene"), *step.listed("marker_column")])
        covariates = join_words(step.listed("covariate"))
        horizons = join_words(format_number(v) for v in step.parameters.get("at") or [])
        models = [f"{covariates} alone" if covariates and marker else covariates]
        models += [f"{marker} alone", "both together"] if covariates and marker else [marker]
        within = f", stratified by {step.strata}" if step.strata else ""
        said.append(
            f"Cox models of {join_words(filter(None, models))}{within} were judged by Harrell's and Uno's C, "
            f"and at {horizons or 'the horizon'} months by the time-dependent AUC, the Brier score and "
            "calibration in groups of predicted risk, weighted by the inverse probability of censoring."
        )
        if _number(step, "bootstraps") > 0:
            times = format_count(_number(step, "bootstraps"))
            said.append(f"Measures were corrected for optimism by {times} bootstrap samples of the whole fit.")
        validated = step.frame("evaluation_table")
        if validated is not None and "leave_one_cohort_out" in set(validated.get("validation", ())):
            said.append("Each cohort was also predicted by a model that was fitted to the others.")
    return list(dict.fromkeys(said))

"""The methods of a study in sentences, from the parameters that its records hold."""

from __future__ import annotations

from collections.abc import Callable

from prognomics.report.page.blocks import Section, endpoint_words, population_label, tool_name
from prognomics.report.page.cells import get, label, records
from prognomics.report.page.joining import Joined, Step
from prognomics.report.wording import clean_text, format_count, format_number, join_words

SOURCES = {
    "survset": "the Python package SurvSet", "geo": "Gene Expression Omnibus", "arrayexpress": "ArrayExpress",
    "gdc": "the Genomic Data Commons", "cbioportal": "cBioPortal", "xena": "UCSC Xena", "local": "local files",
}  # fmt: skip
NORMALIZATIONS = {
    "none": "left on the scale of their source", "auto": "brought to a log2 scale where they were not on one",
    "log2": "transformed to log2", "quantile": "quantile-normalized", "cpm": "brought to log2 counts per million",
    "tmm": "normalized by the trimmed mean of M-values", "zscore": "standardized gene by gene",
}  # fmt: skip
MERGES = {
    "none": "without any adjustment", "quantile": "after quantile normalization over all",
    "zscore": "each gene as its z-score within its cohort", "combat": "adjusted between cohorts by ComBat",
}  # fmt: skip
RULES = {"median": "its median", "fixed": "a value fixed beforehand", "quantile": "a quantile",
         "roc": "a point of its ROC curve", "maxstat": "the point that separates outcome best"}  # fmt: skip
TIES = {"efron": "Efron", "breslow": "Breslow"}
WEIGHTS = {"logrank": "the log-rank test", "wilcoxon": "the Gehan-Breslow test", "peto": "the Peto-Peto test"}
LIBRARIES = {"python": "Python", "numpy": "NumPy", "scipy": "SciPy", "sklearn": "scikit-learn", "h5py": "h5py"}
SILENT = ("where", "plot_format", "matrix_format", "annotation")


def methods_section(study: dict, joined: Joined) -> Section:
    """One sentence for each kind of step, then the software."""
    section = Section("methods", "Methods")
    tools = dict.fromkeys(step.tool for step in joined.steps)
    for tool in tools:
        steps = joined.of(tool)
        sentences = _SENTENCES.get(tool, _generic)(steps)
        if sentences:
            section.say(" ".join(sentences))
    section.say(_software(joined))
    return section


def _values(steps: list[Step], name: str) -> list[str]:
    return list(dict.fromkeys(v for s in steps for v in s.listed(name)))


def _fetch(steps: list[Step]) -> list[str]:
    by_source: dict[str, list[str]] = {}
    for step in steps:
        by_source.setdefault(label(step.parameters.get("source")), []).append(label(step.parameters.get("accession")))
    said = []
    for source, names in by_source.items():
        cohorts = join_words(filter(None, names)) or "the cohorts"
        said.append(f"The data of {cohorts} came from {SOURCES.get(source, source) or 'their source'}.")
    return said


def _curate(steps: list[Step]) -> list[str]:
    names = _values(steps, "cohort")
    of = f" of {join_words(names)}" if names else ""
    return [f"The clinical data{of} were brought to common names, units and codings by a mapping for each cohort, "
            "which also states the exclusions and the numbers expected."]  # fmt: skip


def _normalize(steps: list[Step]) -> list[str]:
    return [f"Expression values were {NORMALIZATIONS.get(m, m)}." for m in _values(steps, "method")]


def _merge(steps: list[Step]) -> list[str]:
    said = []
    for step in steps:
        method = label(step.parameters.get("method"))
        common = [get(r, "n_genes_common") for r in records(step.frame("merge_report"))]
        common = [c for c in common if label(c)]
        genes = f"their {format_count(common[0])} common genes" if common else "their common genes"
        reference = clean_text(step.parameters.get("reference_samples"))
        over = f", with the samples of {reference} as reference" if reference and method != "none" else ""
        said.append(f"Cohorts were merged on {genes}, {MERGES.get(method, method)}{over}.")
    return list(dict.fromkeys(said))


def _cut(steps: list[Step]) -> list[str]:
    said = []
    for step in steps:
        marker = label(step.parameters.get("gene") or step.parameters.get("score_column")) or "(not named)"
        method = label(step.parameters.get("method"))
        rows = records(step.frame("cutpoint_table"))
        values = [f"{format_number(get(r, 'lowest_high'))}" for r in rows if label(get(r, "lowest_high"))]
        at = f": values from {join_words(values)} are called high" if values else ""
        within = f" within each {label(step.parameters.get('within'))}" if step.parameters.get("within") else ""
        said.append(f"The marker {marker} was cut at {RULES.get(method, method)}{within}{at}.")
    return list(dict.fromkeys(said))


def _strata(steps: list[Step], what: str) -> str:
    """How often the steps were stratified, and in which samples they ran."""
    strata = list(dict.fromkeys(s.strata for s in steps if s.strata))
    cohorts = list(dict.fromkeys(s.cohort for s in steps if s.cohort))
    parts = [f"stratified by {join_words(strata)}"] if strata else []
    parts += ["unstratified"] if any(s.scope == "unstratified" for s in steps) else []
    parts += [f"in each cohort alone ({join_words(cohorts)})"] if cohorts else []
    if strata and "unstratified" in parts:
        return f"{what} were made {join_words(parts)}; the stratified ones are to be trusted."
    return f"{what} were made {join_words(parts)}." if parts else ""


def _kaplan_meier(steps: list[Step]) -> list[str]:
    endpoints = join_words(dict.fromkeys(filter(None, map(endpoint_words, steps))))
    scale = join_words(_values(steps, "conf_type"), "or")
    tests = join_words(WEIGHTS.get(w, w) for w in _values(steps, "weights"))
    groups = join_words(_values(steps, "group_column"))
    said = [f"Survival{f' ({endpoints})' if endpoints else ''} was estimated by the Kaplan-Meier method, with 95% "
            f"intervals on the {scale or 'log'} scale (Greenwood's variance), follow-up by its reverse."]  # fmt: skip
    if groups:
        said.append(f"Groups of {groups} were compared by {tests or 'the log-rank test'}.")
    return [*said, *filter(None, [_strata(steps, "Tests") if groups else "", _censored(steps)])]


def _censored(steps: list[Step]) -> str:
    times = [format_number(v) for v in dict.fromkeys(s.parameters.get("censor_at") for s in steps) if v is not None]
    return f"Follow-up was cut off at {join_words(times)} months." if times else ""


def _cox(steps: list[Step]) -> list[str]:
    ties = join_words((TIES.get(t, t) for t in _values(steps, "ties")), "or")
    models = _values(steps, "model")
    kinds = [k for k in ("univariable", "multivariable") if k in models or "both" in models]
    said = [f"Hazard ratios come from {join_words(kinds)} Cox proportional hazards models, ties after "
            f"{ties or 'Efron'}, with 95% intervals and p-values of the Wald test."]  # fmt: skip
    selected = [s for s in steps if s.parameters.get("entry") == "univariable"]
    if selected:
        alpha = join_words(dict.fromkeys(format_number(s.parameters.get("entry_alpha")) for s in selected))
        said.append(f"In some multivariable models only variables with p up to {alpha} alone were kept.")
    factors = _values(steps, "factor")
    if factors:
        said.append(f"The values of {join_words(factors)} are levels, not numbers.")
    clusters = _values(steps, "cluster")
    if clusters:
        said.append(f"Standard errors are robust, with samples of one {join_words(clusters)} together.")
    scale = join_words(_values(steps, "transform"))
    said.append(f"Proportional hazards were tested by scaled Schoenfeld residuals (time scale: {scale or 'km'}).")
    return [*said, *filter(None, [_strata(steps, "Models"), _censored(steps)])]


def _generic(steps: list[Step]) -> list[str]:
    said = []
    for step in steps:
        shown = parameters_shown(step)
        settings = "; ".join(f"{name.replace('_', ' ')}: {value}" for name, value in shown if name not in SILENT)
        where = population_label(step)
        said.append(f"{tool_name(step)} was run{f' ({where})' if where else ''}"
                    f"{f' with {settings}' if settings else ''}.")  # fmt: skip
    return list(dict.fromkeys(said))


def parameters_shown(step: Step) -> list[tuple[str, str]]:
    """The parameters that say something: not empty, not false."""
    return [
        (clean_text(name), ", ".join(step.listed(name)) if isinstance(value, list) else label(value))
        for name, value in sorted(step.parameters.items())
        if value not in (None, "", [], {}) and value is not False
    ] + [(clean_text(name), "no") for name, value in sorted(step.parameters.items()) if value is False]


def versions_of(steps: list[Step]) -> list[str]:
    """`NumPy 2.4.6` for each library; each version where they differ."""
    found: dict[str, dict[str, None]] = {}
    for step in steps:
        versions = step.record.get("versions")
        for name, version in sorted((versions if isinstance(versions, dict) else {}).items()):
            found.setdefault(clean_text(name), {})[clean_text(version)] = None
    return [f"{LIBRARIES.get(name, name)} {join_words(versions)}" for name, versions in sorted(found.items())]


def _software(joined: Joined) -> str:
    own = sorted({clean_text(s.record.get("tool_version")) for s in joined.steps} - {""})
    used = versions_of(joined.steps)
    beside = f" with {join_words(used)}" if used else ""
    return f"Software: Prognomics {join_words(own)}{beside}. All tests are two-sided unless said otherwise."


_SENTENCES: dict[str, Callable[[list[Step]], list[str]]] = {
    "fetch_cohort": _fetch, "curate_samples": _curate, "normalize": _normalize, "merge_cohorts": _merge,
    "cutpoint": _cut, "kaplan_meier": _kaplan_meier, "cox": _cox,
}  # fmt: skip

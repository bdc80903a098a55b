"""The methods of a study in sentences, from the parameters that its records hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from prognomics.report.page.blocks import Section, endpoint_words, population_label, tool_name
from prognomics.report.page.cells import get, label, records
from prognomics.report.page.declared import collect_citations
from prognomics.report.page.groups import TESTS
from prognomics.report.page.methods_survival import (
    competing_sentences,
    cox_sentences,
    evaluation_sentences,
    kaplan_meier_sentences,
    list_values,
    meta_sentences,
    screen_sentences,
)
from prognomics.report.results.joining import LOOK, Joined, Step
from prognomics.report.wording import clean_text, format_count, format_number, join_words

SOURCES = {
    "survset": "the Python package SurvSet", "geo": "Gene Expression Omnibus", "arrayexpress": "ArrayExpress",
    "gdc": "the Genomic Data Commons", "cbioportal": "cBioPortal", "xena": "UCSC Xena", "local": "local files",
    "demo": "simulated demo cohorts of the suite",
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
         "tertiles": "its tertiles", "learnt": "a cutpoint derived in other samples",
         "roc": "a point of its ROC curve", "maxstat": "the point that separates outcome best"}  # fmt: skip
COLLAPSES = {
    "max_variance": "of several rows the one that varies most",
    "max_mean": "of several rows the one with the highest mean",
    "median": "several rows by their median", "mean": "several rows by their mean",
}  # fmt: skip
SCORES = {
    "mean": "the mean of its genes", "weighted_mean": "the weighted mean of its genes",
    "zscore": "the sum of the z-scores of its genes over the root of their number", "ssgsea": "ssGSEA",
    "singscore": "singscore, from the ranks of its genes within the sample",
}  # fmt: skip
COMPOSITES = {"drop": "excluded", "first": "given to the first of them", "split": "given to each of them"}
LIBRARIES = {"python": "Python", "numpy": "NumPy", "scipy": "SciPy", "sklearn": "scikit-learn", "h5py": "h5py"}
MOST = 6  # cohorts that a sentence names
SILENT = ("where", "matrix_format", "annotation")


def methods_section(study: dict[str, Any], joined: Joined) -> Section:
    """One sentence for each kind of step, then the software."""
    section = Section("methods", "Methods")
    tools = dict.fromkeys(step.tool for step in joined.steps)
    for tool in tools:
        steps = joined.of(tool)
        sentences = _SENTENCES.get(tool, _generic)(steps)
        if sentences:
            section.say(" ".join(sentences))
    section.say(_software(joined))
    cited = collect_citations(joined.steps)
    if cited:
        section.heading("References of the methods")
        section.list([("", f"{text} ({join_words(reasons)})") for text, reasons in cited])
    return section


def _named(cohorts: list[str]) -> str:
    """Some cohorts by name, many by their number."""
    named = list(dict.fromkeys(filter(None, cohorts)))
    return join_words(named) if len(named) <= MOST else f"the {len(named)} cohorts"


def _fetch(steps: list[Step]) -> list[str]:
    by_source: dict[str, list[str]] = {}
    for step in steps:
        by_source.setdefault(label(step.parameters.get("source")), []).append(label(step.parameters.get("accession")))
    said = []
    for source, names in by_source.items():
        cohorts = _named(names) or "the cohorts"
        said.append(f"The data of {cohorts} came from {SOURCES.get(source, source) or 'their source'}.")
    return said


def _curate(steps: list[Step]) -> list[str]:
    names = list_values(steps, "cohort")
    of = f" of {_named(names)}" if names else ""
    return [f"The clinical data{of} were brought to common names, units and codings by a mapping for each cohort, "
            "which also states the exclusions and the numbers expected."]  # fmt: skip


def _normalize(steps: list[Step]) -> list[str]:
    return [f"Expression values were {NORMALIZATIONS.get(m, m)}." for m in list_values(steps, "method")]


def _merge(steps: list[Step]) -> list[str]:
    said = []
    methods = list_values(steps, "method")
    for step in steps:
        method = label(step.parameters.get("method"))
        if method == "none" and len(methods) > 1:
            continue  # made to compare with
        common = [get(r, "n_genes_common") for r in records(step.frame("merge_report"))]
        common = [c for c in common if label(c)]
        genes = f"their {format_count(common[0])} common genes" if common else "their common genes"
        reference = clean_text(step.parameters.get("reference_samples"))
        over = f", with the samples of {reference} as reference" if reference and method != "none" else ""
        said.append(f"Cohorts were merged on {genes}, {MERGES.get(method, method)}{over}.")
    if "none" in methods and len(methods) > 1:
        said.append("The same matrices side by side without adjustment serve for comparison.")
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
        if method == "maxstat":
            how = label(step.parameters.get("correction")).replace("_", "-") or "permutation"
            said.append(f"The p-value of this search (maximally selected log-rank statistic) was corrected ({how}), "
                        "the hazard ratio of its groups shrunken by cross-validation.")  # fmt: skip
    return list(dict.fromkeys(said))


def _generic(steps: list[Step]) -> list[str]:
    said = []
    for step in steps:
        shown = parameters_shown(step)
        settings = "; ".join(
            f"{name.replace('_', ' ')}: {value}"
            for name, value in shown
            if name not in SILENT and not name.startswith(LOOK)
        )
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


def list_versions(steps: list[Step]) -> list[str]:
    """`NumPy 2.4.6` for each library; each version where they differ."""
    found: dict[str, dict[str, None]] = {}
    for step in steps:
        versions = step.record.get("versions")
        for name, version in sorted((versions if isinstance(versions, dict) else {}).items()):
            found.setdefault(clean_text(name), {})[clean_text(version)] = None
    return [f"{LIBRARIES.get(name, name)} {join_words(versions)}" for name, versions in sorted(found.items())]


def _software(joined: Joined) -> str:
    own = sorted({clean_text(s.record.get("tool_version")) for s in joined.steps} - {""})
    used = list_versions(joined.steps)
    beside = f" with {join_words(used)}" if used else ""
    further = join_words(sorted(set(map(_plugin, joined.steps)) - {""}))
    beside += f", and tools of {further}" if further else ""
    return f"Software: Prognomics {join_words(own)}{beside}. All tests are two-sided unless said otherwise."


def _plugin(step: Step) -> str:
    """Name and version of the plugin that a step's tool is of, if it is of one."""
    plugin = step.record.get("plugin")
    named = plugin if isinstance(plugin, dict) else {}
    return " ".join(filter(None, (clean_text(named.get(key)) for key in ("name", "version"))))


def _genes(steps: list[Step]) -> list[str]:
    said = []
    for collapse in list_values(steps, "collapse"):
        how = COLLAPSES.get(collapse, collapse)
        said.append(f"Rows of the matrices, such as probes, were brought to genes ({how}).")
    for composite in list_values(steps, "composite"):
        said.append(f"Rows that name several genes were {COMPOSITES.get(composite, composite)}.")
    return said


def _quality(steps: list[Step]) -> list[str]:
    return ["Batch effects were assessed by principal components and by the fraction of variance that cohorts explain; "
            "samples of different cohorts were searched for near-duplicates."]  # fmt: skip


def _classify(steps: list[Step]) -> list[str]:
    ways = {"pearson": "Pearson's correlation", "kendall": "Kendall's tau"}
    distance = join_words(ways.get(d, "Spearman's correlation") for d in list_values(steps, "distance") or ["spearman"])
    said = ["Tumors were classified by the nearest centroid of a signature: genes mean-centered, distance 1 − "
            f"{distance}."]  # fmt: skip
    if "loocv" in list_values(steps, "mode"):
        said.append("Each sample with an outcome was classified by centroids of the others, those without one by the "
                    "centroids of all with one.")  # fmt: skip
    for step in steps:
        if step.parameters.get("horizon") is not None:
            name = label(step.parameters.get("name")) or "The classes"
            months = format_number(step.parameters["horizon"])
            said.append(f"{name} was learnt from {endpoint_words(step) or 'the outcome'} at {months} months.")
    return list(dict.fromkeys(said))


def _compare(steps: list[Step]) -> list[str]:
    tests = join_words(map(_the_test, list_values(steps, "test")))
    names = [*list_values(steps, "gene"), *list_values(steps, "score_column")]
    columns = join_words(list_values(steps, "group_column"))
    verb = "were" if len(names) != 1 else "was"
    return [f"{join_words(names) or 'Markers'} {verb} compared between groups of {columns} by {tests}; where several "
            "cohorts hold both groups, the estimate within cohorts is given too."]  # fmt: skip


def _the_test(name: str) -> str:
    words = TESTS.get(name, name)
    return words if "'s " in words else f"the {words}"


def _associate(steps: list[Step]) -> list[str]:
    columns, genes = (
        list_values(steps, "group_column"),
        [*list_values(steps, "gene"), *list_values(steps, "score_column")],
    )
    said = []
    if columns:
        categorical = join_words(map(_the_test, list_values(steps, "categorical_test")))
        numeric = [t for t in list_values(steps, "test") if t != "auto"] or ["welch"]
        numbers = join_words(map(_the_test, numeric))
        said.append(f"Variables were related to {join_words(columns)} by {categorical or TESTS['fisher']} (categories) "
                    f"and {numbers} (numbers).")  # fmt: skip
    if any(step.parameters.get("all_samples") for step in steps):
        described = [step for step in steps if step.parameters.get("all_samples")]
        said.append(f"{join_words(list_values(described, 'variable'))} were described in all samples by counts, or by "
                    "mean, median and quartiles.")  # fmt: skip
    if genes:
        verb = "were" if len(genes) > 1 else "was"
        said.append(f"{join_words(genes)}, continuous, {verb} related to categories by rank tests and to numbers by "
                    "Spearman's correlation.")  # fmt: skip
    return said


def _rma(steps: list[Step]) -> list[str]:
    return ["Raw Affymetrix arrays were summarized by RMA: background correction, quantile normalization over the "
            "arrays of a cohort, and median polish."]  # fmt: skip


def _scores(steps: list[Step]) -> list[str]:
    said = []
    for step in steps:
        names = step.listed("signature_name") or step.listed("name")
        of = f" ({join_words(names)})" if names else ""
        method = label(step.parameters.get("method"))
        within = f", genes standardized within each {label(step.parameters.get('within'))}" \
            if step.parameters.get("within") else ""  # fmt: skip
        said.append(f"Each sample's score of the signature{of} is {SCORES.get(method, method)}{within}.")
    return list(dict.fromkeys(said))


def _combined(steps: list[Step]) -> list[str]:
    rules = {"all": ", high where all of them are", "any": ", high where any of them is"}
    return list(dict.fromkeys(f"Groups of {join_words(s.listed('column'))} were combined"
                              f"{rules.get(label(s.parameters.get('rule')), ', a group of each combination')}."
                              for s in steps))  # fmt: skip


_SENTENCES: dict[str, Callable[[list[Step]], list[str]]] = {
    "fetch_cohort": _fetch, "curate_samples": _curate, "normalize": _normalize, "merge_cohorts": _merge,
    "map_genes": _genes, "quality_control": _quality, "classify_centroid": _classify, "compare_groups": _compare,
    "associate": _associate, "cutpoint": _cut, "rma": _rma, "score_signature": _scores, "combine_groups": _combined,
    "kaplan_meier": kaplan_meier_sentences, "cox": cox_sentences, "meta_analysis": meta_sentences,
    "competing_risks": competing_sentences, "screen": screen_sentences, "evaluate_model": evaluation_sentences,
}  # fmt: skip

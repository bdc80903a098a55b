"""Which columns and genes are a marker, and which one: a group is of the gene or score that was cut."""

from __future__ import annotations

from collections.abc import Sequence

from prognomics.report.results.declarations import Declarations
from prognomics.report.results.rows import label
from prognomics.report.results.steps import Step

OTHER_REGRESSIONS = ("logistic", "competing_risks")


def cuts(steps: Sequence[Step]) -> dict[str, str]:
    """The columns of groups that a cutpoint made, each with the gene or score that was cut."""
    found = {}
    for step in (s for s in steps if s.tool == "cutpoint"):
        source = label(step.parameters.get("gene") or step.parameters.get("score_column"))
        found[label(step.parameters.get("name")) or f"{source}_{label(step.parameters.get('method'))}"] = source
    return found


def markers(declared: Declarations, steps: Sequence[Step]) -> dict[str, str]:
    """Each column or gene that is a marker, with the marker that it is of; the study's first, others as they come.

    Without a declaration they are what was cut, else what curves are grouped by, else the first variable of a model.
    """
    cut = cuts(steps)
    modelled = [t for s in steps if s.has("hazard_ratios") for t in list_terms(s)]
    ratios = [s for s in steps if s.has("hazard_ratios") or s.tool in OTHER_REGRESSIONS]
    genes = [t for s in ratios for n in ("gene", "marker") for t in s.listed(n)]
    groups = [g for s in steps if s.tool == "kaplan_meier" for g in s.listed("group_column")]
    made = [label(s.parameters.get("name")) for s in steps if s.has("marker")]
    others = [
        t for s in steps if s.tool in ("logistic", "competing_risks", "evaluate_model", "screen") for t in list_terms(s)
    ]
    groups_of_others = [g for s in steps for g in s.listed("group_column")]
    everything = [*cut, *cut.values(), *modelled, *groups, *others, *groups_of_others]
    everything = list(dict.fromkeys(filter(None, everything)))
    found: dict[str, str] = {}
    for marker in declared.markers:
        for term in everything:
            if cut.get(term) == marker or _named_after(term, marker, declared.markers):
                found.setdefault(term, marker)
    used = [t for t in made if t in modelled or t in groups]
    for term in dict.fromkeys([*cut, *filter(None, cut.values()), *genes, *used]):
        found.setdefault(term, cut.get(term) or term)
    if not found:
        found = {term: term for term in groups or modelled[:1] or groups_of_others or others[:1]}
    return found


def _named_after(term: str, marker: str, others: Sequence[str]) -> bool:
    """Whether a term is a marker or is called after it, and after no other marker with a longer name."""
    fitting = [m for m in others if term == m or term.startswith(f"{m}_")]
    return marker in fitting and marker == max(fitting, key=len)


def list_terms(step: Step) -> list[str]:
    """The variables of a step's model, markers first."""
    return [v for name in ("gene", "marker_column", "covariate") for v in step.listed(name)]

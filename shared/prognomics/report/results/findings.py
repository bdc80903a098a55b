"""All findings of a study: each estimate with its identity, which of them is primary, and the views of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from prognomics.report.results.declarations import Declarations
from prognomics.report.results.found import Findings
from prognomics.report.results.headline import headline, smallest_effect
from prognomics.report.results.identity import HAZARD_RATIO as HAZARD_RATIO
from prognomics.report.results.identity import SMALLEST as SMALLEST
from prognomics.report.results.identity import TRUSTED as TRUSTED
from prognomics.report.results.identity import Finding as Finding
from prognomics.report.results.identity import Identity as Identity
from prognomics.report.results.markers import markers
from prognomics.report.results.primary import choose
from prognomics.report.results.reading import AT_TIME_0 as AT_TIME_0
from prognomics.report.results.reading import COMPLETE as COMPLETE
from prognomics.report.results.reading import IMPUTED as IMPUTED
from prognomics.report.results.reading import POOLED as POOLED
from prognomics.report.results.reading import SPLINE as SPLINE
from prognomics.report.results.reading import is_part as is_part
from prognomics.report.results.reading import read_endpoint as read_endpoint
from prognomics.report.results.reading import read_findings, read_outcome
from prognomics.report.results.reading import read_limits as read_limits
from prognomics.report.results.reading import read_population as read_population
from prognomics.report.results.steps import Step, list_outputs


def find(declared: Declarations, steps: Sequence[Step]) -> Findings:
    """The findings of a study's steps, and its primary analysis."""
    known = markers(declared, steps)
    makers = {sha: step for step in steps for _, sha in list_outputs(step.record, "outputs")}
    every = [f for step in steps for f in read_findings(step, known, _source(step, makers))]
    named = [read_outcome(s) for s in steps if s.has("outcome")]
    endpoints = tuple(dict.fromkeys(filter(None, [*(e for e in declared.endpoints if e in named), *named])))
    found = Findings(declared, tuple(every), known, endpoints)
    primary, chosen = choose(found)
    other, how = (None, chosen) if primary and chosen != "missing" else headline(found)
    if other is not None and (primary is None or how == "declared"):
        primary, chosen = None, how
    else:
        other = None
    head = primary or other
    smallest = smallest_effect(head) if head else None
    every += [smallest] if smallest else []
    return replace(found, all=tuple(every), primary=primary, other=other, chosen=chosen, smallest=smallest)


def _source(step: Step, makers: Mapping[str, Step]) -> Step | None:
    """The step that made the table of genes or the model that this one took."""
    if not step.has("inherits"):
        return None
    taken = [sha for kind, sha in list_outputs(step.record, "inputs") if kind not in ("sample_sheet", "annotation")]
    return next((makers[sha] for sha in taken if sha in makers and makers[sha].has("passes_on")), None)

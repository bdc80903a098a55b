"""Names of files that say what is in them: step, tool, variables, endpoint, samples and scope."""

from __future__ import annotations

from prognomics.report.results.reading import read_outcome, read_population
from prognomics.report.results.steps import Step

LONGEST = 110
FEW = 2  # variables that a name gives


def safe(name: str) -> str:
    """A name that can be part of a path or an id."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "_" for c in name)[:40] or "file"


def file_name(step: Step, what: str) -> str:
    """`012_cox_XPO1_group_os_sex-female_stratified_cox_table`, without an ending."""
    names = ("gene", "group_column", "marker_column", "score_column", "covariate")
    variables = list(dict.fromkeys(v for option in names for v in step.listed(option)))
    more = f"and_{len(variables) - FEW}_more" if len(variables) > FEW else ""
    samples = [c.replace("!=", "-not-").replace("=", "-") for c in read_population(step)]
    scope = step.cohort if step.scope == "per_cohort" else "" if step.scope == "all" else step.scope
    own = step.origin if step.has("per_cohort") else ""
    parts = [*variables[:FEW], more, read_outcome(step), *samples, scope, own]
    about = "_".join(safe(p) for p in parts if p)[: LONGEST - len(what) - 30]
    return "_".join(filter(None, [f"{step.number:03d}", safe(step.tool), about, safe(what)]))

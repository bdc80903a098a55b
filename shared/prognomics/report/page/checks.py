"""Which further checks of the marker's effect a report shows, each with what it is of."""

from __future__ import annotations

from prognomics.report.page import phrases
from prognomics.report.page.cells import get, label, records
from prognomics.report.results.findings import SPLINE, Finding
from prognomics.report.results.joining import Joined
from prognomics.report.wording import is_absent, join_words


def checks(joined: Joined) -> list[str]:
    """In words; nothing that the page does not show."""
    found, head = joined.findings, joined.findings.primary
    made = []
    if any(s.frame("cox_ph") is not None for s in joined.of("cox")):
        made.append("proportional hazards")
    meta = [f for f in found.every if f.identity.method == "meta_analysis"]
    if pooled := [f for f in meta if f.identity.scope in ("random", "fixed")]:
        made.append(f"meta-analysis{_of(joined, pooled)}")
    if left := [f for f in meta if f.identity.scope == "leave_out"]:
        made.append(f"leave-one-cohort-out{_of(joined, left)}")
    alike = found.analysis(head) if head else []
    scopes = {f.identity.scope for f in alike}
    if scopes >= {"stratified", "unstratified"}:
        made.append(f"stratified and unstratified models{_of(joined, alike[:1])}")
    if "per_cohort" in scopes:
        made.append(f"separate models per cohort{_of(joined, alike[:1])}")
    if any(not is_absent(s.parameters.get("landmark")) for s in joined.of("kaplan_meier")):
        made.append("a landmark analysis")
    made += _curves(joined)
    if joined.of("evaluate_model"):
        made.append("discrimination and calibration of a model, by internal validation" if validated(joined)
                    else "discrimination and calibration of a model")  # fmt: skip
    return made


def _of(joined: Joined, findings: list[Finding]) -> str:
    """Of which endpoint and population, where the study has several."""
    if len(joined.findings.endpoints) < 2 and len(joined.findings.populations) < 2:
        return ""
    return f" ({'; '.join(dict.fromkeys(phrases.setting(joined, f) for f in findings))})"


def _curves(joined: Joined) -> list[str]:
    """The variables that entered as a spline: what the page shows of them, the curve itself or its test only."""
    said = []
    for step in joined.of("cox"):
        rows = [r for r in records(step.frame("cox_table")) if label(get(r, "unit")) == SPLINE]
        terms = list(dict.fromkeys(label(get(r, "term")) for r in rows))
        drawn = step.frame("cox_spline") is not None
        what = "a spline" if drawn else "the test of a spline (its curve is not shown)"
        said += [f"{what} of {join_words(terms)}"] if terms else []
    return list(dict.fromkeys(said))


def validated(joined: Joined) -> bool:
    """Whether a model was evaluated in other data than its own: bootstrap samples, or cohorts excluded in turn."""
    rows = [r for s in joined.of("evaluate_model") for r in records(s.frame("evaluation_table"))]
    left = any(label(get(r, "validation")) == "leave_one_cohort_out" for r in rows)
    return left or any(not is_absent(get(r, "corrected")) for r in rows)

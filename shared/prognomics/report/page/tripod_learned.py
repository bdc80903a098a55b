"""Items of TRIPOD+AI that a derived signature answers: its candidates, sample size, scaling, strata, output, data."""

from __future__ import annotations

from collections.abc import Sequence

from prognomics.report.page.checklist import PART, RUN, Answer
from prognomics.report.page.learned import held_out, measured, nothing_learned
from prognomics.report.results.findings import Finding
from prognomics.report.results.headline import MODEL, candidates
from prognomics.report.results.joining import Joined
from prognomics.report.results.reading import APPARENT
from prognomics.report.results.rows import get, label, records
from prognomics.report.results.steps import Step
from prognomics.report.wording import as_number, join_words, plural

STRATIFIED = "stratified by "
PLACES = ["signatures", "derivations"]
SCALING = {"within_cohort": "genes were standardized within cohorts",
           "overall": "genes were standardized by means and standard deviations of the training samples",
           "none": "genes entered as they were"}  # fmt: skip


def _derived(steps: Sequence[Step]) -> list[Step]:
    return [s for s in steps if s.tool == "learn_signature"]


def predictors(steps: Sequence[Step], joined: Joined) -> Answer | None:
    """9a: which genes were candidates."""
    derived = _derived(steps)
    if not derived:
        return None
    said = []
    for step in derived:
        most = as_number(step.parameters.get("top_variance"))
        listed = any(kind == "signature" for kind, _ in _inputs(step, "candidates"))
        said.append("genes of a given list" if listed else f"the {most:.0f} genes that vary most within cohorts, found "
                    "among the training samples" if most > 0 else "all genes of the matrix")  # fmt: skip
    kept = list(dict.fromkeys(v for s in derived for v in s.listed("covariate")))
    more = f"; {join_words(map(derived[0].declared.variable, kept))} were kept in the model" if kept else ""
    return RUN, f"Candidates: {join_words(dict.fromkeys(said))}{more}.", ["methods", *PLACES]


def _inputs(step: Step, option: str) -> list[tuple[str, str]]:
    files = step.record.get("inputs")
    return [(str(f.get("artefact")), str(f.get("sha256"))) for f in (files if isinstance(files, list) else [])
            if isinstance(f, dict) and f.get("option") == option]  # fmt: skip


def sample_size(steps: Sequence[Step], joined: Joined) -> Answer | None:
    """10: samples and events of derivation and evaluation."""
    found = _heads(joined)
    if not found:
        return None
    said = []
    for top in found[:3]:
        chosen = records(top.step.frame("signature_coefficients"))
        genes = sum(label(get(r, "kind")) == "gene" for r in chosen)
        of = f", {plural(genes, 'gene')} chosen" if chosen else ""
        said.append(f"{plural(top.n, 'sample')} with {plural(top.events, 'event')}{of}")
    return PART, f"Held out: {join_words(dict.fromkeys(said))}. How the size came about: to state.", PLACES


def form(steps: Sequence[Step], joined: Joined) -> Answer | None:
    """12b: how genes entered."""
    derived = _derived(steps)
    named = list(dict.fromkeys(label(s.parameters.get("scaling")) for s in derived))
    said = [SCALING.get(n, f"scaling: {n.replace('_', ' ')}") for n in named if n]
    if not said:
        return None
    text = join_words(said)
    return RUN, f"As continuous variables; {text}.", ["methods", "provenance"]


def strata(steps: Sequence[Step], joined: Joined) -> Answer | None:
    """12d: whether the model was stratified, and evaluated within cohorts."""
    methods = [label(get(f.row, "method")) for f in _heads(joined)]
    named = [m.partition(STRATIFIED)[2].partition(";")[0].partition(",")[0] for m in methods if STRATIFIED in m]
    if not named:
        return None
    said = f"The model is stratified by {named[0]}; samples are compared within cohorts only."
    return RUN, said, ["methods", *PLACES]


def output(steps: Sequence[Step], joined: Joined) -> Answer | None:
    """15: what the model puts out."""
    derived = _derived(steps)
    if not derived:
        return None
    cuts = list(dict.fromkeys(v for s in derived for v in s.listed("cut_quantile")))
    at = f"; groups by the quantiles {join_words(cuts)} of the training samples" if cuts else ""
    return RUN, f"A linear predictor per sample{at}.", ["methods", "provenance"]


def differences(steps: Sequence[Step], joined: Joined) -> Answer | None:
    """16: where the model was derived and where it was evaluated."""
    parts = [list(dict.fromkeys(f.identity.cohort for f in held_out(joined, top))) for top in _heads(joined)]
    parts = [names for names in parts if names]
    if not parts:
        return None
    shown = join_words(parts[0]) if len(parts[0]) <= 8 else plural(len(parts[0]), "part")
    return PART, f"Held out: {shown}. How they differ in patients and treatment: to discuss.", ["signatures", "cohorts"]


def performance(steps: Sequence[Step], joined: Joined) -> Answer | None:
    """23a: discrimination held out next to apparent."""
    said = []
    for top in _heads(joined):
        apparent = measured(joined, top, top.identity.model, APPARENT)
        if nothing_learned(top):
            said.append("no gene was chosen")
        elif apparent is not None:
            said.append(f"{top.estimate[0]:.2f} held out, {apparent.estimate[0]:.2f} apparent")
        else:
            said.append(f"{top.estimate[0]:.2f} held out")
    if not said:
        return None
    named = _heads(joined)[0].identity.measure
    return PART, f"{named}: {'; '.join(dict.fromkeys(said))}; intervals and calibration in the table. Performance in " \
        "groups of people is to be added.", PLACES  # fmt: skip


def _heads(joined: Joined) -> list[Finding]:
    return candidates(joined.findings.all).get(MODEL, [])


ANSWERS = {"9a": predictors, "10": sample_size, "12b": form, "12d": strata, "15": output, "16": differences,
           "23a": performance}  # fmt: skip

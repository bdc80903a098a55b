"""A derived or locked signature in samples that had no part in it, next to chance, random and published signatures."""

from __future__ import annotations

import math
from collections.abc import Sequence

from prognomics.report.figures.forest_strip import LinearAxis
from prognomics.report.page import phrases
from prognomics.report.page.blocks import Section, caption
from prognomics.report.page.cells import Cell, View, head, number_with_interval, view
from prognomics.report.page.forests import ForestRow, forest_view
from prognomics.report.page.messages import said_by
from prognomics.report.results.findings import Finding
from prognomics.report.results.headline import ALPHA, CHANCE, VALIDATIONS, candidates, is_clear
from prognomics.report.results.joining import Joined
from prognomics.report.results.reading import APPARENT
from prognomics.report.results.steps import Step
from prognomics.report.wording import format_count, format_number, format_p, join_words, p_phrase, plural, sentence_case

RANDOM = "random_median"
NAMES = {"signature": "Signature", "clinical": "Clinical model",
         "signature_and_clinical": "Signature and clinical model",
         RANDOM: "Random signatures of as many genes, median"}  # fmt: skip
ADDED = "signature_and_clinical minus clinical"
CALIBRATION = {"calibration slope": "calibration slope", "observed expected": "observed over expected"}
MOST = 12  # validations with a row each


def measured(joined: Joined, like: Finding, model: str, scope: str = "held_out") -> Finding | None:
    """The same measure of another model, or in another scope, of the same validation."""
    found = [f for f in joined.findings.all if f.step.number == like.step.number and f.place[0] == like.place[0]
             and f.identity.measure == like.identity.measure and f.identity.time == like.identity.time
             and f.identity.model == model and f.identity.scope == scope
             and (scope == APPARENT or f.identity.cohort == like.identity.cohort)]  # fmt: skip
    return found[0] if found else None


def others(joined: Joined, top: Finding) -> list[Finding]:
    """The published signatures and the clinical models of the same validation, in its order."""
    models = dict.fromkeys(f.identity.model for f in joined.findings.all if f.step.number == top.step.number)
    found = (measured(joined, top, m) for m in models if m not in (top.identity.model, RANDOM))
    return [f for f in found if f is not None]


def is_published(finding: Finding) -> bool:
    return finding.identity.model not in NAMES and " minus " not in finding.identity.model


def random_p(joined: Joined, top: Finding) -> float:
    """p of the signature against random signatures of as many genes; NaN if there are none."""
    found = measured(joined, top, RANDOM)
    return found.p if found else math.nan


def nothing_learned(finding: Finding) -> bool:
    """Whether no gene was chosen in all samples: there is no signature."""
    told = [text for code, text in said_by(finding.step, "warnings") if code == "nothing-learned"]
    return any(text.startswith("no gene was chosen") for text in told)


def answer_of_model(joined: Joined, top: Finding) -> str:
    """One or two sentences: chance first, then random signatures, then the clinical model."""
    where, event = phrases.named_population(joined, top), phrases.outcome(top)
    inside = "in samples that had no part in it"
    if nothing_learned(top):
        return f"No signature of {event} could be derived{where}: no gene was chosen."
    if not is_clear(top):
        return f"The signature did not clearly predict {event}{where} {inside}: the data are compatible with chance."
    if top.estimate[0] < CHANCE:
        return f"The signature predicted {event}{where} in the wrong direction {inside}."
    said = f"The signature predicted {event}{where} better than chance {inside}"
    p = random_p(joined, top)
    if p >= ALPHA:
        return f"{said}, but not better than random signatures of as many genes."
    added = _added(joined, top)
    if added is not None and not (added.estimate[1] > 0 or added.estimate[2] < 0):
        return f"{said}, but did not clearly add to the clinical model."
    return f"{said}."


def _added(joined: Joined, top: Finding) -> Finding | None:
    return next((f for f in joined.findings.all if f.step.number == top.step.number and f.identity.model == ADDED
                 and f.identity.cohort == top.identity.cohort), None)  # fmt: skip


def numbers_of_model(joined: Joined, top: Finding) -> list[tuple[str, str, str]]:
    value, between = phrases.value_and_interval(top)
    numbers = [(f"{top.identity.measure}, held out", value, between)]
    apparent = measured(joined, top, top.identity.model, APPARENT)
    if apparent is not None:
        numbers.append(("In its own samples", f"{apparent.estimate[0]:.2f}", "apparent, not evidence"))
    if random_p(joined, top) == random_p(joined, top):
        numbers.append(("p, random signatures", format_p(random_p(joined, top)), "of as many genes"))
    else:
        numbers.append(("p", format_p(top.p), f"against {CHANCE}"))
    return [*numbers, ("Samples", format_count(top.n), phrases.events(top))]


def words_of_model(joined: Joined, top: Finding) -> str:
    """What was derived in which samples, and where it was evaluated."""
    endpoint = phrases.endpoint(top) or top.identity.endpoint
    parts = held_out(joined, top)
    where = f"each of {plural(len(parts), 'part')} held out in turn" if len(parts) > 1 else "samples held out"
    if top.place[0] == "model_validation":
        said = f"A locked model, applied unchanged: {endpoint} in {phrases.population(top)}."
    else:
        said = f"A signature of {endpoint}, derived in {phrases.population(top)}; {where}, and the whole procedure " \
            "repeated without it."  # fmt: skip
    return f"{said} {top.identity.measure}: {CHANCE} is chance, 1 is perfect. {_of_others(joined, top)}".strip()


def _of_others(joined: Joined, top: Finding) -> str:
    """The other models in the same samples, in numbers."""
    said = []
    if (clinical := measured(joined, top, "clinical")) is not None:
        said.append(f"clinical model {clinical.estimate[0]:.2f}")
    said += [f"published signature {f.identity.model} {f.estimate[0]:.2f}" for f in others(joined, top)
             if is_published(f)][:3]  # fmt: skip
    if (drawn := measured(joined, top, RANDOM)) is not None:
        said.append(f"random signatures {drawn.estimate[0]:.2f} (median)")
    return f"In the same samples: {join_words(said)}." if said else ""


def held_out(joined: Joined, top: Finding) -> list[Finding]:
    """The same measure in each held-out part."""
    return [f for f in joined.findings.all if f.step.number == top.step.number and f.place[0] == top.place[0]
            and f.identity.measure == top.identity.measure and f.identity.model == top.identity.model
            and f.identity.time == top.identity.time and f.identity.scope == "held_out"
            and f.identity.cohort]  # fmt: skip


def model_forest(joined: Joined, top: Finding) -> tuple[View, str]:
    """Each held-out part, all together, the model in its own samples, and other models in the same samples."""
    parts = held_out(joined, top)
    rows = [_row(f, phrases.cohort(f)) for f in parts if f is not top] if len(parts) <= MOST else []
    rows.append(_row(top, "All held-out samples" if parts else "Held-out samples", kind="pooled", primary=True))
    if (apparent := measured(joined, top, top.identity.model, APPARENT)) is not None:
        rows.append(_row(apparent, "In its own samples", "apparent", kind="pooled"))
    rows += [_row(f, name_signature(f), "" if not is_published(f) else "published", kind="pooled")
             for f in others(joined, top)]  # fmt: skip
    if (drawn := measured(joined, top, RANDOM)) is not None:
        rows.append(_row(drawn, NAMES[RANDOM], "middle 95%", kind="pooled"))
    name = top.identity.measure
    shown = forest_view(f"{name} in held-out samples: {phrases.setting(joined, top)}", rows, ("Samples or model",),
                        ratio="AUC" if name == "AUC" else "C", estimate=name, linear=LinearAxis())  # fmt: skip
    legend = [f"{name}; dotted line: chance ({CHANCE})"]
    if rows[0].kind == "study":
        legend.append("Squares: one held-out part, by a model of the others")
    legend.append("Diamonds: all held-out samples together, compared within cohorts; their width is the 95% confidence "
                  "interval")  # fmt: skip
    if drawn is not None:
        legend.append("Random signatures: the middle 95% of their values; p: of the signature against them")
    if apparent is not None:
        legend.append("In its own samples: of the final model where it was derived")
    return shown, f"{'. '.join(legend)}. n / events: samples and events."


def _row(finding: Finding, name: str, small: str = "", kind: str = "study", primary: bool = False) -> ForestRow:
    return ForestRow(name, small, finding.n, finding.events, finding.estimate, finding.p, kind, primary)


def name_signature(finding: Finding) -> str:
    return NAMES.get(finding.identity.model, finding.identity.model)


# ---------------------------------------------------------------- the section of all of them


def learned_section(joined: Joined) -> Section | None:
    """Every validation of a derived or locked signature: discrimination, optimism, random signatures, calibration."""
    heads = candidates(joined.findings.all).get("model", [])
    if not heads:
        return None
    section = Section("signatures", "Signatures in held-out samples", main=True, short="Signatures")
    clear = sum(is_clear(f) and f.estimate[0] > CHANCE for f in heads)
    section.say(f"{clear} of {plural(len(heads), 'validation')} predict better than chance in samples that had no part "
                "in the model; their number is not corrected for.")  # fmt: skip
    section.list([(what_was_done(f.step), sentence(joined, f)) for f in heads])
    section.show(_comparison(joined, heads), *[f.step for f in heads])
    return section


def what_was_done(step: Step) -> str:
    """The learner, its settings and the samples, to tell validations apart."""
    name = step.parameters.get("learner")
    if step.tool == "apply_model":
        cohorts = [c.partition("=")[2] for c in step.conditions if c.startswith("cohort=")]
        names = list(dict.fromkeys([step.cohort, *cohorts] if step.cohort else cohorts or [step.origin]))
        return f"Locked model applied{f' in {join_words(names)}' if any(names) else ''}"
    covariates = step.listed("covariate")
    alpha = step.parameters.get("alpha")
    how = "elastic net" if name in (None, "elastic_net") else str(name).replace("_", " ")
    how += f", alpha {alpha:g}" if isinstance(alpha, float) and how == "elastic net" else ""
    kept = f", {join_words(map(step.declared.variable, covariates))} kept" if covariates else ""
    return f"{sentence_case(how)}{kept}"


def sentence(joined: Joined, top: Finding) -> str:
    """Held out and apparent, random signatures, and what it adds to the clinical model."""
    if nothing_learned(top):
        return f"No gene was chosen; {top.identity.measure} held out {phrases.value(top)} " \
            f"({phrases.numbers(top)})."  # fmt: skip
    said = [f"{top.identity.measure} {phrases.value(top)} held out ({phrases.numbers(top)})"]
    if (apparent := measured(joined, top, top.identity.model, APPARENT)) is not None:
        gap = apparent.estimate[0] - top.estimate[0]
        said.append(f"{apparent.estimate[0]:.3f} in its own samples, an optimism of {gap:.3f}")
    if (drawn := measured(joined, top, RANDOM)) is not None:
        said.append(f"random signatures of as many genes {drawn.estimate[0]:.3f} at the median "
                    f"({p_phrase(drawn.p)})")  # fmt: skip
    if (added := _added(joined, top)) is not None:
        said.append(f"added to the clinical model: {format_number(added.estimate[0])} "
                    f"({format_number(added.estimate[1])} to {format_number(added.estimate[2])})")  # fmt: skip
    return f"{'; '.join(said)}."


def _comparison(joined: Joined, heads: Sequence[Finding]) -> View:
    """One row per validation and model: discrimination, its optimism, calibration."""
    body = []
    measures = list(dict.fromkeys(m for f in heads for m in CALIBRATION if _calibrated(joined, f, m)))
    shown: set[tuple[object, ...]] = set()
    for one in heads:
        again = [(f.identity.model, f.n, f.events, f.estimate) for f in others(joined, one)]
        models = [one, *(f for f, key in zip(others(joined, one), again, strict=True) if key not in shown)]
        shown |= set(again)
        for place, model in enumerate(models):
            apparent = measured(joined, model, model.identity.model, APPARENT)
            body.append([
                head(what_was_done(one.step)) if place == 0 else Cell("", kind="head"), Cell(name_signature(model)),
                Cell(f"{format_count(model.n)} / {format_count(model.events)}", kind="number"),
                number_with_interval(*model.estimate),
                number_with_interval(*apparent.estimate) if apparent else Cell(""),
                *(_cell(_calibrated(joined, model, m)) for m in measures),
            ])  # fmt: skip
    columns = ["Derived by", "Model", "n / events", "Held out (95% CI)", "In its own samples",
              *(sentence_case(CALIBRATION[m]) for m in measures)]  # fmt: skip
    names = join_words(dict.fromkeys(f.identity.measure for f in heads))
    title = caption(heads[0].step, f"{names} in samples that had no part in the model", strata=False)
    notes = [f"{names}: {CHANCE} is chance, 1 perfect. Calibration slope below 1: predictions too extreme. Differences "
             "between models are not tested here unless stated."]  # fmt: skip
    return view(title, columns, body, notes=notes)


def _calibrated(joined: Joined, like: Finding, measure: str) -> Finding | None:
    found = [f for f in joined.findings.all if f.step.number == like.step.number and f.place[0] in VALIDATIONS
             and f.identity.measure == measure and f.identity.model == like.identity.model
             and f.identity.scope == like.identity.scope and f.identity.cohort == like.identity.cohort]  # fmt: skip
    return found[0] if found else None


def _cell(finding: Finding | None) -> Cell:
    return number_with_interval(*finding.estimate) if finding else Cell("")

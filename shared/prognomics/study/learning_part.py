"""The `learn` part of a study: cohorts that a signature is derived from, and others that it is validated in.

It becomes two steps, `NAME` (learn_signature) and `NAME_validation` (apply_model). A cohort of the validation never
reaches the learner: it is not among its samples, and the pooled matrix may not depend on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prognomics.errors import BadInput

FIXED = ("samples", "expression", "model")
BY_COHORT = {"merge_cohorts": ("zscore", ("none", "zscore")), "normalize": ("auto", ("auto", "none", "log2", "cpm"))}
"""Of tools that may change the pooled matrix: the default method, and those that treat each cohort by itself."""
MADE_FROM_OUTCOME: dict[str, tuple[str, str] | None] = {
    "classify_centroid": None, "learn_signature": None, "screen": None, "cox": None,
    "cutpoint": ("method", "maxstat"), "combine_groups": ("rule", "extremes"),
}  # fmt: skip
"""Tools whose groups, scores, genes or models depend on the outcome; of some, with this option only."""


def learning_steps(raw: Mapping[str, Any], where: str) -> list[dict[str, Any]]:
    """Steps of the `learn` part, as a study file has steps.

    Parameters
    ----------
    raw : mapping
        The study file.
    where : str
        Its path, for messages.

    Raises
    ------
    BadInput
        A cohort is on both sides (also under two names) or unknown, the pooled matrix depends on all cohorts, the
        signature takes what an earlier step made from the outcome of other cohorts, or an option is fixed here.
    """
    steps = []
    for name, part in raw.get("learn", {}).items():
        _check_cohorts(name, part, raw["cohorts"], where)
        _check_pool(name, raw, where)
        _check_made(name, part, raw, where)
        endpoint = raw.get("endpoint", {}).get("name") or next(iter(raw.get("endpoints", {})), None)
        signature, apply = dict(part.get("signature") or {}), dict(part.get("apply") or {})
        fixed = [option for option in FIXED if option in signature or option in apply]
        if fixed:
            raise BadInput(f"learn: {name}: the option {fixed[0]!r} is given by the part itself", where=where,
                           hint="leave it out")  # fmt: skip
        if endpoint and "outcome_column" not in signature:
            signature.setdefault("endpoint", endpoint)
            apply.setdefault("endpoint", signature["endpoint"])
        apply.setdefault("name", name)
        if "at" in signature:
            apply.setdefault("at", signature["at"])
        population = [one for one in _listed(signature) if not one.startswith("cohort")]
        if population:  # genes are standardized among the samples that are given, and those are of one population
            apply.setdefault("where", population)
        steps.append({"learn_signature": _within(signature, part["training"]), "as": name})
        steps.append({
            "apply_model": {**_within(apply, part["validation"]), "model": f"step:{name}"}, "as": f"{name}_validation",
        })  # fmt: skip
    return steps


def _within(options: dict[str, Any], cohorts: list[str]) -> dict[str, Any]:
    return {**options, "where": [*_listed(options), "cohort=" + ",".join(cohorts)]}


def _listed(options: Mapping[str, Any]) -> list[str]:
    given = options.get("where", [])
    return [str(one) for one in given] if isinstance(given, list) else [str(given)]


def _check_cohorts(name: str, part: Mapping[str, Any], cohorts: Mapping[str, Any], where: str) -> None:
    for side in ("training", "validation"):
        unknown = [one for one in part[side] if one not in cohorts]
        if unknown:
            raise BadInput(f"learn: {name}: {side} names the cohort {unknown[0]!r}, which the study does not have",
                           where=where, hint=f"its cohorts: {', '.join(cohorts)}")  # fmt: skip
    both = [one for one in part["training"] if one in part["validation"]]
    if both:
        raise BadInput(f"learn: {name}: the cohort {both[0]!r} is in training and validation", where=where,
                       hint="a signature is validated in cohorts that had no part in it")  # fmt: skip
    for one in part["training"]:
        for other in part["validation"]:
            source = _source(cohorts[one])
            if source is not None and source == _source(cohorts[other]):
                said = f"{one!r} of the training and {other!r} of the validation are fetched from one place"
                raise BadInput(f"learn: {name}: {said}", where=where, hint="validate a signature in other samples")


def _source(cohort: Mapping[str, Any]) -> dict[str, Any] | None:
    """Where a cohort comes from, as its first step fetches it."""
    for step in cohort.get("steps", []):
        if "fetch_cohort" in step:
            return {key: str(value).lower() for key, value in step["fetch_cohort"].items()}
    return None


def _check_made(name: str, part: Mapping[str, Any], raw: Mapping[str, Any], where: str) -> None:
    """Refuse columns and files of earlier steps that were made with the outcome of cohorts outside of the training."""
    used = {str(one) for value in (part.get("signature") or {}).values()
            for one in (value if isinstance(value, list) else [value])}  # fmt: skip
    for step in raw.get("steps", []):
        tool = next((key for key in step if key in MADE_FROM_OUTCOME), None)
        if tool is None:
            continue
        options, needed = step[tool] or {}, MADE_FROM_OUTCOME[tool]
        if needed is not None and options.get(needed[0]) != needed[1]:
            continue
        own = {str(options.get("name") or step.get("as") or tool), f"step:{step.get('as') or tool}"}
        limits = [set(one.removeprefix("cohort=").split(",")) for one in _listed(options) if one.startswith("cohort=")]
        if own & used and not any(limit <= set(part["training"]) for limit in limits):
            raise BadInput(
                f"learn: {name}: {sorted(own & used)[0]!r} was made by {tool} with the outcome of other cohorts "
                "than those of the training", where=where,
                hint=f"limit that step to the training: where: ['cohort={','.join(part['training'])}']",
            )  # fmt: skip


def _check_pool(name: str, raw: Mapping[str, Any], where: str) -> None:
    for step in raw.get("pool", []):
        for tool, (default, allowed) in BY_COHORT.items():
            method = (step.get(tool) or {}).get("method", default) if tool in step else default
            if method not in allowed:
                raise BadInput(
                    f"learn: {name}: {tool} by {method} adjusts the training cohorts by those of the validation",
                    where=where, hint=f"take {' or '.join(allowed)}, which treat each cohort by itself",
                )  # fmt: skip

"""The `learn` part of a study: cohorts that a signature is derived from, and others that it is validated in.

It becomes two steps, `NAME` (learn_signature) and `NAME_validation` (apply_model). A cohort of the validation never
reaches the learner: it is not among its samples, and the pooled matrix may not depend on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prognomics.errors import BadInput

FIXED = ("samples", "expression", "model")
BY_COHORT = ("none", "zscore")
"""Methods of merge_cohorts that treat each cohort by itself."""


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
        A cohort is on both sides or unknown, the pooled matrix depends on all cohorts, or an option is fixed here.
    """
    steps = []
    for name, part in raw.get("learn", {}).items():
        _check_cohorts(name, part, raw["cohorts"], where)
        _check_pool(name, raw, where)
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


def _check_pool(name: str, raw: Mapping[str, Any], where: str) -> None:
    for step in raw.get("pool", []):
        method = (step.get("merge_cohorts") or {}).get("method", "zscore") if "merge_cohorts" in step else "none"
        if method not in BY_COHORT:
            raise BadInput(
                f"learn: {name}: merge_cohorts by {method} adjusts the training cohorts by those of the validation",
                where=where, hint=f"merge by {' or '.join(BY_COHORT)}, which treat each cohort by itself",
            )  # fmt: skip

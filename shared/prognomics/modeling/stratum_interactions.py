"""Interactions of a covariate with a stratum: whether its effect differs between cohorts.

The model is x + x:cohort + strata(cohort): the baseline hazards take the place of the cohort's own effect. The same
likelihood written with one coefficient of x per cohort gives the hazard ratios within cohorts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from prognomics.modeling.design_matrix import Design, Term


def strata_that_interact(interactions: Sequence[tuple[str, str]], stratifying: Collection[str]) -> list[str]:
    """The strata among the parts of interactions, each once."""
    return list(dict.fromkeys(name for pair in interactions for name in pair if name in set(stratifying)))


def without_main_effects(design: Design, strata: Collection[str]) -> Design:
    """The design without the terms of some strata; their interactions stay."""
    kept = [term for term in design.terms if term.name not in strata]
    columns = [j for term in kept for j in term.columns]
    place = {j: i for i, j in enumerate(columns)}
    terms = tuple(replace(term, columns=tuple(place[j] for j in term.columns)) for term in kept)
    return Design(terms, design.x[:, columns], tuple(design.columns[j] for j in columns), design.complete)


def effects_within(
    design: Design, pair: tuple[str, str], stratum: str, labels: np.ndarray
) -> tuple[Design, list[tuple[str, int, int]]]:
    """The design with a column of the covariate per stratum in place of it and its interaction.

    Parameters
    ----------
    design : Design
        With the term of the covariate and that of the interaction.
    pair : tuple of str
        The parts of the interaction.
    stratum : str
        That of the two which modifies: a stratum, or a factor of the design, whose own effect stays.
    labels : numpy.ndarray of str, shape (n_complete,)
        Its levels.

    Returns
    -------
    Design
        One term for all those columns, the other terms after it.
    list of (level, column of the covariate, column of the new design)
    """
    name = next(part for part in pair if part != stratum)
    own = next(term for term in design.terms if term.name == name)
    others = [term for term in design.terms if term.name not in (name, ":".join(pair))]
    levels = sorted(set(labels))
    made = [(level, j) for level in levels for j in own.columns]
    block = np.column_stack([design.x[:, j] * (labels == level) for level, j in made])
    rest = [j for term in others for j in term.columns]
    x = np.column_stack([block, design.x[:, rest]])
    names = [f"{design.columns[j]} in {level}" for level, j in made] + [design.columns[j] for j in rest]
    term = Term(":".join(pair), "interaction", (), None, tuple(range(len(made))), labels=("",) * len(made), parts=pair)
    found = [(level, j, i) for i, (level, j) in enumerate(made)]
    return Design((term,), x, tuple(names), design.complete), found


def within_rows(data: Any, model: Any, estimate: Callable[..., Any]) -> list[dict[str, Any]]:
    """Rows of type `within`: the covariate's effect in each level of a modifier that it has an interaction with.

    `data` is the ModelData behind the FittedModel `model`; `estimate` makes the cells of one coefficient from a model
    and the place of its column.
    """
    rows = []
    terms = {term.name: term for term in model.design.terms}
    for term in model.design.terms:
        modifier = data.modifier(term, terms)
        owns = [terms[part] for part in term.parts if part != modifier and part in terms]
        if modifier is None or not owns or owns[0].kind == "spline":
            continue
        own = owns[0]
        labels = data.stratum_values(modifier)[model.design.complete]
        design, places = effects_within(model.design, term.parts, modifier, labels)
        event = data.event[model.design.complete] == 1
        nested = data.fit_design(design, model.kind)
        for level, column, place in places:
            inside = labels == level
            row = {"row_type": "within", "term": term.name, "level": level, "reference": None,
                   "n": int(inside.sum()), "events": int(event[inside].sum())}  # fmt: skip
            if own.kind == "factor":
                name = own.levels[1 + own.columns.index(column)]
                chosen = inside & (design.x[:, place] == 1)
                row |= {"level": f"{name}:{level}", "reference": f"{own.reference}:{level}",
                        "n_level": int(chosen.sum()), "events_level": int(event[chosen].sum())}  # fmt: skip
            cells = estimate(nested, place)
            rows.append(row | cells | {"note": "; ".join(filter(None, [cells["note"], f"within {modifier} {level}"]))})
    return rows

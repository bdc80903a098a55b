"""Terms made from the columns of a design: restricted cubic splines and interactions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from prognomics.errors import UsageError, unknown_name
from prognomics.modeling.design_matrix import Design, Term
from prognomics.modeling.splines import spline_basis


def expand_design(design: Design, knots: Mapping[str, np.ndarray], interactions: Sequence[tuple[str, str]]) -> Design:
    """The design with splines in place of some numeric terms, then the interactions.

    Parameters
    ----------
    design : Design
        One column per number, one a level.
    knots : mapping of numeric term to its knots
        Terms that the design does not hold are skipped.
    interactions : sequence of pairs of terms
        Products of the columns of both terms; those of which the design lacks a part are skipped.

    Returns
    -------
    Design

    Raises
    ------
    UsageError
        A spline of a factor, an interaction of a term with itself.
    """
    terms: list[Term] = []
    blocks: list[np.ndarray] = []
    names: list[str] = []

    def add(term: Term, block: np.ndarray, columns: Sequence[str]) -> None:
        place = tuple(range(len(names), len(names) + block.shape[1]))
        terms.append(replace(term, columns=place))
        blocks.append(block)
        names.extend(columns)

    for term in design.terms:
        block, columns = design.x[:, list(term.columns)], [design.columns[j] for j in term.columns]
        if term.name in knots:
            if term.kind != "numeric":
                raise UsageError(f"{term.name!r} is a factor: a spline needs numbers")
            at = knots[term.name]
            block = spline_basis(block[:, 0], at)
            labels = ("linear", *(f"spline {i}" for i in range(1, block.shape[1])))
            term = replace(term, kind="spline", labels=labels, knots=tuple(float(knot) for knot in at))
            columns = [term.name + "'" * i for i in range(block.shape[1])]
        add(term, block, columns)
    held = {term.name: (term, block) for term, block in zip(terms, blocks, strict=True)}
    for pair in interactions:
        if not set(pair) <= set(held):
            continue
        if pair[0] == pair[1]:
            raise UsageError(f"an interaction of {pair[0]!r} with itself")
        (one, left), (two, right) = held[pair[0]], held[pair[1]]
        made = [(i, j) for j in range(right.shape[1]) for i in range(left.shape[1])]
        block = np.column_stack([left[:, i] * right[:, j] for i, j in made] or [np.zeros((len(left), 0))])
        labels = tuple(":".join(filter(None, (_label(one, i), _label(two, j)))) for i, j in made)
        columns = [f"{names[one.columns[i]]}:{names[two.columns[j]]}" for i, j in made]
        reference = ":".join(part.reference for part in (one, two) if part.reference) or None
        note = one.note or two.note
        add(
            Term(":".join(pair), "interaction", (), reference, (), note=note, labels=labels, parts=tuple(pair)),
            block, columns,
        )  # fmt: skip
    x = np.column_stack(blocks).astype(float) if blocks else design.x
    return Design(tuple(terms), x, tuple(names), design.complete)


def check_interactions(interactions: Sequence[tuple[str, str]], covariates: Sequence[str]) -> None:
    """An interaction needs both of its terms in the model (BadInput with near names otherwise)."""
    for pair in interactions:
        for name in pair:
            if name not in covariates:
                raise unknown_name("covariate", name, covariates, where=f"interaction {':'.join(pair)}")


def _label(term: Term, place: int) -> str:
    return term.levels[place + 1] if term.kind == "factor" else term.labels[place] if term.labels else ""

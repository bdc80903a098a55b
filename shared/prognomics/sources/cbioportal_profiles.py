"""Which of a cBioPortal study's profiles of expression is the matrix: neither z-scores, nor microRNA, nor normals.

Kinds: https://docs.cbioportal.org/file-formats/#expression-data; all of them are `MRNA_EXPRESSION` there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from prognomics.errors import ToChoose, first_few, unknown_name, warn

_Z_SCORES = re.compile(r"z[-_ ]?scores?", re.IGNORECASE)
_MICRO_RNA = re.compile(r"(^|[^a-z])(mirnas?|micro-?rnas?)([^a-z]|$)", re.IGNORECASE)
_NORMALS = re.compile(r"_normals?\b|_normal_samples|adjacent normal", re.IGNORECASE)


@dataclass(frozen=True)
class Profile:
    """A profile of expression.

    Attributes
    ----------
    name : str
        What it is chosen by: the data file, or the molecular profile's id.
    others : tuple of str
        Further names that choose it.
    datatype : str
        CONTINUOUS, DISCRETE or Z-SCORE, as the study declares.
    words : str
        Its ids and its title.
    """

    name: str
    others: tuple[str, ...]
    datatype: str
    words: str

    @property
    def kind(self) -> str:
        """`z-scores`, `microRNA`, `normal samples` or `expression`."""
        if self.datatype.strip().upper() == "Z-SCORE" or _Z_SCORES.search(self.words):
            return "z-scores"
        if _MICRO_RNA.search(self.words):
            return "microRNA"
        return "normal samples" if _NORMALS.search(self.words) else "expression"


def choose_profile(
    found: Sequence[Profile], dataset: str | None, where: str,
    called: tuple[str, str] = ("expression file", "expression files"),
) -> Profile | None:  # fmt: skip
    """The chosen profile, or the only one of the genes' own values in the study's samples; None if there is none.

    Z-scores that are chosen are warned of (`z-scores`).

    Raises
    ------
    BadInput
        No profile of the chosen name.
    ToChoose
        Several, or z-scores, microRNA or normal samples alone, and none chosen.
    """
    if dataset is not None:
        chosen = next((p for p in found if dataset in (p.name, *p.others)), None)
        if chosen is None:
            raise unknown_name(called[0], dataset, [p.name for p in found], where=where)
        if chosen.kind == "z-scores":
            warn("z-scores", f"{chosen.name} has z-scores: each gene was scaled within the study's own samples, so "
                 "that its level can be compared neither with other genes nor with other cohorts")  # fmt: skip
        return chosen
    own = [p for p in found if p.kind == "expression"]
    if len(own) > 1:
        raise ToChoose(f"the study has several {called[1]}: {first_few((p.name for p in own), 10)}", where=where,
                       hint="choose one with --dataset")  # fmt: skip
    if own or not found:
        return own[0] if own else None
    kinds = ", ".join(f"{p.name} ({p.kind})" for p in found[:10])
    raise ToChoose(f"the study has no expression values of genes in its samples, only {kinds}", where=where,
                   hint="take the cohort from another source, or choose one of these with --dataset; z-scores were "
                        "scaled within the study, and are of no use next to other cohorts")  # fmt: skip

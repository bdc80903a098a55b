"""What GEO states of a series' kin: parts of a SuperSeries, reanalyses, and other homes of the same samples."""

from __future__ import annotations

import re
from collections.abc import Iterable

from prognomics.errors import first_few

_RELATION = re.compile(
    r"\s*(SubSeries of|SuperSeries of|Reanalysis of|Reanalyzed by|Alternative to|Affiliated with)\s*:\s*([A-Z]{3}\d+)",
    re.IGNORECASE,
)
# what a reader should know of each kind of relation; {others} are accessions
_MEANINGS = {
    "subseries of": "is a SubSeries of {others}: that one holds the same samples, so take only one of the two",
    "superseries of": "is a SuperSeries of {others}: these hold the same samples, so take either it or its parts",
    "reanalysis of": "analyses the data of {others} anew: the samples are the same, so take only one of them",
    "reanalyzed by": "is analyzed anew by {others}: the samples are the same, so take only one of them",
    "alternative to": "is an alternative to {others}: the samples may be the same, so take only one of them",
    "affiliated with": "is affiliated with {others}: look whether samples are shared",
}


def related_series(relations: Iterable[str], kind: str) -> list[str]:
    """Accessions by their kind of relation, each once: `SuperSeries of` gives the parts of a SuperSeries."""
    found = (_RELATION.match(text) for text in relations)
    return list(dict.fromkeys(m[2].upper() for m in found if m and m[1].casefold() == kind.casefold()))


def relation_notes(accession: str, relations: Iterable[str]) -> list[str]:
    """A sentence for each kind of relation that a study should know of; links to other databases are skipped."""
    relations = list(relations)
    return [
        f"{accession} {meaning.format(others=first_few(others, 10))}"
        for kind, meaning in _MEANINGS.items()
        if (others := related_series(relations, kind))
    ]

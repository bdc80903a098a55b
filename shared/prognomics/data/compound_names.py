"""Row names that join a symbol and identifiers: `ENSG00000082898.18|XPO1`, `XPO1 (7514)`, `7157_TP53`, GENCODE's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from prognomics.io.known_names import ensembl_base, no_gene_words

_ENSEMBL = r"ENS[A-Z]{0,4}[GTP]R?\d{9,12}(?:\.\d+)?(?:_PAR_Y)?"
_ID = re.compile(rf"{_ENSEMBL}|[NX][MRPC]_\d+(?:\.\d+)?|OTT[A-Z]+\d+(?:\.\d+)?|\d+|-", re.IGNORECASE)
_AROUND = re.compile(rf"({_ENSEMBL})[_:\-](.+)|(.+)[_:\-]({_ENSEMBL})")
_BRACKETS = re.compile(rf"(\S+) ?[(\[](\d+|{_ENSEMBL}|&)[)\]]")
_GENCODE_FIELDS, _GENCODE_SYMBOL = 8, 5  # ENST|ENSG|OTTG|OTTT|transcript|symbol|length|type|
_NUMBERED = re.compile(r"\d+[_:](\S*[A-Z]\S*)|([A-Z]\S*)[_:]\d+")
MOSTLY = 0.9


def name_parts(name: str) -> list[str]:
    """The parts of a compound name: its symbol and identifiers, Ensembl ids without version; empty if it is not one."""
    if _ID.fullmatch(name):
        return []
    if found := _BRACKETS.fullmatch(name):
        parts = [found[1], found[2]]
    elif found := _AROUND.fullmatch(name):
        parts = [part for part in found.groups() if part]
    elif "|" in name:
        parts = [part.strip() for part in name.split("|")]
        if len(parts) >= _GENCODE_FIELDS and parts[0].startswith("ENS"):
            parts = [*parts[:2], parts[_GENCODE_SYMBOL]]
    else:
        return []
    if not any(_ID.fullmatch(part) for part in parts):
        return []  # A|B are two genes
    return [ensembl_base(part) for part in parts]


def compound_symbol(name: str) -> str | None:
    """The symbol in a compound name, several joined by `|`; empty if it names only identifiers; None if not compound.

    An Ensembl id of a gene next to no symbol is taken for the symbol.
    """
    parts = name_parts(name)
    if not parts:
        return None
    symbols = [part for part in parts if not _ID.fullmatch(part) and part.lower() not in no_gene_words()]
    genes = [part for part in parts if re.match(r"ENS[A-Z]*G", part)]
    return "|".join(dict.fromkeys(symbols or genes[:1]))


def without_numbers(names: Sequence[str]) -> list[str] | None:
    """Symbols of names that nearly all join one and a number by `_` or `:` (`7157_TP53`); None where they do not.

    Names whose other part is the same in many rows (`CUST_1`, `CUST_2`) are not symbols.
    """
    found = [_NUMBERED.fullmatch(name) for name in names]
    symbols = [one[1] or one[2] for one in found if one]
    if len(symbols) < MOSTLY * len(names) or len(set(symbols)) < MOSTLY * len(symbols) or len(names) < 2:
        return None
    return [(one[1] or one[2]) if one else name for one, name in zip(found, names, strict=True)]


def compound_entrez(name: str) -> str:
    """The number in a compound name of a symbol and a number; else empty."""
    numbers = [part for part in name_parts(name) if part.isdigit()]
    return numbers[0] if len(numbers) == 1 else ""


def rows_by_part(names: Iterable[str]) -> dict[str, str]:
    """Which name holds a part; parts of several names are not among them."""
    found: dict[str, set[str]] = {}
    for name in names:
        for part in name_parts(name) or [ensembl_base(name)]:
            found.setdefault(part, set()).add(name)
    return {part: next(iter(whole)) for part, whole in found.items() if len(whole) == 1 and part != "-"}

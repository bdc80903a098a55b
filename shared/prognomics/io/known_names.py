"""Names that are not gene and no sample, by the list `known_names.yml`: tallies, annotation, spreadsheet damage."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|märz|mrz|mai|okt|dez|janv|févr|mars|avr|juin|juil|août"
_DAY_FIRST = "déc|mrt|set|ott|ene|abr|ago|dic|fev|out"  # only after a day: set-1 is a gene
_DATES = re.compile(  # 1-Mar, 2-Sep-06, Mar-01
    rf"(\d{{1,2}}(?:[-./ ]|\. )({_MONTHS}|{_DAY_FIRST})\.?([-./ ]\d{{2,4}})?|({_MONTHS})[-./ ]\d{{1,4}}|"
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}( 00:00:00)?|\d{1,2}[/.]\d{1,2}[/.]\d{2,4})",  # 2006-09-02, 9/2/2006
    re.IGNORECASE,
)
_SERIALS = re.compile(r"(3[6-9]|4[0-7])\d{3}(\.0)?")  # days since 1900: 1998 to 2031
_SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+\d{2}")  # 2310009E13, a RIKEN clone, as a number
_ENSEMBL = re.compile(r"ENS[A-Z]{0,4}[GT]R?\d{9,12}(\.\d+)?(_PAR_Y)?")
_VERSION = re.compile(r"\.\d+(_PAR_Y)?$|_PAR_Y$")


@cache
def _listed() -> dict[str, Any]:
    import yaml

    text = resources.files("prognomics.io").joinpath("known_names.yml").read_text("utf-8")
    result: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return result


def plain_name(name: str) -> str:
    """A heading in small letters, with `_` for all else: `Gene Symbol`, `GENE_SYMBOL` and `gene.symbol` are one."""
    return re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_")


_GAP = r"[^a-z0-9\n]*"


@cache
def _tallies() -> re.Pattern[str]:
    """Whole lines that are tallies."""
    words = [word.replace(" ", _GAP) for entry in _listed()["rows"] for word in entry.get("words", [])]
    others = [entry["pattern"] for entry in _listed()["rows"] if "pattern" in entry]
    spelled = rf"{_GAP}(?:x{_GAP})?(?:n{_GAP})?(?:{'|'.join(words)})(?:{_GAP}(?:reads?|counts?))?{_GAP}(?:\.\d+)?"
    return re.compile(rf"^(?:{spelled}|{'|'.join(others)})$", re.MULTILINE | re.IGNORECASE)


def tally_rows(names: Sequence[str]) -> list[int]:
    """Positions of rows that count reads of no gene (`__no_feature`, `N_unmapped`), in any case."""
    if not _tallies().search("\n".join(names)):
        return []
    return [i for i, name in enumerate(names) if "\n" not in name and _tallies().fullmatch(name)]


@cache
def annotation_headings() -> frozenset[str]:
    """Headings of columns that annotate genes, as `plain_name` writes them."""
    return frozenset(name for entry in _listed()["columns"] for name in entry["names"])


def is_measure_of_genes(heading: str) -> bool:
    """Whether a heading, as `plain_name` writes it, names a length or a place of genes (`mappable_length`, `bp`)."""
    return any(re.fullmatch(pattern, heading) for pattern in _listed()["column_patterns"])


@cache
def result_headings() -> tuple[frozenset[str], frozenset[str]]:
    """Headings of a table of tests, and short ones that mean a statistic only next to them."""
    listed = _listed()["results"]
    return frozenset(listed["names"]), frozenset(listed["beside"])


@cache
def beside_values() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What accompanies the value of each sample, and the kinds of values; longer names first."""
    listed = _listed()["beside_values"]
    longest_first = [sorted(listed[kind], key=lambda name: (-len(name), name)) for kind in ("companions", "quantities")]
    return tuple(longest_first[0]), tuple(longest_first[1])


def common_genes() -> list[str]:
    """Symbols of genes that most tables have."""
    return list(_listed()["common_genes"])


@cache
def no_gene_words() -> frozenset[str]:
    """What represents no gene in a column of genes, in small letters; errors of spreadsheets among it."""
    return frozenset([*_listed()["no_gene"], *_listed()["spreadsheet_errors"]])


@cache
def files_of_samples() -> dict[str, dict[str, Any]]:
    """The forms of files that hold one sample each."""
    result: dict[str, dict[str, Any]] = _listed()["files_of_samples"]
    return result


def is_damaged(name: str, *, numbers: bool = True) -> bool:
    """Whether a name is what a spreadsheet makes of a gene's: a date, the number of a date, an error.

    `numbers` is false where plain numbers are ids, such as Entrez's.
    """
    name = name.strip()
    if _DATES.fullmatch(name) or name.lower() in _listed()["spreadsheet_errors"]:
        return True
    return numbers and bool(_SERIALS.fullmatch(name) or _SCIENTIFIC.fullmatch(name))


def damaged_names(names: Sequence[str]) -> list[str]:
    """The names that a spreadsheet damaged, each once; plain numbers count only where they are few."""
    suspects = [name for name in dict.fromkeys(names) if name[:1].isdigit() or set("#-/. ") & set(name)]
    numbers = sum(name.removesuffix(".0").isdigit() for name in names) < 0.5 * max(1, len(names))
    return [name for name in suspects if is_damaged(name, numbers=numbers)]


def ensembl_base(name: str) -> str:
    """An Ensembl id without its version and pseudoautosomal mark; other names as they are.

    `ENSG00000002586.18_PAR_Y` and GENCODE's older `ENSGR0000002586.18` are `ENSG00000002586`.
    """
    if not name.startswith("ENS") or not _ENSEMBL.fullmatch(name):
        return name
    base = _VERSION.sub("", _VERSION.sub("", name))
    return re.sub(r"^(ENS[A-Z]*[GT])R", r"\g<1>0", base)


def are_ensembl(names: Sequence[str], share: float = 0.9) -> bool:
    """Whether at least this fraction of names are Ensembl ids, with or without version."""
    return bool(names) and sum(bool(_ENSEMBL.fullmatch(name)) for name in names) >= share * len(names)

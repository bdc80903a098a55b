"""Tissue types against what the names, titles and descriptions of samples say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from prognomics.curation.headings import plain
from prognomics.curation.raw_sheet import Sheet, as_word, word_list
from prognomics.data.barcode import tissue_of
from prognomics.errors import first_few, warn

MOST_SHOWN = 10
# words of a description, in lower case and apart, and the tissue types that go with them; the first found counts
_WORDS = (
    (r"xenografts?|pdx|xenotransplant\w*", "xenograft", ("other",)),
    (r"cell ?lines?|cultured cells", "cell line", ("cell_line",)),
    (r"recur\w*|relaps\w*|rezidiv\w*", "recurrence", ("relapse",)),
    (r"mets?|metast\w*", "metastasis", ("metastasis",)),
    (r"post ?(?!menop|natal|partum|mortem|code|hoc)\w+", "after treatment", ("other", "relapse", "metastasis")),
    (r"normals?|healthy|non ?(tumou?r\w*|malignan\w*|neoplastic|cancer\w*)|adjacent", "normal tissue", ("normal",)),
    (r"benign(?! course| history)", "benign", ("other", "normal")),
    (r"borderline(?= tumou?r|$)", "borderline", ("other",)),
)  # fmt: skip
# whole cells that say what a sample is under any heading, such as 'Benign' under 'class'
_BARE = re.compile(
    r"benign( (tumou?rs?|lesions?|neoplasms?|disease))?|borderline( tumou?rs?)?|(healthy|normal|non ?tumou?r) "
    r"(tissues?|donors?|controls?|volunteers?|subjects?|individuals?)|healthy|non ?malignant|cell ?lines?|xenografts?"
)
_PATTERNS = tuple((re.compile(rf"(?<![a-z])(?:{words})(?![a-z])"), meaning, types) for words, meaning, types in _WORDS)
_NOT = re.compile(
    r"(?:^|\s)(?:no|not|non|without|never|free of|negative for|matched|paired|vs|versus|than|to)(?: \w+)? ?$"
)
_UNLIKE = re.compile(r"^ ?(?:like|free|negative|subtype|karyotype|cytogenetic\w*|range|weight|no(?:ne)?\b|0\b)")
_PRIMARY = re.compile(r"(?<![a-z])primar\w*")
# headings under which a sample is described; those of outcomes are no description of the sample
_DESCRIBES = re.compile(
    r"\b(title|name|label|source|tissue|sample|specimen|biopsy|material|organ|site|location|disease state|lesion|"
    r"(tumou?r|cell|disease|cancer) type|description|characteristics?|origin|time ?point|status of the sample)\b"
)
_OUTCOME = re.compile(
    r"\b(days?|months?|years?|time to|recur\w*|relaps\w*|metasta\w*|event|surviv\w*|follow|progress\w*|vital|death|"
    r"margin|nod(es?|al)|first|new|size|grade|stage|number)\b"
)
_OF_SOMETHING_ELSE = re.compile(r"\b(history|previous|prior|past|famil\w*|contralateral|comorbid\w*|other|second)\b")


def warn_about_tissue_types(sheet: Sheet, types: list[str], mapping: dict[str, Any]) -> None:
    """Warn of samples whose names or descriptions contradict the tissue type that the mapping gives them.

    Parameters
    ----------
    sheet : Sheet
        The rows that are curated. Columns from which the mapping takes tissue types are not looked at: what they say
        was decided there.
    types : list of str, one per row
    mapping : dict

    Warns
    -----
    tissue-type-suspect
    """
    suspect: dict[int, str] = {}
    for column, cells in _descriptions(sheet, mapping):
        for row, cell in enumerate(cells):
            if row not in suspect and (said := _contradiction(cell, types[row])):
                place = "" if column is None else f": {cell!r} in {column!r}"
                suspect[row] = f"{sheet.sample_ids[row]} ({said}{place})"
    if suspect:
        kinds = sorted({types[row] for row in suspect})
        warn(
            "tissue-type-suspect",
            f"{len(suspect)} of {len(types)} samples are {' or '.join(kinds)} by the mapping, but not by their names "
            f"or descriptions: {first_few([suspect[row] for row in sorted(suspect)], MOST_SHOWN)}; give them their own "
            "tissue_type (values, when), or leave them out (exclude)",
        )


def _descriptions(sheet: Sheet, mapping: dict[str, Any]) -> Iterator[tuple[str | None, list[str]]]:
    used = set(_columns_in(mapping["tissue_type"])) | set(_columns_in(mapping.get("endpoints", {})))
    own = _columns_in(mapping.get("sample_id", str(sheet.raw.columns[0])))
    if not set(own) & set(_columns_in(mapping["tissue_type"])):
        yield None, sheet.sample_ids
    for column in map(str, sheet.raw.columns):
        heading = plain(column)
        if column in used or column in own or _OUTCOME.search(heading):
            continue
        if _DESCRIBES.search(heading):
            yield column, sheet.words(column, "tissue_type")
        elif not _OF_SOMETHING_ELSE.search(heading):
            words = sheet.words(column, "tissue_type")
            yield column, [word if _BARE.fullmatch(plain(word)) else "" for word in words]


def _columns_in(spec: Any) -> list[str]:
    """Raw columns that a field of a mapping names, at any depth."""
    if isinstance(spec, str):
        return [spec]
    found: list[str] = []
    if isinstance(spec, dict):
        for key, value in spec.items():
            if key in ("column", "event", "censored", "competing") and not isinstance(value, dict):
                found += word_list(value)
            elif key == "where":
                found += map(as_word, value)
            elif isinstance(value, (dict, list)) and key != "values":
                found += _columns_in(value)
    elif isinstance(spec, list):
        for part in spec:
            found += _columns_in(part) if isinstance(part, dict) else []
    return found


def _contradiction(cell: str, tissue_type: str) -> str:
    """What a description states of the sample that its tissue type does not; empty if nothing."""
    by_code = tissue_of(cell)
    if by_code:
        return "" if by_code in (tissue_type, "other") or tissue_type == "other" else by_code
    text = plain(cell)
    if not text or tissue_type == "other" or (tissue_type == "primary" and _PRIMARY.search(text)):
        return ""
    for pattern, meaning, types in _PATTERNS:
        for match in pattern.finditer(text):
            if _NOT.search(text[: match.start()]) or _UNLIKE.search(text[match.end() :]):
                continue
            return "" if tissue_type in types else meaning
    return ""

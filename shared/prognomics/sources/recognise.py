"""Recognise a table by its content: series matrix, expression, feature map or sample sheet."""

from __future__ import annotations

import re
from pathlib import Path

from prognomics.data.feature_columns import SURE_ENTREZ, SURE_PROBES, SURE_SYMBOLS, plain_name
from prognomics.io.numeric_table import MISSING_NUMBERS
from prognomics.io.text_file import read_head, sniff_delimiter, split_line

CLINICAL_WORDS = re.compile(
    r"^(age|sex|gender|event|status|time|grade|stage|cohort|batch|tissue_type|sample_type|vital_status|"
    r"patient(_id)?|"
    r"patient identifier|os|dfs|pfs|rfs|mfs|dss|pfi|dfi)$|"
    r"(_|\.|\b)(time|event|status|months|days|years)$|"
    r"^(os|dfs|pfs|rfs|mfs|dss|pfi|dfi|days_to|time_to|age|months|years|fac)[._ ]",
    re.IGNORECASE,
)
NUMERIC_SHARE = 0.9
SNIFFED_ROWS = 200


def recognise(path: Path | str) -> str:
    """What a file holds.

    Returns
    -------
    {'series_matrix', 'soft', 'features', 'expression', 'samples'}
        `soft`: a SOFT record of a series, sample or data set.

    Raises
    ------
    BadInput
        Empty or binary files.
    """
    text = read_head(path)
    if re.search(r"^\^(SERIES|SAMPLE|DATASET)", text, re.MULTILINE | re.IGNORECASE):
        return "soft"
    if re.search(r"^!(Series|Sample)_", text, re.MULTILINE):
        return "series_matrix"
    if re.search(r"^(\^Annotation|\^PLATFORM|!platform_table_begin|!Annotation)", text, re.MULTILINE):
        return "features"
    header, rows = _split_head(text)
    if not rows:
        return "samples"
    n_ids = count_id_columns(header)
    words = {plain_name(name) for name in header}
    share = numeric_share(header, rows, n_ids)
    if "hugo_symbol" in words and share >= NUMERIC_SHARE and len(header) > n_ids:
        return "expression"
    names_genes = words & {*SURE_SYMBOLS, *SURE_ENTREZ, "gene_assignment"}
    names_rows = words & {*SURE_PROBES} or plain_name(header[0]) in (*SURE_SYMBOLS, "id", "geneid")
    if names_genes and names_rows and (share < NUMERIC_SHARE or len(header) == n_ids):
        return "features"
    if any(CLINICAL_WORDS.search(name.strip()) for name in header[1:]):
        return "samples"
    return "expression" if len(header) > n_ids + 1 and share >= NUMERIC_SHARE else "samples"


def first_cells(path: Path | str) -> tuple[list[str], list[str]]:
    """The header and the first column (of the first 256 KiB)."""
    header, rows = _split_head(read_head(path))
    return [name.strip() for name in header], [row[0].strip() for row in rows]


def _split_head(text: str) -> tuple[list[str], list[list[str]]]:
    lines = [line for line in text.split("\n") if line.strip() and not line.startswith("#")]
    if not lines:
        return [], []
    delimiter = sniff_delimiter(lines[0])
    # the last line may be cut where the head ends
    body = lines[1:-1] if len(lines) > 2 and not text.endswith("\n") else lines[1:]
    rows = [split_line(line, delimiter) for line in body]
    header = split_line(lines[0], delimiter)
    if rows and all(len(row) == len(header) + 1 for row in rows):
        header = ["", *header]
    return header, rows


def count_id_columns(header: list[str]) -> int:
    """How many leading columns are identifiers: the first, and those named as symbol, Entrez or probe."""
    known = {*SURE_SYMBOLS, *SURE_ENTREZ, *SURE_PROBES}
    count = 1
    while count < len(header) and plain_name(header[count]) in known:
        count += 1
    return count


def numeric_share(header: list[str], rows: list[list[str]], n_ids: int) -> float:
    """The share of numeric columns beyond the ids, or of numbers in their cells, if that is more."""
    numeric = n_filled = n_numbers = 0
    sniffed = rows[:SNIFFED_ROWS]
    for column in range(n_ids, len(header)):
        cells = [row[column].strip() for row in sniffed if column < len(row)]
        filled = [cell for cell in cells if cell not in MISSING_NUMBERS]
        numbers = sum(_is_number(cell) for cell in filled)
        numeric += not filled or numbers >= NUMERIC_SHARE * len(filled)
        n_filled += len(filled)
        n_numbers += numbers
    return max(numeric / max(1, len(header) - n_ids), n_numbers / max(1, n_filled))


def _is_number(cell: str) -> bool:
    # a decimal comma is text to the parser, and a number to whoever wrote it
    return (
        re.fullmatch(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?|[-+]?inf", cell, re.IGNORECASE) is not None
    )

"""Recognize a table by its content: series matrix, expression, feature map or sample sheet."""

from __future__ import annotations

import re
from pathlib import Path

from prognomics.data.feature_columns import ENSEMBL, SURE_ENTREZ, SURE_PROBES, SURE_SYMBOLS, plain_name
from prognomics.io.column_roles import companion_columns, is_table_of_tests
from prognomics.io.matrix_text import is_annotation
from prognomics.io.numeric_table import MISSING_NUMBERS
from prognomics.io.text_file import read_head
from prognomics.io.text_table import head_of_table

CLINICAL_WORDS = re.compile(
    r"^(age|sex|gender|event|status|time|grade|stage|cohort|batch|tissue_type|sample_type|vital_status|"
    r"patient(_id)?|"
    r"patient identifier|os|dfs|pfs|rfs|mfs|dss|pfi|dfi)$|"
    r"(_|\.|\b)(time|event|status|months|days|years)$|"
    r"^(os|dfs|pfs|rfs|mfs|dss|pfi|dfi|days_to|time_to|age|months|years|fac)[._ ]",
    re.IGNORECASE,
)
_GENES = re.compile(r"gene|ensembl|ensg|probe|symbol|hugo|hgnc|entrez")  # headings of rows, of a matrix with one sample
_GCT = re.compile(r"#1\.[23]\s*\n")
_NAMES_OF_MATRICES = frozenset(("hugo_symbol",))
NUMERIC_SHARE = 0.9
SNIFFED_ROWS = 200


def recognize(path: Path | str) -> str:
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
    if _GCT.match(text):
        return "expression"
    header, rows = head_of_table(text)
    if not rows:
        return "samples"
    if is_table_of_tests(header):
        return "expression"  # whose reader states what it is
    beside = set(companion_columns(header))
    values = [i for i, name in enumerate(header) if i and i not in beside and not is_annotation(name)]
    words = {plain_name(name) for name in header}
    share = numeric_share(rows, values)
    if words & _NAMES_OF_MATRICES and share >= NUMERIC_SHARE and values:
        return "expression"
    names_genes = words & {*SURE_SYMBOLS, *SURE_ENTREZ, "gene_assignment", "external_gene_name", "gene_name"}
    names_rows = words & {*SURE_PROBES, *ENSEMBL} or plain_name(header[0]) in (*SURE_SYMBOLS, "id", "geneid")
    if names_genes and names_rows and (share < NUMERIC_SHARE or not values):
        return "features"
    if any(CLINICAL_WORDS.search(name.strip()) for i, name in enumerate(header) if i and i not in beside):
        return "samples"
    one = len(values) == 1 and share == 1 and _GENES.match(plain_name(header[0]))
    return "expression" if one or (len(values) > 1 and share >= NUMERIC_SHARE) else "samples"


def first_cells(path: Path | str) -> tuple[list[str], list[str]]:
    """The header and the first column (of the first 256 KiB)."""
    header, rows = head_of_table(read_head(path))
    return [name.strip() for name in header], [row[0].strip() for row in rows]


def numeric_share(rows: list[list[str]], columns: list[int]) -> float:
    """The fraction of numeric ones among these columns, or of numbers in their cells, if that is more."""
    numeric = n_filled = n_numbers = 0
    sniffed = rows[:SNIFFED_ROWS]
    for column in columns:
        cells = [row[column].strip() for row in sniffed if column < len(row)]
        filled = [cell for cell in cells if cell not in MISSING_NUMBERS]
        numbers = sum(_is_number(cell) for cell in filled)
        numeric += not filled or numbers >= NUMERIC_SHARE * len(filled)
        n_filled += len(filled)
        n_numbers += numbers
    return max(numeric / max(1, len(columns)), n_numbers / max(1, n_filled))


def _is_number(cell: str) -> bool:
    # a decimal comma is text to the parser, and a number to whoever wrote it
    return re.fullmatch(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?|[-+]?inf", cell, re.IGNORECASE) is not None

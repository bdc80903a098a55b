"""Files of one sample each, as quantification tools write them, put side by side: RSEM, Salmon, kallisto, STAR, htseq.

Forms and endings of names are listed in `io/known_names.yml`. GDC's STAR files have their own reader (`gdc_counts`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from prognomics.errors import BadInput, first_few, note
from prognomics.io.known_names import files_of_samples, plain_name, tally_rows
from prognomics.io.text_file import read_head, read_text
from prognomics.sources.raw import RawExpression
from prognomics.sources.sample_columns import SampleColumns

UNIT_FILES = ("quant", "abundance", "genes", "readspergene", "counts", "gene_abund")
MOST_ROWS = 2_000_000


def form_of(path: Path) -> str | None:
    """The form of a file of one sample (`rsem`, `salmon`, ...), by its first lines; None where it is none."""
    try:
        text = read_head(path, 1 << 14)
    except BadInput:
        return None
    rows = [line.split("\t") for line in text.split("\n")[:-1] if line.strip() and not line.startswith("#")]
    if not rows:
        return None
    heading = {plain_name(name) for name in rows[0]}
    for name, form in files_of_samples().items():
        if "header" in form:
            if set(form["header"]) <= heading:
                return name
            continue
        width, begins = form["columns"], form.get("first_row")
        counts = all(len(row) == width and all(_is_count(cell) for cell in row[1:]) for row in rows)
        if counts and (begins is None or rows[0][0].casefold() == begins.casefold()):
            return name
    return None


def _is_count(cell: str) -> bool:
    return cell.strip().removesuffix(".0").isdigit()


def read_sample_files(paths: Sequence[Path], quantity: str, notes: list[str]) -> RawExpression:
    """The matrix of files of one sample each, named by their files.

    Parameters
    ----------
    paths : sequence of path
        All of one form.
    quantity : {'counts', 'tpm', 'fpkm', 'fpkm_uq'}
    notes : list of str
        Gets what was read.

    Raises
    ------
    BadInput
        Files of several forms, a form that lacks the quantity, two files of one name, malformed files.
    """
    forms = {path: form_of(path) for path in paths}
    name = forms[paths[0]]
    if name is None or len(set(forms.values())) > 1:
        raise BadInput("the files of samples are of several forms", hint="give those of one tool",
                       where=first_few(f"{p.name} ({f})" for p, f in forms.items()))  # fmt: skip
    form = files_of_samples()[name]
    if quantity not in form:
        offered = [q for q in ("counts", "tpm", "fpkm") if q in form]
        raise BadInput(f"files of {name} have no {quantity}", where=str(paths[0]),
                       hint=f"choose with --quantity: {', '.join(offered)}")  # fmt: skip
    samples = [_sample_of(path, form["endings"]) for path in paths]
    if len(set(samples)) < len(samples):
        twice = sorted(s for s in set(samples) if samples.count(s) > 1)
        raise BadInput("two files belong to one sample", where=first_few(twice), hint="name each file by its sample")
    columns = SampleColumns()
    for path, sample in zip(paths, samples, strict=True):
        columns.add(sample, *_values(path, form, quantity))
    matrix = columns.matrix(samples)
    assert matrix is not None
    notes.extend(columns.notes)
    notes.append(f"{len(samples)} files of {name}: {quantity} of {len(matrix.row_ids)} rows; samples are named by "
                 f"their files, such as {samples[0]} for {paths[0].name}")  # fmt: skip
    return matrix


def _sample_of(path: Path, endings: list[str]) -> str:
    """The file's name without the form's ending; of a file such as quant.sf its folder's name."""
    name = path.name.removesuffix(".gz")
    stem = next((name[: -len(e)] for e in endings if name.lower().endswith(e.lower())), name).rstrip("._-")
    return path.resolve().parent.name if stem.lower() in ("", *UNIT_FILES) else stem


def _values(path: Path, form: dict[str, Any], quantity: str) -> tuple[list[str], np.ndarray]:
    """Names of the rows, and one number each; tallies are excluded."""
    lines = [line for line in read_text(path).split("\n") if line.strip() and not line.startswith("#")]
    if len(lines) > MOST_ROWS:
        raise BadInput(f"the file has more than {MOST_ROWS:,} rows", where=str(path))
    rows = [line.split("\t") for line in lines]
    if "header" in form:
        headings = [plain_name(name) for name in rows.pop(0)]
        place, value = headings.index(plain_name(form["id"])), headings.index(plain_name(form[quantity]))
    else:
        place, value = 0, form[quantity] - 1
    names: list[str] = []
    values = np.empty(len(rows))
    for number, row in enumerate(rows):
        try:
            names.append(row[place].strip())
            values[number] = float(row[value])
        except (IndexError, ValueError):
            where = f"{path}: {lines[number][:80]!r}"
            raise BadInput("a row of a file of one sample is malformed", where=where) from None
    tallies = set(tally_rows(names))
    genes = np.array([i not in tallies for i in range(len(names))])
    if len(tallies):
        shown = first_few(names[i] for i in sorted(tallies))
        note("tally-rows", f"rows that are tallies of reads, not genes, are removed: {shown}")
    names = [name for name, gene in zip(names, genes.tolist(), strict=True) if gene]
    if len(set(names)) < len(names):
        raise BadInput("rows are named twice", where=str(path), hint="give the file of genes, not of transcripts")
    return names, values[genes]

"""One place that reads and writes every artifact, by the kind that its definition names."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prognomics.data.columns import cell_text, id_values
from prognomics.data.feature_map import read_feature_map, with_feature_names
from prognomics.data.frames import as_pandas, is_anndata, samples_of_anndata
from prognomics.data.gene_list import as_gene_list, read_gene_list
from prognomics.data.mapping import load_mapping
from prognomics.data.matrix import ExpressionMatrix, checked, read_matrix, write_matrix_text
from prognomics.data.model import LockedModel
from prognomics.data.model_file import parse_model
from prognomics.data.registry import Artifact, Format
from prognomics.data.sheet import SampleSheet, as_sheet, read_sheet
from prognomics.data.signature import as_signatures, read_signature
from prognomics.data.streamed import open_matrix
from prognomics.data.tables import checked_table, read_any_table, read_cells, read_table, table_text
from prognomics.errors import BadInput
from prognomics.io.file_kinds import is_hdf5, sha256
from prognomics.io.json_text import parse_json
from prognomics.io.text_file import open_bytes, read_text
from prognomics.spec.shipped_yaml import parse_yaml


def _read_yaml(path: Path) -> Any:
    return parse_yaml(read_text(path), str(path))


def _read_record(path: Path) -> Any:
    try:
        record = parse_json(read_text(path))
    except ValueError as error:
        raise BadInput("this is no run record", where=f"{path} ({error})",
                       hint="give a file made by --out-record") from None  # fmt: skip
    if not isinstance(record, dict) or not {"tool", "parameters", "outputs"} <= set(record):
        raise BadInput("this is no run record", where=str(path), hint="give a file made by --out-record")
    return RunRecord(record, datetime.fromtimestamp(int(path.stat().st_mtime), UTC))


class RunRecord(dict[str, Any]):
    """A run record as a dict that knows when its file was written; what it states itself holds no date."""

    def __init__(self, content: dict[str, Any], written: datetime):
        super().__init__(content)
        self.written = written


class StudyText(dict[str, Any]):
    """A study file as a dict that keeps its text, comments and all, and the folder in which its files are."""

    def __init__(self, content: Any, text: str, folder: Path | None = None):
        super().__init__(content if isinstance(content, dict) else {})
        self.text = text
        self.folder = folder


_READERS = {
    "matrix": lambda artifact, path: read_matrix(path, artifact.repeated_rows),
    "sheet": lambda artifact, path: read_sheet(path),
    "table": read_table,
    "annotation": lambda artifact, path: read_cells(path),
    "raw_table": lambda artifact, path: read_cells(path),
    "features": lambda artifact, path: read_feature_map(path),
    "any_table": lambda artifact, path: ResultTable(sha256(path), path.name, read_any_table(path), _content(path)),
    "record": lambda artifact, path: _read_record(path),
    "mapping": lambda artifact, path: load_mapping(read_text(path), str(path)),
    "study": lambda artifact, path: StudyText(_read_yaml(path) or {}, read_text(path), path.resolve().parent),
    "model": lambda artifact, path: parse_model(read_text(path), str(path)),
    "signature": lambda artifact, path: read_signature(path),
    "gene_list": lambda artifact, path: read_gene_list(path),
    "file": lambda artifact, path: path,
    "plot": lambda artifact, path: _read_plot(path),
    "sample_data": lambda artifact, path: SampleData(sha256(path), path),
}


@dataclass(frozen=True)
class ResultTable:
    """A result table as the report takes it; its checksum, that of `data`, finds the run record that made it."""

    sha256: str
    name: str
    frame: Any
    data: bytes = b""


@dataclass(frozen=True)
class SampleData:
    """A sheet, groups or matrix as a step took it, found by its checksum; it is read when it is needed."""

    sha256: str
    path: Path

    @property
    def data(self) -> bytes:
        """The content, decompressed."""
        return _content(self.path)

    @property
    def is_matrix(self) -> bool:
        return is_hdf5(self.path)

    def columns(self) -> Any:
        """The table as text, one row per sample."""
        return read_cells(self.path)

    def genes(self, names: list[str]) -> dict[str, dict[str, float]]:
        """The values of some genes by sample; genes that it does not have are excluded."""
        matrix = read_matrix(self.path) if not self.is_matrix else open_matrix(self.path)
        found: dict[str, dict[str, float]] = {}
        done = 0
        for block in [matrix.values] if isinstance(matrix, ExpressionMatrix) else matrix.blocks():
            for name, values in zip(matrix.gene_ids[done : done + len(block)], block, strict=True):
                if name in names:
                    found[name] = dict(zip(matrix.sample_ids, map(float, values), strict=True))
            done += len(block)
        return found


@dataclass(frozen=True)
class Picture:
    """A plot's file as the report takes it; `format` is png, svg or pdf, by content."""

    sha256: str
    name: str
    format: str
    data: bytes


def _content(path: Path) -> bytes:
    with open_bytes(path) as handle:
        return handle.read()


def _read_plot(path: Path) -> Picture:
    data = _content(path)
    starts = {b"\x89PNG": "png", b"%PDF": "pdf", b"<?xml": "svg", b"<svg": "svg"}
    kind = next((name for start, name in starts.items() if data.startswith(start)), None)
    if kind is None:
        raise BadInput("this is no plot", where=str(path), hint="give a PNG, SVG or PDF file")
    return Picture(sha256(path), path.name, kind, data)


def read(artifact: Artifact, path: Path) -> Any:
    """The checked object that a file of this artifact holds."""
    return _READERS[artifact.kind](artifact, path)


def accept(artifact: Artifact, value: Any, *, stream: bool = False) -> Any:
    """A Python object given instead of a file (a DataFrame, a matrix, an AnnData, a dict), checked alike.

    With `stream` a matrix stays in its file where that can be read in blocks.

    Raises
    ------
    BadInput
        If it is no such object, or holds what a file of this artifact must not hold.
    """
    if isinstance(value, (str, Path)):
        if stream and artifact.kind == "matrix":
            return open_matrix(Path(value))
        return read(artifact, Path(value))
    value = as_pandas(value)
    if artifact.kind in ("sheet", "annotation", "raw_table") and is_anndata(value):
        value = samples_of_anndata(value)
    if artifact.kind == "signature":
        return as_signatures(value)
    if artifact.kind == "gene_list":
        return as_gene_list(value)
    if artifact.kind == "matrix":
        return _accept_matrix(value, artifact.repeated_rows)
    if artifact.kind == "sheet":
        return value if isinstance(value, SampleSheet) else as_sheet(_frame(artifact, value))
    if artifact.kind == "annotation":
        frame = _frame(artifact, value.frame if isinstance(value, SampleSheet) else value)
        return frame.assign(sample_id=id_values(frame["sample_id"], "annotation")) if "sample_id" in frame else frame
    if artifact.kind == "table":
        return checked_table(artifact, _frame(artifact, value), artifact.title.lower())
    if artifact.kind == "features":
        return with_feature_names(_frame(artifact, value))
    if artifact.kind == "raw_table":
        return _frame(artifact, value)
    return value


def _frame(artifact: Artifact, value: Any) -> Any:
    import pandas as pd

    if not isinstance(value, pd.DataFrame):
        raise BadInput(f"a {type(value).__name__} is no {artifact.title.lower()}", hint="give a file or a DataFrame")
    return value.rename(columns=str)


def _accept_matrix(value: Any, repeated_rows: bool) -> ExpressionMatrix:
    """A matrix from a DataFrame (genes in the index or in a column gene_id) or an AnnData (samples × genes)."""
    import numpy as np
    import pandas as pd

    if isinstance(value, ExpressionMatrix):
        return value
    if is_anndata(value):
        dense = value.X.toarray() if hasattr(value.X, "toarray") else np.asarray(value.X)
        value = pd.DataFrame(dense.T, index=value.var_names, columns=value.obs_names)
    if not isinstance(value, pd.DataFrame):
        raise BadInput(f"a {type(value).__name__} is no expression matrix",
                       hint="give a file, a DataFrame of genes × samples, or an AnnData")  # fmt: skip
    if "gene_id" in value.columns:
        value = value.set_index("gene_id")
    genes, samples = ([cell_text(name) for name in axis] for axis in (value.index, value.columns))
    try:
        values = value.to_numpy(np.float64, na_value=np.nan)
    except (ValueError, TypeError) as error:
        raise BadInput(f"the matrix holds text where numbers are needed ({error})", where="expression matrix",
                       hint="genes stand in the index, samples in the columns") from None  # fmt: skip
    return checked(values, genes, samples, "expression matrix", repeated_rows)


def write(artifact: Artifact, content: Any, path: Path, kind: Format, *, compress: bool = False) -> None:
    """Write an object as this artifact; `path` is written directly (callers make it whole or not at all).

    `compress` makes text a gzip; formats that are not text stay as they are.
    """
    if artifact.kind == "plot":
        content.save(path, kind.ending.lstrip("."))
    elif artifact.kind in ("folder", "file"):
        content.save(path)
    elif artifact.kind == "binary":
        path.write_bytes(content)
    elif artifact.kind == "matrix":
        _write_matrix(content, path, kind)
    else:
        path.write_text(_text(artifact, content), encoding="utf-8", newline="\n")
    if compress and artifact.kind not in ("plot", "folder", "file", "binary") and kind.ending != ".h5ad":
        path.write_bytes(gzip.compress(path.read_bytes(), mtime=0))


def _write_matrix(matrix: ExpressionMatrix, path: Path, kind: Format) -> None:
    if kind.ending == ".h5ad":
        from prognomics.io.h5ad import write_h5ad

        write_h5ad(path, matrix.values, matrix.gene_ids, matrix.sample_ids)
    else:
        write_matrix_text(matrix, path)


def _text(artifact: Artifact, content: Any) -> str:
    if isinstance(content, SampleSheet):
        content = content.frame
    if isinstance(content, LockedModel):
        return content.text()
    if artifact.kind == "record":
        return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    if artifact.kind in ("mapping", "study") and not isinstance(content, str):
        import yaml

        result: str = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)
        return result
    if isinstance(content, str):
        return content
    return table_text(artifact, content)

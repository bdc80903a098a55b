"""What is fuzzed: a reader, and files to start from. A reader may refuse a file; anything else is a find."""

from __future__ import annotations

import gzip
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

from .h5ad_layout import read_layout
from .loop_targets import LOOP_TARGETS
from .provider_targets import PROVIDER_TARGETS

SERIES = (
    b'!Series_title\t"t"\n!Sample_geo_accession\t"GSM1"\t"GSM2"\n!Sample_platform_id\t"GPL1"\t"GPL1"\n'
    b'!Sample_characteristics_ch1\t"age: 5"\t"sex: F"\n!Sample_characteristics_ch1\t"sex: M"\t""\n'
    b'!series_matrix_table_begin\n"ID_REF"\t"GSM1"\t"GSM2"\n"1_at"\t1.5\tnull\n"2_at"\t-3e-2\t12345678.123456789\n'
    b"!series_matrix_table_end\n"
)
PLATFORM = b"^PLATFORM = GPL1\n!platform_table_begin\nID\tGene symbol\tGene ID\n1_at\tA///B\t1\n!platform_table_end\n"
FAMILY = (
    b"^SERIES = GSE1\n!Series_geo_accession = GSE1\n" + PLATFORM + b"^SAMPLE = GSM1\n!Sample_platform_id = GPL1\n"
    b"!Sample_characteristics_ch1 = age: 5\n!sample_table_begin\nID_REF\tVALUE\tCALL\n1_at\t1.5\tP\n2_at\t\tA\n"
    b"!sample_table_end\n^SAMPLE = GSM2\n!Sample_platform_id = GPL1\n!sample_table_begin\nID_REF\tVALUE\n2_at\t-7\n"
    b"!sample_table_end\n"
)
DATASET = (
    b"^DATASET = GDS1\n^SUBSET = GDS1_1\n!subset_description = a\n!subset_sample_id = GSM1,GSM2\n!subset_type = state\n"
    b"^DATASET = GDS1\n#GSM1 = x\n!dataset_table_begin\nID_REF\tIDENTIFIER\tGSM1\tGSM2\n1_at\tXPO1\t1\tnull\n"
    b"!dataset_table_end\n"
)
MATRIX = b"gene_id\tA\tB\nTP53\t1\t2.25\nXPO1\t-3\tNA\n"
PIPED = b'Hugo_Symbol,Entrez_Gene_Id,S1,S2\n"A,B",1,2,3\nXPO1,7514,0.5,"1e5"\n'
GCT = b"#1.3\n2\t2\t1\t1\nid\tsymbol\tA\tB\nsex\tna\tF\tM\n1_at\tXPO1\t1\t2\n2_at\tTP53\t3\t4\n"
COMMAS = b"Table S1\n\ngene;Length;A;B\nTP53;900;1,5;2,25\nXPO1;800;-3,0;NA\n__no_feature;0;1,0;2,0\n"
KEPT = b'# x\nTable 1\n\nid;OS;;note\n;time;event;\nA;5,5;1;"a\nb"\nB;6;0;c\n\nNote: all of it;;;\n'
SHEET = b'sample,age,status,os_days\nA,50,dead,100\nB,"6,0",alive,200\n'
MAPPING = b"""sample_id: sample
tissue_type: {constant: primary}
endpoints:
  os: {definition: d, time: {column: os_days, unit: days}, event: {column: status, event: dead, censored: alive}}
columns: {age_years: {column: age, unit: years}}
exclude: [{column: age, below: 18, reason: young}]
expect: {n: 2}
"""


def _series(path: Path) -> None:
    from prognomics.sources.geo import read_series_matrix

    read_series_matrix(path, samples_only=True)


def _soft(path: Path) -> None:
    from prognomics.sources.geo_soft import read_soft

    read_soft(path)


def _platform(path: Path) -> None:
    from prognomics.data.feature_map import read_platform

    read_platform(path)


def _matrix(path: Path) -> None:
    from prognomics.data.matrix import read_matrix

    read_matrix(path)


def _h5ad(path: Path) -> None:
    """Whole and in blocks, which agree. The file is taken for HDF5 whatever its first bytes."""
    import numpy as np

    from prognomics.data.matrix import checked, read_matrix
    from prognomics.data.streamed import open_matrix
    from prognomics.io import hdf5
    from prognomics.io.h5ad import read_h5ad

    patience, hdf5.MOST_SECONDS = hdf5.MOST_SECONDS, 1
    try:
        whole = checked(*read_h5ad(path), "m")
    finally:
        hdf5.MOST_SECONDS = patience
    if path.read_bytes()[:8] == b"\x89HDF\r\n\x1a\n":
        assert read_matrix(path).gene_ids == whole.gene_ids
        np.testing.assert_array_equal(np.vstack(list(open_matrix(path).blocks())), whole.values)


def _h5ad_files() -> list[bytes]:
    """Small matrices: as this package writes them, by h5py's oldest layout, compressed, and sparse."""
    import h5py
    import numpy as np

    from prognomics.io.h5ad import write_h5ad

    with tempfile.TemporaryDirectory() as folder:
        path, found = Path(folder) / "m", []
        write_h5ad(path, np.arange(6.0).reshape(3, 2), ["A", "B", "C"], ["s1", "s2"])
        found.append(path.read_bytes())
        parts = {"data": [1.0, 2.0], "indices": [2, 0], "indptr": [0, 1, 2]}
        for how in ({}, {"chunks": (1, 2), "compression": "gzip", "shuffle": True}, None):
            with h5py.File(path, "w") as handle:
                for group, key, names in (("obs", "i", [b"s1", b"s2"]), ("var", "_index", ["A", "B", "C"])):
                    handle.create_dataset(f"{group}/{key}", data=names)
                    handle[group].attrs["_index"] = key
                if how is None:
                    for name, values in parts.items():
                        handle[f"X/{name}"] = values
                    handle["X"].attrs.update({"encoding-type": "csr_matrix", "shape": [2, 3]})
                else:
                    handle.create_dataset("X", data=np.arange(6.0).reshape(2, 3), **how)
            found.append(path.read_bytes())
    return found


def _local(path: Path) -> None:
    from prognomics.sources.local import read_local

    read_local([path])


def _sheet(path: Path) -> None:
    """Read, draft a mapping for it, and curate by the draft."""
    from prognomics.curation.curate import curate
    from prognomics.curation.suggest import draft_text, suggest
    from prognomics.data.mapping import load_mapping
    from prognomics.sources.sheet import read_sheet

    raw = read_sheet(path)
    curate(raw, load_mapping(draft_text(suggest(raw)).replace("TODO", "primary")), "C")


def _mapping(path: Path) -> None:
    """Check a mapping, and apply it to a small sheet."""
    import pandas as pd

    from prognomics.curation.curate import curate
    from prognomics.data.mapping import load_mapping
    from prognomics.io.text_file import read_text

    mapping = load_mapping(read_text(path))
    raw = {"sample": ["A", "B"], "age": ["50", ""], "status": ["dead", "alive"], "os_days": ["900", "0"]}
    curate(pd.DataFrame(raw), mapping, "C")


def _decimals(path: Path) -> None:
    """Numbers of text, against Python's `float`."""
    import numpy as np

    from prognomics.io.decimals import PADDING, parse_decimals, read_number

    cells = path.read_bytes().replace(b"\n", b"\t").split(b"\t")
    lengths = np.array([len(cell) for cell in cells], dtype=np.int64)
    out = np.empty(len(cells))
    text = bytes(PADDING) + b"\t".join(cells) + bytes(PADDING + 1)
    unread, _ = parse_decimals(text, np.cumsum(lengths + 1) - 1, lengths, frozenset(), out)
    strange = set(unread.tolist())
    for i, cell in enumerate(cells):
        expected = read_number(cell, frozenset())
        assert (expected is None) == (i in strange), cell
        assert expected is None or np.float64(expected).tobytes() == out[i].tobytes() or expected != expected, cell


def _rows(path: Path) -> None:
    """Compiled code and NumPy make the same of a table of two numbers a row, or refuse it with the same words."""
    from prognomics.compiled import compiled_loops
    from prognomics.errors import BadInput
    from prognomics.io import numeric_table

    found = []
    for loops in (compiled_loops(), None):
        numeric_table.compiled_loops = lambda loops=loops: loops
        try:
            rows = numeric_table.parse_numeric_rows(
                iter([path.read_bytes() + b"\n"]), delimiter="\t", columns=["id", "A", "B"], n_ids=1, where="t",
                keep_infinite=True,
            )  # fmt: skip
            found.append((rows.ids, rows.values.tobytes()))
        except BadInput as fault:
            found.append(str(fault))
        finally:
            numeric_table.compiled_loops = compiled_loops
    assert found[0] == found[1]


TARGETS: dict[str, tuple[Callable[[Path], None], list[bytes]]] = {
    "series": (_series, [SERIES, SERIES.replace(b"\n", b"\r\n"), gzip.compress(SERIES, mtime=0)]),
    "soft": (_soft, [FAMILY, DATASET, FAMILY.replace(b"\n", b"\r\n")]),
    "platform": (_platform, [PLATFORM, b"probe_id,gene_symbol\n1_at,A\n"]),
    "matrix": (
        _matrix,
        [
            MATRIX,
            gzip.compress(MATRIX, mtime=0),
            b'id\t"A"\n"a b"\t"1"\n',
            GCT,
            COMMAS,
            MATRIX.decode().encode("utf-16"),
        ],
    ),
    "h5ad": (_h5ad, _h5ad_files()),
    "h5ad_layout": (read_layout, [bytes([0, 0, 0, 1, 1, 1, 1]), bytes(range(1, 120)), bytes(range(120, 1, -1))]),
    "local": (_local, [MATRIX, PIPED, SHEET, SERIES, FAMILY, PLATFORM]),
    "sheet": (_sheet, [SHEET, KEPT, SHEET.replace(b",", b"\t")]),
    "mapping": (_mapping, [MAPPING]),
    "rows": (
        _rows,
        [
            b"a\t1.5\t-2e-3\nb\tNA\t12345678901234567.5",
            b'"a"\t"1"\tinf\nb\t\t+.5',
            b"a\t1\t2\n\nb\t3\tx",
        ],
    ),
    **PROVIDER_TARGETS,
    **LOOP_TARGETS,
    "decimals": (_decimals, [b"1\t-2.5\t12345678.12345678\t0.1234567890123456789\t1e-5\t.\tNA\t\t9007199254740993.5"]),
}


def run_one(name: str, content: bytes) -> None:
    """Read one file; raise what is neither a result nor a refusal with a message."""
    from prognomics.errors import PrognomicsError

    read, _ = TARGETS[name]
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder) / "f"
        path.write_bytes(content)
        try:
            read(path)
        except PrognomicsError as fault:
            assert str(fault) and fault.exit_code in (2, 3)
        assert [p.name for p in Path(folder).iterdir()] == ["f"]
        assert path.read_bytes() == content

"""Fuzzed readers of what providers send beside tables of values, of raw arrays and archives, and of other artifacts."""

from __future__ import annotations

import gzip
import importlib.util
import io
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "test-data"


def _affymetrix_files():
    spec = importlib.util.spec_from_file_location("affymetrix_files", DATA / "affymetrix_files.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where its dataclasses look for it
    spec.loader.exec_module(module)
    return module


def _tar(files: dict[str, bytes], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def _chip_files() -> tuple[list[bytes], list[bytes]]:
    """Arrays and chip descriptions in each format, of 8 × 8 cells."""
    import numpy as np

    made, rng = _affymetrix_files(), np.random.default_rng(1)
    chip = made.made_up_chip("Tiny", 8, [4, 2], rng)
    values = made.made_up_intensities(chip, 1, rng)[0]
    arrays = [write(chip, values, masked=[1], outliers=[2, 3])
              for write in (made.cel_text, made.cel_xda, made.cel_console)]  # fmt: skip
    return arrays, [made.cdf_text(chip), made.cdf_xda(chip)]


def _cel(path: Path) -> None:
    from prognomics.expression.affymetrix.cel import read_cel

    read_cel(path)


def _cdf(path: Path) -> None:
    from prognomics.expression.affymetrix.cdf import read_cdf

    read_cdf(path)


def _archive(path: Path) -> None:
    """What is read in place and what is streamed agree on the names of the files."""
    from prognomics.errors import BadInput
    from prognomics.io.tar_entries import tar_parts
    from prognomics.io.text_file import open_bytes
    from prognomics.sources.transport.archive import check_archive, kind_of_archive
    from prognomics.sources.transport.site import Limits

    if kind_of_archive(path):
        check_archive(path, Limits(1 << 20, 1 << 24, 100, 1 << 20))
    parts, _ = tar_parts(path, lambda name: True)
    for part in parts:
        try:
            with open_bytes(part) as stream:
                stream.read(1 << 16)
        except BadInput:
            pass


def _magetab(path: Path) -> None:
    from prognomics.sources.magetab import read_adf, read_data_matrix, read_idf, read_sdrf

    _each(path, read_idf, read_sdrf, read_adf, read_data_matrix)


def _gdc(path: Path) -> None:
    """A STAR file after a sound one, a sheet, cases."""
    from prognomics.sources.gdc_counts import CountsTable
    from prognomics.sources.gdc_local import _add_cases, read_gdc_sheet
    from prognomics.sources.json_file import read_json

    table = CountsTable("tpm")
    table.add("a", STAR, "first")
    _each(path, lambda p: table.add("b", p.read_bytes(), "second"), lambda p: table.expression(),
          lambda p: read_gdc_sheet([p]), lambda p: _add_cases({}, read_json(p)))  # fmt: skip


def _cbioportal(path: Path) -> None:
    """A study whose patients' table, samples' table or description of a table is the file."""
    import tempfile

    from prognomics.sources.cbioportal import read_study

    def study_with(name: str) -> Callable[[Path], object]:
        def read(changed: Path) -> object:
            with tempfile.TemporaryDirectory() as folder:
                for file in (DATA / "mini_cbioportal").iterdir():
                    content = changed if file.name == name else file
                    (Path(folder) / file.name).write_bytes(content.read_bytes())
                return read_study(folder)

        return read

    names = [p.name for p in sorted((DATA / "mini_cbioportal").iterdir())]
    _each(path, *(study_with(name) for name in names))


def _artifacts(path: Path) -> None:
    """Sample sheet, signature, feature map and any table, as the tools read them."""
    from prognomics.data.feature_map import read_feature_map
    from prognomics.data.sheet import read_sheet
    from prognomics.data.signature import read_signature
    from prognomics.data.tables import read_any_table

    _each(path, read_sheet, read_signature, read_feature_map, read_any_table)


def _xena(path: Path) -> None:
    from prognomics.sources.local import read_local
    from prognomics.sources.xena import join_tables

    _each(path, lambda p: join_tables([p, DATA / "mini_xena" / "TCGA-MINI.survival.tsv"]), lambda p: read_local([p]))


def _each(path: Path, *readers: Callable[[Path], object]) -> None:
    """Each reader gets the file, also where one before it refused it; the last refusal is raised."""
    from prognomics.errors import PrognomicsError

    refusal: PrognomicsError | None = None
    for read in readers:
        try:
            read(path)
        except PrognomicsError as fault:
            assert str(fault) and fault.exit_code in (2, 3)
            refusal = fault
    if refusal is not None:
        raise refusal


def _files(folder: str) -> list[bytes]:
    return [p.read_bytes() for p in sorted((DATA / folder).iterdir()) if p.is_file()]


ARRAYS, CHIPS = _chip_files()
STAR = (DATA / "mini_gdc" / "file0.rna_seq.augmented_star_gene_counts.tsv").read_bytes()
ARCHIVES = [_tar({"a.CEL": b"abc", "b/c.txt.gz": gzip.compress(b"x" * 99, mtime=0)}), _tar({"a": b"b"}, "w:gz"),
            (DATA / "mini_RAW.tar").read_bytes()[:3584]]  # fmt: skip
NAMED = ("few.features.tsv", "few.platform.tsv", "few.signature.gmt", "few.signature.csv", "both.samples.tsv")
CASES = b'{"data": {"hits": [{"submitter_id": "A", "diagnoses": [{"days_to_last_follow_up": 5}], "demographic": {}}]}}'
PROVIDER_TARGETS: dict[str, tuple[Callable[[Path], None], list[bytes]]] = {
    "cel": (_cel, ARRAYS + [gzip.compress(ARRAYS[1], mtime=0)]),
    "cdf": (_cdf, CHIPS),
    "archive": (_archive, ARCHIVES),
    "magetab": (_magetab, _files("mini_arrayexpress")),
    "gdc": (_gdc, [STAR, CASES, *_files("mini_gdc")]),
    "cbioportal": (_cbioportal, _files("mini_cbioportal")),
    "xena": (_xena, _files("mini_xena")),
    "artifacts": (_artifacts, [(DATA / name).read_bytes()[:4000] for name in NAMED]),
}

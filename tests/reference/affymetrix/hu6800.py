"""Arrays in the layout of a real chip, Hu6800, the same on every machine: python hu6800.py CDF FOLDER."""

import importlib.util
import sys
from pathlib import Path

import numpy as np

N_ARRAYS = 3
HERE = Path(__file__).resolve().parent


def writers():
    path = HERE.parents[2] / "test-data" / "affymetrix_files.py"
    spec = importlib.util.spec_from_file_location("affymetrix_files", path)
    module = sys.modules.setdefault(spec.name, importlib.util.module_from_spec(spec))
    spec.loader.exec_module(module)
    return module


def make_arrays(cdf: Path, folder: Path) -> list[Path]:
    """Three CEL files, one of each format."""
    from prognomics.expression.affymetrix.cdf import read_cdf

    raw, layout, rng = writers(), read_cdf(cdf), np.random.Generator(np.random.PCG64(6800))
    chip = raw.Chip("Hu6800", layout.columns, layout.rows, {})
    owner = np.repeat(np.arange(len(layout.n_probes)), layout.n_probes)
    level, affinity = rng.normal(6.5, 2, len(layout.n_probes)), rng.normal(0, 1, owner.size)
    paths = []
    for i, write in enumerate((raw.cel_text, raw.cel_xda, raw.cel_console)):
        values = rng.normal(100, 15, layout.columns * layout.rows).clip(20)
        array = level + rng.normal(0, 0.5, level.size)
        values[layout.cells] += 2 ** (array[owner] + affinity + rng.normal(0, 0.3, owner.size))
        paths.append(folder / f"hu_{i + 1}.CEL")
        paths[-1].write_bytes(write(chip, np.round(values * rng.lognormal(0, 0.25), 1).clip(1, 65000)))
    return paths


if __name__ == "__main__":
    make_arrays(Path(sys.argv[1]), Path(sys.argv[2]))

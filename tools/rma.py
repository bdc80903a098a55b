"""Summarize raw Affymetrix arrays to log2 expression, and describe the quality of each array."""

from __future__ import annotations

from pathlib import Path

from prognomics.data.matrix import ExpressionMatrix
from prognomics.errors import note, warn


def rma(cel: list[Path], cdf: Path, sample_name: list[str]) -> dict[str, object]:
    from prognomics.expression.affymetrix.array_quality import array_quality, flagged_sentence
    from prognomics.expression.affymetrix.arrays import Arrays, array_files, sample_names
    from prognomics.expression.affymetrix.cdf import read_cdf
    from prognomics.expression.affymetrix.rma import rma as summarized
    from prognomics.threads import n_threads

    layout = read_cdf(cdf)
    files = array_files(cel, layout, cdf.name)
    names = sample_names(files, sample_name)
    arrays = Arrays(files, names, layout, cdf.name)
    result = summarized(arrays.perfect_match, [str(file) for file in files], layout.n_probes, threads=n_threads())
    note("chip", f"{len(names)} arrays of type {arrays.headers[0].chip or 'not named'}, {len(layout.probeset_ids):,} "
         f"probesets, {layout.cells.size:,} perfect-match probes")  # fmt: skip
    arrays.warn_about_copies()
    n_cells = layout.columns * layout.rows
    quality = array_quality(result, names, masked_percent=100 * arrays.masked / n_cells,
                            outlier_percent=100 * arrays.outliers / n_cells)  # fmt: skip
    if text := flagged_sentence(quality):
        warn("array-quality", f"{text}; look at --out-quality, and omit arrays that failed")

    def plot() -> object:
        from prognomics.report.figures.array_boxes import ArrayBoxesFigure

        return ArrayBoxesFigure(quality)

    matrix = ExpressionMatrix(result.expression, layout.probeset_ids, names, "RMA")
    return {"expression": matrix, "quality": quality, "plot": plot}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)

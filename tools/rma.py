"""Summarize raw Affymetrix arrays to log2 expression, and describe the quality of each array."""

from __future__ import annotations

from pathlib import Path

from prognomics.artefacts.matrix import ExpressionMatrix
from prognomics.errors import note, warn


def rma(cel: list[Path], cdf: Path, sample_name: list[str]) -> dict[str, object]:
    from prognomics.affymetrix.array_quality import array_quality, flagged_sentence
    from prognomics.affymetrix.arrays import Arrays, sample_names
    from prognomics.affymetrix.cdf import read_cdf
    from prognomics.affymetrix.rma import rma as summarized
    from prognomics.threads import n_threads

    names = sample_names(cel, sample_name)
    layout = read_cdf(cdf)
    arrays = Arrays(cel, names, layout, cdf.name)
    result = summarized(arrays.perfect_match, [str(p) for p in cel], layout.n_probes, threads=n_threads())
    note("chip", f"{len(names)} arrays of type {arrays.headers[0].chip or 'not named'}, {len(layout.probeset_ids):,} "
         f"probesets, {layout.cells.size:,} perfect-match probes")  # fmt: skip
    arrays.warn_of_copies()
    n_cells = layout.columns * layout.rows
    quality = array_quality(result, names, masked_percent=100 * arrays.masked / n_cells,
                            outlier_percent=100 * arrays.outliers / n_cells)  # fmt: skip
    if text := flagged_sentence(quality):
        warn("array-quality", f"{text}; look at --out-quality, and leave out arrays that failed")

    def plot() -> object:
        from prognomics.report.figures.array_boxes import ArrayBoxesFigure

        return ArrayBoxesFigure(quality)

    matrix = ExpressionMatrix(result.expression, layout.probeset_ids, names, "RMA")
    return {"expression": matrix, "quality": quality, "plot": plot}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)

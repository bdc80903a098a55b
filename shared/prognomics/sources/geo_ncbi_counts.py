"""RNA-seq values that NCBI itself computes for series of GEO: one pipeline and one gene annotation for all.

Layout: https://www.ncbi.nlm.nih.gov/geo/info/rnaseqcounts.html. Rows are Entrez gene ids, columns GEO samples.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from prognomics.data.feature_map import read_platform
from prognomics.errors import BadInput, SourceFailed, first_few, note
from prognomics.sources.expression_table import read_expression
from prognomics.sources.raw import RawExpression
from prognomics.sources.transport.download import Downloader, NotInCache
from prognomics.sources.transport.http import NotThere
from prognomics.sources.transport.inspect import WebPage

if TYPE_CHECKING:
    import pandas as pd

KINDS = {"ncbi_counts": "raw_counts", "ncbi_tpm": "norm_counts_TPM", "ncbi_fpkm": "norm_counts_FPKM"}
GENOMES = {"Human": "GRCh38.p13", "Mouse": "GRCm39"}
ADVICE = "for many series of RNA-seq NCBI counted the reads itself: --values ncbi_counts takes these"


@dataclass
class NcbiCounts:
    """The values of one series.

    Attributes
    ----------
    accession : str
        GSE and a number.
    values : {'ncbi_counts', 'ncbi_tpm', 'ncbi_fpkm'}
    downloader : Downloader
    """

    accession: str
    values: str
    downloader: Downloader

    @cached_property
    def _found(self) -> tuple[str, Path]:
        """The organism, and the file of values."""
        missing: SourceFailed | None = None
        for organism, genome in GENOMES.items():
            name = f"{self.accession}_{KINDS[self.values]}_{genome}_NCBI.tsv.gz"
            try:
                return organism, self._file(f"acc={self.accession}&format=file&file={name}")
            except (NotThere, NotInCache, WebPage) as fault:
                # offline, the other organism's file tells nothing
                missing = missing or fault
        assert missing is not None
        if isinstance(missing, NotInCache):
            raise missing
        raise SourceFailed(
            f"NCBI has computed no RNA-seq values of {self.accession}", where=missing.where,
            hint="it does so for human and mouse RNA-seq whose reads are public; take --values matrix, or give the "
            "table of the supplementary files with --source local",
        )  # fmt: skip

    def _file(self, query: str) -> Path:
        return self.downloader.file("download", f"?type=rnaseq_counts&{query}")

    def expression(self, sheet: pd.DataFrame) -> RawExpression:
        """The matrix, columns in the order of the sheet.

        Raises
        ------
        BadInput
            A malformed table, or one that names no sample of the sheet.
        SourceFailed
            NCBI has no such table.
        """
        organism, path = self._found
        found, _ = read_expression(path)
        place = {sample: column for column, sample in enumerate(found.sample_ids)}
        samples = [sample for sample in sheet["sample_id"] if sample in place]
        if not samples:
            where = f"{first_few(found.sample_ids, 3)}; series: {first_few(sheet['sample_id'], 3)}"
            raise BadInput(f"NCBI's table names no sample of the series {self.accession}", where=where)
        note("source", f"RNA-seq values computed by NCBI ({KINDS[self.values]}, {organism.lower()} genome "
             f"{GENOMES[organism]}) of {len(samples)} of {len(sheet)} samples; rows are Entrez gene ids")  # fmt: skip
        without = [sample for sample in sheet["sample_id"] if sample not in place]
        if without:
            note("source", f"NCBI has no values of {len(without)} samples: {first_few(without)}")
        values = found.values if samples == found.sample_ids else found.values[:, [place[s] for s in samples]]
        return RawExpression(np.ascontiguousarray(values), found.row_ids, samples)

    def features(self) -> pd.DataFrame:
        """NCBI's annotation of the genes: Entrez id, symbol and description."""
        organism, _ = self._found
        return read_platform(self._file(f"format=file&file={organism}.{GENOMES[organism]}.annot.tsv.gz"))

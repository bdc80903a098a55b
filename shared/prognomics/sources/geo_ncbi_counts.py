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
from prognomics.data.sample_joins import Join, note_source
from prognomics.errors import BadInput, SourceFailed, first_few, note, warn
from prognomics.io.text_file import decode, text_blocks
from prognomics.sources.expression_table import read_expression
from prognomics.sources.raw import RawExpression
from prognomics.sources.side_files import row_features
from prognomics.sources.transport.download import Downloader, NotInCache
from prognomics.sources.transport.http import NotFound
from prognomics.sources.transport.inspect import WebPage

if TYPE_CHECKING:
    import pandas as pd

KINDS = {"ncbi_counts": "raw_counts", "ncbi_tpm": "norm_counts_TPM", "ncbi_fpkm": "norm_counts_FPKM"}
GENOMES = {"Human": "GRCh38.p13", "Mouse": "GRCm39"}
SPECIES = {"Human": "Homo_sapiens", "Mouse": "Mus_musculus"}
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
        """The organism, and the file of values: NCBI has none only where it answers so (404) for each organism."""
        missing: SourceFailed | None = None
        for organism, genome in GENOMES.items():
            name = f"{self.accession}_{KINDS[self.values]}_{genome}_NCBI.tsv.gz"
            try:
                return organism, self._file(f"acc={self.accession}&format=file&file={name}")
            except (NotFound, NotInCache) as fault:
                # offline, the other organism's file tells nothing
                missing = missing or fault
            except WebPage as fault:
                fault.hint = f"whether NCBI has computed values of {self.accession} is not known; {fault.hint}"
                raise
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
        organism, _ = self._found
        found = self._table
        place = {sample: column for column, sample in enumerate(found.sample_ids)}
        samples = [sample for sample in sheet["sample_id"] if sample in place]
        if not samples:
            where = f"{first_few(found.sample_ids, 3)}; series: {first_few(sheet['sample_id'], 3)}"
            raise BadInput(f"NCBI's table names no sample of the series {self.accession}", where=where)
        join = Join.of("the series", sheet["sample_id"], "NCBI's table", found.sample_ids)
        note_source(join.text())
        note("source", f"RNA-seq values computed by NCBI ({KINDS[self.values]}, {organism.lower()} genome "
             f"{GENOMES[organism]}) of {len(samples)} of {len(sheet)} samples; rows are Entrez gene ids")  # fmt: skip
        without = [sample for sample in sheet["sample_id"] if sample not in place]
        if without:
            note("source", f"NCBI has no values of {len(without)} samples: {first_few(without)}")
        values = found.values if samples == found.sample_ids else found.values[:, [place[s] for s in samples]]
        return RawExpression(np.ascontiguousarray(values), found.row_ids, samples)

    @cached_property
    def _table(self) -> RawExpression:
        return read_expression(self._found[1])[0]

    def features(self) -> pd.DataFrame:
        """Entrez id and symbol of each row: NCBI's annotation, else its gene_info, else the Entrez ids alone."""
        organism, _ = self._found
        annotation = f"?type=rnaseq_counts&format=file&file={organism}.{GENOMES[organism]}.annot.tsv.gz"
        failed: list[str] = []
        for service, path in (("download", annotation), ("genes", f"{SPECIES[organism]}.gene_info.gz")):
            try:
                features = read_platform(self.downloader.file(service, path)) if service == "download" else (
                    read_gene_info(self.downloader.file(service, path), self._table.row_ids))  # fmt: skip
            except NotInCache:
                raise
            except (SourceFailed, BadInput) as fault:
                failed.append(fault.what)
                continue
            if failed:
                note("source", f"NCBI's annotation of the genes is missing ({failed[0]}): symbols are those of its "
                     f"gene_info ({path})")  # fmt: skip
            return features
        warn("genes-not-named", f"NCBI's annotation ({failed[0]}) and its gene_info ({failed[1]}) are missing: "
             "the feature map has Entrez ids without symbols")  # fmt: skip
        return row_features(self._table.row_ids, entrez=True)


def read_gene_info(path: Path, wanted: list[str]) -> pd.DataFrame:
    """The feature map of some Entrez ids, of a gene_info file of NCBI (https://ftp.ncbi.nlm.nih.gov/gene/DATA/README).

    Raises
    ------
    BadInput
        The file has no columns GeneID and Symbol, or names none of the genes.
    """
    import pandas as pd

    keep = set(wanted)
    symbols: dict[str, str] = {}
    blocks = text_blocks(path)
    columns: list[str] = []
    for block in blocks:
        for line in decode(block).split("\n"):
            cells = line.split("\t")
            if not columns:
                columns = [name.strip().lstrip("#") for name in cells]
                if not {"GeneID", "Symbol"} <= set(columns):
                    what = "the file is not a gene_info file of NCBI: it has no columns GeneID and Symbol"
                    raise BadInput(what, where=str(path))
                number, symbol = columns.index("GeneID"), columns.index("Symbol")
            elif len(cells) > max(number, symbol) and cells[number] in keep:
                symbols.setdefault(cells[number], cells[symbol].strip().removeprefix("-"))
    if not symbols:
        raise BadInput("the gene_info file names none of the genes", where=f"{path}; genes: {first_few(wanted, 3)}")
    named = [symbols.get(row, "") for row in wanted]
    return pd.DataFrame({"probe_id": wanted, "gene_symbol": named, "entrez_id": wanted}, dtype=object)

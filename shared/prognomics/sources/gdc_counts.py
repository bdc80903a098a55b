"""STAR count files of the GDC, one a sample, gathered into one matrix.

Format: https://docs.gdc.cancer.gov/Data/Bioinformatics_Pipelines/Expression_mRNA_Pipeline/: a comment that names the
gene model, a header, four rows `N_...` of reads that belong to no gene, then one row per gene.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

from prognomics.errors import BadInput
from prognomics.sources.raw import RawExpression, require_unique

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = {"counts": "unstranded", "tpm": "tpm_unstranded", "fpkm": "fpkm_unstranded", "fpkm_uq": "fpkm_uq_unstranded"}
HEADER = ("gene_id", "gene_name", "gene_type", "unstranded")


def is_star_counts(head: str) -> bool:
    """Whether a text begins as a STAR count file."""
    first = next((line for line in head.split("\n") if line and not line.startswith("#")), "")
    return tuple(first.split("\t")[:4]) == HEADER


class CountsTable:
    """A matrix that grows file by file.

    Parameters
    ----------
    quantity : {'counts', 'tpm', 'fpkm', 'fpkm_uq'}
    """

    def __init__(self, quantity: str):
        self._column = COLUMNS[quantity]
        self._genes: list[str] = []
        self._symbols: list[str] = []
        self._gene_bytes: list[bytes] = []
        self._values: dict[str, np.ndarray] = {}

    @property
    def sample_ids(self) -> list[str]:
        return list(self._values)

    def add(self, sample_id: str, content: bytes, where: str) -> None:
        """Add one file.

        Raises
        ------
        BadInput
            No STAR file, text in a number, other genes than the files before.
        """
        if sample_id in self._values:
            raise BadInput("two files belong to one sample", where=f"{where}: {sample_id}")
        values = self._regular(content)
        if values is not None:
            self._values[sample_id] = values
            return
        genes, symbols, values = self._parsed(content, where)
        if not self._genes:
            require_unique(genes, kind="gene", where=where)
            self._genes, self._symbols = genes, symbols
            self._gene_bytes = [name.encode() for name in genes]
        elif genes != self._genes:
            position = {name: i for i, name in enumerate(genes)}
            if len(position) != len(self._genes) or set(position) != set(self._genes):
                what = "the file names other genes than those before: two releases of the gene model"
                raise BadInput(what, where=where, hint="take the files of one release")
            values = values[[position[name] for name in self._genes]]
        self._values[sample_id] = values

    def _regular(self, content: bytes) -> np.ndarray | None:
        """The values of a file with exactly the genes of the first one, without making text of its other cells."""
        begin = content.find(b"gene_id\t")
        end = content.find(b"\n", begin)
        names = content[begin:end].decode("ascii", "replace").split("\t")
        body = content[end + 1 :]
        if not self._genes or begin < 0 or self._column not in names or b'"' in body or b"\r" in body:
            return None
        letters = np.frombuffer(body, dtype=np.uint8)
        ends = np.flatnonzero((letters == 9) | (letters == 10))
        if len(ends) % len(names) or not body.endswith(b"\n"):
            return None
        ends = ends.reshape(-1, len(names))
        if not (letters[ends[:, -1]] == 10).all() or not (letters[ends[:, :-1]] == 9).all():
            return None
        starts = np.concatenate([[0], ends[:-1, -1] + 1])
        first = len(ends) - len(self._genes)  # the rows N_... come before
        if first < 0 or any(not body.startswith(b"N_", s) for s in starts[:first].tolist()):
            return None
        position = names.index(self._column)
        begins, stops = (ends[first:, position - 1] + 1).tolist(), ends[first:, position].tolist()
        ids = zip(starts[first:].tolist(), ends[first:, 0].tolist(), strict=True)
        if [body[a:b] for a, b in ids] != self._gene_bytes:
            return None
        try:
            return np.array([body[a:b] for a, b in zip(begins, stops, strict=True)]).astype(np.float64)
        except ValueError:
            return None

    def _parsed(self, content: bytes, where: str) -> tuple[list[str], list[str], np.ndarray]:
        import pandas as pd

        skipped = 0
        while content.startswith(b"#", skipped):
            skipped = content.find(b"\n", skipped) + 1 or len(content)
        if not is_star_counts(content[skipped : skipped + 4096].decode("utf-8", "replace").replace("\r", "")):
            raise BadInput("the file is no STAR count file of the GDC", where=where)
        try:
            table = pd.read_csv(
                io.BytesIO(content[skipped:]), sep="\t", usecols=["gene_id", "gene_name", self._column],
                dtype={"gene_id": str, "gene_name": str}, keep_default_na=False,
                na_values={self._column: ["", "NA"]}, float_precision="round_trip",
            )  # fmt: skip
            genes = table["gene_id"]
            table = table[~genes.str.startswith("N_")]
            values = table[self._column].to_numpy(np.float64)
        except (ValueError, pd.errors.ParserError, UnicodeDecodeError) as fault:
            raise BadInput("the STAR count file is malformed", where=f"{where} ({fault})") from None
        if not len(table):
            raise BadInput("the STAR count file holds no genes", where=where)
        return table["gene_id"].tolist(), table["gene_name"].tolist(), values

    def expression(self) -> RawExpression:
        """Genes × samples."""
        if not self._values:
            raise BadInput("there are no STAR count files")
        return RawExpression(np.column_stack(list(self._values.values())), self._genes, list(self._values))

    def features(self) -> pd.DataFrame:
        """Ensembl ids (with version) and symbols."""
        import pandas as pd

        return pd.DataFrame({"probe_id": self._genes, "gene_symbol": self._symbols, "entrez_id": ""}, dtype=object)

"""What has come is kept where a side file fails: the feature map then lists the rows without their genes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prognomics.errors import BadInput, SourceFailed, ToChoose, warn
from prognomics.sources.fetched import Fetched
from prognomics.sources.transport.download import NotInCache

if TYPE_CHECKING:
    import pandas as pd

    from prognomics.sources.raw import RawExpression


def row_features(row_ids: list[str], *, entrez: bool = False) -> pd.DataFrame:
    """A feature map that names no symbols; `entrez` for rows that are Entrez ids."""
    import pandas as pd

    blank = [""] * len(row_ids)
    return pd.DataFrame({"probe_id": row_ids, "gene_symbol": blank, "entrez_id": row_ids if entrez else blank},
                        dtype=object)  # fmt: skip


def keeping(fetched: Fetched) -> Fetched:
    """The parts of a cohort; a feature map that fails after the matrix or the sheet came costs neither of them.

    The matrix' rows then are in the map without genes, and the warning `genes-not-named` gives the reason. A map that
    is requested alone fails as it did, as does a copy that is missing offline.
    """
    came: list[str] = []

    def expression() -> RawExpression:
        found = fetched.expression()
        came.append("the matrix")
        return found

    def samples() -> pd.DataFrame:
        found = fetched.samples()
        came.append("the sample sheet")
        return found

    def features() -> pd.DataFrame:
        try:
            return fetched.features()
        except (NotInCache, ToChoose):
            raise
        except (SourceFailed, BadInput) as fault:
            if not came:
                raise
            try:
                rows = fetched.expression().row_ids
            except (SourceFailed, BadInput):
                raise fault from None
            # the name without an address: a record is the same from any mirror
            file = fault.where.partition(" ")[0].rstrip(":,").rpartition("/")[2]
            text = (f"{fault.what}{f' ({file})' if file else ''}: the feature map lists the rows without genes; "
                    f"{' and '.join(dict.fromkeys(came))} came whole")  # fmt: skip
            warn("genes-not-named", f"{text}; {fault.hint}" if fault.hint else text)
            return row_features(rows)

    return replace(fetched, expression=expression, samples=samples, features=features)

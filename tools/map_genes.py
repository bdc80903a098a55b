"""Bring the rows of a matrix, such as probes, to genes."""

from __future__ import annotations

import pandas as pd

from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.signature import aliases_of
from prognomics.errors import note


def map_genes(
    expression: ExpressionMatrix,
    features: pd.DataFrame | None,
    aliases: pd.DataFrame | None,
    collapse: str,
    composite: str,
) -> dict[str, object]:
    from prognomics.expression.genes import map_genes as mapped

    if features is None and expression.symbols is not None:
        features = pd.DataFrame({"probe_id": expression.gene_ids, "gene_symbol": expression.symbols}, dtype=object)
        note("features", "the matrix names the genes of its rows beside them: this is taken for its feature map")
    found = mapped(
        expression.values,
        expression.gene_ids,
        features,
        collapse=collapse,
        composite=composite,
        aliases=None if aliases is None else aliases_of(aliases),
    )
    count = found.report.set_index("metric")["value"]
    note(
        "genes",
        f"{count['rows_in']} rows became {count['genes_out']} genes; {count['genes_with_several_rows']} of them had "
        f"several rows ({collapse}), {count['composite_rows']} rows name several genes ({composite}); "
        f"{count['symbols_updated']} symbols were updated",
    )
    matrix = ExpressionMatrix(found.values, found.gene_ids, expression.sample_ids, "matrix of genes")
    return {"expression": matrix, "report": found.report, "lost": found.lost}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)

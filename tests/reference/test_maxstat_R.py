"""Searched cuts of many markers against R: maxstat.test of each, and coin::maxstat_test within strata."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.cutpoint import cut_statistics
from prognomics.cutpoint.cut_search import search_cut
from prognomics.cutpoint.logrank_scores import logrank_scores
from prognomics.data.matrix import ExpressionMatrix
from prognomics.screen import logrank_screen as logrank_module
from prognomics.screen.analysis import screen_analysis

HERE = Path(__file__).parent / "maxstat"
REFERENCE = pd.read_csv(HERE / "reference.tsv", sep="\t", keep_default_na=False, na_values=["NA"])
CALLS = sorted({(row.set, row.strata, row.f) for row in REFERENCE.itertuples()})

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")


def _data(name):
    samples = pd.read_csv(HERE / f"samples_{name}.tsv", sep="\t")
    genes = pd.read_csv(HERE / f"genes_{name}.tsv", sep="\t", index_col=0)
    return samples, ExpressionMatrix(genes.to_numpy(float), list(genes.index), list(genes.columns))


@pytest.mark.parametrize("path", ["compiled", "numpy"])
@pytest.mark.parametrize(("name", "strata", "fraction"), CALLS)
def test_screen(name, strata, fraction, path, monkeypatch):
    if path == "numpy":
        for module in (cut_statistics, logrank_module):
            monkeypatch.setattr(module, "compiled_loops", lambda: None)
    samples, matrix = _data(name)
    table = screen_analysis(samples, samples["time"].to_numpy(), samples["event"].to_numpy(), matrix, method="maxstat",
                            strata=[strata], min_fraction=fraction).table.set_index("gene_id")  # fmt: skip
    chosen = REFERENCE.query("set == @name and strata == @strata and f == @fraction").set_index("gene")
    found = table.loc[chosen.index]
    tested = chosen["m"].notna()
    assert (found["flag"][~tested] == "no_cut").all() and tested.sum() > 50
    found, chosen = found[tested], chosen[tested]
    np.testing.assert_allclose(found["statistic"], chosen["m"], rtol=1e-9)
    np.testing.assert_allclose(found["z"].abs(), chosen["m"], rtol=1e-9)
    np.testing.assert_array_equal(found["n_candidates"], chosen["candidates"])
    values = pd.DataFrame(matrix.values, matrix.gene_ids)
    for gene in chosen.index:
        x = values.loc[gene].to_numpy()
        assert max(x[x < found.loc[gene, "lowest_high"]]) == pytest.approx(chosen.loc[gene, "highest_low"], abs=1e-9)
        assert found.loc[gene, "n_high"] == (x >= found.loc[gene, "lowest_high"]).sum()
    if strata == "none":
        both = chosen[["lau92", "lau94"]].clip(0, 1)
        np.testing.assert_allclose(found["p_corrected"], both.min(axis=1), rtol=1e-8, atol=1e-12)
        named = np.where(both["lau92"] <= both["lau94"], "Lau92", "Lau94")
        clear = ~np.isclose(both["lau92"], both["lau94"])
        np.testing.assert_array_equal(found["correction"][clear], named[clear])
    np.testing.assert_array_equal(found["p_value"], found["p_corrected"])


@pytest.mark.parametrize(("name", "strata", "fraction"), CALLS)
def test_cutpoint_has_the_statistic_of_the_screen(name, strata, fraction):
    samples, matrix = _data(name)
    chosen = REFERENCE.query("set == @name and strata == @strata and f == @fraction").set_index("gene")
    for gene, expected in chosen[chosen["m"].notna()].iterrows():
        x = matrix.values[matrix.gene_ids.index(gene)]
        known = ~np.isnan(x)
        time, event, x = samples["time"][known], samples["event"][known], x[known]
        stratum = samples["cohort"][known] if strata == "cohort" else None
        search = search_cut(x, logrank_scores(time, event, stratum), fraction, stratum)
        assert search.statistic == pytest.approx(expected["m"], rel=1e-9)
        assert search.n_candidates == expected["candidates"]

"""RMA against affy in R: on tiny arrays with frozen numbers."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics import tools
from prognomics.errors import BadInput
from prognomics.expression.affymetrix.arrays import Arrays
from prognomics.expression.affymetrix.background import estimate_background
from prognomics.expression.affymetrix.cdf import read_cdf
from prognomics.expression.affymetrix.cel import read_cel, read_cel_header

FOLDER = Path(__file__).parent / "affymetrix"
CELS = ["mini_1.CEL", "mini_2.CEL", "mini_3.CEL.gz", "mini_4.CEL"]


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / name, sep="\t", index_col=0)


@pytest.mark.parametrize("cdf", ["mini.cdf", "mini.cdf.gz"])
def test_expression_equals_affy(repository, cdf):
    data = repository / "test-data"
    found = tools.rma(cel=[data / name for name in CELS], cdf=data / cdf).expression
    expected = table("rma_R.tsv").loc[found.gene_ids]
    assert found.sample_ids == list(expected.columns) and len(expected) == 18
    np.testing.assert_allclose(found.values, expected, rtol=0, atol=1e-12)


def test_background_equals_affy(repository):
    data = repository / "test-data"
    cells = read_cdf(data / "mini.cdf").cells
    for name, expected in zip(CELS, table("background_R.tsv").itertuples(), strict=True):
        found = estimate_background(np.sort(read_cel(data / name).intensity[cells].astype(float)))
        np.testing.assert_allclose(
            [1 / found.signal_mean, found.mean, found.sd], [expected.alpha, expected.mu, expected.sigma], rtol=1e-12
        )


def test_backgrounds_of_many_distributions_equal_affy():
    """Narrow, broad, long-tailed, flat, two-peaked and whole-number intensities."""
    samples = pd.read_csv(FOLDER / "shapes_input.tsv", sep="\t")
    for name, expected in table("shapes_R.tsv").iterrows():
        found = estimate_background(np.sort(samples[name].to_numpy(float)))
        np.testing.assert_allclose([1 / found.signal_mean, found.mean, found.sd], expected, rtol=1e-11)


def test_text_and_binary_arrays_agree_in_their_cells(repository):
    """The same chip in every format: the cells that R reads as perfect matches are ours."""
    data = repository / "test-data"
    layouts = [read_cdf(data / name) for name in ("mini.cdf", "mini.cdf.gz")]
    assert layouts[0].probeset_ids == layouts[1].probeset_ids == sorted(layouts[0].probeset_ids)
    assert (layouts[0].cells == layouts[1].cells).all() and layouts[0].n_probes.sum() == 174
    arrays = Arrays([data / name for name in CELS], list("abcd"), layouts[0], "mini.cdf")
    assert [h.format for h in arrays.headers] == ["text", "xda", "command console", "command console"]
    assert {h.chip for h in arrays.headers} == {"Mini"}


def test_a_real_chip_equals_affy(shared_data, tmp_path):
    """Arrays made in the layout of Hu6800; every 100th probeset was kept of affy's result."""
    sys.path.insert(0, str(FOLDER))
    from hu6800 import make_arrays

    cdf = shared_data / "cel" / "Hu6800.CDF.gz"
    found = tools.rma(cel=make_arrays(cdf, tmp_path), cdf=cdf)
    expected = table("hu6800_R.tsv")
    assert len(found.expression.gene_ids) == 7129 and found.expression.gene_ids[::100] == list(expected.index)
    np.testing.assert_allclose(found.expression.values[::100], expected, rtol=0, atol=1e-10)
    assert [w.code for w in found.warnings] == ["chip"], "no array stands out, and the chip's name fits the file's"


def test_specimens_of_real_cel_files(shared_data):
    """Their headers are read; their cells are not those of an array: one lists cells twice, one lacks its lengths."""
    headers = [read_cel_header(shared_data / "cel" / f"affy_v{version}_example.CEL") for version in (3, 4)]
    assert [(h.columns, h.rows, h.chip) for h in headers] == [(5, 5, "Tgondii_SNP1"), (5, 5, "HuEx-1_0-st-v2")]
    with pytest.raises(BadInput, match="more cells than the array has"):
        read_cel(shared_data / "cel" / "affy_v3_example.CEL")
    with pytest.raises(BadInput, match="damaged"):
        read_cel(shared_data / "cel" / "affy_v4_example.CEL")

"""Files of one sample each: one matrix of all, with the samples named by the files."""

import numpy as np
import pytest

from prognomics.errors import AnalysisNote, BadInput
from prognomics.io.matrix_text import read_number_table
from prognomics.sources.local_forms import fetch_local
from prognomics.sources.sample_files import form_of

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisNote")
GENES = ["ENSG00000082898.18", "ENSG00000141510.18", "ENSG00000136997.22"]


def rows(form, shift):
    """Counts 10, 20, 30 + shift and TPM 1, 2, 3 + shift."""
    numbers = [(name, 10 * (i + 1) + shift, i + 1 + shift) for i, name in enumerate(GENES)]
    if form == "rsem":
        head = "gene_id\ttranscript_id(s)\tlength\teffective_length\texpected_count\tTPM\tFPKM"
        return [head, *(f"{g}\tt1,t2\t900\t800.5\t{c}.00\t{t}\t{t}" for g, c, t in numbers)]
    if form == "salmon":
        return ["Name\tLength\tEffectiveLength\tTPM\tNumReads", *(f"{g}\t900\t800.5\t{t}\t{c}" for g, c, t in numbers)]
    if form == "kallisto":
        return ["target_id\tlength\teff_length\test_counts\ttpm", *(f"{g}\t900\t80.5\t{c}\t{t}" for g, c, t in numbers)]
    if form == "star":
        tallies = [f"N_{kind}\t5\t5\t5" for kind in ("unmapped", "multimapping", "noFeature", "ambiguous")]
        return [*tallies, *(f"{g}\t{c}\t0\t{c}" for g, c, _ in numbers)]
    return [*(f"{g}\t{c}" for g, c, _ in numbers), "__no_feature\t99", "__ambiguous\t3"]


NAMES = {"rsem": "{}.genes.results", "salmon": "{}/quant.sf", "kallisto": "{}/abundance.tsv",
         "star": "{}ReadsPerGene.out.tab", "htseq": "{}.counts.txt"}  # fmt: skip


def write(folder, form, names=("S1", "S2")):
    paths = []
    for shift, sample in enumerate(names):
        path = folder / NAMES[form].format(sample)
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(rows(form, shift)) + "\n")
        paths.append(str(path))
    return paths


@pytest.mark.parametrize("form", NAMES)
def test_every_form_gives_the_same_counts(form, tmp_path):
    paths = write(tmp_path, form)
    assert form_of(tmp_path / NAMES[form].format("S1")) == form
    sheet = tmp_path / "clinical.csv"
    sheet.write_text("sample,age\nS1,50\nS2,60\n")
    got = fetch_local([*paths, str(sheet)], accession=None, platform=None, dataset=None, quantity=None)
    matrix = got.expression()
    assert matrix.sample_ids == ["S1", "S2"] and matrix.row_ids == GENES
    np.testing.assert_array_equal(matrix.values, [[10, 11], [20, 21], [30, 31]])
    assert got.samples()["age"].tolist() == ["50", "60"]


@pytest.mark.parametrize("form", ["rsem", "salmon", "kallisto"])
def test_other_quantities(form, tmp_path):
    got = fetch_local(write(tmp_path, form), accession=None, platform=None, dataset=None, quantity="tpm")
    np.testing.assert_array_equal(got.expression().values, [[1, 2], [2, 3], [3, 4]])


def test_what_does_not_go_together_is_refused(tmp_path):
    def fetch(paths, quantity=None):
        return fetch_local(paths, accession=None, platform=None, dataset=None, quantity=quantity).expression()

    star, rsem = write(tmp_path, "star"), write(tmp_path, "rsem")
    with pytest.raises(BadInput, match="several forms"):
        fetch([star[0], rsem[0]])
    with pytest.raises(BadInput, match="(?s)no tpm.*--quantity: counts"):
        fetch(star, "tpm")
    (tmp_path / "a").mkdir()
    twice = write(tmp_path / "a", "star", ["S1"])
    with pytest.raises(BadInput, match="two files belong to one sample"):
        fetch([star[0], *twice])


@pytest.mark.parametrize("form", ["htseq", "star"])
def test_one_of_them_is_no_matrix(form, tmp_path):
    with pytest.raises(BadInput, match="(?s)no header.*fetch_cohort"):
        read_number_table(write(tmp_path, form)[0])


def test_tallies_are_noted(tmp_path):
    got = fetch_local(write(tmp_path, "htseq"), accession=None, platform=None, dataset=None, quantity=None)
    with pytest.warns(AnalysisNote, match="__no_feature"):
        got.expression()

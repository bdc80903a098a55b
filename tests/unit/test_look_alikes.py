"""Invisible and look-alike characters in names are named with code point; names in one script are taken as they are."""

import warnings

import numpy as np
import pytest

from prognomics.data.mapping import load_mapping
from prognomics.data.matrix import checked, read_matrix
from prognomics.data.sample_joins import propose_change
from prognomics.data.sheet import read_sheet
from prognomics.data.signature import read_signature
from prognomics.errors import AnalysisWarning, BadInput
from prognomics.io.h5ad import write_h5ad
from prognomics.io.look_alikes import described, odd_characters, skeleton, warn_about_look_alikes


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("S1\u200b", "U+200B"), ("S\u200d1", "U+200D"), ("\u202eS1", "U+202E"), ("\u2066S1\u2069", "U+2066"),
        ("S\u00a01", "U+00A0"), ("S\u20091", "U+2009"), ("S\u00ad1", "U+00AD"), ("\ufeffS1", "U+FEFF"),
        ("Т1N0", "U+0422"), ("ТР53X", "U+0422"), ("sаmple", "U+0430"), ("XPΟ1", "U+039F"), ("S\uff11A", "U+FF11"),
        ("пациентA", "U+043F"), ("S\u0085", "U+0085"), ("S\u3164", "U+3164"),
    ],
)  # fmt: skip
def test_an_odd_character_is_named(name, code):
    found = odd_characters(name)
    assert [c for c in found if described(c).startswith(code)]
    with pytest.warns(AnalysisWarning, match="U\\+") as caught:
        warn_about_look_alikes(["S9", name], "sample ids", "f.tsv")
    assert code in str(caught[0].message)


@pytest.mark.parametrize(
    "names",
    [
        ["患者一", "患者二"], ["Пациент-1", "Пациент-2"], ["А1", "В2", "С3"], ["ασθενής1", "ασθενής2"], ["مریض‌ها"],
        ["Müller_1", "Größe"], ["IFNα", "TGFβ1", "NFκB", "IL1β"], ["CD3ε", "HIF1α"], ["P1-Пациент"], ["50–60", "60–70"],
        ["S1", "患者-2"], ["bmi (kg/m²)", "5 µm"], ["환자1"], ["ผู้ป่วย1"],
    ],
)  # fmt: skip
def test_names_in_their_own_script_are_taken(names):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_about_look_alikes(names, "sample ids", "f.tsv")
    assert all(name == name.strip() for name in names)


@pytest.mark.parametrize("other", ["S\u200b1", "Ѕ1", "S1\u2060", "\uff331"])
def test_names_that_look_the_same_are_named_together(other):
    assert skeleton(other) == "S1"
    with pytest.warns(AnalysisWarning, match="look the same"):
        warn_about_look_alikes(["S1", other], "sample ids", "f.tsv")


def test_a_word_of_look_alikes_among_latin_names():
    with pytest.warns(AnalysisWarning, match="U\\+0410 CYRILLIC CAPITAL LETTER A"):
        warn_about_look_alikes(["А1", "A2", "A3"], "sample ids", "f.tsv")


@pytest.mark.parametrize("place", ["sample_id", "patient_id", "name of a column", "level"])
def test_a_sheet_names_them_wherever_they_are(tmp_path, place):
    cells = {"sample_id": "S1", "patient_id": "P1", "name of a column": "grade", "level": "high"}
    cells[place] += "\u200b"
    text = "sample_id\tpatient_id\t%s\n%s\t%s\t%s\n" % (
        cells["name of a column"], cells["sample_id"], cells["patient_id"], cells["level"])  # fmt: skip
    (tmp_path / "s.tsv").write_text(text, encoding="utf-8")
    with pytest.warns(AnalysisWarning, match="U\\+200B ZERO WIDTH SPACE"):
        read_sheet(tmp_path / "s.tsv")


@pytest.mark.parametrize("ending", ["tsv", "h5ad"])
@pytest.mark.parametrize(("gene", "sample"), [("ХРО1", "S1"), ("XPO1", "S1\u200b")])
def test_a_matrix_names_them(tmp_path, ending, gene, sample):
    path = tmp_path / f"m.{ending}"
    if ending == "h5ad":
        write_h5ad(path, np.ones((2, 2)), ["TP53", gene], ["S0", sample])
    else:
        path.write_text(f"gene_id\tS0\t{sample}\nTP53\t1\t1\n{gene}\t1\t1\n", encoding="utf-8")
    with pytest.warns(AnalysisWarning, match="U\\+(0425|200B)"):
        read_matrix(path)


def test_a_signature_and_a_mapping_name_them(tmp_path):
    (tmp_path / "s.gmt").write_text("one\tx\tTP53\tХРО1\n", encoding="utf-8")
    with pytest.warns(AnalysisWarning, match="U\\+0425"):
        read_signature(tmp_path / "s.gmt")
    with pytest.warns(AnalysisWarning, match="U\\+0440"):
        load_mapping("sample_id: s\ntissue_type: {column: t, values: {рrimary: primary}}\n")


@pytest.mark.parametrize("name", ["a\tb", "a\nb", "a\x07"])
def test_control_characters_in_names_of_a_matrix_are_refused(name):
    with pytest.raises(BadInput, match="U\\+00"):
        checked(np.ones((1, 2)), ["G"], ["S", name], "m")
    with pytest.raises(BadInput, match="U\\+00"):
        checked(np.ones((2, 1)), ["G", name], ["S"], "m")


def test_ids_of_two_files_that_look_the_same_are_explained():
    proposed = propose_change(["А1", "В2", "C3"], ["A1", "B2", "C4"])
    assert "2 of 3 match if characters that look the same are taken as equal" in proposed
    assert "U+0410 CYRILLIC CAPITAL LETTER A" in proposed
    assert "look the same" not in propose_change(["S-1", "S-2"], ["S.1", "S.2"])

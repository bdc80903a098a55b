"""Joins by sample id: what matched, what did not, and which change of the ids would help."""

import pandas as pd
import pytest

from prognomics.data.gather import gather
from prognomics.data.matrix import checked
from prognomics.data.sample_joins import Join, common_barcodes, propose_change
from prognomics.data.sheet import as_sheet
from prognomics.errors import AnalysisNote, BadInput

N = 12
IDS = [f"S-{i:02d}" for i in range(1, N + 1)]


def test_counts_and_the_smaller_side():
    join = Join.of("a", ["x", "y", "z"], "b", ["y", "z", "u", "v", "w"])
    assert (join.matched, join.only_left, join.only_right) == (("y", "z"), ("x",), ("u", "v", "w"))
    assert join.fraction == 2 / 3
    assert join.counts == {"left": "a", "right": "b", "matched": 2, "only_left": 1, "only_right": 3}
    assert str(join) == "2 samples are in both a and b; 1 only in a (x); 3 only in b (u, v, w)"
    join.require(0.5, where="f")
    with pytest.raises(BadInput, match="only 2 of the 3 samples of a are in both"):
        join.require(0.9, where="f")


CHANGES = {
    "case": (str.lower, "upper and lower case"),
    "a separator": (lambda name: name.replace("-", "."), "'-' becomes '.'|'.' becomes '-'"),
    "a blank": (lambda name: name.replace("-", " "), "'-' becomes ' '|blanks"),
    "R's X": (lambda name: "X" + name[2:], None),
    "an ending": (lambda name: f"{name}.CEL.gz", "endings of file names"),
    "a path": (lambda name: f"/data/run1/{name}.sorted.bam", "endings of file names"),
    "no zeros": (lambda name: f"Sample{int(name[2:])}", "between the first letter and the number"),
    "numbers alone": (lambda name: str(int(name[2:])), "leading letters and zeros"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_proposed(change):
    make, says = CHANGES[change]
    found = propose_change(IDS, [make(name) for name in IDS])
    if change == "R's X":
        found = propose_change([name[2:] for name in IDS], [make(name) for name in IDS])
        says = "X that R puts"
    assert found.startswith(f"{N} of {N} match if ") and any(part in found for part in says.split("|"))


def test_an_accession_behind_the_name():
    names = [name.replace("-", "") for name in IDS]
    found = propose_change(names, [f"{name}_GSM{name[1:]}9" for name in names])
    assert "the part before the first separator" in found


def test_no_change_is_proposed_where_none_helps():
    assert propose_change(IDS, [f"T{i}" for i in range(100, 112)]) == ""
    assert propose_change(IDS, [f"T{i}" for i in range(1, 13)]) == ""  # another cohort, numbered from 1 too
    assert propose_change(["A-1", "A_1"], ["A.1", "B.1"]) == ""  # two ids would become one


BARCODES = ["TCGA-KK-1000-01A-11R-A123-07", "TCGA-KK-1001-01A-11R-A123-07", "TCGA-KK-1001-11B-11R-A123-07"]


@pytest.mark.parametrize("length", [28, 16, 15, 12])
@pytest.mark.parametrize("separator", ["-", "."])
def test_barcodes_of_every_length_match(length, separator):
    others = list(dict.fromkeys(name[:length].replace("-", separator) for name in BARCODES))
    cut = common_barcodes(BARCODES, others)
    assert {cut(name) for name in BARCODES} == {cut(name) for name in others}
    assert len({cut(name) for name in BARCODES}) == (2 if length == 12 else 3)
    assert common_barcodes(BARCODES, ["P1", "P2"]) is None


def sheet(cohort, ids):
    return as_sheet(pd.DataFrame({"sample_id": ids, "cohort": cohort}))


def matrix(ids):
    import numpy as np

    return checked(np.arange(2.0 * len(ids)).reshape(2, -1), ["A", "B"], ids, f"matrix of {ids[0]}")


def test_an_input_that_contributes_nothing_is_refused():
    with pytest.raises(BadInput, match="matrix of c1 matches no sample of the sample sheets"):
        gather([matrix(["a1", "a2"]), matrix(["c1", "c2"])], [sheet("A", ["a1", "a2"])])
    with pytest.raises(BadInput, match="matches no sample of the matrices"):
        gather([matrix(["a1", "a2"])], [sheet("A", ["a1", "a2"]), sheet("C", ["c1", "c2"])])


def test_an_annotation_of_a_part_is_said():
    table = pd.DataFrame({"sample_id": ["a1", "zz"], "class": ["x", "y"]})
    with pytest.warns(AnalysisNote, match="1 samples are in both .* 1 only in the annotation .zz.; 1 only in"):
        joined = sheet("A", ["a1", "a2"]).annotate(table, "classes.tsv")
    assert joined.labels("class").tolist() == ["x", None]


@pytest.mark.parametrize(("left", "right", "change"), [
    (["1-90", "2-3"], ["1-90_RNA-2020", "2-3_RNA-21"], "what follows the first '_' is removed"),
    (["P.1-90", "P.2-3"], ["run_7:P.1-90", "run_9:P.2-3"], "what is before the first ':' is removed"),
    (["S-1", "S-2"], ["S-1/a_b", "S-2/c_d"], "what follows the first '/' is removed"),
    (["S_1", "S_2"], ["x:S_1", "y:S_2"], "what is before the first ':' is removed"),
    (["7", "8"], ["7_a", "8_b"], "only the part before the first separator is kept"),
])  # fmt: skip
def test_ids_with_several_kinds_of_separators(left, right, change):
    assert propose_change(left, right).startswith(f"2 of 2 match if {change};")
    assert propose_change(right, left).startswith(f"2 of 2 match if {change};")


@pytest.mark.parametrize(("left", "right"), [([], []), ([], ["B", "C"]), (["A"], [])])
def test_nothing_is_proposed_where_a_side_has_no_further_ids(left, right):
    assert propose_change(left, right) == ""
    matched = ["S1", "S2"]
    assert Join.of("the sheet", [*matched, *left], "the matrix", [*matched, *right]).nearly() == ""

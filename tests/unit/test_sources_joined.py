"""Tables of one source that name the same samples differently, and what the run record counts of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.data.gather import gather
from prognomics.data.matrix import ExpressionMatrix
from prognomics.data.sheet import as_sheet
from prognomics.errors import BadInput
from prognomics.runtime.call import run_to_files
from prognomics.sources.xena import join_tables
from prognomics.spec.loader import load_tool

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")
IDS = [f"TCGA-{10 + i}-A{100 + i}-01A" for i in range(12)]


def lines(path: Path, *rows: list[object]) -> Path:
    path.write_text("".join("\t".join(map(str, row)) + "\n" for row in rows))
    return path


def joins_of(given: dict[str, object], output: str, folder: Path) -> list[dict[str, object]]:
    run_to_files(load_tool("fetch_cohort"), given, {output: folder / "o.tsv", "record": folder / "r.json"})
    joins: list[dict[str, object]] = json.loads((folder / "r.json").read_text())["joins"]
    return joins


@pytest.mark.parametrize("way", ["dots", "patients", "same"])
def test_a_survival_table_of_another_spelling(way: str, tmp_path: Path) -> None:
    """Dots in place of hyphens gave every patient two rows: one without survival, one without phenotypes."""
    names = {"dots": [i.replace("-", ".") for i in IDS], "patients": [i[:12] for i in IDS], "same": IDS}[way]
    first = lines(tmp_path / "p.tsv", ["sample", "age"], *([name, 50 + i] for i, name in enumerate(IDS[:11])))
    second = lines(tmp_path / "s.tsv", ["sample", "OS.time"], *([name, 100 + i] for i, name in enumerate(names)))
    sheet, notes = join_tables([first, second])
    rows = sheet.set_index("sample_id")
    assert len(sheet) == 12
    assert rows["OS.time"][IDS[:11]].tolist() == [str(100 + i) for i in range(11)]
    assert rows["age"][IDS[0]] == "50" and rows["patient_id"][IDS[0]] == IDS[0][:12]
    assert any("11 samples are in both p.tsv and s.tsv; 1 only in s.tsv" in str(n) for n in notes)


def test_a_survival_table_of_other_samples(tmp_path: Path) -> None:
    first = lines(tmp_path / "p.tsv", ["sample", "age"], *([name, 50] for name in IDS))
    second = lines(tmp_path / "s.tsv", ["sample", "OS.time"], *([f"X{i}", 100] for i in range(12)))
    with pytest.raises(BadInput, match="p.tsv matches no sample of s.tsv"):
        join_tables([first, second])


def test_phenotypes_survival_and_matrix(tmp_path: Path) -> None:
    first = lines(tmp_path / "p.tsv", ["sample", "age", "sex"], *([name, 50, "f"] for name in IDS))
    second = lines(tmp_path / "a_survival.tsv", ["sample", "OS.time", "OS"], *([name, 100, 1] for name in IDS[1:]))
    dotted = [name.replace("-", ".") for name in IDS[:5]]
    matrix = lines(tmp_path / "m.tsv", ["gene", *dotted], *([f"G{i}", 1.5, 2, 3, 4.5, i] for i in range(8)))
    found = joins_of({"source": "local", "local_path": [str(first), str(second), str(matrix)]}, "samples", tmp_path)
    assert [(j["matched"], j["only_left"], j["only_right"]) for j in found] == [(11, 1, 0), (5, 7, 0)]
    assert pd.read_csv(tmp_path / "o.tsv", sep="\t")["sample_id"].tolist()[:5] == dotted


def series(path: Path, samples: list[str], measured: list[str]) -> Path:
    quoted = "\t".join(f'"{s}"' for s in samples)
    rows = [f"!Sample_title\t{quoted}", f"!Sample_geo_accession\t{quoted}", "!series_matrix_table_begin",
            "\t".join(['"ID_REF"', *(f'"{s}"' for s in measured)]),
            *("\t".join([f'"p{i}"', *("1.5" for _ in measured)]) for i in range(3)),
            "!series_matrix_table_end"]  # fmt: skip
    path.write_text('!Series_geo_accession\t"GSE1"\n' + "\n".join(rows) + "\n")
    return path


def test_a_series_whose_table_lacks_samples(tmp_path: Path) -> None:
    path = series(tmp_path / "GSE1_series_matrix.txt", ["GSM1", "GSM2", "GSM3"], ["GSM3", "GSM1"])
    (join,) = joins_of({"source": "local", "local_path": [str(path)]}, "samples", tmp_path)
    assert join == {"option": "local_path", "left": "the table of values", "right": "the !Sample_ lines", "matched": 2,
                    "only_left": 0, "only_right": 1}  # fmt: skip


def test_a_download_of_the_gdc(tmp_path: Path) -> None:
    header = "gene_id\tgene_name\tgene_type\tunstranded\ttpm_unstranded\n"
    for name in "ab":
        (tmp_path / f"{name}.tsv").write_text(f"{header}N_unmapped\t\t\t5\t\nENSG1.1\tXPO1\tpc\t3\t1\n")
    rows = [["a.tsv", "C1", "C1-01A", "Primary Tumor"], ["c.tsv", "C2", "C2-01A", "Primary Tumor"]]
    sheet = lines(tmp_path / "sheet.tsv", ["File Name", "Case ID", "Sample ID", "Sample Type"], *rows)
    clinical = lines(tmp_path / "clinical.tsv", ["case_submitter_id", "vital_status"], ["C1", "Dead"], ["C9", "Alive"])
    given = {
        "source": "local",
        "local_path": [str(tmp_path / f) for f in ("a.tsv", "b.tsv")] + [str(sheet), str(clinical)],
    }
    found = joins_of(given, "expression", tmp_path)
    assert [(j["left"], j["matched"], j["only_left"], j["only_right"]) for j in found] == [
        ("the sample sheet", 1, 1, 1), ("the count files", 1, 0, 1)]  # fmt: skip


def test_a_sample_of_two_matrices_that_the_sheets_leave_out() -> None:
    def matrix(names: list[str]) -> ExpressionMatrix:
        return ExpressionMatrix(np.ones((2, len(names))), ["XPO1", "TP53"], names, "m.tsv")

    matrices = [matrix(["a1", "a2", "pool"]), matrix(["b1", "pool", "b2"])]
    frame = pd.DataFrame({"sample_id": ["a1", "a2", "b1", "b2"], "cohort": ["a", "a", "b", "b"]})
    parts, sheet = gather(matrices, [as_sheet(frame)])
    assert [p.matrix.sample_ids for p in parts] == [["a1", "a2"], ["b1", "b2"]]
    listed = pd.concat([frame, pd.DataFrame({"sample_id": ["pool"], "cohort": ["a"]})])
    with pytest.raises(BadInput, match="samples are in two matrices"):
        gather(matrices, [as_sheet(listed)])

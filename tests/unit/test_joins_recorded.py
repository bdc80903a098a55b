"""What joins lost: in the message, in the run record and in the report."""

import json

import pandas as pd
import pytest

from prognomics.data.sheet import as_sheet
from prognomics.errors import AnalysisWarning
from prognomics.report.page import build_report
from prognomics.runtime.call import run_to_files
from prognomics.sources.cbioportal import read_study
from prognomics.spec.loader import load_tool


def lines(path, *rows):
    path.write_text("".join("\t".join(map(str, row)) + "\n" for row in rows))
    return path


def record_of(tool, tmp_path, given, output):
    run_to_files(load_tool(tool), given, {output: tmp_path / f"{output}.tsv", "record": tmp_path / "r.json"})
    return json.loads((tmp_path / "r.json").read_text())


@pytest.mark.parametrize("kind", ["samples", "patients"])
def test_joins_of_fetched_files(kind, tmp_path):
    ids = [f"TCGA-KK-{1000 + i}" + ("-01A" if kind == "patients" else "") for i in range(4)]
    listed = [f"TCGA-KK-{1000 + i}" for i in (0, 1, 2, 8, 9)]
    matrix = lines(tmp_path / "m.tsv", ["gene_id", *ids], ["XPO1", 1, 2, 3, 4], ["TP53", 4, 6, 5, 2])
    sheet = lines(tmp_path / "s.tsv", ["patient", "age"], *([name, 50] for name in listed))
    given = {"source": "local", "local_path": [str(matrix), str(sheet)]}
    record = record_of("fetch_cohort", tmp_path, given, "samples")
    (join,) = record["joins"]
    assert join == {"option": "local_path", "left": "the sample sheet", "right": "the matrix", "matched": 3,
                    "only_left": 2, "only_right": 1}  # fmt: skip
    page = build_report(None, [record], [], [])
    assert "How many ids of two tables matched" in page and "the sample sheet; the matrix" in page


def test_joins_of_annotations(tmp_path):
    rows = [[f"S{i}", 5 + i, i % 2] for i in range(12)]
    sheet = lines(tmp_path / "s.tsv", ["sample_id", "os_time", "os_event"], *rows)
    groups = lines(tmp_path / "g.tsv", ["sample_id", "g"], *([f"S{i}", "ab"[i % 2]] for i in range(2, 16)))
    given = {"samples": str(sheet), "annotation": [str(groups)], "group_column": "g", "endpoint": "os"}
    record = record_of("kaplan_meier", tmp_path, given, "summary")
    (join,) = record["joins"]
    assert (join["option"], join["matched"], join["only_left"], join["only_right"]) == ("annotation", 10, 4, 2)


@pytest.mark.parametrize("joins", [5, [5, None], None, {"left": "x"}, [{"left": "<script>alert()", "matched": "many"}]])
def test_a_page_of_a_strange_record_is_made(joins):
    record = {"record": 1, "tool": "cox", "joins": joins, "inputs": [], "outputs": [], "warnings": [], "notes": []}
    assert "<script>alert" not in build_report(None, [record], [], [])


def test_ids_that_a_change_would_match_are_warned_of(tmp_path):
    ids = [f"S{i}" for i in range(12)]
    matrix = lines(tmp_path / "m.tsv", ["gene_id", *ids], ["XPO1", *range(12)], ["TP53", *range(12, 0, -1)])
    listed = [name.lower() if i < 4 else name for i, name in enumerate(ids)]
    sheet = lines(tmp_path / "s.tsv", ["sample_id", "os_time", "os_event"], *([n, 5, 1] for n in listed))
    given = {"source": "local", "local_path": [str(matrix), str(sheet)]}
    said = {w["code"]: w["text"] for w in record_of("fetch_cohort", tmp_path, given, "samples")["warnings"]}
    assert "4 of 4 match if letters of upper and lower case are taken as equal" in said["samples-matched"]
    given = {"samples": str(sheet), "expression": str(matrix), "gene": "XPO1", "method": "median"}
    said = {w["code"]: w["text"] for w in record_of("cutpoint", tmp_path, given, "groups")["warnings"]}
    assert "8 samples are in both" in said["samples-matched"] and "4 of 4 match if letters" in said["samples-matched"]


def test_patients_of_whom_some_are_named_as_samples(tmp_path):
    patients = [f"P{i}" for i in range(6)]
    (tmp_path / "meta_study.txt").write_text("cancer_study_identifier: x\nname: x\n")
    head = "#a\tb\n#a\tb\n#STRING\tSTRING\n#1\t1\n"
    samples = "".join(f"{name}\t{name}-01\n" for name in patients)
    (tmp_path / "data_clinical_sample.txt").write_text(f"{head}PATIENT_ID\tSAMPLE_ID\n{samples}")
    rows = "".join(f"{name}{'-01' if i % 2 else ''}\t50\n" for i, name in enumerate(patients))
    (tmp_path / "data_clinical_patient.txt").write_text(f"{head}PATIENT_ID\tAGE\n{rows}")
    with pytest.warns(AnalysisWarning, match="3 only in PATIENT_ID of the samples.*3 of 3 match if"):
        assert len(read_study(tmp_path).samples) == 6


def test_merged_cohorts_with_ids_of_another_spelling(tmp_path):
    given = {"samples": [], "expression": [], "method": "none"}
    for cohort in "ab":
        ids = [f"{cohort.upper()}{i}" for i in range(10)]
        listed = [name.lower() if i < 4 and cohort == "a" else name for i, name in enumerate(ids)]
        rows = [[name, cohort, "primary"] for name in listed]
        given["samples"].append(str(lines(tmp_path / f"{cohort}.s.tsv", ["sample_id", "cohort", "tissue_type"], *rows)))
        rows = [["XPO1", *range(10)], ["TP53", *range(10, 0, -1)]]
        given["expression"].append(str(lines(tmp_path / f"{cohort}.m.tsv", ["gene_id", *ids], *rows)))
    said = {w["code"]: w["text"] for w in record_of("merge_cohorts", tmp_path, given, "samples")["warnings"]}
    assert "4 of 4 match if letters of upper and lower case" in said["samples-without-expression"]


def test_the_unit_of_a_column_is_named_in_the_advice():
    times = pd.DataFrame({"sample_id": [f"s{i}" for i in range(12)], "os_weeks": range(20, 32), "e": [0, 1] * 6})
    with pytest.warns(AnalysisWarning, match=r"is named as weeks\. Times are converted.*\(unit: weeks\)"):
        as_sheet(times).endpoint(time_column="os_weeks", event_column="e")

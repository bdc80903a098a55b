"""What joins lost: in the message, in the run record and in the report."""

import json

import pytest

from prognomics.report.page import build_report
from prognomics.runtime.call import run_to_files
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

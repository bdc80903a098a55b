"""The report's other forms: workbook, RO-Crate, PDF."""

import io
import json
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from test_report import STUDY, example, sha

from prognomics.data.store import ResultTable, RunRecord, StudyText
from prognomics.errors import UsageError
from prognomics.report.export.crate import crate
from prognomics.report.export.pdf import pdf_of
from prognomics.report.export.workbook import sheet_name, workbook
from prognomics.runtime.call import run_to_files
from prognomics.spec.loader import load_tool

HOSTILE = ('=cmd|" /C calc"!A0', "+1+1", "-2+3", "@SUM(A1)", "http://example.org/x", "\tx", "<b>bold</b>")
DAY = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def loose(**columns):
    return ResultTable(sha("loose"), "=loose.tsv", pd.DataFrame(columns))


def crate_of(*given, day=DAY):
    archive = zipfile.ZipFile(io.BytesIO(crate(*given, "<!doctype html>", day)))
    return archive, json.loads(archive.read("ro-crate-metadata.json"))


def test_hostile_cells_are_text_in_the_workbook():
    openpyxl = pytest.importorskip("openpyxl")
    table = loose(**{"=head": list(HOSTILE), "value": [1.5, float("inf"), float("nan"), 0, -1, 2, 3]})
    book = openpyxl.load_workbook(io.BytesIO(workbook(None, [], [table], [])))
    sheet = book[book.sheetnames[-1]]
    assert [sheet.cell(i, 1).value for i in range(2, 9)] == list(HOSTILE)
    assert {sheet.cell(i, 1).data_type for i in range(1, 9)} == {"s"}
    assert [sheet.cell(i, 2).value for i in range(2, 5)] == [1.5, "inf", None]
    assert not any(cell.hyperlink for row in sheet.iter_rows() for cell in row)


def test_the_workbook_holds_every_table_and_the_checklist():
    openpyxl = pytest.importorskip("openpyxl")
    records, tables, plots = example()
    data = workbook(STUDY, records, tables, plots)
    assert data == workbook(STUDY, records[::-1], tables[::-1], plots)
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames[:2] == ["Contents", "REMARK"] and len(book.sheetnames) == 2 + len({t.sha256 for t in tables})
    assert book["REMARK"].max_row == 21
    rows = list(book["Contents"].iter_rows(min_row=2, values_only=True))
    assert {row[4] for row in rows} == {t.sha256 for t in tables}
    links = [book["Contents"].cell(n, 1).hyperlink.location for n in range(2, len(rows) + 2)]
    assert links == [f"'{name}'!A1" for name in book.sheetnames[2:]] and len(set(links)) == len(links)
    assert any("os" in name and "XPO1" in name for name in book.sheetnames)
    sheet = next(book[name] for name in book.sheetnames if "cox table" in name)
    head = [cell.value for cell in sheet[1]]
    formats = {name: {row[head.index(name)].number_format for row in sheet.iter_rows(min_row=2)
                      if row[head.index(name)].value is not None} for name in ("hr", "p_value", "n")}  # fmt: skip
    assert formats == {"hr": {"0.00"}, "p_value": {'[<0.001]"<0.001";0.000'}, "n": {"General"}}


def test_sheet_names_that_any_spreadsheet_takes():
    assert sheet_name(3, "km_summary") == "3 km summary"
    assert sheet_name(3, "a/b:c[d]*'?") == "3 a b c d" and len(sheet_name(1, "x" * 90)) == 31


def test_a_crate_describes_each_step_and_file():
    records, tables, plots = example()
    archive, document = crate_of(STUDY, records, tables, plots)
    graph = {entity["@id"]: entity for entity in document["@graph"]}
    assert len(graph) == len(document["@graph"])
    parts = {part["@id"] for part in graph["./"]["hasPart"]}
    assert parts | {"ro-crate-metadata.json"} == set(archive.namelist())
    assert graph["./"]["datePublished"] == "2026-01-02"
    lists = [value for e in graph.values() for key, value in e.items() if isinstance(value, list) and key != "hasPart"]
    assert all(len(value) > 1 for value in lists)  # one thing is no list of one, as RO-Crate recommends
    steps = [e for i, e in graph.items() if i.startswith("#step-") and e["@type"] == "CreateAction"]
    assert len(steps) == len(records)
    pointed = [v["@id"] for e in graph.values() for value in e.values()
               for v in (value if isinstance(value, list) else [value]) if isinstance(v, dict)]  # fmt: skip
    assert set(pointed) <= {*graph, "https://w3id.org/ro/crate/1.1"}
    cox = next(e for e in steps if e["instrument"]["@id"] == "#tool-cox")
    values = {graph[o["@id"]].get("name"): graph[o["@id"]].get("value") for o in cox["object"]}
    assert values["ties"] == "efron" and json.loads(values["covariate"])[0] == "XPO1_group"
    unnamed = graph[f"#sha256-{sha('sheet')}"]  # an input that is not in the crate
    assert unnamed["@type"] == "CreativeWork" and unnamed["sha256"] == sha("sheet")


def test_a_crate_is_the_same_but_for_its_day():
    given = (STUDY, *example())
    assert crate(*given, "page", DAY) == crate(*given, "page", DAY) != crate(*given, "page", DAY.replace(day=3))


def test_a_crate_keeps_the_text_of_the_study_and_names_accessions():
    made = {"tool": "fetch_cohort", "parameters": {"accession": "GSE1", "source": "geo"}, "outputs": []}
    hostile = {**made, "parameters": {"accession": "../../x", "source": "geo"}}
    text = "# a comment\ntitle: T\n"
    archive, document = crate_of(StudyText({"title": "T"}, text), [made, hostile], [], [])
    assert archive.read("study.yml").decode() == text
    ids = [e["@id"] for e in document["@graph"]]
    assert "https://www.ncbi.nlm.nih.gov/geo/query/acc.cgi?acc=GSE1" in ids and not any("../" in i for i in ids)
    assert all(not name.startswith(("/", "..")) for name in archive.namelist())


def test_names_from_records_cannot_leave_the_crate():
    records, tables, plots = example()
    records[0]["tool"] = "../../etc/passwd"
    records[0]["outputs"][0]["artefact"] = "/../x"
    archive, document = crate_of(STUDY, records, tables, plots)
    assert all(".." not in name and not name.startswith("/") for name in archive.namelist())
    graph = {e["@id"] for e in document["@graph"]}
    assert {e["subjectOf"]["@id"] for e in document["@graph"] if "subjectOf" in e} <= graph


def test_without_weasyprint_the_message_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(UsageError, match="WeasyPrint") as fault:
        pdf_of("<p>x</p>")
    assert "prognomics[pdf]" in str(fault.value)


def test_without_weasyprint_everything_else_is_written(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    tool, data = load_tool("report"), Path(__file__).resolve().parents[2] / "test-data"
    given = {"record": [str(data / "cox.record.json")], "table": [str(data / "cox.table.tsv")]}
    outputs = {name: tmp_path / f"report.{name}" for name in ("pdf", "html", "xlsx", "record")}
    run = run_to_files(tool, given, outputs)
    assert [w.code for w in run.warned] == ["output-not-made"] and "WeasyPrint" in run.warned[0].text
    assert [name for name, path in outputs.items() if path.exists()] == ["html", "xlsx", "record"]
    with pytest.raises(UsageError, match="WeasyPrint"):
        run_to_files(tool, given, {"pdf": tmp_path / "alone.pdf", "record": tmp_path / "alone.json"})
    assert not list(tmp_path.glob("alone*"))


def test_a_pdf_fetches_nothing(tmp_path):
    pytest.importorskip("weasyprint", exc_type=(ImportError, OSError))
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>')
    plain = pdf_of("<p>x</p>")
    assert pdf_of("<p>x</p>") == plain and plain.startswith(b"%PDF")
    assert len(pdf_of(f'<p>x</p><img src="{secret.as_uri()}" alt="">')) < len(plain) + 200


def test_the_tools_of_ro_crate_read_it(tmp_path):
    rocrate = pytest.importorskip("rocrate.rocrate")
    archive, document = crate_of(STUDY, *example())
    archive.extractall(tmp_path)
    read = rocrate.ROCrate(tmp_path)
    assert read.mainEntity.id == "study.yml" and read.name == "A study"
    assert len({e.id for e in read.get_entities()}) == len(document["@graph"])


def test_a_crate_says_when_steps_ended_and_who_ran_them():
    records, tables, plots = example()
    study = {**STUDY, "authors": ["A. Author (https://orcid.org/0000-0002-1825-0097)", "B. Author"]}
    dated = [RunRecord(r, DAY.replace(hour=1)) for r in records[:1]] + records[1:]
    _, document = crate_of(study, dated, tables, plots)
    graph = {e["@id"]: e for e in document["@graph"]}
    assert graph["#run"]["endTime"] == "2026-01-02T03:04:05+00:00"
    ends = [e.get("endTime") for i, e in graph.items() if i.startswith("#step-") and e["@type"] == "CreateAction"]
    assert sorted(filter(None, ends)) == ["2026-01-02T01:04:05+00:00"]  # of the others nobody knows it
    people = [{"@id": "https://orcid.org/0000-0002-1825-0097"}, {"@id": "#author-2"}]
    assert graph["#run"]["agent"] == graph["./"]["author"] == people
    assert graph[people[0]["@id"]]["name"] == "A. Author"
    _, document = crate_of({"title": "T"}, *example())
    assert not any("agent" in e for e in document["@graph"])


def study_of(tmp_path, mapping):
    """A study file that names a mapping, and the record of the step that took the file."""
    (tmp_path / "study").mkdir(exist_ok=True)
    steps = [{"curate_samples": {"mapping": mapping}}, {"cutpoint": {"samples": "sheet.tsv"}}]
    content = {"title": "T", "cohorts": {"a": {"steps": steps}}}
    return StudyText(content, f"title: T\nmapping: {mapping}\n", tmp_path / "study")


def taken(*texts):
    inputs = [{"artefact": "mapping", "sha256": sha(text)} for text in texts]
    return [{"tool": "curate_samples", "parameters": {}, "inputs": inputs, "outputs": []}]


def test_the_files_that_a_study_names_are_in_its_crate(tmp_path):
    study = study_of(tmp_path, "mappings/a.yml")
    (tmp_path / "study" / "mappings").mkdir()
    (tmp_path / "study" / "mappings" / "a.yml").write_text("sample_id: id\n")
    (tmp_path / "study" / "sheet.tsv").write_text("sample_id\nS1\n")
    archive, document = crate_of(study, taken("sample_id: id\n", "sample_id\nS1\n"), [], [])
    assert archive.read("mappings/a.yml") == b"sample_id: id\n" and archive.read("study.yml").decode() == study.text
    assert "sheet.tsv" not in archive.namelist()
    assert "sheet.tsv: of the data folder" in archive.read("README.md").decode()
    graph = {e["@id"]: e for e in document["@graph"]}
    assert graph["mappings/a.yml"]["sha256"] == sha("sample_id: id\n")
    assert {"@id": "mappings/a.yml"} in graph["./"]["hasPart"]


@pytest.mark.parametrize("name", ["../secret.yml", "{folder}/secret.yml"])
def test_a_file_outside_is_taken_only_if_the_study_ran_on_it(tmp_path, name):
    (tmp_path / "secret.yml").write_text("secret\n")
    study = study_of(tmp_path, name.format(folder=tmp_path))
    archive, _ = crate_of(study, taken("another\n"), [], [])
    assert not any(b"secret\n" == archive.read(n) for n in archive.namelist())
    assert "not at hand as it was when the study ran" in archive.read("README.md").decode()
    archive, _ = crate_of(study, taken("secret\n"), [], [])
    place = next(n for n in archive.namelist() if n.startswith("files/"))
    assert archive.read(place) == b"secret\n" and f"mapping: {place}" in archive.read("study.yml").decode()
    assert all(".." not in n and not n.startswith("/") for n in archive.namelist())

"""Figures and tables of the report as files: what is in them, and that hostile text stays text."""

import io
import zipfile
from xml.etree import ElementTree

import pandas as pd
import pytest
import yaml
from report_example import km_curve, survival_sample
from test_report import HOSTILE, STUDY, example, sha

from prognomics.data.store import ResultTable
from prognomics.report.export.figures import figure_files, tables_document
from prognomics.report.page.citation import citations
from prognomics.report.page.curves import _total
from prognomics.report.page.parts import main_parts

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
CURVE = km_curve({"low": survival_sample(60, 1), "high": survival_sample(64, 2, hazard=0.02)})


def given(study=STUDY):
    records, tables, plots = example()
    for made in (r for r in records if r["tool"] == "kaplan_meier"):
        made["outputs"].append({"artefact": "km_curve", "sha256": sha("curve")})
    return study, records, [*tables, ResultTable(sha("curve"), "curve.tsv", CURVE)], plots


@pytest.fixture(scope="module")
def files():
    archive = zipfile.ZipFile(io.BytesIO(figure_files(*given())))
    return {name: archive.read(name) for name in archive.namelist()}


def test_every_part_is_numbered_as_on_the_page():
    numbers = [part.number for part in main_parts(*given())]
    assert numbers[:3] == ["Figure 1", "Figure 2", "Table 1"] and len(numbers) == len(set(numbers))
    assert len({part.file_name for part in main_parts(*given())}) == len(numbers)


def test_figures_are_svg_png_and_pdf_and_their_data_is_in_full(files):
    names = [name for name in files if name.startswith("figures/figure_1_overall_survival_by_xpo1")]
    assert {name.rpartition(".")[2] for name in names} == {"svg", "png", "pdf"}
    starts = {name.rpartition(".")[2]: files[name][:4] for name in names}
    assert starts["png"] == b"\x89PNG" and starts["pdf"] == b"%PDF"
    ElementTree.fromstring(files[next(n for n in names if n.endswith("svg"))])
    (data,) = (files[name] for name in files if name.startswith("data/figure_1_"))
    table = pd.read_csv(io.BytesIO(data), sep="\t")
    assert list(table["event_free"]) == pytest.approx(list(CURVE["survival"]), rel=1e-9)
    (data,) = (files[name] for name in files if name.startswith("data/figure_2_"))
    forest = pd.read_csv(io.BytesIO(data), sep="\t")
    assert list(forest.columns[2:]) == ["HR (95% CI)", "95% CI low", "95% CI high", "p"]
    assert forest["HR (95% CI)"].tolist() == [1.9, 1.4, 0.8, 1.62, 2.4]


def test_the_same_study_gives_the_same_bytes():
    study, records, tables, plots = given()
    assert figure_files(study, records, tables, plots) == figure_files(study, records[::-1], tables[::-1], plots)


def test_tables_of_the_document_split_estimate_and_interval():
    archive = zipfile.ZipFile(io.BytesIO(tables_document(*given())))
    root = ElementTree.fromstring(archive.read("word/document.xml"))
    tables = [[["".join(t.text or "" for t in cell.iter(f"{W}t")) for cell in row.iter(f"{W}tc")]
               for row in table.iter(f"{W}tr")] for table in root.iter(f"{W}tbl")]  # fmt: skip
    assert tables[0][0] == ["Cohort", "n / events", "HR", "95% CI", "p"]
    assert tables[0][4][:4] == ["Pooled, stratified (primary)", "397 / 123", "1.62", "1.12, 2.35"]
    adjusted = next(table for table in tables if table[0][0] == "Characteristic")
    assert all(len(row) == len(adjusted[0]) for row in adjusted)


def test_hostile_text_stays_text_in_every_file():
    study = {**STUDY, "title": f"{HOSTILE}\x00\\{{", "authors": [f"{HOSTILE}: x", "B (0000-0002-1825-0097)"],
             "labels": {"cohorts": {"gse1992": f"{HOSTILE}\t\n=1"}, "variables": {"grade": HOSTILE}}}  # fmt: skip
    archive = zipfile.ZipFile(io.BytesIO(figure_files(*given(study))))
    assert not any("script" in name or ".." in name or name.startswith("/") for name in archive.namelist())
    document = zipfile.ZipFile(io.BytesIO(archive.read("tables.docx"))).read("word/document.xml")
    assert b"<script" not in document and b"&lt;script&gt;" in document
    for name in (n for n in archive.namelist() if n.endswith(".svg")):
        ElementTree.fromstring(archive.read(name))
        assert b"<script" not in archive.read(name)


def test_how_a_study_is_cited():
    study = {"title": 'A "study": 50% {of} it', "authors": ["Ann B. (https://orcid.org/0000-0002-1825-0097)", "C: D"],
             "doi": "https://doi.org/10.1234/abc"}  # fmt: skip
    found = citations(study, ["0.1.0"])
    cff = yaml.safe_load(found["CITATION.cff"])
    assert cff["title"] == study["title"] and cff["doi"] == "10.1234/abc" and cff["cff-version"] == "1.2.0"
    assert cff["authors"] == [{"name": "Ann B.", "orcid": "https://orcid.org/0000-0002-1825-0097"}, {"name": "C: D"}]
    assert found["citation.bib"].startswith("@misc{a_study_50,") and r"50\% \{of\}" in found["citation.bib"]
    assert "author = {{Ann B.} and {C: D}}" in found["citation.bib"]
    assert yaml.safe_load(citations({}, [])["CITATION.cff"])["authors"] == [{"name": "The authors of the study"}]


def test_a_figure_states_how_many_samples_it_draws():
    """Of all samples with an outcome some have no group: they are in the summary, and not in the curves."""
    rows = [{"group": g, "n": n, "events": e} for g, n, e in (("all", 232, 130), ("low", 85, 48), ("high", 142, 79))]
    assert (_total(rows, ["low", "high"], "n"), _total(rows, ["low", "high"], "events")) == (227, 127)
    assert _total(rows, ["all"], "n") == 232

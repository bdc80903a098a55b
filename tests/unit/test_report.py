"""The report page: what it says, how it joins results to records, and that text stays text."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pandas as pd
import pytest
from report_example import COHORTS, cox_table, km_curve, km_summary, km_test, meta_table, survival_sample

from prognomics.data.store import Picture, ResultTable
from prognomics.report.page import TEMPLATES, build_report

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><script>alert(2)</script></svg>'
PNG = b"\x89PNG\r\n\x1a\nnot much of a picture"
VERSIONS = {"python": "3.11.7", "numpy": "1.26.4", "pandas": "2.2.0"}
HOSTILE = "<script>alert(1)</script>"


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


class Outline(HTMLParser):
    """Tags, headings and the visible text of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.ids, self.links, self.attributes, self.texts = [], [], [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        found = dict(attrs)
        self.attributes.append((tag, found))
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"]] if "href" in found else []

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())


def only_our_script(page):
    """Scripts are data, which is JSON, and the page's own, which alone may run: its hash is in the policy."""
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", page, flags=re.S)
    data = [json.loads(text) for kind, text in scripts if "application/json" in kind]
    (code,) = (text for kind, text in scripts if not kind)
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    assert len(data) == len(scripts) - 1 and f"script-src 'sha256-{digest}'" in page
    assert code == (TEMPLATES / "page.js").read_text(encoding="utf-8")


def record(tool, outputs, population="all", warnings=(), **parameters):
    return {
        "record": 1, "tool": tool, "tool_version": "0.1.0", "versions": VERSIONS, "parameters": parameters,
        "inputs": [{"option": "samples", "artefact": "sample_sheet", "sha256": sha("sheet")}],
        "outputs": [{"option": f"out_{kind}", "artefact": kind, "sha256": key} for kind, key in outputs.items()],
        "seed": None, "counts": {"n_in": 397, "n_matched": 397, "n_dropped": 0}, "population": population,
        "warnings": [{"code": code, "text": text} for code, text in warnings], "notes": [],
    }  # fmt: skip


def example(marker="XPO1_group"):
    """Records, tables and plots of three cohorts: each alone, stratified, unstratified."""
    records, tables, plots = [], [], []

    def add(tool, frames, population="all", plot=None, warnings=(), **parameters):
        place = f"{tool} {population} {parameters}"
        keys = {kind: sha(f"{kind} {place}") for kind in frames}
        tables.extend(ResultTable(keys[kind], f"{kind}.tsv", frame) for kind, frame in frames.items())
        if plot is not None:
            keys["plot"] = sha(f"plot {place}")
            plots.append(Picture(keys["plot"], "plot.svg", "svg", plot))
        records.append(record(tool, keys, population, warnings, **parameters))

    groups = {"low": survival_sample(60, 1), "high": survival_sample(64, 2, hazard=0.02)}
    curve = km_curve(groups)
    for strata, named in (("auto", "cohort"), ("none", "none")):
        warned = [("cohorts-not-stratified", "3 cohorts are analyzed as one")] if strata == "none" else []
        add("kaplan_meier", {"km_summary": km_summary(curve), "km_test": km_test(0.0111, named)}, plot=SVG,
            group_column=marker, endpoint="os", at=[60.0], strata=[strata], weights="logrank", conf_type="log",
            warnings=warned)  # fmt: skip
        add("cox", {"cox_table": cox_table(1.62 if named == "cohort" else 2.4, named, marker=marker)},
            covariate=[marker, "grade", "age_years", "er_status"], gene=[], model="both", endpoint="os",
            strata=[strata], ties="efron", warnings=warned)  # fmt: skip
    for cohort, hr in zip(COHORTS, (1.9, 1.4, 0.8), strict=True):
        n, events = COHORTS[cohort]
        add("cox", {"cox_table": cox_table(hr, "none", n, events, marker=marker)}, f"cohort={cohort}",
            covariate=[marker, "grade", "age_years", "er_status"], gene=[], model="both", endpoint="os",
            strata=["auto"], ties="efron")  # fmt: skip
    add("meta_analysis", {"meta_table": meta_table()}, marker_column=marker, endpoint="os")
    return records, tables, plots


STUDY = {
    "title": "A study", "question": "Is it prognostic?", "marker": "XPO1",
    "endpoint": {"name": "os", "definition": "death from any cause"},
    "limits": ["Follow-up is short."], "pooling": "Endpoints agree.",
    "cohorts": {name: {"title": f"Title of {name}", "steps": []} for name in COHORTS},
}  # fmt: skip


def test_a_page_that_needs_nothing_else():
    page = build_report(STUDY, *example())
    outline = Outline(page)
    assert page.startswith("<!doctype html>")
    assert not {"link", "iframe", "object"} & set(outline.tags) and "svg" in outline.tags
    only_our_script(page)
    sources = [found["src"] for tag, found in outline.attributes if tag == "img"]
    assert len(sources) == 1  # the curves that two tests share are shown once
    assert all(source.startswith("data:image/svg+xml;charset=utf-8,") for source in sources)
    assert all(found.get("alt") for tag, found in outline.attributes if tag == "img")
    outside = [link for link in outline.links if link[0] != "#"]
    assert outside and all(link.startswith("https://doi.org/10.") for link in outside)
    assert {link[1:] for link in outline.links if link[0] == "#"} <= set(outline.ids)
    assert len(outline.ids) == len(set(outline.ids))


def test_headings_descend_one_at_a_time_and_tables_have_heads():
    outline = Outline(build_report(STUDY, *example()))
    levels = [int(tag[1]) for tag in outline.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:]))
    assert outline.tags.count("caption") == outline.tags.count("table") > 4
    scopes = {found.get("scope") for tag, found in outline.attributes if tag == "th"}
    assert scopes <= {"row", "col", "rowgroup", "colgroup"}
    assert {"main", "nav", "header", "footer"} <= set(outline.tags)


def test_same_bytes_in_any_order():
    records, tables, plots = example()
    assert build_report(STUDY, records, tables, plots) == build_report(STUDY, records[::-1], tables[::-1], plots[::-1])


def test_summary_says_the_headline_and_how_the_cohorts_agree():
    text = Outline(build_report(STUDY, *example())).text
    said = "XPO1_group, high vs low, unadjusted, stratified by cohort: HR 1.62 (95% CI 1.12 to 2.35), p = 0.011"
    assert f"{said} (397 samples, 123 events); a higher hazard of death." in text
    assert "2 of 3 above 1" in text and "2 of 3 cohorts agree in direction for overall survival" in text
    assert "XPO1_group, high vs low, unadjusted: HR 2.40 (95% CI 1.66 to 3.48)" in text  # the unstratified, separately
    assert re.search(r"At 60 months, overall survival\. "
                     r"\d+% \(\d+–\d+\) in the low group and \d+% \(\d+–\d+\) in the high group", text)  # fmt: skip


def test_scopes_come_in_the_order_of_the_study():
    def headings(study):
        page = build_report(study, *example())
        return re.findall(r"<h5>(Cohort gse1992|Stratified by cohort|Unstratified: [^<]*)</h5>", page)[-3:]

    usual = headings(STUDY)
    assert usual[0] == "Stratified by cohort" and usual[2] == "Cohort gse1992"
    assert usual[1] == "Unstratified: differences between cohorts are confounded with the marker"
    asked = headings({**STUDY, "report": {"order": ["per_cohort", "stratified", "unstratified"]}})
    assert asked == [usual[2], usual[0], usual[1]]


def test_numbers_for_people_with_the_full_ones_beside():
    row = {"gene_id": "A", "hr": 2.9712345678, "ci_low": 1.84, "ci_high": 4.79, "p_value": 0.0}
    frame = pd.DataFrame([row])
    page = build_report(None, [], [ResultTable(sha("x"), "x.tsv", frame)], [])
    assert "2.97 (1.84–4.79)" in page and 'title="2.971234568; 1.84; 4.79"' in page
    assert "&lt;0.001" in page and 'title="0"' in page


def test_hostile_text_stays_text():
    records, tables, plots = example(marker=f"{HOSTILE}_group")
    study = {**STUDY, "title": HOSTILE, "marker": HOSTILE, "question": HOSTILE, "limits": [HOSTILE],
             "cohorts": {HOSTILE: {"title": HOSTILE, "note": '"><img src=x onerror=alert(1)>'}, "b": {}}}  # fmt: skip
    frame = pd.DataFrame({HOSTILE: [HOSTILE], "group": ['" onmouseover="alert(1)'], "value": [1.0]})
    records.append(record("cox", {"cox_table": sha("h")}, f"cohort={HOSTILE}", [(HOSTILE, HOSTILE)], gene=[HOSTILE]))
    records[0]["outputs"][0]["artefact"] = HOSTILE
    tables.append(ResultTable(sha("loose"), f"{HOSTILE}.tsv", frame))
    plots.append(Picture(sha("p"), f'"{HOSTILE}.svg', "svg", SVG))
    page = build_report(study, records, tables, plots)
    outline = Outline(page)
    only_our_script(page)
    assert HOSTILE not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page and HOSTILE in outline.text
    assert not any(name.startswith("on") for _, found in outline.attributes for name in found)


def test_without_a_study_records_and_tables_suffice():
    records, tables, plots = example()
    text = Outline(build_report(None, records, tables, plots)).text
    assert "Results of a marker study" in text and "stratified by cohort" in text
    assert "unstratified: differences between cohorts are confounded" in text  # known from the tool's own warning
    assert "the letter" not in text
    assert "HR 1.62 (95% CI 1.12 to 2.35)" in text


@pytest.mark.parametrize("study", [None, {}, {"title": None, "limits": "one", "cohorts": None, "report": None}])
def test_nothing_at_all_is_a_page_too(study):
    text = Outline(build_report(study, [], [], [])).text
    assert "no survival result of a marker" in text and "The tools gave no warning." in text


def test_warnings_are_counted_by_kind_and_given_in_full():
    records, tables, plots = example()
    text = Outline(build_report(STUDY, records, tables, plots)).text
    said = "Cohorts analyzed as one: their differences are confounded with the marker"
    assert f"{said} 2 Kaplan-Meier of XPO1_group" in text
    assert text.count("3 cohorts are analyzed as one") == 3  # the example and both steps


def test_one_file_of_two_runs_is_shown_with_both():
    records, tables, plots = example()
    shared = next(o["sha256"] for o in records[0]["outputs"] if o["artefact"] == "km_summary")
    unstratified = next(r for r in records[1:] if r["tool"] == "kaplan_meier")
    for output in unstratified["outputs"]:
        if output["artefact"] == "km_summary":
            output["sha256"] = shared
    kept = [t for t in tables if t.name != "km_summary.tsv" or t.sha256 == shared]
    page = build_report(STUDY, records, kept, plots)
    assert page.count("Kaplan-Meier estimates by XPO1_group") == 1 and "Without a run record" not in page
    text = Outline(page).text
    assert "Made by steps 1 , 2 ." in text and "log-rank test, stratified by cohort" in text


def test_plots_that_a_page_cannot_show_are_listed():
    plots = [Picture(sha("a"), "a.pdf", "pdf", b"%PDF-1.4"), Picture(sha("b"), "b.png", "png", PNG)]
    page = build_report(STUDY, [record("cox", {"plot": sha("a")}, covariate=["x"])], [], plots)
    assert "a.pdf is a PDF file and cannot be shown in a page" in page
    assert page.count("<img ") == 1 and "data:image/png;base64," in page and "Without a run record" in page


def test_a_table_without_its_record_and_a_long_one():
    frame = pd.DataFrame({"sample_id": [f"s{i}" for i in range(500)], "pc1": range(500)})
    text = Outline(build_report(None, [], [ResultTable(sha("x"), "pca.tsv", frame)], [])).text
    assert "Table pca.tsv; no run record." in text and "The first 40 of 500 rows" in text and "s499" not in text


def test_provenance_names_steps_checksums_and_parameters():
    records, tables, plots = example()
    page = build_report(STUDY, records, tables, plots)
    for made in records:
        for output in made["outputs"]:
            assert output["sha256"][:10] in page  # whole in the record
    outline = Outline(page)
    assert sum(name.startswith("step-") for name in outline.ids) == len(records)
    assert "group_column = XPO1_group" in outline.text and "NumPy 1.26.4" in outline.text
    assert not re.search(r"20\d\d-\d\d-\d\d", json.dumps(outline.texts))


def test_methods_follow_the_parameters():
    text = Outline(build_report(STUDY, *example())).text
    assert "univariable and multivariable Cox proportional hazards models, ties after Efron" in text
    assert "Groups of XPO1_group were compared by the log-rank test." in text
    assert "Models were made stratified by cohort, unstratified and in each cohort alone" in text


def test_two_endpoints_are_kept_apart():
    records, tables, plots = example()
    more = example()[0]
    for made in more:
        made["parameters"]["endpoint"] = "dfs"
    text = Outline(build_report(STUDY, records + more, tables, plots)).text
    assert "Overall survival by XPO1_group, high vs low, in all samples, unadjusted" in text
    assert "Overall survival: XPO1 All samples primary" in text
    assert "Disease-free survival: XPO1 All samples" in text and "disease-free" not in text[: text.index("In numbers")]

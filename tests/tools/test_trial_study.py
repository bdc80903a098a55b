"""The report of a study with two endpoints, two subgroups and two markers names and counts what it means."""

import re
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from trial_study import COHORTS, DECLARED, META_OF_THE_FIRST, declare, make_trial, run_calls

from prognomics.errors import BadInput
from prognomics.study.file import read_study


def visible(page):
    text = re.sub(r"<style>.*?</style>", " ", page, flags=re.S)
    text = re.sub(r"<[^>]+>", " ", text)
    for name, sign in (("&lt;", "<"), ("&gt;", ">"), ("&#39;", "'"), ("&#34;", '"'), ("&amp;", "&")):
        text = text.replace(name, sign)
    return " ".join(text.split())


def items(page):
    """(lead, text) of the key findings."""
    summary = page[page.index('<section id="summary"') : page.index("</section>")]
    found = re.findall(r"<li><strong>(.*?)\.</strong> (.*?)</li>", summary, flags=re.S)
    return [(visible(lead), visible(text)) for lead, text in found]


def part(page):
    """The section All analyses."""
    return page[page.index('<section id="analyses"') :].partition("</section>")[0]


def row(folder, place, **wanted):
    table = pd.read_csv(folder / "results" / place / "table.tsv", sep="\t")
    for name, value in wanted.items():
        table = table[table[name] == value]
    return table.iloc[0]


def ratio(found):
    return f"HR {found.hr:.2f} (95% CI {found.ci_low:.2f} to {found.ci_high:.2f})"


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trial")
    study = make_trial(folder, declared=False)
    return study, run_calls(study, folder / "data", folder / "out")


@pytest.fixture(scope="module")
def page(trial):
    return (trial[1] / "report.html").read_text(encoding="utf-8")


def reported(trial, text):
    study, out = trial
    run_calls(declare(study, text), study.parent / "data", out, only="report")
    return (out / "report.html").read_text(encoding="utf-8")


def test_the_result_is_of_all_samples_not_of_a_subgroup(trial, page):
    found, said = row(trial[1], "cox_os/stratified"), dict(items(page))
    women = row(trial[1], "cox_women/stratified")
    assert women.n < found.n and "overall survival in all samples" in said["Result"]
    assert f"{ratio(found)}," in said["Result"] and f"{found.n} samples, {found.events} events" in said["Result"]
    assert not [text for _, text in items(page) if ratio(women) in text]  # or it would have to be named
    assert "does not declare a primary analysis" in said["Primary analysis"]


def test_no_meta_analysis_of_one_endpoint_is_given_under_the_other(trial, page):
    meta = row(trial[1], "meta_pfi", row_type="random")
    assert not [text for _, text in items(page) if f"{meta.hr:.2f}" in text]
    assert "no meta-analysis of overall survival in all samples was made" in dict(items(page))["Each cohort"]
    sensitivity = visible(page[page.index('<section id="sensitivity"') :])
    assert "Progression-free interval in all samples: meta-analysis of MKI67" in sensitivity
    assert "Overall survival in all samples: meta-analysis" not in sensitivity
    headings = re.findall(r"<h4>(.*?)</h4>", page[page.index('<section id="meta"') :])
    assert headings[0] == "MKI67, continuous, progression-free interval"


def test_each_cohort_is_counted_once_per_analysis(page):
    counted = re.findall(r"\d+ of (\d+) (?:cohorts|above|point)", visible(page))
    assert counted and set(counted) == {str(len(COHORTS))}
    assert "3 of 4 cohorts agree in direction for overall survival in all samples" in dict(items(page))["Each cohort"]


def test_the_cutpoint_is_of_the_studys_marker(trial, page):
    cut = row(trial[1], "cutpoint")
    said = dict(items(page))["Cutpoint"]
    assert said.startswith("MKI67 was divided at the median") and f"{cut.lowest_high:.3g}" in said
    assert "TOP2A" not in said and "The cutpoint of TOP2A was chosen" in visible(page)


def test_a_spline_is_claimed_as_far_as_it_is_shown(page):
    remark = visible(page[page.index('<section id="remark"') : page.index('<section id="profile"')])
    assert "the test of a spline (its curve is not shown) of MKI67" in remark
    models = visible(page[page.index('<section id="cox"') : page.index('<section id="meta"')])
    assert "MKI67, spline: any effect" in models


def test_adjusted_and_unadjusted_are_of_the_same_samples_or_it_is_stated(trial, page):
    adjusted = row(trial[1], "cox_adjusted", model="multivariable", term="MKI67")
    said = dict(items(page))["Adjusted for"]
    assert adjusted.n < row(trial[1], "cox_os/stratified").n
    alone = row(trial[1], "cox_adjusted", model="univariable_complete_cases", term="MKI67")
    assert (alone.n, alone.events) == (adjusted.n, adjusted.events)
    assert ratio(adjusted) in said and ratio(alone) in said and "Unadjusted in the same samples" in said
    own = row(trial[1], "cox_adjusted", model="univariable", term="MKI67")
    assert own.n > alone.n and own.hr != alone.hr


def test_every_analysis_is_in_the_matrix_with_the_numbers_of_its_table(trial, page):
    matrix = visible(part(page))
    assert (
        "not corrected for the number of analyses" in matrix and page.count('<small class="tag">primary</small>') >= 1
    )
    for place, samples in (("cox_os/stratified", "All samples primary"),
                           ("cox_women/stratified", "Samples with sex=female"),
                           ("cox_late", "Samples with stage=late"),
                           ("cox_second/stratified", "All samples"),
                           ("cox_pfi/stratified", "All samples")):  # fmt: skip
        found = row(trial[1], place)
        shown = f"{found.n} / {found.events} {found.hr:.2f} ({found.ci_low:.2f}–{found.ci_high:.2f})"
        assert re.search(rf"{re.escape(samples)} \S+ per SD within cohort [^()]* {re.escape(shown)}".replace(
            r"\S+", r"\S+,"), matrix), (place, shown)  # fmt: skip
    estimates = re.search(r"(\d+) of (\d+) estimates are above 1; (\d+) of the intervals exclude 1", matrix)
    ratios = [tuple(map(float, r)) for r in re.findall(r" ([\d.]+) \(([\d.]+)–([\d.]+)\) ", matrix)]
    assert tuple(map(int, estimates.groups())) == (
        sum(hr > 1 for hr, *_ in ratios), len(ratios), sum(low > 1 or high < 1 for _, low, high in ratios))  # fmt: skip


def test_a_declared_primary_analysis_and_labels_are_used(trial):
    page = reported(trial, DECLARED)
    said = dict(items(page))
    assert said["Primary analysis"].endswith("Declared in the study file.")
    assert "(overall survival in all primary tumors)" in said["Result"]
    assert "in Adrenocortical carcinoma" in said["Each cohort"]
    assert said["Adjusted for"].startswith("age, sex and stage")
    matrix = visible(part(page))
    assert "Women MKI67" in matrix and "Late stage MKI67" in matrix and "sex=female" not in matrix
    assert "time origin: diagnosis" in visible(page) and "Declared and found" not in said


def test_another_primary_analysis_is_reported_as_such(trial):
    text = DECLARED.replace("endpoint: os, population: all", "endpoint: pfi, population: all")
    said = dict(items(reported(trial, text)))
    found = row(trial[1], "cox_pfi/stratified")
    meta = row(trial[1], "meta_pfi", row_type="random")
    assert said["Result"].startswith("Higher hazard of progression (progression-free interval in all primary tumors)")
    assert ratio(found) in said["Result"] and "The cohorts disagree" in said["Result"]
    assert f"{ratio(meta)}, I² {meta.i2:.0f}%, an interval that includes 1" in said["Each cohort"]


@pytest.mark.parametrize(("now", "then", "expected"), [
    ("endpoint: os, population: all", "endpoint: pfi, population: women",
     "The declared primary analysis (marker MKI67; endpoint pfi; population women; "
     "contrast continuous) is not among the results."),
    ("markers: [MKI67, TOP2A]", "markers: [MKI67, XPO1]", "Declared, but not among the results: marker XPO1."),
    ("markers: [MKI67, TOP2A]", "markers: [MKI67]", "not declared in the study file: marker TOP2A."),
    ("  women: {title: Women, where: [sex=female]}\n", "", "not declared in the study file: population samples with "
     "sex=female."),
])  # fmt: skip
def test_what_is_declared_but_missing_or_found_but_undeclared_is_stated(trial, now, then, expected):
    page = reported(trial, DECLARED.replace(now, then))
    assert expected in " ".join(text for lead, text in items(page) if lead == "Declared and found")


@pytest.mark.parametrize(("now", "then", "message"), [
    ("primary: {marker: MKI67", "primary: {marker: MKI76", "primary.marker: 'MKI76' is not declared"),
    ("endpoint: os, population", "endpoint: dfs, population", "primary.endpoint: 'dfs'"),
    ("population: all", "population: men", "primary.population: 'men'"),
    ("cohorts: {acc:", "cohorts: {ace:", "labels.cohorts: 'ace'"),
])  # fmt: skip
def test_a_primary_analysis_of_what_is_not_declared_is_refused(trial, now, then, message):
    study = declare(trial[0], DECLARED.replace(now, then))
    with pytest.raises(BadInput, match=re.escape(message)):
        read_study(study)


def test_with_the_meta_analysis_of_the_first_endpoint_it_is_that_one(tmp_path):
    study = make_trial(tmp_path, more=META_OF_THE_FIRST, n=24)
    out = run_calls(study, tmp_path / "data", tmp_path / "out")
    said = dict(items((out / "report.html").read_text(encoding="utf-8")))
    assert ratio(row(out, "meta_os", row_type="random")) in said["Each cohort"]
    assert ratio(row(out, "meta_pfi", row_type="random")) not in said["Each cohort"]


def test_the_unpacked_crate_repeats_the_study(trial, tmp_path):
    study, out = trial
    run_calls(study, study.parent / "data", out, only="report")
    with zipfile.ZipFile(out / "report.zip") as archive:
        archive.extractall(tmp_path / "crate")
    readme = (tmp_path / "crate" / "README.md").read_text()
    assert "--data DIR" in readme and "acc.tsv: of the data folder" in readme  # data of patients stay where they are
    assert not list((tmp_path / "crate").rglob("*.clinical.tsv"))
    again = run_calls(tmp_path / "crate" / "study.yml", study.parent / "data", tmp_path / "again")
    tables = [p.relative_to(out) for p in out.rglob("*.tsv")]
    assert len(tables) > 40 and {p for p in tables if (again / p).read_bytes() != (out / p).read_bytes()} == set()
    first, second = ((f / "report.html").read_text() for f in (out, again))
    assert first == second


def test_the_page_is_within_its_limits(trial, page):
    assert len(page.encode()) <= 400_000 and len(reported(trial, DECLARED).encode()) <= 400_000
    main = page[: page.index('<div class="supplement">')]
    assert 1 <= len(set(re.findall(r"<b>(Figure \d+)\.", main))) <= 6
    assert 1 <= len(set(re.findall(r"<b>(Table \d+)\.", main))) <= 4

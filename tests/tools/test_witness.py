"""The witness of a report: R computes its findings again, from the crate alone."""

import csv
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from trial_study import DECLARED, META_OF_THE_FIRST, make_trial, run_calls

REPOSITORY = Path(__file__).resolve().parents[2]
MORE = (
    META_OF_THE_FIRST
    + """
  - cox: {gene: [MKI67], covariate: [age_years], endpoint: os, model: multivariable, subgroup: [sex, stage]}
    as: cox_subgroups
    also: [subgroups]
    across: [stratified]
  - associate: {group_column: MKI67_group, variable: [age_years, sex]}
  - compare_groups: {gene: [MKI67], group_column: stage}
  - screen: {endpoint: os}
  - competing_risks: {group_column: MKI67_group, covariate: [MKI67_group, stage, age_years], endpoint: dss, at: [24]}
  - competing_risks: {covariate: [MKI67_group, age_years], endpoint: dss, strata: [none], ties: breslow, at: [24]}
    as: as_crr
  - logistic: {gene: [MKI67], covariate: [age_years], outcome_column: stage, strata: [none]}
"""
)
CMPRSK = shutil.which("Rscript") is not None and not subprocess.run(
    ["Rscript", "-e", "if (!requireNamespace('cmprsk', quietly = TRUE)) quit(status = 1)"], capture_output=True
).returncode  # fmt: skip
DSS = """  dss:
    definition: death from the cancer
    time: {column: os_months, unit: months}
    event: {column: cause, event: cancer, censored: alive, competing: other}
"""
WITH_R = pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def hear(folder):
    """Exit code, and the counts that the script prints."""
    done = subprocess.run(["Rscript", "witness.R"], cwd=folder, capture_output=True, text=True, timeout=300)
    counts = {name: int(n) for name, n in re.findall(r"^([^:\n]+): (\d+) *$", done.stdout, flags=re.M)}
    return done.returncode, counts, done.stdout


def unpacked(crate, folder):
    with zipfile.ZipFile(crate) as archive:
        archive.extractall(folder)
    return folder / "witness"


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    folder = tmp_path_factory.mktemp("witness")
    study = make_trial(folder, more=MORE)
    study.write_text(study.read_text() + DECLARED)
    for table in (folder / "data").glob("*.clinical.tsv"):  # every third death is of other causes
        head, *lines = table.read_text().splitlines()
        causes = ["other" if "dead" in line and i % 3 == 0 else "cancer" if "dead" in line else "alive"
                  for i, line in enumerate(lines)]  # fmt: skip
        text = "\n".join([f"{head}\tcause", *(f"{line}\t{cause}" for line, cause in zip(lines, causes, strict=True))])
        table.write_text(f"{text}\n")
    mapping = (folder / "mapping.yml").read_text()
    (folder / "mapping.yml").write_text(mapping.replace("columns:\n", f"{DSS}columns:\n"))
    run_calls(study, folder / "data", folder / "out")
    return study, folder / "out"


def crate_of(trial, folder, declared):
    """The witness of the trial's results under another declaration."""
    study, out = trial
    other = study.with_name(f"{declared}.yml")
    other.write_text(study.read_text() + f"patient_data: {declared}\n")
    run_calls(other, study.parent / "data", out, only="report")
    return unpacked(out / "report.zip", folder)


@WITH_R
def test_r_computes_what_the_report_states(trial, tmp_path):
    witness = crate_of(trial, tmp_path, "included")
    code, counts, said = hear(witness)
    assert code == 0, said
    assert counts["stored numbers that differ"] == counts["printed numbers that are not R's value rounded"] == 0
    assert counts["stored numbers compared"] > 2000 and counts["printed numbers recomputed"] > 800
    assert counts["findings recomputed from samples"] > 0.8 * counts["findings stored"]
    told = {row["id"]: row["status"] for row in rows(witness / "witness.tsv")}
    assert len(told) == counts["findings stored"] and not [s for s in told.values() if s.startswith("R:")]
    recomputed = [row for row in rows(witness / "witness.tsv") if row["status"] == "recomputed"]
    assert "subdistribution hazard ratio" in {row["measure"] for row in recomputed}
    if CMPRSK:  # Gray's test, and the Fine-Gray model as crr
        assert {"gray test"} <= {row["measure"] for row in recomputed}
    done = {row["tool"] for row in recomputed}
    assert {"kaplan_meier", "cox", "meta_analysis", "screen", "logistic", "associate", "cutpoint"} <= done


@WITH_R
@pytest.mark.parametrize("where", ["findings", "printed"])
def test_a_wrong_number_is_found(trial, tmp_path, where):
    witness = crate_of(trial, tmp_path, "included")
    path = witness / f"{where}.tsv"
    found = rows(path)
    if where == "findings":
        wrong = next(r for r in found if r["measure"] == "hazard ratio" and r["scope"] == "stratified")
        wrong["estimate"] = f"{float(wrong['estimate']) * (1 + 3e-6):.10g}"
    else:
        known = {r["id"]: r for r in rows(witness / "findings.tsv")}
        wrong = next(r for r in found if r["field"] == "estimate"
                     and known[r["finding"]]["measure"] == "hazard ratio")  # fmt: skip
        wrong["text"] = f"{float(wrong['text']) + 0.01:.2f}"
    names = list(found[0])
    lines = ["\t".join(names), *("\t".join(r[n] for n in names) for r in found)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    code, counts, said = hear(witness)
    assert code == 1 and re.search(r"^(differs|printed): ", said, flags=re.M)


def test_withheld_data_are_not_in_the_crate(trial, tmp_path):
    witness = crate_of(trial, tmp_path, "withheld")
    assert not list(witness.glob("samples_*")) and not (witness.parent / "samples").exists()
    tables = list(witness.parent.rglob("*.tsv"))
    assert len(tables) > 40
    for path in tables:  # no row of a patient, though messages may name samples
        lines = path.read_text(encoding="utf-8").splitlines()
        assert "sample_id" not in lines[0].split("\t")
        assert not [line for line in lines if re.match(r"(acc|chol|ucs|uvm)\d\d\t", line)], path
    readme = (witness.parent / "README.md").read_text()
    assert re.search(r"sample_sheet: data of patients, withheld; SHA-256 [0-9a-f]{64}", readme)
    reasons = {row["why_not"] for row in rows(witness / "findings.tsv")}
    assert "data of the samples are not in the witness" in reasons and "NA" not in reasons


@WITH_R
def test_without_samples_the_tables_are_checked_in_themselves(trial, tmp_path):
    code, counts, said = hear(crate_of(trial, tmp_path, "withheld"))
    assert code == 0, said
    assert counts["findings recomputed from samples"] == 0 and counts["findings recomputed from their tables"] > 100
    assert "data of the samples are not in the witness" in said


@WITH_R
def test_the_breast_study_stands_up_to_r(tmp_path):
    pytest.importorskip("SurvSet")
    out = run_calls(REPOSITORY / "studies" / "breast_xpo1.yml", tmp_path, tmp_path / "out")
    code, counts, said = hear(unpacked(out / "report.zip", tmp_path / "crate"))
    assert code == 0, said
    assert counts["stored numbers that differ"] == counts["printed numbers that are not R's value rounded"] == 0
    assert counts["findings recomputed from samples"] > 0.9 * counts["findings stored"]
    assert counts["stored numbers compared"] > 4000 and counts["printed numbers recomputed"] > 1000

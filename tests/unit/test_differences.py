"""What `prognomics verify` says of two files that should agree."""

import json
import zipfile

import pytest

from prognomics.errors import BadInput
from prognomics.study.differences import differences

RECORD = {
    "tool": "cox", "tool_version": "1.0", "versions": {"numpy": "2.0"}, "parameters": {"ties": "efron"},
    "inputs": [{"option": "samples", "sha256": "a"}, {"option": "samples", "sha256": "b"}],
    "outputs": [{"option": "out_table", "artefact": "cox_table", "sha256": "c"}],
}  # fmt: skip


def said(folder, name, before, after):
    paths = [folder / side / name for side in ("old", "new")]
    for path, text in zip(paths, (before, after), strict=True):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return list(differences(*paths, name))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"parameters": {"ties": "breslow"}}, 'parameter ties: "efron" where a new run gives "breslow"'),
        ({"versions": {"numpy": "2.1"}}, 'version numpy: "2.0" where a new run gives "2.1"'),
        ({"tool_version": "1.1"}, 'version: "1.0" where a new run gives "1.1"'),
        ({"inputs": [RECORD["inputs"][0], {"option": "samples", "sha256": "x"}]}, 'input samples 2: "b" where'),
        ({"outputs": []}, "outputs: "),
    ],
)
def test_a_record_says_what_changed(tmp_path, change, words):
    # a changed result beside it is not the cause
    after = {"outputs": [{"option": "out_table", "artefact": "cox_table", "sha256": "d"}], **change}
    (found,) = said(tmp_path, "record.json", json.dumps(RECORD), json.dumps({**RECORD, **after}))
    assert words in found


def test_numbers_to_the_digit(tmp_path):
    (found,) = said(tmp_path, "t.tsv", "a\tb\n1\t2.000\n3\tx\n", "a\tb\n1\t2.002\n4\tx\n")
    assert found == ("t.tsv: line 2, column b: 2.000 where a new run gives 2.002; 2 cells differ; "
                     "numbers by up to 2.5e-01 of their size")  # fmt: skip
    assert "3 lines where" in said(tmp_path, "u.tsv", "a\n1\n2\n", "a\n1\n")[0]
    assert "2 columns where a new run gives 1" in said(tmp_path, "v.tsv", "a\tb\n1\t2\n", "a\tb\n1\n")[0]
    assert said(tmp_path, "w.tsv", "a\n1\n", "a\n1\n") == []


def crate(path, day, **members):
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        graph = [{"@id": "./", "datePublished": day, "endTime": f"{day}T01:00:00Z", "name": members.get("name", "x")}]
        archive.writestr("ro-crate-metadata.json", json.dumps({"@graph": graph}))
        for name, text in members.items():
            archive.writestr(name, text)


def test_a_crate_may_differ_in_its_day_alone(tmp_path):
    old, new = tmp_path / "old" / "c.zip", tmp_path / "new" / "c.zip"
    crate(old, "2026-01-01", table="1")
    crate(new, "2026-01-02", table="1")
    assert list(differences(old, new, "c.zip")) == []
    crate(new, "2026-01-02", table="2", more="3")
    assert list(differences(old, new, "c.zip")) == ["c.zip: more is missing", "c.zip: table differs"]
    crate(new, "2026-01-01", name="y")
    assert "c.zip: ro-crate-metadata.json differs" in list(differences(old, new, "c.zip"))
    outputs = [{"option": "out_crate", "artefact": "report_crate", "sha256": day} for day in "ab"]
    records = (json.dumps({**RECORD, "outputs": [output]}) for output in outputs)
    assert said(tmp_path, "record.json", *records) == []


def test_a_damaged_record_is_named(tmp_path):
    with pytest.raises(BadInput, match="damaged"):
        said(tmp_path, "record.json", json.dumps(RECORD), "[1")
    assert list(differences(tmp_path / "none", tmp_path / "new", "none")) == ["none: it is missing"]

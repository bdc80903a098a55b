"""Codes of warnings and notes: each that is given is listed, each that is listed is given."""

import ast
import re
from pathlib import Path

import pytest

from prognomics.errors import AnalysisNote, AnalysisWarning, note, warn
from prognomics.report.wording import sentence_case
from prognomics.spec.loader import load_tool
from prognomics.warning_codes import title_of, warning_codes

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCES = sorted(p for folder in ("shared", "tools") for p in (REPOSITORY / folder).rglob("*.py"))
GIVERS = {"warn", "note"}
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")


def parents(tree):
    return {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}


def imported_givers(tree):
    """`warn` and `note` as far as the file has them from `errors`."""
    return {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
            and node.module == "prognomics.errors" for alias in node.names} & GIVERS  # fmt: skip


def given_codes(path):
    """(code, kinds) of each call of a file; other uses of `warn` and `note` are faults."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    above, names, either = parents(tree), imported_givers(tree), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in names and not isinstance(node.ctx, ast.Store):
            parent = above[node]
            if isinstance(parent, ast.IfExp) and isinstance(above[parent], ast.Assign):  # tell = warn if ... else note
                either |= {target.id for target in above[parent].targets}
                continue
            assert isinstance(parent, ast.Call) and parent.func is node, f"{path}:{node.lineno}: {node.id} passed on"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names | either:
            code = node.args[0]
            assert isinstance(code, ast.Constant), f"{path}:{node.lineno}: the code is not written out"
            yield code.value, {node.func.id} & GIVERS or GIVERS


def all_given():
    found = {}
    for path in SOURCES:
        for code, kinds in given_codes(path):
            found.setdefault(code, set()).update(kinds)
    return found


def test_given_and_listed_codes_are_the_same():
    given, listed = all_given(), warning_codes()
    assert sorted(given.keys() - listed.keys()) == [] and sorted(listed.keys() - given.keys()) == []
    assert len(given) > 100
    assert sorted(c for c, kinds in given.items() if (listed[c].kind == "note") != (kinds == {"note"})) == []


def test_docstrings_name_listed_codes():
    for path in SOURCES:
        for block in re.findall(r"\n +Warns\n +-+\n((?: +\S.*\n)+)", path.read_text(encoding="utf-8")):
            listed = ",".join(re.findall(r"^ +((?:[a-z0-9-]+, )*[a-z0-9-]+)(?:,?$|:| \(| if )", block, re.M))
            unknown = {code.strip() for code in listed.split(",") if "-" in code} - set(warning_codes())
            assert not unknown, f"{path}: {sorted(unknown)}"


def test_entries_can_be_printed():
    titles = [e.title for e in warning_codes().values()]
    assert len(set(titles)) == len(titles)
    for entry in warning_codes().values():
        assert CODE.fullmatch(entry.code) or entry.code.isalpha(), entry.code
        assert entry.title == sentence_case(entry.title) and not entry.title.endswith("."), entry.title
        assert entry.meaning.endswith(".") and entry.action.endswith("."), entry.code


@pytest.mark.parametrize("give", [warn, note, AnalysisWarning, AnalysisNote])
def test_unlisted_codes_cannot_be_given(give):
    with pytest.raises(ValueError, match="'near-duplicates' is not listed in warning_codes.yml"):
        give("near-duplicates", "of two samples")


def test_a_code_of_a_note_is_not_a_warning():
    with pytest.raises(ValueError, match="listed as a note"):
        warn("leave-one-out", "classes")
    with pytest.warns(AnalysisNote):
        note("tally-rows", "rows")  # harmless cases of a warning may be notes


def test_titles_of_records_of_other_versions():
    assert title_of("duplicate-samples").startswith("Samples of different cohorts")
    assert title_of("from-another-version") == "From another version"
    assert title_of("") == ""


PLUGIN = """
id: coded
name: Coded
summary: warns
warning_codes: {a-code-of-a-plugin: {kind: warning, title: A title, meaning: It is so., action: None.}}
inputs: [{name: samples, type: data, artifact: sample_sheet, label: Sample sheet, help: Samples.}]
outputs: [{name: table, artifact: result_table, label: Table, help: One row.}]
cases:
  - name: one
    shows: It runs at all.
    options: {samples: s.tsv}
    outputs: {table: {assert: [{that: has_n_lines, n: 1}]}}
  - {name: two, shows: It can fail too., options: {samples: t.tsv}, fails: {exit_code: 3, stderr: [t]}}
help: {what: It warns., method: None., limits: None.}
"""


def test_plugins_declare_codes_of_their_own(tmp_path, monkeypatch):
    (tmp_path / "coded.yml").write_text(PLUGIN)
    (tmp_path / "coded.py").write_text("def coded(samples):\n    pass\n")
    monkeypatch.setenv("PROGNOMICS_TOOL_PATH", str(tmp_path))
    load_tool("coded")
    try:
        with pytest.warns(AnalysisWarning, match="a-code-of-a-plugin"):
            warn("a-code-of-a-plugin", "so")
        assert title_of("a-code-of-a-plugin") == "A title"
    finally:
        warning_codes().pop("a-code-of-a-plugin", None)

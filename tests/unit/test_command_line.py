"""The command line's manners: standard output, how much is said and how, width, completion."""

import json
import os
import subprocess
import sys

import pytest

from prognomics.cli import main

COX = ["cox", "--samples", "alpha.samples.tsv", "--endpoint", "os", "--covariate", "age_years"]


@pytest.fixture(autouse=True)
def inside(repository, monkeypatch):
    monkeypatch.chdir(repository / "test-data")


def run(*words):
    with pytest.raises(SystemExit) as end:
        main([*words])
    return end.value.code


def test_one_table_to_standard_output(capfdbinary, tmp_path):
    assert run(*COX, "--out-table", str(tmp_path / "table.tsv")) == 0
    capfdbinary.readouterr()
    assert run(*COX, "--out-table", "-", "--out-model", str(tmp_path / "model.tsv")) == 0
    assert capfdbinary.readouterr().out == (tmp_path / "table.tsv").read_bytes()
    assert (tmp_path / "model.tsv").is_file() and not os.path.exists("-")


@pytest.mark.parametrize(("more", "says"), [
    (["--out-table", "-", "--out-record", "-"], "cannot both be standard output"),
    (["--out-plot", "-"], "not a table"),
])  # fmt: skip
def test_what_standard_output_is_not_for(more, says, capsys):
    assert run(*COX, *more) == 2
    said = capsys.readouterr()
    assert says in said.err and said.out == ""


def test_a_call_that_fails_writes_nothing_to_standard_output(capfdbinary):
    assert run(*COX, "--covariate", "nothing", "--out-table", "-") == 3
    assert capfdbinary.readouterr().out == b""


@pytest.mark.parametrize("more", [[], ["--expression", "alpha.tsv", "--gene", "XPO1"]])
def test_a_table_from_standard_input(more, tmp_path):
    """Byte for byte what the file itself gives, its checksum in the record included."""
    table, record = tmp_path / "table.tsv", tmp_path / "record.json"
    words = [*COX[3:], *more, "--out-table", str(table), "--out-record", str(record)]
    assert run("cox", "--samples", "alpha.samples.tsv", *words) == 0
    expected = table.read_bytes(), record.read_bytes()
    with open("alpha.samples.tsv", "rb") as content:
        done = subprocess.run([sys.executable, "-m", "prognomics", "cox", "--samples", "-", *words], stdin=content,
                              capture_output=True)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (table.read_bytes(), record.read_bytes()) == expected


def test_a_file_behind_a_role_from_standard_input(tmp_path):
    made = tmp_path / "matrix.tsv"
    words = ["fetch_cohort", "--source", "local", "--local-path", "expression=-", "--out-expression", str(made)]
    with open("alpha.tsv", "rb") as content:
        done = subprocess.run([sys.executable, "-m", "prognomics", *words], stdin=content, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert made.read_bytes() == (made.parent / "matrix.tsv").read_bytes() and b"XPO1" in made.read_bytes()


def test_standard_input_is_no_output_of_the_same_call(tmp_path):
    table = tmp_path / "samples.tsv"
    table.write_bytes(open("alpha.samples.tsv", "rb").read())
    with open(table, "rb") as content:
        done = subprocess.run([sys.executable, "-m", "prognomics", "cox", "--samples", "-", *COX[3:], "--out-table",
                               str(table)], stdin=content, capture_output=True)  # fmt: skip
    assert done.returncode == 2 and b"input" in done.stderr
    assert table.read_bytes() == open("alpha.samples.tsv", "rb").read()


def test_quiet_says_errors_only(capsys, tmp_path):
    words = [*COX, "--out-table", str(tmp_path / "t.tsv"), "--out-record", str(tmp_path / "r.json")]
    assert run(*words) == 0 and "warning: [" in capsys.readouterr().err
    assert run("--quiet", *words) == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")
    assert json.loads((tmp_path / "r.json").read_text())["warnings"]
    assert run("--quiet", *COX, "--covariate", "nothing", "--out-table", "-") == 3
    assert capsys.readouterr().err.startswith("error: ")


def test_verbose_says_what_was_read_and_written(capsys, tmp_path):
    assert run("--verbose", *COX, "--out-table", str(tmp_path / "t.tsv")) == 0
    said = capsys.readouterr().err
    assert "cox: endpoint is os" in said and f"wrote table to {tmp_path / 't.tsv'}" in said and "n_in is" in said


@pytest.mark.parametrize(
    ("words", "code"), [(["--covariate", "age_year"], 3), (["--nothing"], 2), (["--ties", "x"], 2)]
)
def test_messages_as_json(words, code, capsys):
    assert run("--log-format", "json", *COX, *words, "--out-table", "-") == code
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert lines[-1]["level"] == "error" and lines[-1]["exit_code"] == code and lines[-1]["text"]
    assert {line["level"] for line in lines} <= {"error", "warning", "note"}


def test_no_message_and_no_help_is_colored(capsys):
    run(*COX, "--covariate", "nothing", "--out-table", "-")
    run("--help")
    run("cox", "--help")
    said = capsys.readouterr()
    assert "\x1b" not in said.out + said.err


def test_help_is_as_wide_as_the_terminal(repository):
    width = {}
    for columns in ("70", "140"):
        environment = {**os.environ, "COLUMNS": columns}
        words = [sys.executable, "-m", "prognomics", "cox", "--help"]
        said = subprocess.run(words, capture_output=True, text=True, env=environment).stdout
        width[columns] = max(map(len, said.splitlines()))
    assert width["70"] < 100 < width["140"] <= 140


@pytest.mark.parametrize(("words", "expected"), [
    ("prognomics co", "plain,cox"),
    ("prognomics cox --tie", "plain,--ties"),
    ("prognomics cox --ties ", "plain,efron"),
    ("prognomics cox --samples ", "file,"),
    ("prognomics study che", "plain,check"),
])  # fmt: skip
def test_completion(words, expected):
    environment = {**os.environ, "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1),
                   "_PROGNOMICS_COMPLETE": "bash_complete"}  # fmt: skip
    code = "from prognomics.cli import main; main([])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert expected in done.stdout.splitlines()


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_scripts_of_completion(shell, capsys):
    assert run("completion", shell) == 0
    assert "_PROGNOMICS_COMPLETE" in capsys.readouterr().out


def test_an_error_comes_before_the_warnings_of_its_run(capsys, tmp_path):
    words = ["--samples", "alpha.samples.tsv", "--expression", "alpha.tsv", "--gene", "XPO1", "--endpoint", "os"]
    assert run("meta_analysis", *words, "--out-table", str(tmp_path / "table.tsv")) == 4
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("error: a meta-analysis needs two cohorts")
    assert said[-1].startswith("warning: [duplicated-patients]")

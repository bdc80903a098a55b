"""Calling tools: options, outputs whole or not at all, records, the Python interface."""

import errno
import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from prognomics import tools
from prognomics.errors import BadInput, UsageError
from prognomics.runtime.call import run_to_files
from prognomics.runtime.choices import resolve_options
from prognomics.runtime.inputs import Inputs
from prognomics.runtime.staging import Staging
from prognomics.runtime.to_click import make_command
from prognomics.spec.loader import load_tool


class TestChoices:
    def test_defaults_come_from_the_spec(self):
        assert resolve_options(load_tool("normalize"), {"expression": object()})["method"] == "auto"

    @pytest.mark.parametrize(
        ("given", "says"),
        [
            ({}, "--expression is missing"),
            ({"expression": object(), "method": "quantle"}, "choose one of"),
            ({"expression": object(), "mehtod": "auto"}, "no option --mehtod"),
            ({"expression": "no/such/file"}, "there is no file"),
        ],
    )
    def test_usage(self, given, says):
        with pytest.raises(UsageError, match=says):
            resolve_options(load_tool("normalize"), given)

    @pytest.mark.parametrize(
        ("given", "says"),
        [
            ({"score_column": "x", "quantile": [0.3]}, "applies only with --method quantile"),
            ({"score_column": "x", "method": "quantile"}, "--quantile is missing"),
            ({"score_column": "x", "method": "quantile", "quantile": [1.5]}, "0 to 1"),
            ({}, "--expression with --gene or --score-column"),
            ({"gene": "XPO1"}, "--expression is missing"),
            ({"gene": "XPO1", "expression": object(), "score_column": "x"}, "only one of"),
            ({"score_column": "x", "name": "1 bad"}, "wrong form"),
            ({"score_column": "x\n"}, "control characters"),
            ({"score_column": "x", "time_column": "t"}, "needs --event-column"),
        ],
    )
    def test_conditionals(self, given, says):
        with pytest.raises(UsageError, match=says):
            resolve_options(load_tool("cutpoint"), {"samples": object(), **given})

    def test_repeats_are_pairs(self):
        given = {"samples": object(), "endpoint": "os", "covariate": ["a"], "reference_level": ["a=b=c"]}
        assert resolve_options(load_tool("cox"), given)["reference_level"] == [("a", "b=c")]


class TestFormerNames:
    def test_former_options_and_values_are_accepted(self):
        given = {"samples": object(), "endpoint": "os", "plot_group_colour": ["I=#112233"], "plot_palette": "grey"}
        resolved = resolve_options(load_tool("kaplan_meier"), given)
        assert resolved["plot_group_color"] == [("I", "#112233")] and resolved["plot_palette"] == "gray"
        assert "plot_group_colour" not in resolved

    def test_both_names_at_once_are_refused(self):
        given = {"samples": object(), "endpoint": "os", "plot_group_colour": ["I=#112233"]}
        with pytest.raises(UsageError, match="former name of --plot-group-color"):
            resolve_options(load_tool("kaplan_meier"), given | {"plot_group_color": ["I=#445566"]})

    def test_help_shows_current_names_alone(self):
        shown = CliRunner().invoke(make_command(load_tool("kaplan_meier"), print), ["--help"]).output
        assert "--plot-group-color " in shown and "colour" not in shown and "grey" not in shown

    def test_the_command_line_takes_former_names(self):
        taken = []
        command = make_command(load_tool("kaplan_meier"), lambda tool, given, outputs, debug: taken.append(given))
        assert CliRunner().invoke(command, ["--plot-group-colour", "I=#112233"]).exit_code == 0
        assert taken == [{"plot_group_colour": ["I=#112233"]}]

    @pytest.mark.parametrize(
        "words", [["--samples", "a", "--samples", "b"], ["--endpoint", "os", "--endpoint", "os"],
                  ["--out-test", "a", "--out-test", "b"], ["--out-record", "a", "--out-record", "b"]]
    )  # fmt: skip
    def test_an_option_of_one_value_is_given_once(self, words):
        done = CliRunner().invoke(make_command(load_tool("kaplan_meier"), print), words)
        assert done.exit_code == 2 and f"{words[0]} takes one value and is given 2 times" in done.output

    def test_an_option_of_several_values_is_repeated(self):
        taken = []
        command = make_command(load_tool("kaplan_meier"), lambda tool, given, outputs, debug: taken.append(given))
        assert CliRunner().invoke(command, ["--at", "12", "--at", "60", "--samples", "a"]).exit_code == 0
        assert taken == [{"at": ["12", "60"], "samples": "a"}]


class TestStaging:
    def test_a_failure_leaves_what_stood_there(self, tmp_path):
        first, second = tmp_path / "a", tmp_path / "b"
        first.write_text("of an earlier run")
        with pytest.raises(RuntimeError), Staging([first, second], Inputs()) as staging:
            staging.write(first, lambda p: p.write_text("new"))
            raise RuntimeError
        assert list(tmp_path.iterdir()) == [first] and first.read_text() == "of an earlier run"

    def test_an_output_must_not_be_an_input(self, tmp_path):
        path = tmp_path / "a"
        path.write_text("precious")
        with pytest.raises(UsageError, match="also an input"):
            Staging([path], Inputs([path]))
        assert path.read_text() == "precious"

    def test_a_missing_folder_is_a_usage_error(self, tmp_path):
        with pytest.raises(UsageError, match="does not exist"):
            Staging([tmp_path / "no" / "a"], Inputs())

    def test_a_link_is_written_through(self, tmp_path):
        (tmp_path / "link").symlink_to(tmp_path / "real")
        with Staging([tmp_path / "link"], Inputs()) as staging:
            staging.write(tmp_path / "link", lambda p: p.write_text("new"))
        assert (tmp_path / "link").is_symlink() and (tmp_path / "real").read_text() == "new"

    @pytest.mark.parametrize("fails", [False, True])
    def test_a_stream_is_written_to_and_never_replaced(self, repository, tmp_path, fails):
        before = os.readlink("/dev/stdout")
        code = "import sys; from prognomics.cli import main; main(sys.argv[1:])"
        matrix = repository / "test-data" / ("bad.text.tsv" if fails else "alpha.tsv")
        call = [sys.executable, "-c", code, "normalize", "--expression", str(matrix), "--method", "none",
                "--out-expression", "/dev/stdout"]  # fmt: skip
        with open(tmp_path / "out", "wb") as redirected:
            done = subprocess.run(call, stdout=redirected, stderr=subprocess.PIPE, text=True)
        assert os.readlink("/dev/stdout") == before
        assert done.returncode == (3 if fails else 0), done.stderr
        assert (tmp_path / "out").read_text().startswith("" if fails else "gene_id\t")
        piped = subprocess.run(call, capture_output=True, text=True)
        assert piped.stdout.startswith("gene_id\t") != fails

    def test_what_cannot_be_written_is_a_usage_error(self, tmp_path):
        def full(path):
            raise OSError(errno.ENOSPC, "No space left on device")

        with pytest.raises(UsageError, match="No space left"), Staging([tmp_path / "a"], Inputs()) as staging:
            staging.write(tmp_path / "a", full)
        if os.geteuid():
            (tmp_path / "locked").mkdir(mode=0o500)
            with pytest.raises(UsageError, match="not writable"):
                Staging([tmp_path / "locked" / "a"], Inputs())


class TestRecord:
    @pytest.fixture
    def record(self, repository, tmp_path):
        data = repository / "test-data"
        given = {"samples": data / "both.samples.tsv", "annotation": [data / "both.groups.tsv"], "endpoint": "os",
                 "covariate": ["XPO1_group"], "where": ["tissue_type=primary"]}  # fmt: skip
        outputs = {name: tmp_path / name for name in ("table", "model", "record")}
        run_to_files(load_tool("cox"), given, outputs)
        return json.loads((tmp_path / "record").read_text()), tmp_path

    def test_counts_and_population(self, record):
        assert record[0]["counts"] == {"n_in": 120, "n_matched": 104, "n_dropped": 16}
        assert record[0]["population"] == "tissue_type=primary"

    def test_outputs_are_found_by_checksum(self, record):
        from prognomics.io.file_kinds import sha256

        made, folder = record
        assert {o["option"]: o["sha256"] for o in made["outputs"]}["out_table"] == sha256(folder / "table")

    def test_nothing_of_this_machine_is_in_it(self, record, repository):
        text = json.dumps(record[0])
        assert str(repository) not in text and "both.samples" not in text

    def test_parameters_hold_defaults_and_choices(self, record):
        parameters = record[0]["parameters"]
        assert parameters["ties"] == "efron" and parameters["strata"] == ["auto"] and "samples" not in parameters


class TestPython:
    def test_frames_in_frames_out(self, repository):
        sheet = pd.read_csv(repository / "test-data" / "alpha.samples.tsv", sep="\t")
        result = tools.cox(samples=sheet, endpoint="os", covariate=["age_years", "stage"])
        assert set(result.table["term"]) == {"age_years", "stage"}
        assert result.model.shape[0] == 3
        with pytest.raises(AttributeError, match="makes table"):
            result.tabel  # noqa: B018

    def test_the_same_numbers_as_from_files(self, repository):
        data = repository / "test-data"
        options = dict(endpoint="os", group_column="stage", at=[24])
        from_file = tools.kaplan_meier(samples=data / "alpha.samples.tsv", **options)
        from_frame = tools.kaplan_meier(samples=pd.read_csv(data / "alpha.samples.tsv", sep="\t"), **options)
        pd.testing.assert_frame_equal(from_file.summary, from_frame.summary)

    def test_matrices_from_frames(self):
        frame = pd.DataFrame(np.arange(1.0, 13).reshape(3, 4), index=list("abc"), columns=list("wxyz"))
        result = tools.normalize(expression=frame, method="quantile")
        assert result.expression.shape == (3, 4) and len(set(map(tuple, result.expression.values.T))) == 1

    def test_errors_are_exceptions(self, repository):
        with pytest.raises(BadInput, match="no endpoint"):
            tools.cox(samples=repository / "test-data" / "alpha.samples.tsv", endpoint="x", covariate="stage")
        with pytest.raises(AttributeError, match="no tool"):
            tools.cocks  # noqa: B018


def run(*words, **options):
    return subprocess.run([sys.executable, "-m", "prognomics", *words], capture_output=True, text=True, **options)


def imported(words, modules):
    """Which of these modules a command imports, as the last line that a fresh process prints."""
    code = (
        f"import sys; from prognomics.cli import commands; commands.main({words!r}, standalone_mode=False);"
        f"print(sorted({modules!r} & set(sys.modules)))"
    )
    return run_code(code).stdout.strip().splitlines()[-1]


def run_code(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)


class TestCommandLine:
    def test_no_output_asked_is_a_usage_error(self, repository):
        done = run("normalize", "--expression", str(repository / "test-data" / "alpha.tsv"))
        assert done.returncode == 2 and "no output" in done.stderr

    def test_version_and_help(self):
        assert "prognomics cox, version" in run("cox", "--version").stdout
        shown = run("cox", "--help").stdout
        assert "--reference-level COLUMN=LEVEL" in shown and "default: efron" in shown

    def test_hyphens_and_underscores_are_alike(self):
        assert "Kaplan-Meier" in run("kaplan-meier", "--help").stdout

    def test_a_script_is_a_command(self, repository):
        script = repository / "tools" / "cox.py"
        done = subprocess.run([sys.executable, script, "--version"], capture_output=True, text=True)
        assert "prognomics cox, version" in done.stdout

    def test_unknown_tool_is_answered_with_near_names(self):
        done = run("kaplan_mayer")
        assert done.returncode == 2 and "kaplan_meier" in done.stderr

    def test_help_imports_no_number_library(self):
        heavy = {"numpy", "pandas", "scipy", "h5py", "matplotlib", "jsonschema", "jinja2"}
        assert imported(["cox", "--help"], heavy) == "[]"

    def test_a_cox_run_imports_no_heavy_library(self, repository, tmp_path):
        words = ["cox", "--samples", str(repository / "test-data" / "alpha.samples.tsv"), "--endpoint", "os",
                 "--covariate", "age_years", "--out-table", str(tmp_path / "t")]  # fmt: skip
        assert imported(words, {"matplotlib", "scipy.stats", "lifelines", "sklearn", "jinja2", "h5py"}) == "[]"


def test_a_filter_may_concern_one_of_several_sheets(repository):
    data = repository / "test-data"
    sheets = [data / "alpha.samples.tsv", data / "beta.samples.tsv"]
    matrices = [data / "alpha.tsv", data / "beta.tsv.gz"]
    result = tools.merge_cohorts(expression=matrices, samples=sheets, where="cohort=alpha", method="none")
    assert set(result.samples["cohort"]) == {"alpha"}
    with pytest.raises(BadInput, match="gamma"):
        tools.merge_cohorts(expression=matrices, samples=sheets, where="cohort=gamma", method="none")


def test_a_text_not_given_is_named_after_its_file(tmp_path):
    sheet, mapping = tmp_path / "GSE1.v2.tsv.gz", tmp_path / "m.yml"
    sheet.write_bytes(b""), mapping.write_text("{}")
    tool = load_tool("curate_samples")
    assert resolve_options(tool, {"samples": sheet, "mapping": mapping})["cohort"] == "GSE1.v2"
    assert resolve_options(tool, {"samples": sheet, "mapping": mapping, "cohort": "own"})["cohort"] == "own"
    assert resolve_options(tool, {"samples": pd.DataFrame(), "mapping": mapping})["cohort"] is None


def test_a_file_whose_name_cannot_stand_for_the_text_is_refused(tmp_path):
    sheet, mapping = tmp_path / "_sheet.tsv", tmp_path / "m.yml"
    sheet.write_text(""), mapping.write_text("{}")
    with pytest.raises(UsageError, match="--cohort is not given, and the name of the file '_sheet.tsv'"):
        resolve_options(load_tool("curate_samples"), {"samples": sheet, "mapping": mapping})

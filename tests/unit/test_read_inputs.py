"""Inputs that can be read once only, and checksums of what was read."""

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading

import pytest

from prognomics import tools
from prognomics.errors import BadInput, UsageError
from prognomics.runtime import call as calling
from prognomics.runtime import spool
from prognomics.runtime.call import run_to_files
from prognomics.spec.loader import load_tool


@pytest.fixture
def data(repository):
    return repository / "test-data"


@pytest.fixture
def piped(tmp_path):
    """A pipe that gives these bytes once."""

    def pipe(content, name="pipe"):
        path = tmp_path / name
        os.mkfifo(path)
        threading.Thread(target=path.write_bytes, args=(content,), daemon=True).start()
        return path

    return pipe


def matrix_of(tmp_path, path, name):
    outputs = {"expression": tmp_path / f"{name}.tsv", "record": tmp_path / f"{name}.json"}
    run_to_files(load_tool("normalize"), {"expression": str(path), "method": "none"}, outputs)
    return outputs["expression"].read_bytes(), json.loads(outputs["record"].read_text())["inputs"]


class TestPipes:
    @pytest.mark.parametrize("form", ["plain", "gzip", "h5ad"])
    def test_a_pipe_is_read_as_a_file(self, data, tmp_path, piped, form):
        file = data / ("both.h5ad" if form == "h5ad" else "both.tsv")
        content = file.read_bytes()
        pipe = piped(gzip.compress(content) if form == "gzip" else content)
        assert matrix_of(tmp_path, pipe, "pipe") == matrix_of(tmp_path, file, "file")

    def test_standard_input(self, data, tmp_path):
        out = tmp_path / "out.tsv"
        call = [sys.executable, "-m", "prognomics", "normalize", "--expression", "/dev/stdin", "--method", "none",
                "--out-expression", str(out)]  # fmt: skip
        done = subprocess.run(call, input=(data / "alpha.tsv").read_bytes(), capture_output=True)
        assert done.returncode == 0 and out.read_bytes() == matrix_of(tmp_path, data / "alpha.tsv", "file")[0]
        done = subprocess.run(call, input=b"a b\n", capture_output=True, text=False)
        assert done.returncode == 3 and b"/dev/stdin" in done.stderr and b".part" not in done.stderr

    def test_a_role_before_a_pipe(self, data, tmp_path, piped):
        pipe = piped((data / "alpha.tsv").read_bytes())
        given = {"source": "local", "local_path": [f"expression={pipe}"]}
        run_to_files(load_tool("fetch_cohort"), given, {"expression": tmp_path / "out.tsv"})
        lines = (tmp_path / "out.tsv").read_text().splitlines()
        assert len(lines) == len((data / "alpha.tsv").read_text().splitlines())

    def test_outputs_of_a_python_call_may_be_made_later(self, data, piped):
        result = tools.fetch_cohort(source="local", local_path=[str(piped((data / "alpha.tsv").read_bytes()))])
        assert result.expression.shape[1] == 60

    def test_what_never_ends_is_refused(self, tmp_path, piped, monkeypatch):
        with pytest.raises(UsageError, match="is a device"):
            matrix_of(tmp_path, "/dev/zero", "out")
        monkeypatch.setattr(spool, "LARGEST_STREAM", 1000)
        with pytest.raises(UsageError, match="is longer than"):
            matrix_of(tmp_path, piped(b"x" * 2000), "out")

    def test_nothing_stays(self, data, tmp_path, piped, monkeypatch):
        (tmp_path / "temporary").mkdir()
        monkeypatch.setattr(spool.tempfile, "tempdir", str(tmp_path / "temporary"))
        matrix_of(tmp_path, piped((data / "alpha.tsv").read_bytes()), "out")
        with pytest.raises(BadInput):
            matrix_of(tmp_path, piped(b"no matrix", "second"), "out")
        assert list((tmp_path / "temporary").iterdir()) == []


class TestChecksums:
    @pytest.fixture
    def meanwhile(self, monkeypatch):
        """Something that happens after the inputs are read and before the outputs are written."""

        def happens(action):
            load = calling.load_function

            def loaded(tool):
                action()
                return load(tool)

            monkeypatch.setattr(calling, "load_function", loaded)

        return happens

    def test_they_are_of_what_was_read(self, data, tmp_path, meanwhile):
        path = tmp_path / "alpha.tsv"
        shutil.copy(data / "alpha.tsv", path)
        meanwhile(lambda: path.write_text("something else\n"))
        recorded = matrix_of(tmp_path, path, "out")[1]
        assert recorded[0]["sha256"] == hashlib.sha256((data / "alpha.tsv").read_bytes()).hexdigest()

    @pytest.mark.parametrize("changed", [False, True])
    def test_a_file_that_is_read_bit_by_bit_must_stay(self, data, tmp_path, meanwhile, changed):
        path = tmp_path / "both.h5ad"
        shutil.copy(data / "both.h5ad", path)
        meanwhile(lambda: shutil.copy(data / ("both.raw.h5ad" if changed else "both.h5ad"), path))
        given = {"expression": path, "samples": data / "both.samples.tsv", "endpoint": "os"}
        outputs = {"table": tmp_path / "table.tsv", "record": tmp_path / "record.json"}
        if not changed:
            run_to_files(load_tool("screen"), given, outputs)
            return
        with pytest.raises(BadInput, match="changed while it was read"):
            run_to_files(load_tool("screen"), given, outputs)
        assert [p.name for p in tmp_path.iterdir()] == ["both.h5ad"]

"""No input becomes an output; outputs come all together or not at all, and leave nothing behind."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from prognomics.errors import UsageError
from prognomics.io import scratch
from prognomics.io.scratch import Scratch
from prognomics.io.steady_file import steady_file
from prognomics.runtime.call import run_to_files
from prognomics.runtime.inputs import Inputs
from prognomics.runtime.staging import Staging
from prognomics.spec.loader import load_tool


def text(content):
    return lambda path: path.write_text(content)


def contents(folder):
    return {p.name: p.read_text() for p in folder.iterdir() if p.is_file()}


class TestNoInputIsAnOutput:
    @pytest.fixture
    def raw(self, repository, tmp_path):
        (tmp_path / "data").mkdir()
        path = tmp_path / "data" / "raw.tsv"
        path.write_bytes((repository / "test-data" / "alpha.tsv").read_bytes())
        return path

    def refused(self, local_path, out):
        given = {"source": "local", "local_path": [str(local_path)]}
        with pytest.raises(UsageError, match="also an input"):
            run_to_files(load_tool("fetch_cohort"), given, {"expression": out})

    @pytest.mark.parametrize("role", ["", "expression="])
    def test_a_file_named_by_a_text_option(self, raw, role):
        before = raw.read_bytes()
        self.refused(f"{role}{raw}", raw)
        assert raw.read_bytes() == before

    def test_under_other_names(self, raw, tmp_path):
        before = raw.read_bytes()
        (tmp_path / "link.tsv").symlink_to(raw)
        os.link(raw, tmp_path / "second.tsv")
        (tmp_path / "again").symlink_to(raw.parent)
        for out in (tmp_path / "link.tsv", tmp_path / "second.tsv", tmp_path / "again" / "raw.tsv"):
            self.refused(raw, out)
            self.refused(out, raw)
        assert raw.read_bytes() == before

    def test_of_a_folder(self, raw, tmp_path):
        outside = tmp_path / "outside.tsv"
        outside.write_text("kept elsewhere")
        (raw.parent / "linked.tsv").symlink_to(outside)
        os.link(raw, tmp_path / "second.tsv")
        for out in (raw, raw.parent / "new.tsv", raw.parent, outside, tmp_path / "second.tsv"):
            with pytest.raises(UsageError):
                Staging([out], Inputs([raw.parent]))
        Staging([tmp_path / "new.tsv"], Inputs([raw.parent]))

    def test_a_folder_that_holds_one(self, raw):
        with pytest.raises(UsageError):
            Staging([raw.parent], Inputs([raw]))

    def test_a_redirected_stream(self, raw, tmp_path):
        before = raw.read_bytes()
        call = [sys.executable, "-m", "prognomics", "normalize", "--expression", str(raw), "--method", "none",
                "--out-expression", "/dev/stdout"]  # fmt: skip
        with open(raw, "ab") as appended:
            done = subprocess.run(call, stdout=appended, stderr=subprocess.PIPE, text=True)
        assert done.returncode == 2 and "also an input" in done.stderr and raw.read_bytes() == before

    def test_the_tool_itself(self):
        tool = load_tool("cox")
        with pytest.raises(UsageError, match="also an input"):
            Staging([tool.script_path], Inputs.of_call(tool, {}))

    @pytest.mark.parametrize("second", ["a", "./a", "../{}/a", "folder/b"])
    def test_an_output_is_no_other_output(self, tmp_path, second):
        (tmp_path / "folder").mkdir()
        first = tmp_path / ("folder" if "folder" in second else "a")
        with pytest.raises(UsageError, match="another output"):
            Staging([first, Path(f"{tmp_path}/{second.format(tmp_path.name)}")], Inputs())


class TestAllOrNone:
    def test_what_was_placed_is_taken_back(self, tmp_path):
        old, new, folder, bad = (tmp_path / n for n in ("old", "new", "folder", "bad"))
        old.write_text("yesterday")
        folder.mkdir()
        with pytest.raises(UsageError, match="a folder where a file"), Staging([old, new, folder, bad], Inputs()) as s:
            s.write(old, text("today"))
            s.write(new, text("today"))
            s.write(folder, lambda p: (p.mkdir(), (p / "x").write_text("today")))
            s.write(bad, text("today"))
            bad.mkdir()
        assert contents(tmp_path) == {"old": "yesterday"} and list(folder.iterdir()) == []
        assert sorted(p.name for p in tmp_path.iterdir()) == ["bad", "folder", "old"]

    def test_a_full_stream_takes_files_back(self, tmp_path):
        old = tmp_path / "old"
        old.write_text("yesterday")
        with (
            pytest.raises(UsageError, match="No space left"),
            Staging([Path("/dev/full"), old], Inputs()) as staging,
        ):
            staging.write(Path("/dev/full"), text("today"))
            staging.write(old, text("today"))
        assert contents(tmp_path) == {"old": "yesterday"}

    def test_a_file_system_without_second_names(self, tmp_path, monkeypatch):
        def refuse(*_):
            raise OSError(errno.EPERM, "Operation not permitted")

        monkeypatch.setattr(os, "link", refuse)
        self.test_what_was_placed_is_taken_back(tmp_path)

    @pytest.mark.parametrize("placed", [False, True])
    def test_the_next_call_sweeps_after_a_kill(self, tmp_path, placed):
        code = f"""
import os, signal, sys
from pathlib import Path
from prognomics.io.scratch import Scratch
scratch = Scratch(Path(sys.argv[1]))
for number, name in enumerate(["old", "new"]):
    (scratch.folder / str(number)).write_text("today")
    if {placed}:
        scratch.journal.place(number, Path(sys.argv[1]) / name)
os.kill(os.getpid(), signal.SIGKILL)
"""
        (tmp_path / "old").write_text("yesterday")
        assert subprocess.run([sys.executable, "-c", code, str(tmp_path)]).returncode == -signal.SIGKILL
        assert len(list(tmp_path.glob(".prognomics-*"))) == 1
        with Staging([tmp_path / "next"], Inputs()) as staging:
            staging.write(tmp_path / "next", text("next"))
        assert contents(tmp_path) == {"old": "yesterday", "next": "next"} and not list(tmp_path.glob(".*"))

    def test_folders_of_the_living_stay(self, tmp_path):
        first, second = Scratch(tmp_path), Scratch(tmp_path)
        assert first.folder.is_dir()
        first.close()
        second.close()
        assert list(tmp_path.iterdir()) == []

    def test_a_journal_reaches_no_other_folder(self, tmp_path):
        (tmp_path / "in").mkdir()
        victim = tmp_path / "victim"
        victim.write_text("precious")
        left = Scratch(tmp_path / "in")
        entry = {"number": 0, "name": "../victim", "replaces": "", "inode": victim.stat().st_ino}
        (left.folder / "journal").write_text(scratch.json.dumps(entry) + "\n")
        os.close(left._lock)
        scratch.sweep(tmp_path / "in")
        assert victim.read_text() == "precious" and list((tmp_path / "in").iterdir()) == []

    def test_folders_without_a_lock_are_empty_and_go(self, tmp_path):
        (tmp_path / ".prognomics-x.part").mkdir()
        scratch.sweep(tmp_path)
        assert list(tmp_path.iterdir()) == []

    def test_a_journal_that_was_cut_short(self, tmp_path):
        left = Scratch(tmp_path)
        (tmp_path / "a").write_text("yesterday")
        (left.folder / "0").write_text("today")
        left.journal.place(0, tmp_path / "a")
        with open(left.folder / "journal", "a") as lines:
            lines.write('{"number": 1, "na')
        os.close(left._lock)
        scratch.sweep(tmp_path)
        assert contents(tmp_path) == {"a": "yesterday"} and len(list(tmp_path.iterdir())) == 1

    def test_a_term_signal_leaves_nothing(self, tmp_path):
        code = """
import sys, time
from pathlib import Path
from prognomics import cli
from prognomics.runtime.inputs import Inputs
from prognomics.runtime.staging import Staging
def stage(*_, **__):
    with Staging([Path(sys.argv[1]) / "a"], Inputs()) as staging:
        staging.write(Path(sys.argv[1]) / "a", lambda p: p.write_text("new"))
        print("ready", flush=True)
        time.sleep(60)
cli.commands.main = stage
cli.main([])
"""
        process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline() == "ready\n"
        process.terminate()
        assert process.wait() == 128 + signal.SIGTERM and list(tmp_path.iterdir()) == []


class TestNames:
    def test_links_that_lead_nowhere(self, tmp_path):
        (tmp_path / "loop").symlink_to("loop")
        (tmp_path / "dangling").symlink_to("no/where")
        for name, says in (("loop", "back to itself"), ("dangling", "whose folder does not exist"), ("x" * 241, "240")):
            with pytest.raises(UsageError, match=says):
                Staging([tmp_path / name], Inputs())
        for name, says in (("loop", "symbolic links"), ("dangling", "link to 'no/where'"), ("x" * 300, "too long")):
            with pytest.raises(UsageError, match=says):
                given = {"expression": str(tmp_path / name)}
                run_to_files(load_tool("normalize"), given, {"expression": tmp_path / "out"})

    def test_a_shell_appends(self, repository, tmp_path):
        (tmp_path / "log").write_text("before\n")
        call = [sys.executable, "-m", "prognomics", "normalize", "--method", "none", "--out-expression", "/dev/stdout",
                "--expression", str(repository / "test-data" / "alpha.tsv")]  # fmt: skip
        with open(tmp_path / "log", "ab") as appended:
            assert subprocess.run(call, stdout=appended).returncode == 0
        assert (tmp_path / "log").read_text().startswith("before\ngene_id\t")


def test_a_full_disk_is_told_at_the_end(tmp_path):
    with pytest.raises(OSError, match="No space left"), steady_file(Path("/dev/full")) as file:
        assert file.write(b"abc") == 3 and file.write(b"def") == 3
        raise RuntimeError("what the library makes of it")
    with pytest.raises(RuntimeError), steady_file(tmp_path / "x"):
        raise RuntimeError("of another kind")

"""Stop and kill runs of a study at random, and say what is wrong afterwards.

`Chaos` watches the study's folder: who works in it, and what is left there. Linux only (it reads /proc).
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from prognomics.study.differences import differences

NOT_RESULTS = ("workflow/lock", "workflow/snakemake.log", "workflow/cache/")


def workers(folder: Path) -> dict[int, int]:
    """Living processes whose working directory is in a folder, with their process groups."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if Path(os.readlink(entry / "cwd")).is_relative_to(folder):
                    fields = (entry / "stat").read_text().rpartition(")")[2].split()
                    if fields[0] != "Z":
                        found[int(entry.name)] = int(fields[2])
            except OSError:
                continue
    return found


def is_job(process: int) -> bool:
    try:
        words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    warm = b"warm-jobs" in words  # the process whose copies run the jobs, and these
    return (b"job" in words or warm) and b"-c" not in words


class Watch(threading.Thread):
    """Notes if processes of two runs ever work in the folder at once."""

    def __init__(self, folder: Path):
        super().__init__(daemon=True)
        self.folder, self.worst, self.ended = folder, 0, threading.Event()

    def run(self) -> None:
        while not self.ended.wait(0.1):
            self.worst = max(self.worst, len(set(workers(self.folder).values())))


class Chaos:
    """A study that is disturbed at random and then run to its end.

    Parameters
    ----------
    command : list of str
        What runs the study.
    out : Path
        Its folder of results.
    undisturbed : Path
        The folder of a run that was left alone.
    """

    def __init__(self, command: list[str], out: Path, undisturbed: Path, seed: int):
        self.command, self.out, self.undisturbed = command, out, undisturbed
        self.random = random.Random(seed)
        self.seconds = 20.0  # that a whole run takes; measured as it goes

    def undo(self) -> None:
        """Make work: some jobs' stamps or results are taken away."""
        stamps = sorted((self.out / "workflow" / "stamps").glob("*.json"))
        for stamp in self.random.sample(stamps, min(len(stamps), self.random.choice([1, 2, 9]))):
            stamp.unlink()
        tables = sorted(self.out.glob("*/*/*.tsv"))
        for table in self.random.sample(tables, min(len(tables), 1)):
            table.write_text("damaged")

    def disturb(self) -> str:
        """Start a run and stop or kill it, or one of its jobs, at a random moment; returns what was done."""
        process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        number = self.random.choice([signal.SIGTERM, signal.SIGKILL])
        whom = self.random.choice(["run", "job"])
        moment = self.random.uniform(0, self.seconds)
        until = time.monotonic() + moment
        while process.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
        while whom == "job" and process.poll() is None:  # the next job there is
            if jobs := [p for p in workers(self.out) if is_job(p)]:
                self._signal(self.random.choice(jobs), number)
                break
            time.sleep(0.02)
        if whom == "run":
            self._signal(process.pid, number) if process.poll() is None else None
        if whom == "job" or number == signal.SIGTERM:
            process.wait(300)
            assert not workers(self.out), "the run has ended and processes work on"
            self._no_rests()
        else:
            process.wait()
        return f"{signal.Signals(number).name} of the {whom} after {moment:.1f} s"

    @staticmethod
    def _signal(process: int, number: int) -> None:
        try:
            os.kill(process, number)
        except ProcessLookupError:
            pass

    def finish(self) -> None:
        """Run to the end and compare with the undisturbed run."""
        began = time.monotonic()
        done = subprocess.run(self.command, capture_output=True, text=True)
        self.seconds = 0.8 * self.seconds + 0.2 * min(time.monotonic() - began, 120)
        assert done.returncode == 0, done.stderr
        assert not workers(self.out), "the run has ended and processes work on"
        self._no_rests()
        names = {str(p.relative_to(self.undisturbed)) for p in self.undisturbed.rglob("*") if p.is_file()}
        wanted = sorted(n for n in names if not n.startswith(NOT_RESULTS))
        found = {str(p.relative_to(self.out)) for p in self.out.rglob("*") if p.is_file()}
        assert sorted(n for n in found if not n.startswith(NOT_RESULTS)) == wanted
        compared = [n for n in wanted if not n.startswith("workflow/")]
        unlike = [line for n in compared for line in differences(self.undisturbed / n, self.out / n, n)]
        assert unlike == []

    def _no_rests(self) -> None:
        rests = [str(p) for p in self.out.rglob("*") if p.name.endswith(".part") or ".part" in p.suffixes]
        rests += [str(p) for p in (self.out / ".snakemake", self.out / "workflow" / "tmp") if p.exists()]
        assert not rests, rests

    def repeat(self, times: int) -> list[str]:
        """Disturb and finish so many times; returns what was done."""
        done = []
        watch = Watch(self.out)
        watch.start()
        for number in range(times):
            self.undo()
            try:
                done += [self.disturb() for _ in range(self.random.choice([1, 1, 2]))]
                self.finish()
            except AssertionError as fault:
                raise AssertionError(f"disturbance {number}, {done[-2:]}: {fault}") from fault
            assert watch.worst <= 1, f"two runs at work at once, disturbance {number}, {done[-2:]}"
            print(f"{number + 1}: {done[-1]}", file=sys.stderr, flush=True)
        watch.ended.set()
        return done

"""Run a study: plan it, let Snakemake make what is missing or outdated, say where the report is."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from prognomics.errors import UsageError
from prognomics.runtime.messages import say
from prognomics.sources.transport.cache import cache_folder
from prognomics.spec.plugins import fix_tool_path
from prognomics.study.check_genes import require_genes
from prognomics.study.chosen import job_of, needed_for
from prognomics.study.engine import Stopped, started, stoppable
from prognomics.study.job import FAILURES
from prognomics.study.lock import locked
from prognomics.study.places import read_any_study, require_apart, require_writable
from prognomics.study.plan import REPORT, Plan, make_plan
from prognomics.study.profiles import Profile, find_profile
from prognomics.study.progress import StudyFailed, follow, study_failure
from prognomics.study.stamps import STAMPS, outdated, stamp_path
from prognomics.study.to_snakemake import snakefile

TEMPORARY = Path("workflow/tmp")


def run(study_path: Path, out: Path, *, cores: int | None = None, data: Path | None = None, offline: bool = False,
        profile: str | None = None, until: Sequence[str] = (), force: Sequence[str] = ()) -> None:  # fmt: skip
    """Run a study into the folder `out`; what is there and up to date is kept.

    With `until` only these steps and what they need are made; steps of `force` are made again in any case.

    Raises
    ------
    UsageError
        If Snakemake is not installed, a file is missing, or another run uses the folder.
    StudyFailed
        If a step failed, with that tool's exit code.
    """
    if importlib.util.find_spec("snakemake") is None:
        raise UsageError("running a study needs Snakemake", hint="pip install 'prognomics[study]'")
    found = None if profile is None else find_profile(profile)
    study, text = read_any_study(study_path, data, out)
    plan = make_plan(study, offline=offline, fetches_apart=_is_remote(found))
    if os.path.exists(out) and not os.path.isdir(out):
        raise UsageError(f"{str(out)!r} is a file where the folder of results should be")
    require_apart(plan, study_path, out)
    require_writable(out)
    require_genes(study, out)
    try:
        with locked(out) as lock, stoppable():
            try:
                _sweep(plan, out, found)
                if text:
                    _write_if_new(study.path, text)
                say(f"Study: {study.raw['title']}")
                calls = sum(len(j.calls) for j in plan.jobs)
                say(f"{len(study.cohorts)} cohorts, {len(plan.jobs)} jobs, {calls} tool calls")
                wanted, must_run = _prepare(plan, out, until, force, remote=_is_remote(found))
                if must_run:
                    _snakemake(plan, out, cores, found, lock, wanted)
                else:
                    say("Nothing to do: every result is up to date.")
            finally:
                _sweep(plan, out, found, failures=False)
    except Stopped as stop:
        raise StudyFailed(f"stopped by {stop}", 128 + stop.number, hint="run it again to go on") from None
    if until:
        say("The report was not made: this run had only some steps to make.")
    else:
        say(f"Report: {(out / REPORT).resolve()}")


def _prepare(
    plan: Plan, out: Path, until: Sequence[str], force: Sequence[str], *, remote: bool
) -> tuple[list[str], list[str]]:
    """Write the plan and its Snakefile, and take the stamps from the jobs that are outdated.

    Returns the jobs that are wanted, and those of them that must run.
    """
    jobs = plan.as_jobs()
    forced = [job_of(jobs, step) for step in force]
    wanted = needed_for(jobs, [job_of(jobs, step) for step in until] or jobs)
    _write_if_new(out / "workflow" / "plan.json", plan.to_json(os.path.realpath(out)))
    _write_if_new(out / "workflow" / "Snakefile", snakefile(plan, remote=remote))
    must_run = outdated(jobs, out, forced)
    for name in must_run:
        (out / stamp_path(name)).unlink(missing_ok=True)
    kept = {stamp_path(name).name for name in jobs}
    for path in (out / STAMPS).glob("*.json"):
        if path.name not in kept:
            path.unlink()
    return wanted, [name for name in wanted if name in must_run]


def _is_remote(profile: Profile | None) -> bool:
    return profile is not None and profile.remote


def _sweep(plan: Plan, out: Path, profile: Profile | None, *, failures: bool = True) -> None:
    """Remove what runs that were killed left behind; nobody else is at work while the lock is held."""
    folders = [out / TEMPORARY]
    folders += [out / FAILURES] if failures else []
    folders += [out / ".snakemake"] if profile is None else []  # its logs of jobs on a cluster are kept
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    for place in {STAMPS, *(Path(path).parent for job in plan.jobs for path in job.outputs)}:
        for part in (out / place).glob(".*.part"):
            if part.is_dir() and not part.is_symlink():
                shutil.rmtree(part, ignore_errors=True)
            else:
                part.unlink(missing_ok=True)


def _write_if_new(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        part = path.with_name(f".{path.name}.part")
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)


def _environment(out: Path) -> dict[str, str]:
    """Snakemake's own cache and temporary files stay with the study; downloads and fonts are shared between studies."""
    fix_tool_path()  # jobs work in the study's folder
    temporary = (out / TEMPORARY).resolve()
    temporary.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "XDG_CACHE_HOME": str((out / "workflow" / "cache").resolve()),
                   "PROGNOMICS_CACHE": str(cache_folder().resolve()), "TMPDIR": str(temporary)}  # fmt: skip
    with contextlib.suppress(OSError):  # a home that cannot be written: matplotlib looks for fonts again
        fonts = cache_folder().resolve() / "matplotlib"
        fonts.mkdir(parents=True, exist_ok=True)
        environment.setdefault("MPLCONFIGDIR", str(fonts))
    environment.update({name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS") if name not in os.environ})
    return environment


def _places(cores: int | None, profile: Profile | None) -> list[str]:
    """Where jobs run; on a cluster the number of this machine's processors is not a limit."""
    here = ["--cores", str(cores or os.cpu_count() or 1)]
    if profile is None:
        return here
    return ["--profile", profile.name, *(["--local-cores", str(cores or 1)] if profile.remote else here)]


def _snakemake(plan: Plan, out: Path, cores: int | None, profile: Profile | None, lock: int,
               wanted: list[str]) -> None:  # fmt: skip
    command = [sys.executable, "-m", "snakemake", "--snakefile", "workflow/Snakefile", "--rerun-incomplete",
               *_places(cores, profile), "--nolock", "--nocolor", "--keep-going", "--scheduler", "greedy",
               "--max-checksum-file-size", "0", "--rerun-triggers", "params", "--drop-metadata"]  # fmt: skip
    if len(wanted) < len(plan.jobs):
        command += ["--", *(str(stamp_path(name)) for name in wanted)]
    began = time.monotonic()
    with started(command, out, _environment(out), lock, remote=_is_remote(profile)) as process:
        with open(out / "workflow" / "snakemake.log", "w", encoding="utf-8", buffering=1) as log:
            ran, failed = follow(process, {job.name: job.title for job in plan.jobs}, log)
        code = process.wait()
    if code != 0:
        require_writable(out)  # a full disk keeps the steps from leaving their messages
        raise study_failure(out, failed)
    say(f"Done in {time.monotonic() - began:.0f} s: {ran} jobs ran, {len(wanted) - ran} were up to date.")

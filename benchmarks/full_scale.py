"""`python -m benchmarks.full_scale [--share S]`: the letter's whole analysis at full scale, beside the same steps in R.

Makes the cohorts once (results/full_scale_cohorts), runs studies/full_scale.yml from files to report, then
full_scale.R, whose screen may be given a share of the genes and is scaled.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from .timing import Row, measured

ROOT = Path(__file__).resolve().parents[1]
COHORTS = ROOT / "results" / "full_scale_cohorts"
SIZES = (310, 160, 140, 120, 100, 90, 80, 70, 60, 60, 55, 50, 45, 35, 25)
OPTIONS = (
    "--genes 24400 --shared-platforms --marker XPO1 --hazard-ratio 1.6 --normals 20 --relapses 30 --event-fraction 0.4 "
    "--endpoint mfs --cohort-hazard-sd 0.2 --signature-strength 0.7 --seed 41 --format geo"
).split()
TITLE = "The published study at its full scale"


def make_cohorts() -> None:
    """The 15 simulated cohorts, as GEO series matrices."""
    if COHORTS.exists():
        return
    COHORTS.parent.mkdir(exist_ok=True)
    sizes = [word for size in SIZES for word in ("--samples-per-cohort", str(size))]
    words = [sys.executable, "-m", "prognomics", "simulate_cohorts", "--cohorts", str(len(SIZES)), *sizes, *OPTIONS]
    subprocess.run([*words, "--out-directory", str(COHORTS)], check=True)


def rows(share: float) -> list[Row]:
    """Ours against the goal of 60 s and 4 GB, and against R."""
    make_cohorts()
    out, other = ROOT / "results" / "full_scale", ROOT / "results" / "full_scale_R"
    shutil.rmtree(out, ignore_errors=True)
    study = str(ROOT / "studies" / "full_scale.yml")
    words = [sys.executable, "-m", "prognomics", "run", study]
    words += ["--data", str(COHORTS), "--out", str(out), "--cores", "2"]
    wall, spent, memory = measured(words, out.parent / "full_scale.log", ROOT)
    cpu = f"{spent:.0f} s of processor time"
    made = [
        Row("files to report, wall time", wall, 1.0, "60 s on 2 cores", 60, "cost", f"{cpu}; the ratio is in seconds"),
        Row("peak memory of the largest process, GB", memory / 1024, 1.0, "4 GB", 4, "cost", "the ratio is in GB"),
    ]
    rscript = shutil.which("Rscript")
    if rscript is None:
        return [*made, Row("the same in R", wall, float("nan"), "R", 10, "speed", "R is not installed")]
    log = out.parent / "full_scale_R.log"
    measured([rscript, str(ROOT / "benchmarks" / "full_scale.R"), str(COHORTS), str(other), str(share)], log, ROOT)
    steps = [line.split("\t") for line in log.read_text().splitlines() if line.count("\t") == 2]
    seconds = {name: (float(elapsed), float(cpu)) for name, elapsed, cpu in steps}
    scaled = {name: tuple(t / share if name == "screen" else t for t in both) for name, both in seconds.items()}
    note = "; ".join(f"{name} {both[1]:.0f} s" for name, both in scaled.items())
    if share < 1:
        note += f"; R's screen measured on {share:.0%} of the genes"
    theirs = [sum(both[i] for both in scaled.values()) for i in (0, 1)]
    made.append(Row("files to report, wall time", wall, theirs[0], "R", 10, "speed", note))
    made.append(Row("files to report, processor time", spent, theirs[1], "R", 10, "speed"))
    return made


if __name__ == "__main__":
    from .report import table

    wanted = float(sys.argv[sys.argv.index("--share") + 1]) if "--share" in sys.argv else 0.05
    print(table(rows(wanted)))

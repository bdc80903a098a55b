"""Try an installed wheel where the repository is not: versions, loops, a study that comes with it, exports, one tool.

python packaging/try_wheel.py [--without-loops]     with the Python of the environment in which the wheel is
"""

import subprocess
import sys
import tempfile
from pathlib import Path


def prognomics(*words: str) -> str:
    done = subprocess.run([sys.executable, "-m", "prognomics", *words], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"prognomics {' '.join(words)}: exit code {done.returncode}\n{done.stderr}")
    return done.stdout


def main() -> None:
    loops = "--without-loops" not in sys.argv[1:]
    said = prognomics("--version")
    if ("compiled loops: yes" in said) != loops:
        raise SystemExit(said)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        prognomics("study", "copy", "breast_xpo1", "--out", str(root / "study"))
        prognomics("study", "check", str(root / "study" / "breast_xpo1.yml"))
        prognomics("galaxy", "export", str(root / "galaxy"))
        prognomics("cwl", "export", str(root / "cwl"))
        prognomics("nextflow", "export", str(root / "nextflow"))
        prognomics("plugin", "new", "count_levels", "--out", str(root / "plugin"))
        prognomics("spec", "build", "--tool-path", str(root / "plugin" / "count_levels"))
        prognomics("spec", "check", "--tool-path", str(root / "plugin" / "count_levels"))
        data = root / "galaxy" / "test-data"
        prognomics("screen", "--expression", str(data / "both.h5ad"), "--samples", str(data / "both.samples.tsv"),
                   "--endpoint", "os", "--out-table", str(root / "screen.tsv"))  # fmt: skip
        rows = (root / "screen.tsv").read_text().splitlines()
        wrappers = len(list((root / "galaxy" / "tools").glob("*.xml")))
    sys.stdout.write(f"{said}{len(rows)} rows of a screen, {wrappers} wrappers exported\n")


if __name__ == "__main__":
    main()

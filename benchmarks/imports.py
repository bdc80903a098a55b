"""What each tool imports and how long it takes, for `--help` and for a tiny job: no import that is not needed."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

TITLE = "Imports of each tool"
HEAVY = ("click", "yaml", "jsonschema", "numpy", "pandas", "scipy.special", "scipy.stats", "scipy.sparse", "h5py",
         "matplotlib", "lifelines", "sklearn", "jinja2", "statsmodels")  # fmt: skip
ROOT = Path(__file__).resolve().parents[1]
CODE = """
import sys, time
began = time.perf_counter()
try:
    from prognomics.cli import main
    sys.argv = ["prognomics", *sys.argv[1:]]
    main()
except SystemExit as stop:
    if stop.code: print("failed", file=sys.stderr)
print("@", round(time.perf_counter() - began, 3), *(m for m in {heavy!r} if m in sys.modules), file=sys.stderr)
"""


def text(quick: bool) -> str:
    """A row a tool: seconds and heavy modules of `--help` and of its first case without plots."""
    from prognomics.spec.loader import load_tool, tool_names

    lines = ["| tool | `--help` (s) | imports | tiny job (s) | imports |", "|---|---|---|---|---|"]
    for name in tool_names():
        tool = load_tool(name)
        asked = _run([name, "--help"])
        case = next((c for c in tool.cases if not c.exit_code and c.outputs), None)
        done = ("", "")
        if case is not None:
            with tempfile.TemporaryDirectory() as folder:
                done = _run([name, *_words(tool, case, Path(folder))])
        lines.append(f"| {name} | {asked[0]} | {asked[1]} | {done[0]} | {done[1]} |")
    return "\n".join(lines) + "\n"


def _words(tool, case, folder: Path) -> list[str]:
    words = []
    for name, value in case.options.items():
        item = tool.input(name)
        for one in value if isinstance(value, list) else [value]:
            if item.type == "boolean":
                words.append(item.flag if one else item.flag.replace("--", "--no-", 1))
            else:
                words += [item.flag, str(one)]
    for output in tool.outputs:
        if output.name in case.outputs and output.artifact != "plot":
            words += [output.flag, str(folder / (output.name + case.outputs[output.name].get("file", "")))]
    return words


def _run(words: list[str]) -> tuple[str, str]:
    done = subprocess.run([sys.executable, "-c", CODE.format(heavy=HEAVY), *words], cwd=ROOT / "test-data",
                          capture_output=True, text=True)  # fmt: skip
    told = [line for line in done.stderr.splitlines() if line.startswith("@")]
    if not told or "failed" in done.stderr.splitlines():
        return "failed", done.stderr.strip().splitlines()[0][:80] if done.stderr.strip() else ""
    _, spent, *modules = told[-1].split()
    return spent, ", ".join(modules)

"""Check the types of the package with mypy (strict): `make types`, part of `make lint`.

Every module is strict. Those that are not clean yet are listed in `types_to_mend.tsv` with their number of errors; this
number may only shrink, and a module that is not listed has none. `--renew` writes the list again: run it after errors
were mended, never to make room for new ones.
"""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LISTED = ROOT / "packaging" / "types_to_mend.tsv"
HEAD = "# Modules with errors of mypy (strict), and how many: written by packaging/check_types.py --renew.\n"
ERROR = re.compile(r"(\S+\.py):\d+: error: ")


def run_mypy() -> list[str]:
    """The lines of mypy over the package; SystemExit where it does not run."""
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary"], cwd=ROOT, capture_output=True, text=True
    )
    if done.returncode not in (0, 1):
        raise SystemExit(done.stdout + done.stderr)
    return done.stdout.splitlines()


def count_errors(lines: list[str]) -> Counter[str]:
    return Counter(found[1] for found in map(ERROR.match, lines) if found)


def read_listed(text: str) -> Counter[str]:
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return Counter({module: int(number) for module, number in rows})


def list_text(found: Counter[str]) -> str:
    return HEAD + "".join(f"{module}\t{found[module]}\n" for module in sorted(found))


def problems(found: Counter[str], listed: Counter[str]) -> list[str]:
    """Modules with more errors than are listed."""
    return [f"{module}: {found[module]} errors of types, {listed[module]} are listed"
            for module in sorted(found) if found[module] > listed[module]]  # fmt: skip


def main(words: list[str]) -> int:
    lines = run_mypy()
    found = count_errors(lines)
    if words == ["--renew"]:
        LISTED.write_text(list_text(found), encoding="utf-8")
        print(f"{found.total()} errors in {len(found)} modules")
        return 0
    listed = read_listed(LISTED.read_text(encoding="utf-8"))
    wrong = problems(found, listed)
    worse = {line.partition(":")[0] for line in wrong}
    shown = [line for line in lines if line.partition(":")[0] in worse]
    print("\n".join([*shown, *wrong, f"{found.total()} errors of types in {len(found)} modules are still to mend"]))
    if fewer := sum(n > found[module] for module, n in listed.items()):
        print(f"{fewer} modules have fewer than are listed: run packaging/check_types.py --renew")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

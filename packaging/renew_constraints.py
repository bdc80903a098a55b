"""Renew the constraints: exact versions with hashes of all that is installed, and the bounds of the conda recipe.

`make constraints` runs this. Four files are written to `packaging/constraints/`:

- `dev.txt`: what `make test` installs;
- `run.txt`: what `make run` and the image install, the same versions;
- `docs.txt`: what `make docs` adds;
- `lowest.txt`: the lowest versions that `setup.cfg` declares, with the test tools (`make test-lowest`).
"""

import re
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = Path("packaging/constraints")
BUILD = FOLDER / "build.in"
RECIPE = Path("packaging/conda/meta.yaml")
CONDA_NAMES = {"matplotlib": "matplotlib-base", "isal": "python-isal"}
QUIET = ("--quiet", "--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url", "--upgrade")
SAME_EVERYWHERE = ("--universal", "--fork-strategy", "fewest")  # one version of a package for all Pythons
OLDEST_PYTHON = "3.11"


def compile_file(name: str, extras: list[str], *more: str) -> None:
    words = [sys.executable, "-m", "uv", "pip", "compile", "setup.py", str(BUILD), *QUIET,
             "--python-version", OLDEST_PYTHON]  # fmt: skip
    words += [word for extra in extras for word in ("--extra", extra)]
    subprocess.run([*words, *more, "-o", str(FOLDER / name)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def pinned(name: str) -> dict[str, str]:
    """Versions in a constraints file by package."""
    text = (ROOT / FOLDER / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", text, flags=re.MULTILINE))


def recipe_requirements() -> list[str]:
    """What the conda recipe requires to run: from the lowest version that is tested to the newest."""
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    declared = setup["options"]["install_requires"] + setup["options.extras_require"]["pdf"]
    newest = pinned("dev.txt")
    lines = [f"python {setup['options']['python_requires']}"]
    for requirement in declared.split():
        name, lowest = re.fullmatch(r"([\w-]+)>=([\d.]+)(?:,.*)?", requirement).groups()
        lines.append(f"{CONDA_NAMES.get(name, name)} >={lowest},<={newest[name]}")
    return [lines[0], *sorted(lines[1:], key=lambda line: line.removeprefix("python-"))]


def renewed_recipe(text: str) -> str:
    listed = "".join(f"    - {line}\n" for line in recipe_requirements())
    return re.sub(r"(?<=\n  run:\n)(?:    - .*\n)+", lambda _: listed, text)


def main() -> None:
    compile_file("dev.txt", ["study", "demo", "dev"], *SAME_EVERYWHERE)
    compile_file("run.txt", ["study", "demo"], *SAME_EVERYWHERE, "--constraint", str(FOLDER / "dev.txt"))
    compile_file("docs.txt", ["study", "demo", "docs"], *SAME_EVERYWHERE, "--constraint", str(FOLDER / "dev.txt"))
    compile_file("lowest.txt", ["study", "demo", "pdf"], "--resolution", "lowest-direct")
    lowest = FOLDER / "lowest.in"
    (ROOT / lowest).write_text((ROOT / FOLDER / "lowest.txt").read_text(encoding="utf-8"), encoding="utf-8")
    compile_file("lowest.txt", ["study", "demo", "dev"], "--constraint", str(lowest))
    (ROOT / lowest).unlink()
    recipe = ROOT / RECIPE
    recipe.write_text(renewed_recipe(recipe.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()

"""What a reviewer of tools-iuc and of the IWC would ask, point by point, with the evidence: `make merge-ready`.

    merge_ready.py [REPOSITORY]

The points on tools are those of the IUC's tool guide as of March 2024 (the newest edition that could be read), in our
own words; those on security and on remote execution are our own lists, since the IUC's pages of 2026 could not be read.
Exits with 1 if a point is open that needs no publication.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ORDER = ["name", "argument", "type", "format", "min", "truevalue", "max", "falsevalue", "value", "checked", "optional",
         "label", "help"]  # fmt: skip
ELEMENTS = ["description", "macros", "edam_topics", "edam_operations", "xrefs", "requirements", "stdio",
            "version_command", "command", "configfiles", "inputs", "outputs", "tests", "help", "citations"]  # fmt: skip
SHARED = ("requirements", "creator", "edam_topics", "citations")
PUBLICATION = "needs a publication"


@dataclass(frozen=True)
class Wrapper:
    """A tool's wrapper: its text, and its tree without macros expanded."""

    name: str
    text: str
    root: ET.Element

    @property
    def command(self) -> str:
        return self.root.findtext("command") or ""

    @property
    def params(self) -> list[ET.Element]:
        return list(self.root.find("inputs").iter("param"))


def wrappers(repository: Path) -> list[Wrapper]:
    found = []
    for path in sorted((repository / "tools").glob("*.xml")):
        if path.stem != "macros":
            text = path.read_text(encoding="utf-8")
            found.append(Wrapper(path.stem, text, ET.fromstring(text)))
    return found


# ------------------------------------------------------------------ checks of one wrapper; each names what is wrong


def _unordered(w: Wrapper) -> Iterator[str]:
    for param in w.params:
        places = [ORDER.index(a) if a in ORDER else len(ORDER) for a in param.attrib]
        if places != sorted(places):
            yield param.get("argument") or param.get("name", "")


def _elements(w: Wrapper) -> Iterator[str]:
    tags = [c.get("macro", "").replace("creator", "macros") if c.tag == "expand" else c.tag for c in w.root]
    places = [ELEMENTS.index(t) for t in tags if t in ELEMENTS]
    if places != sorted(places):
        yield " ".join(tags)


def _unquoted(w: Wrapper) -> Iterator[str]:
    """Variables outside quotes; the value of a boolean is an option, and quotes would make an empty word of it."""
    flags = {p.get("name") or p.get("argument", "").lstrip("-").replace("-", "_")
             for p in w.params if p.get("type") == "boolean"}  # fmt: skip
    for line in w.command.splitlines():
        if line.lstrip().startswith("#"):
            continue
        bare = re.sub(r"'[^']*'", "", line)
        found = re.findall(r"\$\{?([A-Za-z_][\w.]*)\}?", bare)
        yield from (name for name in found if name.split(".")[-1] not in flags)


def _texts_without_validator(w: Wrapper) -> Iterator[str]:
    for param in w.params:
        if param.get("type") == "text" and not any(c.tag in ("validator", "sanitizer", "expand") for c in param):
            yield param.get("argument") or param.get("name", "")


def _flags(w: Wrapper) -> Iterator[str]:
    for param in w.params:
        if param.get("type") == "boolean" and not (param.get("truevalue") or param.get("falsevalue")):
            yield param.get("argument") or param.get("name", "")


def _conditionals(w: Wrapper) -> Iterator[str]:
    for conditional in w.root.iter("conditional"):
        first = conditional.find("param")
        if first is not None and first.get("type") not in (None, "select"):
            yield conditional.get("name", "")


def _one(wrong: Callable[[Wrapper], bool]) -> Callable[[Wrapper], Iterator[str]]:
    def check(w: Wrapper) -> Iterator[str]:
        if wrong(w):
            yield "yes"

    return check


def _tests(w: Wrapper) -> list[ET.Element]:
    return w.root.findall("tests/test")


def _plain_tables(w: Wrapper) -> Iterator[str]:
    if w.name == "report":  # joins tables to their run records by checksum, so it takes them as they were written
        return
    for param in w.params:
        formats = (param.get("format") or "").split(",")
        if param.get("type") == "data" and "tabular" in formats and not {"tabular.gz", "json"} & set(formats):
            yield param.get("argument") or param.get("name", "")


TOOL_POINTS: list[tuple[str, str, Callable[[Wrapper], Iterator[str]]]] = [
    ("tool guide", "The id has the prefix of the suite and lower-case letters only",
     _one(lambda w: not re.fullmatch(r"prognomics_[a-z0-9_]+", w.root.get("id", "")))),
    ("tool guide", "The name has the prefix of the suite",
     _one(lambda w: not w.root.get("name", "").startswith("Prognomics"))),
    ("tool guide", "The version is that of the package and a revision of the wrapper",
     _one(lambda w: w.root.get("version") != "@TOOL_VERSION@+galaxy@VERSION_SUFFIX@")),
    ("tool guide", "The description has no final period",
     _one(lambda w: w.root.findtext("description", ".").endswith("."))),
    ("tool guide", "EDAM operations are named", _one(lambda w: w.root.find("edam_operations/edam_operation") is None)),
    ("tool guide", "Requirements, creators, topics and citations come from shared macros",
     _one(lambda w: any(f'macro="{m}"' not in w.text for m in SHARED))),
    ("tool guide", "The exit code decides success", _one(lambda w: 'detect_errors="exit_code"' not in w.text)),
    ("tool guide", "Command and help are CDATA", _one(lambda w: w.text.count("<![CDATA[") < 2)),
    ("tool guide", "Values in the command are in single quotes", _unquoted),
    ("tool guide", "Booleans carry the option of the command line", _flags),
    ("tool guide", "Conditionals are chosen by a select", _conditionals),
    ("tool guide", "Attributes of parameters are in the order of the coding style", _unordered),
    ("tool guide", "Elements are in the order of the coding style", _elements),
    ("tool guide", "At least two tests, one of them of a failure",
     _one(lambda w: len(_tests(w)) < 2 or not any(t.get("expect_failure") for t in _tests(w)))),
    ("tool guide", "At least one test of success", _one(lambda w: all(t.get("expect_failure") for t in _tests(w)))),
    ("tool guide", "Compressed tables are accepted where plain ones are", _plain_tables),
    ("security", "Every text has a validator or a sanitizer", _texts_without_validator),
    ("security", "No path or address of the server is asked for",
     _one(lambda w: any(p.get("type") in ("ftpfile", "directory_uri") for p in w.params))),
    ("security", "No configuration file is made of the user's text",
     _one(lambda w: w.root.find("configfiles") is not None)),
    ("remote execution", "No file of the tool's folder is used", _one(lambda w: "__tool_directory__" in w.command)),
    ("remote execution", "No extra files of a data set are used",
     _one(lambda w: "extra_files_path" in w.command or "files_path" in w.command)),
    ("remote execution", "Outputs are written below the working directory",
     _one(lambda w: re.search(r"--out-\S+ '?/", w.command) is not None)),
    ("remote execution", "No absolute path is in the command",
     _one(lambda w: re.search(r"['\s]/[a-z]+/", w.command) is not None)),
]  # fmt: skip

# Points that a test of the suite holds: the test that is the evidence.
TESTED = [
    ("security", "Names of data sets cannot leave the folder of the job", "tests/galaxy/hostile.py"),
    ("security", "Hostile texts and files do no harm", "tests/galaxy/hostile.py"),
    ("security", "The report escapes every name and text", "tests/browser/test_page_in_browser.py"),
    ("security", "Archives, links and HDF5 cannot leave their folder", "tests/provider_box/test_archives.py"),
    ("security", "Nothing is unpickled or evaluated", "tests/house/test_nothing_is_evaluated.py"),
    ("security", "Only fetch_cohort uses the network, and only its providers' hosts",
     "tests/provider_box/test_faults.py"),
    ("security", "No password or token is asked for or recorded", "tests/provider_box/test_privacy.py"),
    ("remote execution", "The same bytes wherever it runs", "tests/galaxy/same_bytes.py"),
    ("remote execution", "Jobs run where no file of Galaxy can be seen", "tests/galaxy/remote.py"),
    ("users", "A red data set and its bug report state our sentence, in every failing case", "tests/galaxy/red.py"),
    ("training network", "The steps are done as written, and answers state what comes out",
     "tests/training/test_training.py"),
    ("training network", "The workflow is made of the tutorial's boxes",
     "docs/training/prognostic-marker/workflows/main_workflow.ga"),
]  # fmt: skip

PUBLISHED = [
    ("tool guide", "Cross-reference to bio.tools", "`biotools` in suite.yml; draft in packaging/biotools.json"),
    ("tool guide", "remote_repository_url and homepage", "`repository` and `homepage` in suite.yml"),
    ("tool guide", "Creators with ORCID", "`orcid` of the creators in suite.yml"),
    ("IWC", "Tool Shed ids in the workflows", "the wrappers' ids once they are in a Tool Shed"),
    ("training network", "Data deposited", "`RECORD` in data-library.yaml and `zenodo_link` of the tutorials"),
    ("training network", "Authors by the network's user names", "`contributions` of the tutorials"),
]  # fmt: skip


def _workflow_faults(folder: Path) -> Iterator[tuple[str, str]]:
    """What a reviewer of the IWC would ask of a workflow's folder, each point with what is wrong (empty if nothing)."""
    exported = json.loads((folder / f"{folder.name}.ga").read_text(encoding="utf-8"))
    annotation, release = exported["annotation"], exported["release"]
    yield (
        "The annotation begins with `This workflow`",
        "" if annotation.startswith("This workflow ") else annotation[:60],
    )
    changes = (folder / "CHANGELOG.md").read_text(encoding="utf-8")
    dated = re.search(rf"^## \[{re.escape(release)}\] - \d{{4}}-\d\d-\d\d$", changes, re.M)
    yield "The changelog has the release with its date", "" if dated else f"no dated entry of {release}"
    readme = (folder / "README.md").read_text(encoding="utf-8")
    missing = [s["label"] for s in exported["steps"].values() if not s["tool_id"] and s["type"] != "subworkflow"
               and s["label"].partition(" (")[0] not in readme]  # fmt: skip
    yield "The README lists each input", ", ".join(missing)
    lacking = [s["label"] for s in exported["steps"].values() if not (s["label"] and s["annotation"])]
    yield "Each step has a label and an annotation", ", ".join(lacking)
    shown = [o["label"] for s in exported["steps"].values() for o in s["workflow_outputs"]]
    tests = (folder / f"{folder.name}-tests.yml").read_text(encoding="utf-8")
    tested = [label for label in shown if label in tests]
    yield "Tests look at outputs by their labels", "" if len(tested) >= 5 else f"{len(tested)} outputs"
    yield ".dockstore.yml names workflow and tests", "" if (folder / ".dockstore.yml").is_file() else "missing"


def folder_rows(repository: Path) -> Iterator[tuple[str, str, str, str]]:
    """The points on the folders of workflows, and on tours."""
    folders = sorted((repository / "workflows/galaxy").iterdir())
    found: dict[str, list[str]] = {}
    for folder in folders:
        for point, wrong in _workflow_faults(folder):
            found.setdefault(point, []).extend([f"{folder.name}: {wrong}"] if wrong else [])
    for point, wrong in found.items():
        yield "IWC", point, "open" if wrong else "done", "; ".join(wrong) or f"read in {len(folders)} workflows"
    validator = Path.home() / ".cache/prognomics-galaxy/venv/bin/gx-validate-tours"
    for tutorial in sorted((repository / "docs/training").iterdir()):
        tours = sorted(tutorial.glob("tours/*.yaml"))
        valid = validator.is_file() and all(
            subprocess.run([validator, t], capture_output=True).returncode == 0 for t in tours
        )
        yield (
            "training network",
            f"Tour of {tutorial.name}",
            "done" if valid and tours else "open",
            "`gx-validate-tours`",
        )
        complete = all((tutorial / name).exists() for name in ("tutorial.md", "data-library.yaml", "workflows"))
        yield (
            "training network",
            f"Files of {tutorial.name}",
            "done" if complete else "open",
            f"`docs/training/{tutorial.name}`",
        )


def workflow_rows(repository: Path) -> Iterator[tuple[str, str, str, str]]:
    """Lint of the IWC, where planemo is installed."""
    planemo = Path.home() / ".cache/prognomics-galaxy/venv/bin/planemo"
    for folder in sorted((repository / "workflows/galaxy").iterdir()):
        said = f"Lint of {folder.name}"
        if not planemo.is_file():
            yield "IWC", said, "open", "planemo is not installed: run `make test-galaxy` first"
            continue
        run = subprocess.run(
            [planemo, "workflow_lint", "--iwc", "--fail_level", "warn", str(folder)], capture_output=True
        )
        yield "IWC", said, "done" if run.returncode == 0 else "open", "`planemo workflow_lint --iwc`"


def rows(repository: Path) -> Iterator[tuple[str, str, str, str]]:
    """List, point, state (done, open, needs a publication) and evidence."""
    tools = wrappers(repository)
    for group, point, check in TOOL_POINTS:
        wrong = {w.name: first for w in tools if (first := next(check(w), None)) is not None}
        shown = "; ".join(f"{name}: {what}" for name, what in list(wrong.items())[:3])
        yield group, point, "open" if wrong else "done", shown or f"read in {len(tools)} wrappers"
    for group, point, test in TESTED:
        yield group, point, "done" if (repository / test).exists() else "open", f"`{test}`"
    yield from workflow_rows(repository)
    yield from folder_rows(repository)
    for group, point, where in PUBLISHED:
        yield group, point, PUBLICATION, where


def main(repository: str = ".") -> int:
    found = list(rows(Path(repository)))
    print("| list | point | state | evidence |\n|---|---|---|---|")
    for row in found:
        print("| " + " | ".join(row) + " |")
    counts = {state: sum(r[2] == state for r in found) for state in ("done", "open", PUBLICATION)}
    print("\n" + ", ".join(f"{n} {state}" for state, n in counts.items()))
    return 1 if counts["open"] else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

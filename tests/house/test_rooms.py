"""The plan of the house: which room may import which, and what the rooms of statistics may not import.

`python tests/house/test_rooms.py` prints the table that CONTRIBUTING.md shows.
"""

import ast
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGE = REPOSITORY / "shared" / "prognomics"
GROUND = {"", "errors", "warning_codes", "compiled", "threads", "_loops"}

# Room: what it is for, and the rooms above it in this table that it may import. `(ground)` is allowed to all.
ROOMS = {
    "io": ("bytes from outside to values; the only code that opens foreign files", ()),
    "spec": ("the model and the loader of specs; schemas", ()),
    "data": ("what passes between tools: matrix, sheet, endpoint, columns, levels, signature", ("io", "spec")),
    "stats": ("general tests and estimators", ("data",)),
    "simulate": ("cohorts with a known ground truth", ("data",)),
    "modeling": (
        "what all regression models have in common: coding, fitting, tests, rows of tables, selection, locked models",
        ("data", "stats"),
    ),
    "sources": ("cohorts of public providers and of local files", ("io", "data", "simulate")),
    "curation": ("from a raw clinical table to the standard sheet", ("io", "data")),
    "expression": (
        "normalization, genes, merging, quality, differential expression; Affymetrix arrays",
        ("io", "data", "stats"),
    ),
    "survival": ("follow-up and concordance", ("data",)),
    "survival.curves": ("survival curves and tests between them", ("data", "stats", "survival")),
    "survival.cox": ("Cox models", ("data", "stats", "modeling", "survival", "survival.curves")),
    "survival.competing_risks": (
        "cumulative incidence, its tests, and regression with competing events",
        ("data", "stats", "modeling", "survival", "survival.curves", "survival.cox"),
    ),
    "survival.planning": (
        "power, events and samples of survival studies",
        ("data", "stats", "modeling", "survival", "survival.curves"),
    ),
    "survival.parametric": ("parametric models of survival time", ("data", "modeling", "survival", "survival.curves")),
    "survival.evaluation": (
        "how well models predict",
        ("data", "stats", "modeling", "survival", "survival.curves", "survival.cox"),
    ),
    "regression": ("odds ratios of yes/no outcomes", ("data", "stats", "modeling")),
    "cutpoint": (
        "from a continuous marker to groups",
        ("data", "stats", "survival", "survival.curves", "survival.cox"),
    ),
    "signature": (
        "scores and classes of gene signatures",
        ("data", "stats", "expression", "cutpoint", "survival.curves"),
    ),
    "enrichment": ("gene sets in a ranking of genes, or in a list", ("data", "stats")),
    "association": ("a marker or groups against clinical variables, and between groups", ("data", "stats")),
    "meta_analysis": ("effects of cohorts, estimated and pooled", ("data", "modeling", "survival", "survival.cox")),
    "screen": (
        "every gene against survival",
        ("data", "stats", "modeling", "survival", "survival.cox", "survival.competing_risks", "cutpoint"),
    ),
    "learning": (
        "models learned, locked and applied to other samples",
        (
            "data",
            "stats",
            "modeling",
            "expression",
            "survival",
            "survival.curves",
            "survival.cox",
            "survival.evaluation",
            "signature",
            "regression",
        ),
    ),
    "report": ("numbers and names as people read them", ()),
    "report.results": (
        "what a study found, as data: steps with their results, and findings by identity",
        ("data", "spec", "stats", "report"),
    ),
    "report.figures": ("figures; each draws the tables that it is given", ("report",)),
    "report.page": ("the page; computes nothing", ("data", "spec", "report", "report.results", "report.figures")),
    "report.export": (
        "the report as files: PDF, workbook, RO-Crate",
        ("data", "spec", "report", "report.results", "report.page"),
    ),
    "runtime": ("calling a tool: options, files, outputs, records", ("io", "data", "spec")),
    "study": ("a study file to a plan, a plan to Snakemake", ("io", "data", "spec", "sources", "runtime")),
    "generate": (
        "specs and plans to wrappers, CWL, pages, stubs; checks and cases",
        ("data", "spec", "runtime", "study"),
    ),
    "assistant": (
        "the tools for an assistant, on one folder (Model Context Protocol)",
        ("data", "spec", "runtime", "study"),
    ),
    "commands": (
        "the suite's own commands, by what they are about",
        ("sources", "runtime", "study", "generate", "assistant"),
    ),
    "cli": ("the command line", ("spec", "runtime", "commands")),
}
STATISTICS = ("stats", "modeling", "survival", "regression", "cutpoint", "signature", "association", "meta_analysis",
              "screen", "expression", "enrichment")  # fmt: skip
NOT_IN_STATISTICS = {"click", "yaml", "matplotlib", "jinja2", "requests"}
SLOW_AT_START = {"scipy.stats", "sklearn", "lifelines", "matplotlib", "requests", "openpyxl", "jinja2"}


def room_of(module: str) -> str:
    """The room of a module of the package (`survival.cox.fit` -> `survival.cox`)."""
    parts = module.split(".")
    nested = ".".join(parts[:2])
    return nested if len(parts) > 1 and nested in ROOMS else parts[0]


def modules() -> dict[str, Path]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        found[".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")] = path
    return found


def imports(path: Path, at_start: bool = False, relative: bool = False) -> set[str]:
    """Dotted names that a file imports: also inside functions, or only when it is loaded."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = set()
    for node in _loaded(tree.body) if at_start else ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert relative or node.level == 0, f"{path}: relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _loaded(body):
    for node in body:
        yield node
        if isinstance(node, ast.Try) or (isinstance(node, ast.If) and "TYPE_CHECKING" not in ast.unparse(node.test)):
            yield from _loaded(node.body + node.orelse)


def imported_rooms(module: str, path: Path, known: dict[str, Path]) -> set[tuple[str, str]]:
    found = set()
    for name in imports(path):
        if name.split(".")[0] != "prognomics":
            continue
        inner = name.removeprefix("prognomics.").removeprefix("prognomics")
        target = inner if inner in known else inner.rpartition(".")[0]
        found.add((room_of(target), inner))
    return found


def test_every_module_is_in_a_room():
    known = modules()
    assert {room_of(m) for m in known} <= set(ROOMS) | GROUND | {"__main__", "__init__"}


def test_the_table_is_a_ladder():
    """A room may only import rooms that stand above it in the table, so there are no circles."""
    order = list(ROOMS)
    for room, (_, allowed) in ROOMS.items():
        assert all(order.index(other) < order.index(room) for other in allowed), room


@pytest.mark.parametrize("room", ROOMS)
def test_imports_follow_the_plan(room):
    known = modules()
    for module, path in known.items():
        if room_of(module) != room:
            continue
        for target, name in imported_rooms(module, path, known):
            assert target in {room, *ROOMS[room][1], *GROUND}, f"{module} imports {name}"


@pytest.mark.parametrize("folder", ["shared", "tools", "tests", "benchmarks"])
def test_imports_lead_to_modules(folder):
    """Also those inside functions, which fail only when the function is called."""
    known = modules()
    for path in sorted((REPOSITORY / folder).rglob("*.py")):
        for name in imports(path, relative=True):
            package, _, inner = name.partition(".")
            if package == "prognomics" and inner and not inner.startswith("tools"):
                module = inner if inner in known else inner.rpartition(".")[0]
                assert module in {"", *known}, f"{path}: there is no {name}"


def test_files_import_each_other_in_no_circle():
    """Imports for types and those inside functions count as well."""
    known = modules()
    left = {m: {t for n in imports(path) if (t := module_named(n, known)) and t != m} for m, path in known.items() if m}
    while free := [m for m, needed in left.items() if not needed & left.keys()]:
        for module in free:
            del left[module]
    assert not left, f"circles among {sorted(left)}"


def module_named(name: str, known: dict[str, Path]) -> str:
    """The module of the package that an imported name is, or is of; '' for others."""
    package, _, inner = name.partition(".")
    if package != "prognomics":
        return ""
    return inner if inner in known else inner.rpartition(".")[0] if inner.rpartition(".")[0] in known else ""


def test_statistics_know_no_interface():
    for module, path in modules().items():
        if room_of(module).split(".")[0] in STATISTICS:
            found = {name.split(".")[0] for name in imports(path)} & NOT_IN_STATISTICS
            assert not found, f"{module} imports {found}"


def test_slow_libraries_are_loaded_where_they_are_used():
    for module, path in modules().items():
        if room_of(module).startswith("report"):
            continue
        names = imports(path, at_start=True)
        found = {s for s in SLOW_AT_START for n in names if n == s or n.startswith(s + ".")}
        assert not found, f"{module} imports {found} when it is loaded"


def test_lifelines_is_loaded_in_one_room_and_nowhere_else():
    users = {room_of(module) for module, path in modules().items()
             if any(name.split(".")[0] == "lifelines" for name in imports(path))}  # fmt: skip
    assert users == {"survival.parametric"}


def table() -> str:
    """The plan as the table of CONTRIBUTING.md."""
    rows = ["| room | what | may import |", "|---|---|---|"]
    for room, (what, allowed) in ROOMS.items():
        folder = f"`shared/prognomics/{room.replace('.', '/')}`" if room != "cli" else "`shared/prognomics/cli.py`"
        rows.append(f"| {folder} | {what} | {', '.join(f'`{a}`' for a in allowed)} |")
    return "\n".join(rows)


def test_contributing_shows_the_plan():
    assert table() in (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")

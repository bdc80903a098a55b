"""What is declared is what is imported: no dependency that nothing imports, none that only another one brings."""

import ast
import importlib.util
import re
import sys
from configparser import ConfigParser

import pytest

# where the name of a package is not the name of the module that it installs
MODULES = {"google-re2": "re2", "pillow": "PIL", "pyyaml": "yaml", "scikit-learn": "sklearn", "survset": "SurvSet"}
# imported where an extra is installed: by the rooms that need it, each behind a message that names the extra
IN_EXTRAS = {
    "psutil": "study",
    "snakemake": "study",
    "weasyprint": "pdf",
    "mcp": "mcp",
    "anyio": "mcp",
    "galaxy": "dev",
}
STARTED = {"snakemake", "SurvSet"}  # started as a program; a folder of data that is found and never imported


@pytest.fixture(scope="module")
def declared(repository):
    setup = ConfigParser()
    setup.read(repository / "setup.cfg")
    lists = {"": setup["options"]["install_requires"], **setup["options.extras_require"]}
    names = {extra: re.findall(r"^([\w-]+)", text.strip(), flags=re.MULTILINE) for extra, text in lists.items()}
    return {extra: {MODULES.get(n.lower(), n.lower()) for n in found} for extra, found in names.items()}


@pytest.fixture(scope="module")
def imported(repository):
    """Modules of other packages that the suite imports anywhere, by a file that does."""
    found = {}
    for path in [*(repository / "shared").rglob("*.py"), *(repository / "tools").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module]
            for name in (name.partition(".")[0] for name in names):
                if name not in sys.stdlib_module_names and name != "prognomics":
                    found.setdefault(name, path)
    return found


def test_all_that_is_imported_is_declared(declared, imported):
    missing = {n: p for n, p in imported.items() if n not in declared[""] and n not in IN_EXTRAS}
    assert missing == {}, "declare them in setup.cfg"


def test_all_that_is_declared_is_imported(declared, imported):
    assert declared[""] - set(imported) == set(), "nothing imports them"


def test_what_extras_bring_is_declared_there(declared, imported):
    for name, extra in IN_EXTRAS.items():
        if name in imported and name != "galaxy":  # galaxy-tool-util installs the module galaxy
            assert name in declared[extra], f"{name} is not in the extra {extra}"
    assert declared["study"] | declared["pdf"] <= set(imported) | STARTED


def readme(repository, url=""):
    spec = importlib.util.spec_from_file_location(
        "readme_of_packages", repository / "packaging" / "long_description.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.long_description((repository / "README.md").read_text(encoding="utf-8"), url, "1.0")


@pytest.mark.parametrize("url", ["", "https://example.org/prognomics"])
def test_the_readme_of_a_package_has_no_relative_link(url, repository):
    text = readme(repository, url)
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    assert [t for t in targets if not t.startswith(("https://", "#"))] == []
    assert bool(url) == ("https://example.org/prognomics/blob/v1.0/docs/studies.md" in targets)


def test_the_pythons_that_are_named_are_those_that_are_tested(repository):
    setup = ConfigParser()
    setup.read(repository / "setup.cfg")
    named = re.findall(r"Python :: (3\.\d+)$", setup["metadata"]["classifiers"], flags=re.MULTILINE)
    recipe = (repository / ".github" / "workflows" / "wheels.yml").read_text(encoding="utf-8")
    tested = re.findall(r"cp(3)(\d+)-\*", recipe)
    assert named == [f"{major}.{minor}" for major, minor in tested] and setup["options"]["python_requires"] == ">=3.11"

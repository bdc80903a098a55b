"""What is installed is what was tested: constraints, recipe and image follow from the package's declarations."""

import importlib.util
import re
from configparser import ConfigParser

import pytest

from prognomics import __version__

FILES = ("dev", "run", "docs", "lowest")


@pytest.fixture(scope="module")
def renewal(repository):
    path = repository / "packaging" / "renew_constraints.py"
    spec = importlib.util.spec_from_file_location("renew_constraints", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def declared(repository):
    """Lowest declared versions by extra ("" is the package itself)."""
    setup = ConfigParser()
    setup.read(repository / "setup.cfg")
    lists = {"": setup["options"]["install_requires"], **setup["options.extras_require"]}
    found = {}
    for extra, text in lists.items():
        pairs = re.findall(r"^([\w-]+)[>=]=([\d.]+)", text.strip(), flags=re.MULTILINE)
        assert len(pairs) == len(text.split()), f"{extra}: a requirement has no lower end"
        found[extra] = {name.lower(): version for name, version in pairs}
    return found


def release(version):
    return [int(part) for part in re.findall(r"\d+", version)]


@pytest.mark.parametrize("name", FILES)
def test_each_version_is_exact_and_has_hashes(name, renewal, repository):
    text = (repository / renewal.FOLDER / f"{name}.txt").read_text()
    entries = re.split(r"\n(?=\S)", text.strip())
    assert len(entries) > 50
    for entry in entries:
        assert re.match(r"[a-z0-9._-]+==[^\s;]+", entry) and "--hash=sha256:" in entry, entry
    assert "://" not in text and "--find-links" not in text and "file:" not in text
    assert renewal.pinned(f"{name}.txt").keys() >= {"setuptools"}


@pytest.mark.parametrize("name, extras", {"dev": ("study", "demo", "dev"), "run": ("study", "demo"),
                                          "docs": ("docs",), "lowest": ("study", "demo", "pdf")}.items())  # fmt: skip
def test_all_that_is_declared_is_pinned(name, extras, renewal, declared):
    pinned = renewal.pinned(f"{name}.txt")
    for extra in ("", *extras):
        for package, lowest in declared[extra].items():
            assert release(pinned[package]) >= release(lowest), package


def test_what_runs_is_what_was_tested(renewal):
    tested = renewal.pinned("dev.txt")
    assert renewal.pinned("run.txt").items() <= tested.items()
    assert {n: v for n, v in renewal.pinned("docs.txt").items() if n in tested}.items() <= tested.items()


def test_the_lowest_are_the_declared_lower_ends(renewal, declared):
    pinned = renewal.pinned("lowest.txt")
    for package, lowest in {**declared[""], **declared["study"], **declared["pdf"]}.items():
        numbers = release(lowest)
        assert release(pinned[package])[: len(numbers)] == numbers, package


def test_the_conda_recipe_has_the_tested_bounds(renewal, repository):
    text = (repository / renewal.RECIPE).read_text()
    assert renewal.renewed_recipe(text) == text, "run `make constraints`"
    assert f'set version = "{__version__}"' in text


def test_make_and_image_install_what_is_locked(repository):
    makefile = (repository / "Makefile").read_text()
    locked = [line.strip() for line in makefile.splitlines() if line.startswith(("\t$(PIP)", "INSTALL"))]
    newest = '$(PIP) --upgrade --editable ".[study,demo,dev]"'
    assert len(locked) > 3 and newest in locked
    for line in locked:
        assert "--requirement $(LOCKED)/" in line or "--no-deps" in line or line == newest, line
    image = (repository / "packaging" / "Dockerfile").read_text()
    installs = re.findall(r"pip install (.*?) &&", image)
    assert ["--requirement" in line or "--no-deps" in line for line in installs] == [True, True]
    assert "constraints/run.txt" in image


def test_the_image_suits_workflow_engines(repository):
    image = (repository / "packaging" / "Dockerfile").read_text()
    lines = [line for line in image.splitlines() if not line.startswith("#")]
    assert not any(line.startswith("ENTRYPOINT") for line in lines)
    assert "procps" in image and "PROGNOMICS_LOOPS=required" in image and "USER prognomics" in lines
    assert lines.index("USER prognomics") > max(i for i, line in enumerate(lines) if line.startswith("RUN"))
    ignored = (repository / ".dockerignore").read_text().split()
    needed = ("shared", "tools", "tool_specs", "studies", "test-data", "packaging", "README.md", "setup.cfg")
    assert ".git" in ignored and not set(needed) & set(ignored)


def test_the_citation_names_this_version_and_its_date(repository):
    text = (repository / "CITATION.cff").read_text()
    assert f"version: {__version__}" in text and re.search(r"^date-released: 20\d\d-\d\d-\d\d$", text, re.M)

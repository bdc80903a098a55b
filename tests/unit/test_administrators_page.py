"""The page for administrators states what the code does: network, environment variables, limits."""

import ast
import re

import pytest

NETWORK = {"aiohttp", "ftplib", "http.client", "http.server", "httpx", "requests", "smtplib", "socket", "socketserver",
           "telnetlib", "urllib.request", "urllib3", "webbrowser", "xmlrpc"}  # fmt: skip
ONLY = "shared/prognomics/sources/transport/"
LOCAL = "shared/prognomics/study/warm.py"  # a socket in the file system between processes of one run


@pytest.fixture(scope="module")
def page(repository):
    return (repository / "docs" / "administrators.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def sources(repository):
    files = [p for folder in ("shared", "tools") for p in sorted((repository / folder).rglob("*.py"))]
    return {p.relative_to(repository).as_posix(): p.read_text(encoding="utf-8") for p in files}


def imported(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{a.name}" for a in node.names)


def test_one_package_talks_to_servers(sources):
    def talks(name):
        return any(name == n or name.startswith(f"{n}.") for n in NETWORK)

    found = {path for path, text in sources.items() if any(map(talks, imported(text)))}
    assert found and [path for path in found if not path.startswith(ONLY)] == [LOCAL]
    assert re.findall(r"AF_\w+", sources[LOCAL]) == ["AF_UNIX"] * sources[LOCAL].count("socket.socket(")


def test_every_environment_variable_of_the_code_is_listed(page, sources):
    used = {name for text in sources.values() for name in re.findall(r"\"(PROGNOMICS_[A-Z_]+)\"", text)}
    assert len(used) >= 8
    assert [name for name in sorted(used) if f"`{name}" not in page] == []


def test_the_limits_are_those_of_the_code(page):
    from prognomics.io import hdf5, numeric_table, text_file, text_table, workbook

    assert f"more than {text_file.MOST_EXPANSION} times" in page
    assert f"{workbook.MOST_BYTES >> 20} MB" in page
    assert f"{hdf5.MOST_SECONDS} s of processor time" in page
    for limit in (numeric_table.MOST_ROWS, text_table.MOST_COLUMNS, text_table.MOST_CELLS):
        assert f"{limit:,}" in page


def test_pages_of_reports_load_nothing(repository, page):
    template = (repository / "shared/prognomics/report/templates/page.html.j2").read_text(encoding="utf-8")
    assert "default-src 'none'" in template and "default-src 'none'" in page
    assert "connect-src" not in template

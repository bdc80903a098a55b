"""The documentation: links lead somewhere, marked examples run, the site names pages that are there."""

import os
import re
import shlex
import shutil
import unicodedata
from pathlib import Path

import pytest
import yaml

from prognomics.cli import commands

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = sorted([*REPOSITORY.glob("docs/**/*.md"), REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md"])
MARK = "<!-- executed by the tests -->"
BLOCK = re.compile(re.escape(MARK) + r"\n```(sh|python)\n(.*?)\n```", re.S)
FENCED = re.compile(r"^(?:> ?)?```.*?^(?:> ?)?```", re.S | re.M)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def unquoted(text):
    """The text without the marks of quotations, in which hands-on boxes stand."""
    return re.sub(r"^> ?", "", text, flags=re.M)


def anchors(text):
    heads = re.findall(r"^#+ (.*)$", FENCED.sub("", text), re.M)
    plain = (unicodedata.normalize("NFKD", re.sub(r"[`*]|\]\([^)]*\)|\[", "", head)).lower() for head in heads)
    return {re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", head).strip()) for head in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(REPOSITORY)))
def test_links_lead_somewhere(page):
    text = re.sub(r"\{% .*? %\}", "", FENCED.sub("", page.read_text(encoding="utf-8")))  # {% tool [name](id) %}
    broken = []
    for link in LINK.findall(text):
        place, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        target = (page.parent / place).resolve() if place else page
        found = target.exists() and (not anchor or anchor in anchors(target.read_text(encoding="utf-8")))
        broken += [] if found else [link]
    assert broken == []


def test_the_site_names_pages_that_are_there():
    declared = yaml.safe_load((REPOSITORY / "mkdocs.yml").read_text(encoding="utf-8"))
    named = re.findall(r"[\w/]+\.md", str(declared["nav"]))
    assert len(named) > 10 and [page for page in named if not (REPOSITORY / "docs" / page).is_file()] == []
    assert declared["theme"]["font"] is False  # nothing is loaded from elsewhere


def examples():
    for page in PAGES:
        if MARK in (text := unquoted(page.read_text(encoding="utf-8"))):
            yield pytest.param(BLOCK.findall(text), id=page.name)


@pytest.mark.parametrize("blocks", list(examples()))
def test_marked_examples_run(blocks, tmp_path, monkeypatch):
    (tmp_path / "test-data").symlink_to(REPOSITORY / "test-data")
    monkeypatch.chdir(tmp_path)
    assert blocks
    for language, code in blocks:
        if language == "python":
            exec(compile(code, "example", "exec"), {})
            continue
        for line in code.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words and words[0] == "mkdir":
                for name in words[1:]:
                    os.makedirs(name)
            elif words:
                assert words[0] == "prognomics", line
                commands.main(words[1:], "prognomics", standalone_mode=False)
    assert [p for p in tmp_path.iterdir() if p.name != "test-data"]


def test_the_plugin_of_the_page_works(tmp_path, monkeypatch):
    """Both files of `adding_a_tool.md`, as they stand there."""
    from prognomics.generate.check import tool_problems

    text = (REPOSITORY / "docs" / "adding_a_tool.md").read_text(encoding="utf-8")
    files = re.findall(r"`my_tools/(\S+?)`\n\n```\w+\n(.*?)\n```", text, re.S)
    assert [name for name, _ in files] == ["count_samples.yml", "count_samples.py"]
    for name, code in files:
        (tmp_path / name).write_text(code + "\n")
    assert tool_problems(tmp_path / "count_samples.yml", tmp_path / "count_samples.py") == []
    monkeypatch.setenv("PROGNOMICS_TOOL_PATH", str(tmp_path))
    sheet, table = REPOSITORY / "test-data" / "alpha.samples.tsv", tmp_path / "counts.tsv"
    words = ["count_samples", "--samples", str(sheet), "--out-table", str(table)]
    commands.main(words, "prognomics", standalone_mode=False)
    assert "primary" in table.read_text()
    shutil.rmtree(tmp_path)

"""The draft of the entry in bio.tools, and the cross-reference that follows from it."""

import json
import re

import pytest

from prognomics.generate import publisher, to_biotools, to_galaxy
from prognomics.generate.build import builtin_tools
from prognomics.spec.loader import load_tool, suite


@pytest.fixture
def published(monkeypatch):
    common = {**suite(), "homepage": "https://example.org/prognomics", "biotools": "prognomics"}
    for module in (to_biotools, publisher):
        monkeypatch.setattr(module, "suite", lambda: common)


def test_each_tool_is_a_function_with_its_operations():
    tools = builtin_tools()
    entry = json.loads(to_biotools.biotools_entry(tools))
    assert [f["cmd"] for f in entry["function"]] == [f"prognomics {t.id}" for t in tools]
    terms = [o["uri"] for f in entry["function"] for o in f["operation"]] + [t["uri"] for t in entry["topic"]]
    assert all(re.fullmatch(r"http://edamontology[.]org/(operation|topic)_[0-9]{4}", term) for term in terms)
    assert all(10 <= len(f["note"]) <= to_biotools.MOST_TEXT for f in entry["function"])
    assert "homepage" not in entry


def test_what_a_publication_gives_is_written(published):
    assert json.loads(to_biotools.biotools_entry(builtin_tools()))["homepage"] == "https://example.org/prognomics"
    assert '<xref type="bio.tools">prognomics</xref>' in to_galaxy.tool_xml(load_tool("cox"))


def test_no_reference_without_an_entry():
    assert "xref" not in to_galaxy.tool_xml(load_tool("cox"))

"""Galaxy wrappers: golden pairs per language feature, the rules of reviewers, and what texts may hold."""

import os
import re
import xml.etree.ElementTree as ElementTree

import pytest

from prognomics.generate.build import builtin_tools
from prognomics.generate.to_cwl import tool_cwl
from prognomics.generate.to_galaxy import NotOffered, galaxy_files, macros_xml, tool_xml
from prognomics.generate.to_galaxy_text import CHARSETS
from prognomics.spec.loader import build_tool
from prognomics.spec.schema import schema_problems
from prognomics.spec.shipped_yaml import read_yaml

NAMES = {"normalize": "normalize expression", "cox": "Cox regression"}
FEATURES = ["boolean", "common", "conditional", "data", "failing", "folder", "inferred", "look", "multiple",
            "number", "outputs", "repeat", "section", "select", "text"]  # fmt: skip


@pytest.fixture(scope="module")
def golden(repository):
    return repository / "tests" / "spec" / "golden"


def _tool(path, change=None):
    raw = read_yaml(path)
    if change:
        change(raw)
    return build_tool(raw, path, path.with_suffix(".py"))


@pytest.mark.parametrize("feature", FEATURES)
def test_golden_pair(golden, feature):
    spec = golden / f"{feature}.yml"
    assert schema_problems("tool", read_yaml(spec), spec) == []
    tool = _tool(spec)
    for ending, text in ((".xml", tool_xml(tool, NAMES)), (".cwl", tool_cwl(tool))):
        path = spec.with_suffix(ending)
        if os.environ.get("PROGNOMICS_WRITE_GOLDEN"):
            path.write_text(text, encoding="utf-8", newline="\n")
        assert text.encode() == path.read_bytes(), "if this is meant: PROGNOMICS_WRITE_GOLDEN=1 writes it anew"


def test_every_golden_spec_is_tested(golden):
    assert sorted(p.stem for p in golden.glob("*.yml")) == FEATURES


# ------------------------------------------------------------------ the suite's wrappers

TOOLS = builtin_tools()
FILES = galaxy_files(TOOLS)
WRAPPERS = {p: t for p, t in FILES.items() if p.endswith(".xml") and not p.endswith("macros.xml")}
SAFE = re.compile(r"'\$\{?[A-Za-z_][\w.]*\}?'|'\$\{each\.\w+\}.\$\{each\.\w+\}'|'\w+_\$number'")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wrappers")
    for path, text in FILES.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("path", WRAPPERS)
def test_lint(written, path):
    """The linters that planemo runs, warnings counted as errors; but those that need a service or the ontology."""
    from galaxy.tool_util.lint import LintContext, LintLevel, lint_tool_source_with
    from galaxy.tool_util.parser import get_tool_source

    context = LintContext(level=LintLevel.SILENT, skip_types=["BioToolsValid", "EDAMTermsValid"])
    lint_tool_source_with(context, get_tool_source(str(written / path)))
    said = [str(m) for m in [*context.error_messages, *context.warn_messages]]
    if not any("<test " in line for line in WRAPPERS[path].splitlines()):
        said = [m for m in said if "TestsMissing" not in m and "No tests found" not in m]
    assert said == []


@pytest.mark.parametrize("path", WRAPPERS)
def test_every_parameter_is_explained(path):
    root = ElementTree.fromstring(WRAPPERS[path])
    for param in root.find("inputs").iter("param"):
        assert param.get("label") and param.get("help"), ElementTree.tostring(param)[:200]
        assert param.get("name") or param.get("argument")


@pytest.mark.parametrize("path", WRAPPERS)
def test_values_are_quoted_and_inputs_used(path):
    root = ElementTree.fromstring(WRAPPERS[path])
    command = root.find("command").text
    booleans = {p.get("argument")[2:].replace("-", "_") for p in root.iter("param") if p.get("type") == "boolean"}
    for line in command.splitlines():
        if "$" in line and not line.strip().startswith("#"):
            value = re.sub(SAFE, "", line)
            assert "$" not in value or line.strip().split(".")[-1].lstrip("$") in booleans, line
    for param in root.find("inputs").iter("param"):
        name = (param.get("name") or param.get("argument")[2:]).replace("-", "_")
        assert re.search(rf"\b{name}\b", command), f"{name} is never used"


@pytest.mark.parametrize("path", WRAPPERS)
def test_no_form_offers_a_server_path_or_a_free_address(path):
    texts = [p for p in ElementTree.fromstring(WRAPPERS[path]).find("inputs").iter("param") if p.get("type") == "text"]
    for param in texts:
        assert param.get("argument") not in ("--local-path", "--mirror")
        assert [e.get("macro") for e in param.findall("expand")], "a text without a charset"


def test_a_path_in_a_form_is_refused(golden):
    def expose(raw):
        raw["inputs"][1]["when"]["path"][0]["expose"] = ["cli", "galaxy"]
        raw["inputs"][1]["selector"]["options"][2].pop("expose")

    with pytest.raises(ValueError, match="local_path, a path of the server"):
        tool_xml(_tool(golden / "conditional.yml", expose))


def test_a_tool_with_nothing_to_choose_has_no_wrapper(golden):
    def hide(raw):
        raw["inputs"][1]["selector"].pop("default")
        for option in raw["inputs"][1]["selector"]["options"]:
            option["expose"] = ["cli"]

    tool = _tool(golden / "conditional.yml", hide)
    with pytest.raises(NotOffered):
        tool_xml(tool)
    assert "tools/golden_conditional.xml" not in galaxy_files([tool])


def test_a_case_that_the_form_cannot_express_is_refused(golden):
    def both(raw):
        raw["cases"][0]["options"]["column"] = "age"

    with pytest.raises(ValueError, match="cannot be filled with column"):
        tool_xml(_tool(golden / "inferred.yml", both))


# ------------------------------------------------------------------ what a text may hold


def _passes(kind, text):
    """As Galaxy does: the validator refuses, the sanitizer drops what is not listed."""
    macro = ElementTree.fromstring(macros_xml()).find(f"xml[@name='text_{kind}']")
    listed = macro.find("sanitizer/valid/add").get("value")
    kept = "".join(c for c in text if (c.isascii() and c.isalnum()) or c in listed)
    return bool(re.match(macro.find("validator").text, text)) and kept == text


@pytest.mark.parametrize("text", ["XPO1", "HLA-DRB1*01", "NKX2-1", "1007_s_at", "AFFX-BioB-5_at", "ENSG00000082898.17",
                                  "H1-0", "IGHV1/OR15-1", "ABC1 /// DEF2", "MIR(let-7a)", "LOC|100"])  # fmt: skip
def test_gene_symbols_pass(text):
    assert _passes("gene", text)
    assert _passes("column", text)


@pytest.mark.parametrize("text", ["age_years", "Age (years)", "HER2+", "Ki67 %", "size [mm]", "Größe", "T-stage 3/4",
                                  "column:3", "β-catenin", "ER & PR", "recurrence?", "time.to.event",
                                  "≥ 60"])  # fmt: skip
def test_columns_pass(text):
    assert _passes("column", text)


@pytest.mark.parametrize("text", ["tissue_type=primary", "stage!=I,II", "Age (years)=50"])
def test_filters_pass(text):
    assert _passes("filter", text)


HOSTILE = ["'; rm -rf ~ #", "$(id)", "`id`", "a;b", "a\\'b", 'a"b', "<script>", "a\nb", "a\x00b", "{x}", "$HOME",
           "a>b", "\u202eb"]  # fmt: skip


@pytest.mark.parametrize("kind", CHARSETS)
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_do_not(kind, text):
    assert not _passes(kind, text)

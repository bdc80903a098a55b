"""One language in labels, help, messages and pages: `words.yml` lists what is not written, and what is instead."""

import ast
import re
from collections import defaultdict

import pytest
import yaml

PAGES = (
    "README.md", "CONTRIBUTING.md", "docs/*.md", "tool_specs/**/*.yml",
    *(f"shared/prognomics/report/templates/*.{kind}" for kind in ("html.j2", "js", "R")),
)  # fmt: skip


@pytest.fixture(scope="module")
def words(repository):
    return yaml.safe_load((repository / "tests" / "house" / "words.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def texts(repository):
    """Lines of pages, specs and templates, and the strings of the package, by place."""
    found = {}
    for pattern in PAGES:
        for path in sorted(repository.glob(pattern)):
            lines = path.read_text(encoding="utf-8").splitlines()
            found |= {f"{path.relative_to(repository)}:{n}": line for n, line in enumerate(lines, start=1)}
    for path in sorted((repository / "shared" / "prognomics").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
                found[f"{path.relative_to(repository)}:{node.lineno}:{node.col_offset}"] = node.value
            elif isinstance(node, ast.FunctionDef) and re.search(r"_of$", node.name):
                found[f"{path.relative_to(repository)}:{node.lineno}"] = f"def {node.name}"
    return found


def hits(texts, words):
    """Places by word, without those that are listed with a reason."""
    meant = [(one["in"], re.compile(one["text"])) for one in words["meant"]]
    found = defaultdict(list)
    for word, entry in words["words"].items():
        pattern = re.compile(entry["pattern"])
        for place, text in texts.items():
            count = len(pattern.findall(text))
            if count and not any(place.startswith(where) and said.search(text) for where, said in meant):
                found[word] += [place] * count
    return found


def test_no_new_hit(texts, words):
    found = hits(texts, words)
    more = {
        f"{word!r} (write {entry['write']!r}): {len(found[word])} instead of {entry['left']}": found[word][:20]
        for word, entry in words["words"].items()
        if len(found[word]) > entry["left"]
    }
    # `git diff main | grep '^+'` with the pattern shows which ones are new
    assert not more, "a word of tests/house/words.yml was used again"


def test_what_is_meant_has_a_reason_and_is_there(texts, words):
    for one in words["meant"]:
        assert len(one["why"]) > 15
        assert any(place.startswith(one["in"]) and re.search(one["text"], text) for place, text in texts.items()), one


@pytest.mark.parametrize("text", ["the tumour is analysed", "left out of the model", "a row a gene", "def codes_of"])
def test_a_hit_is_found(words, text):
    assert hits({"here:1": text}, words)

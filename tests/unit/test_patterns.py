"""Regular expressions of mappings: linear in time, with the meaning that Python's `re` gives them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prognomics.data.mapping import load_mapping
from prognomics.errors import BadInput
from prognomics.io.patterns import Pattern, PatternError

LETTERS = [
    chr(c) for c in [*range(0x250), *range(0x370, 0x530), *range(0x2000, 0x2070), 0x3042, 0x4E00, 0xFF3F, 0x1D7D8]
]
CLASSES = [r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", r"[\d-]", r"[\w.]", r"[\s_]", r"[^\w]", r"[^\s]", r"[^\d]"]


@pytest.mark.parametrize("written", CLASSES)
def test_classes_mean_what_they_mean_in_python(written):
    python, linear = re.compile(written), Pattern(written)
    assert [c for c in LETTERS if bool(python.search(c)) != (linear.first(c) is not None)] == []


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r"a{,3}b", "aaab"), (r"\u00e9+", "xéé"), (r"[]a]+", "x]a"), (r"[^]a]+", "]ax"), (r"(?i)É", "é"),
        (r"(a|ab)(c|bcd)", "abcd"), (r"^(?P<stage>\w+)$", "Größe"), (r"\bfoo\b", "a foo b"), (r"a|b*", "xbb"),
        (r"-([0-9]{2})[A-Z]?$", "TCGA-AA-01A"), (r"(x)?y", "y"), (r"^\S+\Z", "ab"),
        (r"stage\s*([IV]+)", "stage\u00a0IV"),
    ],
)  # fmt: skip
def test_the_first_match_is_that_of_python(written, text):
    match = re.search(written, text)
    assert Pattern(written).first(text) == ((match[1] if match.re.groups else match[0]) or "")


@pytest.mark.parametrize(
    ("cell", "word"), [("0:LIVING", "0"), ("1", "1"), ("LIVING", "LIVING"), ("10", "10"), ("x:y", None)]
)
def test_of_alternatives_the_group_that_matches_is_taken(cell, word):
    assert Pattern("^([01])(?::.*)?$|^([^:]+)$").first(cell) == word


PIECES = st.sampled_from(
    ["a", "b", "é", r"\d", r"\w", r"\W", ".", "[ab]", "[^a]", "(a)", "(?:b|a)", "a*", "b+?", "^", "$", "|"]
)


@given(st.lists(PIECES, min_size=1, max_size=6).map("".join), st.text("abé1 -", max_size=8))
def test_any_pattern_of_these_pieces_matches_as_in_python(written, text):
    try:
        match = re.search(written, text)
    except re.error:
        return
    expected = (
        None
        if match is None
        else next((g for g in match.groups() if g is not None), "")
        if match.groups()
        else match[0]
    )
    assert Pattern(written).first(text) == expected


@pytest.mark.parametrize("written", [r"^(a+)+$", r"^(a|a)*$", r"(a*)*b", r"(.*)(.*)(.*)(.*)x"])
def test_expressions_that_take_exponential_time_elsewhere_end(written):
    assert Pattern(written).first("a" * 100_000 + "!") is None


@pytest.mark.parametrize(
    "written", [r"(?<=a)b", r"a(?!b)", r"(a)\1", r"(?P<n>a)(?P=n)", "(", "[", r"(?>a)", "a{2000}", "x" * 2000, "(?x) a"]
)
def test_what_cannot_be_matched_in_linear_time_is_refused_with_the_mapping(written):
    with pytest.raises(PatternError):
        Pattern(written)
    text = "sample_id: s\ntissue_type: {constant: primary}\ncolumns:\n  c: {column: c, extract: '%s'}\n" % written
    with pytest.raises(BadInput, match=r"columns\.c\.extract"):
        load_mapping(text)


@pytest.mark.parametrize("written", ["extract", "replace"])
def test_a_mapping_stays_bounded(written):
    import pandas as pd

    from prognomics.curation.curate import curate

    letters = "abcdefghijklmnopqrstuvwxyz"
    rules = {"extract": "'^(a+)+$', other: keep", "replace": "{%s}" % ", ".join(
        f"{one}: {two * 9}" for one, two in zip(letters, letters[1:], strict=False))}[written]  # fmt: skip
    mapping = load_mapping(
        "sample_id: s\ntissue_type: {constant: primary}\ncolumns:\n  c: {column: c, %s: %s}\n" % (written, rules)
    )
    raw = pd.DataFrame({"s": ["A"], "c": ["a" * 60 + "!"]})
    if written == "replace":
        with pytest.raises(BadInput, match="letters"):
            curate(raw, mapping, "C")
    else:
        assert curate(raw, mapping, "C").samples["c"].tolist() == ["a" * 60 + "!"]

"""Printed results of books, papers and packages, redone by single commands (the data come from R's packages)."""

import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "benchmarks"))

import published  # noqa: E402

DECLARED = published.listed()


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("published")
    try:
        there = published.export(folder)
    except published.subprocess.CalledProcessError:
        pytest.skip("R is here without its package survival")
    if not there:
        pytest.skip("R is not installed")
    return folder


@pytest.mark.parametrize("result", DECLARED["results"], ids=lambda r: r["what"])
def test_a_printed_result_is_redone(data, result):
    if not (data / published.data_file(result)).is_file():
        pytest.skip("the R package of this data set is not installed")
    done = published.redo(result, DECLARED["sources"][result["source"]], data)
    known = {printed: stated["ours"] for printed, stated in result.get("differs", {}).items()}
    assert len(done) == len(result["values"])
    assert {d.printed: d.ours for d in done if not d.agrees} == pytest.approx(known, rel=1e-5)


def test_sources_are_named_and_marked_as_read_or_remembered():
    assert {r["source"] for r in DECLARED["results"]} == set(DECLARED["sources"])
    assert {s["checked"] for s in DECLARED["sources"].values()} == {"read", "memory"}
    assert len({r["what"] for r in DECLARED["results"]}) == len(DECLARED["results"]) >= 25


def test_the_page_has_every_result():
    page = (REPOSITORY / "docs" / "how_we_know.md").read_text(encoding="utf-8")
    assert [r["what"] for r in DECLARED["results"] if f"| {r['what']} |" not in page] == []


def test_the_last_printed_digit_sets_the_tolerance():
    def one(printed, ours):
        return published.Redone("", "", "read", "", printed, ours).agrees

    assert one("0.588", 0.5884999) and not one("0.588", 0.58851)
    assert one("310", 310.4) and not one("310", 310.6)
    assert not one("0.588", float("nan"))

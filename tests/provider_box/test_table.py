"""The table of the documentation: each request is known from somewhere, and its test is there."""

import re
from pathlib import Path

HERE = Path(__file__).parent


def test_each_row_names_its_test(repository):
    text = (repository / "docs" / "fetching.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:-1] for line in text.splitlines() if re.search(r"\| `test_\w+\.py::", line)]
    assert len(rows) > 25
    assert {row[0].strip() for row in rows} == {"GEO", "ArrayExpress", "GDC", "cBioPortal", "Xena"}
    for row in rows:
        assert row[3].strip().partition(" ")[0] in ("seen", "reported", "assumed")
        file, *names = row[4].strip().strip("`").split("::")
        source = (HERE / file).read_text(encoding="utf-8")
        for name in names:
            assert re.search(rf"^ *(class|def) {name}\b", source, re.MULTILINE), row[4]

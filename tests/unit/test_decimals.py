"""Numbers of text: the same bits as Python's float, whatever their length, and a message for the rest."""

import gzip
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prognomics.errors import AnalysisWarning, BadInput
from prognomics.io import numeric_table, text_file
from prognomics.io.decimals import PADDING, parse_decimals, read_number
from prognomics.io.numeric_table import parse_numeric_rows
from prognomics.io.text_file import open_bytes, read_text, text_blocks

MISSING = frozenset({b"NA", b"null"})
quick = settings(max_examples=60, deadline=None)


def parse_numeric(cells):
    text = b"\t".join(cells) + b"\t"
    lengths = np.array([len(cell) for cell in cells], dtype=np.int64)
    out = np.empty(len(cells))
    text = bytes(PADDING) + text + bytes(PADDING)
    strange, _ = parse_decimals(text, np.cumsum(lengths + 1) - 1, lengths, MISSING, out)
    return out, strange.tolist()


def agree(cells):
    out, strange = parse_numeric(cells)
    for i, cell in enumerate(cells):
        expected = read_number(cell, MISSING)
        assert (expected is None) == (i in strange), cell
        if expected is not None and expected == expected:
            assert struct.pack("d", out[i]) == struct.pack("d", float(cell)), cell
        else:
            assert np.isnan(out[i]), cell


PLAIN = ["0", "-0", "7", ".5", "5.", "-.5", "+1", "00012.50", "12345678", "1234.5678", "0.1", "123456789.987654321",
         "9007199254740993", "900719925474099.3", "0.30000000000000004", "1e-3", "-2.5E+03", "1e400", "inf", "NA", "",
         "0.000012345678901234567", "99999999999999999999.9", "5e-324", "179769313486231580793e289"]  # fmt: skip
STRANGE = [".", "-", "-.", "1.2.3", "--1", "1-5", "1/5", "x", "1_0", "nan", "0x1p3", "1:5", "12;5", "\xb2", "1e", "e5"]


@pytest.mark.parametrize("filler", ["1.5", "1234567.12345678", "1234567.12345678912345"])
def test_numbers_and_other_words(filler):
    """In the company of short, middling and long cells, which choose the way of reading."""
    for cell in PLAIN + STRANGE:
        agree([filler.encode(), cell.encode("latin-1"), filler.encode()])
    assert parse_numeric([cell.encode("latin-1") for cell in STRANGE])[1] == list(range(len(STRANGE)))


@quick
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False).map(lambda x: repr(x).encode()), min_size=1))
def test_the_shortest_text_of_a_number_reads_back(cells):
    agree(cells)


digits = st.text("0123456789", max_size=20)
decimal = st.tuples(st.sampled_from(["", "-", "+"]), digits, st.sampled_from([".", ""]), digits).map("".join)
anything = st.text("0123456789.-+eE NA\"':/\x1d\xb2", max_size=26)


@quick
@given(st.lists(st.one_of(decimal, decimal, anything).map(lambda t: t.encode("latin-1")), min_size=1, max_size=40))
def test_any_cell_is_read_as_python_reads_it(cells):
    agree(cells)


@pytest.mark.parametrize("power", [-5, 0, 8, 16])
def test_halfway_cases_are_rounded_to_even(power):
    """Texts exactly between two floats, and a digit to either side."""
    rng = np.random.default_rng(7)
    for base in rng.integers(2**53, 2**59, size=40).tolist():
        text = str(base | 1)
        place = max(1, len(text) - max(power, 0))
        cells = [text, text[:place] + "." + text[place:], text[:-1] + "4999999", "0." + text]
        agree([cell.encode() for cell in cells])


def rows(text, n_ids=1, width=3, delimiter="\t", **options):
    columns = [f"c{i}" for i in range(width)]
    return parse_numeric_rows([text], delimiter=delimiter, columns=columns, n_ids=n_ids, where="f", **options)


def test_quotes_enclose_or_are_text():
    table = rows(b'"a\tb"\t1\t"2"\n\n5" probe\t"3"\t4\n"say ""x"""\t5\t6\n')
    assert table.ids == [["a\tb", '5" probe', 'say "x"']]
    np.testing.assert_array_equal(table.values, [[1, 2], [3, 4], [5, 6]])
    assert rows(b'"a,b",1,2\n', delimiter=",").ids == [["a,b"]]


def test_faults_name_the_place():
    with pytest.raises(BadInput, match="(?s)'1,5'.*line 3, row 'b', column 'c1'.*point, not a comma"):
        rows(b"a\t1\t2\nb\t1,5\t2\n")
    with pytest.raises(BadInput, match="(?s)2 row.*do not have 3 fields.*first has 2.*line 3"):
        rows(b"a\t1\t2\nb\t1\nc\t1\t2\t3\n")
    with pytest.raises(BadInput, match="no rows"):
        rows(b"\n\n")


def test_infinite_values():
    with pytest.warns(AnalysisWarning, match="1 infinite"):
        assert np.isnan(rows(b"a\t1\t-inf\n").values[0, 1])
    assert rows(b"a\t1\tinf\n", keep_infinite=True).values[0, 1] == np.inf


def test_a_bomb_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(text_file, "UNPACKED_FREELY", 1 << 16)
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(b"gene\tA\n" + b"g\t1\n" * (1 << 20)))
    with pytest.raises(BadInput, match="unpacks to more than 100 times"):
        for _ in text_blocks(path, 1 << 12):
            pass
    with pytest.raises(BadInput, match="unpacks"), open_bytes(path) as stream:
        stream.read()


def test_an_endless_line_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(text_file, "LONGEST_LINE", 1 << 14)
    path = tmp_path / "line"
    path.write_bytes(b"gene" + b"\tA" * (1 << 14))
    with pytest.raises(BadInput, match="line is longer"):
        list(text_blocks(path, 1 << 10))


def test_an_endless_sheet_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(text_file, "LARGEST_TEXT", 1 << 14)
    path = tmp_path / "sheet"
    path.write_bytes(b"id\tage\n" + b"a\t5\n" * (1 << 13))
    with pytest.raises(BadInput, match="more than 512 MiB"):
        read_text(path)


def test_endless_rows_are_stopped(monkeypatch):
    monkeypatch.setattr(numeric_table, "MOST_ROWS", 20)
    with pytest.raises(BadInput, match="more than 20 rows"):
        rows(b"a\t1\t2\n" * 30)

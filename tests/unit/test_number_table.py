"""Tables of numbers read by compiled code and by NumPy: the same bits, and the same words where they are refused."""

import struct
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prognomics.compiled import compiled_loops
from prognomics.errors import BadInput
from prognomics.io import numeric_table
from prognomics.io.decimals import read_number
from prognomics.io.numeric_table import parse_numeric_rows

pytestmark = pytest.mark.skipif(compiled_loops() is None, reason="the loops were not compiled")
quick = settings(max_examples=150, deadline=None)
NAMES = ["gene_id", "S1", "S2"]


def table(text, delimiter="\t"):
    try:
        rows = parse_numeric_rows(iter([text]), delimiter=delimiter, columns=NAMES, n_ids=1, where="t",
                                  keep_infinite=True)  # fmt: skip
    except BadInput as fault:
        return str(fault)
    return rows.ids, rows.values.tobytes()


def both(text, delimiter="\t"):
    with pytest.MonkeyPatch.context() as patch:
        compiled = table(text, delimiter)
        patch.setattr(numeric_table, "compiled_loops", lambda: None)
        return compiled, table(text, delimiter)


CELL = st.one_of(
    st.floats().map(lambda x: repr(x).encode()),
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(lambda x: str(x).encode()),
    st.tuples(st.integers(0, 10**21), st.integers(0, 24)).map(
        lambda t: format(Decimal(t[0]).scaleb(-t[1]), "f").encode()
    ),
    st.sampled_from([
        b"", b"NA", b"null", b'"1.5"', b'"NA"', b'"', b'""', b" 1", b"1 ", b"inf", b"-Inf", b"1e400", b"-", b".",
        b"+.5e-3", b"1e", b"0x1", b"1,5", b'"a\tb"', b'"a""b"', b"\xe9", b"1e99999", b"0e99999", b"\x00",
    ]),
    st.binary(max_size=6).map(lambda b: b.replace(b"\n", b"")),
)  # fmt: skip


@quick
@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=8), st.sampled_from(["\t", ","]))
def test_both_ways_agree(rows, delimiter):
    text = b"".join(delimiter.encode().join(row) + b"\n" for row in rows)
    compiled, plain = both(text, delimiter)
    assert compiled == plain


@quick
@given(st.binary(min_size=1, max_size=60).map(lambda b: b + b"\n"))
def test_any_bytes_come_to_the_same(text):
    compiled, plain = both(text)
    assert compiled == plain


@quick
@given(st.lists(st.tuples(st.integers(0, 2**64), st.integers(0, 19)), min_size=1, max_size=30))
def test_long_mantissas_are_rounded_to_nearest(numbers):
    for mantissa, places in numbers:
        cell = format(Decimal(mantissa).scaleb(-places), "f").encode()
        values = table(b"A\t" + cell + b"\t-" + cell + b"\n")[1]
        assert struct.unpack("2d", values) == (float(cell), -float(cell)), cell


def test_halves_go_to_the_even_neighbor():
    """Integers and a half in the middle of two doubles, and a last digit that tips them."""
    for cell in (b"4503599627370496.5", b"4503599627370497.5", b"4503599627370496.501", b"9007199254740993",
                 b"900719925474099.25", b"0.9007199254740993"):  # fmt: skip
        assert struct.unpack("2d", table(b"A\t" + cell + b"\t0\n")[1])[0] == float(cell)


def test_numbers_that_only_python_reads():
    """Many digits, large exponents, infinity; more of them than are noted of one piece."""
    cells = [b"1e300", b"123456789012345678901234", b"-inf", b" 7 "]
    row = b"A\t%s\t%s\n"
    text = b"".join(row % (cell, cell) for cell in cells) * 400
    compiled, plain = both(text)
    assert compiled == plain
    values = np.frombuffer(compiled[1]).reshape(-1, 2)
    expected = [read_number(cell, frozenset()) for cell in cells]
    assert values[:4, 0].tolist() == expected
    assert len(values) == 1600


@pytest.mark.parametrize(
    "text, message",
    [
        (b"A\t1\t2\nB\t1\n", "line 3"),
        (b"A\t1\t2\nB\t1\t2\t3\n", "line 3"),
        (b"A\t1\t2\n\nB\tx\t2\n", "line 4, row 'B', column 'S1'"),
    ],
)
def test_what_is_refused_is_named(text, message):
    compiled, plain = both(text)
    assert compiled == plain
    assert message in compiled


def test_decimal_commas_are_refused_wherever_they_stand():
    """Also in a piece that is not plain, such as one with an empty line."""
    for text, delimiter in ((b"A\t7,5\t1\nB\t2\t3\n\n", "\t"), (b'A,"1,5",2\n', ","), (b'A,"1,500",2\n\n', ",")):
        compiled, plain = both(text, delimiter)
        assert compiled == plain
        assert "text where a number should be: '" in compiled and "with a point, not a comma" in compiled


def test_a_module_checks_what_it_is_handed():
    plain_rows = compiled_loops().plain_rows
    values, odd = np.empty((1, 2)), np.empty((1, 3), dtype=np.int64)
    spans = np.empty((1, 1, 2), dtype=np.int64)
    assert plain_rows(b"A\t1\t2\n", 0, 6, 9, 1, b"", values, spans, odd) == 0
    for begin, end in ((0, 5), (-1, 6), (3, 3), (0, 7)):
        assert plain_rows(b"A\t1\t2\n", begin, end, 9, 1, b"", values, spans, odd) == -1
    with pytest.raises(ValueError, match="id_spans"):
        plain_rows(b"A\t1\t2\n", 0, 6, 9, 2, b"", values, spans, odd)
    for delimiter in (ord("\n"), ord('"'), 0, 266):
        with pytest.raises(ValueError, match="delimiter"):
            plain_rows(b"A\t1\t2\n", 0, 6, delimiter, 1, b"", values, spans, odd)
    assert plain_rows(b"A\tx\t2\n", 0, 6, 9, 1, b"NA", values, spans, odd) == 1  # no line end behind the last word
    with pytest.raises(TypeError, match="type 'd'"):
        plain_rows(b"A\t1\t2\n", 0, 6, 9, 1, b"", values, values, odd)
    with pytest.raises((TypeError, BufferError, ValueError)):
        plain_rows(b"A\t1\t2\n", 0, 6, 9, 1, b"", np.empty((2, 2))[:, ::2], spans, odd)

"""Many decimal numbers at once, from text to the nearest float64: the bytes of a cell are handled as 8-byte words.

A cell's last eight bytes are one unaligned load; XOR with `0` turns digits into their values, masks and shifts close
the gap of the decimal point, and three multiplications join eight digits into a number. An integer below 2**53 divided
by a power of ten below 10**23 is correctly rounded (Clinger 1990, doi:10.1145/93542.93557); longer mantissas are
divided in double-double arithmetic (Dekker 1971, doi:10.1007/BF01397083), and left to Python where the result lies too
close to the middle of two neighbors to be sure.
"""

from __future__ import annotations

import re

import numpy as np

WORD = 8
LONGEST = 3 * WORD
PADDING = LONGEST
"""Bytes that must stand before the first cell and behind the last, so that whole words can be loaded."""

NUMBER = re.compile(rb"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|[-+]?[iI][nN][fF]([iI][nN][iI][tT][yY])?")


def _each_byte(value: int) -> np.uint64:
    return np.uint64(int.from_bytes(bytes([value]) * WORD, "little"))


_ZEROS, _ONES, _LOW_BITS, _TOP_BITS = _each_byte(ord("0")), _each_byte(1), _each_byte(0x7F), _each_byte(0x80)
_POINT = _each_byte(ord(".") ^ ord("0"))
_ABOVE_NINE = _each_byte(0x80 - 10)
_BYTE, _TOP_BYTE, _TOP_BIT = np.uint64(8), np.uint64(56), np.uint64(63)
_LAST_BYTES = np.array([2**64 - 2 ** (8 * (WORD - n)) for n in range(WORD + 1)], dtype=np.uint64)
_EXACT = np.uint64(2**53)


def parse_decimals(
    padded: bytes, ends: np.ndarray, lengths: np.ndarray, missing: frozenset[bytes], out: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of cells.

    Parameters
    ----------
    padded : bytes
        The text between `PADDING` bytes on either side.
    ends, lengths : numpy.ndarray of int64, shape (n_cells,)
        The position after each cell (in the text, from behind the padding), and the cell's length.
    missing : frozenset of bytes
        Spellings of missing; the empty cell is missing in any case.
    out : numpy.ndarray of float64, shape (n_cells,)
        Takes what Python's `float` gives, to the last bit; NaN where missing and where a cell is not a number.

    Returns
    -------
    strange : numpy.ndarray of int64
        Cells that are neither a number nor a spelling of missing.
    infinite : numpy.ndarray of int64
        Cells that say infinity, or a number beyond the largest.
    """
    negative = None
    n_digits = lengths
    if b"-" in padded:
        text = np.frombuffer(padded, dtype=np.uint8, offset=PADDING)
        negative = text[ends - lengths] == ord("-")
        n_digits = lengths - negative.astype(np.int64)
    shortest, longest = int(n_digits.min(initial=1)), int(n_digits.max(initial=0))
    odd = np.zeros(len(ends), dtype=bool)
    for n_words in range(1, LONGEST // WORD + 1):
        over, upto = WORD * (n_words - 1), WORD * n_words
        if longest <= over and n_words > 1 or shortest > upto and upto < LONGEST:
            continue
        if shortest > over or n_words == 1:
            out[:], wrong = _of_words(padded, ends, n_digits, n_words)
            odd[:] = wrong
        else:
            some = np.flatnonzero(n_digits > over)
            out[some], odd[some] = _of_words(padded, ends[some], n_digits[some], n_words)
    if negative is not None:
        np.negative(out, out=out, where=negative)
    unread = np.flatnonzero(odd)
    if not unread.size:
        return unread, unread
    empty = unread[lengths[unread] == 0]
    out[empty] = np.nan
    unread = unread[lengths[unread] > 0]
    understood = _read_singly(padded, ends[unread], lengths[unread], missing, unread, out)
    return unread[~understood], unread[np.isinf(out[unread])]


def _of_words(
    padded: bytes, ends: np.ndarray, n_digits: np.ndarray, n_words: int
) -> tuple[np.ndarray, np.ndarray | bool]:
    """Numbers of cells of up to `n_words` words without their signs, and which cells are no such numbers."""
    loaded = [_last_bytes(padded, ends, n_digits, WORD * j) for j in range(n_words)]
    before_point: np.ndarray | None = None
    for j in reversed(range(n_words)):
        word = loaded[j]
        # all bytes up to the point; all eight where there is none
        before = _points(word)
        before -= np.uint64(1)
        if before_point is not None:
            before_point >>= _TOP_BIT
            before &= np.negative(before_point, out=before_point)
        # the digits behind the point close its gap: the number comes out ten times as large
        moved = word >> _BYTE
        if j:
            moved |= loaded[j - 1] << _TOP_BYTE
        word ^= moved
        word &= before
        word ^= moved
        wrong = word + _ABOVE_NINE
        wrong |= word
        n_before = before & _ONES
        n_before *= _ONES
        n_before >>= _TOP_BYTE
        part = _join_digits(word)
        if before_point is None:
            mantissa, n_point, odd = part, n_before, wrong
            if n_words == 3:
                odd |= part + np.uint64(2**63 - 100)  # beyond 18 digits
        else:
            mantissa *= np.uint64(10**WORD)
            mantissa += part
            n_point += n_before
            odd |= wrong
        before_point = before
    power = _POWERS_BEHIND[n_words].take(n_point.view(np.int64))
    values = mantissa.astype(np.float64)
    values /= power
    odd &= _TOP_BITS
    bad: np.ndarray | bool = False
    if np.bitwise_or.reduce(odd):
        bad = odd != 0
    if n_digits.min(initial=2) <= 1:  # nothing, or only a point
        bad = bad | (n_digits == 0) | (n_digits == 1) & (n_point == WORD * n_words - 1)
    if n_words == 1:
        return values, bad
    long = np.flatnonzero(mantissa > _EXACT)
    flagged: np.ndarray = bad | (n_digits > WORD * n_words) | np.isnan(power)
    values[long], unsure = _divide(np.minimum(mantissa[long], np.uint64(10**18)), power[long])
    flagged[long] |= unsure
    return values, flagged


# by how many bytes stand before the point (all, where there is none)
_POWERS_BEHIND = {n: np.array([10.0**k if k <= 22 else np.nan for k in range(WORD * n, -1, -1)]) for n in (1, 2, 3)}


def _last_bytes(padded: bytes, ends: np.ndarray, n_digits: np.ndarray, skipped: int) -> np.ndarray:
    """Eight bytes of each cell, `skipped` bytes before its end: digits as their values, zeros before the cell."""
    # two aligned loads and shifts are faster than an unaligned gather
    aligned = np.frombuffer(padded, dtype="<u8", count=len(padded) // WORD)
    place = ends + (PADDING - WORD - skipped)
    shift = (place & (WORD - 1)).view(np.uint64)
    shift <<= np.uint64(3)
    place >>= 3
    word = aligned.take(place)
    word >>= shift
    place += 1
    behind = aligned.take(place)
    np.subtract(np.uint64(64), shift, out=shift)
    behind <<= shift
    word |= behind
    word ^= _ZEROS
    word &= _LAST_BYTES.take(n_digits - skipped if skipped else n_digits, mode="clip")
    return word


def _points(word: np.ndarray) -> np.ndarray:
    """1 in each byte that holds a decimal point, 0 in the others."""
    differs = word ^ _POINT
    found = differs & _LOW_BITS
    found += _LOW_BITS
    found |= differs
    found |= _LOW_BITS
    np.invert(found, out=found)
    found >>= np.uint64(7)
    return found


def _join_digits(word: np.ndarray) -> np.ndarray:
    """The number of eight digits, the first in the lowest byte: neighbors are joined three times."""
    word *= np.uint64(10 * 2**8 + 1)
    word >>= _BYTE
    word &= np.uint64(0x00FF00FF00FF00FF)
    word *= np.uint64(100 * 2**16 + 1)
    word >>= np.uint64(16)
    word &= np.uint64(0x0000FFFF0000FFFF)
    word *= np.uint64(10**4 * 2**32 + 1)
    word >>= np.uint64(32)
    return word


def _divide(mantissa: np.ndarray, power: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Integers up to 10**18 over exact powers of ten, rounded to nearest; also where that is not sure."""
    high = mantissa.astype(np.float64)
    low = (mantissa.view(np.int64) - high.astype(np.int64)).astype(np.float64)
    quotient = high / power
    product, error = _exact_product(quotient, power)
    correction = (((high - product) - error) + low) / power
    result = quotient + correction
    left = np.abs((quotient - result) + correction)
    gap = np.spacing(result)
    unsure = (np.abs(left - gap / 2) < 1e-6 * gap) | (np.abs(left - gap / 4) < 1e-6 * gap)
    return result, unsure


def _exact_product(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rounded product and what rounding took away."""
    product = a * b
    a_high, a_low = _halves(a)
    b_high, b_low = _halves(b)
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def _halves(a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    shifted = a * (2.0**27 + 1)
    high = shifted - (shifted - a)
    return high, a - high


def _read_singly(
    padded: bytes,
    ends: np.ndarray,
    lengths: np.ndarray,
    missing: frozenset[bytes],
    which: np.ndarray,
    out: np.ndarray,
) -> np.ndarray:
    """Read cells that are not plain decimals, each distinct text once; whether each was understood."""
    known: dict[bytes, float | None] = {}
    first = (ends - lengths + PADDING).tolist()
    numbers = []
    for start, end in zip(first, (ends + PADDING).tolist(), strict=True):
        cell = padded[start:end]
        if cell not in known:
            known[cell] = read_number(cell, missing)
        numbers.append(known[cell])
    understood = np.array([number is not None for number in numbers], dtype=bool)
    out[which] = np.array(numbers, dtype=np.float64)
    return understood


def read_number(cell: bytes, missing: frozenset[bytes]) -> float | None:
    """The number of a cell, with blanks and quotes around it excluded; NaN where missing; None for other text."""
    cell = cell.strip()
    if len(cell) > 1 and cell[:1] == cell[-1:] == b'"':
        cell = cell[1:-1].strip()
    if not cell or cell in missing:
        return np.nan
    return float(cell) if NUMBER.fullmatch(cell) else None

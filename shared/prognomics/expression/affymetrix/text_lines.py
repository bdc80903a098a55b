"""Blocks of whole lines from the text formats of Affymetrix, with limits on what a line may hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from prognomics.expression.affymetrix.byte_reader import damaged

BLOCK_BYTES = 1 << 22
_LONGEST_LINE = 1 << 16


def line_blocks(stream: BinaryIO, where: str, size: int = BLOCK_BYTES) -> Iterator[bytes]:
    """Blocks of about `size` bytes that end with a line; line ends are `\\n`.

    Raises
    ------
    BadInput
        Zero bytes, or a line of more than 64 KiB: this is not a text.
    """
    while block := stream.read(size):
        if not block.endswith(b"\n"):
            rest = stream.readline(_LONGEST_LINE)
            if len(rest) == _LONGEST_LINE:
                raise damaged("the file is damaged: it has a line of more than 64 KiB", where)
            block += rest
        if b"\0" in block:
            raise damaged("the file is damaged: there are zero bytes among its text", where)
        yield block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def assignments(text: str) -> dict[str, str]:
    """The lines `Name=value` of a text, names in lower case."""
    pairs = (line.split("=", 1) for line in text.split("\n") if "=" in line)
    return {name.strip().lower(): value.strip() for name, value in pairs}


def whole_number(said: dict[str, str], name: str, where: str) -> int:
    """A number that a header states; `BadInput` when it does not."""
    value = said.get(name.lower(), "")
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise damaged(f"the file is damaged: it does not say {name}", where)
    return int(value)

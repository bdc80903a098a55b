"""What a reader refuses is not kept: the server is asked again at the next call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from prognomics.errors import BadInput
from prognomics.sources.fetched import Fetched, RawFiles
from prognomics.sources.transport.download import Downloader, Misunderstood

if TYPE_CHECKING:
    from prognomics.sources.transport.archive import Member

Part = TypeVar("Part")
_DROPPED = "what the server sent is not kept: the next call asks it again"


@contextmanager
def refusals(downloaders: Sequence[Downloader]) -> Iterator[None]:
    """Drop downloaded files from the cache that are refused inside the block."""
    try:
        yield
    except (BadInput, Misunderstood) as fault:
        if any([downloader.drop_refused(fault) for downloader in downloaders]):
            fault.hint = f"{fault.hint}; {_DROPPED}" if fault.hint else _DROPPED
        raise


def watched(fetched: Fetched, downloaders: Sequence[Downloader]) -> Fetched:
    """The parts of a cohort, each read under `refusals`."""

    def part(read: Callable[[], Part]) -> Callable[[], Part]:
        def reading() -> Part:
            with refusals(downloaders):
                return read()

        return reading

    def raw() -> RawFiles:
        files = part(fetched.raw)()

        def members() -> Iterator[Member]:
            with refusals(downloaders):
                yield from files.members()

        return replace(files, members=members)

    return Fetched(samples=part(fetched.samples), expression=part(fetched.expression),
                   features=part(fetched.features), raw=raw)  # fmt: skip

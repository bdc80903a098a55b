"""Accessions that a provider has in place of one that it does not have: renamed, moved or mistyped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from prognomics.errors import SourceFailed, near_names
from prognomics.io.json_text import parse_json
from prognomics.sources.transport.download import Downloader


def near_accessions(
    accession: str, downloader: Downloader, service: str, path: str, names: Callable[[Any], list[str]]
) -> str:
    """The beginning of a hint: near accessions of the provider's own list; empty if there are none, or no list.

    Parameters
    ----------
    accession : str
    downloader : Downloader
    service, path : str
        Where the provider lists what it has, as JSON.
    names : callable
        Takes the accessions from the list.
    """
    try:
        listed = names(parse_json(downloader.page(service, path)))
        near = near_names(accession, [name for name in listed if isinstance(name, str)])
    except (SourceFailed, ValueError, TypeError, KeyError, AttributeError):
        return ""
    return f"did you mean {' or '.join(near)}? Names change with releases; " if near else ""

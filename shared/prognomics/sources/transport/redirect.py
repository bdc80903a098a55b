"""Whether a redirect may be followed."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urljoin, urlsplit

from prognomics.errors import SourceFailed

MOST_REDIRECTS = 5
_PORTS = {"http": 80, "https": 443}


def check_redirect(address: str, location: str, hosts: Collection[str]) -> str:
    """The address that a redirect leads to, if it may be followed.

    Parameters
    ----------
    address : str
        What was requested.
    location : str
        The `Location` of the answer, absolute or relative.
    hosts : collection of str
        Other host names that the provider is known to use; they must speak https at its usual port.

    Raises
    ------
    SourceFailed
        To another scheme than http and https, from https to http, or to a host that the provider is not
        known to use.
    """
    target = urljoin(address, location)
    old, new = urlsplit(address), urlsplit(target)
    if new.scheme not in _PORTS or not new.hostname or "@" in new.netloc:
        raise _refused("to an address that is no plain web address", address, target)
    if old.scheme == "https" and new.scheme == "http":
        raise _refused("from https to unprotected http", address, target)
    try:
        port = new.port or _PORTS[new.scheme]
        old_port = old.port or _PORTS[old.scheme]
    except ValueError:
        raise _refused("to an address that is no plain web address", address, target) from None
    same = new.hostname == old.hostname and (port == old_port or (old_port, port) == (80, 443))
    known = new.hostname in hosts and new.scheme == "https" and port == 443
    if not (same or known):
        raise _refused("to another host", address, target)
    return target


def _refused(why: str, address: str, target: str) -> SourceFailed:
    return SourceFailed(f"the server redirects {why}, which is not followed", where=f"{address} to {target[:300]}",
                        hint="give the new address with --mirror if you trust it, or download the file yourself "
                             "and give it with --local-path")  # fmt: skip

"""What is requested, of whom, and how much may come."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from prognomics.errors import UsageError

MIRROR_VARIABLE = "PROGNOMICS_MIRROR_"
_ADDRESS_SAFE = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True)
class Limits:
    """How large a file may be, in bytes, as sent and expanded."""

    sent: int = 8 << 30
    expanded: int = 64 << 30
    # deflate reaches 1,032; a table of one repeated number some 300; real matrices 3 to 30
    ratio: int = 400
    ratio_from: int = 256 << 20


TABLE = Limits()
ANSWER = Limits(sent=512 << 20, expanded=2 << 30)
ARCHIVE = Limits(sent=256 << 30, expanded=1 << 40)


@dataclass(frozen=True)
class Request:
    """A file on a server.

    Attributes
    ----------
    address : str
        http or https.
    body : str
        JSON that is posted; empty for a plain GET.
    """

    address: str
    body: str = ""

    @property
    def key(self) -> str:
        """What the cache knows it by: two mirrors never share an entry."""
        return hashlib.sha256(f"{self.address}\n{self.body}".encode()).hexdigest()

    @property
    def name(self) -> str:
        """The file name: what the query calls `file`, else as the path ends."""
        parts = urlsplit(self.address)
        last = parse_qs(parts.query).get("file", [unquote(parts.path.rstrip("/").rpartition("/")[2])])[0]
        return re.sub(r"[^A-Za-z0-9._+-]", "_", last).lstrip(".")[-120:] or "answer"


@dataclass(frozen=True)
class Site:
    """A provider's base addresses, and the hosts next to them that it may send us to.

    Attributes
    ----------
    bases : dict of str to str
        Base address by name of the service (`files`, `query`, `api`).
    hosts : tuple of str
        Host names that a redirect may lead to.
    buckets : tuple of str
        Services that are S3 buckets: they answer 403 for a file that is not there, and their ETag is the MD5. A mirror
        of a bucket is taken for one as well, but for its ETag.
    own_paths : dict of str to str
        Further bases at a mirror's host, with the paths of the source's own.
    """

    name: str
    bases: dict[str, str] = field(default_factory=dict)
    hosts: tuple[str, ...] = ()
    buckets: tuple[str, ...] = ()
    own_paths: dict[str, str] = field(default_factory=dict)
    mirrored: bool = False

    def addresses(self, service: str, path: str) -> list[str]:
        """Where a file may be: at a mirror that is named by its host alone, also below the source's own path."""
        found = [self.address(service, path)]
        if service in self.own_paths:
            found.append(f"{self.own_paths[service].rstrip('/')}/{path.lstrip('/')}")
        return found

    def address(self, service: str, path: str) -> str:
        """The address of a path of one service."""
        return f"{self.bases[service].rstrip('/')}/{path.lstrip('/')}"

    def in_bucket(self, address: str) -> bool:
        """Whether an address lies in one of the buckets; of bases within each other the longest counts."""
        bases = [(base.rstrip("/") + "/", name) for name, base in (*self.own_paths.items(), *self.bases.items())]
        found = [(len(base), name) for base, name in bases if address.startswith(base)]
        return bool(found) and max(found)[1] in self.buckets

    def through(self, mirror: str | None) -> Site:
        """The site with all bases at a mirror: the option, else the environment variable of the provider.

        A service that has a path of its own beside the files (`query`, `api`) keeps it below the mirror's base.

        Raises
        ------
        UsageError
            No http or https address.
        """
        mirror = mirror or os.environ.get(MIRROR_VARIABLE + self.name.upper())
        if not mirror:
            return self
        require_web(mirror)
        base = mirror.rstrip("/")
        bases = {
            service: base if service == "files" or base.endswith(f"/{service}") else f"{base}/{service}"
            for service in self.bases
        }
        paths = {} if urlsplit(base).path else {name: urlsplit(own).path for name, own in self.bases.items()}
        own = {name: base + path for name, path in paths.items() if base + path != bases[name]}
        return Site(self.name, bases, hosts=self.hosts, buckets=self.buckets, own_paths=own, mirrored=True)


def require_web(address: str) -> None:
    """Check that an address is http or https, names a host, and holds no user name.

    Raises
    ------
    UsageError
    """
    parts = urlsplit(address)
    hint = "the address of a mirror starts with https:// or http://"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError("only https and http addresses can be used", where=address, hint=hint)
    if "@" in parts.netloc:
        raise UsageError("an address must not hold a user name or password", where=parts.hostname,
                         hint="put them into ~/.netrc")  # fmt: skip
    if not _ADDRESS_SAFE.fullmatch(address) or "\\" in address:
        raise UsageError("the address holds blanks or control characters", where=repr(address), hint=hint)

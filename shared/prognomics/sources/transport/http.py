"""One exchange with a server, over requests: every error of the network becomes one of three errors."""

from __future__ import annotations

import contextlib
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from prognomics import __version__
from prognomics.errors import SourceFailed
from prognomics.io.json_text import parse_json
from prognomics.sources.transport.redirect import MOST_REDIRECTS, check_redirect
from prognomics.sources.transport.retry import AGAIN, RetryPolicy, asked_seconds
from prognomics.sources.transport.site import Request, Site, require_web

if TYPE_CHECKING:
    import requests

CHUNK = 1 << 18
_MOST_OF_A_MESSAGE = 1 << 14
TRY_ELSEWHERE = "try again later, give a mirror with --mirror, or a file with --local-path"


class NotFound(SourceFailed):
    """The server answers that it has no such file (404 or 410)."""


class Forbidden(SourceFailed):
    """The server does not give the file out (401, 403 or 451)."""


class RetryableError(Exception):
    """An error that may pass: the server is busy, or the connection broke.

    Attributes
    ----------
    wait_seconds : float or None
        What the server requested.
    lasting : bool
        Whether it hardly ever passes (a name that does not resolve, a closed port).
    answered : bool
        Whether the server itself answered that it is busy.
    """

    def __init__(self, why: str, wait_seconds: float | None = None, lasting: bool = False, answered: bool = False):
        super().__init__(why)
        self.wait_seconds, self.lasting, self.answered = wait_seconds, lasting, answered


class RangeNotSatisfiable(Exception):
    """The server cannot continue the file where we stopped."""


@dataclass
class Response:
    """An open answer.

    Attributes
    ----------
    partial : bool
        Whether it continues what is there (206).
    """

    headers: Any
    partial: bool
    _raw: Any

    def read(self) -> bytes:
        """What has arrived, at least a byte, or nothing at the end; as sent, never decoded."""
        with _translated():
            result: bytes = self._raw.read1(CHUNK, decode_content=False)
            return result


class Connection:
    """Connections to one provider, kept open between files."""

    def __init__(self, site: Site, retry_policy: RetryPolicy):
        self.site, self.retry_policy = site, retry_policy
        self._session: requests.Session | None = None

    @contextlib.contextmanager
    def open(self, request: Request, *, offset: int = 0, validator: str = "") -> Iterator[Response]:
        """Ask for a file, from `offset` on if it is still the one with this validator.

        Raises
        ------
        RetryableError
            An error that may pass.
        NotFound, SourceFailed
            One that does not.
        """
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        if offset and validator:
            headers["If-Range"] = validator
        response = self._follow(request, headers)
        with contextlib.closing(response):
            if response.status_code == 416 and offset:
                raise RangeNotSatisfiable
            if response.status_code not in (200, 206):
                raise self._fault(response, request)
            yield Response(response.headers, response.status_code == 206, response.raw)

    def _follow(self, request: Request, headers: dict[str, str]) -> requests.Response:
        address, body = request.address, request.body
        for _ in range(MOST_REDIRECTS + 1):
            response = self._send(address, body, headers)
            location = response.headers.get("Location")
            if response.status_code not in (301, 302, 303, 307, 308) or not location:
                return response
            response.close()
            if body and response.status_code != 307 and response.status_code != 308:
                raise SourceFailed("the server redirects a query and would lose it", where=address, hint=TRY_ELSEWHERE)
            address = check_redirect(address, location, self.site.hosts)
        raise SourceFailed(f"the server redirects more than {MOST_REDIRECTS} times", where=request.address)

    def _send(self, address: str, body: str, headers: dict[str, str]) -> requests.Response:
        require_web(address)
        sent = {"User-Agent": f"prognomics/{__version__}", "Accept-Encoding": "identity", **headers}
        if body:
            sent["Content-Type"] = sent["Accept"] = "application/json"
        with _translated():
            import requests

            # no cookies between hosts; proxies and ~/.netrc as the environment says
            self._session = self._session or requests.Session()
            return self._session.request(
                "POST" if body else "GET", address, data=body.encode() or None, headers=sent, stream=True,
                allow_redirects=False, timeout=(self.retry_policy.connect_seconds, self.retry_policy.read_seconds),
            )  # fmt: skip

    def _fault(self, response: requests.Response, request: Request) -> Exception:
        """What a status other than 200 means."""
        status, said = response.status_code, _message(response)
        words = f"{status} {response.reason or ''}".strip() + (f": {said}" if said else "")
        if status in AGAIN:
            asked = asked_seconds(response.headers.get("Retry-After"))
            if asked is not None and asked > self.retry_policy.longest_asked_seconds:
                return SourceFailed(f"the server asks to come back in {asked:.0f} seconds ({words})",
                                    where=request.address, hint="run it again then")  # fmt: skip
            return RetryableError(f"the server answered {words}", asked, answered=True)
        if status in (404, 410) or (status == 403 and self.site.in_bucket(request.address)):
            why = words if status == 403 else said
            return NotFound("the server has no such file" + (f" ({why})" if why else ""), where=request.address)
        if status in (401, 403, 451):
            busy = "; some servers answer 403 when they are busy: try again later" if status == 403 else ""
            return Forbidden(f"the server does not give the file out ({words})", where=request.address,
                             hint="it may be private, embargoed or withdrawn; ask its owners, or get it yourself "
                                  f"and give it with --local-path{busy}")  # fmt: skip
        if status == 407:
            return SourceFailed(f"the proxy asks for a login ({words})", where=request.address,
                                hint="set HTTPS_PROXY with the login, or NO_PROXY for this host")  # fmt: skip
        return SourceFailed(f"the server answered {words}", where=request.address, hint=TRY_ELSEWHERE)

    def close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Faults of requests and urllib3 in our words; a bad certificate is never tried again."""
    import requests
    import urllib3.exceptions as lower

    try:
        yield
    except requests.exceptions.SSLError as fault:
        hint = "set REQUESTS_CA_BUNDLE to the certificates of your institute, if its proxy or mirror is meant"
        raise SourceFailed(f"the server's certificate is not trusted ({_reason(fault)})", hint=hint) from None
    except requests.exceptions.ProxyError as fault:
        raise RetryableError(f"the proxy cannot be reached ({_reason(fault)})", lasting=True) from None
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema) as fault:
        raise SourceFailed(f"the address cannot be used ({_reason(fault)})") from None
    except requests.exceptions.ReadTimeout:
        raise RetryableError("the server fell silent") from None
    except requests.exceptions.ConnectionError as fault:
        lasting = "NameResolution" in repr(fault) or "refused" in repr(fault)
        raise RetryableError(f"the server cannot be reached ({_reason(fault)})", lasting=lasting) from None
    except (requests.exceptions.RequestException, lower.HTTPError, OSError, ValueError) as fault:
        cut = "IncompleteRead" in repr(fault)
        raise RetryableError("the download was cut" if cut else f"the connection broke ({_reason(fault)})") from None


def _reason(fault: BaseException) -> str:
    """The innermost reason of a nested error, in one short line without addresses of objects."""
    inner: Any = fault
    while True:
        deeper = getattr(inner, "reason", None) or next((a for a in inner.args if isinstance(a, BaseException)), None)
        if not isinstance(deeper, BaseException):
            break
        inner = deeper
    text = " ".join(str(inner).split())
    return re.sub(r"^.*?object at 0x[0-9a-f]+>: |<[^>]*object at[^>]*>", "", text)[:160] or type(inner).__name__


def _message(response: requests.Response) -> str:
    """What the body of a refusal states, in one line: a JSON message, or the title of a page."""
    try:
        with _translated():
            text = response.raw.read(_MOST_OF_A_MESSAGE, decode_content=True).decode("utf-8", "replace")
    except (RetryableError, SourceFailed):
        return ""
    try:
        said = parse_json(text)
        said = next((said[k] for k in ("message", "errorMessage", "error", "detail") if said.get(k)), "")
    except (ValueError, AttributeError):
        said = page_title(text) if "<" in text else text
    return "".join(c if c.isprintable() else " " for c in " ".join(str(said).split()))[:200]


def page_title(text: str) -> str:
    """The title of a web page."""
    found = re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
    return " ".join(html.unescape(found[1]).split())[:200] if found else ""

"""A provider in a box: a loopback HTTP server with ranges, validators, and faults that can be switched on.

    with Box({"/a.txt": b"content"}) as box:
        box.fail("/a.txt", status(500), status(429, retry_after="0"))  # then it works
        box.address + "/a.txt", box.asked

By hand: python tests/provider_box/provider_box.py [PORT] serves all providers' made-up cohorts.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[["_Handler", bytes], None]
# a route that computes its content from the query and the posted body; None is a 404
Computed = Callable[[str, bytes], "bytes | None"]


def status(code: int, *, body: bytes = b"", content_type: str = "text/plain", retry_after: str | None = None) -> Answer:
    def answer(handler: _Handler, content: bytes) -> None:
        headers = {"Content-Type": content_type, **({"Retry-After": retry_after} if retry_after is not None else {})}
        handler.whole(body, code=code, headers=headers)

    return answer


def redirect(to: str, code: int = 302) -> Answer:
    return lambda handler, content: handler.whole(b"", code=code, headers={"Location": to})


def instead(other: bytes, content_type: str = "application/octet-stream") -> Answer:
    """Other content, as if it were right: truncated, wrong, a web page, a bomb."""
    return lambda handler, content: handler.whole(other, headers={"Content-Type": content_type})


def cut(after: int, *, count_from_start: bool = True) -> Answer:
    """The connection breaks after so many bytes of this answer."""

    def answer(handler: _Handler, content: bytes) -> None:
        handler.ranged(content, stop_after=after)

    return answer


def drip(bytes_per_second: float, seconds: float) -> Answer:
    """One byte at a time, then silence."""

    def answer(handler: _Handler, content: bytes) -> None:
        handler.head(200, {"Content-Length": str(len(content))})
        until = time.monotonic() + seconds
        for position in range(len(content)):
            if time.monotonic() > until or handler.box.closing.is_set():
                break
            handler.wfile.write(content[position : position + 1])
            handler.wfile.flush()
            time.sleep(1 / bytes_per_second)
        handler.close_connection = True

    return answer


def no_ranges(handler: _Handler, content: bytes) -> None:
    """A server that always sends the whole file and names no version."""
    handler.whole(content)


def paused(event: threading.Event, after: int) -> Answer:
    """So many bytes, then nothing until the event is set."""

    def answer(handler: _Handler, content: bytes) -> None:
        handler.ranged(content, stop_after=after, pause=event)

    return answer


@dataclass
class Box:
    """The server; `files` by path, `asked` in order as (method, path, range, body)."""

    files: dict[str, bytes | Computed] = field(default_factory=dict)
    port: int = 0

    def __post_init__(self) -> None:
        self.asked: list[tuple[str, str, str, bytes]] = []
        self.faults: dict[str, list[Answer]] = {}
        self.closing = threading.Event()
        self._lock = threading.Lock()

    def fail(self, path: str, *answers: Answer, always: bool = False) -> None:
        """The next answers at a path; `always` repeats the last one for ever."""
        self.faults[path] = [*answers, *[answers[-1]] * (1000 if always else 0)]

    def next_fault(self, path: str) -> Answer | None:
        with self._lock:
            waiting = self.faults.get(path)
            return waiting.pop(0) if waiting else None

    def is_folder(self, path: str) -> bool:
        return path.endswith("/") and any(name.startswith(path) for name in self.files)

    def note(self, *asked) -> None:
        with self._lock:
            self.asked.append(asked)

    def paths(self) -> list[str]:
        return [path for _, path, _, _ in self.asked]

    def ranges(self) -> list[str]:
        return [span for _, _, span, _ in self.asked]

    def __enter__(self) -> Box:
        handler = type("Handler", (_Handler,), {"box": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    box: Box
    protocol_version = "HTTP/1.1"

    def log_message(self, *_) -> None:
        pass

    def do_GET(self) -> None:
        self.answered(b"")

    def do_POST(self) -> None:
        self.answered(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def answered(self, body: bytes) -> None:
        path, _, query = self.path.partition("?")
        self.box.note(self.command, self.path, self.headers.get("Range", ""), body)
        content = self.box.files.get(path)
        if callable(content):
            content = content(query, body)
        fault = self.box.next_fault(path)
        try:
            if fault is not None:
                fault(self, content or b"")
            elif content is not None:
                self.ranged(content)
            elif path not in self.box.files and self.box.is_folder(path):
                self.listing(path)
            else:
                self.whole(b'{"message": "Not Found"}', code=404, headers={"Content-Type": "application/json"})
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def listing(self, path: str) -> None:
        """A folder as NCBI's server shows it."""
        names = sorted({name[len(path) :].partition("/")[0] for name in self.box.files if name.startswith(path)})
        rows = "".join(f'<a href="{name}">{name}</a> 2024-01-01 10:00\n' for name in names)
        self.whole(f"<html><body><pre>{rows}</pre></body></html>".encode(), headers={"Content-Type": "text/html"})

    def head(self, code: int, headers: dict[str, str]) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def whole(self, content: bytes, code: int = 200, headers: dict[str, str] | None = None) -> None:
        self.head(code, {"Content-Length": str(len(content)), **(headers or {})})
        self.wfile.write(content)

    def ranged(self, content: bytes, stop_after: int | None = None, pause: threading.Event | None = None) -> None:
        """The file, or its rest where the validator is still that of the file."""
        etag = f'"{hashlib.md5(content).hexdigest()}"'
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(wanted[1]) if wanted and self.headers.get("If-Range", etag) == etag else 0
        if start >= len(content) > 0 and start:
            return self.whole(b"", code=416, headers={"Content-Range": f"bytes */{len(content)}"})
        headers = {"ETag": etag, "Accept-Ranges": "bytes", "Content-Length": str(len(content) - start)}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self.head(206 if start else 200, headers)
        sent = content[start:] if stop_after is None else content[start : start + stop_after]
        self.wfile.write(sent)
        self.wfile.flush()
        if pause is not None:
            pause.wait(30)
            self.wfile.write(content[start + len(sent) :])
        elif stop_after is not None and len(sent) < len(content) - start:
            self.close_connection = True
            self.connection.close()


if __name__ == "__main__":
    import sys

    from box_contents import everything

    with Box(everything(), port=int(sys.argv[1]) if len(sys.argv) > 1 else 0) as served:
        for name in ("geo", "biostudies", "gdc", "datahub", "xena"):
            print(f"--mirror {served.address}/{name}", flush=True)
        threading.Event().wait()

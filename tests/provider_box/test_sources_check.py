"""`prognomics sources check` against the box: ten lines, and what fails is said with where to report it."""

import contextlib
import io
import socket

import pytest
from box_contents import CHALLENGE, packed
from provider_box import instead, redirect, status

from prognomics.cli import commands
from prognomics.runtime.guard import guarded
from prognomics.sources.check import PROBES
from prognomics.sources.transport.site import MIRROR_VARIABLE

MIRRORS = {"geo": "geo", "arrayexpress": "biostudies", "gdc": "gdc", "cbioportal": "datahub", "xena": "xena"}
CONTENTS = {"gzip": packed("x"), "json": b'{"data": {}}'}


def place(probe):
    """The path of a request in the box."""
    base = f"/{MIRRORS[probe.source]}" + ("" if probe.service == "files" else f"/{probe.service}")
    return f"{base}/{probe.path}".partition("?")[0]


@pytest.fixture
def check(box, monkeypatch, own_cache):
    for source, mirror in MIRRORS.items():
        monkeypatch.setenv(MIRROR_VARIABLE + source.upper(), f"{box.address}/{mirror}")
    for probe in PROBES:
        box.files[place(probe)] = CONTENTS.get(probe.kind) or f"{probe.begins} = x\n".encode()

    def check(*more):
        out, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
            words = ["sources", "check", *more]
            code = guarded(lambda: commands.main(words, "prognomics", standalone_mode=False), debug=False)
        assert not own_cache.exists()  # nothing is kept
        return code, out.getvalue().splitlines(), errors.getvalue()

    return check


def test_all_is_well(check, box):
    code, lines, errors = check()
    assert code == 0 and errors == "" and len(lines) == 10 and all("works (" in line for line in lines)
    assert len(box.asked) == 10 and {p.source for p in PROBES} == set(MIRRORS)


FAULTS = {
    "403": (status(403), "(403"), "404": (status(404), "no such file"),
    "503": (status(503), "answered 503"), "page": (instead(b"<html><title>Log in</title>"), "web page"),
    "challenge": (instead(CHALLENGE), "a challenge that is to keep programs out"), "empty": (instead(b""), "nothing"),
    "rubbish": (instead(b"abc"), ""), "elsewhere": (redirect("http://example.org/"), "another host"),
    "dropped": (lambda handler, content: handler.connection.shutdown(socket.SHUT_RDWR), ""),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("probe", PROBES, ids=[p.what for p in PROBES])
def test_what_fails(check, box, probe, fault):
    answer, words = FAULTS[fault]
    box.fail(place(probe), answer, always=True)
    code, lines, errors = check("--source", probe.source)
    bad = [line for line in lines if "fails: " in line]
    assert code == 5 and len(bad) == 1 and bad[0].startswith(probe.what)
    if not (fault == "404" and probe.source in ("cbioportal", "xena")):
        assert words in bad[0]
    assert f"1 of {len(lines)} requests failed" in errors and "report it" in errors and "https://" in errors


def test_no_network(check, monkeypatch):
    for source in MIRRORS:
        monkeypatch.setenv(MIRROR_VARIABLE + source.upper(), "http://127.0.0.1:9/x")
    code, lines, errors = check()
    assert code == 5 and len(lines) == 10 and all("cannot be reached" in line for line in lines)
    assert "10 of 10 requests failed" in errors


def test_no_such_source(check):
    assert check("--source", "ena")[0] == 2

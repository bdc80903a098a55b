"""One writer at a time in a study's folder. The lock lives as long as any process that has inherited it."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from prognomics.errors import UsageError

LOCK = Path("workflow/lock")
PATIENCE_SECONDS = 20.0  # for the jobs of a run that was killed
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[int]:
    """Hold the folder's lock as its writer; yields the file descriptor that processes may inherit.

    Raises
    ------
    UsageError
        If another run, or what it started, still lives.
    """
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        descriptor = _take(descriptor, fcntl.LOCK_EX, folder)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def read_locked(folder: Path) -> Iterator[None]:
    """Keep writers away while results are read; where no lock can be opened nothing is held.

    Raises
    ------
    UsageError
        If a run is writing.
    """
    try:
        descriptor = os.open(folder / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        yield
        return
    try:
        descriptor = _take(descriptor, fcntl.LOCK_SH, folder)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, kind: int, folder: Path) -> int:
    try:
        _flock(descriptor, kind, folder)
        return descriptor
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
    # the folder's file system has no locks: those of this machine's temporary folder serve the runs on this machine
    name = hashlib.sha256(os.fsencode(os.path.realpath(folder))).hexdigest()[:20]
    local = os.path.join(tempfile.gettempdir(), f"prognomics-{os.getuid()}-{name}.lock")
    other = os.open(local, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        _flock(other, kind, folder)
    except UsageError:
        os.close(other)
        raise
    os.close(descriptor)
    return other


def _flock(descriptor: int, kind: int, folder: Path) -> None:
    """Lock, or refuse; where the run that has the lock was killed, its jobs are given time to end."""
    patience = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if _holder_lives(descriptor) or time.monotonic() > patience:
                hint = "wait for it to end"
                raise UsageError(f"another run is using {str(folder)!r}", hint=hint) from None
        time.sleep(0.1)


def _holder_lives(descriptor: int) -> bool:
    """Whether the process that took the lock is there; true where that cannot be known."""
    try:
        os.kill(int(os.pread(descriptor, 20, 0)), 0)
    except ProcessLookupError:
        return False
    except (ValueError, OSError):
        return True
    return True

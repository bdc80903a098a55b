"""Folders for what is not finished: gone at the end, and swept by a later call where a process was killed.

A folder is `.prognomics-XXXX.part`. Its maker holds a lock on the file `lock` in it as long as it lives, wherever
it runs; the system frees the lock of a process that dies. `journal` lists what was being placed beside the folder
(see `Journal`): whoever sweeps the folder takes that back first.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

_PREFIX, _SUFFIX = ".prognomics-", ".part"
_ABANDONED_SECONDS = 3600  # a folder without a lock: its maker died within its first instant


class Scratch:
    """A folder inside `parent`, which is swept of those that killed processes left; the caller closes it.

    Raises
    ------
    OSError
        If the parent cannot be written.
    """

    def __init__(self, parent: Path):
        sweep(parent)
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX, suffix=_SUFFIX, dir=parent))
        self.journal = Journal(self.folder)
        fresh = self.folder / "lock.new"
        self._lock = os.open(fresh, os.O_RDWR | os.O_CREAT, 0o600)
        # without locks (some network file systems) nothing tells the living from the dead, and nothing is swept
        if not _locked(self._lock):
            return
        fresh.rename(self.folder / "lock")

    def close(self) -> None:
        """Remove the folder and all that is in it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._lock)


@dataclass(frozen=True)
class Placed:
    """One file or folder on its way: what it replaces is kept as `old-N`, and its own inode tells it later."""

    number: int
    name: str
    replaces: str  # '', 'file' or 'folder' (an empty one)
    inode: int


class Journal:
    """What is placed beside a scratch folder, so that it can be taken back, by this process or a later one."""

    def __init__(self, folder: Path):
        self._folder, self._path = folder, folder / "journal"
        self.entries: list[Placed] = []

    def place(self, number: int, target: Path) -> None:
        """Put the file or folder `number` of the scratch folder at `target`, whole or not at all.

        Raises
        ------
        OSError
            If that fails; nothing is changed then.
        """
        part = self._folder / str(number)
        replaces = "folder" if target.is_dir() else "file" if target.exists() else ""
        if replaces == "file":
            _keep(target, self._folder / f"old-{number}")
        self.entries.append(Placed(number, target.name, replaces, part.stat().st_ino))
        self._path.write_text(json.dumps([asdict(entry) for entry in self.entries]), encoding="utf-8")
        os.replace(part, target)

    def take_back(self) -> None:
        """Withdraw what was placed and put back what it replaced, the last one first."""
        for entry in reversed(self.entries):
            with contextlib.suppress(OSError):
                self._take_back(entry)
        self.done()

    def _take_back(self, entry: Placed) -> None:
        target = self._folder.parent / entry.name
        there = os.path.lexists(target)
        ours = there and target.lstat().st_ino == entry.inode
        old = self._folder / f"old-{entry.number}"
        if entry.replaces == "file" and old.exists() and (ours or not there):
            os.replace(old, target)
        elif ours:
            shutil.rmtree(target) if target.is_dir() else target.unlink()
            if entry.replaces == "folder":
                target.mkdir()

    def done(self) -> None:
        """Nothing is taken back from here on."""
        self.entries = []
        self._path.unlink(missing_ok=True)

    def read(self) -> Journal:
        """Take up what another process wrote; what is no journal is none."""
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            found = [Placed(**entry) for entry in json.loads(self._path.read_text(encoding="utf-8"))]
            if all(entry.name == os.path.basename(entry.name) not in ("", ".", "..") for entry in found):
                self.entries = found
        return self


def sweep(parent: Path) -> None:
    """Remove the folders that killed processes left in `parent`, and what they had placed in part."""
    for folder in _left(parent):
        with contextlib.suppress(OSError), _abandoned(folder) as abandoned:
            if abandoned:
                Journal(folder).read().take_back()
                shutil.rmtree(folder, ignore_errors=True)


def _left(parent: Path) -> list[Path]:
    """Scratch folders of this user: one that somebody else put there is not believed."""
    try:
        with os.scandir(parent) as entries:
            return [
                Path(entry.path)
                for entry in entries
                if entry.name.startswith(_PREFIX)
                and entry.name.endswith(_SUFFIX)
                and stat.S_ISDIR((status := entry.stat(follow_symlinks=False)).st_mode)
                and status.st_uid == os.geteuid()
            ]
    except OSError:
        return []


@contextlib.contextmanager
def _abandoned(folder: Path) -> Iterator[bool]:
    try:
        handle = os.open(folder / "lock", os.O_RDWR)
    except FileNotFoundError:
        yield time.time() - folder.stat().st_mtime > _ABANDONED_SECONDS and not (folder / "lock.new").exists()
        return
    try:
        yield _locked(handle)
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _keep(target: Path, old: Path) -> None:
    """A second name for what is about to be replaced; a move where the file system knows no second names."""
    try:
        os.link(target, old)
    except OSError:
        os.replace(target, old)

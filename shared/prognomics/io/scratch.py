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
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

_PREFIX, _SUFFIX = ".prognomics-", ".part"
_LOCK = "lock"


class Scratch:
    """A folder inside `parent`, which is swept of those that killed processes left; the caller closes it.

    Raises
    ------
    OSError
        If the parent cannot be written.
    """

    def __init__(self, parent: Path):
        sweep(parent)
        made = None
        while made is None:  # another call may sweep a folder in the instant before it is locked
            made = _new_folder(parent)
        self.folder, self._lock = made
        self.journal = Journal(self.folder)

    def close(self) -> None:
        """Remove the folder and all that is in it."""
        _remove(self.folder)
        os.close(self._lock)


def _new_folder(parent: Path) -> tuple[Path, int] | None:
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, suffix=_SUFFIX, dir=parent))
    try:
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except FileNotFoundError:
        return None
    # without locks (some network file systems) nothing tells the living from the dead, and nothing is swept
    with contextlib.suppress(OSError):
        fcntl.flock(lock, fcntl.LOCK_EX)
    if (folder / _LOCK).exists():
        return folder, lock
    os.close(lock)
    return None


def _remove(folder: Path) -> None:
    """Remove a folder, its lock last: one without a lock is empty, whenever this is cut short."""
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if path.name != _LOCK:
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        (folder / _LOCK).unlink(missing_ok=True)
        folder.rmdir()


@dataclass(frozen=True)
class Placed:
    """One file or folder on its way: what it replaces is kept as `old-N`, and its own inode shows it later."""

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
        with open(self._path, "a", encoding="utf-8") as lines:  # a line that is cut short was not acted upon
            lines.write(json.dumps(asdict(self.entries[-1])) + "\n")
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
        """Take up what another process wrote; what is not a journal is none."""
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            lines = self._path.read_text(encoding="utf-8").splitlines(keepends=True)
            found = [Placed(**json.loads(line)) for line in lines if line.endswith("\n")]
            if all(entry.name == os.path.basename(entry.name) not in ("", ".", "..") for entry in found):
                self.entries = found
        return self


def sweep(parent: Path) -> None:
    """Remove the folders that killed processes left in `parent`, and what they had placed in part."""
    for folder in _left(parent):
        with contextlib.suppress(OSError), _abandoned(folder) as abandoned:
            if abandoned:
                Journal(folder).read().take_back()
                _remove(folder)


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
        handle = os.open(folder / _LOCK, os.O_RDWR)
    except FileNotFoundError:
        folder.rmdir()
        yield False
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    finally:
        os.close(handle)


def _keep(target: Path, old: Path) -> None:
    """A second name for what is about to be replaced; a move where the file system knows no second names."""
    try:
        os.link(target, old)
    except OSError:
        os.replace(target, old)

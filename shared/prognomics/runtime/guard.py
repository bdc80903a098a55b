"""From an action to an exit code: every error becomes one block on stderr."""

from __future__ import annotations

import errno
import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any

import click

from prognomics.errors import PrognomicsError, UsageError
from prognomics.runtime.messages import as_json, show_error, show_warnings

# faults of disks, permissions and names: the call or the machine has to change, not the program
_PLACE_IS_AT_FAULT = {
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENAMETOOLONG,
    errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.ENXIO, errno.ENOLCK, errno.ESTALE, errno.EMFILE, errno.ENFILE,
}  # fmt: skip


def end_in_order() -> None:
    """Let signals that end the process end it by an exception, so that what is not finished is removed."""

    def stop(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, stop)


def guarded(action: Callable[[], Any], debug: bool) -> int:
    """Run an action and give its exit code; errors become one block on stderr.

    As text, the error comes before the warnings of its run: of a failed job Galaxy shows the beginning only.
    """
    try:
        action()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        if as_json():
            show_error(error.format_message(), error.exit_code)
        else:
            error.show()
        return error.exit_code
    except click.Abort:
        click.echo("stopped", err=True)
        return 130
    except PrognomicsError as error:
        if debug:
            traceback.print_exc()
        _show(error, error, error.exit_code)
        return error.exit_code
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except OSError as error:
        if error.errno not in _PLACE_IS_AT_FAULT:
            return _bug(error, debug)
        if debug:
            traceback.print_exc()
        fault = UsageError(f"a file cannot be read or written: {os.strerror(error.errno)}", where=error.filename or "",
                           hint="make room, or name another place (TMPDIR for temporary files)")  # fmt: skip
        _show(error, fault, fault.exit_code)
        return fault.exit_code
    except Exception as error:
        return _bug(error, debug)
    return 0


def _bug(error: Exception, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    else:
        hint = "run it again with --debug and report what it prints"
        _show(error, f"this is a bug: {type(error).__name__}: {error}", 1, hint)
    return 1


def _show(error: Exception, shown: PrognomicsError | str, exit_code: int, hint: str = "") -> None:
    """The error with the warnings of its run; lines of JSON keep the order in which they came about."""
    warned = getattr(error, "warned", [])
    if as_json():
        show_warnings(warned)
    show_error(shown, exit_code, hint)
    if not as_json():
        show_warnings(warned)

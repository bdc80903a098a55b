"""From an action to an exit code: every error becomes one block on stderr."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from typing import Any

import click

from prognomics.errors import PrognomicsError


def guarded(action: Callable[[], Any], debug: bool) -> int:
    """Run an action and give its exit code; errors become one block on stderr."""
    try:
        action()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        click.echo("stopped", err=True)
        return 130
    except PrognomicsError as error:
        if debug:
            traceback.print_exc()
        click.echo(f"error: {error}", err=True)
        return error.exit_code
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except Exception as error:
        if debug:
            traceback.print_exc()
        else:
            click.echo(f"error: this is a bug: {type(error).__name__}: {error}\n"
                       "  what to do: run it again with --debug and report what it prints", err=True)  # fmt: skip
        return 1
    return 0

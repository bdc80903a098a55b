"""What the shell completes: choices of options, and files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from click import Context, Parameter
from click.shell_completion import CompletionItem

from prognomics.spec.model import Input

Completer = Callable[[Context, Parameter, str], list[Any]]


def files(context: Context, parameter: Parameter, typed: str) -> list[Any]:
    """Files and folders."""
    return [CompletionItem(typed, type="file")]


def completer_of(item: Input) -> Completer | None:
    """What completes the values of an input: its choices, or files; None for free text."""
    if item.type == "data" or item.kind == "path":
        return files
    if item.type != "select":
        return None

    def choices(context: Context, parameter: Parameter, typed: str) -> list[Any]:
        shown = [option for option in item.options if "cli" in option.expose and option.value.startswith(typed)]
        return [CompletionItem(option.value, help=option.label) for option in shown]

    return choices

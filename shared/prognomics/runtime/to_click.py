"""Click commands made from specs at run time; no other list of options exists."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from prognomics import __version__
from prognomics.runtime.code_files import is_builtin
from prognomics.runtime.completion import completer_of, files
from prognomics.runtime.messages import detail, show_warnings
from prognomics.runtime.once import OnceCommand
from prognomics.spec.model import Input, Tool, flag
from prognomics.spec.plugins import plugin_at

WIDEST = 160  # of help, in a terminal that is as wide
RECORD_HELP = "Run record (JSON): tool, versions, parameters, checksums, sample counts, warnings."
METAVARS = {"data": "FILE", "integer": "N", "float": "X", "text": "TEXT", "endpoint": "NAME"}


def _metavar(item: Input) -> str:
    if item.type == "select":
        return "|".join(o.value for o in item.options if "cli" in o.expose)
    if item.type == "repeat":
        return item.separator.join(f.name.upper() for f in item.fields)
    if item.kind in ("column", "gene", "name", "accession", "url", "path"):
        return item.kind.upper()
    return METAVARS[item.type]


def _help(item: Input) -> str:
    notes = []
    if item.multiple or item.type == "repeat":
        notes.append("repeatable")
    if item.required and not any(c.inferred for c in item.conditions):  # else one of several ways to give something
        notes.append("required")
    for condition in item.conditions:
        if not condition.inferred:
            notes.append(f"with {flag(condition.selector)} {'|'.join(condition.values)}")
    if item.default not in (None, []):
        shown = item.default if not isinstance(item.default, list) else ", ".join(map(str, item.default))
        notes.append(f"default: {shown}")
    if item.unit:
        notes.append(item.unit)
    if item.example:
        notes.append(f"e.g. {item.example}")
    return f"{item.help.strip()}  [{'; '.join(notes)}]" if notes else item.help.strip()


def _option(item: Input, former: str = "") -> click.Option:
    """The option of an input, or the hidden one of a former name."""
    written = flag(former) if former else item.flag
    if item.type == "boolean":
        names = [f"{written}/--no-{written[2:]}"]
        shown = "yes" if item.default else "no"
        return click.Option(names, default=None, hidden=bool(former), help=f"{item.help.strip()}  [default: {shown}]")
    several = item.multiple or item.type == "repeat"
    return click.Option([written, former or item.name], multiple=several,
                        metavar=_metavar(item), help=_help(item), hidden=bool(former),
                        shell_complete=completer_of(item))  # fmt: skip


def _output(written: str, shown: str) -> click.Option:
    return click.Option([written], metavar="FILE", help=shown, shell_complete=files)


def make_command(tool: Tool, callback: Callable[..., Any]) -> click.Command:
    """The command of a tool; `callback(tool, given, outputs, debug)` gets only what the user wrote."""

    def run(**written: Any) -> Any:
        debug = written.pop("debug")
        outputs = {o.name: written.pop(f"out_{o.name}") for o in tool.outputs}
        outputs["record"] = written.pop("out_record")
        given = {k: list(v) if isinstance(v, tuple) else v for k, v in written.items() if v not in (None, ())}
        return callback(tool, given, {k: Path(v) for k, v in outputs.items() if v}, debug)

    params: list[click.Parameter] = [_option(i) for i in tool.inputs if "cli" in i.expose]
    params += [_option(i, alias) for i in tool.inputs if "cli" in i.expose for alias in i.aliases]
    for output in tool.outputs:
        shown = f"{output.label}. {output.help}".strip()
        params.append(_output(output.flag, shown))
    params.append(_output("--out-record", RECORD_HELP))
    params.append(click.Option(["--debug"], is_flag=True, help="Show the traceback of an error."))
    command = OnceCommand(
        tool.id, params=params, callback=run, help=f"{tool.sentence}\n\n{tool.help.get('what', '')}",
        short_help=tool.sentence,
        context_settings={"help_option_names": ["--help", "-h"], "max_content_width": WIDEST},
    )  # fmt: skip
    if is_builtin(tool):
        return click.version_option(__version__, prog_name=f"prognomics {tool.id}")(command)
    plugin = plugin_at(tool.spec_path.parent)
    said = f"%(prog)s, version {plugin.version or 'not stated'} of {plugin.name} (prognomics {__version__})"
    return click.version_option(plugin.version, prog_name=f"prognomics {tool.id}", message=said)(command)


def run_tool(tool: Any, given: dict[str, Any], outputs: dict[str, Path], debug: bool) -> None:
    """Run one tool from the command line."""
    from prognomics.runtime.call import run_to_files
    from prognomics.runtime.standard_output import from_standard_input, through_standard_output

    began = time.monotonic()
    with through_standard_output(tool, outputs) as placed:
        run = run_to_files(tool, from_standard_input(tool, given), placed)
    show_warnings(run.warned)
    for name, value in given.items():
        detail(f"{tool.id}: {name} is {value}")
    for name, number in run.bound.counts.items():
        detail(f"{tool.id}: {name} is {number}")
    for name, path in outputs.items():
        detail(f"{tool.id}: wrote {name} to {path}")
    detail(f"{tool.id}: {time.monotonic() - began:.1f} s")

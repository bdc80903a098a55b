"""The command line: `prognomics TOOL`, the suite's own commands, and single scripts."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from prognomics import __version__
from prognomics.commands.assistants import mcp_server
from prognomics.commands.catalogs import cohort_commands, signature_commands, source_commands
from prognomics.commands.exports import cwl_commands, galaxy_commands, nextflow_commands
from prognomics.commands.plugins import plugin_commands, spec_commands
from prognomics.commands.studies import run_job, run_study, study_commands, verify_study
from prognomics.compiled import compiled_loops
from prognomics.errors import UsageError
from prognomics.runtime.guard import end_in_order, guarded
from prognomics.runtime.messages import FORMATS, choose
from prognomics.runtime.once import OnceGroup
from prognomics.runtime.to_click import WIDEST, make_command, run_tool
from prognomics.spec.loader import load_tool, tool_names
from prognomics.spec.plugins import PLUGIN_PATH_VARIABLE, fix_tool_path


class Commands(OnceGroup):
    """The tools, loaded one at a time, beside the suite's own commands."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*sorted(self.commands), *tool_names()]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        own = super().get_command(ctx, name)
        if own is not None:
            return own
        try:
            return make_command(load_tool(name), run_tool)
        except UsageError as error:
            raise click.UsageError(str(error), ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        own = [(name, command.get_short_help_str(90)) for name, command in sorted(self.commands.items())]
        with formatter.section("Studies and specs"):
            formatter.write_dl(own)
        with formatter.section("Tools"):
            formatter.write_dl([(name, load_tool(name).sentence) for name in tool_names()])


def add_tool_folders(folders: Iterable[Path]) -> None:
    """Make the tools of these folders known to this process and to those that it starts."""
    known = os.environ.get(PLUGIN_PATH_VARIABLE, "")
    os.environ[PLUGIN_PATH_VARIABLE] = os.pathsep.join([*map(str, folders), *filter(None, [known])])
    fix_tool_path()


_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


def _tool_path(ctx: click.Context, param: click.Parameter, folders: tuple[Path, ...]) -> None:
    add_tool_folders(folders)


def _show_version(ctx: click.Context, param: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        click.echo(f"prognomics, version {__version__}\ncompiled loops: {'yes' if compiled_loops() else 'no'}")
        ctx.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["--help", "-h"], "max_content_width": WIDEST})
@click.option("--version", is_flag=True, callback=_show_version, expose_value=False, is_eager=True,
              help="Show the version, and whether the loops are compiled, and exit.")  # fmt: skip
@click.option("--tool-path", multiple=True, metavar="DIR", callback=_tool_path, type=_FOLDER, expose_value=False,
              is_eager=True,
              help="A folder with tools of your own (a spec and a script each).  [repeatable]")  # fmt: skip
@click.option("--quiet", "level", flag_value="quiet", help="Show errors only; records keep all warnings.")
@click.option("--verbose", "level", flag_value="verbose", help="Also show options, sample counts, files and times.")
@click.option("--log-format", type=click.Choice(FORMATS), default="text", show_default=True,
              help="Messages as text, or as one JSON object per line.")  # fmt: skip
def commands(level: str | None, log_format: str) -> None:
    """Is this gene or signature a prognostic marker in this cancer?

    Each step is a tool; `prognomics run STUDY.yml` runs a whole study.
    """
    choose(level or "normal", log_format)


OWN = (run_job, run_study, verify_study, study_commands, cohort_commands, source_commands, signature_commands,
       galaxy_commands, cwl_commands, nextflow_commands, plugin_commands, spec_commands, mcp_server)  # fmt: skip
for _command in OWN:
    commands.add_command(_command)


@commands.command("completion", short_help="print what makes a shell complete commands, options and choices")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of SHELL; docs/command_line.md states where to put it."""
    from click.shell_completion import get_completion_class

    made = get_completion_class(shell)
    click.echo(made(commands, {}, "prognomics", "_PROGNOMICS_COMPLETE").source() if made else "", nl=False)


def main(arguments: list[str] | None = None) -> None:
    """Entry point of the console script `prognomics`."""
    arguments = sys.argv[1:] if arguments is None else arguments
    fix_tool_path()
    end_in_order()
    sys.exit(guarded(lambda: commands.main(arguments, "prognomics", standalone_mode=False), "--debug" in arguments))


def run_script(script: str) -> None:
    """Run the tool of a script (`python tools/cox.py ...`, or a plugin's script next to its spec)."""
    path = Path(script).resolve()
    if path.with_suffix(".yml").is_file():
        add_tool_folders([path.parent])
    arguments = sys.argv[1:]

    def action() -> Any:
        command = make_command(load_tool(path.stem), run_tool)
        return command.main(arguments, f"{path.stem}.py", standalone_mode=False)

    end_in_order()
    sys.exit(guarded(action, "--debug" in arguments))

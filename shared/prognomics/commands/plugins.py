"""Commands on specs and plugins: a new plugin, what is generated, checks, and cases."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from prognomics.errors import BadInput
from prognomics.runtime.once import OnceGroup

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group("plugin", cls=OnceGroup, short_help="start a plugin with tools of your own")
def plugin_commands() -> None:
    """Tools of your own; docs/adding_a_tool.md explains specs and scripts."""


@plugin_commands.command("new")
@click.argument("name")
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write to.  [default: NAME]")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def plugin_new(name: str, out: Path | None, debug: bool) -> None:
    """Write a project with one small tool, NAME, that passes its checks: spec, script, cases, data, tests, metadata."""
    from prognomics.generate.plugin_template import new_plugin

    for path in new_plugin(name, out or Path(name)):
        click.echo(f"wrote {path}")


@click.group("spec", cls=OnceGroup, short_help="build what is generated from the specs, or check it all")
def spec_commands() -> None:
    """The tool specs: build the generated files, or check specs, cases and files."""


@spec_commands.command("build")
@click.option("--tool-path", "folder", type=_FOLDER, help="Build a plugin folder instead: its galaxy, cwl and docs.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def spec_build(folder: Path | None, debug: bool) -> None:
    """Write the generated files (Galaxy, CWL, pages, type stubs) of the repository you are in."""
    from prognomics.generate.build import build

    for path in build(Path.cwd(), folder):
        click.echo(f"wrote {path}")


@spec_commands.command("check")
@click.option("--tool-path", "folder", type=_FOLDER, help="Check a plugin folder instead.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def spec_check(folder: Path | None, debug: bool) -> None:
    """Check specs, scripts, coverage of cases and generated files; exit 3 if anything is wrong."""
    from prognomics.generate.build import check

    problems = check(Path.cwd(), folder)
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        sys.exit(3)
    click.echo("specs, scripts, cases and generated files agree")


@spec_commands.command("cases")
@click.option("--tool-path", "folder", type=_FOLDER, required=True, help="The plugin's folder.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def spec_cases(folder: Path, debug: bool) -> None:
    """Run the cases of a plugin's specs; exit 3 if one does not hold."""
    from prognomics.generate.plugin import run_cases

    failed = 0
    for tool, case, problems in run_cases(folder):
        failed += bool(problems)
        click.echo(f"{tool.id}, {case.name}: {'; '.join(problems) or 'holds'}")
    if failed:
        raise BadInput(f"{failed} case{'s do' if failed > 1 else ' does'} not hold")

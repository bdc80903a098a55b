"""Commands that write the tools in the forms of other workflow software."""

from __future__ import annotations

from pathlib import Path

import click

_FOLDER = click.Path(path_type=Path)


@click.group("galaxy", short_help="write the Galaxy wrappers with their test data")
def galaxy_commands() -> None:
    """The tools in Galaxy."""


@galaxy_commands.command("export")
@click.argument("folder", type=_FOLDER)
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def galaxy_export(folder: Path, debug: bool) -> None:
    """Write all wrappers, .shed.yml and the test data to FOLDER; `planemo test FOLDER/tools` runs their tests."""
    from prognomics.generate.export import export_galaxy

    click.echo(f"wrote {len(export_galaxy(folder))} files to {folder}")


@click.group("cwl", short_help="write the tools as CWL")
def cwl_commands() -> None:
    """The tools in the Common Workflow Language."""


@cwl_commands.command("export")
@click.argument("folder", type=_FOLDER)
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cwl_export(folder: Path, debug: bool) -> None:
    """Write a CWL description of each tool to FOLDER."""
    from prognomics.generate.export import export_cwl

    click.echo(f"wrote {len(export_cwl(folder))} files to {folder}")

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


@galaxy_commands.command("user-tools")
@click.argument("folder", type=_FOLDER)
@click.option("--image", required=True, help="Container image in which this version of the suite is installed.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def galaxy_user_tools(folder: Path, image: str, debug: bool) -> None:
    """Write each tool to FOLDER as a user-defined tool (YAML), which users add to Galaxy without an administrator."""
    from prognomics.generate.export import export_user_tools

    click.echo(f"wrote {len(export_user_tools(folder, image))} files to {folder}")


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

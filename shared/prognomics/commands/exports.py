"""Commands that write the tools in the forms of other workflow software."""

from __future__ import annotations

from pathlib import Path

import click

from prognomics.errors import UsageError
from prognomics.runtime.once import OnceGroup

_FOLDER = click.Path(path_type=Path)


@click.group("galaxy", cls=OnceGroup, short_help="write the Galaxy wrappers with their test data")
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


@click.group("nextflow", cls=OnceGroup, short_help="write the tools as Nextflow modules")
def nextflow_commands() -> None:
    """The tools in Nextflow."""


@nextflow_commands.command("export")
@click.argument("folder", type=_FOLDER)
@click.option("--image", default="", help="Container image in which this version of the suite is installed.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def nextflow_export(folder: Path, image: str, debug: bool) -> None:
    """Write a module in nf-core's form for each tool to FOLDER/modules, and the test data."""
    from prognomics.generate.export import export_nextflow

    click.echo(f"wrote {len(export_nextflow(folder, image))} files to {folder}")


@click.group("cwl", cls=OnceGroup, short_help="write the tools as CWL")
def cwl_commands() -> None:
    """The tools in the Common Workflow Language."""


@cwl_commands.command("export")
@click.argument("folder", type=_FOLDER, required=False)
@click.option("--study", type=click.Path(path_type=Path), help="Write this study as one workflow, and no tools.")
@click.option("--data", type=click.Path(path_type=Path), help="Folder that the study's local paths are in.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cwl_export(folder: Path | None, study: Path | None, data: Path | None, debug: bool) -> None:
    """Write a CWL description of each tool to FOLDER; with --study a workflow, to FOLDER or to standard output."""
    from prognomics.generate.export import export_cwl, study_workflow

    if study is not None:
        text = study_workflow(study, data)
        if folder is None:
            click.echo(text, nl=False)
            return
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{study.stem}.cwl").write_text(text, encoding="utf-8")
        click.echo(f"wrote {folder / f'{study.stem}.cwl'}")
        return
    if folder is None:
        raise UsageError("name the folder to write to", hint="or a study: --study FILE")
    click.echo(f"wrote {len(export_cwl(folder))} files to {folder}")

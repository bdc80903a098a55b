"""The command that opens a door for assistants."""

from __future__ import annotations

from pathlib import Path

import click

from prognomics.runtime.once import OnceCommand


@click.command("mcp", cls=OnceCommand, short_help="serve the tools to an assistant, on one folder")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--network", is_flag=True, help="Allow sources on the internet; without it only what is cached or local.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def mcp_server(folder: Path, network: bool, debug: bool) -> None:
    """Serve tools, specs and `study check` by the Model Context Protocol; files of FOLDER only are read and written."""
    from prognomics.assistant.server import serve

    serve(folder, network=network)

"""`prognomics mcp`: the calls of an assistant by the Model Context Protocol, with the official SDK."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

from prognomics import __version__
from prognomics.assistant.calls import as_error, call, call_schemas, description, description_names
from prognomics.assistant.folder import Folder
from prognomics.errors import NotInstalled, PrognomicsError

ADDRESS = "prognomics://"
INSTRUCTIONS = (
    "Tools for prognostic-marker studies. Files are read and written in one folder only; name them relative to it. "
    "Results have warnings: report them with the numbers. A refusal (exit code 4) is statistical: do not evade it."
)


def make_server(root: Path, *, network: bool = False) -> Any:
    """The server of a folder; `network` allows sources on the internet.

    Raises
    ------
    NotInstalled
        The SDK is not installed.
    UsageError
        There is no such folder.
    """
    try:
        from mcp import types
        from mcp.server.lowlevel import Server
    except ImportError:
        raise NotInstalled("the MCP SDK is not installed", hint="pip install 'prognomics[mcp]'") from None
    import anyio

    folder, schemas = Folder(root), call_schemas()
    at_work = threading.Lock()  # warnings are collected for the whole process

    def answer(name: str, given: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        with at_work:
            try:
                return call(folder, name, given, network=network), False
            except PrognomicsError as error:
                return as_error(error), True
            except Exception as error:
                return {"error": f"this is a bug: {type(error).__name__}: {error}", "exit_code": 1}, True

    async def list_tools(context: Any, params: Any) -> Any:
        tools = [types.Tool(name=n, description=text, input_schema=schema) for n, (text, schema) in schemas.items()]
        return types.ListToolsResult(tools=tools)

    async def call_tool(context: Any, params: Any) -> Any:
        content, failed = await anyio.to_thread.run_sync(answer, params.name, params.arguments or {})
        text = json.dumps(content, ensure_ascii=False, indent=1)
        return types.CallToolResult(content=[types.TextContent(type="text", text=text)], is_error=failed)

    async def list_resources(context: Any, params: Any) -> Any:
        found = [types.Resource(uri=ADDRESS + name, name=name) for name in description_names()]
        return types.ListResourcesResult(resources=found)

    async def read_resource(context: Any, params: Any) -> Any:
        uri = str(params.uri)
        try:
            text = description(uri.removeprefix(ADDRESS))
        except PrognomicsError as error:
            from mcp import MCPError

            raise MCPError(code=-32602, message=str(error)) from None
        return types.ReadResourceResult(contents=[types.TextResourceContents(uri=uri, text=text)])

    return Server("prognomics", version=__version__, instructions=INSTRUCTIONS, on_list_tools=list_tools,
                  on_call_tool=call_tool, on_list_resources=list_resources, on_read_resource=read_resource)  # fmt: skip


def serve(root: Path, *, network: bool = False) -> None:
    """Serve on standard input and output until the client ends."""
    server = make_server(root, network=network)
    import anyio
    from mcp.server.stdio import stdio_server

    async def run() -> None:
        async with stdio_server() as (reading, writing):
            await server.run(reading, writing, server.create_initialization_options())

    anyio.run(run)

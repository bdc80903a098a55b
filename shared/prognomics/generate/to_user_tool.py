"""Galaxy's user-defined tools (`GalaxyUserTool`, YAML) made from specs: what users may add without an administrator.

Such a tool runs in a container image that has the suite; there is no default for it. Values
reach the shell through one function that quotes them, since Galaxy inserts the result of an
expression as it is.
"""

from __future__ import annotations

from typing import Any

from prognomics import __version__
from prognomics.data.registry import artifact
from prognomics.generate.to_galaxy_form import ENGINE, RECORD, UNSAFE_KINDS, form, galaxy_formats
from prognomics.spec.loader import flatten, panel_title, suite
from prognomics.spec.model import Input, Output, Tool

NOTICE = "# Made by prognomics from the tool's spec; runs in the image under `container`.\n"
WORDS = """function quoted(value) {
    return "'" + String(value).replace(/'/g, "'\\\\''") + "'";
}
function words(flag, value, off) {
    if (value === null || value === undefined || value === "") { return ""; }
    if (value === true) { return " " + flag; }
    if (value === false) { return off ? " " + off : ""; }
    if (value instanceof Array) {
        var all = "";
        for (var i = 0; i < value.length; i++) { all += words(flag, value[i], off); }
        return all;
    }
    if (typeof value === "object") {
        if (value.path !== undefined) { return " " + flag + " " + quoted(value.path); }
        return words(flag, value.value, off);
    }
    return " " + flag + " " + quoted(value);
}"""


def user_tool(tool: Tool, image: str) -> str:
    """The text of a tool's YAML.

    Parameters
    ----------
    tool : Tool
    image : str
        A container image in which `prognomics` of this version is installed.

    Raises
    ------
    NotOffered
        If the spec exposes nothing of the tool to Galaxy.
    """
    import yaml

    shown = [i for i in _once(flatten(form(tool).nodes)) if ENGINE in i.expose and i.kind not in UNSAFE_KINDS]
    known = {i.name for i in tool.inputs}
    inputs = [i for i in shown if i.name in known]
    outputs = [o for o in (*tool.outputs, RECORD) if o.selected and artifact(o.artifact).kind != "folder"]
    command = f"prognomics {tool.id}" + "".join(_expression(i) for i in inputs)
    command += "".join(f" {o.flag} {_file(o)}" for o in outputs)
    document = {
        "class": "GalaxyUserTool",
        "id": f"{suite()['id']}_{tool.id}",
        "name": panel_title(tool),
        "version": __version__,
        "description": tool.summary,
        "container": image,
        "requirements": [{"type": "javascript", "expression_lib": [WORDS]}],
        "shell_command": command,
        "inputs": [_input(i) for i in inputs],
        "outputs": [_output(o) for o in outputs],
        "license": suite()["license"],
        "help": {"format": "markdown", "content": f"{tool.sentence} {' '.join(tool.help['what'].split())}"},
    }
    text: str = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)
    return NOTICE + text


def _once(inputs: list[Input]) -> list[Input]:
    """Each input one time: several branches of a choice may share it."""
    return list({item.name: item for item in inputs}.values())


def _expression(item: Input) -> str:
    off = f', "--no-{item.flag[2:]}"' if item.type == "boolean" else ""
    return f'$(words("{item.flag}", inputs.{item.name}{off}))'


def _file(output: Output) -> str:
    return f"{output.name}{artifact(output.artifact).formats[0].ending}"


def _output(output: Output) -> dict[str, Any]:
    kind = artifact(output.artifact).formats[0].galaxy
    return {"name": output.name, "type": "data", "format": kind, "label": output.label, "from_work_dir": _file(output)}


def _input(item: Input) -> dict[str, Any]:
    made: dict[str, Any] = {"name": item.name, "type": item.type, "label": item.label, "help": item.help}
    repeated = item.multiple and item.type not in ("data", "select")
    if repeated or item.type == "repeat":
        value = {"name": "value", "type": "text", "label": item.label, "help": f"For example {item.example}."}
        if item.type in ("integer", "float"):
            value = {"name": "value", "type": item.type, "label": item.label}
        return {**made, "type": "repeat", "min": item.at_least, "parameters": [value]}
    made["optional"] = not item.required
    if item.type == "data":
        return {**made, "format": galaxy_formats(item.artifact), "multiple": item.multiple}
    if item.type == "select":
        chosen = item.default if isinstance(item.default, list) else [item.default]
        options = [{"label": o.label, "value": o.value, "selected": o.value in chosen}
                   for o in item.options if ENGINE in o.expose]  # fmt: skip
        return {**made, "options": options, "multiple": item.multiple}
    if item.type == "boolean":
        return {**made, "value": bool(item.default)}
    if item.type in ("integer", "float"):
        limits = {"min": item.minimum, "max": item.maximum, "value": item.default}
        number = int if item.type == "integer" else float
        return {**made, **{k: number(v) for k, v in limits.items() if v is not None}}
    return {**made, "type": "text", **({"value": str(item.default)} if item.default is not None else {})}

"""Nextflow modules in the form of nf-core, made from specs: `main.nf`, `environment.yml`, `meta.yml` and a test."""

from __future__ import annotations

from typing import Any

from prognomics.data.registry import artifact
from prognomics.generate.publisher import suite_published
from prognomics.generate.to_cwl import ENGINE, main_outputs, offered_in_cwl
from prognomics.generate.to_galaxy_form import RECORD
from prognomics.generate.to_nextflow_tests import CONFIGURATION, module_test
from prognomics.spec.model import Input, Output, Tool

PLACE = "modules/prognomics"


def nextflow_files(tools: list[Tool], image: str = "") -> dict[str, str]:
    """Texts of all modules, by path; what CWL does not offer of a tool, Nextflow does not offer either.

    Parameters
    ----------
    tools : list of Tool
    image : str
        The container image of this version; without one a module has its conda environment alone.
    """
    files = {}
    for tool in (t for t in tools if ENGINE in t.expose and offered_in_cwl(t)):
        place = f"{PLACE}/{tool.id}"
        files[f"{place}/main.nf"] = module(tool, image)
        files[f"{place}/environment.yml"] = environment()
        files[f"{place}/meta.yml"] = meta(tool)
        files[f"{place}/tests/main.nf.test"] = module_test(tool, data_inputs(tool), process_name(tool))
        files[f"{place}/tests/nextflow.config"] = CONFIGURATION.format(process=process_name(tool))
    return files


def process_name(tool: Tool) -> str:
    """The name of a tool's process: PROGNOMICS_COX."""
    return f"PROGNOMICS_{tool.id.upper()}"


def data_inputs(tool: Tool) -> list[Input]:
    """The inputs that are files; all other options are words of `task.ext.args`."""
    return [i for i in tool.inputs if i.type == "data" and ENGINE in i.expose]


def all_outputs(tool: Tool) -> list[Output]:
    return [*tool.outputs, RECORD]


def output_name(output: Output) -> str:
    """The name of an output's file after the prefix: `table.tsv`."""
    return output.name + next(f.ending for f in artifact(output.artifact).formats if f.write)


def _is_folder(output: Output) -> bool:
    return artifact(output.artifact).kind == "folder"


# ------------------------------------------------------------------ main.nf


def module(tool: Tool, image: str = "") -> str:
    """The text of `main.nf`."""
    always = [*main_outputs(tool), RECORD.name]
    size = "process_medium" if tool.threads > 1 else "process_single"
    paths = [f"path({i.name}, stageAs: '{i.name}/*')" for i in data_inputs(tool)]
    emits = [_emit(o, o.name in always) for o in all_outputs(tool)]
    flags = [f"        {o.name}: \"{o.flag} '${{prefix}}.{output_name(o)}'\"," for o in all_outputs(tool)]
    files = [
        f"    def {i.name}_files = [{i.name}].flatten().findAll {{ it }}.collect {{ \"{i.flag} '${{it}}'\" }}.join(' ')"
        for i in data_inputs(tool)
    ]
    given = [f"        ${{{i.name}_files}} \\\\" for i in data_inputs(tool)]
    lines = [
        f"process {process_name(tool)} {{",
        '    tag "$meta.id"',
        f"    label '{size}'",
        "",
        '    conda "${moduleDir}/environment.yml"',
        *([f"    container '{image}'"] if image else []),
        "",
        "    input:",
        f"    tuple {', '.join(['val(meta)', *paths])}",
        "",
        "    output:",
        *emits,
        '    path "versions.yml", emit: versions',
        "",
        "    when:",
        "    task.ext.when == null || task.ext.when",
        "",
        "    script:",
        *_settings(always, flags),
        *files,
        '    """',
        "    export PROGNOMICS_THREADS=${task.cpus}",
        f"    prognomics {tool.id} \\\\",
        *given,
        "        ${args} \\\\",
        "        ${outputs}",
        "",
        *_versions(tool),
        '    """',
        "",
        "    stub:",
        *_settings(always, []),
        '    """',
        *(_touch(o) for o in all_outputs(tool) if o.name in always),
        "",
        *_versions(tool),
        '    """',
        "}",
    ]
    return "\n".join(lines) + "\n"


def _emit(output: Output, always: bool) -> str:
    kind = ", type: 'dir'" if _is_folder(output) else ""
    optional = "" if always else ", optional: true"
    return f'    tuple val(meta), path("*.{output_name(output)}"{kind}), emit: {output.name}{optional}'


def _settings(always: list[str], flags: list[str]) -> list[str]:
    prefix = '    def prefix = task.ext.prefix ?: "${meta.id}"'
    if not flags:
        return [prefix]
    names = ", ".join(f"'{name}'" for name in always)
    return [
        "    def args = task.ext.args ?: ''",
        prefix,
        "    // outputs that are not always made are named in task.ext.outputs",
        "    def flags = [",
        *flags,
        "    ]",
        f"    def outputs = ([{names}] + (task.ext.outputs ?: [])).unique().collect {{ flags[it] }}.join(' ')",
    ]


def _touch(output: Output) -> str:
    name = f"'${{prefix}}.{output_name(output)}'"
    return f"    mkdir -p {name}" if _is_folder(output) else f"    touch {name}"


def _versions(tool: Tool) -> list[str]:
    asked = f"\\$(prognomics {tool.id} --version | sed 's/.*version //')"
    return ["    cat <<-END_VERSIONS > versions.yml", '    "${task.process}":', f"        prognomics: {asked}",
            "    END_VERSIONS"]  # fmt: skip


# ------------------------------------------------------------------ beside it


def environment() -> str:
    """The text of `environment.yml`."""
    packages = suite_published()["packages"]
    wanted = "".join(f'  - "bioconda::{name}={version}"\n' for name, version in packages.items())
    return f"---\nchannels:\n  - conda-forge\n  - bioconda\ndependencies:\n{wanted}"


def meta(tool: Tool) -> str:
    """The text of `meta.yml`."""
    import yaml

    common = suite_published()
    makers = [maker["name"] for maker in common["creators"]]
    about = {"description": common["summary"], "licence": [common["license"]], "identifier": ""}
    links = {key: common["homepage"] for key in ("homepage", "documentation") if "homepage" in common}
    files = [{i.name: _file(i.help, i.artifact)} for i in data_inputs(tool)]
    emitted = {o.name: [[_meta_map(), {f"*.{output_name(o)}": _file(f"{o.label}. {o.help}", o.artifact)}]]
               for o in all_outputs(tool)}  # fmt: skip
    document = {
        "name": f"prognomics_{tool.id}",
        "description": tool.sentence,
        "keywords": ["survival", "gene expression", *tool.id.split("_")],
        "tools": [{common["id"]: {**about, **links}}],
        "input": [[_meta_map(), *files]],
        "output": {**emitted, "versions": [{"versions.yml": {"type": "file", "description": "Software versions",
                                                             "pattern": "versions.yml"}}]},
        "authors": makers,
        "maintainers": list(makers),
    }  # fmt: skip
    text: str = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)
    return text


def _meta_map() -> dict[str, Any]:
    """The entry of `meta`; a new one each time, or YAML would write references to the first."""
    return {"meta": {"type": "map", "description": "Groovy map with sample information, such as [ id:'cohort' ]"}}


def _file(text: str, kind: str) -> dict[str, Any]:
    formats = artifact(kind).formats
    endings = [f.ending.lstrip(".") for f in formats]
    pattern = f"*.{endings[0]}" if len(endings) == 1 else f"*.{{{','.join(endings)}}}"
    terms = [{"edam": f"http://edamontology.org/{term}"} for term in dict.fromkeys(f.edam for f in formats) if term]
    shape = "directory" if artifact(kind).kind == "folder" else "file"
    return {"type": shape, "description": " ".join(text.split()), "pattern": pattern, "ontologies": terms}

"""The text of a module's nf-test: the cases of the spec that other engines run too, and a stub run."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

from prognomics.generate.assertions import expand
from prognomics.spec.model import Case, Input, Tool, flag

CONFIGURATION = """// `params.test_data` is the folder of the cases' files, next to `modules` as the suite exports it
params.test_data = "${{projectDir}}/test-data"
params.module_args = ''
params.module_outputs = []

process {{
    withName: '{process}' {{
        ext.args = params.module_args
        ext.outputs = params.module_outputs
    }}
}}
"""


def module_test(tool: Tool, files: list[Input], process: str) -> str:
    """The text of `tests/main.nf.test`; `files` are the inputs of the process, in their order."""
    cases = [c for c in tool.cases if {"galaxy", "cwl"} & set(c.engines) and not _unnamed(tool, c)]
    tests = [line for case in cases for line in _test(tool, files, case)]
    first = next((c for c in cases if not c.exit_code), None)
    if first is not None:
        tests += _stub(tool, files, first)
    lines = [
        "nextflow_process {",
        "",
        f'    name "Test Process {process}"',
        '    script "../main.nf"',
        f'    process "{process}"',
        '    config "./nextflow.config"',
        "",
        *(f'    tag "{tag}"' for tag in ("modules", "prognomics", f"prognomics/{tool.id}")),
        *tests,
        "}",
    ]
    return "\n".join(lines) + "\n"


def _unnamed(tool: Tool, case: Case) -> bool:
    """Whether a case gives files by another way than an input of files."""
    return any(tool.input(name).kind == "path" for name in case.options)


def _test(tool: Tool, files: list[Input], case: Case) -> list[str]:
    return [
        "",
        f"    test({_text(f'{case.name}: {case.shows}')}) {{",
        *_when(tool, files, case),
        "        then {",
        f"            assert process.{'failed' if case.exit_code else 'success'}",
        *(f"            {line}" for line in _assertions(tool, case)),
        "        }",
        "    }",
    ]


def _stub(tool: Tool, files: list[Input], case: Case) -> list[str]:
    return ["", f"    test({_text(f'{case.name}, stub')}) {{", '        options "-stub"', *_when(tool, files, case),
            "        then {", "            assert process.success", "        }", "    }"]  # fmt: skip


def _when(tool: Tool, files: list[Input], case: Case) -> list[str]:
    words: list[str] = []
    for name, value in case.options.items():
        if tool.input(name).type != "data":
            words += _words(tool.input(name), value)
    outputs = ", ".join(_text(name) for name in case.outputs)
    given = [_given(case.options.get(i.name)) for i in files]
    return [
        "        when {",
        "            params {",
        f"                module_args = {_text(shlex.join(words))}",
        f"                module_outputs = [{outputs}]",
        "            }",
        "            process {",
        '                """',
        f"                input[0] = [ {', '.join(['[ id:%stest%s ]' % (chr(39), chr(39)), *given])} ]",
        '                """',
        "            }",
        "        }",
    ]


def _given(value: Any) -> str:
    if value is None:
        return "[]"
    files = [f"file(params.test_data + '/{name}', checkIfExists: true)"
             for name in (value if isinstance(value, list) else [value])]  # fmt: skip
    return files[0] if not isinstance(value, list) else f"[ {', '.join(files)} ]"


def _words(item: Input, value: Any) -> list[str]:
    if item.type == "boolean":
        return [item.flag if value else f"--no-{item.flag[2:]}"]
    return [word for one in (value if isinstance(value, list) else [value]) for word in (flag(item.name), str(one))]


def _assertions(tool: Tool, case: Case) -> Iterator[str]:
    if case.exit_code:
        yield f"assert process.exitStatus == {case.exit_code}"
        for text in case.stderr:
            yield f"assert process.stderr.join('\\n').contains({_text(text)}) || " \
                  f"process.stdout.join('\\n').contains({_text(text)})"  # fmt: skip
        return
    for name, said in case.outputs.items():
        yield f"assert process.out.{name}.size() == 1"
        for assertion in said.get("assert", []):
            tag, attributes = expand(assertion, tool.output(name).artifact)
            if check := _check(tag, attributes):
                yield f"assert {check.format(file=f'path(process.out.{name}[0][1])')}"


def _check(tag: str, attributes: dict[str, Any]) -> str:
    """An assertion in Groovy; "" for those that nf-test has no words for."""
    if tag == "has_n_lines" and "n" in attributes:
        return f"{{file}}.readLines().size() == {attributes['n']}"
    if tag == "has_text":
        return f"{{file}}.text.contains({_braced(attributes['text'])})"
    if tag == "has_line":
        return f"{{file}}.readLines().contains({_braced(attributes['line'])})"
    if tag == "has_line_matching":
        return f"{{file}}.readLines().any {{{{ it =~ {_braced(attributes['expression'])} }}}}"
    return ""


def _braced(text: str) -> str:
    return _text(str(text)).replace("{", "{{").replace("}", "}}")


def _text(text: str) -> str:
    """A string of Groovy without interpolation."""
    escaped = str(text).replace("\\", "\\\\").replace("'", "\\'")
    return "'" + escaped.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r") + "'"

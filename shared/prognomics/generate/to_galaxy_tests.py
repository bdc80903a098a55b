"""Tests of a wrapper: the cases of the spec that are marked for Galaxy, as the form would be filled."""

from __future__ import annotations

from typing import Any

from prognomics.data.registry import Part, artifact
from prognomics.generate.assertions import expand
from prognomics.generate.coverage import written_ending
from prognomics.generate.to_galaxy_form import ENGINE, Form, chosen, implied, repeated
from prognomics.generate.to_galaxy_inputs import OUTPUT_PREFIX, OUTPUTS, part_name
from prognomics.generate.to_galaxy_xml import Comment, Element, Node, element
from prognomics.spec.model import Case, Conditional, Input, Output, Section, Tool


def tests_element(tool: Tool, shown: Form) -> Element:
    """The element `tests`; each case is introduced by what it proves."""
    children: list[Node] = []
    for case in tool.cases:
        if ENGINE in case.engines:
            children += [Comment(f"{case.name}: {case.shows}"), _test(tool, shown, case)]
    return element("tests", *children)


def _test(tool: Tool, shown: Form, case: Case) -> Element:
    said: set[str] = {i.name for i in shown.formats.values()}
    params = [e for n in shown.nodes for e in _node(n, case, said)]
    if set(case.options) - said:
        unsaid = ", ".join(sorted(set(case.options) - said))
        raise ValueError(f"{tool.id}, case {case.name}: the form of Galaxy cannot be filled with {unsaid}")
    if case.exit_code:
        stderr = element("assert_stderr", *(Element("has_text", {"text": t}) for t in case.stderr))
        params += [*_formats(tool, shown, case), stderr]
        return element("test", *params, expect_failure=True, expect_exit_code=case.exit_code)
    wanted = [o for o in tool.outputs if o.name in case.outputs]
    params.append(element("param", name=OUTPUTS, value=",".join(o.name for o in wanted)))
    outputs = [e for o in wanted for e in (_parts(o, case) if artifact(o.artifact).parts else [_output(o, case)])]
    count = sum(len(artifact(o.artifact).parts) or 1 for o in wanted)
    return element("test", *params, *_formats(tool, shown, case), *outputs, expect_num_outputs=count)


# ------------------------------------------------------------------ inputs


def _node(node: Any, case: Case, said: set[str]) -> list[Element]:
    """The parameters of a node that a case sets; their names are added to `said`."""
    if isinstance(node, Section):
        children = [e for c in node.children for e in _node(c, case, said)]
        return [element("section", *children, name=node.name)] if children else []
    if isinstance(node, Conditional):
        when = chosen(node, case.options, f"case {case.name}")
        boolean = implied(node, when)
        said |= {node.selector.name, *([boolean.name] if boolean else [])}
        inner = [] if boolean else [e for c in when.children for e in _node(c, case, said)]
        selector = element("param", name=node.selector.name, value=when.value)
        return [element("conditional", selector, *inner, name=node.name)]
    if node.name not in case.options:
        return []
    said.add(node.name)
    value = case.options[node.name]
    if repeated(node):
        return [_block(node, v) for v in (value if isinstance(value, list) else [value])]
    return [_param(node, value)]


def _block(item: Input, value: Any) -> Element:
    if item.type != "repeat":
        return element("repeat", element("param", name=item.name, value=value), name=item.name)
    parts = str(value).split(item.separator, len(item.fields) - 1)
    fields = [element("param", name=f.name, value=p) for f, p in zip(item.fields, parts, strict=True)]
    return element("repeat", *fields, name=item.name)


def _param(item: Input, value: Any) -> Element:
    values = value if isinstance(value, list) else [value]
    written = ",".join("true" if v is True else "false" if v is False else str(v) for v in values)
    datatypes = {_datatype(item, str(v)) for v in values} if item.type == "data" else set()
    return element("param", name=item.name, value=written, ftype=datatypes.pop() if len(datatypes) == 1 else None)


def _datatype(item: Input, name: str) -> str:
    return artifact(item.artifact).format_of(name).galaxy


def _formats(tool: Tool, shown: Form, case: Case) -> list[Element]:
    """Formats of outputs: as the case states, or as the ending of the file that it asks for."""
    params = []
    for kind, item in shown.formats.items():
        asked = [written_ending(o, case) for o in tool.outputs
                 if o.name in case.outputs and artifact(o.artifact).kind == kind]  # fmt: skip
        if len(set(asked)) > 1:
            raise ValueError(f"{tool.id}, {case.name}: Galaxy writes all outputs of a kind in one format, "
                             f"not in {', '.join(sorted(set(asked)))}")  # fmt: skip
        if asked or item.name in case.options:
            value = case.options.get(item.name) or asked[0].lstrip(".")
            params.append(element("param", name=item.name, value=value))
    return params


# ------------------------------------------------------------------ outputs


def _output(output: Output, case: Case) -> Element:
    kind = artifact(output.artifact)
    written = kind.format_of(written_ending(output, case), _asked(case, kind.kind)).galaxy
    contents = _contents(case.outputs[output.name]["assert"], kind.id)
    return element("output", contents, name=OUTPUT_PREFIX + output.name, ftype=written)


def _parts(output: Output, case: Case) -> list[Element]:
    """The parts of a folder of whose files the case states something."""
    kind = artifact(output.artifact)
    elements: dict[Part, list[Element]] = {}
    for file, assertions in case.outputs[output.name].get("files", {}).items():
        part, name = kind.part_of(file)
        contents = _contents(assertions, part.artifact)
        packed = True if part.galaxy.endswith(".gz") else None
        held = contents if part.file else element("element", contents, name=name, ftype=part.galaxy, decompress=packed)
        elements.setdefault(part, []).append(held)
    return [
        element("output", *held, name=part_name(output, part), ftype=part.galaxy)
        if part.file
        else element("output_collection", *held, name=part_name(output, part), type="list")
        for part, held in elements.items()
    ]


def _contents(assertions: list[dict[str, Any]], kind: str) -> Element:
    asserts = []
    for assertion in assertions:
        tag, attributes = expand(assertion, kind)
        asserts.append(Element(tag, {k: _attribute(k, v) for k, v in attributes.items()}))
    return element("assert_contents", *asserts)


def _asked(case: Case, kind: str) -> str | None:
    return case.options.get({"plot": "plot_format", "matrix": "matrix_format"}.get(kind, ""))


def _attribute(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).replace("\t", r"\t") if name == "expression" else str(value)

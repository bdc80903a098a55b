"""Inputs and outputs of a wrapper, from its form."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import Any

from prognomics.data.registry import Part, artifact
from prognomics.generate.to_galaxy_form import Form, galaxy_formats, implied, repeated, selector_paths
from prognomics.generate.to_galaxy_labels import output_label
from prognomics.generate.to_galaxy_text import text_checks
from prognomics.generate.to_galaxy_xml import Element, element
from prognomics.spec.model import Conditional, Input, Output, Section, Tool, flag

OUTPUTS = "outputs"
OUTPUT_PREFIX = "out_"


def param_name(node: Input) -> dict[str, str]:
    """An input that the command line knows is named by its option, another by its name."""
    return {"argument": node.flag}


def _help(item: Input, *notes: str) -> str:
    """Help as Galaxy shows it (HTML), so marks of a page are escaped."""
    given = [n for n in notes if n] + [f"{o.label}: {o.help.rstrip('.')}." for o in item.options if o.help]
    if item.example and item.example not in item.help:
        given.append(f"For example: {item.example}.")
    text = item.help.replace("`", "").strip()
    text += "" if text.endswith((".", ":", "?")) else "."
    return html.escape(" ".join([text, *given]), quote=False)


def _label(item: Input) -> str:
    return f"{item.label} ({item.unit})" if item.unit else item.label


def _options(item: Input) -> list[Element]:
    chosen = item.default if isinstance(item.default, list) else [item.default]
    return [element("option", value=o.value, text=o.label, selected=True if o.value in chosen else None)
            for o in item.options]  # fmt: skip


def _plain(item: Input, naming: dict[str, str]) -> Element:
    """The parameter of an input that is given once."""
    common: dict[str, Any] = {**naming, "type": item.type}
    ending = {"label": _label(item), "help": _help(item)}
    if item.type == "data":
        accepted = ",".join(galaxy_formats(item.artifact))
        optional = not (item.at_least if item.multiple else item.required)
        return element("param", **common, format=accepted, multiple=item.multiple or None,
                       optional=optional or None, **ending)  # fmt: skip
    if item.type in ("integer", "float"):
        limits: dict[str, Any] = {
            "value": "" if item.default is None else item.default,
            "min": item.minimum,
            "max": item.maximum,
        }
        return element("param", **common, **limits, optional=item.optional or None, **ending)
    if item.type == "boolean":
        sides: dict[str, Any] = {
            "truevalue": item.flag,
            "falsevalue": f"--no-{item.flag[2:]}",
            "checked": bool(item.default),
        }
        return element("param", **common, **sides, **ending)
    if item.type == "select":
        kind: dict[str, Any] = {"multiple": item.multiple or None, "optional": _select_optional(item)}
        return element("param", *_options(item), **common, **kind, **ending)
    common["type"] = "text"
    return element("param", *text_checks(item), **common, value=item.default, optional=item.optional, **ending)


def _select_optional(item: Input) -> bool | None:
    if item.multiple:
        return item.at_least == 0
    return True if item.optional and item.default is None else None


def _block(item: Input) -> Element:
    """A block that can be added several times."""
    unused = f"If none is given: {', '.join(map(str, item.default))}." if item.default else ""
    if item.type == "repeat":
        children = [_plain(f, {"name": f.name}) for f in item.fields]
    else:
        once = replace(item, multiple=False, default=None, optional=False)
        children = [_plain(once, param_name(item))]
    least = item.at_least or None
    return element("repeat", *children, name=item.name, title=_label(item), min=least, default=least,
                   help=_help(item, unused) if item.type == "repeat" or unused else None)  # fmt: skip


def _node(node: Any) -> list[Element]:
    if isinstance(node, Section):
        children = [e for c in node.children for e in _node(c)]
        return [element("section", *children, name=node.name, title=node.title, expanded=node.expanded)]
    if isinstance(node, Conditional):
        naming = {"name": node.selector.name} if node.inferred else param_name(node.selector)
        whens = [
            element("when", *([] if implied(node, w) else [e for c in w.children for e in _node(c)]), value=w.value)
            for w in node.whens
        ]
        return [element("conditional", _plain(node.selector, naming), *whens, name=node.name)]
    return [_block(node) if repeated(node) else _plain(node, param_name(node))]


def _outputs_choice(shown: Form) -> Element:
    options = [element("option", value=o.name, text=o.label, selected=o.selected or None) for o in shown.outputs]
    notes = " ".join(f"{o.label}: {o.help}" for o in shown.outputs if o.help)
    return element("param", *options, name=OUTPUTS, type="select", multiple=True, optional=False, label="Outputs",
                   help=html.escape(notes, quote=False))  # fmt: skip


def inputs_element(shown: Form) -> Element:
    """The element `inputs`: the form, then which outputs are wanted and their format."""
    children = [e for n in shown.nodes for e in _node(n)]
    formats = [_plain(i, param_name(i)) for i in shown.formats.values()]
    return element("inputs", *children, _outputs_choice(shown), *formats)


# ------------------------------------------------------------------ outputs


def condition_terms(tool: Tool, shown: Form, output: Output) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """For each condition of an output: where its select is in the form, and the values that it allows."""
    paths = selector_paths(shown.nodes)
    return [(paths[c.selector], c.values) for c in output.conditions]


def _filter(tool: Tool, shown: Form, output: Output) -> str:
    terms = [f"'{output.name}' in {OUTPUTS}"]
    for path, values in condition_terms(tool, shown, output):
        place = path[0] + "".join(f"['{p}']" for p in path[1:])
        terms.append(f"{place} == '{values[0]}'" if len(values) == 1 else f"{place} in {list(values)}")
    return " and ".join(terms)


def outputs_element(tool: Tool, shown: Form) -> Element:
    """The element `outputs`; each is made only where it is ticked."""
    data = []
    for output in shown.outputs:
        kind = artifact(output.artifact)
        if kind.parts:
            data += [_part(tool, shown, output, part) for part in kind.parts]
            continue
        children = [element("filter", text=_filter(tool, shown, output))]
        choice = shown.formats.get(kind.kind)
        if choice:
            whens = [element("when", input=choice.name, value=o.value, format=kind.format_of("", o.value).galaxy)
                     for o in choice.options if o.value != choice.default]  # fmt: skip
            children.append(element("change_format", *whens))
        written = kind.format_of("", choice.default if choice else None)
        data.append(element("data", *children, name=OUTPUT_PREFIX + output.name, format=written.galaxy,
                            label=output_label(output.label, shown)))  # fmt: skip
    return element("outputs", *data)


def part_name(output: Output, part: Part) -> str:
    """The name under which a wrapper hands on a part of a folder."""
    return f"{OUTPUT_PREFIX}{output.name}_{part.name}"


def _part(tool: Tool, shown: Form, output: Output, part: Part) -> Element:
    """A part of a folder that the tool makes in the job's directory: a dataset, or a list of them."""
    wanted = element("filter", text=_filter(tool, shown, output))
    folder = OUTPUT_PREFIX + output.name
    common = {"name": part_name(output, part), "label": output_label(part.label, shown)}
    if part.file:
        return element("data", wanted, **common, format=part.galaxy, from_work_dir=f"{folder}/{part.file}")
    pattern = rf"(?P<designation>.+){re.escape(part.each)}"
    found = element("discover_datasets", pattern=pattern, format=part.galaxy, directory=folder)
    return element("collection", found, wanted, **common, type="list")


def output_flag(output: Output) -> str:
    return flag("out_" + output.name)

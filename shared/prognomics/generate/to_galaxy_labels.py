"""Names of outputs in a Galaxy history: tool, data, what the output is, and of which marker, endpoint and samples."""

from __future__ import annotations

from typing import Any

from prognomics.generate.to_galaxy_form import Form, implied, repeated
from prognomics.generate.to_galaxy_xml import Element, element
from prognomics.spec.model import Conditional, Input, Section

SUBJECT = ("gene", "score_column", "marker_column", "group_column", "covariate", "outcome_column", "endpoint", "where")
TOKEN = "@SUBJECT@"
MOST = 3  # of a repeated entry; others are "..."


def output_label(label: str, shown: Form) -> str:
    """The name of an output; the wrapper's token fills in marker, endpoint and samples."""
    return f"${{tool.name}} on ${{on_string}}: {label}{TOKEN if subject_template(shown) else ''}"


def subject_token(shown: Form) -> list[Element]:
    """The token of a wrapper, if its form has anything that a name mentions."""
    template = subject_template(shown)
    return [element("token", name=TOKEN, text=template)] if template else []


def subject_template(shown: Form) -> str:
    """The Cheetah template of what an output is about; what the form was not given is not in the name."""
    terms = [term for n in shown.nodes for term in _terms(n, "", ())]
    terms.sort(key=lambda term: SUBJECT.index(term[0]))
    listed = " + ".join(text for _, text in terms)
    return f"#set $about = {listed}##if $about# (${{', '.join($about)}})#end if#" if terms else ""


def _terms(node: Any, place: str, conditions: tuple[str, ...]) -> list[tuple[str, str]]:
    """The inputs below a node that a name mentions: each with an expression that lists its entries as text."""
    if isinstance(node, Section):
        return [t for c in node.children for t in _terms(c, f"{place}{node.name}.", conditions)]
    if isinstance(node, Conditional):
        inner = f"{place}{node.name}."
        selector = f"str(${inner}{node.selector.name})"
        return [t for when in node.whens if not implied(node, when) for c in when.children
                for t in _terms(c, inner, (*conditions, f"{selector} == '{when.value}'"))]  # fmt: skip
    if node.name not in SUBJECT or node.type == "data":
        return []
    return [(node.name, _entries(node, f"${place}{node.name}", conditions))]


def _entries(item: Input, value: str, conditions: tuple[str, ...]) -> str:
    if repeated(item):
        listed = f"[str(each['{item.name}']) for each in {value}][:{MOST}] + ['...'] * (len({value}) > {MOST})"
    elif item.required:
        listed = f"[str({value})]"
    else:
        listed, conditions = f"[str({value})]", (*conditions, f"str({value}) not in ('', 'None')")
    return f"({listed} if {' and '.join(conditions)} else [])" if conditions else f"({listed})"

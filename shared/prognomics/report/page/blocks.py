"""What a section of the report is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from prognomics.report.figures.flow_drawing import draw_flow
from prognomics.report.page.cells import View
from prognomics.report.page.data_url import MEDIA, data_url
from prognomics.report.page.declared import plot_label, tool_title
from prognomics.report.results.findings import read_population
from prognomics.report.results.steps import Step
from prognomics.report.results.tools import in_report
from prognomics.report.wording import (
    clean_text,
    format_number,
    is_absent,
    join_words,
)

if TYPE_CHECKING:
    from prognomics.data.store import Picture

FLOW_WIDTHS = {"wide": 760.0, "narrow": 350.0}
SCOPE_WORDS = {
    "all": "all samples",
    "unstratified": "unstratified: differences between cohorts are confounded with the marker",
}


@dataclass(frozen=True)
class Block:
    """A part of a section; the fields that its kind does not need stay empty.

    `kind` is heading, text, items, table, figure, curves, panels, drawings, genes, code or note.
    """

    kind: str
    text: str = ""
    level: int = 3
    items: Sequence[Any] = ()
    table: View | None = None
    steps: Sequence[int] = ()
    src: str = ""
    alt: str = ""
    title: str = ""
    figures: Sequence[Any] = ()  # CurveFigures, or drawings
    data: Any = None  # for the script of the page


@dataclass
class Section:
    """A part of the page with its entry in the table of contents."""

    id: str
    title: str
    blocks: list[Block] = field(default_factory=list)
    main: bool = False  # before the fold
    short: str = ""  # in the navigation

    def heading(self, text: str, level: int = 3) -> None:
        self.blocks.append(Block("heading", text, level))

    def say(self, text: str) -> None:
        self.blocks.append(Block("text", text))

    def note(self, text: str) -> None:
        self.blocks.append(Block("note", text))

    def list(self, items: Sequence[Any]) -> None:
        if items:
            self.blocks.append(Block("items", items=items))

    def show(self, table: View, *steps: Step) -> None:
        self.blocks.append(Block("table", table=table, steps=[s.number for s in steps]))

    def curves(self, figure: Any) -> None:
        """A small Kaplan-Meier figure that the page draws."""
        self.blocks.append(Block("curves", figure.legend, steps=[figure.step.number], figures=[figure]))

    def flow(self, boxes: Sequence[Any], alt: str, legend: str) -> None:
        """The flow diagram."""
        drawn = [draw_flow(boxes, width, alt).inline(f"fig {name}") for name, width in FLOW_WIDTHS.items()]
        self.blocks.append(Block("drawings", legend, title="Flow of samples", figures=drawn))

    def panels(self, title: str, figures: Sequence[Any], legend: str) -> None:
        """Several of them, small, as one figure."""
        steps = list(dict.fromkeys(f.step.number for f in figures))
        self.blocks.append(Block("panels", legend, title=title, steps=steps, figures=figures))

    def figure(self, picture: Picture, caption: str, alt: str, step: Step | None = None) -> None:
        steps = [step.number] if step else []
        if step and (label := plot_label(step, picture.sha256)):  # a further plot, which its spec names
            caption = alt = named(step, label)
        if picture.format not in MEDIA:
            name = f"{clean_text(picture.name)} is a {picture.format.upper()} file and cannot be shown in a page"
            self.blocks.append(Block("note", f"{caption}: {name}.", steps=steps))
            return
        self.blocks.append(Block("figure", caption, src=data_url(picture), alt=alt, steps=steps))


def scope_label(step: Step, long: bool = True) -> str:
    """The samples and strata of a step in words."""
    if step.scope == "per_cohort":
        return f"cohort {step.declared.cohort(step.cohort)}"
    if step.scope == "stratified":
        return f"stratified by {step.strata}"
    if step.scope == "unstratified" and not long:
        return "unstratified"
    return SCOPE_WORDS[step.scope]


def population_label(step: Step) -> str:
    """Which samples a step used, '' for all: cohort gse1992, samples with stage=II."""
    cohort = f"cohort {step.declared.cohort(step.cohort)}" if step.cohort else ""
    return ", ".join(filter(None, [cohort, subset_label(step)]))


def subset_label(step: Step) -> str:
    """How the samples of a step were chosen within their cohort: by columns, or by what happened until a landmark."""
    conditions = read_population(step)
    landmark = step.parameters.get("landmark")
    said = [step.declared.population_words(conditions)] if conditions else []
    if not is_absent(landmark):
        said.append(f"from a landmark at {format_number(landmark)} months, those then at risk")
    return ", ".join(said)


def named(step: Step, what: str) -> str:
    """The caption of what a spec names."""
    return caption(step, f"{what} of {step_title(step)}")


def caption(step: Step, what: str, long: bool = True, strata: bool = True) -> str:
    """A caption: what it is, of which endpoint, in which samples, how stratified."""
    endpoint = endpoint_words(step)
    parts = [what + (f", {endpoint}" if endpoint else "")]
    if population := population_label(step):
        parts.append(population)
    if strata and step.scope in ("stratified", "unstratified"):
        parts.append(scope_label(step, long))
    return "; ".join(parts) + "."


def endpoint_words(step: Step) -> str:
    """The endpoint in words: overall survival, endpoint followup, or the two columns; '' without one."""
    name = clean_text(step.parameters.get("endpoint"))
    if name:
        return step.declared.endpoint_words(name)
    columns = [c for c in (step.parameters.get("time_column"), step.parameters.get("event_column")) if c]
    return f"endpoint in the columns {join_words(map(clean_text, columns))}" if columns else ""


def section_of_tool(tool: str) -> Section:
    """An empty section with the id and title that a tool's spec states."""
    stated = in_report(tool)
    return Section(stated.section, stated.title)


def tool_name(step: Step) -> str:
    """The tool's name for people."""
    known = step.in_report.step or tool_title(step.tool)
    return known or clean_text(step.tool.replace("_", " ")).capitalize() or "Unnamed tool"


def step_title(step: Step) -> str:
    """A step in few words: its tool, what it was about, and where, as its tool's spec states."""
    about = step.in_report.about
    named = _named(step)
    setting = about.setting
    value = clean_text(step.parameters.get(setting.input)) if setting else ""
    said = setting.text.format(value) if setting and value and value in (setting.values or (value,)) else ""
    where = ", ".join(filter(None, [said, population_label(step)]))
    scope = scope_label(step, long=False) if step.scope in ("stratified", "unstratified") else ""
    return ", ".join(part for part in (tool_name(step) + (f" of {named}" if named else ""), where, scope) if part)


def _named(step: Step) -> str:
    """The variables and the cohort that the title of a step names."""
    about = step.in_report.about
    if about.every:
        terms = [term for name in about.every for term in step.listed(name)]
        by = clean_text(step.parameters.get(about.by))
        said = join_words(terms) if len(terms) < 4 else f"{terms[0]} and {len(terms) - 1} more variables"
        return said + (f" by {by}" if by else "")
    given = next(filter(None, (clean_text(step.parameters.get(name)) for name in about.first)), "")
    values = next(filter(None, (clean_text(step.parameters.get(name)) for name in about.continuous)), "")
    said = given or (f"{values} (continuous)" if values else "")
    if not about.origin:
        return said
    if not about.first:
        return step.origin
    return said + (f" in {step.origin}" if step.origin else "")

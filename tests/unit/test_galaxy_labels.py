"""Names of outputs in a Galaxy history, from the template of a wrapper and what a form was given."""

import re
from types import SimpleNamespace as Given

import pytest

from prognomics.generate.to_galaxy import tool_xml
from prognomics.generate.to_galaxy_form import form
from prognomics.generate.to_galaxy_labels import subject_template
from prognomics.spec.loader import load_tool, tool_names


def filled(tool: str, **given: object) -> str:
    """What Galaxy's own template engine makes of a form's values."""
    template = pytest.importorskip("galaxy.util.template", reason="galaxy-util is not installed")
    said = template.fill_template(subject_template(form(load_tool(tool))), context=given).strip()
    return str(said.removeprefix("(").removesuffix(")"))


ENDPOINT = Given(endpoint_from="name", endpoint="os")


def each(name: str, *values: str) -> list[dict[str, str]]:
    """A repeat: in the templates of names Galaxy has its blocks as dictionaries."""
    return [{name: value} for value in values]


def test_gene_covariates_endpoint_and_filter_in_this_order() -> None:
    genes = Given(genes_from="matrix", gene=each("gene", "XPO1"))
    said = filled("cox", genes=genes, covariate=each("covariate", "age_years"), endpoint_choice=ENDPOINT,
                  where=each("where", "tissue_type=primary"), group_column="")  # fmt: skip
    assert said == "XPO1, age_years, os, tissue_type=primary"


def test_of_many_entries_the_first_three() -> None:
    genes = Given(genes_from="matrix", gene=each("gene", *"ABCDE"))
    said = filled("cox", genes=genes, covariate=[], endpoint_choice=ENDPOINT, where=[], group_column="")
    assert said == "A, B, C, ..., os"


@pytest.mark.parametrize("empty", ["", None])
def test_what_was_not_given_is_not_in_the_name(empty: str | None) -> None:
    columns = Given(endpoint_from="columns")
    assert filled("kaplan_meier", group_column=empty, endpoint_choice=columns, where=[]) == ""
    assert filled("kaplan_meier", group_column="stage", endpoint_choice=columns, where=[]) == "stage"


def test_branches_within_branches() -> None:
    marker = Given(marker_from="gene", gene="XPO1")
    cohorts = Given(effects_from="samples", marker=marker, covariate=[], where=[], endpoint_choice=ENDPOINT)
    assert filled("meta_analysis", cohorts=cohorts) == "XPO1, os"
    assert filled("meta_analysis", cohorts=Given(effects_from="effects")) == ""


@pytest.mark.parametrize("name", tool_names())
def test_every_output_is_named_by_what_it_is(name: str) -> None:
    tool = load_tool(name)
    labels = re.findall(r' label="\$\{tool\.name\} on \$\{on_string\}: ([^"@]+)(@SUBJECT@)?"', tool_xml(tool))
    assert len(labels) >= len(form(tool).outputs)
    assert len({label for label, _ in labels}) == len(labels)
    assert {bool(token) for _, token in labels} == {bool(subject_template(form(tool)))}

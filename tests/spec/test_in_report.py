"""The key `report` of specs: what it names exists, and what the page lays out itself is what specs state."""

import pytest

from prognomics.generate.build import builtin_tools
from prognomics.report.page import LAID_OUT
from prognomics.report.page.remark_items import PLACES
from prognomics.spec.in_report import LAST, OTHER

TOOLS = builtin_tools()
SECTIONS = {tool.in_report.section for tool in TOOLS} - {""}
OF_THE_STUDY = {"flow"}  # sections that are of no tool


def test_steps_have_one_order():
    orders = [tool.in_report.order for tool in TOOLS if tool.in_report.order != LAST]
    assert len(orders) == len(set(orders)) > 10


def test_sections_are_of_one_tool_and_have_a_title():
    stated = [tool.in_report.section for tool in TOOLS if tool.in_report.section]
    assert sorted(stated) == sorted(set(stated))
    assert all(tool.in_report.title for tool in TOOLS if tool.in_report.section)


def test_what_the_page_lays_out_is_stated_by_a_spec():
    assert set(LAID_OUT) <= SECTIONS


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.id)
def test_outputs_are_in_sections_that_exist(tool):
    assert {o.section for o in tool.outputs} <= {"none", OTHER} | SECTIONS | set(PLACES) | OF_THE_STUDY


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.id)
def test_titles_of_steps_name_inputs(tool):
    assert set(tool.in_report.about.inputs) <= {item.name for item in tool.inputs}

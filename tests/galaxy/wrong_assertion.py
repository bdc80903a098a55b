"""Print a wrapper with one test whose assertion does not hold; the harness must turn red on it."""

from __future__ import annotations

from dataclasses import replace

from prognomics.generate.to_galaxy import tool_xml
from prognomics.spec.loader import load_tool

tool = load_tool("normalize")
case = next(c for c in tool.cases if "galaxy" in c.engines and not c.exit_code)
wrong = replace(case, outputs={name: {"assert": [{"that": "has_n_lines", "n": 7}]} for name in case.outputs})
text = tool_xml(replace(tool, cases=(wrong,)))
print(text.replace('id="prognomics_normalize"', 'id="prognomics_wrong_assertion"', 1), end="")

"""Say what planemo's report holds, and check that every test of the wrappers ran.

summary.py REPORT.json [TOOL.xml...]        fails unless all passed and each test of each wrapper is there
summary.py --expect-failure REPORT.json     fails unless the one test failed, and by its assertion
"""

from __future__ import annotations

import json
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def tests(report: str) -> list[dict]:
    return [t["data"] for t in json.loads(Path(report).read_text())["tests"]]


def expected(wrappers: list[str]) -> int:
    return sum(len(ElementTree.parse(w).getroot().findall("tests/test")) for w in wrappers)


def name(test: dict) -> str:
    """The test's tool and number; planemo gives none for those of workflows."""
    return f"{test['tool_id']}, test {test['test_index'] + 1}" if "tool_id" in test else "workflow"


def reason(test: dict) -> str:
    found = [*(test.get("output_problems") or []), test.get("execution_problem"), (test.get("job") or {}).get("stderr")]
    return "\n".join(str(f).strip()[-600:] for f in found if f)


def main(words: list[str]) -> None:
    if words[0] == "--expect-failure":
        (test,) = tests(words[1])
        if test["status"] == "success" or "lines in the output" not in reason(test):
            sys.exit(f"the wrong assertion did not turn the test red: {test['status']}, {reason(test)}")
        print("the wrong assertion was reported")
        return
    ran = tests(words[0])
    failing = [t for t in ran if t["status"] != "success"]
    for test in failing:
        print(f"{name(test)}: {test['status']}\n{reason(test)}")
    seconds = sorted((t.get("time_seconds") or 0, name(t)) for t in ran)
    print(f"{len(ran) - len(failing)} of {len(ran)} tests passed; the slowest: "
          + ", ".join(f"{named} {took:.0f} s" for took, named in seconds[-3:]))  # fmt: skip
    if failing or not ran or (words[1:] and len(ran) != expected(words[1:])):
        sys.exit(f"{len(failing)} failed, {len(ran)} ran" + (f" of {expected(words[1:])}" if words[1:] else ""))


if __name__ == "__main__":
    main(sys.argv[1:])

"""The page on study files: it names every field, and its examples are valid."""

import re
from pathlib import Path

import pytest
import yaml

from prognomics.report.results.declarations import declarations
from prognomics.spec.schema import check_yaml
from prognomics.spec.shipped_yaml import package_folder, read_yaml

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = (REPOSITORY / "docs" / "studies.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.S)
BASE = {
    "study": 1, "title": "A study", "question": "Is every example of the page valid?", "marker": "MKI67",
    "cohorts": {"acc": {"steps": [{"fetch_cohort": {"source": "local", "local_path": ["acc.tsv"]}}]}},
    "steps": [{"cox": {"gene": ["MKI67"], "endpoint": "os"}}],
}  # fmt: skip


def fields(schema, known):
    """The names of all properties, with those of definitions."""
    found = set(schema.get("properties", {}))
    for part in (*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties")):
        if isinstance(part, dict):
            found |= fields(known["$defs"]["steps"] if "$ref" in part else part, known) if part != schema else set()
    return found


def test_every_field_is_explained():
    schema = read_yaml(package_folder("prognomics.tool_specs") / "schema" / "study.schema.json")
    prose = re.sub(r"```.*?```", "", PAGE, flags=re.S)
    named = set(re.findall(r"`([a-z_]+)`", prose)) | {n for example in EXAMPLES for n in re.findall(r"(\w+):", example)}
    assert len(fields(schema, schema)) > 30 and not fields(schema, schema) - named


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_examples_are_valid(number, tmp_path):
    example = yaml.safe_load(EXAMPLES[number])
    path = tmp_path / "study.yml"
    path.write_text(yaml.safe_dump(BASE | example, sort_keys=False), encoding="utf-8")
    assert check_yaml("study", path)[next(iter(example))] == example[next(iter(example))]


def test_what_the_examples_declare_is_what_the_report_reads():
    study = {}
    for example in EXAMPLES:
        study |= yaml.safe_load(example)
    declared = declarations(study)
    assert declared.markers == ("MKI67", "TOP2A") and list(declared.endpoints) == ["os", "dss"]
    assert declared.conditions("women") == ("sex=female", "tissue_type=primary")
    assert declared.population_words(("tissue_type=primary",)) == "all primary tumors"
    assert (
        declared.endpoint_words("os") == "overall survival" and declared.event_words("dss") == "death from the cancer"
    )
    assert declared.variable("age_years") == "Age" and declared.cohort("acc") == "Adrenocortical carcinoma"

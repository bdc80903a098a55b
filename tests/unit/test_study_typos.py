"""Twelve mistyped words in each of the suite's own studies: each is found, with its line and the right word."""

import random
import re
import shutil
from pathlib import Path

import pytest
import yaml

from prognomics.study.check import check_study

STUDIES = Path(__file__).resolve().parents[2] / "studies"
# those whose cohorts are simulated have no mappings until they are
NAMES = tuple(sorted({p.stem for p in STUDIES.glob("*.yml")} - {"letter_reenacted", "full_scale"}))
# free text, and names that the study gives itself
FREE = {"title", "question", "definition", "pooling", "limits", "note", "platform", "authors", "marker", "as", "name",
        "short_name", "accession", "study", "labels"}  # fmt: skip
TYPOS = 12  # of each study


def words(node, field=()):
    """Keys and scalars that must be right, with their fields."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            given = field in (("cohorts",), ("populations",), ("learn",))  # its keys are names of the study's own
            if not given:
                yield key, (*field, key.value)
            if key.value not in FREE or field[-1:] == ("fetch_cohort",):
                yield from words(value, (*field, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for number, child in enumerate(node.value):
            yield from words(child, (*field, number))
    elif isinstance(node, yaml.ScalarNode) and not re.fullmatch(r"[\d.]*", node.value):
        yield node, field


def mistyped(word, draw):
    place = draw.randrange(len(word) - 1)
    changes = [
        word[:place] + word[place + 1 :],
        word[:place] + word[place] + word[place:],
        word[:place] + word[place + 1] + word[place] + word[place + 2 :],
        word[:place] + draw.choice("qxzj") + word[place + 1 :],
    ]
    return draw.choice([change for change in changes if change != word])


def mutants(names=NAMES, seed=20):
    for name in names:
        draw = random.Random(f"{name} {seed}")
        text = (STUDIES / f"{name}.yml").read_text(encoding="utf-8")
        found = {node.start_mark.index: node for node, _ in words(yaml.compose(text)) if len(node.value) > 2}
        for node in draw.sample(list(found.values()), TYPOS):
            start, end = node.start_mark.index, node.end_mark.index
            wrong = mistyped(node.value, draw)
            changed = text[:start] + text[start:end].replace(node.value, wrong) + text[end:]
            yield pytest.param(name, changed, node, id=f"{name}-{node.start_mark.line + 1}-{wrong}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The studies' folder, and their local data as empty files: nothing reads them."""
    folder = tmp_path_factory.mktemp("studies")
    shutil.copytree(STUDIES / "mappings", folder / "mappings")
    shutil.copytree(STUDIES / "signatures", folder / "signatures")
    (folder / "data").mkdir()
    for name in NAMES:
        raw = yaml.safe_load((STUDIES / f"{name}.yml").read_text(encoding="utf-8"))
        for cohort in raw["cohorts"].values():
            for file in cohort["steps"][0]["fetch_cohort"].get("local_path", []):
                if not (folder / "data" / file).exists():
                    (folder / "data" / file.rpartition("=")[2]).touch()
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_the_studies_themselves_have_no_error(name, folder):
    (folder / "study.yml").write_text((STUDIES / f"{name}.yml").read_text(encoding="utf-8"), encoding="utf-8")
    assert check_study(folder / "study.yml", folder / "data") == []


@pytest.mark.parametrize(("name", "text", "node"), list(mutants()))
def test_a_typo_is_found_with_its_line_and_the_right_word(name, text, node, folder):
    (folder / "study.yml").write_text(text, encoding="utf-8")
    problems = check_study(folder / "study.yml", folder / "data")
    here = [p for p in problems if p.line == node.start_mark.line + 1]
    assert here, list(map(str, problems))
    parts = [part for part in re.split("[=,!:]", Path(node.value).name) if len(part) > 1]
    assert any(part in p.hint or part in p.what for p in here for part in parts), list(map(str, here))


FURTHER = [
    ("steps:\n  - cutpoint", "steps:\n  - cutpoint: {gene: XPO1}\n  - cutpoint", "two steps are called 'cutpoint'"),
    ("marker: XPO1", "marker: XPO1\nmarker: TP53", "given twice"),
    ("scope: stratified", "scope: stratifed", "did you mean stratified"),
    ("where: [tissue_type=primary]}\n    across", "where: [tissue_type=primry]}\n    across", "did you mean primary"),
    ("covariate: [XPO1_group]", "covariate: [XPO1_grup]", "did you mean XPO1_group"),
    ("- cutpoint: {gene: XPO1", "- cutpoint: {gene: XPOI", "did you mean XPO1"),
    ("endpoint: followup}\n  - kaplan", "endpoint: follow_up}\n  - kaplan", "did you mean followup"),
    ("at: [36, 60]", "at: [36, 6O]", "--at '6O'"),
    ("variables: {XPO1_group", "variables: {XPO1_gruop", "did you mean XPO1_group"),
    ("mapping: mappings/gse1992.yml", "mapping: mapings/gse1992.yml", "did you mean mappings"),
    ("accession: gse3143}", "accession: gse3134}", "gse3143"),
    ("{gene: XPO1, method: median,", "{method: median,", "study.yml:LINE: steps[0]: step cutpoint: give"),
    ("adjusted_for: []", "adjusted_for: [grad]", "did you mean grade"),
]


@pytest.mark.parametrize(("old", "new", "says"), FURTHER)
def test_mistakes_of_other_kinds(old, new, says, folder):
    text = (STUDIES / "breast_xpo1.yml").read_text(encoding="utf-8")
    assert old in text
    (folder / "study.yml").write_text(text.replace(old, new, 1), encoding="utf-8")
    problems = check_study(folder / "study.yml", folder / "data")
    says = says.replace("LINE", str(text[: text.index(old)].count("\n") + 1))
    assert any(says in str(p) for p in problems), list(map(str, problems))


def test_a_group_is_used_before_it_is_made(folder):
    raw = yaml.safe_load((STUDIES / "breast_xpo1.yml").read_text(encoding="utf-8"))
    raw["steps"] = [*raw["steps"][1:], raw["steps"][0]]
    (folder / "study.yml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    problems = check_study(folder / "study.yml")
    assert any("made only later, by step cutpoint" in p.what for p in problems)


NO_STUDIES = ["", "[]", "study: 1", "a: [", "steps: 3\ncohorts: []", "steps: [1, {}, {cox: 3}]", "primary: []",
              "cohorts: {a: {steps: [{cox: {gene: [[1]]}, x: 1}]}}\nlabels: 3"]  # fmt: skip


@pytest.mark.parametrize("text", NO_STUDIES)
def test_what_is_no_study_is_said_and_not_a_crash(text, tmp_path):
    (tmp_path / "study.yml").write_text(text)
    assert check_study(tmp_path / "study.yml")

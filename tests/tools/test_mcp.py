"""`prognomics mcp` through the SDK's own client: tools, refusals, and nothing outside of the folder."""

import asyncio
import json
import shutil
import sys

import pytest

mcp = pytest.importorskip("mcp")

from prognomics.assistant.server import make_server  # noqa: E402
from prognomics.spec.loader import tool_names  # noqa: E402


@pytest.fixture
def folder(tmp_path, repository):
    root = tmp_path / "folder"
    (root / "mappings").mkdir(parents=True)
    for name in ("alpha.samples.tsv", "alpha.tsv", "alpha.clinical.tsv"):
        shutil.copy(repository / "test-data" / name, root)
    shutil.copy(repository / "test-data" / "alpha.samples.tsv", tmp_path / "secret.tsv")
    (root / "link.tsv").symlink_to(tmp_path / "secret.tsv")
    for name in ("gse1992", "gse3143", "gse4335"):
        shutil.copy(repository / "studies" / "mappings" / f"{name}.yml", root / "mappings")
    text = (repository / "studies" / "breast_xpo1.yml").read_text(encoding="utf-8")
    (root / "study.yml").write_text(text.replace("conf_type", "conf_typ").replace("method: median", "method: medan"))
    (root / "outside.yml").write_text(text.replace("mappings/gse1992.yml", "../secret.tsv"))
    return root


def talk(server, *calls):
    async def run():
        async with mcp.Client(server) as client:
            return [await getattr(client, name)(*words) for name, *words in calls]

    return asyncio.run(run())


def answers(folder, *calls):
    """The JSON of calls of tools, and whether each is an error."""
    results = talk(make_server(folder), *(("call_tool", *words) for words in calls))
    return [(json.loads(result.content[0].text), bool(result.is_error)) for result in results]


COX = {"samples": "alpha.samples.tsv", "endpoint": "os", "covariate": ["age_years"], "outputs": {"table": "cox.tsv"}}


def test_tools_with_their_schemas_and_descriptions(folder):
    listed, resources, spec = talk(make_server(folder), ("list_tools",), ("list_resources",),
                                   ("read_resource", "prognomics://artifacts/sample_sheet"))  # fmt: skip
    tools = {tool.name: tool for tool in listed.tools}
    assert set(tools) == {*tool_names(), "study_check", "study_plan"}
    schema = tools["cox"].input_schema
    assert schema["properties"]["ties"]["enum"] == ["efron", "breslow"] and "outputs" in schema["required"]
    assert "mirror" not in tools["fetch_cohort"].input_schema["properties"]
    assert "prognomics://specs/cox" in {str(r.uri) for r in resources.resources}
    assert "tissue_type" in spec.contents[0].text


def test_a_call_gives_files_warnings_and_a_record(folder, repository):
    [(answer, failed)] = answers(folder, ("cox", COX))
    assert not failed and answer["outputs"] == {"table": "cox.tsv", "record": "cox.tsv.record.json"}
    assert [w["code"] for w in answer["warnings"]] and answer["preview"]["table"][0].startswith("model\t")
    record = json.loads((folder / "cox.tsv.record.json").read_text())
    assert record["tool"] == "cox" and str(folder) not in json.dumps(record)


def test_refusals_and_errors_are_those_of_the_command_line(folder):
    outcomes = answers(folder, ("cox", {**COX, "covariate": ["age_year"]}), ("cox", {**COX, "where": ["os_event=0"]}),
                       ("cox", {**COX, "nothing": 1}), ("cox", {**COX, "outputs": {}}), ("coxx", {}))  # fmt: skip
    assert all(failed for _, failed in outcomes)
    assert [answer["exit_code"] for answer, _ in outcomes] == [3, 4, 2, 2, 3]
    assert "did you mean age_years" in outcomes[0][0]["hint"]


@pytest.mark.parametrize("change", [
    {"samples": "../secret.tsv"}, {"samples": "link.tsv"}, {"samples": "/etc/passwd"},
    {"outputs": {"table": "../made.tsv"}}, {"outputs": {"table": "/tmp/made.tsv"}},
    {"outputs": {"table": "a.tsv", "record": "../r.json"}},
])  # fmt: skip
def test_nothing_outside_of_the_folder(change, folder):
    before = {p: p.read_bytes() for p in folder.parent.rglob("*") if p.is_file()}
    [(answer, failed)] = answers(folder, ("cox", {**COX, **change}))
    assert failed and answer["exit_code"] == 4 and "outside of the folder" in answer["error"]
    assert {p: p.read_bytes() for p in folder.parent.rglob("*") if p.is_file()} == before


def test_folders_with_links_out_and_servers_are_refused(folder):
    fetch = {"source": "local", "outputs": {"samples": "s.tsv"}}
    outcomes = answers(folder, ("fetch_cohort", {**fetch, "local_path": ["."]}),
                       ("fetch_cohort", {**fetch, "local_path": ["samples=../secret.tsv"]}),
                       ("fetch_cohort", {**fetch, "source": "geo", "accession": "GSE1", "mirror": "http://x"}),
                       ("fetch_cohort", {**fetch, "source": "geo", "accession": "GSE1"}))  # fmt: skip
    assert [answer["exit_code"] for answer, _ in outcomes] == [4, 4, 4, 5]  # the last one: not in the cache


def test_studies_are_checked_and_planned(folder):
    check, outside, plan = answers(folder, ("study_check", {"study": "study.yml"}),
                                   ("study_check", {"study": "outside.yml"}),
                                   ("study_plan", {"study": "study.yml"}))  # fmt: skip
    assert check[0]["errors"] == 1 and "did you mean median" in check[0]["problems"][0]
    assert outside[1] and outside[0]["exit_code"] == 4
    assert plan[1] and plan[0]["exit_code"] == 3


def test_as_a_program_on_standard_streams(folder):
    parameters = mcp.StdioServerParameters(command=sys.executable, args=["-m", "prognomics", "mcp", str(folder)])
    listed, done = talk(parameters, ("list_tools",), ("call_tool", "cox", COX))
    assert len(listed.tools) > 25 and not done.is_error and (folder / "cox.tsv").is_file()

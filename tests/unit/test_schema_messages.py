"""Messages of schemas: what is wrong, in few words, not the whole value."""

from prognomics.spec.schema import schema_faults


def test_too_few_entries_are_counted(tmp_path):
    (tmp_path / "my_tool.yml").write_text("cases: []\n", encoding="utf-8")
    case = {"name": "small", "shows": "It works.", "options": {}, "outputs": {}}
    faults = [str(fault) for fault in schema_faults("tool", {"cases": [case]}, tmp_path / "my_tool.yml")]
    assert any("has 1 of at least 2 entries" in fault for fault in faults)

"""The notebooks of the documentation are executed, and show tables and figures."""

import json
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "docs" / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_is_kept_without_results(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert any(c["cell_type"] == "code" for c in cells)
    assert all(not c["outputs"] and c["execution_count"] is None for c in cells if c["cell_type"] == "code")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_is_executed_and_shows_its_results(path: Path, tmp_path: Path) -> None:
    nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
    pytest.importorskip("ipykernel", reason="ipykernel is not installed")
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [set(o["data"]) for c in notebook.cells if c.cell_type == "code" for o in c.outputs if "data" in o]
    assert len(shown) == sum(c.cell_type == "code" for c in notebook.cells)  # each cell ends with what it is about
    assert any("text/html" in kinds for kinds in shown)
    assert any(kinds & {"image/svg+xml", "image/png"} for kinds in shown)

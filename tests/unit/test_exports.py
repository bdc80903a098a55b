"""What is installed is enough: wrappers, CWL, studies and test data come out of the package; the sdist is complete."""

import fnmatch
import re
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

from prognomics.compiled import compiled_loops
from prognomics.errors import UsageError
from prognomics.generate import export

SHIPPED = {"studies": "prognomics.studies", "test-data": "prognomics.test_data", "tool_specs": "prognomics.tool_specs"}


def tracked(repository, *folders):
    done = subprocess.run(["git", "ls-files", *folders], cwd=repository, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("this is not a checkout")
    return done.stdout.split()


def test_the_galaxy_folder_is_the_repository_s(repository, tmp_path):
    written = {str(p.relative_to(tmp_path)): p for p in export.export_galaxy(tmp_path / "out")}
    wrappers = [p for p in written.values() if p.suffix == ".xml"]
    assert len(wrappers) > 25
    for path in wrappers:
        assert path.read_bytes() == (repository / "tools" / path.name).read_bytes()
        for name in re.findall(r'<param name="[^"]*" value="([^"]*\.(?:tsv|h5ad|yml|gz|json|CEL))"', path.read_text()):
            for one in name.split(","):
                assert (tmp_path / "out" / "test-data" / one).is_file(), f"{path.name}: {one}"
    assert (tmp_path / "out" / "tools" / ".shed.yml").is_file()
    with pytest.raises(UsageError, match="not an empty folder"):
        export.export_galaxy(tmp_path / "out")


def test_the_test_data_are_all_there(repository, tmp_path):
    export.copy_test_data(tmp_path)
    wanted = {p.removeprefix("test-data/") for p in tracked(repository, "test-data")} - {"__init__.py"}
    assert wanted <= {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*")}


def test_the_cwl_folder_is_the_repository_s(repository, tmp_path):
    for path in export.export_cwl(tmp_path / "out"):
        assert path.read_bytes() == (repository / "tools" / "cwl" / path.name).read_bytes()


@pytest.mark.parametrize("folder", SHIPPED)
def test_the_wheel_takes_every_file_of(folder, repository):
    setup = ConfigParser()
    setup.read(repository / "setup.cfg")
    patterns = [p.strip() for p in setup["options.package_data"][SHIPPED[folder]].split(",")]
    for path in tracked(repository, folder):
        place = path.removeprefix(f"{folder}/")
        depth = place.count("/")
        fits = any(fnmatch.fnmatch(place, p) and p.count("/") == depth for p in patterns)
        assert fits or place.endswith((".py", ".md")), f"{path} is not in the wheel"
    assert f"{SHIPPED[folder]} = {folder}" in (repository / "setup.cfg").read_text()


def test_the_sdist_takes_every_folder(repository):
    manifest = (repository / "MANIFEST.in").read_text()
    taken = {line.split()[1] for line in manifest.splitlines() if line.startswith("graft")}
    folders = {path.partition("/")[0] for path in tracked(repository) if "/" in path}
    assert folders - taken <= {".ci", ".github"}


def test_the_version_says_whether_the_loops_are_compiled(capsys):
    from prognomics.cli import commands

    commands.main(["--version"], "prognomics", standalone_mode=False)
    said = capsys.readouterr().out
    assert f"compiled loops: {'yes' if compiled_loops() else 'no'}" in said and said.startswith("prognomics, version")


def test_a_package_is_tried_with_what_the_recipe_of_wheels_runs(repository):
    recipe = (repository / ".github" / "workflows" / "wheels.yml").read_text()
    assert "packaging/try_wheel.py" in recipe and Path(repository / "packaging" / "try_wheel.py").is_file()

"""Processes and one cache: a killed download is continued, two at once share one, nothing is half-placed."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from box_contents import packed, series
from provider_box import paused

MATRIX = "/geo/series/GSEnnn/GSE1/matrix/GSE1_series_matrix.txt.gz"
# numbers without a pattern, so that the gzip is long enough to be cut
LARGE = packed(series("GSE1").replace("!series_matrix_table_end", "".join(
    f'"{row}_at"\t{hash((row, 1)) % 9973 / 7}\t{row * 7919 % 104729 / 3}\t{row * row % 99991 / 11}\n'
    for row in range(3, 6000)) + "!series_matrix_table_end"))  # fmt: skip


@pytest.fixture
def start(box, own_cache, tmp_path):
    """Start `fetch_cohort` in a process of its own."""
    started = []

    def start(name):
        words = ["fetch_cohort", "--source", "geo", "--accession", "GSE1", "--mirror", f"{box.address}/geo",
                 "--out-expression", str(tmp_path / f"{name}.tsv")]  # fmt: skip
        process = subprocess.Popen([sys.executable, "-m", "prognomics", *words], stderr=subprocess.PIPE, text=True)
        started.append(process)
        return process

    box.files[MATRIX] = LARGE
    yield start
    for process in started:
        process.kill()
        process.communicate()


def wait_for(condition, seconds=30):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


def part_size(cache):
    # names that begin with a point are on their way to another name
    return sum(p.stat().st_size for p in (cache / "parts").glob("[!.]*") if not p.suffix) if cache.exists() else 0


def test_a_killed_download_is_continued(start, box, own_cache, tmp_path):
    never = threading.Event()
    box.fail(MATRIX, paused(never, 20_000))
    first = start("first")
    wait_for(lambda: part_size(own_cache) == 20_000)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert not list(tmp_path.glob("first*")) and not list((own_cache / "objects").rglob("*"))
    never.set()
    second = start("second")
    assert second.wait(60) == 0, second.stderr.read()
    assert box.ranges() == ["", "bytes=20000-"]
    assert len((tmp_path / "second.tsv").read_text().splitlines()) == 6000
    assert not list((own_cache / "parts").iterdir())


def test_two_at_once_share_one_download(start, box, own_cache, tmp_path):
    go_on = threading.Event()
    box.fail(MATRIX, paused(go_on, 20_000))
    first = start("first")
    wait_for(lambda: part_size(own_cache) == 20_000)
    second = start("second")
    time.sleep(1.0)  # the second one waits at the lock
    go_on.set()
    for process in (first, second):
        assert process.wait(60) == 0, process.stderr.read()
    assert len(box.asked) == 1
    assert (tmp_path / "first.tsv").read_bytes() == (tmp_path / "second.tsv").read_bytes()


def test_the_second_goes_on_where_the_first_was_killed(start, box, own_cache, tmp_path):
    never = threading.Event()
    box.fail(MATRIX, paused(never, 20_000))
    first = start("first")
    wait_for(lambda: part_size(own_cache) == 20_000)
    second = start("second")
    time.sleep(1.0)
    os.kill(first.pid, signal.SIGKILL)
    assert second.wait(60) == 0, second.stderr.read()
    never.set()
    assert box.ranges() == ["", "bytes=20000-"]


def test_a_log_shows_no_progress(start, box):
    process = start("quiet")
    assert process.wait(60) == 0
    said = process.stderr.read()
    assert "\r" not in said and "MB" not in said
    assert all(line.startswith("note: [source]") for line in said.splitlines())


def test_the_network_library_is_loaded_only_for_the_network(repository, tmp_path):
    code = (
        "import sys; from prognomics.cli import commands;"
        "commands.main(sys.argv[1:], standalone_mode=False);"
        "print(sorted({'requests', 'urllib3', 'matplotlib', 'scipy.stats'} & set(sys.modules)))"
    )
    local = repository / "test-data" / "mini_series_matrix.txt.gz"
    words = ["fetch_cohort", "--source", "geo", "--local-path", str(local), "--out-samples", str(tmp_path / "s.tsv")]
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True)
    assert done.stdout.strip().endswith("[]"), done.stdout + done.stderr

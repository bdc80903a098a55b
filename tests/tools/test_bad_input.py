"""Bad input, tool by tool: the exit code, a message that helps, and no output left behind."""

import gzip
import random
import signal
import subprocess
import sys
import time

import pytest

from prognomics.cli import commands
from prognomics.runtime.guard import guarded

SHEET = "sample_id\tcohort\tos_time\tos_event\tgroup\tage\n" + "".join(
    f"S{i}\tc\t{i + 1}\t{i % 2}\t{'low' if i % 3 else 'high'}\t{40 + i}\n" for i in range(12)
)
MATRIX = "gene_id\t" + "\t".join(f"S{i}" for i in range(12)) + "\n" + "".join(
    f"{gene}\t" + "\t".join(str((7 * i + j) % 5 + 0.5 * i) for i in range(12)) + "\n"
    for j, gene in enumerate(["XPO1", "XPO4", "TP53"])
)  # fmt: skip


@pytest.fixture
def tool(tmp_path, capsys):
    """Run a tool on files made of text; gives the exit code and what it said."""

    def run(words, **files):
        paths = {}
        for name, content in files.items():
            path = tmp_path / name
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            paths[name] = str(path)
        out = tmp_path / "out"
        out.mkdir()
        words = [paths.get(w, w) for w in words.split()]
        words = [str(out / w[1:]) if w.startswith("@") else w for w in words]
        code = guarded(lambda: commands.main(words, "prognomics", standalone_mode=False), debug=False)
        said = capsys.readouterr().err
        assert "Traceback" not in said
        if code:
            assert list(out.iterdir()) == []
        return code, said

    return run


COX = "cox --samples sheet --endpoint os --covariate age --out-table @t --out-model @m --out-record @r"
GENE = "cox --samples sheet --expression matrix --gene XPO1 --endpoint os --out-table @t"
KM = "kaplan_meier --samples sheet --endpoint os --group-column group --out-test @t --out-plot @p"
CUT = "cutpoint --samples sheet --expression matrix --gene XPO1 --out-groups @g --out-table @t"


def edit(old, new):
    assert old in SHEET
    return SHEET.replace(old, new)


@pytest.mark.parametrize(
    ("words", "sheet", "matrix", "code", "says"),
    [
        (GENE, SHEET, MATRIX + "XPO1" + "\t1" * 12 + "\n", 3, ["gene ids occur twice", "XPO1", "map_genes"]),
        (GENE, SHEET, MATRIX.replace("\nXPO4\t1", "\nXPO4\thigh"), 3, ["'high", "XPO4", "S0"]),
        (GENE, SHEET.replace("\nS", "\nT"), MATRIX, 3, ["matches no sample", "T0", "S0"]),
        (COX, edit("S0\tc\t1\t0", "S0\tc\t1\t3"), MATRIX, 3, ["os_event", "0", "1", "2", "S0"]),
        (COX, edit("S3\tc\t4", "S3\tc\t-4"), MATRIX, 3, ["negative", "S3", "os_time"]),
        (COX, edit("S3\tc\t4", "S3\tc\tfour"), MATRIX, 3, ["'four'", "S3"]),
        (GENE.replace("XPO1", "XPO2"), SHEET, MATRIX, 3, ["'XPO2'", "XPO1", "did you mean"]),
        (CUT.replace("XPO1", "xpo1"), SHEET, MATRIX, 3, ["did you mean XPO1"]),
        (COX + " --censor-at 0.5", SHEET, MATRIX, 4, ["event"]),
        (KM + " --where group=low", SHEET, MATRIX, 4, ["group"]),
        (KM, "", MATRIX, 3, ["empty"]),
        (GENE, SHEET, "", 3, ["empty"]),
        (KM, b"\x89PNG\r\n\x1a\n" + bytes(range(256)), MATRIX, 3, ["binary"]),
        (GENE, SHEET, gzip.compress(random.Random(1).randbytes(40000), mtime=0)[:9000], 3, ["damaged"]),
        (KM, gzip.compress((SHEET * 300).encode(), mtime=0)[:60], MATRIX, 3, ["damaged"]),
        (GENE, SHEET, b"\x89HDF\r\n\x1a\n" + bytes(500), 3, ["damaged"]),
        (COX + " --annotation sheet", SHEET, MATRIX, 3, ["stand in the sample sheet already", "age"]),
        (COX.replace("--covariate age", "--covariate agee"), SHEET, MATRIX, 3, ["'agee'", "age"]),
        (KM + " --at 500", SHEET, MATRIX, 4, ["500"]),
        (COX.replace("--endpoint os", "--endpoint mfs"), SHEET, MATRIX, 3, ["'mfs'", "os"]),
        (COX.replace("--endpoint os", ""), SHEET, MATRIX, 2, ["--endpoint"]),
        (KM + " --where group=medium", SHEET, MATRIX, 3, ["medium"]),
        (KM + " --where nonsense", SHEET, MATRIX, 2, ["--where", "wrong form"]),
        (KM + " --strata auto --strata cohort", SHEET, MATRIX, 2, ["strata"]),
        (CUT + " --method fixed --value 1e9", SHEET, MATRIX, 4, ["side"]),
        (GENE + " --reference-level group", SHEET, MATRIX, 2, ["column=level"]),
        ("merge_cohorts --expression matrix --samples sheet --method zscore --reference-samples group=high "
         "--out-expression @e", SHEET, MATRIX, 4, ["reference"]),
        (COX + " --ties exact", SHEET, MATRIX, 2, ["efron, breslow"]),
        (COX.replace(" @t", " @no/such/folder/t"), SHEET, MATRIX, 2, ["does not exist"]),
    ],
)  # fmt: skip
def test_bad_input(tool, words, sheet, matrix, code, says):
    got, said = tool(words, sheet=sheet, matrix=matrix)
    assert got == code, said
    for text in says:
        assert text in said


def test_an_earlier_output_stays_as_it_was_after_a_failure(tmp_path, capsys):
    sheet, table = tmp_path / "s", tmp_path / "t"
    sheet.write_text(SHEET)
    table.write_text("of yesterday")
    words = f"cox --samples {sheet} --endpoint os --covariate nope --out-table {table}".split()
    assert guarded(lambda: commands.main(words, "prognomics", standalone_mode=False), debug=False) == 3
    assert table.read_text() == "of yesterday"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s", "t"]


def test_a_killed_run_leaves_no_output(tmp_path):
    """Killed without a chance to clean up: the output's own name never holds half a file."""
    matrix = tmp_path / "m.tsv"
    matrix.write_text("gene_id\t" + "\t".join(f"S{i}" for i in range(300)) + "\n" + "".join(
        f"G{g}\t" + "\t".join("7.123456789" for _ in range(300)) + "\n" for g in range(4000)))  # fmt: skip
    out = tmp_path / "o.tsv"
    words = [sys.executable, "-m", "prognomics", "normalize", "--expression", str(matrix), "--method", "none"]
    process = subprocess.Popen([*words, "--out-expression", str(out)], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".o.tsv*")) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not out.exists() or len(out.read_text().splitlines()) == 4001

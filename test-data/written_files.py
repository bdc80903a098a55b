"""Where the files of test-data go, and how they are written."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).resolve().parent
GENES = ["XPO1", "XPO4", "TP53", "MKI67", "CDK1", "AURKA", "HLA-A", "EGFR", "MYC", "MDM2"]
TISSUES = ["primary"] * 52 + ["normal"] * 5 + ["relapse"] * 3
SHARED = 35


def write(frame: pd.DataFrame, name: str, index: bool = False) -> None:
    frame.to_csv(FOLDER / name, sep="\t", index=index, na_rep="NA", float_format="%.10g", lineterminator="\n")


def write_gz(text: bytes, name: str) -> None:
    with open(FOLDER / name, "wb") as raw, gzip.GzipFile("", "wb", mtime=0, fileobj=raw) as handle:
        handle.write(text)


def prognomics(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "prognomics", *words], cwd=FOLDER, check=True, stderr=subprocess.DEVNULL)

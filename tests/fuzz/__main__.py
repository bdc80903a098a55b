"""`python -m tests.fuzz TARGET [--seconds N | --runs N] [--corpus DIR]`: coverage-guided fuzzing of one reader.

A find ends the run with the traceback; the input stands in DIR (default: the current folder) as `crash-…`.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
from pathlib import Path

import atheris

# Whatever is imported before this is not seen by the fuzzer.
with atheris.instrument_imports(include=["prognomics", "tests.fuzz"]):
    from .targets import TARGETS, run_one

MOST_MEMORY = 4 << 30


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--runs", type=int, default=-1)
    parser.add_argument("--corpus", type=Path)
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    read, seeds = TARGETS[options.target]
    with atheris.instrument_imports(include=["prognomics", "tests.fuzz"]):
        for seed in seeds:
            run_one(options.target, seed)
    with tempfile.TemporaryDirectory() as folder:
        corpus = options.corpus or Path(folder)
        corpus.mkdir(parents=True, exist_ok=True)
        for i, seed in enumerate(seeds):
            (corpus / f"seed-{i}").write_bytes(seed)
        limits = [f"-max_total_time={options.seconds}", f"-runs={options.runs}", "-max_len=16384", "-timeout=120"]
        place = f"-artifact_prefix={options.corpus.parent}/" if options.corpus else ""
        atheris.Setup(
            [sys.argv[0], str(corpus), *limits, *([place] if place else [])],
            lambda content: run_one(options.target, bytes(content)),
        )
        atheris.Fuzz()


main()

"""Get the matrix, the clinical table and the feature map of one cohort."""

from __future__ import annotations

from prognomics.artefacts.matrix import checked
from prognomics.errors import UsageFault, note


def fetch_cohort(
    source: str, accession: str | None, local_path: list[str], platform: str | None, mirror: str | None, offline: bool
) -> dict[str, object]:
    if source == "survset" and accession:
        from prognomics.sources.survset import read_survset

        cohort = read_survset(accession)
    elif source == "geo" and accession and not local_path:
        from prognomics.sources.geo_download import fetch_series

        cohort = fetch_series(accession, platform=platform, mirror=mirror, offline=offline)
    elif local_path:
        from prognomics.sources.local import read_local

        cohort = read_local(local_path, accession=accession, platform=platform)
    else:
        needed = {"survset": "--accession", "geo": "--accession or --local-path"}.get(source, "--local-path")
        raise UsageFault(f"--source {source} needs {needed}")
    for text in cohort.notes:
        note("source", text)
    matrix = cohort.expression
    return {
        "expression": matrix and checked(matrix.values, matrix.row_ids, matrix.sample_ids, accession or "local files"),
        "samples": cohort.samples,
        "features": cohort.features,
    }


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)

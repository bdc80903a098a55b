"""Get the matrix, the clinical table, the feature map and the raw files of one cohort."""

from __future__ import annotations

from collections.abc import Callable

from prognomics.data.matrix import checked
from prognomics.data.sample_joins import matching_at_least
from prognomics.io.workbook import reading_worksheet
from prognomics.sources.contacts import without_contacts
from prognomics.sources.providers import get_cohort


def fetch_cohort(
    source: str, accession: str | None, local_path: list[str], platform: str | None, values: str | None,
    contacts: bool | None, mirror: str | None, offline: bool, dataset: str | None, quantity: str | None,
    sheet: str | None, min_matched: float | None,
) -> dict[str, Callable[[], object]]:  # fmt: skip
    with reading_worksheet(sheet), matching_at_least(min_matched):
        cohort = get_cohort(
            source, accession=accession, local_path=local_path, platform=platform, dataset=dataset, quantity=quantity,
            values=values, mirror=mirror, offline=offline,
        )  # fmt: skip

    def expression() -> object:
        matrix = cohort.expression()
        return checked(matrix.values, matrix.row_ids, matrix.sample_ids, accession or "local files", repeated_rows=True)

    def samples() -> object:
        return cohort.samples() if contacts else without_contacts(cohort.samples())

    def later(part: Callable[[], object]) -> Callable[[], object]:
        """Each part is got when it is asked for: who wants the clinical table downloads no matrix."""

        def get() -> object:
            with reading_worksheet(sheet), matching_at_least(min_matched):
                return part()

        return get

    parts = {"expression": expression, "samples": samples, "features": cohort.features, "raw": cohort.raw}
    return {name: later(part) for name, part in parts.items()}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)

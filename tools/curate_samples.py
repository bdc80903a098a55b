"""Give a raw clinical table the suite's columns, units and codings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prognomics.data.sheet import as_sheet

if TYPE_CHECKING:
    import pandas as pd


def curate_samples(
    samples: pd.DataFrame, mapping: dict[str, Any] | None, standard: str | None, suggest: bool, cohort: str | None
) -> dict[str, object]:
    from prognomics.curation.characteristics import with_characteristics

    samples = with_characteristics(samples)
    if suggest:
        from prognomics.curation.suggest import draft_text
        from prognomics.curation.suggest import suggest as suggested

        return {"samples": None, "flow": None, "mapping": draft_text(suggested(samples))}
    from prognomics.curation.curate import curate
    from prognomics.data.standard_mappings import fitted_mapping

    if standard:
        mapping = fitted_mapping(standard, samples.columns.tolist())
    curated = curate(samples, mapping, cohort or "")
    return {"samples": as_sheet(curated.samples, "curated samples"), "flow": curated.flow, "mapping": None}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)

"""Numbers but for a comma, a sign or a unit are named, never silently levels."""

import pandas as pd
import pytest

from prognomics.data.almost_numbers import why_no_number
from prognomics.data.levels import refuse_stray_text
from prognomics.errors import BadInput
from prognomics.expression.design_matrix import typed_covariates

WHY = {
    "14,7": "a decimal comma", "-0,5": "a decimal comma", "1,234,567": "separators of thousands", ">89": "a sign",
    "<= 5": "a sign", "≥10": "a sign", "90+": "a sign", "−3.5": "a sign", "45 years": "a unit", "12mo": "a unit",
    "3,5 cm": "a unit", "40%": "a unit", "0.4 ng/ml": "a unit", "61 Jahre": "a unit",
}  # fmt: skip


@pytest.mark.parametrize("cell", WHY)
def test_why(cell):
    assert why_no_number(cell) == WHY[cell]


@pytest.mark.parametrize("cell", ["II", "T1", "3+4", "5-10", "G2", "yes", "", "1.5", "7", "grade 1", "p53"])
def test_what_is_a_number_or_none(cell):
    assert why_no_number(cell) == ""


MEASURED = {
    "decimal commas": ([f"{40 + i},{i % 10}" for i in range(12)], "decimal comma"),
    "few decimal commas": ([f"{40 + i},{i}" for i in range(6)], "decimal comma"),
    "units": ([f"{40 + i} years" for i in range(12)], "a unit"),
    "one sign among numbers": ([*map(str, range(40, 52)), ">89"], "a sign"),
    "signs and commas": ([">89", "<18", *[f"{i},5" for i in range(20, 32)]], "a sign, a decimal comma"),
}


@pytest.mark.parametrize("kind", MEASURED)
def test_measurements_are_refused_with_the_reason(kind):
    cells, reason = MEASURED[kind]
    frame = pd.DataFrame({"sample_id": [f"S{i}" for i in range(len(cells))], "age": cells})
    with pytest.raises(BadInput, match=f"(?s)'age' holds numbers, but text in .*{reason}.*--factor"):
        typed_covariates(frame, ["age"])
    assert typed_covariates(frame, ["age"], factors=["age"])["age"].tolist() == cells


@pytest.mark.parametrize("cells", [["<5", "5-10", ">10"] * 5, ["< 2 cm", ">= 2 cm"] * 8, ["1", "2", "3a"] * 6])
def test_levels_stay_levels(cells):
    numbers = pd.to_numeric(pd.Series(cells), errors="coerce").tolist()
    refuse_stray_text("size", numbers, cells, cells)
    frame = pd.DataFrame({"size": cells})
    assert typed_covariates(frame, ["size"])["size"].tolist() == cells

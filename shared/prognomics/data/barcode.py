"""Sample barcodes of TCGA and TARGET: patient and tissue type.

The two digits behind the patient are the sample type: https://gdc.cancer.gov/resources-tcga-users/tcga-code-tables/
sample-type-codes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_BARCODE = re.compile(r"((?:TCGA-[A-Z0-9]{2}-[A-Z0-9]{4})|(?:TARGET-\d\d-[A-Z0-9]{6}))-(\d\d)[A-Z.]?\b", re.IGNORECASE)
_CODES = {
    **dict.fromkeys(("01", "03", "05", "08", "09"), "primary"),
    **dict.fromkeys(("02", "04", "40"), "relapse"),
    **dict.fromkeys(("06", "07"), "metastasis"),
    **dict.fromkeys(("10", "11", "12", "13", "14", "15", "16"), "normal"),
    **dict.fromkeys(("50", "42"), "cell_line"),
    **dict.fromkeys(("20", "60", "61", "99"), "other"),
}
# in order: "Primary Blood Derived Cancer", "Recurrent Tumor", "Solid Tissue Normal", "Cell Lines"
_WORDS = (
    ("xenograft", "other"), ("cell line", "cell_line"), ("normal", "normal"), ("recurr", "relapse"),
    ("relapse", "relapse"), ("metasta", "metastasis"), ("primary", "primary"), ("control", "other"),
)  # fmt: skip


def patient_of(barcode: str) -> str:
    """The patient of a barcode; empty where it is none."""
    found = _BARCODE.match(barcode)
    return found[1] if found else ""


def tissue_of(barcode: str, sample_type: str = "") -> str:
    """The standard tissue type of a barcode, else of a provider's words; empty where neither shows.

    Returns
    -------
    {'normal', 'primary', 'relapse', 'metastasis', 'cell_line', 'other', ''}
    """
    found = _BARCODE.match(barcode)
    if found:
        return _CODES.get(found[2], "other")
    lowered = sample_type.lower()
    return next((tissue for word, tissue in _WORDS if word in lowered), "")


def with_barcodes(sheet: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """A raw sheet with `patient_id` and `tissue_type` from its barcodes, where nine in ten samples have one.

    Columns of the source that have these names stay, and nothing is added for them.
    """
    ids = sheet["sample_id"].tolist()
    if sum(bool(patient_of(name)) for name in ids) < 0.9 * len(ids) or not ids:
        return sheet, []
    sheet, added = sheet.copy(), []
    for position, (name, values) in enumerate(
        (("patient_id", [patient_of(i) for i in ids]), ("tissue_type", [tissue_of(i) for i in ids])), start=1
    ):
        if name not in sheet.columns:
            sheet.insert(position, name, values)
            added.append(name)
    return sheet, [f"{' and '.join(added)} are read from the barcodes"] if added else []

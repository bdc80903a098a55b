"""Columns of a raw sheet that say who submitted a sample, and how to reach them: excluded unless they are requested."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prognomics.errors import first_few, note

if TYPE_CHECKING:
    import pandas as pd

# lines of GEO's samples (https://www.ncbi.nlm.nih.gov/geo/info/soft.html), and columns of an SDRF
_CONTACT = re.compile(
    r"contact_(name|e-?mail|phone|fax|laboratory|department|institute|address|city|state|zip(/postal_code)?|postal_code|"
    r"country|web_link|.*_(name|e-?mail|phone|fax|address|web_link))|"
    r"(comment|characteristics) ?\[ ?(.*[ _])?(contact|submitter|performer|provider|e-?mail|phone|fax)([ _].*)?\]|"
    r"provider|performer|person .*|(submitter|contact)[ _](name|e-?mail|phone|fax|address)",
    re.IGNORECASE,
)


def is_contact(column: str) -> bool:
    """Whether a column of a raw sheet has contact details of submitters; repeated ones are written `name.2`."""
    return _CONTACT.fullmatch(re.sub(r"\.\d+$", "", column).strip()) is not None


def without_contacts(sheet: pd.DataFrame) -> pd.DataFrame:
    """The sheet without contact details of submitters; which columns were excluded is noted."""
    found = [name for name in sheet.columns if is_contact(str(name))]
    if not found:
        return sheet
    note("contacts", f"{len(found)} columns with contact details of submitters are excluded, and kept with --contacts: "
         f"{first_few(found, 4)}")  # fmt: skip
    return sheet.drop(columns=found)

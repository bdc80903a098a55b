"""What the TCGA Clinical Data Resource advises on the endpoints of each cancer.

The marks are those of Table 3 of Liu et al. 2018 (doi 10.1016/j.cell.2018.02.052), taken from transcriptions by others
and compared among them if there are two (overall survival of 14 cancers, DSS of two, DFI of one); the paper itself
was not at hand. DSS of STAD, about which the transcription contradicts itself, is excluded.
"""

from __future__ import annotations

import re

CDR = "The TCGA Clinical Data Resource (Liu et al. 2018, doi 10.1016/j.cell.2018.02.052)"
AGAINST = {
    "os": ("DLBC", "PCPG", "TGCT", "THYM"),
    "pfi": ("LAML", "PCPG"),
    "dfi": ("DLBC", "GBM", "KICH", "LAML", "MESO", "PCPG", "READ", "SKCM", "TGCT", "THYM", "UVM"),
    "dss": ("DLBC", "LAML", "PCPG", "PRAD", "TGCT", "THCA", "THYM"),
}
CAUTION = {
    "os": ("BRCA", "KICH", "LGG", "PRAD", "READ", "THCA"),
    "pfi": ("DLBC", "KICH"),
    "dfi": ("ACC", "CHOL", "KIRC", "UCS"),
    "dss": ("BRCA", "CHOL", "KICH", "LGG", "LIHC", "READ"),
}
ACCURATE_DSS = ("CESC", "PAAD", "UVM")
_OF_CBIOPORTAL = {"pfs": "pfi", "dfs": "dfi"}  # names of the same columns in the PanCancer Atlas studies


def endpoint_notes(accession: str, endpoint: str) -> list[str]:
    """What is advised on an endpoint in a cancer, if it is advised against or with caution.

    Parameters
    ----------
    accession : str
        Such as TCGA-SARC, TCGA.SARC.sampleMap or sarc_tcga_pan_can_atlas_2018; others have no advice.
    endpoint : str
    """
    found = re.match(r"TCGA[-.]([A-Z]+)", accession) or re.match(r"([a-z]+)_tcga", accession)
    cancer, kind = found[1].upper() if found else "", _OF_CBIOPORTAL.get(endpoint, endpoint)
    notes = []
    if cancer == "LAML" and kind != "os":
        notes.append(f"{CDR} has overall survival only for LAML.")
    elif cancer in AGAINST.get(kind, ()):
        rather = "" if kind == "pfi" or cancer in AGAINST["pfi"] else " PFI is preferred."
        notes.append(f"{CDR} advises against {kind.upper()} for {cancer}: too few events, or data are missing.{rather}")
    elif cancer in CAUTION.get(kind, ()):
        rather = "" if kind == "pfi" or cancer in AGAINST["pfi"] else " PFI is preferred."
        notes.append(f"{CDR} advises caution with {kind.upper()} for {cancer}: few events or short follow-up.{rather}")
    if cancer and cancer not in (*ACCURATE_DSS, "LAML") and kind == "dss":
        notes.append(f"{CDR} calls DSS approximate for {cancer}: deaths with tumor count, whatever their cause.")
    if cancer == "SKCM":
        notes.append("Most samples of TCGA-SKCM are metastases; their survival counts from the first diagnosis.")
    return notes

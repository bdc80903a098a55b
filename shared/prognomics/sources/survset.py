"""Three breast-cancer cohorts from the data package SurvSet (GPL-3, an optional extra).

None of the package's code is imported: its folder is located and one data file is read. The files are
pickles, which may run code when loaded; this is the only place that unpickles, and only bytes whose SHA-256
is pinned here.
"""

from __future__ import annotations

import hashlib
import importlib.util
import pickle
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from prognomics.errors import BadInput, SourceFailed
from prognomics.sources.raw import RawCohort, RawExpression, require_unique

if TYPE_CHECKING:
    import pandas as pd

PINNED_VERSION = "0.2.11"
PINNED_SHA256 = {
    "gse1992": "86601d8810ca2738c0d460f7ee371815ba3d7354c8264abfbb6a5153133ff1da",
    "gse3143": "85e0292fde1063a8a26f60b7519889b7384d298256116759f84f8d8b6a39a483",
    "gse4335": "4a29a1b0cd04b8c08c9f50b27d0e1fab94db0756d85d31e38e7ca5c08c6c6371",
}
GENE_PREFIX = "num_HS_"
INSTALL = "pip install 'prognomics[demo]'"


def read_survset(name: str) -> RawCohort:
    """Read a breast-cancer cohort of the installed package SurvSet.

    Parameters
    ----------
    name : {'gse1992', 'gse3143', 'gse4335'}
        In any case (GSE1992 is accepted).

    Returns
    -------
    RawCohort
        `samples` holds `sample_id` (the package's `pid`), `event`, `time` (months) and the clinical columns
        under the package's names; `features` maps each gene to itself.

    Raises
    ------
    BadInput
        Another name.
    SourceFailed
        The package is not installed, or the file is not the pinned one.

    Notes
    -----
    The package does not state which endpoint `time` and `event` are.

    Gene symbols stand behind `num_HS_`. gse4335 writes `_` for the hyphen (HLA_A for HLA-A); the other two
    keep it. So `_` becomes `-` only in a set that holds no hyphen at all.
    """
    import numpy as np

    key = name.strip().lower()
    if key not in PINNED_SHA256:
        raise BadInput(f"there is no survset cohort {name!r}", hint=f"there are: {', '.join(PINNED_SHA256)}")
    table = _unpickle_pinned(_package_folder() / "resources" / "pickles" / f"{key}.pickle", PINNED_SHA256[key])
    gene_columns = [c for c in table.columns if c.startswith(GENE_PREFIX)]
    clinical = [c for c in table.columns if not c.startswith(GENE_PREFIX)]
    genes, restored = restore_hyphens([c.removeprefix(GENE_PREFIX) for c in gene_columns])
    sample_ids = table["pid"].astype(str).tolist()
    where = f"survset {key}"
    require_unique(genes, kind="gene", where=where)
    require_unique(sample_ids, kind="sample", where=where)
    expression = RawExpression(
        np.ascontiguousarray(table[gene_columns].to_numpy(dtype=np.float64).T), genes, sample_ids
    )
    notes = [
        f"{key} from SurvSet {PINNED_VERSION}, SHA-256 {PINNED_SHA256[key]}",
        "the package does not say which endpoint its time and event are",
    ]
    if restored:
        notes.append(f"{restored} gene symbols written with '_' are given their '-' back")
    return RawCohort(expression, _as_text(table[clinical]), _identity_features(genes), notes)


def restore_hyphens(symbols: list[str]) -> tuple[list[str], int]:
    """Give symbols their hyphen back where the whole set writes `_` for it.

    Parameters
    ----------
    symbols : list of str
        All gene symbols of a set.

    Returns
    -------
    symbols : list of str
    n_restored : int
    """
    if any("-" in symbol for symbol in symbols):
        return symbols, 0
    return [s.replace("_", "-") for s in symbols], sum("_" in s for s in symbols)


def _package_folder() -> Path:
    try:
        found = importlib.util.find_spec("SurvSet")
    except (ImportError, ValueError):
        found = None
    if found is None or not found.submodule_search_locations:
        raise SourceFailed("the data package SurvSet is not installed", hint=INSTALL)
    return Path(next(iter(found.submodule_search_locations)))


def _unpickle_pinned(path: Path, sha256: str) -> pd.DataFrame:
    try:
        content = path.read_bytes()
    except OSError:
        raise SourceFailed("the data package SurvSet does not hold the file", where=path.name, hint=INSTALL) from None
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise SourceFailed(
            "the file is not the one that was checked, and is not opened",
            where=f"{path.name}: SHA-256 {found}, expected {sha256}",
            hint=f"install the pinned version: {INSTALL} (SurvSet {PINNED_VERSION})",
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the pickle names numpy's old module paths
        return pickle.loads(content)  # the bytes are the pinned ones


def _as_text(clinical: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    def text(value: object) -> str:
        if pd.isna(value):
            return ""
        return f"{value:.10g}" if isinstance(value, float) else str(value)

    sheet = pd.DataFrame({c: [text(v) for v in clinical[c]] for c in clinical.columns}, dtype=object)
    sheet.insert(0, "sample_id", sheet["pid"])
    return sheet


def _identity_features(genes: list[str]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({"probe_id": genes, "gene_symbol": genes, "entrez_id": ""}, dtype=object)

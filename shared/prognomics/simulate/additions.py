"""What a simulation may hold besides a marker and its risk: genes of an immune score, and a response to treatment.

Each is drawn from a stream of its own, so that the rest of a simulation does not depend on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit

from prognomics.errors import UsageError
from prognomics.simulate.expression import GeneModel

if TYPE_CHECKING:
    import pandas as pd

IMMUNE_STREAM, RESPONSE_STREAM = 31, 32
DEFAULTS: dict[str, Any] = {
    "immune_genes": 0, "immune_marker_correlation": 0.3, "response_fraction": None, "response_odds_ratio": 1.0,
    "response_of": "marker",
}  # fmt: skip


def refuse_problems(problems: Mapping[str, tuple[bool, str]], p: Mapping[str, Any]) -> None:
    """Refuse impossible parameters.

    Parameters
    ----------
    problems : mapping of str to (bool, str)
        By what the simulation needs: whether it is violated, and the names of the parameters to blame.
    p : mapping of str to value
        The parameters.

    Raises
    ------
    UsageError
    """
    for need, (violated, names) in problems.items():
        if violated:
            given = ", ".join(f"{name.removeprefix('n_')} is {p[name]}" for name in names.split())
            raise UsageError(f"the simulation needs {need}", where=given, hint="change one of these options")


def check_additions(p: dict[str, Any]) -> None:
    """UsageError for impossible additions; those at their defaults are removed from the parameters."""
    background = p["n_genes"] - p["signature_size"] - 1
    fraction = p["response_fraction"]
    problems = {
        "more genes than marker, signature and immune genes": (
            not 0 <= p["immune_genes"] < background,
            "n_genes signature_size immune_genes",
        ),
        "a correlation of immune score and marker from -1 to 1": (
            abs(p["immune_marker_correlation"]) > 1,
            "immune_marker_correlation",
        ),
        "response_fraction between 0 and 1": (fraction is not None and not 0 < fraction < 1, "response_fraction"),
        "an odds ratio of response above 0": (p["response_odds_ratio"] <= 0, "response_odds_ratio"),
        "response_of is marker or immune": (p["response_of"] not in ("marker", "immune"), "response_of"),
        "immune genes, for a response that depends on the immune score": (
            p["response_of"] == "immune" and not p["immune_genes"],
            "response_of immune_genes",
        ),
    }
    refuse_problems(problems, p)
    for name, default in DEFAULTS.items():
        if p[name] == default:
            del p[name]


def add_immune_score(truth: pd.DataFrame, p: dict[str, Any]) -> None:
    """Add `immune`, a standard normal score with the stated correlation with the marker in tumors."""
    if not p.get("immune_genes"):
        return
    rho = float(p.get("immune_marker_correlation", DEFAULTS["immune_marker_correlation"]))
    rng = np.random.default_rng([p["seed"], IMMUNE_STREAM])
    marker = np.where(truth["tissue_type"] == "normal", 0.0, truth["marker"])
    truth["immune"] = rho * marker + np.sqrt(1 - rho**2) * rng.standard_normal(len(truth))


def add_response(truth: pd.DataFrame, p: dict[str, Any]) -> None:
    """Add `response` (yes, no) of primaries: a logistic model of the marker or the immune score."""
    fraction = p.get("response_fraction")
    if fraction is None:
        return
    rng = np.random.default_rng([p["seed"], RESPONSE_STREAM])
    signal = np.log(p.get("response_odds_ratio", 1.0)) * truth[p.get("response_of", "marker")].to_numpy(dtype=float)
    primary = (truth["tissue_type"] == "primary").to_numpy()
    low, high = -40.0, 40.0
    for _ in range(200):
        middle = (low + high) / 2
        if expit(middle + signal[primary]).mean() < fraction:
            low = middle
        else:
            high = middle
    responds = rng.random(len(truth)) < expit(middle + signal)
    truth["response"] = np.where(responds, "yes", "no").astype(object)
    truth.loc[~primary, "response"] = None


def add_immune_genes(genes: GeneModel, n_immune: int, seed: int) -> GeneModel:
    """The last genes follow the immune score in place of unnamed factors, tissue and subtype."""
    if not n_immune:
        return genes
    rng = np.random.default_rng([seed, IMMUNE_STREAM, 1])
    loading = np.zeros(len(genes.names))
    loading[-n_immune:] = rng.uniform(0.5, 0.8, n_immune)
    found = loading > 0
    names = [*genes.names[:-n_immune], *(f"IMM{i:03d}" for i in range(1, n_immune + 1))]
    return replace(
        genes, names=names, factor_loadings=np.where(found[:, None], 0.0, genes.factor_loadings),
        normal_shift=np.where(found, 0.0, genes.normal_shift),
        subtype_shift=np.where(found[:, None], 0.0, genes.subtype_shift), immune_loading=loading,
    )  # fmt: skip

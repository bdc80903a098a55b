"""A fitted model as a file: all that is needed to apply it to other samples, readable by people, locked by a checksum.

The file is JSON. Nothing in it is evaluated; every size is bounded. A file whose content no longer matches its
checksum was edited after it was written and is refused unless the caller accepts edited models.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from hashlib import sha256
from typing import Any

import numpy as np

from prognomics import __version__
from prognomics.errors import BadInput

FORMAT = "prognomics-model"
FORMAT_VERSION = 1
KINDS = ("cox", "logistic", "score", "cutpoint")
SCALINGS = ("none", "overall", "within_cohort")


@dataclass(frozen=True)
class Coefficient:
    """One column of the design.

    Attributes
    ----------
    term : str
        The variable or gene.
    kind : {"gene", "numeric", "factor", "spline", "interaction"}
    column : str
        Name of the column, unique in the model (`stage=II` for a level).
    value : float
        The coefficient, per unit of the column as given (after scaling within the cohort, if the model notes this).
    center : float
        Value of the column at which the linear predictor is 0.
    scale : float
        Standard deviation of the column where the model was derived; 1 if it was not scaled.
    level, reference : str or None
        Of a factor: the level that this column indicates, and the level of comparison.
    knots : tuple of float
        Of a spline, see `prognomics.modeling.splines.spline_basis`; `place` is the column of that basis.
    place : int
    parts : tuple of str
        Of an interaction: the two columns that are multiplied.
    """

    term: str
    kind: str
    column: str
    value: float
    center: float = 0.0
    scale: float = 1.0
    level: str | None = None
    reference: str | None = None
    knots: tuple[float, ...] = ()
    place: int = 0
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Baseline:
    """Cumulative hazard of one stratum at linear predictor 0; a step function, times in months, ascending."""

    stratum: str
    time_months: tuple[float, ...]
    cumulative_hazard: tuple[float, ...]

    def survival(self, months: np.ndarray) -> np.ndarray:
        """Survival at linear predictor 0 by some times; NaN beyond the end of follow-up."""
        months = np.asarray(months, float)
        place = np.searchsorted(np.array(self.time_months), months, side="right")
        hazard = np.concatenate([[0.0], self.cumulative_hazard])[place]
        end = self.time_months[-1] if self.time_months else -np.inf
        return np.where(months <= end, np.exp(-hazard), np.nan)


@dataclass(frozen=True)
class Derivation:
    """Where a model was derived.

    Attributes
    ----------
    n, events : int or None
    cohorts : tuple of str
    population : str
    sample_hashes, patient_hashes : tuple of str
        Of each sample and patient identifier (`identifier_hash`), sorted: validation in the same samples is refused
        by them, and no identifier leaves with the model.
    profiles : dict
        `genes`, two by two, and `bits`: of each sample, which gene of each pair is higher within its cohort (see
        `prognomics.learning.profiles`): the same samples under other names are refused by them.
    inputs : dict of str to str
        SHA-256 of the input files by option.
    method : str
    version : str
    """

    n: int | None = None
    events: int | None = None
    cohorts: tuple[str, ...] = ()
    population: str = ""
    sample_hashes: tuple[str, ...] = ()
    patient_hashes: tuple[str, ...] = ()
    profiles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    method: str = ""
    version: str = __version__


@dataclass(frozen=True)
class LockedModel:
    """A model that can be applied unchanged.

    Attributes
    ----------
    kind : {"cox", "logistic", "score", "cutpoint"}
    name : str
        Of its linear predictor or score, for instance a column of tables.
    coefficients : tuple of Coefficient
    intercept : float or None
        Of a logistic model: log odds at linear predictor 0.
    scaling : {"none", "overall", "within_cohort"}
        "within_cohort": genes are standardized (mean 0, SD 1) in each new cohort first. "overall": by the stored
        center and scale, which the coefficients already contain.
    baseline : tuple of Baseline
    strata : tuple of str
        Columns whose values name the strata of the baseline (joined by a comma and a space).
    cutpoints : tuple of float
        Ascending; a linear predictor equal to one is above it. One gives low and high, two low, mid and high.
    cut_rule : str
        How the cutpoints were chosen.
    endpoint : str or None
        Of a survival model.
    outcome : dict or None
        Of a logistic model: `column` and `level`.
    horizon_months : float or None
        Longest follow-up that the baseline covers.
    score_method : str or None
        Of a score: the method of `score_signature` (mean, zscore, ssgsea, singscore, weighted).
    missing_genes : dict of str to float
        Training means, with which genes that a new cohort lacks may be replaced.
    derivation : Derivation
    notes : tuple of str
    """

    kind: str
    name: str
    coefficients: tuple[Coefficient, ...] = ()
    intercept: float | None = None
    scaling: str = "none"
    baseline: tuple[Baseline, ...] = ()
    strata: tuple[str, ...] = ()
    cutpoints: tuple[float, ...] = ()
    cut_rule: str = ""
    endpoint: str | None = None
    outcome: Mapping[str, str] | None = None
    horizon_months: float | None = None
    score_method: str | None = None
    missing_genes: Mapping[str, float] = field(default_factory=dict)
    derivation: Derivation = field(default_factory=Derivation)
    notes: tuple[str, ...] = ()

    @property
    def genes(self) -> tuple[str, ...]:
        """Genes of the model, each once."""
        return tuple(dict.fromkeys(c.term for c in self.coefficients if c.kind == "gene"))

    @property
    def covariates(self) -> tuple[str, ...]:
        """Variables of the sample sheet that the model needs, each once."""
        terms = (c.term for c in self.coefficients if c.kind not in ("gene", "interaction"))
        return tuple(dict.fromkeys(terms))

    @property
    def levels(self) -> tuple[str, ...]:
        """Names of the groups that the cutpoints make, from low to high."""
        return {0: (), 1: ("low", "high"), 2: ("low", "mid", "high")}.get(
            len(self.cutpoints), tuple(f"group_{i + 1}" for i in range(len(self.cutpoints) + 1))
        )

    def with_inputs(self, inputs: Mapping[str, str]) -> LockedModel:
        """The same model with the checksums of the files that it was derived from."""
        return replace(self, derivation=replace(self.derivation, inputs=dict(inputs)))

    def text(self) -> str:
        """The model as JSON with its checksum."""
        content = {"format": FORMAT, "format_version": FORMAT_VERSION, **_plain(self)}
        content["sha256"] = checksum(content)
        return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def identifier_hash(identifier: str) -> str:
    """What represents a sample or patient identifier in a model: the first 16 hexadecimal digits of its SHA-256."""
    return sha256(identifier.encode()).hexdigest()[:16]


def identifier_hashes(identifiers: Iterable[Any]) -> tuple[str, ...]:
    """Hashes of the identifiers that are there, sorted, each once."""
    return tuple(sorted({identifier_hash(str(i)) for i in identifiers if i is not None and i == i and str(i) != ""}))


def groups_of(model: LockedModel, linear_predictor: np.ndarray) -> np.ndarray:
    """The group of each linear predictor, shape (n_samples,), object; None where it is missing or nothing cuts."""
    groups = np.full(len(linear_predictor), None, object)
    if model.cutpoints:
        known = ~np.isnan(linear_predictor)
        place = np.searchsorted(np.array(model.cutpoints), linear_predictor[known], side="right")
        groups[known] = np.array(model.levels, object)[place]
    return groups


class EditedModel(LockedModel):
    """A model whose file was edited after it was written."""


def require_unedited(model: LockedModel, accept_edited: bool) -> None:
    """Refuse a model whose file was edited, unless the caller accepts that (`--accept-edited`)."""
    if isinstance(model, EditedModel) and not accept_edited:
        raise BadInput("the model was edited after it was written: its content does not match its checksum",
                       hint="use the original file, or accept edited models (--accept-edited)")  # fmt: skip


def _plain(value: Any) -> Any:
    """Dataclasses, tuples and NumPy numbers as what JSON has; what is empty is excluded."""
    if hasattr(value, "__dataclass_fields__"):
        pairs = ((f.name, getattr(value, f.name)) for f in fields(value))
        return {name: _plain(v) for name, v in pairs if v is not None and v != () and v != {} and v != ""}
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [_plain(v) for v in value]
    return value.item() if isinstance(value, np.generic) else value


def checksum(content: Mapping[str, Any]) -> str:
    spelled = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(spelled.encode()).hexdigest()

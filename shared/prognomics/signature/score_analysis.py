"""Scores of all signatures of a file in one matrix, with what was found of each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from prognomics.data.signature import Signature, SignatureFile
from prognomics.errors import BadInput, Refused, first_few, note, unknown_name, warn
from prognomics.expression.normalize import standardize
from prognomics.expression.scale import recognize_scale
from prognomics.signature import signature_score as methods
from prognomics.signature.signature_genes import SignatureGenes, check_coverage, find_genes

RANKED = ("ssgsea", "singscore")
FEW_SAMPLES = 10
_SIDE = re.compile(r"[\s_.-]*(up|dn|down)$", re.IGNORECASE)


@dataclass(frozen=True)
class Scored:
    """One score to make: genes that count up and, if there are any, genes that count down.

    Attributes
    ----------
    name : str
    up, down : SignatureGenes
        `down` is None for a set of one direction.
    weights : numpy.ndarray or None
        Of the genes used in `up`.
    """

    name: str
    up: SignatureGenes
    down: SignatureGenes | None = None
    weights: np.ndarray | None = None


def signatures_to_score(
    file: SignatureFile, names: Sequence[str], pairs: Sequence[tuple[str, str]]
) -> list[tuple[str, Signature, Signature | None]]:
    """Which sets of a file make which score: `(name, up, down or None)`.

    A pair of names makes one score, called by what the two names share; without pairs each set named, or each of
    the file, makes one.
    """
    if pairs:
        made: list[tuple[str, Signature, Signature | None]] = []
        for up, down in pairs:
            for name in (up, down):
                if name not in file.names:
                    raise unknown_name("signature", name, file.names, where=file.where)
            made.append((_SIDE.sub("", up) or up, file.one(up), file.one(down)))
        return made
    return [(s.name, s, None) for s in ([file.one(name) for name in names] or file.signatures)]


def find_signatures(
    values: np.ndarray, genes: Sequence[str], wanted: Sequence[tuple[str, Signature, Signature | None]],
    aliases: Mapping[str, Sequence[str]], method: str, min_coverage: float,
) -> tuple[list[Scored], pd.DataFrame]:  # fmt: skip
    """Look all signatures up; of several, those below the coverage floor are excluded with a warning.

    Returns
    -------
    list of Scored
    DataFrame
        Coverage of all genes, with the column `signature`.

    Raises
    ------
    BadInput
        When no signature reaches the floor, or weights are needed and missing.
    """
    found, tables, faults = [], [], []
    for name, up, down in wanted:
        parts = [_part(values, genes, part, aliases, method) for part in (up, down) if part is not None]
        named = [own.name for own in (up, down) if own is not None]
        tables += [part.coverage.assign(signature=own or "NA") for part, own in zip(parts, named, strict=True)]
        try:
            for part, own in zip(parts, named, strict=True):
                check_coverage(part, min_coverage, 1, own)
        except BadInput as fault:
            faults.append(fault)
            continue
        found.append(_scored(name, up, parts, method))
    if not found:
        raise faults[0]
    if faults:
        lost = [name for name, *_ in wanted if name not in {s.name for s in found}]
        warn("signatures-left-out", f"{len(faults)} of {len(wanted)} signatures have too few genes in the matrix and "
             f"are excluded: {first_few(lost)}")  # fmt: skip
    return found, pd.concat(tables, ignore_index=True)


def _part(
    values: np.ndarray, genes: Sequence[str], signature: Signature, aliases: Mapping[str, Sequence[str]], method: str
) -> SignatureGenes:
    own = signature.other_names(aliases)
    must_vary = method == "zscore" and values.shape[1] > 1
    return find_genes(values, genes, signature.genes_as(genes, own), own, must_vary=must_vary)


def _scored(name: str, up: Signature, parts: Sequence[SignatureGenes], method: str) -> Scored:
    """A score with its weights: for the weighted mean; for singscore their signs part the set in two."""
    if up.weights is None:
        if method == "weighted_mean":
            raise BadInput("the signature has no weights", where=up.where,
                           hint="give a table with gene_id and weight, or take --method mean")  # fmt: skip
        return Scored(name, *parts)
    listed = {
        gene: weight
        for genes in up.identifiers.values()
        for gene, weight in zip(genes, up.weights, strict=True)
        if gene
    }
    weights = np.array([listed[gene] for gene in parts[0].used])
    if method == "weighted_mean":
        return Scored(name, parts[0], parts[1] if len(parts) > 1 else None, weights=weights)
    if method == "singscore" and len(parts) == 1 and (weights < 0).any():
        note("directions", f"{name or 'signature'}: {int((weights > 0).sum())} genes with positive weights count up, "
             f"{int((weights < 0).sum())} with negative ones down")  # fmt: skip
        if not (weights > 0).any():
            raise BadInput("all weights are negative", hint="give the genes that go up a positive weight")
        return Scored(name, _only(parts[0], weights > 0), _only(parts[0], weights < 0))
    note("weights-not-used", f"{name or 'signature'}: the method {method} takes no weights")
    return Scored(name, *parts)


def _only(part: SignatureGenes, chosen: np.ndarray) -> SignatureGenes:
    used = [gene for gene, kept in zip(part.used, chosen, strict=True) if kept]
    return SignatureGenes(used, part.rows[chosen], part.coverage)


def score_samples(
    values: np.ndarray, wanted: Sequence[Scored], method: str, *, normalize: bool, cohorts: np.ndarray | None = None
) -> np.ndarray:
    """Scores of all samples, up less down.

    Parameters
    ----------
    values : numpy.ndarray, shape (n_genes, n_samples)
    wanted : sequence of Scored
    method : {"mean", "weighted_mean", "zscore", "ssgsea", "singscore"}
    normalize : bool
        Divide ssGSEA by its range over all sets and samples.
    cohorts : array_like of str, shape (n_samples,), optional
        Genes are standardized within each (`zscore`).

    Returns
    -------
    numpy.ndarray, shape (n_scores, n_samples)
    """
    values = np.asarray(values, dtype=float)
    parts = [part for score in wanted for part in (score.up, score.down) if part is not None]
    if method in RANKED:
        sets = [part.rows for part in parts]
        made = methods.singscore(values, sets) if method == "singscore" else methods.ssgsea_scores(values, sets)
        made = methods.normalize_ssgsea(made) if method == "ssgsea" and normalize else made
    else:
        scale = recognize_scale(values)
        if scale.name in ("linear", "counts"):
            warn("not-logarithms", f"{scale.reason}: the highest genes rule a {method}; normalize takes logarithms")
        if method == "zscore":
            values = _standardized(values, np.unique(np.concatenate([part.rows for part in parts])), cohorts)
            made = np.array([methods.combined_z_score(values[part.rows]) for part in parts])
        elif method == "weighted_mean":
            made = np.array(
                [methods.weighted_mean_score(values[s.up.rows], s.weights) for s in wanted if s.weights is not None]
            )
        else:
            made = np.array([methods.mean_score(values[part.rows]) for part in parts])
    columns, scores = iter(made), []
    for score in wanted:
        up = next(columns)
        scores.append(up if score.down is None or method == "weighted_mean" else up - next(columns))
    found = np.array(scores)
    bare = int(np.isnan(found).all(axis=0).sum())
    if bare:
        warn("not-scored", f"{bare} samples have no value of the genes and no score")
    return found


def _standardized(values: np.ndarray, rows: np.ndarray, cohorts: np.ndarray | None) -> np.ndarray:
    given = ["all samples"] * values.shape[1] if cohorts is None else cohorts
    labels = np.array([str(label) for label in given], dtype=object)
    z = np.full(values.shape, np.nan)
    for label in sorted(set(labels)):
        inside = labels == label
        if inside.sum() < 2:
            raise Refused("z-scores need other samples: a single one cannot be scored", where=label,
                          hint="take --method singscore, or ssgsea with --no-normalize")  # fmt: skip
        if inside.sum() < FEW_SAMPLES:
            warn("few-samples", f"genes are standardized over {int(inside.sum())} samples only")
        z[np.ix_(rows, inside)] = standardize(values[np.ix_(rows, inside)])[0]
    return z


def score_columns(names: Sequence[str], method: str, name: str | None) -> list[str]:
    """Names of the columns: the one given (before the signature's, if there are several), or signature and method."""
    plain = [re.sub(r"[^A-Za-z0-9_.-]+", "_", n).strip("_") or "signature" for n in names]
    if name is None:
        made = [f"{p}_{method}" for p in plain]
    else:
        made = [name] if len(plain) == 1 else [f"{name}_{p}" for p in plain]
    twice = sorted({m for m in made if made.count(m) > 1})
    if twice:
        raise BadInput("two scores would have one name", where=first_few(twice), hint="rename one of the signatures")
    return made

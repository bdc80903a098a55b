"""Simulated expression: what the genes follow, and what a platform's probes show of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

N_FACTORS = 10
# its share, and how it leans (at subtype_association 1) on the marker and on the residual risk, in log odds
SUBTYPES = {
    "leiomyosarcoma": (0.2, 1.0, 0.5),
    "myxoid liposarcoma": (0.1, 1.0, -1.0),
    "well differentiated or dedifferentiated liposarcoma": (0.15, -1.0, -1.0),
    "pleomorphic liposarcoma": (0.1, -1.0, 1.0),
    "undifferentiated sarcoma": (0.3, -0.5, 0.5),
    "other": (0.15, 1.0, 0.0),
}
N_SUBTYPES = len(SUBTYPES)
SUBTYPE_SHIFTED = 0.1
NORMAL_SHIFTED = 0.2
PROBE_NOISE = 0.05
COVERAGE = {"affymetrix": 0.97, "two_color": 0.9, "sequencing": 0.99}
SIGNATURE_COVERAGE = 0.99  # signatures are made of genes that most platforms measure
PROBES_A_GENE = ((1, 2, 3, 4), (0.7, 0.2, 0.07, 0.03))


@dataclass(frozen=True)
class GeneModel:
    """What each gene follows; the marker is gene 0, the signature the next ones.

    Attributes
    ----------
    names : list of str
    entrez : list of str
    mean, sd : numpy.ndarray, shape (n_genes,)
        On the log2 scale, in primaries.
    risk_loading : numpy.ndarray, shape (n_genes,)
        Correlation with the latent risk: signature genes only.
    factor_loadings : numpy.ndarray, shape (n_genes, n_factors)
        Correlations with unnamed factors that make genes correlate.
    normal_shift : numpy.ndarray, shape (n_genes,)
        In SD, added in normal samples (the marker's own shift is in its latent value).
    subtype_shift : numpy.ndarray, shape (n_genes, n_subtypes)
        In SD.
    n_signature : int
    immune_loading : numpy.ndarray, shape (n_genes,), optional
        Correlation with the immune score.
    """

    names: list[str]
    entrez: list[str]
    mean: np.ndarray
    sd: np.ndarray
    risk_loading: np.ndarray
    factor_loadings: np.ndarray
    normal_shift: np.ndarray
    subtype_shift: np.ndarray
    n_signature: int
    immune_loading: np.ndarray | None = None

    @property
    def signature(self) -> list[str]:
        """Names of the signature's genes."""
        return self.names[1 : 1 + self.n_signature]

    @property
    def immune(self) -> list[str]:
        """Names of the genes of the immune score."""
        loading = np.zeros(0) if self.immune_loading is None else self.immune_loading
        return [name for name, own in zip(self.names, loading, strict=False) if own]


@dataclass(frozen=True)
class SimulatedExpression:
    """What a platform gives.

    Attributes
    ----------
    values : numpy.ndarray of float64, shape (n_probes, n_samples)
        log2 (affymetrix), log ratio with missing values (two_color), linear (sequencing).
    probe_ids : list of str
    features : pandas.DataFrame
        `probe_id, gene_symbol, entrez_id`; some probes name two genes (`A /// B`), some none.
    """

    values: np.ndarray
    probe_ids: list[str]
    features: pd.DataFrame


def draw_genes(n_genes: int, marker: str, n_signature: int, rng: np.random.Generator) -> GeneModel:
    """Draw the gene model."""
    width = len(str(n_genes))
    names = [marker, *(f"SIG{i:03d}" for i in range(1, n_signature + 1))]
    names += [f"GENE{i:0{width}d}" for i in range(1, n_genes - n_signature)]
    signature = slice(1, 1 + n_signature)
    background = slice(1 + n_signature, n_genes)
    risk = np.zeros(n_genes)
    risk[signature] = rng.uniform(0.5, 0.8, n_signature)
    factors = np.zeros((n_genes, N_FACTORS))
    n_background = n_genes - 1 - n_signature
    factors[np.arange(1 + n_signature, n_genes), rng.integers(0, N_FACTORS, n_background)] = rng.uniform(
        0, 0.7, n_background
    )
    normal = np.where(rng.random(n_genes) < NORMAL_SHIFTED, rng.normal(0, 1.5, n_genes), 0.0)
    normal[0] = 0.0
    subtype = np.zeros((n_genes, N_SUBTYPES))
    shifted = np.zeros(n_genes, dtype=bool)
    shifted[background] = rng.random(n_background) < SUBTYPE_SHIFTED
    subtype[shifted] = rng.normal(0, 1, (int(shifted.sum()), N_SUBTYPES))
    mean, sd = np.clip(rng.normal(7.5, 2.0, n_genes), 3, 13), rng.uniform(0.3, 1.2, n_genes)
    mean[0], sd[0] = 8.0, 1.0
    sd[signature] = rng.uniform(0.6, 1.2, n_signature)
    entrez = [str(900_000_001 + i) for i in range(n_genes)]
    return GeneModel(names, entrez, mean, sd, risk, factors, normal, subtype, n_signature)


def express(
    truth: pd.DataFrame, genes: GeneModel, platform: str, rng: np.random.Generator, *, batch_shift: float,
    batch_scale: float, missing_fraction: float, layout: np.random.Generator | None = None,
) -> SimulatedExpression:  # fmt: skip
    """Expression of a cohort's samples as its platform measures it.

    Parameters
    ----------
    truth : pandas.DataFrame
        Rows of one cohort, with `marker`, `risk`, `tissue_type`, `subtype`.
    genes : GeneModel
    platform : {'affymetrix', 'two_color', 'sequencing'}
    rng : numpy.random.Generator
    batch_shift, batch_scale : float
        SD over genes of the additive effect (log2) and of the log of the multiplicative one.
    missing_fraction : float
        Of the values on `two_color`.
    layout : numpy.random.Generator, optional
        What decides which genes and probes the platform has; in the same state it makes the same platform. By default
        the cohort has a platform of its own.
    """
    level = _gene_level(truth, genes, rng)
    layout = rng if layout is None else layout
    gene, gain, noise = _probes(genes, platform, layout)
    shift = rng.normal(0, batch_shift) * 0.5 + rng.normal(0, batch_shift, len(gene)) * 0.85
    scale = np.exp(rng.normal(0, batch_scale, len(gene))) * gain
    values = level[gene]
    values -= genes.mean[gene, None]
    values *= scale[:, None]
    values += rng.standard_normal(values.shape) * noise[:, None]
    values += (genes.mean[gene] + shift)[:, None]
    if platform == "two_color":
        values -= genes.mean[gene, None]  # the pool on the second channel
        if missing_fraction:
            lost = rng.random(values.shape) < missing_fraction
            lost[0] = False  # the marker's own probe
            values[lost] = np.nan
    elif platform == "sequencing":
        np.exp2(values, out=values)
    return _named(values, gene, genes, platform, layout)


def _gene_level(truth: pd.DataFrame, genes: GeneModel, rng: np.random.Generator) -> np.ndarray:
    """True expression, shape (n_genes, n_samples), log2."""
    n = len(truth)
    risk = truth["risk"].to_numpy(dtype=float)
    factors = rng.standard_normal((genes.factor_loadings.shape[1], n))
    explained = genes.risk_loading**2 + (genes.factor_loadings**2).sum(axis=1)
    if genes.immune_loading is not None:
        explained = explained + genes.immune_loading**2
    level = rng.standard_normal((len(genes.names), n))
    level *= np.sqrt(1 - explained)[:, None]
    level += genes.risk_loading[:, None] * risk
    level += genes.factor_loadings @ factors
    if genes.immune_loading is not None:
        level += genes.immune_loading[:, None] * truth["immune"].to_numpy(dtype=float)
    level += genes.normal_shift[:, None] * (truth["tissue_type"] == "normal").to_numpy()
    subtype = (truth["subtype"].to_numpy()[None, :] == np.array(list(SUBTYPES), dtype=object)[:, None]).astype(float)
    level += genes.subtype_shift @ subtype
    level[0] = truth["marker"].to_numpy(dtype=float)
    level *= genes.sd[:, None]
    level += genes.mean[:, None]
    return level


def _probes(genes: GeneModel, platform: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gene, gain and noise of each probe; a gene's first probe follows it fully, further ones weakly."""
    n_genes = len(genes.names)
    share = np.full(n_genes, COVERAGE[platform])
    share[1 : 1 + genes.n_signature] = SIGNATURE_COVERAGE
    if genes.immune_loading is not None:
        share[genes.immune_loading > 0] = SIGNATURE_COVERAGE
    covered = rng.random(n_genes) < share
    covered[0] = True
    counts = np.ones(n_genes, dtype=int)
    if platform == "affymetrix":
        counts = rng.choice(np.array(PROBES_A_GENE[0]), n_genes, p=PROBES_A_GENE[1])
    counts[~covered] = 0
    gene = np.repeat(np.arange(n_genes), counts)
    first = np.r_[True, gene[1:] != gene[:-1]]
    gain = np.where(first, 1.0, rng.uniform(0.2, 0.6, len(gene)))
    noise = np.where(first, PROBE_NOISE, rng.uniform(0.05, 0.15, len(gene)))
    return gene, gain, noise


def _named(
    values: np.ndarray, gene: np.ndarray, genes: GeneModel, platform: str, rng: np.random.Generator
) -> SimulatedExpression:
    """Probe ids and feature map, in shuffled order."""
    import pandas as pd

    n = len(gene)
    names, entrez = np.array(genes.names, dtype=object), np.array(genes.entrez, dtype=object)
    symbol, number = names[gene], entrez[gene]
    first_background = 1 + genes.n_signature
    if platform != "sequencing" and len(genes.names) > first_background + 1:
        # one probe in a hundred cross-hybridises, one in fifty maps to no gene: background genes only
        fate = rng.random(n)
        other = rng.integers(first_background, len(genes.names), n)
        background = gene >= first_background
        if genes.immune_loading is not None:
            background &= genes.immune_loading[gene] == 0
        twice = background & (fate < 0.01) & (other != gene)
        symbol = np.where(twice, symbol + " /// " + names[other], symbol)
        number = np.where(twice, number + " /// " + entrez[other], number)
        unmapped = background & (fate > 0.98)
        symbol, number = np.where(unmapped, "", symbol), np.where(unmapped, "", number)
    if platform == "affymetrix":
        ids = [f"{200_001 + i}_at" for i in range(n)]
    elif platform == "two_color":
        ids = [f"A_23_P{i + 1:06d}" for i in range(n)]
    else:
        ids = [f"ENSG{90_000_000_001 + int(g):011d}" for g in gene]
    order = rng.permutation(n)
    ids = [ids[i] for i in order]
    features = pd.DataFrame({"probe_id": ids, "gene_symbol": symbol[order], "entrez_id": number[order]}, dtype=object)
    return SimulatedExpression(np.ascontiguousarray(values[order]), ids, features)

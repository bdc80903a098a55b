"""What the values of Xena's data sets are, and which release of the gene annotation names their rows.

Units as the hubs' own lists state them (https://xenabrowser.net/datapages/, February 2026).
"""

from __future__ import annotations

import re

# by the data set's name without its cohort: whole or up to the end; the first that fits
_UNITS = tuple((re.compile(pattern), unit) for pattern, unit in (
    (r"(star|htseq)_counts", "log2(count + 1)"),
    (r"(star|htseq)_fpkm-uq", "log2(FPKM-UQ + 1)"),
    (r"(star|htseq)_fpkm", "log2(FPKM + 1)"),
    (r"star_tpm", "log2(TPM + 1)"),
    (r"mirna|miRNA_(GA|HiSeq)_gene", "log2(RPM + 1) of microRNA"),
    (r"HiSeqV2_percentile", "percentile ranks of each sample"),
    (r"HiSeqV2_PANCAN", "log2(normalized count + 1), centered gene by gene on the mean of all TCGA cohorts (pan-cancer "
                        "normalized)"),
    (r"(HiSeq|GA)(V2)?_exon", "log2(RPKM + 1) of exons"),
    (r"(HiSeq|GA)V2", "log2(normalized count + 1)"),
    (r"HiSeq|GA", "log2(RPKM + 1)"),
    (r"HT_HG-U133A", "log2 of RMA intensities (Affymetrix)"),
    (r"AgilentG4502A_07_[123]", "normalized log ratios of an Agilent array"),
    (r"methylation(27|450|_epic(_v2)?)|HumanMethylation(27|450)", "beta values of DNA methylation, not expression"),
    (r"gene-level_(absolute|ascat2|ascat3|ascat-ngs)|gistic|Gistic2_.*", "copy numbers, not expression"),
    (r"protein|RPPA(_RBN)?", "protein expression (RPPA)"),
))  # fmt: skip
RELEASES = ("download/gencode.v36.annotation.gtf.gene.probemap", "download/gencode.v22.annotation.gene.probeMap")
"""Probe maps of the GDC hub: of today's data sets, and of those before 2023 (HTSeq), which GDC-PANCAN still has."""


def unit_of(dataset: str) -> str:
    """What the values of a data set are, in words.

    Parameters
    ----------
    dataset : str
        Its name without cohort and ending: star_tpm, HiSeqV2_PANCAN.
    """
    return next((f"values are {unit}" for pattern, unit in _UNITS if pattern.fullmatch(dataset)),
                "the data pages of xenabrowser.net state what its values are")  # fmt: skip


TOIL = re.compile(r"toil|gtex|(tcga|target)_(rsem|gene|kallisto|target)|tcgatarget", re.IGNORECASE)
TOIL_HINT = (
    "the Toil hub (TCGA, TARGET and GTEx in one pipeline) is not fetched: its matrices hold up to 19,000 samples each. "
    "Download one at xenabrowser.net, keep the samples of one tissue, and give it with --source local. Normal samples "
    "of TCGA itself come with TCGA-SARC (GDC hub)"
)

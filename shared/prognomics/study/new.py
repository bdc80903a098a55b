"""A study file for a gene in cohorts of standardized sources, which runs without a mapping of the user's own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from prognomics.data.standard_mappings import standard_mapping
from prognomics.errors import UsageError, first_few
from prognomics.study.endpoint_advice import endpoint_notes

SOURCES = ("gdc", "xena", "cbioportal", "demo")

TCGA_ENDPOINTS = "; dss, dfi and pfi of TCGA: --source xena --accession TCGA.SARC.sampleMap"


def new_study(gene: str, source: str, accessions: Sequence[str], endpoint: str = "os") -> str:
    """The text of a study file.

    Parameters
    ----------
    gene : str
        The marker's symbol.
    source : {"gdc", "xena", "cbioportal", "demo"}
    accessions : sequence of str
        Such as TCGA-SARC (gdc, xena), TCGA.SARC.sampleMap (xena), sarc_tcga_pan_can_atlas_2018 (cbioportal),
        DEMO1 (demo: simulated, without a network).
    endpoint : str
        One that the source has.

    Raises
    ------
    UsageError
        An unknown source, an endpoint that the source does not have, no accession or one given twice.
    """
    if source not in SOURCES:
        raise UsageError(f"there is no built-in mapping for {source!r}", hint=f"there are: {', '.join(SOURCES)}")
    known = standard_mapping(source)["endpoints"]
    if endpoint not in known:
        raise UsageError(
            f"{source} has no endpoint {endpoint!r}",
            hint=f"it has {', '.join(known)}" + ("" if source == "demo" else TCGA_ENDPOINTS),
        )
    if source == "xena" and endpoint != "os" and not all(a.endswith(".sampleMap") for a in accessions):
        hint = "take the TCGA hub: --accession TCGA.SARC.sampleMap"
        raise UsageError("Xena's GDC hub has overall survival only", hint=hint)
    names = [_cohort_name(accession) for accession in accessions]
    if not names or len(set(names)) < len(names):
        raise UsageError("name each cohort once: --accession", hint=first_few(accessions))
    lines = _lines(gene, source, list(accessions), names, endpoint, known[endpoint]["definition"])
    return "\n".join(lines) + "\n"


def _cohort_name(accession: str) -> str:
    name = re.sub(r"[^a-z0-9]+", "_", accession.removesuffix(".sampleMap").lower()).strip("_")
    return name if name[:1].isalpha() else f"cohort_{name}"


def _lines(
    gene: str, source: str, accessions: list[str], names: list[str], endpoint: str, definition: str
) -> list[str]:
    several = len(names) > 1
    notes = [note for accession in accessions for note in endpoint_notes(accession, endpoint)]
    listed = ", ".join(accessions)
    group = f"{re.sub('[^A-Za-z0-9_]', '_', gene)}_group"
    tried = "Simulated cohorts." if source == "demo" else "Not run against the live server."
    lines = [
        f"# {gene} in {listed}, written by `prognomics study new`. {tried}",
        "study: 1",
        f"title: {_quoted(f'{gene} expression and outcome in {listed}')}",
        f"question: {_quoted(f'Is the expression of {gene} associated with {endpoint} in {listed}?')}",
        f"marker: {_quoted(gene)}",
        "endpoints:",
        f"  {endpoint}: {{definition: {_quoted(definition)}, event: {_quoted(definition)}}}",
        *_primary(gene, source, endpoint, len(names) > 1),
        "limits:",
        "  - The built-in mapping of the source was applied; samples and events were not compared with a paper.",
        "  - The groups are cut at the median, which is not the threshold of an assay; see the continuous result too.",
        *[f"  - {_quoted(note)}" for note in notes],
        "cohorts:",
    ]
    for name, accession in zip(names, accessions, strict=True):
        lines += [
            f"  {name}:",
            f"    accession: {_quoted(accession)}",
            "    steps:",
            f"      - fetch_cohort: {{source: {source}, accession: {_quoted(accession)}}}",
            "        also: [features]",
            f"      - curate_samples: {{standard: {source}}}",
        ]
    across = "\n    across: [cohorts, stratified, unstratified]" if several else ""
    once = "one_sample_per_patient: true"
    if source != "cbioportal":  # whose studies hardly ever have normal tissue
        once += ", where: [tissue_type!=normal]"
    lines += [
        "within:",
        "  - map_genes: {composite: drop, collapse: max_variance}",
        "  - normalize: {method: auto}",
        *(["pool:", "  - merge_cohorts: {method: zscore, reference_samples: tissue_type=primary}"] if several else []),
        "steps:",
        f"  - cutpoint: {{gene: {_quoted(gene)}, method: median, name: {group}, endpoint: {endpoint}, {once}}}",
        f"  - kaplan_meier: {{group_column: {group}, endpoint: {endpoint}, {once}}}{across}",
        f"  - cox: {{covariate: [{group}], endpoint: {endpoint}, model: univariable, {once}}}",
        f"    as: cox_marker{across}",
        f"  - cox: {{gene: [{_quoted(gene)}], endpoint: {endpoint}, model: univariable, {once}}}",
        f"    as: cox_continuous{across}",
    ]
    if source != "cbioportal":
        options = f"covariate: [age_years], endpoint: {endpoint}, model: multivariable, {once}"
        lines += [f"  - cox: {{gene: [{_quoted(gene)}], {options}}}", f"    as: cox_adjusted{across}"]
    return lines


def _primary(gene: str, source: str, endpoint: str, several: bool) -> list[str]:
    """The analysis that answers the question, and its population if it is a part of the samples."""
    declared = {"marker": _quoted(gene), "endpoint": endpoint, "contrast": "groups", "adjusted_for": "[]"}
    declared |= {"population": "tumors"} if source != "cbioportal" else {}
    declared |= {"scope": "stratified"} if several else {}
    lines = [f"primary: {{{', '.join(f'{k}: {v}' for k, v in declared.items())}}}"]
    if "population" in declared:
        lines += ["populations:", "  tumors: {title: tumor samples, where: [tissue_type!=normal]}"]
    return lines


def _quoted(value: Any) -> str:
    text = str(value)
    words = ("yes", "no", "true", "false", "null", "on", "off")
    plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9_.-]*", text) and text.lower() not in words
    return text if plain else "'" + text.replace("'", "''") + "'"

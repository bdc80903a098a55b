"""Guess which columns name the samples, their patients and their tissue."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from prognomics.curation.draft import MOST_LEVELS, Draft
from prognomics.curation.headings import plain
from prognomics.data.mapping import TODO
from prognomics.data.sheet import TISSUE_TYPES

BARCODE = re.compile(r"(TCGA|TARGET)[-.]\w\w[-.]\w+[-.]\d\d")
ACCESSION = re.compile(r"(GSM|ERS|SRS|SAMN|SAMEA|SAMD|DRS)\d+$|" + BARCODE.pattern)
TCGA_CODES = {
    "01": "primary", "02": "relapse", "03": "primary", "04": "relapse", "05": "primary", "06": "metastasis",
    "07": "metastasis", "08": "other", "09": "primary", "10": "normal", "11": "normal", "12": "normal", "14": "normal",
    "20": TODO, "40": "relapse", "50": "cell_line",
}  # fmt: skip
_NORMAL = (
    r"\bnormals?\b(?! (karyotype|cytogenetic|appearing tumor))|\bhealthy\b|adjacent|"
    r"non.?(tumou?r|malignant|neoplastic|cancer)|"
    r"\bcontrols?\b|normalgewebe|\bgesund|tissu sain|\bsaine?\b"
)
# words that decide; the first in a text wins
_SPECIFIC = (
    ("normal", _NORMAL),
    ("metastasis", r"metasta"),
    ("relapse", r"relapse|recurren|rezidiv|recidive|rechute"),
    ("cell_line", r"cell.?lines?\b|zelllinie|lignee cellulaire"),
    ("primary", r"\bprimary\b|primar(tumor|ius)|newly diagnosed|\bat diagnosis\b|\binitial\b|tumeur primitive"),
    ("other", r"\bbenign|borderline"),
)
_WEAK = re.compile(
    r"tumou?r|carcinoma|sarcoma|cancer|malignan|leuk[ae]*mia|lymphoma|blastoma|glioma|melanoma|krebs|karzinom|tumeur"
)
_NEGATED = re.compile(r"\b(non|no|not|without|free of|ohne|kein\w*|sans)[ -](?!tumou?r|malignant|neoplastic|cancer)\w+")
_HEADINGS = re.compile(
    r"tissue|\btype\b|source|disease|specimen|material|gewebe|\bprobe|tissu|prelevement|histology|sample"
)
_NOT_TISSUE = re.compile(
    r"histological type|\btype id\b|treatment|therapy|classification of|last known|cause|response|event type|sample id|"
    r"\bstatus\b|tissue source site|organism|molecule|protocol|label|platform|\bstage\b"
)


def suggest_ids(draft: Draft) -> None:
    """The columns of sample and patient ids."""
    unique = [c for c, words in draft.words.items() if all(words) and len(set(words)) == len(words)]
    named = [c for c in unique if _id_rank(c) < 9 or all(map(ACCESSION.match, draft.words[c]))]
    named.sort(key=lambda c: (not all(map(ACCESSION.match, draft.words[c])), _id_rank(c)))
    column = (named or unique or [next(iter(draft.words))])[0]
    draft.mapping["sample_id"] = column
    if column in unique:
        draft.because("sample_id", column, "a different value in every row")
    else:
        draft.because("sample_id", column, "the first column; its values are NOT unique")
        draft.doubt("sample_id", f"no column has a different value in every row; {column!r} repeats values")
    _suggest_patients(draft, column)


def _id_rank(column: str) -> int:
    text = plain(column)
    ranks = (
        r"^sample ?(id|name)?$|^(proben?( ?(nr|id|nummer))?|echantillon)$",
        r"sample|gsm|geo accession|barcode|proben?(nummer| ?(nr|id))|echantillon",
        r"array|^pid$|^id$|lab no",
    )
    return next((i for i, pattern in enumerate(ranks) if re.search(pattern, text)), 9)


def _suggest_patients(draft: Draft, column: str) -> None:
    for other, words in draft.words.items():
        named = re.search(
            r"patient|subject|donor|\bcase( ?id| submitter)|participant|individual|fallnummer", plain(other)
        )
        if named and other != column and all(words) and len(set(words)) > len(words) // 3:
            repeated = [word for word, n in Counter(words).items() if n > 1]
            more = f"; {len(repeated)} of them in several rows: see one_sample_per" if repeated else ""
            draft.mapping["patient_id"] = other
            draft.because(
                "patient_id", other, f"named like a patient; {len(set(words))} values in {len(words)} rows{more}"
            )
            return
    if all(re.match(r"TCGA[-.]\w\w[-.]\w{4}[-.]\d\d", word) for word in draft.words[column]):
        draft.mapping["patient_id"] = {"column": column, "extract": r"^TCGA[-.]\w\w[-.]\w{4}"}
        draft.because("patient_id", column, "TCGA barcodes: the first three parts name the patient")


def suggest_tissue(draft: Draft) -> None:
    """The column that shows tumors from normal tissue, or the tissue type of all."""
    column = draft.mapping["sample_id"]
    if all(BARCODE.match(word) for word in draft.words[column]):
        pattern = r"^(?:TCGA|TARGET)[-.]\w\w[-.]\w+[-.](\d\d)"
        found = {re.match(pattern, word)[1] for word in draft.words[column]}  # type: ignore[index]
        values = {code: TCGA_CODES.get(code, TODO) for code in sorted(found)}
        draft.mapping["tissue_type"] = {"column": column, "extract": pattern, "values": values}
        draft.because("tissue_type", column, "barcodes: 01 is a primary tumor, 11 normal tissue")
        return
    best: tuple[float, str, dict[str, str]] | None = None
    for name in draft.words:
        text = plain(name)
        levels = draft.levels(name)
        if not _HEADINGS.search(text) or _NOT_TISSUE.search(text) or not levels or len(levels) > MOST_LEVELS:
            continue
        values = {word: tissue_of(word) for word in levels}
        counts = Counter(draft.words[name])
        known = sum(counts[word] for word, meaning in values.items() if meaning != TODO)
        rank = known / len(draft.raw) + 0.3 * bool(re.search(r"tissue ?type|sample ?type|gewebe", text))
        rank += 0.2 * (len({m for m in values.values() if m != TODO}) > 1)
        if known and (best is None or rank > best[0]):
            best = (rank, name, values)
    if best is None:
        draft.mapping["tissue_type"] = {"constant": TODO}
        return
    _, name, values = best
    draft.mapping["tissue_type"] = {"column": name, "values": values}
    draft.note_missing(name)
    draft.because("tissue_type", name, "its values name tissues: " + draft.listed(name))
    several = [word for word in values if len(_kinds(word)) > 1]
    if several:
        draft.doubt(
            "tissue_type",
            "values that name several kinds of tissue, of which the first is taken: " + "; ".join(several),
        )
    if any(draft.is_missing(word) for word in draft.words[name]):
        draft.mapping["tissue_type"]["otherwise"] = TODO
        draft.doubt("tissue_type", f"rows without a value in {name!r}: which tissue is it?")


def settle_tissue(draft: Draft, endpoints: dict[str, Any]) -> None:
    """Where no column shows the tissue but samples have an outcome, they are tumors; outcomes belong to tumors."""
    spec = draft.mapping["tissue_type"]
    if spec == {"constant": TODO}:
        untold = "no column tells tumors from normal tissue"
        if endpoints and not any("TODO" in str(e["time"]) for e in endpoints.values()):
            draft.mapping["tissue_type"] = {"constant": "primary"}
            draft.doubt("tissue_type", f"{untold}; the samples have an outcome: primary for all")
        else:
            outcome = (
                "the time of the outcome is still to be decided" if endpoints else "there is no outcome that shows it"
            )
            draft.doubt("tissue_type", f"{untold}, and {outcome}: write primary if all samples are primary tumors")
    types = set(spec.get("values", {}).values())
    if endpoints and "primary" in types and len(types & set(TISSUE_TYPES)) > 1:
        n = Counter(_tissues(draft, spec))
        only = ["primary"] if n["primary"] >= n["metastasis"] + n["relapse"] else ["primary", "metastasis", "relapse"]
        for endpoint in endpoints.values():
            endpoint["only"] = {"tissue_type": [kind for kind in only if n[kind]]}
        draft.because("endpoints", None, f"only {', '.join(only)} tumors have the outcome of their patient")
    _one_sample_per_patient(draft, endpoints)


def _one_sample_per_patient(draft: Draft, endpoints: dict[str, Any]) -> None:
    patients = draft.mapping.get("patient_id")
    if patients is None or not endpoints:
        return
    if isinstance(patients, str):
        ids = draft.words[patients]
    else:
        matches = [(re.search(patients["extract"], word), word) for word in draft.words[patients["column"]]]
        ids = [found[0] if found else word for found, word in matches]
    kinds = _tissues(draft, draft.mapping["tissue_type"])
    repeated = [pair for pair, n in Counter(zip(ids, kinds, strict=True)).items() if n > 1]
    if repeated:
        draft.mapping["one_sample_per"] = {"column": ["patient_id", "tissue_type"]}
        draft.doubt(
            "one_sample_per",
            f"{len(repeated)} patients have several samples of one tissue type; the first of each is kept: "
            "is it the right one?",
        )


def _tissues(draft: Draft, spec: dict[str, Any]) -> list[str]:
    if "column" not in spec:
        return [str(spec["constant"])] * len(draft.raw)
    words = draft.words[spec["column"]]
    if "extract" in spec:
        words = [found[1] if (found := re.match(spec["extract"], word)) else word for word in words]
    return [spec["values"].get(word, TODO) for word in words]


def _kinds(word: str) -> list[str]:
    text = _NEGATED.sub(" ", plain(word))
    places = [(found.start(), kind) for kind, pattern in _SPECIFIC if (found := re.search(pattern, text))]
    return list(dict.fromkeys(kind for _, kind in sorted(places)))


def tissue_of(word: str) -> str:
    """The tissue type that a value names: its first word that decides; else a tumor is primary; else TODO."""
    if word in TISSUE_TYPES:
        return word
    kinds = _kinds(word)
    if "normal" in kinds and re.search(r"adjacent|non.?(tumou?r|malignant)", plain(word)):
        return "normal"
    if kinds:
        return kinds[0]
    return "primary" if _WEAK.search(plain(word)) else TODO

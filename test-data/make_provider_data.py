"""Make the small files of this folder in the forms of the GDC, ArrayExpress, Xena and GEO's raw archives.

Run it from the repository: python test-data/make_provider_data.py
The same script gives the same bytes. Nothing here stems from patients. `tests/provider_box` serves the same forms.
"""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
GENES = [("ENSG00000082898.18", "XPO1"), ("ENSG00000141510.18", "TP53"), ("ENSG00000136997.22", "MYC")]
CASES = ["TCGA-AA-0001", "TCGA-AA-0002", "TCGA-AA-0003"]
SAMPLES = [f"{CASES[0]}-01A", f"{CASES[0]}-11A", f"{CASES[1]}-02A", f"{CASES[2]}-01A"]
_STAR = ("gene_id gene_name gene_type unstranded stranded_first stranded_second tpm_unstranded fpkm_unstranded "
         "fpkm_uq_unstranded").split()  # fmt: skip


def star_counts(seed: int) -> str:
    """A STAR count file of the GDC; all numbers follow from the seed."""
    lines = ["# gene-model: GENCODE v36", "\t".join(_STAR)]
    lines += [f"N_{kind}\t\t\t{100 + seed}\t{seed}\t{seed}\t\t\t"
              for kind in ("unmapped", "multimapping", "noFeature", "ambiguous")]  # fmt: skip
    for row, (gene, symbol) in enumerate(GENES):
        count = 100 * (row + 1) + seed
        lines.append(f"{gene}\t{symbol}\tprotein_coding\t{count}\t{count // 2}\t{count - count // 2}\t"
                     f"{count / 10:.4f}\t{count / 20:.4f}\t{count / 25:.4f}")  # fmt: skip
    return "\n".join(lines) + "\n"


def case(number: int) -> dict:
    """A case as the GDC's endpoint `cases` gives it."""
    name = CASES[number]
    dead = number != 1
    return {
        "case_id": f"case-{number}", "submitter_id": name, "primary_site": "Soft tissue",
        "demographic": {"vital_status": "Dead" if dead else "Alive", "gender": "female",
                        **({"days_to_death": 300 + number} if dead else {})},
        "diagnoses": [
            {"diagnosis_id": "d0", "primary_diagnosis": "Metastasis", "days_to_last_follow_up": None,
             "diagnosis_is_primary_disease": "false"},
            {"diagnosis_id": "d1", "primary_diagnosis": "Leiomyosarcoma, NOS", "days_to_last_follow_up": 250.0 + number,
             "diagnosis_is_primary_disease": "true", "treatments": [{"treatment_type": "Radiation"}]},
        ],
        "follow_ups": [{"days_to_follow_up": 100}, {"days_to_follow_up": 700 + number, "disease_response": "TF"}],
        "samples": [{"sample_id": f"s-{s}", "submitter_id": s, "sample_type": "Primary Tumor"}
                    for s in SAMPLES if s.startswith(name)],
        "project": {"project_id": "TCGA-MINI"},
    }  # fmt: skip


def gdc() -> None:
    folder = FOLDER / "mini_gdc"
    folder.mkdir(exist_ok=True)
    rows = ["File ID\tFile Name\tData Category\tData Type\tProject ID\tCase ID\tSample ID\tSample Type"]
    for number, sample in enumerate(SAMPLES):
        name = f"file{number}.rna_seq.augmented_star_gene_counts.tsv"
        (folder / name).write_text(star_counts(number))
        rows.append(f"uuid-{number}\t{name}\tTranscriptome Profiling\tGene Expression Quantification\tTCGA-MINI\t"
                    f"{sample[:12]}\t{sample}\tPrimary Tumor")  # fmt: skip
    (folder / "gdc_sample_sheet.tsv").write_text("\n".join(rows) + "\n")
    (folder / "clinical.cases.json").write_text(json.dumps([case(i) for i in range(3)], indent=1) + "\n")


def arrayexpress() -> None:
    folder = FOLDER / "mini_arrayexpress"
    folder.mkdir(exist_ok=True)
    (folder / "E-MINI-1.idf.txt").write_text(
        "MAGE-TAB Version\t1.1\nInvestigation Title\tA made-up study\nSDRF File\tE-MINI-1.sdrf.txt\n"
    )
    rows = [
        "Source Name\tCharacteristics[age]\tUnit[time unit]\tCharacteristics[overall survival]\tUnit[time unit]\t"
        "Protocol REF\tProtocol REF\tAssay Name\tArray Design REF\tArray Data File\tDerived Array Data Matrix File"
    ]
    rows += [f"patient {i}\t{40 + i}\tyear\t{10 * i}\tmonth\tP-1\tP-2\thyb {i}\tA-MINI-1\thyb{i}.CEL\tprocessed.txt"
             for i in range(1, 4)]  # fmt: skip
    (folder / "E-MINI-1.sdrf.txt").write_text("\n".join(rows) + "\n")
    values = "\n".join(f"{1000 + r}_at\t" + "\t".join(f"{r + i / 10:.2f}\tP" for i in range(1, 4)) for r in range(1, 4))
    (folder / "processed.txt").write_text(
        "Scan REF\t"
        + "\t".join(f"patient {i}\tpatient {i}" for i in range(1, 4))
        + "\nReporter REF\t"
        + "\t".join(["RMA\tCALL"] * 3)
        + f"\n{values}\n"
    )
    (folder / "A-MINI-1.adf.txt").write_text(
        "Array Design Name\tMini\n\n[main]\nBlock Column\tReporter Name\tReporter Database Entry [hgnc]\t"
        "Reporter Database Entry [entrez]\n1\t1001_at\tXPO1\t7514\n1\t1002_at\tTP53\t7157\n1\t1003_at\t\t\n"
    )


def xena() -> None:
    folder = FOLDER / "mini_xena"
    folder.mkdir(exist_ok=True)
    lines = ["Ensembl_ID\t" + "\t".join(SAMPLES)]
    lines += [f"{gene}\t" + "\t".join(f"{r + c / 8:.4g}" for c in range(4)) for r, (gene, _) in enumerate(GENES, 5)]
    (folder / "TCGA-MINI.star_tpm.tsv").write_text("\n".join(lines) + "\n")
    rows = [f"{s}\t{s[:12]}\t{60 + i}" for i, s in enumerate(SAMPLES)]
    (folder / "TCGA-MINI.clinical.tsv").write_text(
        "sample\tsubmitter_id\tage_at_index.demographic\n" + "\n".join(rows) + "\n"
    )
    rows = [f"{s}\t{i % 2}\t{s[:12]}\t{300 + i}" for i, s in enumerate(SAMPLES) if s.endswith("-01A")]
    (folder / "TCGA-MINI.survival.tsv").write_text("sample\tOS\t_PATIENT\tOS.time\n" + "\n".join(rows) + "\n")
    rows = [f"{gene}\t{symbol}\tchr{i}\t1\t9\t+" for i, (gene, symbol) in enumerate(GENES, 1)]
    (folder / "probemap.tsv").write_text("id\tgene\tchrom\tchromStart\tchromEnd\tstrand\n" + "\n".join(rows) + "\n")


def tar_of(files: dict[str, bytes]) -> bytes:
    """A plain tar without owners and dates."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), 0o644
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def raw() -> None:
    cel = b"[CEL]\nVersion=3\n\n[HEADER]\nCols=1\nRows=1\n"
    (FOLDER / "mini_RAW.tar").write_bytes(tar_of({"GSM900.CEL": cel, "GSM901.CEL": cel}))


if __name__ == "__main__":
    gdc()
    arrayexpress()
    xena()
    raw()

"""Made-up cohorts in the path layouts and answer shapes of the providers."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import io
import json
import tarfile
from pathlib import Path

TEST_DATA = Path(__file__).resolve().parents[2] / "test-data"


def _made():
    spec = importlib.util.spec_from_file_location("make_provider_data", TEST_DATA / "make_provider_data.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MADE = _made()


def packed(content: bytes | str) -> bytes:
    return gzip.compress(content.encode() if isinstance(content, str) else content, mtime=0)


# ------------------------------------------------------------------ GEO

ANNOTATION = (
    "^Annotation\n!platform_table_begin\nID\tGene title\tGene symbol\tGene ID\n"
    "1_at\tt\tXPO1\t7514\n2_at\tt\tTP53\t7157\n!platform_table_end\n"
)
PLATFORM_RECORD = ANNOTATION.replace("^Annotation", "^PLATFORM = GPL2").replace("Gene symbol", "Symbol")
_PAGE = "<html><head><title>GEO Accession viewer</title></head><body>{}</body></html>"
STATES = {
    "GSE7": 'Accession "GSE7" is currently private and is scheduled to be released on Jan 01, 2031.',
    "GSE6": 'Accession "GSE6" is not yet approved by GEO curators.',
    "GSE8": 'Accession "GSE8" was deleted by the GEO staff on Feb 02, 2020.',
}


def series(accession: str, platform: str = "GPL1", samples: int = 3) -> str:
    ids = [f"GSM{i}" for i in range(1, samples + 1)]

    def line(name: str, cells: list[str]) -> str:
        return "\t".join([f"!{name}", *(f'"{c}"' for c in cells)])

    rows = [
        f'!Series_title\t"Made up"\n!Series_geo_accession\t"{accession}"', line("Sample_geo_accession", ids),
        line("Sample_platform_id", [platform] * samples), line("Sample_characteristics_ch1", ["age: 50"] * samples),
        "!series_matrix_table_begin", "\t".join(['"ID_REF"', *(f'"{i}"' for i in ids)]),
        *("\t".join([f'"{r}_at"', *(str(r + c / 10) for c in range(samples))]) for r in (1, 2)),
        "!series_matrix_table_end", "",
    ]  # fmt: skip
    return "\n".join(rows)


def _acc_cgi(query: str, body: bytes) -> bytes:
    asked = dict(part.split("=", 1) for part in query.split("&"))
    if asked["acc"] == "GPL2":
        return PLATFORM_RECORD.encode()
    if asked["acc"] == "GSE18":
        return b"^SERIES = GSE18\n!Series_relation = SuperSeries of: GSE16\n!Series_relation = SuperSeries of: GSE17\n"
    unknown = f'Could not find a public or private accession "{asked["acc"]}".'
    return _PAGE.format(STATES.get(asked["acc"], unknown)).encode()


def family(accession: str, platforms: tuple[str, ...] = ("GPL1",), relations: tuple[str, ...] = ()) -> str:
    """A family SOFT file: two samples a platform, with the probes of `series`."""
    head = f"^DATABASE = GeoMiame\n^SERIES = {accession}\n!Series_geo_accession = {accession}\n"
    text = [head, *(f"!Series_relation = {relation}\n" for relation in relations)]
    text += [f"^PLATFORM = {p}\n!platform_table_begin\nID\tGO\tGene Symbol\tENTREZ_GENE_ID\n1_at\tx\tXPO1\t7514\n"
             "2_at\tx\tTP53\t7157\n!platform_table_end\n" for p in platforms]  # fmt: skip
    for number, platform in enumerate(2 * platforms, start=1):
        text.append(f"^SAMPLE = GSM{number}\n!Sample_geo_accession = GSM{number}\n!Sample_platform_id = {platform}\n"
                    f"!Sample_characteristics_ch1 = age: 5{number}\n!sample_table_begin\nID_REF\tCALL\tVALUE\n"
                    f"1_at\tP\t{number}.5\n2_at\tA\t{number}.25\n!sample_table_end\n")  # fmt: skip
    return "".join(text)


def with_lines(text: str, *lines: str) -> str:
    """A series matrix with further lines above its samples."""
    return text.replace("!Sample_geo_accession", "\n".join([*lines, "!Sample_geo_accession"]), 1)


def without_values(accession: str, *lines: str) -> str:
    text = series(accession).partition('"1_at"')[0] + "!series_matrix_table_end\n"
    return with_lines(text, *lines)


# as NCBI answers programs at some addresses: HTTP 200
CHALLENGE = (b'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Checking your browser</title>'
             b'<script src="https://captcha.example.org/api.js"></script></head><body>' + b"<p>wait</p>" * 900
             + b'<div class="g-recaptcha"></div></body></html>')  # fmt: skip
GENE_INFO = "#tax_id\tGeneID\tSymbol\tLocusTag\n9606\t1\tA1BG\t-\n9606\t7514\tXPO1\t-\n9606\t7157\t-\t-\n"
NCBI_ANNOTATION = "GeneID\tSymbol\tDescription\tGeneType\n7514\tXPO1\texportin 1\tprotein-coding\n7157\tTP53\tt\tx\n"


def _ncbi_download(query: str, body: bytes) -> bytes | None:
    """RNA-seq values that NCBI computed: of GSE10's first and third sample, and of a mouse series."""
    asked = dict(part.split("=", 1) for part in query.split("&"))
    if asked.get("type") != "rnaseq_counts" or asked.get("format") != "file":
        return None
    table = "GeneID\tGSM3\tGSM1\n7514\t{}\t{}\n7157\t0\t7\n"
    files = {
        "GSE10_raw_counts_GRCh38.p13_NCBI.tsv.gz": ("GSE10", table.format(30, 10)),
        "GSE10_norm_counts_TPM_GRCh38.p13_NCBI.tsv.gz": ("GSE10", table.format(3.5, 1.5)),
        "GSE10_norm_counts_FPKM_GRCh38.p13_NCBI.tsv.gz": ("GSE10", table.format(0.5, 0.25)),
        "GSE1_raw_counts_GRCm39_NCBI.tsv.gz": ("GSE1", table.format(3, 1)),
        "Human.GRCh38.p13.annot.tsv.gz": (None, NCBI_ANNOTATION),
        "Mouse.GRCm39.annot.tsv.gz": (None, NCBI_ANNOTATION.replace("XPO1", "Xpo1")),
    }
    accession, content = files.get(asked.get("file", ""), ("", ""))
    return packed(content) if content and accession == asked.get("acc") else None


def geo() -> dict:
    raw = MADE.tar_of({"GSM1.CEL.gz": packed(b"[CEL]"), "GSM2.CEL.gz": packed(b"[CEL]2")})
    folder = "/geo/series"
    return {
        f"{folder}/GSEnnn/GSE1/matrix/GSE1_series_matrix.txt.gz": packed(series("GSE1")),
        f"{folder}/GSEnnn/GSE1/suppl/GSE1_RAW.tar": raw,
        f"{folder}/GSE12nnn/GSE12345/matrix/GSE12345-GPL1_series_matrix.txt.gz": packed(series("GSE12345")),
        f"{folder}/GSE12nnn/GSE12345/matrix/GSE12345-GPL2_series_matrix.txt.gz": packed(series("GSE12345", "GPL2")),
        f"{folder}/GSEnnn/GSE9/suppl/GSE9_counts.txt.gz": packed("x"),
        f"{folder}/GSEnnn/GSE10/suppl/GSE10_counts.txt.gz": packed("x"),
        f"{folder}/GSEnnn/GSE10/matrix/GSE10_series_matrix.txt.gz": packed(without_values("GSE10")),
        # a family alone, one of two platforms, one beside a cut matrix, one beside a matrix without its values
        f"{folder}/GSEnnn/GSE11/soft/GSE11_family.soft.gz": packed(family("GSE11")),
        f"{folder}/GSEnnn/GSE12/soft/GSE12_family.soft.gz": packed(family("GSE12", ("GPL1", "GPL7"))),
        f"{folder}/GSEnnn/GSE13/soft/GSE13_family.soft.gz": packed(family("GSE13")),
        f"{folder}/GSEnnn/GSE13/matrix/GSE13_series_matrix.txt.gz": packed(series("GSE13").rpartition("!series")[0]),
        f"{folder}/GSEnnn/GSE14/soft/GSE14_family.soft.gz": packed(family("GSE14")),
        f"{folder}/GSEnnn/GSE14/matrix/GSE14_series_matrix.txt.gz": packed(
            without_values("GSE14", '!Sample_data_row_count\t"2"\t"2"\t"2"')
        ),
        # a SuperSeries of two, and its parts
        f"{folder}/GSEnnn/GSE15/matrix/GSE15_series_matrix.txt.gz": packed(
            without_values("GSE15", *(f'!Series_relation\t"SuperSeries of: {part}"' for part in ("GSE16", "GSE17")))
        ),
        f"{folder}/GSEnnn/GSE16/matrix/GSE16_series_matrix.txt.gz": packed(
            with_lines(series("GSE16"), '!Series_relation\t"SubSeries of: GSE15"\t"BioProject: https://x.org/PRJ1"')
        ),
        "/geo/download/": _ncbi_download,
        "/geo/genes/Homo_sapiens.gene_info.gz": packed(GENE_INFO),
        "/geo/genes/Mus_musculus.gene_info.gz": packed(GENE_INFO.replace("XPO1", "Xpo1")),
        f"{folder}/GSEnnn/GSE9/matrix/filelist.txt": b"none",
        "/geo/platforms/GPLnnn/GPL1/annot/GPL1.annot.gz": packed(ANNOTATION),
        "/geo/query/acc.cgi": _acc_cgi,
    }


# ------------------------------------------------------------------ ArrayExpress


def biostudies() -> dict:
    folder, base = TEST_DATA / "mini_arrayexpress", "/biostudies/files/E-MINI-1"
    names = ("E-MINI-1.idf.txt", "E-MINI-1.sdrf.txt", "processed.txt")
    files = {f"{base}/{name}": (folder / name).read_bytes() for name in names}
    cels = {f"{base}/hyb{i}.CEL": f"[CEL] {i}".encode() for i in (1, 2, 3)}
    adf = {"/biostudies/files/A-MINI-1/A-MINI-1.adf.txt": (folder / "A-MINI-1.adf.txt").read_bytes()}
    # one file a sample, in an archive of the old kind
    per_sample = io.BytesIO()
    import zipfile

    with zipfile.ZipFile(per_sample, "w") as out:
        for i in (1, 2):
            out.writestr(f"s{i}.txt", f"ID_REF\tVALUE\n1_at\t{i}.5\n2_at\t{i}.25\n")
    head = ["Source Name", "Assay Name", "Array Data File", "Comment [ArrayExpress FTP file]",
            "Derived Array Data File", "Comment [Derived ArrayExpress FTP file]"]  # fmt: skip
    ftp = "ftp://ftp.ebi.ac.uk/pub/databases/microarray/data/experiment"
    sdrf = (
        "\t".join(head)
        + "\n"
        + "".join(
            f"p{i}\ta{i}\ts{i}.CEL\t{ftp}/E-MINI-2.raw.1.zip\ts{i}.txt\t{ftp}/E-MINI-2.processed.1.zip\n"
            for i in (1, 2)
        )
    )
    old = "/biostudies/files/E-MINI-2"
    raw_zip = io.BytesIO()
    with zipfile.ZipFile(raw_zip, "w") as out:
        for i in (1, 2):
            out.writestr(f"s{i}.CEL", f"[CEL] {i}")
    return {
        **files, **cels, **adf, f"{old}/E-MINI-2.idf.txt": b"Investigation Title\tt\nSDRF File\tE-MINI-2.sdrf.txt\n",
        f"{old}/E-MINI-2.raw.1.zip": raw_zip.getvalue(), f"{old}/E-MINI-2.sdrf.txt": sdrf.encode(),
        f"{old}/E-MINI-2.processed.1.zip": per_sample.getvalue(),
        f"{old}/s1.txt": b"ID_REF\tVALUE\n1_at\t1.5\n2_at\t1.25\n",
        f"{old}/s2.txt": b"ID_REF\tVALUE\n2_at\t2.25\n1_at\t2.5\n",
        "/biostudies/api/v1/studies/S-BSST7": b'{"accno": "S-BSST7"}',
    }  # fmt: skip


# ------------------------------------------------------------------ GDC


def _hits(found: list[dict], body: bytes) -> bytes:
    asked = json.loads(body)
    start, size = asked.get("from", 0), asked["size"]
    page = found[start : start + size]
    paging = {"count": len(page), "total": len(found), "size": size, "from": start, "page": 1, "pages": 1, "sort": ""}
    return json.dumps({"data": {"hits": page, "pagination": paging}, "warnings": {}}).encode()


def gdc_files() -> dict[str, tuple[str, bytes]]:
    ending = "rna_seq.augmented_star_gene_counts.tsv"
    return {f"uuid-{n}": (f"file{n}.{ending}", MADE.star_counts(n).encode()) for n in range(4)}


def gdc_tar(ids: list[str], files: dict[str, tuple[str, bytes]]) -> bytes:
    """What `/data` sends for several files: a gzip of a tar with the GDC's manifest."""
    manifest = b"id\tfilename\tmd5\tsize\tstate\n"
    inside = {"MANIFEST.txt": manifest, **{f"{i}/{files[i][0]}": files[i][1] for i in ids}}
    return packed(MADE.tar_of(inside))


def gdc() -> dict:
    files = gdc_files()
    listed = [
        {"id": i, "file_id": i, "file_name": name, "md5sum": hashlib.md5(content).hexdigest(),
         "file_size": len(content), "access": "open",
         "cases": [{"case_id": f"case-{n}", "submitter_id": s[:12], "samples": [
             {"sample_id": f"s-{s}", "submitter_id": s, "sample_type": "Primary Tumor",
              "portions": [{"analytes": [{"aliquots": [{"submitter_id": f"{s}-11R-A00Z-07"}]}]}]}]}]}
        for n, ((i, (name, content)), s) in enumerate(zip(files.items(), MADE.SAMPLES))
    ]  # fmt: skip

    def asked_project(body: bytes) -> str:
        return "TCGA-NONE" if b"TCGA-NONE" in body else "TCGA-SOON" if b"TCGA-SOON" in body else "TCGA-MINI"

    def of_project(found: list[dict]):
        return lambda query, body: _hits(found if asked_project(body) == "TCGA-MINI" else [], body)

    project = lambda name, released: json.dumps({"data": {"project_id": name, "released": released}}).encode()  # noqa: E731
    return {
        "/gdc/projects": json.dumps({"data": {"hits": [{"project_id": "TCGA-MINI"}]}}).encode(),
        "/gdc/projects/TCGA-MINI": project("TCGA-MINI", True), "/gdc/projects/TCGA-SOON": project("TCGA-SOON", False),
        "/gdc/projects/TCGA-NONE": project("TCGA-NONE", True),
        "/gdc/files": of_project(listed), "/gdc/cases": of_project([MADE.case(i) for i in range(3)]),
        "/gdc/data": lambda query, body: gdc_tar(json.loads(body)["ids"], files),
        **{f"/gdc/data/{i}": content for i, (_, content) in files.items()},
    }  # fmt: skip


# ------------------------------------------------------------------ cBioPortal


def study_archive() -> bytes:
    folder = TEST_DATA / "mini_cbioportal"
    files = {f"mini/{p.name}": p.read_bytes() for p in sorted(folder.iterdir())}
    return packed(MADE.tar_of({**files, "mini/data_mutations.txt": b"not unpacked"}))


def cbioportal() -> dict:
    api = "/datahub/api"
    samples = [{"sampleId": f"P{i}-01", "patientId": f"P{i}", "studyId": "online"} for i in (1, 2)]
    clinical = {
        "SAMPLE": [{"sampleId": "P1-01", "patientId": "P1", "clinicalAttributeId": "SAMPLE_TYPE", "value": "Primary"}],
        "PATIENT": [{"patientId": f"P{i}", "clinicalAttributeId": "OS_STATUS", "value": s}
                    for i, s in ((1, "1:DECEASED"), (2, "0:LIVING"))],
    }  # fmt: skip
    kinds = [("mrna", "MRNA_EXPRESSION", "CONTINUOUS"), ("mrna_z", "MRNA_EXPRESSION", "Z-SCORE"),
             ("cna", "COPY_NUMBER_ALTERATION", "DISCRETE")]  # fmt: skip
    profiles = [{"molecularProfileId": f"online_{name}", "molecularAlterationType": kind, "datatype": of}
                for name, kind, of in kinds]  # fmt: skip
    genes = [{"entrezGeneId": 7514, "hugoGeneSymbol": "XPO1", "type": "protein-coding"},
             {"entrezGeneId": 7157, "hugoGeneSymbol": "TP53", "type": "protein-coding"},
             {"entrezGeneId": -3, "hugoGeneSymbol": "PHOSPHO", "type": "phosphoprotein"}]  # fmt: skip

    def values(query: str, body: bytes) -> bytes:
        wanted = json.loads(body)["entrezGeneIds"]
        return json.dumps([{"entrezGeneId": g, "sampleId": s["sampleId"], "value": g / 1000 + i}
                           for g in wanted for i, s in enumerate(samples)]).encode()  # fmt: skip

    def of_kind(query: str, body: bytes) -> bytes:
        return json.dumps(clinical["PATIENT" if "clinicalDataType=PATIENT" in query else "SAMPLE"]).encode()

    dump = lambda content: json.dumps(content).encode()  # noqa: E731
    return {
        "/datahub/mini.tar.gz": study_archive(),
        f"{api}/studies": dump([{"studyId": name} for name in ("online", "nothing_tcga_2018")]),
        f"{api}/studies/online": dump({"studyId": "online", "name": "Online"}),
        f"{api}/studies/online/samples": dump(samples), f"{api}/studies/online/clinical-data": of_kind,
        f"{api}/studies/online/molecular-profiles": dump(profiles),
        f"{api}/studies/online/sample-lists": dump([{"sampleListId": "online_all", "category": "all_cases_in_study"}]),
        f"{api}/genes": dump(genes), f"{api}/molecular-profiles/online_mrna/molecular-data/fetch": values,
        f"{api}/molecular-profiles/online_mrna_z/molecular-data/fetch": values,
    }  # fmt: skip


# ------------------------------------------------------------------ Xena


def xena() -> dict:
    folder, hub = TEST_DATA / "mini_xena", "/xena/download"
    tsv = {name: (folder / f"TCGA-MINI.{name}.tsv").read_bytes() for name in ("star_tpm", "clinical", "survival")}
    symbols = b"sample\tTCGA-AA-0001-01\tTCGA-AA-0002-01\nXPO1\t5\t6\nTP53\t7\t8\n"
    return {
        f"{hub}/TCGA-MINI.star_tpm.tsv.gz": packed(tsv["star_tpm"]),
        f"{hub}/TCGA-MINI.star_counts.tsv.gz": packed(tsv["star_tpm"].replace(b"5", b"9")),
        f"{hub}/TCGA-MINI.clinical.tsv.gz": packed(tsv["clinical"]),
        f"{hub}/TCGA-MINI.survival.tsv.gz": packed(tsv["survival"]),
        f"{hub}/gencode.v36.annotation.gtf.gene.probemap": (folder / "probemap.tsv").read_bytes(),
        f"{hub}/TCGA.MINI.sampleMap%2FHiSeqV2.gz": packed(symbols),
        f"{hub}/TCGA.MINI.sampleMap%2FMINI_clinicalMatrix": (
            b"sampleID\tage\nTCGA-AA-0001-01\t50\nTCGA-AA-0002-01\t60\n"
        ),
    }


def everything() -> dict:
    return {**geo(), **biostudies(), **gdc(), **cbioportal(), **xena()}


def evil_tar(kind: str) -> bytes:
    """A tar with one good member and one that must be refused."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        good = tarfile.TarInfo("GSM1.CEL")
        good.size = 3
        archive.addfile(good, io.BytesIO(b"CEL"))
        names = {"parent": "../evil.txt", "absolute": "/tmp/evil.txt", "backslash": "..\\evil.txt", "twice": "gsm1.cel"}
        evil = tarfile.TarInfo(names.get(kind, "evil.txt"))
        types = {"symlink": tarfile.SYMTYPE, "hardlink": tarfile.LNKTYPE, "device": tarfile.CHRTYPE,
                 "fifo": tarfile.FIFOTYPE}  # fmt: skip
        evil.type = types.get(kind, tarfile.REGTYPE)
        if evil.type in (tarfile.SYMTYPE, tarfile.LNKTYPE):
            evil.linkname = "/etc/passwd"
        archive.addfile(evil, io.BytesIO(b""))
    return out.getvalue()


def nothing_placed(cache):
    """Whether a cache holds no object and no answered request."""
    objects = [p for p in (cache / "objects").rglob("*") if p.is_file()] if cache.exists() else []
    return not objects and not list((cache / "requests").glob("*"))

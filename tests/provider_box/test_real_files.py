"""Files that the providers themselves made (outside the repository), in their places in the box."""

import gzip
import tarfile

import pandas as pd
import pytest
from box_contents import MADE, packed


def table(path):
    return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)


def test_target_os_of_the_gdc_hub(shared_data, box, fetch):
    """The hub's own clinical table: 162 rows of samples, of which 6 are a patient's second."""
    hub = "/xena/download"
    clinical = (shared_data / "gdc" / "TARGET-OS.clinical.tsv.gz").read_bytes()
    first = gzip.decompress(clinical).decode().splitlines()[1].split("\t")[0]
    box.files[f"{hub}/TARGET-OS.clinical.tsv.gz"] = clinical
    box.files[f"{hub}/TARGET-OS.star_tpm.tsv.gz"] = packed(f"Ensembl_ID\t{first}\nENSG00000082898.18\t5.5\n")
    code, said, written = fetch("xena", "TARGET-OS", f"{box.address}/xena")
    assert code == 0, said
    sheet = table(written["samples"])
    assert len(sheet) == 162 and sheet.columns[:3].tolist() == ["sample_id", "patient_id", "tissue_type"]
    assert sheet["patient_id"].tolist() == sheet["submitter_id"].tolist()
    assert sheet["patient_id"].duplicated().sum() == 6
    assert set(sheet["tissue_type"]) <= {"primary", "metastasis", "relapse", "normal"}
    assert sheet["vital_status.demographic"].isin(["Alive", "Dead", "Not Reported", "Unknown", ""]).all()


def test_a_study_of_cbioportal(shared_data, box, fetch):
    folder = shared_data / "cbioportal" / "study_es_0"
    files = {f"study_es_0/{p.relative_to(folder).as_posix()}": p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    box.files["/datahub/study_es_0.tar.gz"] = packed(MADE.tar_of(files))
    code, said, written = fetch("cbioportal", "study_es_0", f"{box.address}/datahub")
    assert code == 0, said
    sheet = table(written["samples"])
    assert sheet["PATIENT_ID"].nunique() <= 841
    deaths = sheet.drop_duplicates("PATIENT_ID")["OS_STATUS"].value_counts()
    assert deaths["1:DECEASED"] == 87
    assert table(written["expression"]).shape == (6, 527)


def test_the_annotation_of_a_platform(shared_data, box, fetch):
    """GPL97.annot.gz as GEO gives it, beside a made-up series of two of its probes."""
    annotation = (shared_data / "geo" / "GPL97.annot.gz").read_bytes()
    box.files["/geo/platforms/GPLnnn/GPL97/annot/GPL97.annot.gz"] = annotation
    text = gzip.decompress(box.files["/geo/series/GSEnnn/GSE1/matrix/GSE1_series_matrix.txt.gz"]).decode()
    text = text.replace("GPL1", "GPL97").replace("1_at", "222589_at").replace("2_at", "222590_s_at")
    box.files["/geo/series/GSEnnn/GSE1/matrix/GSE1_series_matrix.txt.gz"] = packed(text)
    code, said, written = fetch("geo", "GSE1", f"{box.address}/geo", outputs=("features",))
    assert code == 0, said
    features = table(written["features"])
    assert len(features) > 22_000 and features.set_index("probe_id").loc["222590_s_at", "gene_symbol"] == "NLK"


@pytest.mark.parametrize("name", ["affy_v3_example.CEL", "affy_v4_example.CEL"])
def test_real_cel_files(shared_data, box, fetch, name):
    cel = (shared_data / "cel" / name).read_bytes()
    box.files["/geo/series/GSEnnn/GSE1/suppl/GSE1_RAW.tar"] = MADE.tar_of({f"GSM1_{name}.gz": packed(cel)})
    code, said, written = fetch("geo", "GSE1", f"{box.address}/geo", outputs=("raw",))
    assert code == 0, said
    with tarfile.open(written["raw"]) as archive:
        assert gzip.decompress(archive.extractfile(f"GSM1_{name}.gz").read()) == cel


def test_the_real_series(shared_data, box, fetch):
    """GSE87437 over the wire: 54,675 probes of 21 samples, 11 poor and 10 good responders."""
    matrix = (shared_data / "geo" / "GSE87437_series_matrix.txt.gz").read_bytes()
    box.files["/geo/series/GSE87nnn/GSE87437/matrix/GSE87437_series_matrix.txt.gz"] = matrix
    code, said, written = fetch("geo", "GSE87437", f"{box.address}/geo", outputs=("samples",))
    assert code == 0, said
    counts = table(written["samples"])["response to preoperative chemotherapy"].value_counts().to_dict()
    assert counts == {"POOR": 11, "GOOD": 10}

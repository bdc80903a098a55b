"""Names and units as providers write them: projects with dots, z-scores, microRNA, releases of probe maps."""

import json

import pandas as pd
import pytest
from box_contents import MADE, TEST_DATA, packed

from prognomics.errors import BadInput
from prognomics.sources.providers import checked_accession
from prognomics.sources.xena_datasets import unit_of

MIRRORS = {"arrayexpress": "biostudies", "gdc": "gdc", "cbioportal": "datahub", "xena": "xena"}


@pytest.fixture
def get(fetch, box):
    def get(source, accession, *more, outputs=("expression", "samples", "features")):
        code, said, written = fetch(source, accession, f"{box.address}/{MIRRORS[source]}", *more, outputs=outputs)
        return code, said, {n: pd.read_csv(p, sep="\t", dtype=str, keep_default_na=False) for n, p in written.items()}

    return get


PROJECTS = ("BEATAML1.0-COHORT", "BEATAML1.0-CRENOLANIB", "EXCEPTIONAL_RESPONDERS-ER", "CDDP_EAGLE-1", "CGCI-HTMCP-CC",
            "TARGET-ALL-P3", "MP2PRT-ALL", "CPTAC-3")  # fmt: skip


@pytest.mark.parametrize("project", PROJECTS)
@pytest.mark.parametrize("source", ["gdc", "xena"])
def test_projects(source, project):
    assert checked_accession(source, project) == project


@pytest.mark.parametrize("wrong", ["GSE21050", "TCGA", "TCGA-", "-SARC", "TCGA-A/B", "tcga-sarc", "A..B-C", "A B"])
def test_no_projects(wrong):
    with pytest.raises(BadInput, match="GDC project"):
        checked_accession("gdc", wrong)


@pytest.mark.parametrize("cohort", ["TcgaTargetGtex_rsem_gene_tpm", "TcgaTargetGtex", "tcga_rsem_gene_fpkm", "GTEX",
                                    "target_RSEM_gene_fpkm", "TOIL"])  # fmt: skip
def test_the_toil_hub_is_named(cohort):
    with pytest.raises(BadInput) as refused:
        checked_accession("xena", cohort)
    assert "Toil hub" in refused.value.hint and "--source local" in refused.value.hint


def test_a_project_with_dots(get, box):
    for name in ("projects/", ""):
        box.files[f"/gdc/{name}BEATAML1.0-COHORT"] = b'{"data": {"project_id": "BEATAML1.0-COHORT", "released": true}}'
    code, said, made = get("gdc", "BEATAML1.0-COHORT")
    assert code == 0, said
    assert made["expression"].shape == (3, 5)
    asked = [json.loads(body) for _, path, _, body in box.asked if path == "/gdc/files"]
    assert "BEATAML1.0-COHORT" in json.dumps(asked)


Z = "cancer_study_identifier: mini\ngenetic_alteration_type: MRNA_EXPRESSION\nshow_profile_in_analysis_tab: true\n"
FURTHER = {
    "z": ("datatype: Z-SCORE\nstable_id: mrna_median_Zscores\n", "z.txt"),
    "z without its type": ("datatype: CONTINUOUS\nstable_id: rna_Zscores\nprofile_name: mRNA z-scores\n", "z.txt"),
    "microRNA": ("datatype: CONTINUOUS\nstable_id: mirna\nprofile_name: microRNA expression\n", "data_mirna.txt"),
    "normals": ("datatype: CONTINUOUS\nstable_id: rna_seq_mrna_median_normals\n", "normals.txt"),
}


def _archive(*further, without=()):
    folder = TEST_DATA / "mini_cbioportal"
    files = {f"mini/{p.name}": p.read_bytes() for p in sorted(folder.iterdir()) if p.name not in without}
    matrix = (folder / "data_expression_median.txt").read_bytes()
    for number, kind in enumerate(further):
        meta, name = FURTHER[kind]
        files[f"mini/meta_{number}.txt"] = f"{Z}{meta}data_filename: {name}\n".encode()
        files[f"mini/{name}"] = matrix
    return packed(MADE.tar_of(files))


class TestCbioportal:
    @pytest.mark.parametrize("kind", FURTHER)
    def test_other_kinds_need_no_choice(self, get, box, kind):
        box.files["/datahub/mini.tar.gz"] = _archive(kind)
        code, said, made = get("cbioportal", "mini")
        assert code == 0 and "expression from data_expression_median.txt" in said, said
        assert len(made["expression"]) == 2

    @pytest.mark.parametrize("kind", FURTHER)
    def test_nothing_else_is_refused(self, get, box, kind):
        """The samples need no choice; the matrix is refused with what there is; one that is chosen is marked."""
        box.files["/datahub/mini.tar.gz"] = _archive(kind, without=("meta_expression_median.txt",))
        word = "z-scores" if kind.startswith("z") else "microRNA" if kind == "microRNA" else "normal samples"
        code, said, made = get("cbioportal", "mini", outputs=("samples",))
        assert code == 0 and len(made["samples"]) == 4
        code, said, _ = get("cbioportal", "mini")
        assert code == 3 and "no expression values of genes" in said and f"({word})" in said and "--dataset" in said
        code, said, made = get("cbioportal", "mini", "--dataset", FURTHER[kind][1], outputs=("expression",))
        assert code == 0 and ("[z-scores]" in said) is kind.startswith("z") and len(made["expression"]) == 2

    def test_several_and_the_samples_alone(self, get, box):
        meta = (TEST_DATA / "mini_cbioportal" / "meta_expression_median.txt").read_bytes()
        archive = MADE.tar_of({
            **{f"mini/{p.name}": p.read_bytes() for p in (TEST_DATA / "mini_cbioportal").iterdir()},
            "mini/meta_b.txt": meta.replace(b"data_expression_median.txt", b"b.txt"), "mini/b.txt": b"x",
        })  # fmt: skip
        box.files["/datahub/mini.tar.gz"] = packed(archive)
        assert get("cbioportal", "mini", outputs=("samples",))[0] == 0
        code, said, _ = get("cbioportal", "mini")
        assert code == 3 and "several expression files: " in said and "b.txt" in said

    @pytest.mark.parametrize("name", ["mrna_z", "online_mrna_z"])
    def test_of_the_api(self, get, box, name):
        profiles = json.loads(box.files["/datahub/api/studies/online/molecular-profiles"])
        mirna = {"molecularProfileId": "online_mirna", "molecularAlterationType": "MRNA_EXPRESSION",
                 "datatype": "CONTINUOUS", "name": "microRNA expression"}  # fmt: skip
        box.files["/datahub/api/studies/online/molecular-profiles"] = json.dumps([*profiles, mirna]).encode()
        code, said, _ = get("cbioportal", "online", outputs=("expression",))
        assert code == 0 and "molecular profile online_mrna" in said
        code, said, _ = get("cbioportal", "online", "--dataset", name, outputs=("expression",))
        assert code == 0 and "[z-scores]" in said

    def test_z_scores_alone_of_the_api(self, get, box):
        path = "/datahub/api/studies/online/molecular-profiles"
        box.files[path] = json.dumps(json.loads(box.files[path])[1:]).encode()
        code, said, _ = get("cbioportal", "online", outputs=("expression",))
        assert code == 3 and "online_mrna_z (z-scores)" in said


class TestXena:
    @pytest.mark.parametrize(
        ("dataset", "words"),
        [
            ("star_tpm", "log2(TPM + 1)"), ("star_counts", "log2(count + 1)"), ("star_fpkm-uq", "log2(FPKM-UQ + 1)"),
            ("HiSeqV2", "log2(normalized count + 1)"), ("HiSeqV2_percentile", "percentile ranks"),
            ("HiSeqV2_PANCAN", "pan-cancer normalized"), ("GA", "log2(RPKM + 1)"), ("mirna", "microRNA"),
            ("AgilentG4502A_07_3", "log ratios"), ("something_new", "xenabrowser.net"),
        ],
    )  # fmt: skip
    def test_units(self, dataset, words):
        assert words in unit_of(dataset)
        assert ("log2(x + 1)" in unit_of(dataset)) is False

    @pytest.mark.parametrize("dataset", ["HiSeqV2_percentile", "HiSeqV2_PANCAN"])
    def test_of_the_tcga_hub(self, get, box, dataset):
        hub = "/xena/download/TCGA.MINI.sampleMap%2F"
        box.files[f"{hub}{dataset}.gz"] = box.files[f"{hub}HiSeqV2.gz"]
        code, said, _ = get("xena", "TCGA.MINI.sampleMap", "--dataset", dataset)
        assert code == 0 and f"TCGA.MINI.sampleMap/{dataset}.gz; {unit_of(dataset)}" in said

    def test_a_data_set_of_an_older_release(self, get, box):
        """It is the only one, so taken by default; the probe map of its release names its rows."""
        hub = "/xena/download"
        newer = box.files[f"{hub}/TCGA-MINI.star_tpm.tsv.gz"]
        del box.files[f"{hub}/TCGA-MINI.star_tpm.tsv.gz"]
        import gzip

        older = gzip.decompress(newer).replace(b".18\t", b".13\t")
        assert older != gzip.decompress(newer)
        box.files[f"{hub}/TCGA-MINI.htseq_fpkm.tsv.gz"] = packed(older)
        probemap = box.files[f"{hub}/gencode.v36.annotation.gtf.gene.probemap"]
        box.files[f"{hub}/gencode.v22.annotation.gene.probeMap"] = probemap.replace(b".18\t", b".13\t")
        for more in ((), ("--dataset", "htseq_fpkm")):
            code, said, made = get("xena", "TCGA-MINI", *more)
            assert code == 0 and "log2(FPKM + 1)" in said
            assert made["features"]["probe_id"].tolist() == made["expression"]["gene_id"].tolist()
            assert made["features"]["gene_symbol"].tolist() == ["XPO1", "TP53", "MYC"]

    def test_a_map_that_names_no_row(self, get, box):
        box.files["/xena/download/TCGA-MINI.mirna.tsv.gz"] = packed("id\tTCGA-AA-0001-01A\nhsa-let-7a\t5\n")
        code, said, made = get("xena", "TCGA-MINI", "--dataset", "mirna")
        assert code == 0 and "[genes-not-named]" in said and made["features"]["probe_id"].tolist() == ["hsa-let-7a"]


class TestArrayExpress:
    """Columns of the processed table that no sample of the SDRF has annotate its rows, wherever they stand."""

    @pytest.mark.parametrize(
        "table",
        [
            "id\thyb 1\thyb 2\thyb 3\tgene_name\tbiotype\tchromosome\tlength\n{}",
            "id\tgene_name\thyb 1\thyb 2\thyb 3\tbiotype\tchromosome\tlength\n{}",
        ],
        ids=["after", "around"],
    )
    def test_annotation(self, get, box, table):
        rows = ["1001_at\t1\t2\t3\tXPO1\tprotein coding\t2\t900\n", "1002_at\t4\t5\t6\tTP53\tlncRNA\tX\t800\n"]
        if table.startswith("id\tgene"):
            rows = ["1001_at\tXPO1\t1\t2\t3\tprotein coding\t2\t900\n", "1002_at\tTP53\t4\t5\t6\tlncRNA\tX\t800\n"]
        box.files["/biostudies/files/E-MINI-1/processed.txt"] = table.format("".join(rows)).encode()
        code, said, made = get("arrayexpress", "E-MINI-1", outputs=("expression", "samples"))
        assert code == 0, said
        assert made["expression"].columns.tolist() == ["gene_id", "hyb 1", "hyb 2", "hyb 3"]
        assert made["expression"].iloc[1].tolist() == ["1002_at", "4", "5", "6"]

    def test_text_in_a_sample_is_refused_still(self, get, box):
        table = b"id\thyb 1\thyb 2\thyb 3\tnote\n1001_at\t1\tabc\t3\tx\n"
        box.files["/biostudies/files/E-MINI-1/processed.txt"] = table
        code, said, _ = get("arrayexpress", "E-MINI-1", outputs=("expression",))
        assert code == 3 and "abc" in said

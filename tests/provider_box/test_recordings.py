"""Answers and files that the providers themselves gave (outside the repository); without them these tests skip."""

import csv
import gzip
import json
import re
from collections import Counter

import pandas as pd
import pytest
from box_contents import MADE, packed
from provider_box import status

from prognomics.data.feature_map import read_platform
from prognomics.errors import BadInput, ToChoose
from prognomics.sources.cbioportal import read_study
from prognomics.sources.gdc_cases import case_row
from prognomics.sources.geo_samples import PlatformToChoose
from prognomics.sources.geo_soft import read_soft
from prognomics.sources.magetab import read_adf, read_idf, read_sdrf
from prognomics.sources.providers import checked_accession
from prognomics.sources.xena import join_tables
from prognomics.sources.xena_datasets import RELEASES, unit_of


@pytest.fixture(scope="session")
def recordings(shared_data):
    folder = shared_data / "recordings"
    if not folder.is_dir():
        pytest.skip("the folder of recorded answers is not here")
    return folder


# samples by platform, as the files' own records count them; whether their tables have values
FAMILIES = {
    "GSE106": ({"GPL81": 5}, True), "GSE11017": ({"GPL20": 22}, True),
    "GSE1133_family": ({"GPL96": 158, "GPL1073": 122, "GPL1074": 158}, True), "GSE13949": ({"GPL6244": 48}, True),
    "GSE142485_family": ({"GPL17021": 12}, False), "GSE14613": ({"GPL96": 42}, True),
    "GSE14618": ({"GPL96": 42, "GPL570": 50}, True), "GSE16035": ({"GPL8540": 24}, True),
    "GSE2122": ({"GPL11": 4}, False),  # SAGE: tags and counts, no column VALUE
    "GSE235534_family": ({"GPL20301": 6, "GPL24676": 30, "GPL18573": 5}, False),
    "GSE26927": ({"GPL6255": 118}, True), "GSE29006_family": ({"GPL10999": 8}, False),
    "GSE3193_family": ({"GPL2776": 32, "GPL180": 44, "GPL2778": 8, "GPL2777": 1}, True),
    "GSE44903": ({"GPL14187": 142}, True), "GSE60_family": ({"GPL174": 31, "GPL175": 35, "GPL176": 67}, True),
    "GSE6344": ({"GPL96": 20, "GPL97": 20}, True), "GSE7540": ({"GPL8300": 37}, True),
}  # fmt: skip


class TestGeo:
    @pytest.mark.parametrize("name", FAMILIES)
    def test_families(self, recordings, name):
        path = recordings / "geo" / "soft" / f"{name}.soft.gz"
        samples, with_values = FAMILIES[name]
        text = gzip.decompress(path.read_bytes()).decode("latin-1")
        assert Counter(re.findall(r"^!Sample_platform_id = (\S+)", text, re.MULTILINE)) == samples
        if len(samples) > 1:
            with pytest.raises(PlatformToChoose, match=" samples"):
                read_soft(path)
        for platform, n in samples.items():
            if not with_values:
                with pytest.raises(BadInput, match="has values"):
                    read_soft(path, platform)
                continue
            cohort = read_soft(path, platform)
            assert len(cohort.samples) == n == cohort.expression.values.shape[1]
            assert set(cohort.samples["platform_id"]) == {platform}

    @pytest.mark.parametrize(("name", "rows", "columns"), [("GDS2942", 20, 28), ("GDS33", 90, 5)])
    def test_data_sets(self, recordings, name, rows, columns):
        cohort = read_soft(recordings / "geo" / "soft" / f"{name}.soft.gz")
        assert cohort.expression.values.shape == (rows, columns) and len(cohort.samples) == columns

    def test_every_specimen_is_read(self, recordings):
        names = {path.name.removesuffix(".soft.gz") for path in (recordings / "geo" / "soft").iterdir()}
        assert names == {*FAMILIES, "GDS2942", "GDS33"} and len(names) == 19

    def test_platforms(self, recordings, fetch, box):
        whole = recordings / "geo" / "acc.cgi_GPL2529_self_text_full_first400rows.txt"
        assert len(read_platform(whole)) > 300
        with pytest.raises(BadInput, match="no table"):
            read_platform(recordings / "geo" / "acc.cgi_GPL9115_self_text_full.txt")
        # without a table of genes matrix and samples stay
        record = (recordings / "geo" / "acc.cgi_GPL9115_self_text_full.txt").read_bytes()
        del box.files["/geo/platforms/GPLnnn/GPL1/annot/GPL1.annot.gz"]
        box.files["/geo/query/acc.cgi"] = record
        outputs = ("expression", "samples", "features")
        code, said, written = fetch("geo", "GSE1", f"{box.address}/geo", outputs=outputs)
        assert code == 0 and "[genes-not-named]" in said and set(written) == set(outputs)

    def test_listings(self, recordings, fetch, box):
        listing = (recordings / "geo" / "index_GSE144396_matrix.html").read_bytes()
        box.files["/geo/series/GSE144nnn/GSE144396/matrix/"] = listing
        code, said, _ = fetch("geo", "GSE144396", f"{box.address}/geo")
        assert code == 3 and "GPL18480, GPL21626" in said

    def test_a_forbidden_folder(self, recordings, fetch, box):
        page = (recordings / "geo" / "forbidden_403_directory.html").read_bytes()
        box.fail("/geo/series/GSEnnn/GSE11/matrix/", status(403, body=page, content_type="text/html"), always=True)
        assert fetch("geo", "GSE11", f"{box.address}/geo")[0] == 0


class TestArrayExpress:
    @pytest.mark.parametrize("name", ["E-MTAB-3050", "E-MEXP-2381", "E-MTAB-5813"])
    def test_studies(self, recordings, name):
        folder = recordings / "arrayexpress"
        sdrf = folder / f"{name}.sdrf.txt"
        lines = [line for line in sdrf.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
        found = read_sdrf(sdrf)
        # two lines for each array of two colors
        colors = 2 if name == "E-MTAB-5813" else 1
        assert colors * len(found.sheet) == len(lines) - 1 and found.raw_files and len(found.designs) == 1
        idf = read_idf(folder / f"{name}.idf.txt")
        assert idf["investigation title"] and all("sdrf" in n for n in idf.get("sdrf file", []))

    def test_an_idf_and_an_array_design(self, recordings):
        assert read_idf(recordings / "arrayexpress" / "E-TABM-1009.idf.txt")["comment[arrayexpressaccession]"]
        with pytest.raises(BadInput, match="no probes, or no genes"):
            read_adf(recordings / "arrayexpress" / "A-MEXP-2196_part.adf.txt")


class TestGdc:
    def test_cases(self, recordings):
        n_cases = 0
        for path in sorted((recordings / "gdc").glob("*cases*.json")):
            data = json.loads(path.read_text())["data"]
            for case in data["hits"] if "hits" in data else [data]:
                row, n_cases = case_row(case, {}), n_cases + 1
                assert all(isinstance(value, str) for value in row.values())
        assert n_cases > 10

    def test_sex_at_birth(self, recordings):
        hits = json.loads((recordings / "gdc" / "top_mutated_cases_sex_at_birth.json").read_text())["data"]["hits"]
        sexes = [case_row(case, {}).get("demographic.sex_at_birth") for case in hits]
        assert sexes and set(sexes) <= {"male", "female", None, ""} and {"male", "female"} <= set(sexes)

    def test_the_primary_diagnosis_counts(self, recordings):
        hits = json.loads((recordings / "gdc" / "cases_post_expand_diagnoses.json").read_text())["data"]["hits"]
        row = case_row(hits[0], {})
        assert row["diagnoses.diagnosis_is_primary_disease"].lower() == "true"
        assert row["diagnoses.ajcc_pathologic_stage"] == "Stage III"

    def test_a_star_file(self, recordings):
        from prognomics.sources.gdc_counts import CountsTable

        table = CountsTable("tpm")
        path = recordings / "gdc" / "star_counts_head_of_a_file.tsv"
        table.add("a", path.read_bytes(), path.name)
        assert table.expression().values[:, 0].tolist()[:3] == [44.6685, 0.0, 56.2676]


# what is taken without --dataset: a file, nothing, or a choice that has to be made
STUDIES = {
    "all_phase2_target_2018_pub": "several", "blca_bcan_hcrn_2022": "only", "brca_dfci_2020": None,
    "brca_metabric": "data_mrna_illumina_microarray.txt", "brca_tcga_pan_can_atlas_2018": "data_mrna_seq_v2_rsem.txt",
    "coad_silu_2022": "data_mrna_seq_expression.txt", "gbm_tcga_pub": "data_mrna_agilent_microarray.txt",
    "luad_oncosg_2020": "only", "mel_iatlas_riaz_nivolumab_2017": "data_mrna_seq_tpm.txt", "os_target_gdc": "several",
    "ov_tcga_pub": "data_mrna_agilent_microarray.txt", "sarc_tcga_pan_can_atlas_2018": "data_mrna_seq_v2_rsem.txt",
    "soft_tissue_tcga_gdc": "several",
}  # fmt: skip


@pytest.mark.parametrize("study", STUDIES)
def test_profiles_of_cbioportal(recordings, tmp_path, study):
    """The real meta files, with made-up data below them."""
    for path in (recordings / "cbioportal" / "datahub" / study).glob("meta_*.txt"):
        text = path.read_text(encoding="utf-8")
        (tmp_path / path.name).write_text(text, encoding="utf-8")
        named = re.search(r"^data_filename:\s*(\S+)", text, re.MULTILINE)
        if named and "MRNA_EXPRESSION" in text:
            (tmp_path / named[1]).write_text("Hugo_Symbol\tA-01\tB-01\nTP53\t1\t2\n")
    clinical = "#a\tb\n#a\tb\n#STRING\tSTRING\n#1\t1\nPATIENT_ID\tSAMPLE_ID\nA\tA-01\nB\tB-01\n"
    for name in ("data_clinical_sample.txt", "data_clinical_samples.txt"):
        (tmp_path / name).write_text(clinical)
    for name in ("data_clinical_patient.txt", "data_clinical_patients.txt"):
        (tmp_path / name).write_text("#a\tb\n#a\tb\n#STRING\tNUMBER\n#1\t1\nPATIENT_ID\tAGE\nA\t1\nB\t2\n")
    wanted = STUDIES[study]
    if wanted in ("several", "only"):
        with pytest.raises(ToChoose, match=wanted):
            read_study(tmp_path)
        assert len(read_study(tmp_path, to_choose_later=True).samples) == 2
    else:
        found = [text for text in read_study(tmp_path).notes if "expression" in text]
        assert any(text.startswith(f"expression from {wanted}:") for text in found) or (wanted is None and found)


class TestXena:
    def test_units_and_cohorts(self, recordings):
        """Of every data set of expression in the hubs' own lists the unit is known, and its cohort is an accession."""
        table = recordings / "xena" / "datasets_of_gdc_and_tcga_hubs.tsv"
        with open(table, encoding="utf-8", newline="") as handle:
            rows = list(csv.DictReader(handle, delimiter="\t"))
        assert len(rows) == 1597
        n_expression = 0
        for row in rows:
            of_gdc = row["XenaHostNames"] == "gdcHub"
            form = r"(.+?)\.([A-Za-z0-9_-]+)\.tsv" if of_gdc else r"(TCGA\.\w+\.sampleMap)/(.+)"
            found = re.fullmatch(form, row["XenaDatasets"])
            if not found or row["Type"] != "genomicMatrix" or "expression" not in row["DataSubtype"]:
                continue
            n_expression += 1
            assert checked_accession("xena", found[1]) == found[1]
            said, unit = unit_of(found[2]), row["Unit"]
            kind = re.search(r"percentile|pan-cancer|fpkm-uq|fpkm|tpm|RPKM|RPM|count|RMA|Agilent|RPPA", unit)
            assert kind and kind[0].lower() in said.lower(), (row["XenaDatasets"], said)
            if re.match(r"(star|htseq)_", found[2]):
                release = row["ProbeMap"]
                assert f"download/{release}" == RELEASES[0 if found[2].startswith("star") else 1]
        assert n_expression > 500

    def test_the_older_tables_of_a_cohort(self, recordings, tmp_path):
        phenotypes = recordings / "xena" / "TCGA-LUAD.GDC_phenotype.tsv.gz"
        sheet, _ = join_tables([phenotypes])
        assert len(sheet) == gzip.decompress(phenotypes.read_bytes()).count(b"\n") - 1 or len(sheet) > 500
        survival = (recordings / "xena" / "TCGA-LUAD.survival.tsv").read_text().replace(".", "-")
        (tmp_path / "survival.tsv").write_text(survival)
        joined, _ = join_tables([phenotypes, tmp_path / "survival.tsv"])
        assert len(joined) >= len(sheet) and "_OS" in joined.columns

    def test_a_probe_map(self, recordings, fetch, box):
        content = (recordings / "xena" / "gencode.v36.annotation.gtf.gene.probemap_first12000.tsv").read_bytes()
        genes = [line.split(b"\t")[0].decode() for line in content.splitlines()[1:4]]
        box.files["/xena/download/gencode.v36.annotation.gtf.gene.probemap"] = content
        matrix = "Ensembl_ID\tTCGA-AA-0001-01A\n" + "".join(f"{gene}\t1\n" for gene in genes)
        box.files["/xena/download/TCGA-MINI.star_tpm.tsv.gz"] = packed(matrix)
        outputs = ("expression", "features")
        code, said, written = fetch("xena", "TCGA-MINI", f"{box.address}/xena", outputs=outputs)
        assert code == 0, said
        features = pd.read_csv(written["features"], sep="\t").set_index("probe_id")
        assert features.loc["ENSG00000223972.5", "gene_symbol"] == "DDX11L1" and len(features) == 12_000


def test_profiles_of_the_api(recordings, fetch, box):
    """A study of mutations: its recorded profiles have no expression, which is said."""
    path = "/datahub/api/studies/online/molecular-profiles"
    box.files[path] = (recordings / "cbioportal" / "molecular-profiles_msk_chord_2024.json").read_bytes()
    code, said, _ = fetch("cbioportal", "online", f"{box.address}/datahub", outputs=("expression",))
    assert code == 3 and "has no expression data" in said


def test_genes_of_the_api(recordings, fetch, box):
    genes = json.loads((recordings / "cbioportal" / "genes_first_12000.json").read_text())
    assert MADE and {"entrezGeneId", "hugoGeneSymbol"} <= set(genes[0])
    box.files["/datahub/api/genes"] = json.dumps([g for g in genes if g["entrezGeneId"] > 0][:50]).encode()
    code, said, written = fetch("cbioportal", "online", f"{box.address}/datahub", outputs=("expression",))
    assert code == 0 and len(pd.read_csv(written["expression"], sep="\t")) == 50, said


def test_parameters_of_the_api(recordings):
    """The pages that are asked for are no larger than the portal's own definition allows."""
    paths = json.loads((recordings / "cbioportal" / "api_definition.json").read_text())["paths"]
    asked = ("/studies/{studyId}/samples", "/studies/{studyId}/clinical-data", "/studies/{studyId}/molecular-profiles",
             "/studies/{studyId}/sample-lists", "/genes", "/studies")  # fmt: skip
    for path in asked:
        known = {parameter["name"]: parameter for parameter in paths[path]["get"]["parameters"]}
        assert known["pageSize"]["maximum"] >= 10_000_000 and "SUMMARY" in known["projection"]["enum"]
    assert "post" in paths["/molecular-profiles/{molecularProfileId}/molecular-data/fetch"]

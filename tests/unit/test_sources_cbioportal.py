"""A cBioPortal study folder: patients joined to samples, values untouched, nothing outside the folder."""

import numpy as np
import pytest

from prognomics.errors import BadInput, UsageError
from prognomics.sources.cbioportal import read_study
from prognomics.sources.local import read_local

HEADER = "#a\tb\n#c\td\n#STRING\tSTRING\n#1\t1\n"
GENES = "Hugo_Symbol\tEntrez_Gene_Id\tP1-01\tP2-01\n"
MRNA = "genetic_alteration_type: MRNA_EXPRESSION\n"
FILES = {
    "meta_study.txt": "cancer_study_identifier: s\n",
    "meta_clinical_patient.txt": "datatype: PATIENT_ATTRIBUTES\ndata_filename: data_clinical_patient.txt\n",
    "meta_clinical_sample.txt": "datatype: SAMPLE_ATTRIBUTES\ndata_filename: data_clinical_sample.txt\n",
    "data_clinical_patient.txt": HEADER + "PATIENT_ID\tOS_STATUS\tOS_MONTHS\tAGE\n"
    "P1\t1:DECEASED\t12\t50\nP2\t0:LIVING\t[Not Available]\t60\nP3\t\t\t\n",
    "data_clinical_sample.txt": HEADER
    + "PATIENT_ID\tSAMPLE_ID\tAGE\nP1\tP1-01\t51\nP1\tP1-02\t52\nP2\tP2-01\t61\nP9\tP9-01\t9\n",
    "meta_mrna.txt": MRNA + "datatype: CONTINUOUS\nstable_id: mrna\ndata_filename: data_mrna.txt\n",
    "data_mrna.txt": GENES + "TP53\t7157\t1\t2\nDUP\t1\t3\t4\nDUP\t2\t5\tNA\n",
    "meta_z.txt": MRNA + "datatype: Z-SCORE\nstable_id: mrna_z\ndata_filename: data_z.txt\n",
    "data_z.txt": GENES + "TP53\t7157\t-1\t1\n",
}


@pytest.fixture
def study(tmp_path):
    def study(**changes):
        for name, text in {
            **FILES,
            **{key.replace("__", "."): text for key, text in changes.items()},
        }.items():
            if text is None:
                (tmp_path / name).unlink(missing_ok=True)
            else:
                (tmp_path / name).write_text(text)
        return tmp_path

    return study


def test_patients_are_joined_to_samples(study):
    cohort = read_study(study())
    sheet = cohort.samples.set_index("sample_id")
    assert sheet.index.tolist() == ["P1-01", "P1-02", "P2-01", "P9-01"]
    assert sheet["OS_STATUS"].tolist() == ["1:DECEASED", "1:DECEASED", "0:LIVING", ""]
    assert sheet.loc["P2-01", "OS_MONTHS"] == "[Not Available]"
    assert sheet["AGE"].tolist() == ["51", "52", "61", "9"] and sheet["patient.AGE"].tolist() == [
        "50",
        "50",
        "60",
        "",
    ]
    assert any("1 patients have no sample: P3" in note for note in cohort.notes)
    assert any("1 patients of samples have no row: P9" in note for note in cohort.notes)


def test_expression_is_not_the_z_scores_and_repeated_symbols_stay_apart(study):
    cohort = read_study(study())
    assert cohort.expression.row_ids == ["TP53", "DUP|1", "DUP|2"]
    np.testing.assert_array_equal(cohort.expression.values, [[1, 2], [3, 4], [5, np.nan]])
    assert cohort.features.to_numpy().tolist()[1] == ["DUP|1", "DUP", "1"]
    assert read_study(study(), profile="mrna_z").expression.values.tolist() == [[-1, 1]]


def test_a_study_without_expression(study):
    cohort = read_study(study(meta_mrna__txt=None, meta_z__txt=None))
    assert cohort.expression is None and len(cohort.samples) == 4


FAULTS = {
    "outside": ({"meta_mrna__txt": MRNA + "data_filename: ../../secret.txt\n"}, "outside the study"),
    "absolute": ({"meta_mrna__txt": MRNA + "data_filename: /etc/passwd\n"}, "outside the study"),
    "no samples": ({"data_clinical_sample__txt": None}, "no clinical samples"),
    "a repeated sample": (
        {"data_clinical_sample__txt": "PATIENT_ID\tSAMPLE_ID\nP1\tA\nP2\tA\n"},
        "more than once: A",
    ),
    "a repeated patient": (
        {"data_clinical_patient__txt": "PATIENT_ID\tX\nP1\tA\nP1\tB\n"},
        "more than once: P1",
    ),
    "no sample id": ({"data_clinical_sample__txt": "PATIENT_ID\tX\nP1\tA\n"}, "no column SAMPLE_ID"),
    "other samples": (
        {"data_mrna__txt": "Hugo_Symbol\tEntrez_Gene_Id\tX\tY\nTP53\t1\t1\t2\n"},
        "no sample of the expression",
    ),
    "two matrices": (
        {"meta_z__txt": FILES["meta_z.txt"].replace("Z-SCORE", "CONTINUOUS")},
        "several expression files",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faulty_studies_are_refused(fault, study):
    changes, message = FAULTS[fault]
    with pytest.raises(BadInput, match=message):
        read_study(study(**changes))


def test_a_link_may_not_leave_the_folder(study, tmp_path_factory):
    folder = study(data_mrna__txt=None)
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.txt"
    secret.write_text(FILES["data_mrna.txt"])
    (folder / "data_mrna.txt").symlink_to(secret)
    with pytest.raises(BadInput, match="outside the study"):
        read_study(folder)


def test_no_folder(tmp_path):
    with pytest.raises(UsageError):
        read_study(tmp_path / "none")


def test_the_real_study(shared_data):
    cohort = read_local([shared_data / "cbioportal" / "study_es_0"])
    patients = cohort.samples.drop_duplicates("PATIENT_ID")
    assert len(patients) == 841 and (patients["OS_STATUS"] == "1:DECEASED").sum() == 87
    assert cohort.expression.values.shape[0] == 6

"""Ids that look like numbers keep all their digits: of samples, patients, cohorts and groups, in frames and files."""

import numpy as np
import pandas as pd
import pytest

from prognomics import tools
from prognomics.data.columns import id_values, number_text, text_values
from prognomics.data.patients import find_repeats, patient_keys
from prognomics.data.registry import artifact
from prognomics.data.sheet import as_sheet, read_sheet
from prognomics.data.store import accept, write
from prognomics.errors import BadInput
from prognomics.expression.confounding import cross_table
from prognomics.stats.confounding import cohort_names

FIRST = 20120101121  # eleven digits: two such ids are one number in %.10g
N = 60


def ids(kind, step=1):
    numbers = [FIRST + i * step for i in range(N)]
    return {
        "float": np.array(numbers, float), "int": np.array(numbers), "object": np.array(numbers, object),
        "mixed": np.array([float(n) if n % 2 else n for n in numbers], object), "text": [str(n) for n in numbers],
        "nullable": pd.array(numbers, dtype="Int64"), "category": pd.Categorical([str(n) for n in numbers]),
    }[kind]  # fmt: skip


KINDS = ["float", "int", "object", "mixed", "text", "nullable", "category"]
TEXT = [str(FIRST + i) for i in range(N)]


def frame(kind):
    return pd.DataFrame({
        "sample_id": ids(kind), "patient_id": ids(kind), "batch": pd.Series(ids(kind)).iloc[[i % 3 for i in range(N)]]
        .to_numpy(), "cohort": pd.Series(ids(kind)).iloc[[i % 2 for i in range(N)]].to_numpy(),
        "os_time": [(7 * i) % 31 + 1 for i in range(N)], "os_event": [int(i % 5 != 0) for i in range(N)],
        "age_years": [40 + (11 * i) % 29 for i in range(N)],
    })  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_labels_of_every_kind_of_column(kind):
    sheet = as_sheet(frame(kind))
    assert sheet.sample_ids == sheet.labels("patient_id").tolist() == TEXT
    assert set(sheet.labels("batch")) == set(TEXT[:3]) and set(sheet.labels("cohort")) == set(TEXT[:2])
    assert len(sheet.subset([f"batch={TEXT[1]}"])) == N // 3
    assert len(find_repeats(sheet, patient_keys(sheet), np.ones(N, bool))) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_groups_cohorts_and_strata_stay_apart(kind):
    given = frame(kind)
    curves = tools.kaplan_meier(samples=given, endpoint="os", group_column="batch", strata="cohort")
    assert set(curves.summary["group"]) >= set(TEXT[:3])
    effects = tools.meta_analysis(samples=given, endpoint="os", marker_column="age_years").table
    assert set(TEXT[:2]) <= set(effects["cohort"])
    table = tools.associate(samples=given, group_column="batch", variable="age_years").table
    assert set(table["group"].dropna()) >= set(TEXT[:3])
    model = tools.cox(samples=given, endpoint="os", covariate="batch", factor="batch", strata="cohort").table
    assert set(model["level"].dropna()) == set(TEXT[:3])


@pytest.mark.parametrize("kind", KINDS)
def test_annotations_join_and_matrices_match(kind):
    given = frame(kind)
    note = pd.DataFrame({"sample_id": ids(kind), "score": np.arange(N, dtype=float)})
    joined = as_sheet(given).annotate(accept(artifact("annotation"), note), "note")
    assert joined.numbers("score").tolist() == list(range(N))
    assert as_sheet(given).annotate(note, "note").numbers("score").tolist() == list(range(N))
    matrix = accept(artifact("expression_matrix"), pd.DataFrame(np.ones((2, N)), ["A", "B"], pd.Index(ids(kind))))
    assert matrix.sample_ids == TEXT


@pytest.mark.parametrize("kind", KINDS)
def test_written_sheets_are_read_again(kind, tmp_path):
    sheet = as_sheet(frame(kind))
    path = tmp_path / "s.tsv"
    write(artifact("sample_sheet"), sheet, path, artifact("sample_sheet").formats[0])
    again = read_sheet(path)
    for column in ("sample_id", "patient_id", "cohort", "batch"):
        assert again.labels(column).tolist() == sheet.labels(column).tolist()
    assert "\t40\n" in path.read_text() or "\t40\t" in path.read_text()


def test_texts_of_numbers():
    values = [1.0, -0.0, 0.1, 2.5e-7, 1e15, 123456789012345678.0, np.float32(3), 7, True]
    shown = ["1", "0", "0.1", "2.5e-07", "1000000000000000", "123456789012345680", "3", "7", "True"]
    assert text_values(pd.Series(values, dtype=object)).tolist()[:5] == shown[:5]
    assert number_text(10**17 + 1) == "100000000000000001"  # an integer has no limit
    assert text_values(pd.Series([10**17, 10**17 + 1])).nunique() == 2
    assert [number_text(v) for v in (np.inf, -np.inf, 1e300)] == ["inf", "-inf", "1e+300"]
    mixed = pd.Series([1.0, "1", " 1 ", "NA", "", None, np.nan, pd.NA, True], dtype=object)
    assert text_values(mixed).tolist() == ["1", "1", "1", None, None, None, None, None, "True"]


@pytest.mark.parametrize("name", ["sample_id", "patient_id", "cohort"])
def test_lost_digits_are_refused_not_merged(name):
    given = frame("text").assign(**{name: np.array([2.0**60 + i * 1000 for i in range(N)])})
    with pytest.raises(BadInput, match=f"'{name}' are floats of more than 15 digits.*\n.*\n.*read the column as text"):
        as_sheet(given)
    kept = as_sheet(frame("text").assign(**{name: [2**60 + i for i in range(N)]}))
    assert len(set(kept.labels(name))) == N
    assert id_values(pd.Series([np.inf, 2.0**53])).tolist() == ["inf", "9007199254740992"]


def test_large_numbers_that_are_no_ids_stay_numbers():
    sheet = as_sheet(frame("text").assign(area=np.linspace(1e15, 1e18, N)))
    assert sheet.numbers("area")[-1] == 1e18
    with pytest.raises(BadInput, match="last digits are lost"):
        sheet.labels("area")


def test_tables_of_confounding_keep_the_cohorts_apart():
    numbers = np.array([FIRST, FIRST + 1, FIRST, np.nan])
    assert cohort_names(numbers).tolist() == [str(FIRST), str(FIRST + 1), str(FIRST), "(no cohort)"]
    assert cross_table(numbers, [1.0, 2, 1, 1]).shape == (2, 2)

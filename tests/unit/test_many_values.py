"""Many values, groups and levels: lists are read in one pass, and what cannot be compared is refused early."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.association.association import associate_groups, associate_marker
from prognomics.cli import commands
from prognomics.data.levels import require_few_groups, require_few_levels
from prognomics.data.names_in_options import filter_name
from prognomics.data.sheet import as_sheet
from prognomics.errors import AnalysisWarning, BadInput
from prognomics.modeling.design_matrix import build_design
from prognomics.survival.curves.kaplan_meier_analysis import kaplan_meier_analysis


def sheet_of(values):
    return as_sheet(pd.DataFrame({"sample_id": [f"s{i}" for i in range(len(values))], "g": values}))


def test_a_filter_of_a_hundred_thousand_values():
    values = [f"v{i}, x" if i % 3 == 0 else f"v{i}" for i in range(100_000)]
    sheet = sheet_of(values)
    assert sheet.matches("g=" + ",".join(values)).all()
    assert sheet.matches("g!=" + ",".join(values[1:])).tolist() == [True] + [False] * 99_999


def test_values_with_commas_are_found_before_their_parts():
    sheet = sheet_of(["a", "a,b", "a, b,c", "b", "c", " d ,e"])
    assert sheet.matches("g=a,b,c").tolist() == [False, True, False, False, True, False]
    assert sheet.matches("g=a, b,c").tolist() == [False, False, True, False, False, False]
    assert sheet.matches("g=b, a").tolist() == [True, False, False, True, False, False]
    assert sheet.matches("g!=c,a,b").tolist() == [True, False, True, True, False, True]


def test_messages_do_not_repeat_a_long_filter():
    sheet = sheet_of(["a", "b"])
    with pytest.warns(AnalysisWarning) as caught:
        sheet.matches("g=a," + ",".join(f"q{i}" for i in range(10_000)))
    assert len(str(caught[0].message)) < 500
    with pytest.raises(BadInput) as refused:
        sheet.matches(" " * 100_000)
    assert len(str(refused.value)) < 500


def test_results_state_the_first_of_many_values_and_how_many_there_are():
    sheet = sheet_of([f"v{i}, x" for i in range(40)])
    few, many = "g=" + ",".join(f"v{i}, x" for i in range(10)), "g!=" + ",".join(f"v{i}, x" for i in range(1, 40))
    assert sheet.subset([few]).population == few
    taken = sheet.subset(["sample_id=s0", many])
    assert len(taken) == 1 and taken.population == "sample_id=s0 & g!=v1, x,v2, x,v3, x,… (39 values)"
    assert filter_name("a=" + ",".join(map(str, range(2000)))) == "a=0,1,2,… (2,000 values)"
    assert len(filter_name("a=" + ",".join(["b" * 5000] * 11))) < 700


def test_the_record_has_all_values_of_a_filter_the_table_few(tmp_path):
    frame = sheet_of([f"v{i}" for i in range(60)]).frame.assign(
        patient_id=lambda f: f["sample_id"], cohort="c", os_time=np.arange(1.0, 61), os_event=[0, 1] * 30
    )
    sheet, summary, record = (str(tmp_path / name) for name in ("sheet.tsv", "summary.tsv", "record.json"))
    frame.to_csv(sheet, sep="\t", index=False)
    condition = "g=" + ",".join(f"v{i}" for i in range(50))
    words = ["kaplan_meier", "--samples", sheet, "--endpoint", "os", "--where", condition]
    commands.main([*words, "--out-summary", summary, "--out-record", record], "prognomics", standalone_mode=False)
    assert set(pd.read_csv(summary, sep="\t")["population"]) == {"g=v0,v1,v2,… (50 values)"}
    kept = json.loads(Path(record).read_text(encoding="utf-8"))
    assert kept["population"] == condition and kept["parameters"]["where"] == [condition]


@pytest.mark.parametrize("condition", ["g", "=a", "!=a", "  =a"])
def test_what_is_no_filter_is_refused(condition):
    with pytest.raises(BadInput, match="cannot be read"):
        sheet_of(["a", "b"]).matches(condition)


def test_a_filter_of_signs_only_is_read_in_one_pass():
    with pytest.raises(BadInput, match="no column 'x'") as refused:
        sheet_of(["a", "b"]).matches("x" + "=" * 100_000)
    assert len(str(refused.value)) < 500


def cohort(n):
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {"sample_id": [f"s{i}" for i in range(n)], "t": rng.exponential(20, n), "d": rng.integers(0, 2, n)}
    )


def test_curves_by_an_identifier_are_refused():
    frame = cohort(400).assign(patient_id=[f"p{i}" for i in range(400)])
    with pytest.raises(BadInput, match="400 groups are too many to compare in pairs") as refused:
        kaplan_meier_analysis(frame, "t", "d", "patient_id")
    assert "patient_id" in refused.value.where


@pytest.mark.parametrize(
    ("n", "per_level", "words"), [(400, 1, "identifier"), (600, 3, "too many"), (40, 1, "identifier")]
)
def test_an_identifier_is_no_factor_of_a_model(n, per_level, words):
    frame = cohort(n).assign(pid=[f"p{i // per_level}" for i in range(n)])
    with pytest.raises(BadInput, match=words) as refused:
        build_design(frame, ["pid"], frame["d"].to_numpy())
    assert "'pid'" in refused.value.what


@pytest.mark.parametrize("role", ["variable", "group", "variable of a marker"])
def test_an_identifier_is_no_variable_of_an_association(role):
    ids, halves = [f"p{i}" for i in range(60)], ["low", "high"] * 30
    of_ids = pd.DataFrame({"pid": ids if role != "group" else halves})
    with pytest.raises(BadInput, match="60 levels in 60 samples, as an identifier"):
        if role == "variable of a marker":
            associate_marker(of_ids, np.arange(60.0), marker_name="m", kinds={"pid": "categorical"})
        else:
            groups = halves if role == "variable" else ids
            associate_groups(of_ids, groups, kinds={"pid": "categorical"}, numeric_test="welch")


def test_thirty_groups_and_factors_of_few_samples_are_taken():
    assert require_few_groups([str(i) for i in range(30)]) is None
    assert require_few_levels("site", [str(i) for i in range(10)], 10) is None
    assert require_few_levels("site", [str(i) for i in range(100)], 1000) is None

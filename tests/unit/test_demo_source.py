"""The demo cohorts: no network, the same values each time, curated without a mapping of the user's."""

import numpy as np
import pytest

from prognomics.data.standard_mappings import fitted_mapping
from prognomics.errors import BadInput
from prognomics.sources.demo import ACCESSIONS, read_demo


@pytest.mark.parametrize("accession", ACCESSIONS)
def test_the_same_each_time_and_measured_for_each_sample(accession):
    cohort, again = read_demo(accession), read_demo(accession.lower())
    assert np.array_equal(cohort.expression.values, again.expression.values)
    assert cohort.samples.equals(again.samples)
    assert cohort.samples["sample_id"].tolist() == cohort.expression.sample_ids
    assert "XPO1" in set(cohort.features["gene_symbol"])
    assert set(cohort.expression.row_ids) == set(cohort.features["probe_id"])


def test_cohorts_share_probes_but_no_sample():
    cohorts = [read_demo(a) for a in ACCESSIONS]
    assert len({tuple(sorted(c.expression.row_ids)) for c in cohorts}) == 1
    assert len({s for c in cohorts for s in c.expression.sample_ids}) == sum(len(c.samples) for c in cohorts)


def test_the_built_in_mapping_fits():
    mapping = fitted_mapping("demo", read_demo("DEMO1").samples.columns.tolist())
    assert set(mapping["endpoints"]) == {"mfs", "os"}
    assert set(mapping["columns"]) == {"age_years", "sex", "grade", "tumor_size_cm", "depth", "subtype"}


def test_another_name_is_refused():
    with pytest.raises(BadInput, match="DEMO4"):
        read_demo("DEMO4")

"""Three small simulated cohorts that come with the suite: for trying it out, for tutorials and for tests.

They need no network. Their ground truth is that of `simulate_cohorts`; no patient is behind them.
"""

from __future__ import annotations

from prognomics.errors import BadInput
from prognomics.sources.raw import RawCohort, RawExpression

ACCESSIONS = ("DEMO1", "DEMO2", "DEMO3")
HAZARD_RATIO = 2.0
MARKER = "XPO1"


def read_demo(accession: str) -> RawCohort:
    """Draw one of the simulated cohorts; the same values each time.

    Parameters
    ----------
    accession : {'DEMO1', 'DEMO2', 'DEMO3'}
        In any case.

    Returns
    -------
    RawCohort
        Probes of an array with their map to genes, and a clinical table with metastasis-free and overall survival.

    Raises
    ------
    BadInput
        Another name.
    """
    from prognomics.simulate.cohorts import simulate_cohorts
    from prognomics.simulate.files import clinical_table

    name = accession.strip().upper()
    if name not in ACCESSIONS:
        raise BadInput(f"there is no demo cohort {accession!r}", hint=f"there are: {', '.join(ACCESSIONS)}")
    simulation = simulate_cohorts(
        len(ACCESSIONS), 80, 200, MARKER, HAZARD_RATIO, 2013, n_normals=12, n_relapses=6, event_fraction=0.4,
        signature_size=30, platforms=["affymetrix"], shared_platforms=True,
    )  # fmt: skip
    index = ACCESSIONS.index(name)
    cohort = list(simulation.cohorts())[index]
    ids = [f"{name}-{number:03d}" for number in range(1, len(cohort.truth) + 1)]
    samples, _ = clinical_table(simulation, cohort, index, dialect=0)
    samples.insert(0, "sample_id", ids)
    measured = cohort.expression
    notes = [f"{name} is simulated: {MARKER} has a hazard ratio of {HAZARD_RATIO:g} per standard deviation"]
    return RawCohort(RawExpression(measured.values, list(measured.probe_ids), ids), samples, measured.features, notes)

"""Make cohorts with a known truth."""

from __future__ import annotations


def simulate_cohorts(
    cohorts: int,
    samples_per_cohort: list[int],
    genes: int,
    marker: str,
    hazard_ratio: float,
    hazard_ratio_of: str,
    high_fraction: float,
    normals: int,
    relapses: int,
    outcomes: int | None,
    event_fraction: float,
    endpoint: list[str],
    cohort_hazard_sd: float,
    cohort_marker_sd: float,
    signature_size: int,
    shared_platforms: bool,
    batch_shift: float,
    normal_shift: float,
    median_followup: float,
    signature_strength: float,
    signature_marker_correlation: float,
    age_marker_correlation: float,
    subtype_association: float,
    immune_genes: int,
    immune_marker_correlation: float,
    response_fraction: float | None,
    response_odds_ratio: float,
    response_of: str,
    seed: int,
    format: str,
) -> dict[str, object]:
    from prognomics.simulate.cohorts import simulate_cohorts as simulate
    from prognomics.simulate.files import SimulationFolder

    sizes = samples_per_cohort * cohorts if len(samples_per_cohort) == 1 else samples_per_cohort
    simulation = simulate(
        cohorts, sizes, genes, marker, hazard_ratio, seed, hazard_ratio_of=hazard_ratio_of, high_fraction=high_fraction,
        n_normals=normals, n_relapses=relapses, n_outcomes=outcomes, event_fraction=event_fraction, endpoints=endpoint,
        cohort_hazard_sd=cohort_hazard_sd, cohort_marker_sd=cohort_marker_sd, signature_size=signature_size,
        shared_platforms=shared_platforms, batch_shift=batch_shift, normal_shift=normal_shift,
        median_followup=median_followup, signature_strength=signature_strength,
        signature_marker_correlation=signature_marker_correlation,
        age_marker_correlation=age_marker_correlation, subtype_association=subtype_association,
        immune_genes=immune_genes, immune_marker_correlation=immune_marker_correlation,
        response_fraction=response_fraction, response_odds_ratio=response_odds_ratio, response_of=response_of,
    )  # fmt: skip
    return {"directory": SimulationFolder(simulation, format)}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)

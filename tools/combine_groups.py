"""Groups of several markers together."""

from __future__ import annotations

import pandas as pd

from prognomics.data.endpoint import Endpoint
from prognomics.data.sheet import SampleSheet


def combine_groups(
    samples: SampleSheet,
    column: list[str],
    short_name: list[tuple[str, str]],
    rule: str,
    high_level: list[tuple[str, str]],
    recode: list[tuple[str, str]],
    event_by: float | None,
    free_until: float | None,
    endpoint: Endpoint | None,
    name: str | None,
) -> dict[str, object]:
    from prognomics.cutpoint.crossed_groups import cross_groups, group_table
    from prognomics.cutpoint.recoded_groups import recode_levels, survival_extremes
    from prognomics.errors import UsageError

    names = dict(short_name)
    columns = [samples.resolve(c) for c in column]
    shown = {names.get(c, c): samples.labels(c) for c in columns}
    levels = {names.get(samples.resolve(c), c): level for c, level in high_level}
    if rule == "extremes":
        if endpoint is None or columns:
            raise UsageError("extremes are of an endpoint, without columns", hint="give --endpoint")
        groups, shown = survival_extremes(endpoint.time_months, endpoint.event, event_by, free_until), [endpoint.name]
    elif rule == "recode":
        if len(columns) != 1:
            raise UsageError("levels of one column are recoded", hint="give --column once")
        groups = recode_levels(columns[0], *shown.values(), dict(recode))
    else:
        groups = cross_groups(shown, rule, levels)
    table = group_table(
        groups, endpoint.event if endpoint else None, endpoint.name if endpoint else None, samples.population
    )
    made = name or "_".join([*shown, *([rule] if rule != "cross" else [])])
    return {"groups": pd.DataFrame({"sample_id": samples.sample_ids, made: groups}), "table": table}


if __name__ == "__main__":
    from prognomics.cli import run_script

    run_script(__file__)

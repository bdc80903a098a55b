"""Look-ups in the tables of a Kaplan-Meier analysis: what to draw, nothing computed again."""

from __future__ import annotations

import numpy as np
import pandas as pd

from prognomics.report.figures.look import TimeUnit
from prognomics.report.wording import as_number, format_months, format_percent, is_absent, p_phrase

TEST_NAMES = {
    "logrank": "Log-rank",
    "log-rank": "Log-rank",
    "wilcoxon": "Wilcoxon (Gehan-Breslow)",
    "peto": "Peto-Peto",
}


def curve_groups(curve: pd.DataFrame) -> list[object]:
    """The groups in the order in which the curve table lists them."""
    return list(dict.fromkeys(curve["group"]))


def numbers_at_risk(curve: pd.DataFrame, times: np.ndarray) -> np.ndarray:
    """How many of one group were at risk just before each time.

    Parameters
    ----------
    curve : DataFrame
        One group's rows of the curve table, sorted by `time_months`.
    times : ndarray, shape=(n_times,)

    Returns
    -------
    ndarray of int, shape=(n_times,)
        `n_risk` of the first row at or after each time; 0 beyond the last row, as R's
        `summary(survfit, times=)` gives it.
    """
    n_risk = np.append(curve["n_risk"].to_numpy(dtype=float), 0.0)
    index = np.searchsorted(curve["time_months"].to_numpy(dtype=float), times, side="left")
    return n_risk[index].astype(np.int64)


def step_points(
    curve: pd.DataFrame, longest: float, steps: int = 3000, column: str = "survival", start: float = 1.0
) -> pd.DataFrame:
    """One group's curve as the corners of its steps, from time 0, at which the values of `column` are `start`.

    Rows without an event do not change the curve and are excluded; so are all but the
    last of several rows that fall into the same 1/`steps` of the axis, which no print
    can distinguish (10,000 samples would otherwise make a huge file).
    """
    columns = ["time_months", column, "ci_low", "ci_high"]
    changed = curve["n_event"] > 0
    if "n_competing" in curve:
        changed |= curve["n_competing"] > 0
    data = curve.loc[changed, columns].astype(float)
    if len(data) > steps:
        place = np.floor(data["time_months"].to_numpy() / max(longest, 1e-12) * steps)
        data = data[np.append(place[1:] != place[:-1], True)]
    first = pd.DataFrame({"time_months": [0.0], column: [start], "ci_low": [start], "ci_high": [start]})
    last = data.iloc[-1:] if len(data) else first
    end = last.assign(time_months=float(curve["time_months"].max()))
    return pd.concat([first, data, end], ignore_index=True)


def censored_points(curve: pd.DataFrame, longest: float, marks: int = 500) -> tuple[np.ndarray, np.ndarray]:
    """Times and heights of the censor marks of one group, at most one in each 1/`marks` of the axis."""
    data = curve.loc[curve["n_censor"] > 0, ["time_months", "survival"]].astype(float)
    times, heights = data["time_months"].to_numpy(), data["survival"].to_numpy()
    if len(times) > marks:
        place = np.floor(times / max(longest, 1e-12) * marks)
        keep = np.append(True, place[1:] != place[:-1])
        times, heights = times[keep], heights[keep]
    return times, heights


def group_counts(curve: pd.DataFrame, summary: pd.DataFrame | None, group: object) -> tuple[float, float]:
    """Samples and events of a group, from the summary or else from its curve."""
    if summary is not None and len(summary):
        rows = summary[summary["group"].astype(str) == str(group)]
        if len(rows):
            return as_number(rows["n"].iloc[0]), as_number(rows["events"].iloc[0])
    rows = curve[curve["group"] == group]
    return as_number(rows["n_risk"].max()), as_number(rows["n_event"].sum())


def summary_row(summary: pd.DataFrame | None, group: object, statistic: str, time: float | None = None) -> pd.Series:
    """The summary's row of a statistic (and time) in a group, or None."""
    if summary is None or not len(summary):
        return None
    chosen = (summary["group"].astype(str) == str(group)) & (summary["statistic"] == statistic)
    if time is not None:
        chosen &= np.isclose(pd.to_numeric(summary["time_months"], errors="coerce"), time)
    rows = summary[chosen]
    return rows.iloc[0] if len(rows) else None


def rate_text(summary: pd.DataFrame | None, group: object, time: float) -> str:
    row = summary_row(summary, group, "survival", time)
    return "–" if row is None else format_percent(row["estimate"], row["ci_low"], row["ci_high"])


def median_text(summary: pd.DataFrame | None, group: object, unit: TimeUnit) -> str:
    row = summary_row(summary, group, "median")
    if row is None:
        return "–"
    return format_months(*(unit.of(as_number(row[name])) for name in ("estimate", "ci_low", "ci_high")), unit.decimals)


def overall_test_lines(test: pd.DataFrame | None) -> list[str]:
    """A line for each overall test, the stratified ones first: `Log-rank p = 0.003 (by cohort)`."""
    if test is None or not len(test):
        return []
    rows = test[test["comparison"] == "overall"] if "comparison" in test else test
    if "strata" not in rows:
        rows = rows.assign(strata="NA")
    rows = rows.drop_duplicates(subset=["test", "strata"])
    found = []
    for _, row in rows.iterrows():
        if is_absent(row["p_value"]):
            continue
        strata = "" if is_absent(row["strata"]) or row["strata"] == "none" else str(row["strata"])
        name = TEST_NAMES.get(str(row["test"]).casefold(), str(row["test"]))
        note = f" (stratified by {strata})" if strata else ""
        found.append((not strata, f"{name} {p_phrase(row['p_value'])}{note}"))
    both = len({unstratified for unstratified, _ in found}) == 2
    return [
        f"{line} (not stratified)" if both and unstratified else line
        for unstratified, line in sorted(found, key=lambda pair: pair[0])
    ]

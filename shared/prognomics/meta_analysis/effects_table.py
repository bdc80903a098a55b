"""Effects known from elsewhere, as publications give them: log hazard ratios, or hazard ratios with intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtri

from prognomics.data.columns import text_values
from prognomics.errors import BadInput, first_few, unknown_name

RATIO_COLUMNS = ("hr", "ci_low", "ci_high")
LOG_COLUMNS = ("log_hr", "se")
ANY_COLUMNS = ("estimate", "se")
LOPSIDED = 0.1


def extract_effects(
    frame: pd.DataFrame, scale: str = "log_ratio", subgroup: str | None = None, conf_level: float = 0.95
) -> pd.DataFrame:
    """The table with `log_hr` and `se`, made from `hr`, `ci_low` and `ci_high` where it lacks them.

    The standard error is the width of the interval on the log scale over twice the normal quantile (Parmar, Torri
    and Stewart 1998, doi 10.1002/(SICI)1097-0258(19981230)17:24<2815::AID-SIM110>3.0.CO;2-8). A cohort without a
    number keeps its row. Any effect is taken from the columns `estimate` and `se`; on the scale "difference" only
    those. `subgroup` names a column of text, which becomes `subgroup`.

    Raises
    ------
    BadInput
        Neither pair of columns is there; ratios and limits that are not positive, or out of order; an interval that
        is asymmetric about its ratio on the log scale by more than a tenth of its width (a misprint, or no Wald
        interval).
    """
    if subgroup is not None:
        if subgroup not in frame.columns:
            raise unknown_name("subgroup column", subgroup, map(str, frame.columns), where="table of effects")
        frame = frame.assign(subgroup=text_values(frame[subgroup]))
    elif "subgroup" in frame.columns:
        frame = frame.drop(columns="subgroup")
    if all(column in frame.columns for column in ANY_COLUMNS):
        if "log_hr" in frame.columns:
            raise BadInput("the effects have both estimate and log_hr", hint="leave one of them out")
        return frame.assign(log_hr=frame["estimate"])
    if scale == "difference":
        raise BadInput("differences are given in the columns estimate and se",
                       where=f"columns: {first_few(frame.columns, 10)}")  # fmt: skip
    if all(column in frame.columns for column in LOG_COLUMNS):
        return frame
    lacking = [column for column in RATIO_COLUMNS if column not in frame.columns]
    if lacking:
        raise BadInput(
            f"the effects have neither log_hr and se nor {', '.join(RATIO_COLUMNS)}",
            where=f"columns: {first_few(frame.columns, 10)}",
            hint="give log_hr and se, or hr with its 95% limits ci_low and ci_high",
        )
    ratio, low, high = (frame[column].to_numpy(dtype=float) for column in RATIO_COLUMNS)
    known = np.isfinite(ratio) & np.isfinite(low) & np.isfinite(high)
    with np.errstate(invalid="ignore", divide="ignore"):
        wrong = known & ~((0 < low) & (low < ratio) & (ratio < high))
        width = np.log(high) - np.log(low)
        middle = (np.log(high) + np.log(low)) / 2
        lopsided = known & ~wrong & (np.abs(np.log(ratio) - middle) > LOPSIDED * width)
        log_hr, se = np.log(ratio), width / (2 * float(ndtri(0.5 + conf_level / 2)))
    names = (
        text_values(frame["cohort"]).fillna("").to_numpy()
        if "cohort" in frame.columns
        else np.arange(len(frame)).astype(str)
    )
    if wrong.any():
        raise BadInput("a hazard ratio does not lie between its limits, or is not positive",
                       where=first_few(names[wrong]),
                       hint="hr, ci_low and ci_high are ratios, not logarithms")  # fmt: skip
    if lopsided.any():
        raise BadInput("an interval is lopsided about its hazard ratio on the log scale",
                       where=first_few(names[lopsided]),
                       hint="look for a misprint; where it is none, give log_hr and se themselves")  # fmt: skip
    return frame.assign(log_hr=np.where(known, log_hr, np.nan), se=np.where(known, se, np.nan))

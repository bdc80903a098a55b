"""Tables of an invented study of three cohorts, as the tools would hand them on."""

from __future__ import annotations

import numpy as np
import pandas as pd

COHORTS = {"gse1992": (124, 35), "gse3143": (158, 50), "gse4335": (115, 38)}


def survival_sample(n: int, seed: int, hazard: float = 0.008, longest: float = 150.0):
    """Times in months and events, rounded to a tenth so that ties occur."""
    rng = np.random.default_rng(seed)
    time, censored = rng.exponential(1 / hazard, n), rng.uniform(2, longest, n)
    return np.round(np.minimum(time, censored), 1), (time <= censored).astype(int)


def km_curve(groups: dict[str, tuple[np.ndarray, np.ndarray]]) -> pd.DataFrame:
    """A product-limit table with plain intervals on the log scale."""
    frames = []
    for group, (time, event) in groups.items():
        times = np.unique(time)
        n_risk = (
            (time[:, None] >= times).sum(axis=0)
            if len(time) < 2000
            else len(time) - np.searchsorted(np.sort(time), times)
        )
        n_event = np.bincount(np.searchsorted(times, time), weights=event, minlength=len(times))
        n_all = np.bincount(np.searchsorted(times, time), minlength=len(times))
        survival = np.cumprod(1 - n_event / n_risk)
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = np.sqrt(np.cumsum(n_event / (n_risk * (n_risk - n_event))))
            se = np.where(survival > 0, survival * spread, np.nan)
            low, high = survival * np.exp(-1.96 * spread), np.minimum(1, survival * np.exp(1.96 * spread))
        frames.append(
            pd.DataFrame(
                {
                    "group": group,
                    "time_months": times,
                    "n_risk": n_risk.astype(float),
                    "n_event": n_event,
                    "n_censor": n_all - n_event,
                    "survival": survival,
                    "se": se,
                    "ci_low": low,
                    "ci_high": high,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def km_summary(curve: pd.DataFrame, at: tuple[float, ...] = (60.0,)) -> pd.DataFrame:
    rows = []
    for group, part in curve.groupby("group", sort=False):
        base = {"group": group, "n": part["n_risk"].max(), "events": part["n_event"].sum(), "conf_type": "log"}
        for time in at:
            before = part[part["time_months"] <= time]
            last = before.iloc[-1] if len(before) else None
            if last is not None:
                rows.append(
                    {
                        **base,
                        "statistic": "survival",
                        "time_months": time,
                        "n_risk": last["n_risk"],
                        "estimate": last["survival"],
                        "se": last["se"],
                        "ci_low": last["ci_low"],
                        "ci_high": last["ci_high"],
                    }
                )
        below = part[part["survival"] <= 0.5]
        median = below["time_months"].iloc[0] if len(below) else np.nan
        rows.append({**base, "statistic": "median", "estimate": median, "ci_low": median * 0.8, "ci_high": np.nan})
        rows.append({**base, "statistic": "followup_reverse_km", "estimate": 71.3, "ci_low": 60.0, "ci_high": 80.0})
        rows.append(
            {
                **base,
                "statistic": "observed_time",
                "estimate": part["time_months"].median(),
                "min": part["time_months"].min(),
                "max": part["time_months"].max(),
            }
        )
    columns = [
        "group",
        "statistic",
        "time_months",
        "n",
        "events",
        "n_risk",
        "estimate",
        "se",
        "ci_low",
        "ci_high",
        "min",
        "max",
        "conf_type",
    ]
    return pd.DataFrame(rows).reindex(columns=columns)


def km_test(p_value: float, strata: object = np.nan) -> pd.DataFrame:
    base = {
        "test": "logrank",
        "strata": strata,
        "comparison": "overall",
        "chisq": 7.1,
        "df": 1.0,
        "p_value": p_value,
        "p_adjusted": np.nan,
    }
    return pd.DataFrame(
        [
            {**base, "group": "low", "n": 60.0, "observed": 15.0, "expected": 20.2},
            {**base, "group": "high", "n": 64.0, "observed": 20.0, "expected": 14.8},
        ]
    )


def cox_row(model: str, term: str, row_type: str = "level", **values) -> dict:
    row = {
        "model": model,
        "row_type": row_type,
        "term": term,
        "level": np.nan,
        "reference": np.nan,
        "unit": np.nan,
        "n": 397.0,
        "events": 123.0,
        "strata": np.nan,
        "ties": "efron",
        "selected_by": "all",
        "estimable": "yes",
        "endpoint": "os",
    }
    row.update(values)
    return row


def cox_table(
    hr: float = 1.62, strata: object = "cohort", n: float = 397.0, events: float = 123.0, marker: str = "XPO1_group"
) -> pd.DataFrame:
    rows = []
    for model, shift in (("univariable", 1.0), ("multivariable", 0.9)):
        base = {"strata": strata, "n": n, "events": events}
        estimate = {
            "hr": hr * shift,
            "beta": np.log(hr * shift),
            "se": 0.19,
            "ci_low": hr * shift * 0.69,
            "ci_high": hr * shift * 1.45,
            "statistic": 2.54,
            "p_value": 0.0111 / shift,
        }
        if marker.endswith("_group"):
            rows.append(
                cox_row(
                    model, marker, "reference", level="low", reference="low", n_level=200.0, events_level=51.0, **base
                )
            )
            rows.append(
                cox_row(
                    model, marker, level="high", reference="low", n_level=197.0, events_level=72.0, **base, **estimate
                )
            )
        else:
            rows.append(cox_row(model, marker, unit="1", **base, **estimate))
        rows.append(
            cox_row(model, "grade", "reference", level="1", reference="1", n_level=80.0, events_level=0.0, **base)
        )
        for level, ratio, p in (("2", 2.31, 0.031), ("3", 4.75, 7.5e-6)):
            rows.append(
                cox_row(
                    model,
                    "grade",
                    level=level,
                    reference="1",
                    n_level=150.0,
                    events_level=60.0,
                    hr=ratio,
                    ci_low=ratio * 0.5,
                    ci_high=ratio * 2,
                    statistic=2.1,
                    p_value=p,
                    **base,
                )
            )
        rows.append(cox_row(model, "grade", "omnibus", statistic=21.4, df=2.0, p_value=2.3e-5, **base))
        rows.append(
            cox_row(
                model,
                "age_years",
                unit="1",
                hr=1.013,
                ci_low=1.001,
                ci_high=1.026,
                statistic=2.1,
                p_value=0.036,
                **base,
            )
        )
        rows.append(
            cox_row(
                model,
                "er_status",
                level="unknown",
                reference="negative",
                n_level=4.0,
                events_level=0.0,
                estimable="no",
                **base,
            )
        )
    columns = [
        "model",
        "row_type",
        "term",
        "level",
        "reference",
        "unit",
        "n",
        "events",
        "n_level",
        "events_level",
        "beta",
        "se",
        "hr",
        "ci_low",
        "ci_high",
        "statistic",
        "df",
        "p_value",
        "p_lr",
        "strata",
        "ties",
        "selected_by",
        "estimable",
        "endpoint",
    ]
    return pd.DataFrame(rows).reindex(columns=columns)


def meta_table() -> pd.DataFrame:
    rows = []
    for cohort, (n, events), hr, weight in zip(COHORTS, COHORTS.values(), (1.9, 1.4, 1.55), (30, 42, 28), strict=True):
        rows.append(
            {
                "row_type": "cohort",
                "cohort": cohort,
                "n": n,
                "events": events,
                "hr": hr,
                "ci_low": hr * 0.6,
                "ci_high": hr * 1.7,
                "p_value": 0.08,
                "weight": weight,
            }
        )
    shared = {
        "n": 397,
        "events": 123,
        "hr": 1.58,
        "p_value": 0.012,
        "q": 0.8,
        "q_df": 2,
        "q_p": 0.67,
        "i2": 0.0,
        "tau2": 0.0,
        "tau2_method": "REML",
    }
    rows.append({"row_type": "fixed", **shared, "ci_low": 1.1, "ci_high": 2.26})
    rows.append({"row_type": "random", **shared, "ci_low": 1.05, "ci_high": 2.38})
    rows.append({"row_type": "stratified", **shared, "ci_low": 1.12, "ci_high": 2.3})
    rows.append(
        {
            "row_type": "leave_out",
            "cohort": "gse3143",
            "n": 239,
            "events": 73,
            "hr": 1.7,
            "ci_low": 0.9,
            "ci_high": 2.9,
            "p_value": 0.07,
        }
    )
    columns = [
        "row_type",
        "cohort",
        "unit",
        "n",
        "events",
        "log_hr",
        "se",
        "hr",
        "ci_low",
        "ci_high",
        "p_value",
        "weight",
        "tau2",
        "tau2_method",
        "i2",
        "q",
        "q_df",
        "q_p",
        "pi_low",
        "pi_high",
    ]
    return pd.DataFrame(rows).reindex(columns=columns)

"""A published Cox model from tables of its coefficients and baseline, as `cox` writes them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from prognomics.data.columns import text_values
from prognomics.data.model import Baseline, Coefficient, LockedModel
from prognomics.errors import BadInput, first_few, warn

KINDS = ("numeric", "gene", "factor", "spline", "interaction")


def model_of_tables(
    coefficients: pd.DataFrame, baseline: pd.DataFrame | None, columns: Collection[str], genes: Collection[str]
) -> LockedModel:
    """A model from `cox --out-coefficients` and `--out-baseline`, or tables of that form.

    Parameters
    ----------
    coefficients : pandas.DataFrame
        Columns `term, kind, level, reference, column, beta, centre (or center), knots`; only term and beta are needed.
        A row with a level is a factor's.
    baseline : pandas.DataFrame or None
        Columns `time_months` and `cumulative_hazard` (or `survival`), and `stratum` if there are several.
    columns : collection of str
        Columns of the sample sheet: another numeric term is a gene if the matrix has it.
    genes : collection of str
        Genes of the matrix.

    Raises
    ------
    BadInput
        Several models in the tables, an unknown kind, parts of an interaction that are not there, a cumulative hazard
        that falls.
    """
    models = _distinct(coefficients)
    if len(models) > 1:
        raise BadInput(f"the table of coefficients has {len(models)} models", where=first_few(models),
                       hint="keep the rows of one model")  # fmt: skip
    made: list[Coefficient] = []
    names = [_cell(row, "column") or _name(row) for _, row in coefficients.iterrows()]
    genes, columns = set(genes), set(columns)
    for place, (_, row) in enumerate(coefficients.iterrows()):
        made.append(_coefficient(row, names, place, columns, genes, made))
    lost = [one.column for one, beta in zip(made, coefficients["beta"], strict=True) if beta != beta]
    if lost:
        warn("coefficients-missing", f"{len(lost)} coefficients are missing and taken as 0: {first_few(lost)}")
    centers = {one.term: one.center for one in made if one.kind == "gene"}
    curves = _curves(baseline) if baseline is not None else ()
    endpoint = _cell(coefficients.iloc[0], "endpoint") if len(coefficients) else None
    strata = _cell(coefficients.iloc[0], "strata") if len(coefficients) else None
    return LockedModel(
        kind="cox", name=_cell(coefficients.iloc[0], "covariates") or " + ".join(dict.fromkeys(o.term for o in made)),
        coefficients=tuple(made), baseline=curves, endpoint=endpoint, missing_genes=centers,
        strata=tuple(strata.split("+")) if strata not in (None, "none") and len(curves) > 1 else (),
        horizon_months=max((c.time_months[-1] for c in curves), default=None),
    )  # fmt: skip


def _distinct(table: pd.DataFrame) -> list[str]:
    held = [name for name in ("model", "covariates") if name in table.columns]
    if not len(table):
        raise BadInput("the table of coefficients has no row")
    return [" ".join(map(str, key)) for key in dict.fromkeys(zip(*(table[name] for name in held), strict=True))]


def _cell(row: pd.Series, name: str) -> str | None:
    value = row.get(name)
    return None if value is None or value != value or str(value).strip() in ("", "NA") else str(value).strip()


def _name(row: pd.Series) -> str:
    level = _cell(row, "level")
    return f"{row['term']}={level}" if level else str(row["term"])


def _coefficient(
    row: pd.Series, names: list[str], place: int, columns: set[str], genes: set[str], made: list[Coefficient]
) -> Coefficient:
    term, level = str(row["term"]), _cell(row, "level")
    kind = _cell(row, "kind") or ("factor" if level else "numeric")
    if kind not in KINDS:
        raise BadInput(f"{kind!r} is not a kind of term", where=f"coefficient {names[place]}",
                       hint=f"one of {', '.join(KINDS)}")  # fmt: skip
    if kind == "numeric" and term not in columns and term in genes:
        kind = "gene"
    beta = float(row["beta"])
    if np.isinf(beta):
        raise BadInput("a coefficient is infinite", where=f"coefficient {names[place]}")
    center = _center(row, names[place])
    knots = tuple(float(knot) for knot in (_cell(row, "knots") or "").split())
    return Coefficient(
        term=term, kind=kind, column=names[place], value=0.0 if beta != beta else beta,
        center=center,
        level=level if kind == "factor" else None, reference=_cell(row, "reference") if kind == "factor" else None,
        knots=knots, place=sum(one.term == term for one in made) if kind == "spline" else 0,
        parts=_parts(names[place], set(names)) if kind == "interaction" else (),
    )  # fmt: skip


def _center(row: pd.Series, name: str) -> float:
    """The value at which the linear predictor is 0, spelled either way; 0 if it is not given."""
    given = {float(row[key]) for key in ("centre", "center") if key in row.index and row[key] == row[key]}
    if len(given) > 1:
        raise BadInput("the columns center and centre differ", where=f"coefficient {name}", hint="keep one of them")
    return given.pop() if given else 0.0


def _parts(name: Any, names: Any) -> Any:
    for place, letter in enumerate(name):
        if letter == ":" and name[:place] in names and name[place + 1 :] in names:
            return (name[:place], name[place + 1 :])
    raise BadInput(f"the parts of the interaction {name!r} are not in the table",
                   hint="its column is that of its two parts, joined by a colon")  # fmt: skip


def _curves(table: pd.DataFrame) -> tuple[Baseline, ...]:
    if "cumulative_hazard" in table.columns:
        hazard = table["cumulative_hazard"].to_numpy(float)
    elif "survival" in table.columns:
        with np.errstate(divide="ignore"):
            hazard = -np.log(table["survival"].to_numpy(float))
    else:
        raise BadInput("the baseline has neither a column cumulative_hazard nor survival")
    stratum = pd.Series("all", table.index)
    if "stratum" in table.columns:
        stratum = text_values(table["stratum"]).fillna("all")
    curves = []
    for name in dict.fromkeys(stratum):
        rows = (stratum == name).to_numpy()
        order = np.argsort(table.loc[rows, "time_months"].to_numpy(float), kind="stable")
        times, own = table.loc[rows, "time_months"].to_numpy(float)[order], hazard[rows][order]
        if not (np.isfinite(times).all() and np.isfinite(own).all()) or (np.diff(own) < 0).any() or (own < 0).any():
            raise BadInput("the baseline's cumulative hazard falls, or is missing or infinite", where=f"stratum {name}")
        curves.append(Baseline(str(name), tuple(times.tolist()), tuple(own.tolist())))
    return tuple(curves)

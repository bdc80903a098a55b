"""Null studies: what is claimed where no gene has an effect, by the tool and by the usual recipe.

`python -m benchmarks.null_studies TABLE [--studies N] [--page PAGE]` continues TABLE up to N studies (500), each of
three cohorts with batch effects and hazards of their own, and writes the page from all that are in it.
"""

from __future__ import annotations

import argparse
import csv
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

SIZES = (80, 110, 140)
N_GENES = 2000
PAGE = Path(__file__).with_suffix(".md")
FILTERED = 50
COLUMNS = ("seed", "events", "genes", "empty", "repeats", "c", "ci_low", "ci_high", "apparent", "pooled",
           "naive_c", "naive_low", "naive_p")  # fmt: skip


def cohorts(seed: int) -> tuple[pd.DataFrame, np.ndarray, np.ndarray, np.ndarray]:
    """A sheet, expression (genes x samples), months and events; genes are correlated, and none has an effect."""
    rng = np.random.default_rng(seed)
    n = sum(SIZES)
    code = np.repeat(np.arange(len(SIZES)), SIZES)
    loading = rng.normal(0, 0.5, (N_GENES, 20)) * (rng.random((N_GENES, 20)) < 0.2)
    values = loading @ rng.normal(size=(20, n)) + rng.normal(size=(N_GENES, n))
    values += rng.normal(size=(N_GENES, len(SIZES)))[:, code]
    hazard = rng.normal(0, 0.5, len(SIZES))[code]
    time, end = rng.exponential(40 * np.exp(-hazard)), rng.uniform(12, 90, n)
    frame = pd.DataFrame({"sample_id": [f"s{i}" for i in range(n)], "cohort": [f"cohort {c + 1}" for c in code]})
    return frame, values, np.minimum(time, end), (time <= end).astype(float)


def study(seed: int) -> dict[str, float]:
    """One study: the tool's held-out C (leave one cohort out), and the recipe's."""
    from prognomics.data.matrix import ExpressionMatrix
    from prognomics.learning.analysis import analyze_signature
    from prognomics.learning.cohort_data import learning_data
    from prognomics.learning.learner import Settings

    frame, values, time, event = cohorts(seed)
    matrix = ExpressionMatrix(values, [f"g{i}" for i in range(N_GENES)], frame["sample_id"].tolist())
    data = learning_data(frame, matrix, time, event)
    settings = Settings(seed=seed, n_penalties=50, smallest=0.1)  # smaller penalties cost most and are not chosen
    found = analyze_signature(data, settings, leave_out="cohort", nested=True, fold_column=None, at=(),
                              published={}, n_random=0, common={"endpoint": "os", "population": "all"})  # fmt: skip
    table = found.validation[found.validation["statistic"] == "c_harrell"].set_index("held_out")
    held = found.held_out
    own = {"genes": int((found.learned.coefficients != 0).sum()), "empty": sum(s == 0 for s in held.sizes),
           "repeats": len(held.sizes), "events": int(event.sum())}  # fmt: skip
    own |= {name: table.loc["all", column] for name, column in (("c", "estimate"), ("ci_low",) * 2, ("ci_high",) * 2)}
    own["apparent"] = table.loc["apparent", "estimate"]
    return {"seed": seed, **own, **recipes(data, seed)}


def recipes(data, seed: int) -> dict[str, float]:
    """A sum of filtered genes in ten folds: filtered within the training samples (pooled over folds), or in all."""
    from scipy.special import ndtr

    from prognomics.cutpoint.cut_statistics import best_cuts
    from prognomics.cutpoint.logrank_scores import rank_follow_up
    from prognomics.learning.learner import assign_folds, score_weights
    from prognomics.survival.concordance import concordance

    everyone = np.arange(data.n)
    folds, linear = assign_folds(data, everyone, 10, seed), np.zeros((2, data.n))
    outside = strongest(score_weights(data, everyone))
    for fold in range(10):
        weights, left = score_weights(data, np.flatnonzero(folds != fold)), np.flatnonzero(folds == fold)
        for k, genes in enumerate((strongest(weights), outside)):
            linear[k, left] = weights[genes] @ data.values[np.ix_(genes, left)]
    pooled, found = (concordance(data.time, data.event, one, data.strata) for one in linear)
    best = best_cuts(linear[1:], rank_follow_up(data.time, data.event), 0.1, threads=1)
    return {"pooled": pooled.estimate, "naive_c": found.estimate, "naive_low": found.estimate - 1.96 * found.se,
            "naive_p": float(2 * ndtr(-abs(best.statistic[0])))}  # fmt: skip


def strongest(weights: np.ndarray) -> np.ndarray:
    """Genes with the largest univariable score statistics."""
    return np.argsort(-np.abs(weights))[:FILTERED]


def extend(table: Path, n_studies: int) -> pd.DataFrame:
    """Studies with the seeds 1 to `n_studies`; those of the table are not repeated."""
    done = set(pd.read_csv(table, sep="\t")["seed"]) if table.exists() else set()
    with table.open("a", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter="\t")
        if not done:
            writer.writeheader()
        for seed in range(1, n_studies + 1):
            if seed not in done:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    writer.writerow(study(seed))
                file.flush()
    return pd.read_csv(table, sep="\t")


def page(table: pd.DataFrame) -> str:
    """The page of documentation, from the studies of a table."""
    n = len(table)
    empty = table["empty"] == table["repeats"]
    some = table[~empty]
    covered = (some["ci_low"] <= 0.5) & (some["ci_high"] >= 0.5)
    claimed = ~empty & (table["ci_low"] > 0.5)
    return PAGE.read_text(encoding="utf-8").format(
        n=n, sizes=" + ".join(map(str, SIZES)), genes=f"{N_GENES:,}", events=f"{table['events'].median():.0f}",
        filtered=FILTERED, empty=int(empty.sum()), none=int((table["genes"] == 0).sum()), some=len(some),
        covered=part(covered), claimed=part(claimed), c=f"{some['c'].mean():.3f}",
        apparent=f"{some['apparent'].mean():.3f}", pooled=f"{table['pooled'].mean():.3f}",
        naive_c=f"{table['naive_c'].mean():.3f}", naive=part(table["naive_low"] > 0.5),
        cut=part(table["naive_p"] < 0.05),
    )  # fmt: skip


def part(yes: pd.Series) -> str:
    """A count with its percentage and exact interval."""
    from scipy.stats import beta

    k, n = int(yes.sum()), len(yes)
    low = beta.ppf(0.025, k, n - k + 1) if k else 0.0
    high = beta.ppf(0.975, k + 1, n - k) if k < n else 1.0
    return f"{k} of {n} ({k / n:.1%}, 95% CI {low:.1%} to {high:.1%})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path)
    parser.add_argument("--studies", type=int, default=500)
    parser.add_argument("--page", type=Path)
    given = parser.parse_args()
    table = extend(given.table, given.studies)
    if given.page:
        given.page.write_text(page(table), encoding="utf-8")


if __name__ == "__main__":
    main()

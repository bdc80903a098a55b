"""Make data.tsv: small competing-risks data sets. Usage, in this folder: python make_data.py"""

import numpy as np
import pandas as pd

rng = np.random.Generator(np.random.PCG64(51))
parts = []


def add(name, n, digits, groups=2, strata=1, censoring=60.0, none=""):
    group, stratum = rng.integers(0, groups, n), rng.integers(0, strata, n)
    x = rng.normal(0, 1, n)
    first = rng.exponential(30 * np.exp(-0.5 * x - 0.3 * group + 0.4 * stratum))
    second = rng.exponential(45 * np.exp(0.3 * x))
    end = rng.uniform(2, censoring, n)
    time = np.minimum(np.minimum(first, second), end)
    cause = np.where(time == end, 0, np.where(time == first, 1, 2))
    cause = {"": cause, "censored": np.where(cause == 0, 1, cause), "competing": np.where(cause == 2, 0, cause)}[none]
    time = np.maximum(np.round(time, digits), 10.0 ** -max(digits, 0))
    parts.append(pd.DataFrame({"set": name, "time": time, "cause": cause, "group": [f"g{v}" for v in group],
                               "stratum": [f"s{v}" for v in stratum], "x": np.round(x, 3),
                               "z": rng.choice(["a", "b", "c"], n)}))  # fmt: skip


add("plain", 60, 6)
add("ties", 80, 0, censoring=25)
add("heavy_ties", 50, -1, censoring=90)
add("small", 9, 1)
add("tiny", 5, 0)
add("groups", 90, 1, groups=4)
add("strata", 120, 6, groups=2, strata=3)
add("strata_ties", 150, 0, groups=3, strata=2, censoring=40)
add("no_censoring", 40, 1, none="censored")
add("no_competing", 50, 1, none="competing")
add("large", 600, 2, groups=3, strata=4)
add("zeros", 70, 0, censoring=30)
early = parts[-1]["time"] <= 3
parts[-1]["time"] = parts[-1]["time"].where(~early, 0)
add("one_in_a_group", 30, 1)
parts[-1]["group"] = ["g1"] + ["g0"] * 29
add("one_time", 24, 1)
parts[-1]["time"] = 7.0
add("one_group_left", 18, 6)  # in a stratum events of the group that is left take the pooled incidence to 1, and beyond
parts[-1]["stratum"] = ["s0"] * 6 + ["s1"] * 12
parts[-1].loc[:5, "group"] = ["g0", "g0", "g1", "g1", "g1", "g1"]
parts[-1].loc[:5, "time"] = [1.0, 2.0, 1.0, 5.0, 8.0, 11.0]
parts[-1].loc[:5, "cause"] = 1
pd.concat(parts).to_csv("data.tsv", sep="\t", index=False, lineterminator="\n")

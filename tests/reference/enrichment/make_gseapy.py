"""Preranked scores by gseapy: `python make_gseapy.py` writes ranked.tsv, sets.gmt and gseapy.tsv."""

import gseapy
import numpy as np
import pandas as pd

rng = np.random.default_rng(12)
genes = [f"G{i:03d}" for i in range(600)]
statistic = pd.Series(np.round(rng.standard_normal(600) * 1.5, 6), genes)
ordered = statistic.sort_values(ascending=False).index.tolist()
sets = {}
for i, (size, pull) in enumerate([(15, 0), (15, 0.4), (30, 0), (30, 0.3), (60, 0), (60, -0.25), (120, 0), (120, 0.1),
                                  (40, 0.8), (25, -0.7)]):  # fmt: skip
    end = ordered[:150] if pull >= 0 else ordered[-150:]
    pulled = int(abs(pull) * size)
    inside = set(rng.choice(end, pulled, replace=False).tolist())
    inside |= set(rng.choice([g for g in genes if g not in inside], size - pulled, replace=False).tolist())
    sets[f"SET{i}"] = sorted(inside)
statistic.rename("t").rename_axis("gene_id").to_csv("ranked.tsv", sep="\t")
with open("sets.gmt", "w") as handle:
    for name, members in sets.items():
        handle.write("\t".join([name, "na", *members]) + "\n")
found = []
for weight in (0.0, 1.0, 2.0):
    made = gseapy.prerank(rnk=statistic, gene_sets=sets, weight=weight, permutation_num=20000, min_size=1, max_size=500,
                          seed=3, threads=1, outdir=None)  # fmt: skip
    table = made.res2d[["Term", "ES", "NES", "NOM p-val", "Lead_genes"]]
    found.append(table.assign(weight=weight))
result = pd.concat(found)
result.columns = ["set", "es", "nes", "p_value", "leading_edge", "weight"]
with open("gseapy.tsv", "w") as handle:
    handle.write(f"# gseapy {gseapy.__version__} (BSD-3-Clause)\n")
    result.to_csv(handle, sep="\t", index=False)

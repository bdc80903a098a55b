"""A study with results of every tool that a page has sentences about, drawn at random."""

import numpy as np
import pandas as pd
from test_report_findings import NOT_SENTENCES, Blocks
from test_report_headlines import Drawn

from prognomics.report.page import build_report

TESTS = ("welch", "fisher", "mann_whitney", "kruskal", "chi_square")
SCOPES = ("stratified", "unstratified", "c1")


class Whole(Drawn):
    """A study with a row or more of each of these tools, drawn at random."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.records, self.tables = [], []
        self._cox()
        for part in ("curves", "association", "groups", "subgroups", "odds", "screen", "meta", "competing"):
            getattr(self, f"_{part}")()
        study = {
            "title": "T",
            "question": "Is it?",
            "marker": "XPO1",
            "cohorts": {c: {"steps": []} for c in ("c1", "c2", "c3")},
            "endpoint": {"name": "os", "definition": "death from any cause"},
        }
        self.blocks = [
            b for b in Blocks(build_report(study, self.records, self.tables, [])).found if b[0] not in NOT_SENTENCES
        ]

    def p(self):
        return float(
            self.rng.choice([self.rng.uniform(0, 0.001), self.rng.uniform(0.001, 0.05), self.rng.uniform(0.05, 1)])
        )

    def _cox(self):
        row = {
            "row_type": "level",
            "model": "univariable",
            "term": "XPO1",
            "unit": "1",
            "strata": "cohort",
            **self.ratio(300),
        }
        self.first = row
        product = {
            "model": "multivariable",
            "term": "XPO1:sex",
            "row_type": "omnibus",
            "strata": "cohort",
            "n": 290,
            "events": 91,
            "p_value": self.p(),
        }
        self.constant = {
            "model": "univariable",
            "term": "XPO1",
            "transform": "km",
            "p_value": self.p(),
            "chisq": 1.0,
            "df": 1,
        }
        self.product = product["p_value"]
        self.add(
            "cox",
            {"cox_table": pd.DataFrame([row]), "cox_ph": pd.DataFrame([self.constant])},
            gene=["XPO1"],
            endpoint="os",
            strata=["auto"],
            model="univariable",
        )
        main = {**row, "model": "multivariable", "note": "takes part in an interaction: the effect at the reference"}
        self.add(
            "cox",
            {"cox_table": pd.DataFrame([main, product])},
            gene=["XPO1"],
            covariate=["sex"],
            endpoint="os",
            strata=["auto"],
            interaction=["XPO1:sex"],
            model="multivariable",
        )

    def _curves(self):
        self.rates = {g: float(self.rng.uniform(0.2, 0.8)) for g in ("low", "high")}
        self.logrank = {}
        for scope in SCOPES:
            self.logrank[scope] = p = self.p()
            test = [
                {
                    "test": "logrank",
                    "strata": "cohort" if scope == "stratified" else "none",
                    "comparison": "overall",
                    "group": g,
                    "n": 60,
                    "chisq": 4.2,
                    "observed": 20,
                    "expected": 21.0,
                    "df": 1,
                    "p_value": p,
                }
                for g in self.rates
            ]
            summary = [
                {
                    "group": g,
                    "statistic": "survival",
                    "time_months": 60,
                    "n": 60,
                    "events": 20,
                    "estimate": s,
                    "ci_low": s - 0.1,
                    "ci_high": s + 0.1,
                }
                for g, s in self.rates.items()
            ]
            where = ["cohort=c1"] if scope == "c1" else []
            self.add(
                "kaplan_meier",
                {"km_test": pd.DataFrame(test), "km_summary": pd.DataFrame(summary)},
                where,
                group_column="XPO1_group",
                endpoint="os",
                strata=["none" if scope == "unstratified" else "auto"],
            )

    def _association(self):
        names = [f"variable_{c}" for c in "abcdefg"][: self.rng.integers(2, 8)]
        self.associated = {n: (self.p(), str(self.rng.choice(TESTS))) for n in names}
        rows = [
            {
                "variable": n,
                "row_type": "test",
                "test": test,
                "p_value": p,
                "n": 120,
                "marker": "XPO1_group",
                "statistic": 1.0,
            }
            for n, (p, test) in self.associated.items()
        ]
        rows += [
            {
                "variable": n,
                "row_type": "count",
                "level": "x",
                "group": g,
                "count": 30,
                "percent": 50,
                "marker": "XPO1_group",
            }
            for n in names
            for g in ("low", "high")
        ]
        self.add("associate", {"association_table": pd.DataFrame(rows)}, group_column="XPO1_group", variable=names)

    def _groups(self):
        self.medians = {g: float(self.rng.normal()) for g in ("tumor", "normal")}
        self.pair = {
            "marker": "XPO1",
            "row_type": "pair",
            "group": "tumor",
            "versus": "normal",
            "n": int(self.rng.integers(40, 90)),
            "n_versus": int(self.rng.integers(5, 20)),
            "test": "mann_whitney",
            "p_value": self.p(),
            "p_exact": self.p(),
            "auc": float(self.rng.uniform(0.3, 0.9)),
            "effect": 0.5,
            "effect_type": "hodges_lehmann",
        }
        self.within = self.p()
        rows = [
            {"marker": "XPO1", "row_type": "group", "group": g, "n": 50, "median": m} for g, m in self.medians.items()
        ]
        inner = {**self.pair, "test": "van_elteren", "p_value": self.within, "p_exact": None, "auc": None}
        self.add(
            "compare_groups",
            {"comparison_table": pd.DataFrame([*rows, self.pair, inner])},
            gene=["XPO1"],
            group_column="tissue",
        )

    def _subgroups(self):
        self.interactions = {v: self.p() for v in ["sex", "stage", "grade"][: self.rng.integers(1, 4)]}
        rows = []
        for variable, p in self.interactions.items():
            rows += [
                {
                    "row_type": "level",
                    "subgroup": variable,
                    "level": level,
                    "term": "XPO1",
                    "n_level": 100,
                    "strata": "cohort",
                    "events_level": 40,
                    **self.ratio(300),
                }
                for level in ("x", "y")
            ]
            rows.append(
                {
                    "row_type": "interaction",
                    "subgroup": variable,
                    "term": "XPO1",
                    "n": 300,
                    "events": 100,
                    "p_value": p,
                    "strata": "cohort",
                }
            )
        self.add(
            "cox",
            {"cox_subgroups": pd.DataFrame(rows)},
            gene=["XPO1"],
            endpoint="os",
            strata=["auto"],
            subgroup=list(self.interactions),
            model="univariable",
        )

    def _odds(self):
        self.odds = []
        for adjusted in ((), ("age",)):
            row = {
                "row_type": "level",
                "term": "XPO1",
                "unit": "1",
                "strata": "cohort",
                **self.ratio(200, "odds_ratio"),
                "model": "multivariable" if adjusted else "univariable",
            }
            self.odds.append(row)
            self.add(
                "logistic",
                {"odds_table": pd.DataFrame([row, {**row, "term": "age"}][: 1 + len(adjusted)])},
                gene=["XPO1"],
                covariate=list(adjusted),
                outcome_column="response",
                strata=["auto"],
            )

    def _screen(self):
        names = ["XPO1", *(f"GENE{i}" for i in range(int(self.rng.integers(5, 30))))]
        rows = [{"gene_id": n, **self.ratio(280)} for n in names]
        self.genes = pd.DataFrame(rows).sort_values("p_value", ignore_index=True)
        self.genes["q_value"] = np.minimum(1, self.genes["p_value"] * self.rng.uniform(1, 3))
        self.genes["method"], self.genes["endpoint"], self.genes["z"] = "Cox proportional hazards", "os", 1.0
        self.add("screen", {"screen_table": self.genes}, endpoint="os", method="cox", strata=["auto"])

    def _meta(self):
        kinds = [*(("cohort", c) for c in ("c1", "c2", "c3")), ("fixed", None), ("random", None)]
        rows = [
            {"row_type": kind, "cohort": cohort, "unit": "1 SD within cohort", **self.ratio(300)}
            for kind, cohort in kinds
        ]
        rows[-1] |= {
            "i2": float(self.rng.uniform(0, 95)),
            "q": float(self.rng.uniform(1, 40)),
            "q_df": 2,
            "q_p": self.p(),
            "tau2": float(self.rng.uniform(0.01, 0.9)),
            "n_cohorts": 3,
        }
        self.pooled, self.cohorts = rows[-1], rows[:3]
        self.add("meta_analysis", {"meta_table": pd.DataFrame(rows)}, gene="XPO1", endpoint="os")

    def _competing(self):
        rows = [
            {
                "row_type": "level",
                "term": "XPO1",
                "unit": "1",
                "strata": "cohort",
                "model": model,
                "n_competing": 11,
                **self.ratio(210),
            }
            for model in ("fine_gray", "cause_specific")
        ]
        self.fine_gray = rows
        self.add(
            "competing_risks", {"competing_table": pd.DataFrame(rows)}, gene=["XPO1"], endpoint="dss", strata=["auto"]
        )

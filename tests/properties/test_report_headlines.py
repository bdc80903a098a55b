"""Random studies whose primary analysis is no Cox model: the first screen, read back, is the row that it is of."""

import hashlib
import html
import re

import numpy as np
import pandas as pd
import pytest

from prognomics.data.store import ResultTable
from prognomics.report.page import build_report
from prognomics.report.wording import format_p, format_percent, format_ratio

NAN = float("nan")
COHORTS = ("c1", "c2", "c3")
KINDS = ("odds", "fine_gray", "log_rank", "gray", "signature", "meta")
SEEDS = [*range(18), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(18, 200))]
WORDS = {"odds": "odds of response", "fine_gray": "cumulative incidence of relapse", "log_rank": "hazard of death",
         "gray": "cumulative incidence of relapse", "meta": "hazard of death"}  # fmt: skip


class Drawn:
    """Tables of one kind, drawn at random; `row` is the primary analysis."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.kind = KINDS[seed % len(KINDS)]
        self.records, self.tables = [], []
        self.endpoint = {"odds": "response", "fine_gray": "dss", "gray": "dss"}.get(self.kind, "os")
        getattr(self, f"_{self.kind}")()

    def add(self, tool, tables, where=(), **parameters):
        outputs = []
        for kind, frame in tables.items():
            key = hashlib.sha256(f"{tool}{kind}{where}{parameters}".encode()).hexdigest()
            self.tables.append(ResultTable(key, "t.tsv", frame))
            outputs.append({"artefact": kind, "sha256": key})
        self.records.append({"tool": tool, "tool_version": "1", "parameters": {**parameters, "where": list(where)},
                             "outputs": outputs, "population": " & ".join(where) or "all"})  # fmt: skip

    def ratio(self, n, name="hr"):
        middle, wide = self.rng.normal(0.2, 0.5), self.rng.uniform(0.1, 0.4)
        low, high = np.exp(middle - 1.96 * wide), np.exp(middle + 1.96 * wide)
        return {"n": n, "events": n // 3, name: np.exp(middle), "ci_low": low, "ci_high": high, "se": wide,
                "p_value": float(self.rng.uniform(0, 1))}  # fmt: skip

    def both(self, kind, tool, name, **more):
        """A pooled and an adjusted model, and one per cohort."""
        for where, n in [((), 300), *(((f"cohort={c}",), 100) for c in COHORTS)]:
            made = {"row_type": "level", "term": "XPO1", "unit": "1", "strata": "none" if where else "cohort", **more}
            row = {**made, "model": more.get("model", "univariable"), **self.ratio(n, name)}
            if not where:
                self.row = row
            self.add(tool, {kind: pd.DataFrame([row])}, where, gene=["XPO1"], strata=["auto"], **self.outcome)

    def _odds(self):
        self.outcome = {"outcome_column": "response"}
        self.both("odds_table", "logistic", "odds_ratio")

    def _fine_gray(self):
        self.outcome = {"endpoint": "dss"}
        self.both("competing_table", "competing_risks", "hr", model="fine_gray", n_competing=11)

    def groups(self):
        names = [("high", "low"), ("high", "low", "middle")][self.rng.integers(2)]
        return {name: float(self.rng.uniform(0.2, 0.9)) for name in names}

    def _log_rank(self):
        rates, p = self.groups(), float(self.rng.choice([0.001, 0.03, 0.2, 0.7]))
        expected = {g: float(self.rng.uniform(10, 30)) for g in rates}
        observed = {g: int(self.rng.integers(5, 45)) for g in rates}
        test = [{"test": "logrank", "strata": "cohort", "comparison": "overall", "group": g, "n": 60, "chisq": 4.2,
                 "observed": observed[g], "expected": expected[g], "df": len(rates) - 1, "p_value": p}
                for g in rates]  # fmt: skip
        summary = [{"group": g, "statistic": "survival", "time_months": 60, "n": 60, "events": 20, "estimate": s,
                    "ci_low": s - 0.1, "ci_high": s + 0.1} for g, s in rates.items()]  # fmt: skip
        self.rates, self.p, self.counts = rates, p, (60 * len(rates), sum(observed.values()))
        self.order = sorted(rates, key=lambda g: -observed[g] / expected[g])
        self.add("kaplan_meier", {"km_test": pd.DataFrame(test), "km_summary": pd.DataFrame(summary)},
                 group_column="XPO1_group", endpoint="os", strata=["auto"])  # fmt: skip

    def _gray(self):
        rates, p = self.groups(), float(self.rng.choice([0.001, 0.03, 0.2, 0.7]))
        test = [{"test": "gray", "strata": "cohort", "cause": cause, "group": g, "n": 60, "events": 15, "statistic": 3,
                 "df": 1, "p_value": p if cause == "event" else 0.5} for cause in ("event", "competing")
                for g in rates]  # fmt: skip
        table = [{"group": g, "cause": "event", "time_months": 60, "n": 60, "events": 15, "estimate": s,
                  "ci_low": s - 0.1, "ci_high": s + 0.1} for g, s in rates.items()]  # fmt: skip
        self.rates, self.p, self.counts = rates, p, (60 * len(rates), 15 * len(rates))
        self.order = sorted(rates, key=lambda g: -rates[g])
        self.add("competing_risks", {"gray_test": pd.DataFrame(test), "incidence_table": pd.DataFrame(table)},
                 group_column="XPO1_group", endpoint="dss", strata=["auto"])  # fmt: skip

    def _signature(self):
        rows = []
        for model in ("signature", "clinical", "published", "random_median"):
            for held in (*COHORTS, "all", "apparent")[3 if model == "random_median" else 0 :]:
                value, half = self.rng.uniform(0.45, 0.75), self.rng.uniform(0.02, 0.12)
                rows.append({"model": model, "held_out": held, "n": 300 if held in ("all", "apparent") else 100,
                             "events": 90, "statistic": "c_harrell", "time_months": NAN, "estimate": value, "se": half,
                             "ci_low": value - half, "ci_high": value + half, "p_value": half})  # fmt: skip
        frame = pd.DataFrame([r for r in rows if (r["model"], r["held_out"]) != ("random_median", "apparent")])
        self.validation = frame.set_index(["model", "held_out"])
        self.add("learn_signature", {"signature_validation": frame}, endpoint="os", name="signature")

    def _meta(self):
        rows = [{"row_type": kind, "cohort": cohort, "unit": "1 SD within cohort", "i2": 50, "df": 2, **self.ratio(300)}
                for kind, cohort in [*(("cohort", c) for c in COHORTS), ("fixed", None), ("random", None)]]  # fmt: skip
        self.row = rows[-1]
        self.add("meta_analysis", {"meta_table": pd.DataFrame(rows)}, gene="XPO1", endpoint="os")

    def page(self, declared):
        study = {
            "title": "T", "question": "Is it?", "marker": "XPO1", "cohorts": {c: {"steps": []} for c in COHORTS},
            "endpoints": {"os": {"definition": "death from any cause"},
                          "dss": {"definition": "relapse", "event": "relapse", "competing": "death before"},
                          "response": {"definition": "complete response", "title": "Response", "event": "response"}},
        }  # fmt: skip
        if declared:
            study["primary"] = {"endpoint": self.endpoint}
        return build_report(study, self.records, self.tables, [])


def texts(page, name, tag="p"):
    found = re.findall(rf'<{tag} class="{name}[^"]*">(.*?)</{tag}>', page, flags=re.S)
    return [html.unescape(re.sub(r"<[^>]+>", "", text)) for text in found]


def numbers(page):
    part = page[page.index('<dl class="nums">') :].partition("</dl>")[0]
    return [tuple(html.unescape(t) for t in m) for m in
            re.findall(r"<dt>(.*?)</dt><dd>(.*?)<small>(.*?)</small>", part)]  # fmt: skip


def interval(row):
    return f"95% CI {format_ratio(row['ci_low'])} to {format_ratio(row['ci_high'])}"


@pytest.mark.parametrize("seed", SEEDS)
def test_the_first_screen_is_the_primary_analysis(seed):
    drawn = Drawn(seed)
    page = drawn.page(declared=seed % 2 == 0)
    (answer,), shown = texts(page, "answer"), numbers(page)
    how = "Primary analysis" if seed % 2 == 0 else "First analysis: no primary analysis was declared"
    assert texts(page, "eyebrow") == [how]
    power = [t for t in texts(page, "model") if t.startswith("With 80% power")]
    if drawn.kind == "signature":
        return _of_signature(drawn, answer, shown, page, power)
    if drawn.kind in ("log_rank", "gray"):
        return _of_groups(drawn, answer, shown)
    row, value = drawn.row, drawn.row["odds_ratio" if drawn.kind == "odds" else "hr"]
    assert shown[0][1:] == (format_ratio(value), interval(row)) and shown[1][1] == format_p(row["p_value"])
    assert shown[2][1] == str(row["n"]) and str(row["events"]) in shown[2][2]
    clear = row["ci_low"] > 1 or row["ci_high"] < 1
    direction = "higher" if value > 1 else "lower"
    if 0.995 <= value <= 1.005 and not clear:
        assert answer.startswith("No difference was found")
    else:
        assert WORDS[drawn.kind] in answer and f" {direction} " in answer
        assert answer.startswith("No clear difference") == (not clear)
    assert bool(power) == (not clear)
    if power:  # (z of 97.5% + z of 80%) standard errors; of t with 2 degrees of freedom its noncentrality (R: pt)
        reach = 5.6534892664 if drawn.kind == "meta" else 1.959963984540054 + 0.8416212335729142
        smallest = np.exp(reach * row["se"])
        assert f"of {format_ratio(smallest)} or more, or of {format_ratio(1 / smallest)} or less" in power[0]


def _of_groups(drawn, answer, shown):
    worst, best = drawn.order[0], drawn.order[-1]
    assert f"{worst} XPO1" in answer.partition("than" if len(drawn.order) == 2 else "lowest")[0]
    assert answer.startswith("No clear difference") == (drawn.p >= 0.05)
    assert WORDS[drawn.kind].partition(" of ")[2] in answer
    for (what, value, between), group in zip(shown, (worst, best), strict=False):
        assert f"{group} XPO1" in what and "60 months" in what
        share = drawn.rates[group]
        assert value == format_percent(share)
        assert between == f"95% CI {100 * (share - 0.1):.0f} to {100 * (share + 0.1):.0f}"
    assert shown[-2][1] == format_p(drawn.p) and shown[-1][1] == str(drawn.counts[0])
    assert str(drawn.counts[1]) in shown[-1][2]


def _of_signature(drawn, answer, shown, page, power):
    of = drawn.validation
    row, drawn_at_random = of.loc[("signature", "all")], of.loc[("random_median", "all")]
    assert shown[0][1:] == (format_ratio(row.estimate), interval(row)) and not power
    assert shown[1][1] == f"{of.loc[('signature', 'apparent')].estimate:.2f}"
    assert shown[2][1] == format_p(drawn_at_random.p_value)
    clear = row.ci_low > 0.5 or row.ci_high < 0.5
    assert ("did not clearly predict" in answer) == (not clear)
    if clear and row.estimate > 0.5:
        assert ("not better than random" in answer) == (drawn_at_random.p_value >= 0.05)
    forest = page[page.index('<table class="forest">') :].partition("</table>")[0]
    values = re.findall(r"<td class=\"ratio\"[^>]*>([\d.]+) \(([\d.]+)–([\d.]+)\)</td>", forest)
    wanted = [*((("signature", c)) for c in COHORTS), ("signature", "all"), ("signature", "apparent"),
              ("clinical", "all"), ("published", "all"), ("random_median", "all")]  # fmt: skip
    rows = [of.loc[w] for w in wanted]
    assert values == [tuple(map(format_ratio, (r.estimate, r.ci_low, r.ci_high))) for r in rows]
    section = page[page.index('<section id="signatures"') :].partition("</section>")[0]
    optimism = of.loc[("signature", "apparent")].estimate - row.estimate
    assert f"an optimism of {optimism:.3f}" in section


@pytest.mark.parametrize("seed", range(6))
def test_a_declared_endpoint_that_is_not_analyzed_is_missing(seed):
    drawn = Drawn(seed)
    drawn.endpoint = next(e for e in ("os", "dss", "response") if e != drawn.endpoint)
    page = drawn.page(declared=True)
    assert texts(page, "eyebrow") == ["First analysis: the declared primary analysis is not among the results"]
    assert "is not among the results" in page[page.index('<section id="summary"') :].partition("</section>")[0]

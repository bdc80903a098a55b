"""Random studies: every sentence of the summary with a hazard ratio, read back, is the row that it names."""

import hashlib
import html
import re

import numpy as np
import pandas as pd
import pytest

from prognomics.data.store import ResultTable
from prognomics.report.page import build_report
from prognomics.report.wording import format_ratio

ENDPOINTS = {"os": "overall survival", "pfi": "progression-free interval", "dfs": "disease-free survival"}
POPULATIONS = {"all": "all samples", "sex=female": "samples with sex=female", "stage=late": "samples with stage=late"}
MARKERS = ("MKI67", "TOP2A", "XPO1")
ADJUSTED = ((), ("age_years",), ("age_years", "stage"))
HR = re.compile(r"HR ([\d.]+) \(95% CI ([\d.]+) to ([\d.]+)\)")
ROW = re.compile(r"(?P<term>\w+), per unit, (?P<adjusted>unadjusted|adjusted for [^:]*?), stratified by cohort: "
                 r"HR (?P<hr>[\d.]+ \(95% CI [\d.]+ to [\d.]+\)), p [=<] \S+ "
                 r"\((?P<n>[\d,]+) samples, (?P<events>\d+) ev")  # fmt: skip


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


def hr_text(row):
    return f"{format_ratio(row['hr'])} (95% CI {format_ratio(row['ci_low'])} to {format_ratio(row['ci_high'])})"


class Random:
    """A study with analyses drawn at random; `rows` by marker, endpoint, population, adjustment and scope."""

    def __init__(self, seed):
        self.rng = rng = np.random.default_rng(seed)
        self.endpoints = list(rng.permutation(list(ENDPOINTS))[: rng.integers(1, 4)])
        self.populations = ["all", *rng.permutation(list(POPULATIONS)[1:])][: rng.integers(1, 4)]
        self.markers = list(rng.permutation(MARKERS)[: rng.integers(1, 4)])
        self.cohorts = [f"cohort{i}" for i in range(rng.integers(2, 6))]
        self.rows, self.records, self.tables, self.meta = {}, [], [], {}
        for marker in self.markers:
            for endpoint in self.endpoints:
                for population in self.populations:
                    self._question(marker, endpoint, population)
        order = rng.permutation(len(self.records))
        self.records = [self.records[i] for i in order]

    def _question(self, marker, endpoint, population):
        size = 400 if population == "all" else 150
        for adjusted in ADJUSTED:
            first = (marker, endpoint, population) == (self.markers[0], self.endpoints[0], "all")
            if self.rng.random() < 0.6 or (first and not adjusted):
                scopes = ["stratified", *(["unstratified"] if self.rng.random() < 0.5 else [])]
                scopes += self.cohorts if self.rng.random() < 0.6 else []
                for scope in scopes:
                    self._cox(marker, endpoint, population, adjusted, scope, size - 10 * len(adjusted))
        if self.rng.random() < 0.5:
            self._meta(marker, endpoint, population, size)

    def _numbers(self, n):
        middle, wide = self.rng.normal(0.2, 0.5), self.rng.uniform(0.1, 0.5)
        return {"n": n, "events": n // 3, "hr": np.exp(middle), "ci_low": np.exp(middle - 1.96 * wide),
                "ci_high": np.exp(middle + 1.96 * wide), "p_value": float(self.rng.uniform(0, 1))}  # fmt: skip

    def _cox(self, marker, endpoint, population, adjusted, scope, n):
        own = scope in self.cohorts
        model, strata = "multivariable" if adjusted else "univariable", "cohort" if scope == "stratified" else "none"
        row = {"model": model, "row_type": "level", "term": marker, "unit": "1", "strata": strata,
               **self._numbers(n // 4 if own else n)}  # fmt: skip
        self.rows[marker, endpoint, population, adjusted, scope] = row
        others = [{**row, "term": name, **self._numbers(n)} for name in adjusted]
        where = [] if population == "all" else [population]
        where += [f"cohort={scope}"] if own else []
        strata = ["none"] if scope == "unstratified" else ["auto"]
        self._add("cox", "cox_table", pd.DataFrame([row, *others]), where, gene=[marker], covariate=list(adjusted),
                  endpoint=endpoint, strata=strata, model=row["model"])  # fmt: skip

    def _meta(self, marker, endpoint, population, n):
        kinds = [("cohort", c) for c in self.cohorts] + [("fixed", None), ("random", None)]
        rows = [{"row_type": kind, "cohort": cohort, "unit": "1 SD within cohort", "i2": 50, **self._numbers(n)}
                for kind, cohort in kinds]  # fmt: skip
        self.meta[marker, endpoint, population] = rows[-1]
        self._add("meta_analysis", "meta_table", pd.DataFrame(rows), [] if population == "all" else [population],
                  gene=marker, endpoint=endpoint)  # fmt: skip

    def _add(self, tool, kind, table, where, **parameters):
        key = sha(f"{tool} {where} {parameters}")
        self.tables.append(ResultTable(key, "t.tsv", table))
        self.records.append({
            "tool": tool, "tool_version": "1", "parameters": parameters, "outputs": [{"artefact": kind, "sha256": key}],
            "population": " & ".join(where) or "all",
        })  # fmt: skip

    def study(self):
        return {"title": "T", "question": "Is it?", "markers": self.markers,
                "cohorts": {c: {"steps": []} for c in self.cohorts},
                "endpoints": {e: {"definition": f"the definition of {e}"} for e in self.endpoints}}  # fmt: skip

    def summary(self):
        page = build_report(self.study(), self.records, self.tables, [])
        part = page[page.index('<section id="summary"') : page.index("</section>")]
        pairs = re.findall(r"<li><strong>(.*?)\.</strong> (.*?)</li>", part, flags=re.S)
        return page, [(html.unescape(lead), html.unescape(text)) for lead, text in pairs]


@pytest.mark.parametrize("seed", range(40))
def test_sentences_are_the_rows_that_they_name(seed):
    study = Random(seed)
    _, items = study.summary()
    marker, endpoint = study.markers[0], study.endpoints[0]
    said = dict(items)
    several = len({key[2] for key in study.rows} | {key[2] for key in study.meta}) > 1
    setting = ENDPOINTS[endpoint] + (" in all samples" if several else "")
    first = study.rows[marker, endpoint, "all", (), "stratified"]
    assert f"({setting})" in said["Result"] and f"HR {hr_text(first)}" in said["Result"]
    assert f"{first['n']} samples, {first['events']} events" in said["Result"]

    known = {hr_text(r): key for key, r in study.rows.items()}
    for lead, text in items:
        for match in ROW.finditer(text):  # a model in the list of numbers
            adjusted = tuple(match["adjusted"].removeprefix("adjusted for ").split(" and "))
            adjusted = () if match["adjusted"] == "unadjusted" else adjusted
            row = study.rows[match["term"], endpoint, "all", adjusted, "stratified"]
            assert lead == f"Hazard ratio, {setting}" and match["hr"] == hr_text(row)
            assert (int(match["n"]), int(match["events"])) == (row["n"], row["events"])
        for hr, low, high in HR.findall(text):  # nothing of another marker, endpoint or population anywhere
            shown = f"{hr} (95% CI {low} to {high})"
            meta = study.meta.get((marker, endpoint, "all"))
            ours = known.get(shown, ())[:3] == (marker, endpoint, "all")
            assert ours or (meta is not None and shown == hr_text(meta)), (lead, shown)

    counted = re.match(r"(\d+) of (\d+) cohorts agree in direction", said.get("Each cohort", ""))
    each = [study.rows.get((marker, endpoint, "all", (), c)) for c in study.cohorts]
    if all(each):
        same = sum((r["hr"] > 1) == (first["hr"] > 1) for r in each)
        assert counted and tuple(map(int, counted.groups())) == (same, len(study.cohorts))


@pytest.mark.parametrize("seed", range(40))
def test_the_matrix_has_every_pooled_estimate_once(seed):
    study = Random(seed)
    page, _ = study.summary()
    part = page[page.index('<section id="analyses"') :] if '<section id="analyses"' in page else ""
    part = part[: part.index("</section>")] if part else ""
    pooled = [r for key, r in study.rows.items() if key[4] in ("stratified", "unstratified")]
    wanted = [*pooled, *study.meta.values()]
    if len(wanted) < 2:
        return
    body = part[part.index("<tbody>") : part.index("</tbody>")]
    shown = re.findall(r"([\d.]+) \(([\d.]+)–([\d.]+)\)</td>", body)
    assert len(shown) == len(wanted) and part.count('class="primary"') == 1
    above, total, clear = map(int, re.search(r"(\d+) of (\d+) estimates are above 1; (\d+) of", part).groups())
    assert (above, total) == (sum(r["hr"] > 1 for r in wanted), len(wanted))
    assert clear == sum(r["ci_low"] > 1 or r["ci_high"] < 1 for r in wanted)

"""Random studies: every sentence of the page with a hazard ratio or a count, read back, is the rows that it names.

A few studies in every run of the tests, 200 with `make test-slow`.
"""

import hashlib
import html
import re
from functools import cache
from html.parser import HTMLParser

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
        self.rows, self.records, self.tables, self.meta, self.complete, self.pooled = {}, [], [], {}, {}, {}
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
        if adjusted and self.rng.random() < 0.5:  # the unadjusted model of the same samples
            alone = {**row, "model": "univariable_complete_cases", **self._numbers(row["n"])}
            self.complete[marker, endpoint, population, adjusted, scope] = alone
            others.append(alone)
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
        self.pooled[marker, endpoint, population] = rows
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


TRIPLE = re.compile(r"(\d[\d.]*) \((?:95% CI )?([\d.]+)(?:–| to )([\d.]+)\)")
ADJUSTED_FOR = re.compile(r"[Aa]djusted for\.? (\w+(?: and \w+)?)|([Uu]nadjusted)")
NOT_SENTENCES = ("methods", "provenance", "remark", "tripod", "profile", "messages")
BOTH = re.compile(r"the stratified \(([\d.]+)\) and the unstratified model \(([\d.]+)\) lead to (the same)?")
RATIO = ("hr", "ci_low", "ci_high")
FEW, MANY = range(12), range(12, 200)
SEEDS = [*FEW, *(pytest.param(seed, marks=pytest.mark.slow) for seed in MANY)]


class Blocks(HTMLParser):
    """Paragraphs and items of a page, each as (section, headings above it, text)."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.section, self.headings, self.found, self._text, self._silent = "", {}, [], None, 0
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "section":
            self.section, self.headings = dict(attrs).get("id", ""), {}
        self._silent += tag in ("style", "script", "svg")
        if tag in ("p", "li", "h3", "h4", "td", "th"):
            self._text = []

    def handle_endtag(self, tag):
        self._silent -= tag in ("style", "script", "svg")
        if tag in ("p", "li", "h3", "h4", "td", "th") and self._text is not None:
            text, self._text = " ".join("".join(self._text).split()), None
            if tag in ("h3", "h4"):
                self.headings = {k: v for k, v in self.headings.items() if k < tag} | {tag: text}
            elif tag in ("p", "li"):
                self.found.append((self.section, " ".join(self.headings.values()), text))

    def handle_data(self, data):
        if self._text is not None and not self._silent:
            self._text.append(data)


@cache
def written(seed):
    study = Random(seed)
    page, items = study.summary()
    return study, page, items, [b for b in Blocks(page).found if b[0] not in NOT_SENTENCES]


def last_named(text, words):
    """Of names by their words the one that is mentioned last, None without any."""
    places = {name: text.casefold().rfind(word.casefold()) for name, word in words.items()}
    best = max(places, key=places.get)
    return best if places[best] >= 0 else None


def candidates(study):
    """(marker, endpoint, population, adjusted or None, scope, row) of everything that was estimated."""
    for key, row in study.rows.items():
        yield (*key, row)
    for (marker, endpoint, population, _, scope), row in study.complete.items():
        yield marker, endpoint, population, (), scope, row
    for (marker, endpoint, population), rows in study.pooled.items():
        for row in rows:
            yield marker, endpoint, population, (), row["cohort"] or row["row_type"], row


def named(study, section, context):
    """Endpoint and population that a sentence is about, by its words; the primary analysis's if there is one only."""
    endpoint = last_named(context, {e: ENDPOINTS[e] for e in study.endpoints})
    several = len({c[2] for c in candidates(study)}) > 1
    population = last_named(context, {p: POPULATIONS[p] for p in POPULATIONS}) if several else "all"
    if section == "summary":  # the first screen names it once above
        endpoint = endpoint or study.endpoints[0]
    return endpoint, population or "all"  # a heading without a population is of all samples


@pytest.mark.parametrize("seed", SEEDS)
def test_every_sentence_with_a_ratio_is_the_row_that_it_names(seed):
    study, _, _, blocks = written(seed)
    seen = 0
    for section, headings, text in blocks:
        for match in TRIPLE.finditer(text):
            seen += 1
            context = f"{headings} {text[: match.start()]}"
            endpoint, population = named(study, section, context)
            fitting = [c for c in candidates(study) if (c[1], c[2]) == (endpoint, population)]
            fitting = [c for c in fitting if match.groups() == tuple(format_ratio(c[5][n]) for n in RATIO)]
            clause = re.split(r"[;.] ", text[match.end() :])[0]
            told = [m.group(1) for m in (*ADJUSTED_FOR.finditer(context), *ADJUSTED_FOR.finditer(clause))]
            if told:
                wanted = tuple(told[-1].split(" and ")) if told[-1] else ()
                fitting = [c for c in fitting if c[3] == wanted]
            after = re.match(r" in (cohort\d)", text[match.end() :])
            if after:
                fitting = [c for c in fitting if c[4] == after[1]]
            assert fitting, (section, text)
            if counts := re.match(r",? p [=<] [\d.]+;? \(?([\d,]+) samples, ([\d,]+) events", text[match.end() :]):
                n, events = (int(c.replace(",", "")) for c in counts.groups())
                assert any((c[5]["n"], c[5]["events"]) == (n, events) for c in fitting), text
    assert seen >= 2


@pytest.mark.parametrize("seed", SEEDS)
def test_every_count_of_cohorts_is_of_the_analysis_that_it_names(seed):
    study, page, items, blocks = written(seed)
    for section, headings, text in blocks:
        if section != "sensitivity" or "cohorts, its interval" not in text:
            continue
        context, _, said = text.partition("The hazard ratio: ")
        endpoint, population = named(study, section, f"{headings} {context}")
        endpoint = endpoint or study.endpoints[0]
        adjusted = ADJUSTED_FOR.search(context)
        wanted = tuple(adjusted.group(1).split(" and ")) if adjusted and adjusted.group(1) else ()
        if "meta-analysis of" in context.casefold():
            rows = [r for r in study.pooled[study.markers[0], endpoint, population] if r["row_type"] == "cohort"]
        else:
            rows = [study.rows[study.markers[0], endpoint, population, wanted, c] for c in study.cohorts]
        ups, total, clear = map(int, re.search(r"above 1 in (\d+) of (\d+) cohorts, its interval excludes 1 in (\d+)",
                                               said).groups())  # fmt: skip
        assert (ups, total) == (sum(r["hr"] > 1 for r in rows), len(rows))
        assert clear == sum(r["ci_low"] > 1 or r["ci_high"] < 1 for r in rows)
        if scopes := BOTH.search(said):
            two = [
                study.rows[study.markers[0], endpoint, population, wanted, s] for s in ("stratified", "unstratified")
            ]
            assert scopes.groups()[:2] == tuple(f"{r['hr']:.2f}" for r in two)
            same = len({r["ci_low"] > 1 or r["ci_high"] < 1 for r in two}) == 1
            assert bool(scopes[3]) == same
    first = study.rows[study.markers[0], study.endpoints[0], "all", (), "stratified"]
    each = [study.rows.get((study.markers[0], study.endpoints[0], "all", (), c)) for c in study.cohorts]
    counted = re.match(r"(\d+) of (\d+) cohorts agree in direction", dict(items).get("Each cohort", ""))
    if all(each):
        same = sum((r["hr"] > 1) == (first["hr"] > 1) for r in each)
        assert counted and tuple(map(int, counted.groups())) == (same, len(study.cohorts))
        left = first["n"] - sum(row["n"] for row in each)
        said = re.search(r"Pooled estimates include (\d+) samples? of cohorts without", page)
        assert (int(said[1]) if said else 0) == max(0, left)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_summary_is_of_the_primary_analysis(seed):
    study, _, items, _ = written(seed)
    marker, endpoint = study.markers[0], study.endpoints[0]
    said = dict(items)
    several = len({c[2] for c in candidates(study)}) > 1
    setting = ENDPOINTS[endpoint] + (" in all samples" if several else "")
    first = study.rows[marker, endpoint, "all", (), "stratified"]
    assert f"({setting})" in said["Result"] and f"HR {hr_text(first)}" in said["Result"]
    assert f"{first['n']} samples, {first['events']} events" in said["Result"]
    ours = {hr_text(c[5]) for c in candidates(study) if c[:3] == (marker, endpoint, "all")}
    for lead, text in items:  # nothing of another marker, endpoint or population anywhere
        assert {f"{hr} (95% CI {low} to {high})" for hr, low, high in HR.findall(text)} <= ours, (lead, text)
    largest = [key for key in study.rows if key[:3] == (marker, endpoint, "all") and key[3] and key[4] == "stratified"]
    if largest:  # compared with the unadjusted estimate in its own samples, or it is stated that there is none
        key = max(largest, key=lambda k: len(k[3]))
        alone = study.complete.get(key)
        expected = f"Unadjusted in the same samples: HR {hr_text(alone)}" if alone else "No unadjusted model of these"
        assert expected in said["Adjusted for"] and f"HR {hr_text(study.rows[key])}" in said["Adjusted for"]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_matrix_has_every_pooled_estimate_once(seed):
    study, page, _, _ = written(seed)
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

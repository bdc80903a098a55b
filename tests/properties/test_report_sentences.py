"""Random studies: sentences of every tool (curves, groups, subgroups, odds, genes), read back, are their rows.

Every sentence with a number is of a kind that is read back here or in `test_report_findings`. A few studies in
every run of the tests, 200 with `make test-slow`.
"""

import re
from functools import cache

import numpy as np
import pytest
from whole_study import Whole

from prognomics.report.wording import format_number, format_p, format_percent, format_ratio

FEW, MANY = range(8), range(8, 200)
SEEDS = [*FEW, *(pytest.param(seed, marks=pytest.mark.slow) for seed in MANY)]
TESTS = {
    "welch": "Welch's t-test",
    "fisher": "Fisher's exact test",
    "mann_whitney": "Mann-Whitney test",
    "kruskal": "Kruskal-Wallis test",
    "chi_square": "chi-square test",
}
SCOPES = {"stratified": "stratified by cohort", "unstratified": "unstratified", "c1": "cohort c1"}
RATIO = r"[\d.]+ \([\d.]+–[\d.]+\)"
P = r"p (?:=|<|>) ?\d+(?:\.\d+)?"


def p_text(value):
    text = format_p(value)
    return f"p {text[0]} {text[1:]}" if text[0] in "<>" else f"p = {text}"


def ratio_text(row, name="hr"):
    return f"{format_ratio(row[name])} ({format_ratio(row['ci_low'])}–{format_ratio(row['ci_high'])})"


def curves(study, match):
    shares = {match[4]: match[1:4], match[8]: match[5:8]} if isinstance(match, list) else None
    for group, (share, low, high) in shares.items():
        s = study.rates[group]
        assert share == format_percent(s) and (int(low), int(high)) == (round(100 * (s - 0.1)), round(100 * (s + 0.1)))


def rates(study, match):
    curves(study, [match[0], *match.groups()])


def logrank(study, match):
    told = dict(reversed(pair) for pair in re.findall(rf"({P}) \(([^)]+)\)", match[0]))
    assert told == {SCOPES[scope]: p_text(p) for scope, p in study.logrank.items()}


def associations(study, match):
    below, _, above = match[0].partition(" Not below: ")
    pattern = rf"variable_(\w) \(({P}), ([^)]+)\)"
    told = {name: (p, test, True) for name, p, test in re.findall(pattern, below)}
    told |= {name: (p, test, False) for name, p, test in re.findall(pattern, above)}
    clear = {n[-1]: (p_text(p), TESTS[t], p < 0.05) for n, (p, t) in study.associated.items()}
    assert told == (clear if any(c for *_, c in clear.values()) else {}), match[0]


def medians(study, match):
    pair = study.pair
    expected = (
        f"Median {format_number(study.medians['tumor'])} in {pair['n']} tumor and "
        f"{format_number(study.medians['normal'])} in "
        f"{pair['n_versus']} normal samples: {p_text(pair['p_value'])} "
        f"(Mann-Whitney test, exact {p_text(pair['p_exact'])}); "
        f"AUC {pair['auc']:.2f}. Within cohorts: {p_text(study.within)}."
    )
    assert match[0] == expected


def interactions(study, match):
    every = list(study.interactions.values()) + [study.product]
    clear = sum(p < 0.05 for p in every)
    assert match[2] == str(len(every)) and match[3] == p_text(min(every)) and (match[1] or "0") == str(clear)


def one_interaction(study, match):
    assert match.groups() == (p_text(study.product), "290", "91")


def caveat(study, match):
    pairs = {**{v: p for v, p in study.interactions.items()}, "sex": min(study.product, study.interactions["sex"])}
    assert match[2] in {p_text(p) for p in [*pairs.values(), study.product, study.interactions["sex"]] if p < 0.05}


def odds(study, match):
    counted = (
        sum(r["odds_ratio"] > 1 for r in study.odds),
        len(study.odds),
        sum(r["ci_low"] > 1 or r["ci_high"] < 1 for r in study.odds),
    )
    assert tuple(map(int, match.groups())) == counted


def subdistribution(study, match):
    row = study.fine_gray[0]
    clear = row["ci_low"] > 1 or row["ci_high"] < 1
    assert match.groups() == ("" if row["hr"] > 1 else "not ", "excludes" if clear else "includes")


def could_show(study, match):  # (z of 97.5% + z of 80%) standard errors
    ratio = np.exp((1.959963984540054 + 0.8416212335729142) * study.first["se"])
    assert match.groups() == (format_ratio(ratio), format_ratio(1 / ratio))
    assert study.first["ci_low"] <= 1 <= study.first["ci_high"]


def extremes(study, match):
    rows = {ratio_text(r): r["cohort"] for r in study.cohorts}
    lowest, *_, highest = sorted(study.cohorts, key=lambda r: r["hr"])
    assert (match[1], match[2]) == (ratio_text(highest), highest["cohort"])
    assert (match[3], match[4]) == (ratio_text(lowest), lowest["cohort"]) and rows[match[1]] == match[2]
    assert match[5] == f"{study.pooled['i2']:.0f}"


def hazard(study, match):
    rows = [study.first, study.pooled]
    assert tuple(map(int, match.groups())) == (
        sum(r["hr"] > 1 for r in rows),
        2,
        sum(r["ci_low"] > 1 or r["ci_high"] < 1 for r in rows),
    )


def significant(study, match):
    assert (int(match[1]), int(match[2])) == (len(study.genes), int((study.genes["q_value"] < 0.05).sum()))


def ranked(study, match):
    place = study.genes.index[study.genes["gene_id"] == "XPO1"][0]
    row = study.genes.loc[place]
    q = p_text(row["q_value"]).replace("p ", "q ", 1)
    assert match.groups() == (str(place + 1), str(len(study.genes)), ratio_text(row), p_text(row["p_value"]), q)


def meta(study, match):
    row = study.pooled
    told = match.groups()
    assert told[:4] == ("3", ratio_text(row), p_text(row["p_value"]), f"{row['i2']:.0f}")
    assert (told[5], told[6]) == ("2", p_text(row["q_p"])) and abs(float(told[4]) - row["q"]) <= 0.05
    assert abs(float(told[7]) - row["tau2"]) <= 5e-4


def constant(study, match):
    p = study.constant["p_value"]
    assert match[2] == p_text(p) and (match[1] == "no") == (p >= 0.05)


def changing(study, match):
    assert match[1] == p_text(study.constant["p_value"]) and study.constant["p_value"] < 0.05


KINDS = {  # each sentence with numbers that a section of these tools has, and what it is held against
    rates: r"(\d+%) \((\d+)–(\d+)\) in the (\w+) group and (\d+%) \((\d+)–(\d+)\) in the (\w+) group were without",
    logrank: rf"(?<=overall survival\. ){P} \((?:stratified by cohort|unstratified|cohort c1)\).*",
    associations: r"(?:p below 0\.05: |No variable has p below 0\.05).*",
    medians: r"Median .* samples: .*",
    interactions: rf"(?:(\d+) of )?(\d+) tests? of interaction(?: has p below 0\.05 \(|, )smallest ({P})",
    one_interaction: rf"Interaction with sex\. ({P}) in (\d+) samples, (\d+) events",
    caveat: rf"The effect may depend on ([\w ,]+)\. Interaction: ({P})",
    odds: r"Odds ratio: (\d+) of (\d+) estimates are above 1; (\d+) of",
    hazard: r"Hazard ratio: (\d+) of (\d+) estimates are above 1; (\d+) of",
    subdistribution: r"Subdistribution hazard ratio: the only estimate is (not |)above 1; its interval (\w+) 1",
    could_show: r"With 80% power these data could show a hazard ratio per unit of ([\d.]+) or more, or of ([\d.]+)",
    extremes: rf"From HR ({RATIO}) in (c\d) to ({RATIO}) in (c\d); I² (\d+)%",
    significant: r"Of (\d+) genes, (\d+) ha(?:s|ve) a false discovery rate",
    ranked: rf"XPO1\. Rank (\d+) of (\d+): hazard ratio ({RATIO}), ({P}), (q (?:=|<|>) ?\d+(?:\.\d+)?)",
    meta: rf"Pooled over (\d+) cohorts .*? is ({RATIO}), ({P})\. I² is (\d+)% \(Q ([\d.]+) on (\d+) df, ({P}); "
    r"τ² ([\d.]+)\)",
    changing: rf"The hazard ratio changes over time\. Test of proportional hazards: ({P})",
    constant: rf"constant over time: (no|there is) evidence that it changes \(({P})\)",
}
ELSEWHERE = re.compile(  # read back in `test_report_findings` and `test_report_headlines`, or without a result
    r"95% CI [\d.]+ to|\(95% CI|^(?:Figure|Table) S?\d|^Primary analysis|^Study population|^Each cohort|^By cohort"
    r"|cohorts, its interval|hazard ratios above 1|Squares: |Diamonds: |^HR is the hazard ratio"
    r"|^Hazard ratios are per 1 SD|^Other analyses|^Caveats|^Prognomics|Kaplan-Meier estimates|is in the archive"
    r"|^Overall survival by|^Method: |cohorts were|^The hazard ratio of|^Cox model of|of \d+ samples, models of"
    r"|^Counts with|^Endpoint: |\d+ further|curves"
)


@cache
def whole(seed):
    return Whole(seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_sentences_of_every_tool_are_their_rows(seed):
    study, seen = whole(seed), dict.fromkeys(KINDS, 0)
    for _, _, text in study.blocks:
        for check, pattern in KINDS.items():
            for match in re.finditer(pattern, text):
                check(study, match)
                seen[check] += 1
    sometimes = {"caveat", "changing", "could_show", "extremes"}  # where the draw is of that kind
    assert {check.__name__ for check, times in seen.items() if not times} <= sometimes
    assert bool(seen[could_show]) == (study.first["ci_low"] <= 1 <= study.first["ci_high"])


@pytest.mark.parametrize("seed", SEEDS)
def test_no_sentence_with_a_number_is_of_an_unknown_kind(seed):
    for section, headings, text in whole(seed).blocks:
        known = ELSEWHERE.search(text) or any(re.search(pattern, text) for pattern in KINDS.values())
        assert known or not re.search(r"\d", re.sub(r"variable[ _]\w|XPO1|GENE\d+", "", text)), (
            section,
            headings,
            text,
        )

"""Simulated studies through study file, plan and report: how often the report claims an effect that is not there.

Each study has three cohorts on three platforms (shift and scale differ, and the shift follows the cohort's hazard), two
endpoints, 20 genes and a searched cutpoint. It is written as files, read as a study file, planned, run call by call in
this process (without plots), and its report is read: a claim is a key finding "Result" with a higher or lower hazard.
Beside it stand what shortcuts would have claimed. Results are appended by number, so that a stopped run goes on.

    python benchmarks/courtroom.py --studies 100 --log build/courtroom.tsv --write docs/how_we_know.md
"""

from __future__ import annotations

import argparse
import html
import re
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from proof_page import heading, replace_table

from prognomics import tools
from prognomics.runtime.call import run_to_files
from prognomics.spec.loader import load_tool
from prognomics.study.file import read_study
from prognomics.study.plan import make_plan

SEED = 2611
SCENARIOS = ("no_effect", "subtypes", "effect")
GENES = ["XPO1", *(f"GENE{i}" for i in range(2, 21))]
COHORTS = ("first", "second", "third")
ALPHA = 0.05
PLACES = ("cohorts", "pooled", "results")
MAPPING = """
sample_id: sample_id
tissue_type: {column: tissue, values: {tumor: primary}}
endpoints:
  os:
    definition: death from any cause
    time: {column: os_months, unit: months}
    event: {column: os_status, event: dead, censored: alive}
  pfi:
    definition: progression or death
    time: {column: pfi_months, unit: months}
    event: {column: pfi_status, event: progressed, censored: free}
columns:
  subtype: {column: subtype, values: {a: a, b: b}}
"""
STUDY = """
study: 1
title: A simulated study
question: Do patients with high expression of XPO1 die earlier?
marker: XPO1
endpoint: {name: os, definition: death from any cause}
primary: {marker: XPO1, endpoint: os, population: all, contrast: continuous}
endpoints:
  os: {definition: death from any cause, origin: diagnosis, event: death}
  pfi: {definition: progression or death, origin: diagnosis, event: progression}
populations:
  all: {title: All primary tumors}
cohorts:
%s
within: [normalize: {method: none}]
pool: [merge_cohorts: {method: zscore, reference_samples: tissue_type=primary}]
steps:
  - cutpoint: {gene: XPO1, method: maxstat, endpoint: os, correction: permutation, permutations: 499, bootstraps: 0,
             name: XPO1_group}
  - cox: {gene: [XPO1], endpoint: os, model: univariable}
    as: cox_os
    across: [stratified]
  - cox: {gene: [XPO1], covariate: [subtype], endpoint: os, model: both}
    as: cox_adjusted
    across: [stratified]
  - cox: {gene: [XPO1], endpoint: pfi, model: univariable}
    as: cox_pfi
    across: [stratified]
  - screen: {endpoint: os}
"""
COLUMNS = ("scenario", "number", "claim", "adjusted", "searched_corrected", "screen_q", "best_cut", "unstratified",
           "best_gene", "any_endpoint", "oracle")  # fmt: skip


def draw(scenario: str, rng: np.random.Generator, n: int) -> dict[str, tuple[pd.DataFrame, pd.DataFrame, np.ndarray]]:
    """Of each cohort: expression (genes x samples), clinical table, true marker in standard deviations."""
    cohorts = {}
    for name in COHORTS:
        ids = [f"{name}{i:03d}" for i in range(n)]
        level = rng.normal(0, 0.6)  # log hazard of the cohort
        subtype = rng.random(n) < 0.4
        true = rng.normal(size=(len(GENES), n))
        if scenario == "subtypes":
            true[0] += 1.2 * subtype
        marker = (true[0] - true[0].mean()) / true[0].std(ddof=1)
        linear = level + (np.log(1.5) if scenario == "effect" else 0.0) * marker
        linear = linear + (1.0 * subtype if scenario == "subtypes" else 0.0)
        table: dict[str, object] = {"sample_id": ids, "tissue": "tumor", "subtype": np.where(subtype, "b", "a")}
        for endpoint, words, pace in (("os", ("dead", "alive"), 1.0), ("pfi", ("progressed", "free"), 1.5)):
            at, lost = rng.exponential(1 / (0.02 * pace * np.exp(linear))), rng.uniform(12, 90, n)
            table[f"{endpoint}_months"] = np.maximum(np.round(np.minimum(at, lost), 1), 0.1)
            table[f"{endpoint}_status"] = np.where(at <= lost, *words)
        values = 8 + level + rng.normal(0, 0.3, (len(GENES), 1)) + rng.uniform(0.5, 1.5) * true
        matrix = pd.DataFrame(np.round(values, 4), index=pd.Index(GENES, name="gene_id"), columns=ids)
        cohorts[name] = matrix, pd.DataFrame(table), marker
    return cohorts


def write_study(folder: Path, cohorts: dict) -> Path:
    """Data, mapping and study file; returns the study file."""
    data = folder / "data"
    data.mkdir()
    lines = []
    for name, (matrix, table, _) in cohorts.items():
        matrix.to_csv(data / f"{name}.tsv", sep="\t", lineterminator="\n")
        table.to_csv(data / f"{name}.clinical.tsv", sep="\t", index=False, lineterminator="\n")
        fetch = f"fetch_cohort: {{source: local, local_path: [{name}.tsv, samples={name}.clinical.tsv]}}"
        lines.append(f"  {name}:\n    steps: [{fetch}, curate_samples: {{mapping: mapping.yml}}]")
    (folder / "mapping.yml").write_text(MAPPING)
    (folder / "study.yml").write_text(STUDY % "\n".join(lines))
    return folder / "study.yml"


def run_study(study: Path, out: Path) -> None:
    """Every call of the plan in this process, without plots."""

    def placed(value: object) -> object:
        if isinstance(value, list):
            return [placed(v) for v in value]
        made = isinstance(value, str) and value.partition("/")[0] in PLACES
        return str(out / value) if made else value

    for job in make_plan(read_study(study, study.parent / "data")).jobs:
        for call in job.calls:
            outputs = {
                k: out / v for k, v in call.outputs.items() if "plot" not in k and k not in ("pdf", "xlsx", "crate")
            }
            for path in outputs.values():
                path.parent.mkdir(parents=True, exist_ok=True)
            options = {k: placed(v) for k, v in call.options.items() if not (call.tool == "report" and k == "plot")}
            if outputs:
                run_to_files(load_tool(call.tool), options, outputs)


def findings(out: Path) -> dict[str, str]:
    """Key findings of the report by their lead."""
    (page,) = out.rglob("*.html")
    text = page.read_text(encoding="utf-8")
    part = text[text.index("Key findings</h2>") :].partition("</ul>")[0]
    items = re.findall(r"<li><strong>(.*?)</strong>(.*?)</li>", part, re.S)
    return {lead.strip(" ."): html.unescape(re.sub(r"<[^>]*>", "", said)).strip() for lead, said in items}


def excludes_one(said: str) -> bool:
    """Whether the first interval of a sentence excludes a ratio of 1, as printed."""
    low, high = map(float, re.search(r"95% CI ([\d.]+) to ([\d.]+)", said).groups())
    return low > 1 or high < 1


def table(path: Path) -> pd.DataFrame:
    """A table of the suite."""
    return pd.read_csv(path, sep="\t")


def try_study(scenario: str, number: int, n: int = 60) -> dict[str, int | str]:
    """One study of a scenario: what its report claims, and what shortcuts would have."""
    rng = np.random.default_rng([SEED, SCENARIOS.index(scenario), number])
    cohorts = draw(scenario, rng, n)
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        out = Path(name) / "out"
        run_study(write_study(Path(name), cohorts), out)
        said = findings(out)
        cut, screen = table(out / "results/cutpoint/table.tsv"), table(out / "results/screen/table.tsv")
        pfi = table(next((out / "results/cox_pfi").rglob("table.tsv")))
        pooled = pd.concat(
            [t.assign(cohort=c, raw=m.loc["XPO1"].to_numpy(), true=z) for c, (m, t, z) in cohorts.items()]
        )
        sheet = pooled.rename(columns={"os_months": "os_time"}).assign(
            os_event=(pooled["os_status"] == "dead").astype(int)
        )
        sheet = sheet[["sample_id", "cohort", "os_time", "os_event", "raw", "true"]].reset_index(drop=True)

        def p_of(covariate: str, strata: str) -> float:
            made = tools.cox(samples=sheet, covariate=[covariate], endpoint="os", strata=[strata], model="univariable")
            return float(made.table["p_value"].iloc[0])

        claim = said["Result"].startswith(("Higher", "Lower"))
        row = {
            "claim": claim,
            "adjusted": excludes_one(said["Adjusted for"]),
            "searched_corrected": float(cut["p_corrected"].iloc[0]) < ALPHA,
            "screen_q": bool((screen["q_value"] < ALPHA).any()),
            "best_cut": float(cut["p_naive"].iloc[0]) < ALPHA,
            "unstratified": p_of("raw", "none") < ALPHA,
            "best_gene": float(screen["p_value"].min()) < ALPHA,
            "any_endpoint": claim or float(pfi["p_value"].iloc[0]) < ALPHA,
            "oracle": p_of("true", "cohort") < ALPHA,
        }
    return {"scenario": scenario, "number": number, **{k: int(v) for k, v in row.items()}}


def run(studies: int, log: Path, scenarios: tuple[str, ...] = SCENARIOS) -> pd.DataFrame:
    """The first studies of each scenario; those already in the log are not repeated."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if not log.exists():
        log.write_text("\t".join(COLUMNS) + "\n")
    done = {(s, int(k)) for s, k in table(log)[["scenario", "number"]].itertuples(index=False)}
    with log.open("a", encoding="utf-8") as lines:
        for number in range(studies):
            for scenario in scenarios:
                if (scenario, number) not in done:
                    row = try_study(scenario, number)
                    lines.write("\t".join(str(row[c]) for c in COLUMNS) + "\n")
                    lines.flush()
    return table(log)


def interval(k: int, n: int) -> tuple[float, float]:
    """Wilson's 95% interval of a rate."""
    z, rate = 1.959963984540054, k / n
    middle, half = rate + z * z / (2 * n), z * np.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    return max((middle - half) / (1 + z * z / n), 0.0), (middle + half) / (1 + z * z / n)


SAID = {
    "claim": "report: key finding of the primary analysis",
    "adjusted": "report: the same, adjusted for subtype",
    "searched_corrected": "suite: searched cutpoint, corrected for the search",
    "screen_q": "suite: any gene of the screen with q < 0.05",
    "best_cut": "shortcut: best cutpoint as if given beforehand",
    "unstratified": "shortcut: raw values pooled, without strata",
    "best_gene": "shortcut: best of 20 genes, not corrected",
    "any_endpoint": "shortcut: either of two endpoints",
    "oracle": "oracle: stratified Cox model of the true marker",
}
TITLES = {
    "no_effect": "no effect anywhere",
    "subtypes": "subtypes that carry marker and hazard, no effect within a subtype",
    "effect": "hazard ratio 1.5 per standard deviation",
}


def page(rows: pd.DataFrame) -> list[str]:
    """The rates as lines of Markdown."""
    lines = ["| scenario | what | claims | of | rate | 95% Monte Carlo interval |", "|---|---|---|---|---|---|"]
    for scenario in SCENARIOS:
        mine = rows[rows["scenario"] == scenario]
        for column, words in SAID.items():
            if len(mine):
                k, n = int(mine[column].sum()), len(mine)
                low, high = interval(k, n)
                lines.append(f"| {TITLES[scenario]} | {words} | {k} | {n} | {k / n:.1%} | {low:.1%} to {high:.1%} |")
    return lines


def main() -> None:
    """Run the studies and print or write their rates."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=1000, help="of each scenario")
    parser.add_argument("--log", type=Path, default=Path("build/courtroom.tsv"))
    parser.add_argument("--write", type=Path, help="the page whose table is replaced")
    given = parser.parse_args()
    text = [heading(f"make proof-courtroom N={given.studies}", SEED), "", *page(run(given.studies, given.log))]
    replace_table(given.write, "courtroom", text) if given.write else print("\n".join(text))


if __name__ == "__main__":
    main()

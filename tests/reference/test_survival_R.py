"""Survival estimators against R's survival package: frozen numbers of synthetic and of real cohorts.

The numbers and the script that made them are in tests/reference/survival. Agreement asked for:
curves, tests and log-likelihoods 1e-11 relative, coefficients and standard errors 1e-9 at the
maximum (eps = 1e-14), p-values 1e-8.
"""

import csv
import gzip
from collections import defaultdict
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.modeling.design_matrix import build_design
from prognomics.stats.multiple_testing import adjust
from prognomics.survival.concordance import concordance
from prognomics.survival.cox.fit import fit_cox
from prognomics.survival.cox.proportional_hazards import cox_zph
from prognomics.survival.curves.kaplan_meier import (
    kaplan_meier,
    survival_at,
    survival_quantile,
)
from prognomics.survival.curves.logrank import logrank, logrank_trend, pairwise_logrank
from prognomics.survival.curves.restricted_mean import restricted_mean
from prognomics.survival.event_times import merge_near_ties

FOLDER = Path(__file__).parent / "survival"


def expected_of(name):
    """{(dataset, kind, config): {item: value}} of a frozen file; R's vectors are item.1, item.2, …"""
    groups = defaultdict(lambda: defaultdict(list))
    with (gzip.open if name.endswith(".gz") else open)(FOLDER / name, "rt") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            item = row["item"].rpartition(".")[0] if row["item"][-1].isdigit() else row["item"]
            value = float("nan") if row["value"] == "NA" else float(row["value"])
            groups[row["dataset"], row["kind"], row["config"]][item].append(value)
    return {key: {item: np.array(v) for item, v in items.items()} for key, items in groups.items()}


SYNTHETIC, REAL = expected_of("expected.tsv"), expected_of("real_expected.tsv")


@cache
def synthetic_data():
    frame = pd.read_csv(FOLDER / "data.tsv", sep="\t", float_precision="round_trip")
    return {name: part.reset_index(drop=True) for name, part in frame.groupby("dataset")}


@cache
def real_data(folder):
    def read(*parts):
        options = {"sep": "\t", "keep_default_na": False, "na_values": ["NA", ""], "float_precision": "round_trip"}
        return pd.read_csv(folder.joinpath(*parts), quoting=csv.QUOTE_NONE, low_memory=False, **options)

    meta, gsva = read("sarcoma", "meta_data.txt"), read("sarcoma", "GSVA_CINSARC.txt")
    gsva["lab_no"] = gsva["UID"].str.replace("_RNAseq.*", "", regex=True)
    sarcoma = meta.merge(gsva, on="lab_no").query("Class != 'Benign'").sort_values("lab_no")

    def columns(source, **names):
        frame = pd.DataFrame({new: source[old] if isinstance(old, str) else old for new, old in names.items()})
        frame = frame.dropna().reset_index(drop=True)
        return frame.assign(cluster=np.arange(len(frame)) // 3)

    data = {}
    data["sarcoma_complexity"] = columns(
        sarcoma, time="MFS_months_10", event="Met_10", stratum="Class", x1="CINSARC", x2="tSNE1", f="Complexity",
        group=np.where(sarcoma["CINSARC"] > 0, "high", "low"),
    )  # fmt: skip
    graded = sarcoma[sarcoma["Grade"].isin(["1", "2", "3"])]
    data["sarcoma_grade"] = columns(
        graded, time="MFS_months_10", event="Met_10", stratum="Complexity", x1="CINSARC", x2="tSNE2",
        group="G" + graded["Grade"], f="G" + graded["Grade"],
    )  # fmt: skip
    tcga = read("sarcoma", "TCGA-SARC.CDR_clinical.tsv.gz").sort_values("sample")
    for endpoint in ("OS", "PFI"):
        data[f"tcga_sarc_{endpoint.lower()}"] = columns(
            tcga, time=f"{endpoint}.time", event=endpoint, group="residual_tumor", stratum="gender",
            x1="age_at_initial_pathologic_diagnosis", x2="initial_pathologic_dx_year", f="residual_tumor",
        )  # fmt: skip
    clinical = read("ovarian", "GSE51088.clinical.tsv.gz")
    expression = read("ovarian", "GSE51088.expression.tsv.gz").set_index("gene").loc["XPO1"]
    data["ovarian_gse51088"] = columns(
        clinical, time="days_to_death", stratum="summarystage", x2="age_at_initial_pathologic_diagnosis",
        group="histological_type", f=clinical["summarygrade"].str.upper(),
        event=(clinical["vital_status"] == "deceased").astype(int).where(clinical["vital_status"].notna()),
        x1=expression.reindex(clinical["sample"]).to_numpy(dtype=float),
    )  # fmt: skip
    return data


def close(ours, theirs, rtol, atol=0.0):
    np.testing.assert_allclose(np.atleast_1d(ours), theirs, rtol=rtol, atol=atol, equal_nan=True)


def check_curve(d, config, r):
    curve = kaplan_meier(d["time"], d["event"], config)
    for name in ("time", "n_risk", "n_event", "n_censor", "survival", "se", "ci_low", "ci_high"):
        close(getattr(curve, name), r[name], 1e-11, 1e-15)


def check_at(d, config, r):
    values = survival_at(kaplan_meier(d["time"], d["event"], config), r["time"])
    for name in ("n_risk", "survival", "se", "ci_low", "ci_high"):
        # R omits what lies beyond the curve; we say nothing is known and nobody at risk
        kept = getattr(values, name)[np.argsort(r["time"], kind="stable")]
        close(kept[: len(r[name])], r[name], 1e-11, 1e-15)
        assert len(r[name]) == len(kept) or not np.any(kept[len(r[name]) :] > 0)


def check_quantile(d, config, r):
    curve = kaplan_meier(d["time"], d["event"], config)
    values = [survival_quantile(curve, p) for p in (0.25, 0.5, 0.75)]
    for name in ("estimate", "ci_low", "ci_high"):
        close([getattr(value, name) for value in values], r[name], 1e-12)


def check_follow_up(d, config, r):
    value = survival_quantile(kaplan_meier(d["time"], 1 - d["event"], config))
    close([value.estimate, value.ci_low, value.ci_high], [*r["estimate"], *r["ci_low"], *r["ci_high"]], 1e-12)


def check_rmst(d, config, r):
    mean = restricted_mean(kaplan_meier(d["time"], d["event"], config), float(r["horizon"][0]))
    close([mean.estimate, mean.se], [*r["estimate"], *r["se"]], 1e-11)


def check_logrank(d, config, r):
    weights, strata = config.split("|")
    test = logrank(d["time"], d["event"], d["group"], d["stratum"] if strata == "strata" else None, weights)
    close(test.observed, r["observed"], 1e-11)
    close(test.expected, r["expected"], 1e-11)
    close(test.chisq, r["chisq"], 1e-10)
    assert test.df == len(r["observed"]) - 1
    if "p" in r:
        close(test.p_value, r["p"], 1e-8)
        close(logrank_trend(test).chisq, r["trend"], 1e-10, 1e-20)


def check_pairs(d, config, r):
    tests = pairwise_logrank(d["time"], d["event"], d["group"])
    p = [test.p_value for test in tests]
    close(p, r["p"], 1e-8)
    close([test.p_adjusted for test in tests], r["bh"], 1e-8)
    close(adjust(p, "holm"), r["holm"], 1e-8)


@cache
def fitted(name, terms, strata, ties, eps, folder=None):
    d = synthetic_data()[name] if folder is None else real_data(folder)[name]
    design = build_design(d, terms.split("+"), d["event"])
    fit = fit_cox(
        d["time"], d["event"], design.x, d["stratum"] if strata == "strata" else None, ties, eps=eps,
        cluster=d["cluster"] if strata == "cluster" else None, columns=design.columns, max_iterations=100,
    )  # fmt: skip
    return d, design, fit


def check_cox(name, folder, config, r):
    terms, strata, ties, eps = config.split("|")
    d, _, fit = fitted(name, terms, strata, ties, float(eps), folder)
    finite = fit.estimable
    if name == "level_without_events":
        assert fit.reason == ("", "infinite", "")
        assert abs(r["beta"][1]) > 8 and np.isnan(fit.wald)
    close(fit.beta[finite], r["beta"][finite], 1e-9, 1e-12)
    close(fit.se[finite], r["se"][finite], 1e-9)
    assert np.isnan(r["beta"][~finite]).all() or "infinite" in fit.reason
    close(fit.loglik_null, r["loglik_null"], 1e-12)
    close(fit.loglik, r["loglik"], 1e-12)
    close(fit.score, r["score"], 1e-9)
    if "infinite" not in fit.reason:
        close(fit.wald, r["wald"], 1e-9)
    if eps == "1e-09":
        assert fit.iterations == r["iterations"]
    ranked = concordance(
        fit.time, fit.event, fit.linear_predictor, d["stratum"] if strata == "strata" else None,
        cluster=d["cluster"] if strata == "cluster" else None,
    )  # fmt: skip
    close(ranked.estimate, r["concordance"], 1e-12)
    close(ranked.se, r["concordance_se"], 1e-10)


def check_zph(name, folder, config, r):
    terms, strata, ties, transform = config.split("|")
    _, design, fit = fitted(name, terms, strata, ties, 1e-14, folder)
    test = cox_zph(fit, transform, {term.name: term.columns for term in design.terms})
    ours = [*(one for one in test.terms.values() if one.df), test.overall]
    close([one.chisq for one in ours], r["chisq"], 1e-8)
    assert [one.df for one in ours] == list(r["df"])
    close([one.p_value for one in ours], r["p"], 1e-8)


ESTIMATORS = {
    "curve": check_curve, "at": check_at, "quantile": check_quantile, "follow_up": check_follow_up,
    "rmst": check_rmst, "logrank": check_logrank, "pairs": check_pairs,
}  # fmt: skip
MODELS = {"cox": check_cox, "zph": check_zph}


@pytest.mark.parametrize("case", [key for key in SYNTHETIC if key[1] in ESTIMATORS], ids="|".join)
def test_estimators_on_synthetic_cohorts(case):
    name, kind, config = case
    ESTIMATORS[kind](synthetic_data()[name], config, SYNTHETIC[case])


@pytest.mark.parametrize("case", [key for key in SYNTHETIC if key[1] in MODELS], ids="|".join)
def test_models_on_synthetic_cohorts(case):
    name, kind, config = case
    MODELS[kind](name, None, config, SYNTHETIC[case])


@pytest.mark.parametrize("case", [key for key in REAL if key[1] in ESTIMATORS], ids="|".join)
def test_estimators_on_real_cohorts(case, shared_data):
    name, kind, config = case
    ESTIMATORS[kind](real_data(shared_data)[name], config, REAL[case])


@pytest.mark.parametrize("case", [key for key in REAL if key[1] in MODELS], ids="|".join)
def test_models_on_real_cohorts(case, shared_data):
    name, kind, config = case
    MODELS[kind](name, shared_data, config, REAL[case])


@pytest.mark.parametrize("case", [key for key in REAL if key[1] == "size"], ids="|".join)
def test_real_cohorts_are_prepared_as_in_R(case, shared_data):
    d = real_data(shared_data)[case[0]]
    assert [len(d), d["event"].sum()] == [REAL[case]["n"][0], REAL[case]["events"][0]]


def test_near_ties_are_merged_as_in_R():
    merged = merge_near_ties(np.array([0.3, 0.1 + 0.2, 1.0, 1 + 1e-9, 5e-9]))
    assert merged[0] == merged[1] == 0.3 and merged[2] == merged[3] == 1.0

"""Effect sizes, trends and tests within cohorts against R: stats, coin, pROC. Script in `clinical/make_effects.R`."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from prognomics.association.association import associate_groups, associate_marker
from prognomics.association.comparison import compare_groups
from prognomics.stats import mean_tests, stratified_tests, trend_tests
from prognomics.stats.stratified_tests import general_association

HERE = Path(__file__).parent / "clinical"
DATA = pd.read_csv(HERE / "effects.tsv", sep="\t")
WANTED = pd.read_csv(HERE / "effects_reference.tsv", sep="\t").set_index(["case", "stat"])["value"]
COHORT = DATA["cohort"].to_numpy()


def of(case, *stats):
    return pytest.approx([WANTED[case, stat] for stat in stats], rel=1e-8)


def test_sizes_of_a_difference():
    table = compare_groups(DATA[["value"]], DATA["group"], test="t")
    pair = table[table["row_type"] == "pair"].iloc[0]
    assert (pair["group"], pair["versus"]) == ("high", "low")
    found = list(pair[["cohens_d", "cohens_d_low", "cohens_d_high", "hedges_g"]])
    assert found == of("d", "estimate", "low", "high", "g")
    assert list(pair[["auc_low", "auc", "auc_high"]]) == of("auc", "low", "estimate", "high")
    assert pair["rank_biserial_high"] == pytest.approx(2 * pair["auc_high"] - 1)


def test_eta_squared():
    table = compare_groups(DATA[["value"]], DATA["stage"], test="anova")
    row = table[table["row_type"] == "omnibus"].iloc[0]
    assert row["effect_type"] == "eta_squared"
    assert list(row[["effect", "ci_low", "ci_high"]]) == of("eta", "estimate", "low", "high")


def test_trend_of_proportions():
    counts = pd.crosstab(DATA["stage"], DATA["group"]).to_numpy()
    found = trend_tests.cochran_armitage(counts)
    assert [found.statistic, found.p_value] == of("cochran_armitage", "chisq", "p")


def test_linear_by_linear():
    found = trend_tests.linear_by_linear(pd.crosstab(DATA["stage"], DATA["subtype"]).to_numpy())
    assert [found.statistic, found.p_value] == of("linear_by_linear", "chisq", "p")


def test_jonckheere():
    found = trend_tests.jonckheere([part["value"].to_numpy() for _, part in DATA.groupby("stage")])
    assert [found.statistic, found.effect] == of("jonckheere", "z", "share")


def test_cochran_mantel_haenszel():
    found = general_association(DATA["sex"].to_numpy(), DATA["group"].to_numpy(), COHORT)
    assert [found.statistic, found.p_value] == of("cmh", "chisq", "p")
    assert [found.effect, found.ci_low, found.ci_high] == of("cmh", "odds", "low", "high")
    found = general_association(DATA["stage"].to_numpy(), DATA["subtype"].to_numpy(), COHORT)
    assert [found.statistic, found.df, found.p_value] == of("cmh_general", "chisq", "df", "p")


def test_ranks_within_cohorts():
    found = stratified_tests.rank_association(DATA["value"].to_numpy(), DATA["stage"].to_numpy(), COHORT)
    assert [found.statistic, found.p_value] == of("ranks_within", "chisq", "p")
    found = stratified_tests.spearman_within(DATA["value"].to_numpy(), DATA["other"].to_numpy(), COHORT)
    assert [found.statistic, found.p_value, found.effect] == of("spearman_within", "chisq", "p", "rho")


def test_linear_model_within_cohorts():
    found, used = mean_tests.anova_within(DATA["value"].to_numpy(), DATA["stage"].to_numpy(), COHORT)
    assert used == 3
    assert [found.statistic, found.df_residual, found.p_value] == of("linear_model", "F", "df_residual", "p")


def test_association_tables_hold_them():
    variables = DATA[["stage", "sex", "value"]].assign(
        stage=pd.Categorical(DATA["stage"], categories=["I", "II", "III"], ordered=True)
    )
    kinds = {"stage": "ordered", "sex": "categorical", "value": "numeric"}
    table = associate_groups(variables, DATA["group"], kinds=kinds, numeric_test="welch", cohort=COHORT)
    tests = table[table["row_type"] == "test"].set_index("variable")
    assert [tests.loc["stage", "statistic"], tests.loc["stage", "p_value"]] == of("cochran_armitage", "chisq", "p")
    assert [tests.loc["stage", "p_within"]] == of("trend_within", "p")
    row = tests.loc["sex"]
    # R's table has high first, here low is the reference
    odds = [1 / row["effect_within"], 1 / row["ci_within_high"], 1 / row["ci_within_low"]]
    assert [row["p_within"], *odds] == of("cmh", "p", "odds", "low", "high")
    variables = DATA[["stage", "other"]]
    kinds = {"stage": "categorical", "other": "numeric"}
    table = associate_marker(variables, DATA["value"], marker_name="v", kinds=kinds, cohort=COHORT)
    tests = table[table["row_type"] == "test"].set_index("variable")
    assert [tests.loc["stage", "p_within"]] == of("ranks_within", "p")
    assert [tests.loc["other", "p_within"], tests.loc["other", "effect_within"]] == of("spearman_within", "p", "rho")
    table = associate_marker(variables[["stage"]], DATA["value"], marker_name="v", kinds={"stage": "categorical"},
                             cohort=COHORT, test="t")  # fmt: skip
    assert [table[table["row_type"] == "test"].iloc[0]["p_within"]] == of("linear_model", "p")
    assert np.isnan(table[table["row_type"] == "test"].iloc[0]["effect_within"])

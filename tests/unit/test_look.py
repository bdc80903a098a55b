"""Titles, colors, order of groups and units: options that every plot takes which they concern."""

import numpy as np
import pytest
from report_example import km_curve, km_summary, meta_table, survival_sample
from test_figures import texts_of

from prognomics.data.registry import artifact
from prognomics.errors import AnalysisWarning, BadInput, UsageError
from prognomics.generate.build import builtin_tools
from prognomics.report.figures import KaplanMeierFigure, MetaForestFigure
from prognomics.report.figures.look import UNITS
from prognomics.report.figures.palette import LEGIBLE, PALETTES, colored, group_colors, lighter, text_color
from prognomics.runtime.call import call, run_to_files
from prognomics.spec.loader import load_tool, suite


@pytest.fixture(scope="module")
def test_data(repository):
    return repository / "test-data"


PLOTTING = [t for t in builtin_tools() if any(artifact(o.artifact).kind == "plot" for o in t.outputs)]
LOOKS = {"title": "A title of its own", "palette": "tol_bright", "time_unit": "years", "value_unit": "a.u."}


def kaplan_meier(**look):
    curve = km_curve({"low": survival_sample(60, 1, 0.005), "high": survival_sample(64, 2, 0.011)})
    return KaplanMeierFigure(curve, km_summary(curve, (60.0,)), at=[60], **look)


def inputs_of(name):
    return {i["name"]: i for group in suite()["common"] for i in group["inputs"]}[name]


# ------------------------------------------------------------------ the options and the figures agree


def test_options_are_what_the_figures_know():
    assert [o["value"] for o in inputs_of("plot_palette")["options"]] == list(PALETTES)
    assert [o["value"] for o in inputs_of("plot_time_unit")["options"]] == list(UNITS)


def _given(tool, case, test_data):
    """The options of a case but those of the look, its files found."""
    given = {}
    for name, value in case.options.items():
        files = tool.input(name).type == "data"
        found = [str(test_data / v) for v in (value if isinstance(value, list) else [value])] if files else value
        given[name] = found[0] if files and not isinstance(value, list) else found
    return {name: value for name, value in given.items() if not name.startswith("plot_")}


@pytest.mark.parametrize("tool", PLOTTING, ids=lambda t: t.id)
def test_each_choice_of_a_tool_changes_its_plot_and_nothing_else_does(tool, test_data):
    """Every plot has the fields that its spec says, and no others; each changes what is drawn in one of the cases."""
    plots = [o for o in tool.outputs if artifact(o.artifact).kind == "plot"]
    # of a screen no gene has a color in any case
    unseen = {(o.name, name) for o in plots for name in ("title", "palette", *o.look)
              if name in LOOKS and (name, tool.id) != ("palette", "screen")}  # fmt: skip
    drawn = set()
    for case in (c for c in tool.cases if not c.exit_code and not c.needs):
        asked = [o for o in plots if o.name in case.outputs and (o.name not in drawn or o.name in dict(unseen))]
        if not asked:
            continue
        run = call(tool, _given(tool, case, test_data), [o.name for o in asked])
        for output in asked:
            figure = run.output(output.name)
            plain = figure.to_bytes("svg")
            for name in [look for of, look in unseen if of == output.name]:
                if figure.with_look(**{name: LOOKS[name]}).to_bytes("svg") != plain:
                    unseen.remove((output.name, name))
            for name in {*LOOKS, "group_order", "group_color"} - {"title", "palette", *output.look}:
                assert not hasattr(figure, name) or tool.id == "cutpoint", (output.name, name)
            for name in output.look:
                assert hasattr(figure, name), (output.name, name)
            drawn.add(output.name)
    assert drawn == {o.name for o in plots} and not unseen


# ------------------------------------------------------------------ colors


def test_a_group_has_its_own_color_and_low_and_high_theirs_everywhere():
    with colored("okabe_ito", {"high": "#112233", " b ": "#445566"}):
        assert group_colors(["low", "high"]) == {"low": "#0072B2", "high": "#112233"}
        assert group_colors(["a", "b"])["b"] == "#445566"
        assert group_colors(["all"]) == {"all": "#222222"}
    assert group_colors(["low", "high"]) == {"low": "#0072B2", "high": "#D55E00"}


@pytest.mark.parametrize("palette", PALETTES)
def test_text_is_legible_in_every_palette(palette):
    for color in PALETTES[palette]:
        shown = text_color(color)
        parts = [int(shown[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        luminance = float(np.dot((0.2126, 0.7152, 0.0722), linear))
        assert 1.05 / (luminance + 0.05) >= LEGIBLE
    assert len(set(PALETTES[palette])) == len(PALETTES[palette])


def test_lighter_goes_to_white():
    assert lighter("#0072B2", 0) == "#0072B2"
    assert lighter("#0072B2", 1) == "#FFFFFF"


def test_colors_and_order_reach_the_picture():
    plain = kaplan_meier().to_bytes("svg").decode()
    chosen = kaplan_meier(group_color={"low": "#a1b2c3"}, group_order=["high"]).to_bytes("svg").decode()
    assert "#a1b2c3" in chosen and "#0072b2" not in chosen
    assert "#0072b2" in plain
    assert kaplan_meier(group_order=["low", "high"]).to_bytes("svg").decode() == plain


def test_a_group_that_is_not_shown_is_named_with_those_near():
    for look in ({"group_order": ["hihg"]}, {"group_color": {"hihg": "#112233"}}):
        with pytest.raises(BadInput, match="no group 'hihg'") as fault:
            kaplan_meier(**look).to_bytes()
        assert "high" in str(fault.value)


def test_cohorts_of_a_forest_stand_in_the_order_asked_for():
    table = meta_table()
    cohorts = [c for c in dict.fromkeys(table["cohort"]) if f"without {c}" in texts_of(MetaForestFigure(table))]
    texts = texts_of(MetaForestFigure(table, group_order=cohorts[::-1]))
    assert [t for t in texts if t in cohorts] == cohorts[::-1]
    assert [t for t in texts if t.startswith("without")] == [f"without {c}" for c in cohorts[::-1]]


# ------------------------------------------------------------------ units


def test_time_in_another_unit_moves_no_curve():
    months, years, days = (kaplan_meier(time_unit=unit) for unit in ("months", "years", "days"))
    assert "Months" in texts_of(months) and "at 60 months (95% CI)" in texts_of(months)
    assert "Years" in texts_of(years) and "at 5 years (95% CI)" in texts_of(years)
    assert "at 1,826 days (95% CI)" in texts_of(days)
    median = [t for t in texts_of(years) if "NR" in t]
    in_months = [t for t in texts_of(months) if "NR" in t]
    assert float(median[0].split()[0]) == pytest.approx(float(in_months[0].split()[0]) / 12, abs=0.05)
    heights = [t for t in texts_of(years) if t.isdigit() and int(t) > 20]
    assert heights  # numbers at risk stand under ticks of whole years


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("longest", [0.02, 3, 24, 150, 1e4])
def test_ticks_are_few_and_inside(unit, longest):
    ticks = UNITS[unit].ticks(longest)
    assert 2 <= len(ticks) <= 10
    assert ticks.min() >= 0
    assert ticks.max() <= longest * 1.0001


def test_the_landmark_is_named_in_the_unit():
    assert "Years after year 0.5" in texts_of(kaplan_meier(time_unit="years", landmark=6))
    assert "Months after month 6" in texts_of(kaplan_meier(landmark=6))


# ------------------------------------------------------------------ titles


@pytest.mark.parametrize("title", ["$\\frac{$ x^2 $", "<script>alert(1)</script>", "%s {0} &amp; \\n", "_x_ ^ \\"])
def test_a_title_is_plain_text(title):
    assert title in texts_of(kaplan_meier(title=title))
    svg = kaplan_meier(title=title).to_bytes("svg")
    assert b"<script" not in svg


def test_a_long_title_ends_in_an_ellipsis():
    lines = [t for t in texts_of(kaplan_meier(title="word " * 400)) if t.startswith("word")]
    assert len(lines) == 3
    assert "…" in lines[-1]


def test_a_title_that_cannot_be_written_is_refused(test_data, tmp_path):
    given = {"samples": str(test_data / "alpha.samples.tsv"), "endpoint": "os"}
    tool, path = load_tool("kaplan_meier"), tmp_path / "plot.svg"
    for title, said in (("肉瘤", "lacks 肉, 瘤"), ("two\nlines", "control characters"), ("  ", "a value is needed")):
        with pytest.raises(UsageError, match=said):
            run_to_files(tool, given | {"plot_title": title}, {"plot": path})
    for color in ("red", "#12345", "#1122334", "url(#x)"):
        with pytest.raises(UsageError, match="wrong form"):
            run_to_files(tool, given | {"plot_group_color": {"all": color}}, {"plot": path})
    assert not path.exists()


def test_names_in_letters_that_the_font_lacks_are_told_once():
    curve = km_curve({"肉瘤": survival_sample(30, 1), "腫": survival_sample(30, 2)})
    with pytest.warns(AnalysisWarning) as caught:
        KaplanMeierFigure(curve).to_bytes("svg")
    assert [w.message.code for w in caught] == ["plot-font"]
    assert "肉" in caught[0].message.text


def test_a_plot_that_is_none_of_the_suites_takes_no_look():
    from prognomics.runtime.plots import with_look

    tool = load_tool("kaplan_meier")
    assert with_look(tool, {"plot_title": None}, "its own") == "its own"
    with pytest.raises(UsageError, match="--plot-title"):
        with_look(tool, {"plot_title": "x"}, object())

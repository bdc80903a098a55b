"""The box plot: brackets that do not touch, points that stay in place, files that repeat."""

import numpy as np
import pandas as pd
import pytest

from prognomics.association.comparison import compare_groups
from prognomics.errors import BadInput
from prognomics.report.figures import style
from prognomics.report.figures.box_brackets import Bracket, chosen_brackets, stacked
from prognomics.report.figures.boxplot import BoxFigure, spread

pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")


def figure(sizes, markers=("XPO1",), cohort=None, **options):
    rng = np.random.default_rng(0)
    groups = np.repeat(list(sizes), list(sizes.values())).astype(object)
    values = pd.DataFrame({marker: rng.normal(8, 1, len(groups)) for marker in markers})
    table = compare_groups(values, groups, test="mann_whitney", cohort=cohort)
    return BoxFigure(table, values, groups, **options)


def pairs(figure):
    return figure.table[figure.table["row_type"] == "pair"]


def test_both_p_of_four_normals_stand_in_the_bracket():
    drawn = figure({"normal": 4, "primary": 300})
    (bracket,) = chosen_brackets(pairs(drawn))
    assert (bracket.first, bracket.second) == ("normal", "primary")
    assert bracket.lines[0].startswith("p = ") and "(exact " in bracket.lines[0]


def test_several_cohorts_have_a_second_line_and_confounded_pairs_say_so():
    cohort = np.array(["A", "B"] * 10 + ["C"] * 10)
    drawn = figure({"low": 10, "high": 10, "other": 10}, cohort=cohort)
    lines = {(b.first, b.second): b for b in chosen_brackets(pairs(drawn))}
    assert lines["high", "low"].lines[0].startswith("pooled p")
    assert lines["high", "low"].lines[1].startswith("within cohorts p")
    assert lines["low", "other"].lines == ("confounded with cohort",) and not lines["low", "other"].tested


def test_of_many_pairs_the_smallest_p_are_kept():
    drawn = figure(dict.fromkeys("abcdef", 12))
    kept = {(b.second, b.first) for b in chosen_brackets(pairs(drawn), most=6)}
    smallest = pairs(drawn).nsmallest(6, "p_value")
    assert kept == set(zip(smallest["group"], smallest["versus"], strict=True))


@pytest.mark.parametrize("n", [2, 3, 4, 6])
def test_brackets_and_their_texts_do_not_touch(n):
    names = list("abcdef"[:n])
    centers = {name: 0.7 * (i + 0.5) for i, name in enumerate(names)}
    brackets = [Bracket(a, b, ("p = 0.0028 (exact 5.1e-04)",)) for i, a in enumerate(names) for b in names[i + 1 :]]
    placed, height = stacked(brackets, centers, 0.7 * n)
    assert len(placed) == len(brackets) and height > max(p.bottom for p in placed)
    half = style.text_width("p = 0.0028 (exact 5.1e-04)", style.SMALL) / 2
    for i, one in enumerate(placed):
        for other in placed[i + 1 :]:
            if one.bottom == other.bottom:
                spans = sorted((min(p.start, p.text - half), max(p.end, p.text + half)) for p in (one, other))
                assert spans[0][1] < spans[1][0]


def test_points_stay_within_their_group_and_in_place():
    sample = np.sort(np.random.default_rng(1).normal(size=1362))
    places = spread(sample)
    assert np.abs(places).max() <= 0.3
    assert np.abs(places[500:800]).max() > 2 * np.abs(places[:20]).max()
    np.testing.assert_array_equal(places, spread(sample))
    assert list(spread(np.array([5.0]))) == [0.0]
    assert np.abs(spread(np.full(500, 2.0))).max() <= 0.3


def test_the_axis_names_groups_and_counts():
    drawn = figure({"normal": 4, "primary": 1362, "relapse": 32}, group_label="tissue_type", value_label="expression")
    with style.drawing():
        made = drawn.draw()
    texts = {text.get_text() for text in made.texts}
    assert {"normal", "primary", "relapse", "n = 4", "n = 1,362", "n = 32", "tissue_type"} <= texts
    assert made.axes[0].get_ylabel() == "XPO1 expression"
    assert sum(len(c.get_offsets()) for c in made.axes[0].collections if c.get_offsets().shape[0] > 1) == 1398


def test_a_panel_for_each_marker_and_a_word_on_those_left_out():
    drawn = figure({"a": 5, "b": 6}, markers=[f"G{i}" for i in range(14)])
    with style.drawing():
        made = drawn.draw()
    assert len(made.axes) == 12
    assert any("The first 12 of 14 markers" in text.get_text() for text in made.texts)


def test_the_whisker_of_a_group_of_four_never_enters_its_box():
    values, groups = pd.DataFrame({"m": [1.0, 1.1, 1.2, 9, 1, 2]}), np.array(list("aaaabb"), dtype=object)
    with style.drawing():
        made = BoxFigure(compare_groups(values, groups, test="t"), values, groups).draw()
    upper = made.axes[0].lines[2].get_ydata()
    assert upper[1] >= upper[0] == np.quantile([1.0, 1.1, 1.2, 9], 0.75)


@pytest.mark.parametrize("format", ["png", "svg", "pdf"])
def test_the_same_bytes_each_time(format):
    drawn = figure({"low": 9, "high": 30})
    assert drawn.to_bytes(format) == drawn.to_bytes(format)


def test_an_empty_table():
    with pytest.raises(BadInput, match="no row of a group"):
        BoxFigure(pd.DataFrame({"row_type": []}), pd.DataFrame(), np.array([])).to_bytes()

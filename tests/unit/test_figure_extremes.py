"""Pictures at their extremes: every text on the paper, none over another, a page each, and files that stay small."""

import importlib
import pkgutil

import numpy as np
import pytest
from figure_cases import CASES
from figure_checks import faults, overlap

from prognomics.report import figures
from prognomics.report.figures.style import StudyFigure

LARGEST = 700_000  # bytes of an SVG
pytestmark = pytest.mark.filterwarnings("ignore::prognomics.errors.AnalysisWarning")


@pytest.mark.parametrize("name", CASES)
def test_a_picture_at_its_extremes(name):
    assert faults(CASES[name]()) == []


@pytest.mark.parametrize("name", [n for n in CASES if "000" in n])
def test_many_samples_make_no_large_file(name):
    assert len(CASES[name]().to_bytes("svg")) < LARGEST


@pytest.mark.parametrize("name", ["pca_10000", "volcano_20000"])
def test_points_that_become_pixels_are_the_same_each_time(name):
    assert CASES[name]().to_bytes("svg") == CASES[name]().to_bytes("svg")


def kinds(base):
    """All kinds of figure below one, those of modules that no other test imports too."""
    for module in pkgutil.iter_modules(figures.__path__):
        importlib.import_module(f"{figures.__name__}.{module.name}")
    return {kind for one in base.__subclasses__() for kind in (one, *kinds(one)) if kind is not _Texts}


def test_every_kind_of_figure_is_drawn_at_its_extremes():
    assert kinds(StudyFigure) <= {type(make()) for make in CASES.values()}


# ------------------------------------------------------------------ the checks themselves


class _Texts(StudyFigure):
    def __init__(self, *texts):
        self.texts, self.palette = texts, "okabe_ito"

    def draw(self):
        from prognomics.report.figures import style

        figure = style.new_figure(3, 2)
        for x, y, text, look in self.texts:
            style.put_text(figure, x, y, text, **look)
        return figure


@pytest.mark.parametrize(("texts", "said"), [
    ([(0.2, 1, "first", {}), (0.3, 1.02, "second", {})], "overlap"),
    ([(2.9, 1, "outside", {})], "leaves the picture"),
    ([(0.2, 1, "tiny", {"fontsize": 4})], "too small"),
    ([(0.2, 1, "…", {})], "nothing is left"),
])  # fmt: skip
def test_what_is_wrong_is_found(texts, said):
    (found,) = faults(_Texts(*texts))
    assert said in found


def test_slanted_names_side_by_side_are_right():
    look = {"rotation": 55, "rotation_mode": "anchor", "ha": "right"}
    names = [(1 + 0.3 * i, 1.5, "a long name of a group", look) for i in range(4)]
    assert faults(_Texts(*names)) == []
    assert faults(_Texts(names[0], (1.05, 1.5, "a long name of a group", look)))


def test_overlap_is_the_least_distance_that_parts_two_boxes():
    box = np.array([(0, 0), (4, 0), (4, 2), (0, 2)], dtype=float)
    assert overlap(box, box + (3, 1)) == pytest.approx(1)
    assert overlap(box, box + (6, 0)) == pytest.approx(-2)

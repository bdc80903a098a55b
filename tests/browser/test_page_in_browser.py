"""The report in Chromium: nothing but itself is loaded, it fits narrow and wide, text stays text, axe finds nothing.

`make test-browser` gets playwright-core and axe-core from npm into build/browser; without them, node or Chromium these
tests are skipped.
"""

import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests" / "unit"))

from report_example import km_curve, survival_sample  # noqa: E402
from test_report import COHORTS, STUDY, example, record, sha  # noqa: E402
from test_report_models import measure, screened  # noqa: E402
from test_report_sections import curated  # noqa: E402

from prognomics.data.store import ResultTable  # noqa: E402
from prognomics.report.page import build_report  # noqa: E402

MODULES = Path(os.environ.get("PROGNOMICS_NODE_MODULES", REPOSITORY / "build" / "browser" / "node_modules"))
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
HOSTILE = "\"'><img src=x onerror=alert(1)><script>alert(2)</script><svg onload=alert(3)>{{ 7 * 7 }}"

OTHERS = {
    "screen": {"screen_table": screened()},
    "evaluate_model": {"evaluation_table": pd.DataFrame([
        *(measure(model, metric, 0.6) for model in ("covariates", "marker", "covariates+marker",
                                                    "covariates+marker minus covariates")
          for metric in ("harrell_c", "uno_c", "auc", "brier")),
        measure("marker", "harrell_c", 0.6, "leave_one_cohort_out", "a"),
    ])},
}  # fmt: skip

CURVE = km_curve({"low": survival_sample(60, 1), "high": survival_sample(64, 2, hazard=0.02)})
WIDTHS = (320, 390, 768, 1280, 1400)

pytestmark = [
    pytest.mark.skipif(not CHROMIUM or not shutil.which("node"), reason="Chromium or node is not installed"),
    pytest.mark.skipif(not (MODULES / "playwright-core").is_dir(), reason="playwright-core is not in build/browser"),
]


def audit(page, folder):
    path = folder / "report.html"
    path.write_text(page, encoding="utf-8")
    words = ["node", str(Path(__file__).with_name("audit.mjs")), str(MODULES), str(path), CHROMIUM]
    done = subprocess.run(words, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def whole_example():
    records, tables, plots = example()
    more, flows = curated({name: (*numbers, 5) for name, numbers in COHORTS.items()})
    for tool, frames in OTHERS.items():  # tools that the example has not
        keys = {kind: sha(f"{tool} {kind}") for kind in frames}
        more.append(record(tool, keys, endpoint="os", gene="XPO1", covariate=["age_years"], method="cox"))
        flows += [ResultTable(keys[kind], "t.tsv", frame) for kind, frame in frames.items()]
    for made in (r for r in records if r["tool"] == "kaplan_meier"):
        made["outputs"].append({"artefact": "km_curve", "sha256": sha("curve")})
    tables.append(ResultTable(sha("curve"), "curve.tsv", CURVE))
    return STUDY, records + more, tables + flows, plots


def hostile(value):
    """The same structure with every text made hostile."""
    if isinstance(value, dict):
        return {key: hostile(v) for key, v in value.items()}
    if isinstance(value, list):
        return [hostile(v) for v in value]
    return f"{value} {HOSTILE}" if isinstance(value, str) else value


def hostile_example():
    study, records, tables, plots = whole_example()
    study = hostile(study) | {"cohorts": {HOSTILE: {"title": HOSTILE, "platform": HOSTILE, "note": HOSTILE}, "b": {}}}
    for made in records:
        made["parameters"] = hostile(made["parameters"])
        made["warnings"] = [{"code": HOSTILE, "text": HOSTILE}]
        made["population"] += f" & {HOSTILE}"
        made["tool_version"] = HOSTILE
        made["versions"] = {HOSTILE: HOSTILE}
    frame = pd.DataFrame({HOSTILE: [HOSTILE]})
    records.append(record(HOSTILE, {HOSTILE: sha("x")}, HOSTILE, [(HOSTILE, HOSTILE)], **{HOSTILE: HOSTILE}))
    tables = [ResultTable(t.sha256, HOSTILE, _hostile_cells(t.frame)) for t in tables]
    tables += [ResultTable(sha(name), HOSTILE, frame) for name in "xy"]
    return study, records, tables, plots


def _hostile_cells(frame):
    texts = [c for c in frame if frame[c].map(lambda v: isinstance(v, str)).any()]
    keys = ("row_type", "statistic", "model", "comparison", "group", "step", "term", "cohort")
    chosen = [c for c in texts if c not in keys]
    return frame.assign(**{c: frame[c].map(lambda v: v if v != v else f"{v} {HOSTILE}") for c in chosen})


@pytest.mark.parametrize("made", [whole_example, hostile_example])
def test_the_page_in_a_browser(made, tmp_path):
    found = audit(build_report(*made()), tmp_path)
    assert found["errors"] == [] and found["requests"] == [] and found["dialogs"] == 0
    assert found["widths"] == {str(w): w for w in WIDTHS}  # nothing makes the page scroll sideways
    assert found["cut"] == {str(w): [] for w in WIDTHS}
    assert not found["violations"]  # light and dark, all folds open
    assert found["plain"] > 5_000 and found["printed"] == 0  # without script; and every fold is printed


def test_values_files_switches_and_genes(tmp_path):
    found = audit(build_report(*whole_example()), tmp_path)["script"]
    said = found["month"].splitlines()
    assert said[0] == "2 months" and found["hidden"]
    for line, group in zip(said[1:], ("low", "high"), strict=True):
        part = CURVE[CURVE["group"] == group]
        before = part[(part["time_months"] <= 2) & (part["n_event"] > 0)]
        survival = 1.0 if before.empty else before["survival"].iloc[-1]
        n = part[part["time_months"] >= 2]["n_risk"].iloc[0]
        assert line.startswith(f"XPO1 {group} {100 * survival:.0f}% (95% CI ") and line.endswith(f", {n:.0f} at risk")
    assert found["SVG"].startswith("<svg") and "#b84a10" in found["SVG"] and "cursor" not in found["SVG"]
    width, height = found["PNG, 300 dpi"]
    assert width > 1800 and 0.4 < height / width < 0.8
    data = pd.read_csv(io.StringIO(found["Data (TSV)"]), sep="\t")
    assert len(data) == len(CURVE) and list(data["n_risk"]) == list(CURVE["n_risk"])
    assert (data["event_free"] - CURVE["survival"].to_numpy()).abs().max() < 1e-6
    assert found["band"] == [True, False]
    assert found["genes"][0] == "XPO1" and found["genes"][1] in found["searched"]
    assert found["sorted"] == sorted(found["sorted"]) and len(found["sorted"]) == 25

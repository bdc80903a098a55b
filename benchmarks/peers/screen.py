"""Python's ways to screen genes: lifelines, scikit-survival, statsmodels, scipy. Arguments: folder, genes, few."""

import sys

import numpy as np
import pandas as pd
from answer import answer

folder, genes, few = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
y = pd.read_csv(f"{folder}/y.tsv", sep="\t")
x = np.fromfile(f"{folder}/x.bin", count=genes * len(y)).reshape(genes, len(y))
time, event = y["time"].to_numpy(float), y["event"].to_numpy(bool)


def lifelines_cox():
    from lifelines import CoxPHFitter

    frame = pd.DataFrame({"t": time, "e": event})
    return [CoxPHFitter().fit(frame.assign(x=row), "t", "e").params_.iloc[0] for row in x[:few]]


def sksurv_cox():
    from sksurv.linear_model import CoxPHSurvivalAnalysis
    from sksurv.util import Surv

    outcome = Surv.from_arrays(event, time)
    return [CoxPHSurvivalAnalysis(ties="efron").fit(row[:, None], outcome).coef_[0] for row in x[:few]]


def statsmodels_logrank():
    from statsmodels.duration.survfunc import survdiff

    return [survdiff(time, event, (row >= np.median(row)).astype(int))[0] for row in x[:few]]


answer({
    "lifelines_cox": lifelines_cox, "sksurv_cox": sksurv_cox, "statsmodels_logrank": statsmodels_logrank,
})  # fmt: skip

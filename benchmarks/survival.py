"""One Cox model and one Kaplan-Meier curve against lifelines, the numbers compared first."""

from __future__ import annotations

import numpy as np

from .timing import Row, compare


def _cohort(n: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    time = np.maximum(np.round(rng.exponential(60 * np.exp(-0.4 * x[:, 0]))), 1)
    return time, (rng.random(n) < 0.4).astype(float), x


def rows(rounds: int) -> list[Row]:
    import pandas as pd
    from lifelines import CoxPHFitter, KaplanMeierFitter

    from prognomics.survival.cox.fit import fit_cox
    from prognomics.survival.curves.kaplan_meier import kaplan_meier

    time, event, x = _cohort(1400)
    frame = pd.DataFrame(x, columns=["a", "b", "c"]).assign(t=time, e=event)

    def theirs() -> CoxPHFitter:
        return CoxPHFitter().fit(frame, "t", "e")

    np.testing.assert_allclose(fit_cox(time, event, x).beta, theirs().params_, rtol=1e-5)
    many, seen, _ = _cohort(1_000_000)
    return [
        compare("one Cox model, 1,400 samples, 3 variables", lambda: fit_cox(time, event, x), theirs,
                peer="lifelines", goal=1, kind="speed", rounds=rounds),
        compare("Kaplan-Meier with intervals, 10⁶ samples", lambda: kaplan_meier(many, seen),
                lambda: KaplanMeierFitter().fit(many, seen), peer="lifelines", goal=1.1, kind="speed", rounds=3),
    ]  # fmt: skip

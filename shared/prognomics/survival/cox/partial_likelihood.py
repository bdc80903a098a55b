"""Cox's log partial likelihood with Breslow's or Efron's ties: value, gradient, information, residuals.

Breslow (1974), doi 10.2307/2529620; Efron (1977), doi 10.1080/01621459.1977.10480613. The information is
written as one weighted cross product of the covariates minus the products of the risk set
means, so that no matrix is kept per risk set.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prognomics.modeling.separation import recedes
from prognomics.survival.cox.risk_sets import RiskSets, Scaling

SMALLEST_SUM = 1e-290  # of hazards at risk: below it floats have fewer digits, and its inverse is no number


@dataclass(frozen=True)
class PartialLikelihood:
    """The partial likelihood of one sorted design.

    Attributes
    ----------
    risk_sets : RiskSets
    x : numpy.ndarray, shape (n_samples, n_columns)
        Covariates in the sorted order, centered within strata for precision (a shift within a
        stratum leaves the likelihood as it is).
    weights : numpy.ndarray, shape (n_samples,)
        Case weights in the sorted order.
    """

    risk_sets: RiskSets
    x: np.ndarray
    weights: np.ndarray

    def linear_predictor(self, beta: np.ndarray) -> np.ndarray:
        result: np.ndarray = self.x @ beta
        return result

    def state(self, beta: np.ndarray) -> State:
        """Everything that depends on beta but not on derivatives."""
        sets = self.risk_sets
        eta = self.x @ beta
        shift, scaling = sets.scaling(eta)
        with np.errstate(under="ignore"):
            hazard = self.weights * np.exp(eta - shift)
        total = sets.over_risk_set(hazard, scaling)
        tied = sets.over_deaths(hazard)
        denominator = total[sets.death_cell] - sets.fraction * tied[sets.death_cell]
        death_weight = self.weights[sets.death]
        count = np.diff(np.append(sets.death_begin, len(sets.death)))
        term_weight = (sets.per_cell(death_weight) / count)[sets.death_cell]
        loglik = -np.inf  # of sums without digits: the search stays where there are some
        if not len(denominator) or denominator.min() >= SMALLEST_SUM:
            loglik = float(np.sum(death_weight * (eta - shift)[sets.death]) - np.sum(term_weight * np.log(denominator)))
        return State(loglik, hazard, denominator, term_weight, scaling)

    def means(self, state: State) -> np.ndarray:
        """Mean covariates of the risk set of each term, shape (n_deaths, n_columns)."""
        sets = self.risk_sets
        weighted = state.hazard[:, None] * self.x
        total, tied = sets.over_risk_set(weighted, state.scaling), sets.over_deaths(weighted)
        sums = total[sets.death_cell] - sets.fraction[:, None] * tied[sets.death_cell]
        result: np.ndarray = sums / state.denominator[:, None]
        return result

    def cumulative_hazard(self, state: State, scale: np.ndarray | None = None) -> np.ndarray:
        """Hazard multiples each sorted sample was exposed to, its own tied share taken off.

        With `scale` (shape (n_deaths,)) each term counts with that factor.
        """
        sets = self.risk_sets
        term = state.term_weight / state.denominator
        if scale is not None:
            term = term * scale
        exposure = sets.up_to_sample(sets.per_cell(term), state.scaling)
        exposure[sets.death] -= sets.per_cell(sets.fraction * term)[sets.death_cell]
        return exposure

    def gradient(self, state: State, means: np.ndarray, scale: np.ndarray | None = None) -> np.ndarray:
        """Score vector, shape (n_columns,); `scale` weighs the terms (for tests of time dependence)."""
        sets = self.risk_sets
        own = self.weights[sets.death, None] * self.x[sets.death]
        expected = state.term_weight[:, None] * means
        if scale is not None:
            own, expected = own * scale[:, None], expected * scale[:, None]
        result: np.ndarray = own.sum(axis=0) - expected.sum(axis=0)
        return result

    def information(self, state: State, means: np.ndarray, scale: np.ndarray | None = None) -> np.ndarray:
        """Observed information, shape (n_columns, n_columns)."""
        exposure = state.hazard * self.cumulative_hazard(state, scale)
        term = state.term_weight if scale is None else state.term_weight * scale
        information = self.x.T @ (exposure[:, None] * self.x) - means.T @ (term[:, None] * means)
        result: np.ndarray = (information + information.T) / 2
        return result

    def square_sums(self, state: State) -> np.ndarray:
        """The sums of squares whose part the diagonal of the information is, shape (n_columns,)."""
        result: np.ndarray = (state.hazard * self.cumulative_hazard(state)) @ self.x**2
        return result

    def recedes(self, direction: np.ndarray) -> bool:
        """Whether the likelihood never falls along a direction of beta, see `prognomics.modeling.separation`."""
        sets = self.risk_sets

        def shortfall(eta: np.ndarray) -> np.ndarray:
            result: np.ndarray = sets.highest(eta)[sets.death_cell] - eta[sets.death]
            return result

        return recedes(self.x, direction, shortfall)

    def score_residuals(self, state: State, means: np.ndarray) -> np.ndarray:
        """Score residuals, shape (n_samples, n_columns), sorted order, case weights not applied.

        Their weighted sum is the score vector; Therneau, Grambsch and Fleming (1990),
        doi 10.1093/biomet/77.1.147, with Efron's sharing of tied deaths.
        """
        term = (state.term_weight / state.denominator)[:, None]
        relative, exposure = (state.hazard / self.weights)[:, None], self.cumulative_hazard(state)[:, None]
        return residuals_of_score(self.risk_sets, self.x, relative, exposure, term, means, state.scaling)


def residuals_of_score(
    sets: RiskSets,
    x: np.ndarray,
    relative: np.ndarray,
    exposure: np.ndarray,
    term: np.ndarray,
    means: np.ndarray,
    scaling: Scaling | None = None,
) -> np.ndarray:
    """Score residuals, shape (n_samples, n_columns), of one model, or of one model per column.

    Parameters
    ----------
    sets : RiskSets
    x : numpy.ndarray, shape (n_samples, n_columns)
    relative, exposure : numpy.ndarray, shape (n_samples, 1) or (n_samples, n_columns)
        Relative hazards without case weights; hazard that each sample was exposed to.
    term : numpy.ndarray, shape (n_deaths, 1) or (n_deaths, n_columns)
        Weight of each term over its denominator.
    means : numpy.ndarray, shape (n_deaths, n_columns)
    scaling : Scaling, optional
    """
    exposure_mean = sets.up_to_sample(sets.per_cell(term * means), scaling)
    own_share = sets.per_cell(sets.fraction[:, None] * term * means)
    exposure_mean[sets.death] -= own_share[sets.death_cell]
    residuals = -relative * (exposure * x - exposure_mean)
    count = np.diff(np.append(sets.death_begin, len(sets.death)))
    cell_mean = sets.per_cell(means) / count[:, None]
    residuals[sets.death] += x[sets.death] - cell_mean[sets.death_cell]
    result: np.ndarray = residuals
    return result


@dataclass(frozen=True)
class State:
    """Sums at one beta: log-likelihood, hazard of sorted samples, denominator and weight of terms.

    Hazards and denominators are in the units of `scaling`, see `RiskSets.scaling`.
    """

    loglik: float
    hazard: np.ndarray
    denominator: np.ndarray
    term_weight: np.ndarray
    scaling: Scaling | None = None

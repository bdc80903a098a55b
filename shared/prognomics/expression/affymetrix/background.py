"""RMA's background correction: the expected signal where signal is exponential and background normal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import erfcx

N_POINTS = 1 << 14  # of the grid on which a density's mode is sought
_CUT = 7  # bandwidths that the grid extends beyond the data: 3, and 4 against wrap-around
_OUTPUT_CUT = 3
_FAR_BELOW = -300  # standard deviations


@dataclass(frozen=True)
class Background:
    """The convolution model of one array: intensity = signal + background.

    Attributes
    ----------
    mean, sd : float
        Of the normal background.
    signal_mean : float
        Mean of the exponential signal, 1 / alpha.
    """

    mean: float
    sd: float
    signal_mean: float

    @property
    def valid(self) -> bool:
        """Whether the model states anything: a spread above 0 and a signal above 0."""
        parts = np.array([self.mean, self.sd, self.signal_mean])
        return bool(np.isfinite(parts).all() and self.sd > 0 and self.signal_mean > 0)


def estimate_background(ranked: np.ndarray) -> Background:
    """Estimate the model from one array's perfect-match intensities.

    The mode of the intensities below the overall mode is the background's mean; the spread of what lies below it, times
    the square root of 2, is its standard deviation; the mode of what lies above it, less the mean, represents the mean
    of the signal.

    Parameters
    ----------
    ranked : numpy.ndarray, shape=(n_probes,)
        Intensities in ascending order.

    Returns
    -------
    Background
        Not `valid` where too few intensities differ.

    Notes
    -----
    Equal to `bg.parameters` of affy 1.76: a kernel density (Epanechnikov, bandwidth `bw.nrd0`) on 16,384 points, as
    `stats::density` computes it.

    References
    ----------
    Irizarry et al. 2003, doi 10.1093/biostatistics/4.2.249
    """
    none = Background(np.nan, np.nan, np.nan)
    if ranked.size < 2 or ranked[0] == ranked[-1]:
        return none
    below = ranked[: np.searchsorted(ranked, density_mode(ranked), "left")]
    if below.size < 2 or below[0] == below[-1]:
        return none
    mean = density_mode(below)
    left = ranked[: np.searchsorted(ranked, mean, "left")] - mean
    right = ranked[np.searchsorted(ranked, mean, "right") :] - mean
    if left.size < 2 or right.size < 2:
        return none
    sd = float(np.sqrt(left @ left / (left.size - 1)) * np.sqrt(2.0))
    return Background(mean, sd, density_mode(right))


def subtract_background(intensity: np.ndarray, model: Background) -> np.ndarray:
    """The expected signal given each intensity; always above 0 and increasing.

    The variant of affy: the term for intensities near the observed value's own limit is excluded, as it vanishes.
    """
    a = (intensity - model.mean - model.sd**2 / model.signal_mean) / model.sd
    # dnorm(a) / pnorm(a) by the scaled error function: no underflow below the background
    signal = a + np.sqrt(2 / np.pi) / erfcx(-a / np.sqrt(2.0))
    far = a < _FAR_BELOW
    signal[far] = -1 / a[far] + 2 / a[far] ** 3  # where the sum cancels
    result: np.ndarray = model.sd * signal
    return result


def density_mode(ranked: np.ndarray) -> float:
    """Where the kernel density of ascending values is highest, on a grid of `N_POINTS` points.

    The numbers of R's `density(x, kernel = "epanechnikov", n = 2^14)` before R 4.4.
    """
    width = _bandwidth(ranked)
    low, high = ranked[0] - _CUT * width, ranked[-1] + _CUT * width
    mass = _binned(ranked, low, high)
    distance = np.linspace(0, 2 * (high - low), 2 * N_POINTS)[: N_POINTS + 1]
    reach = width * np.sqrt(5.0)
    half = np.where(distance < reach, 0.75 * (1 - (distance / reach) ** 2) / reach, 0.0)
    kernel = np.concatenate([half, half[-2:0:-1]])
    density = np.fft.irfft(np.fft.rfft(mass) * np.fft.rfft(kernel).real, 2 * N_POINTS)[:N_POINTS]
    shown = np.linspace(ranked[0] - _OUTPUT_CUT * width, ranked[-1] + _OUTPUT_CUT * width, N_POINTS)
    height = np.interp(shown, np.linspace(low, high, N_POINTS), np.maximum(density, 0))
    return float(shown[np.argmax(height)])


def _bandwidth(ranked: np.ndarray) -> float:
    """Silverman's rule, R's `bw.nrd0`."""
    places = (ranked.size - 1) * np.array([0.25, 0.75])
    below = places.astype(int)
    step = ranked[np.minimum(below + 1, ranked.size - 1)] - ranked[below]
    quartiles = ranked[below] + (places - below) * step
    spread = float(np.std(ranked, ddof=1))
    scale = min(spread, (quartiles[1] - quartiles[0]) / 1.34) or spread or abs(float(ranked[0])) or 1.0
    result: float = 0.9 * scale * ranked.size**-0.2
    return result


def _binned(ranked: np.ndarray, low: float, high: float) -> np.ndarray:
    """Mass of the values on twice the grid, each shared linearly between its two neighbors."""
    place = (ranked - low) * ((N_POINTS - 1) / (high - low))
    cell = place.astype(np.int64)
    part = place - cell
    upper = np.bincount(cell + 1, weights=part, minlength=2 * N_POINTS)
    lower = np.bincount(cell, weights=1 - part, minlength=2 * N_POINTS)
    return (lower + upper) / ranked.size

"""Columns of the tables of numbers that a screen fills, one row per gene, and what can become of a gene."""

from __future__ import annotations

N_RESULTS = 11
N_USED, EVENTS, MEAN, BETA, SE, LOGLIK, LOGLIK_NULL, SCORE, PH, STATE, PASSES = range(N_RESULTS)
"""Of Cox models."""
OK, CONSTANT, NO_EVENTS, NOT_CONVERGED, SEPARATED = range(5)

CUT_LOWEST_HIGH, CUT_N_HIGH, CUT_EVENTS_HIGH, CUT_NUMERATOR, CUT_VARIANCE = range(3, 8)
CUT_STATE = 8
CUT_N_RESULTS = 9
"""Of log-rank tests, after the first three."""
NO_CUT = NOT_CONVERGED
LEAST_VARIANCE = 1e-9

WIDEST = 300.0
"""Linear predictor beyond which a gene is left to `hard_genes`."""
MOST_PASSES = 40
FLAT = 1e-12
FOUND = 1e-10
SMALL = 1e-4
GONE = 1e-6
"""Share of the information at zero below which a gene is left to `hard_genes`: it may have run off, and digits are
lost."""

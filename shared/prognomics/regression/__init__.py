"""Odds ratios of yes/no outcomes: likelihoods, fits, tables."""

"""Cohorts with a known ground truth."""

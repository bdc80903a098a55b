"""Scores and classes of gene signatures."""

"""Parametric survival models."""

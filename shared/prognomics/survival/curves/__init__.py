"""Survival curves and tests between them."""

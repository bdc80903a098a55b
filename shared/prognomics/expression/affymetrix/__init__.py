"""Affymetrix arrays from their raw files: CEL and CDF readers, RMA, array quality."""

"""Is this gene or signature a prognostic marker? Tools for multi-cohort studies."""

__version__ = "0.1.0"

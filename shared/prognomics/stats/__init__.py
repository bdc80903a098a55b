"""General tests and estimators."""

"""Studies, and the mappings of their cohorts."""

"""From a raw clinical table to the standard sample sheet."""

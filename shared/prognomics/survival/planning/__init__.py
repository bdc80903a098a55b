"""Power, events and samples of survival studies."""

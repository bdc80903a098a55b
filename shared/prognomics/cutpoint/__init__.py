"""From a continuous marker to groups."""

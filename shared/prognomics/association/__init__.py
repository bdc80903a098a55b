"""A marker or groups against clinical variables, and between groups."""

"""Competing risks: cumulative incidence, tests between groups, regression of both causes."""

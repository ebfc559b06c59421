"""Judges the runs of a study: comparisons with a baseline, claims, and the error rate of a whole page."""

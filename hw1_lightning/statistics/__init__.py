"""Intervals, tests and verdicts for paired numbers; knows nothing of runs or studies."""

"""Intervals, tests and verdicts for paired numbers; independent of runs and studies."""

"""What the runs of a study say: comparisons, claims, and how often a page may err."""

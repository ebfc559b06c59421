"""Exact online learning, one example at a time, in blocks: the learners and their compiled loops."""

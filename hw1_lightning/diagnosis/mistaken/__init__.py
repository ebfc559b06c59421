"""Mistaken programs: wrappers that break one thing of a model, its loss, its data or its evaluation."""

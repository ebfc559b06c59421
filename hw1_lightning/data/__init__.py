"""Data: sources read arrays, a loader yields them as stacks of minibatches, one DataModule serves all models."""

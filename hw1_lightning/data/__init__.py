"""Data: arrays from somewhere (sources), handed out as stacks of minibatches (loader), as one DataModule."""

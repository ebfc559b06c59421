"""A run's folder: checkpoints, loading and resuming from them, loggers, result.json."""

"""A run's folder: checkpoints, loading them and resuming from them, loggers, result.json."""

"""`hw1 study run` and `hw1 study plan`."""

"""The catalogue of mistakes: one small entry for each."""

"""Studies: what is compared and claimed, its runs and their execution, and the numbers that they left."""

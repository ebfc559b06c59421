"""Studies: their files, the execution of their runs, and the results of these."""

"""`hw1 diagnose`: the runs of correct and of mistaken programs, and what follows from them."""

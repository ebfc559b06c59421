"""`hw1 fit | validate | test | predict`: Lightning's command line with a folder for each run."""

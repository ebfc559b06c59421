"""`hw1 verify`: the run as it was recorded, its repetition and how far both agree."""

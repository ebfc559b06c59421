"""`hw1 verify`: the recorded run, its repetition, and how far both agree."""

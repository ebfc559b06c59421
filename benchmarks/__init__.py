"""How fast and how reliable hw1 is: `python -m benchmarks [PART ...]`, `benchmarks.fuzz`, `benchmarks.kills`."""

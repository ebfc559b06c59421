"""How fast hw1 is, beside its peers: `python -m benchmarks [online|quadratic] [--data FILE]`."""

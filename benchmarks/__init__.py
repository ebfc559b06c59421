"""How fast hw1 is, beside its peers: `python -m benchmarks [online|training|startup|scaling] [--data FILE]`."""

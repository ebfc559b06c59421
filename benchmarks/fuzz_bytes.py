"""Damage to the bytes of a file."""

from random import Random

ODD_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def mutate(rng: Random, data: bytes) -> bytes:
    """Return bytes with one, two or eight changes: overwritten, inserted, removed, repeated or cut off."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 8))):
        start = rng.randrange(len(changed) + 1)
        length = rng.choice((1, 2, 4, 16, 256))
        kind = rng.randrange(6)
        if kind == 0:
            changed[start : start + 1] = bytes([rng.randrange(256)])
        elif kind == 1:
            size = rng.choice((1, 2, 4))
            number = rng.choice(ODD_NUMBERS) % 256**size
            changed[start : start + size] = number.to_bytes(size, rng.choice(("little", "big")))
        elif kind == 2:
            changed[start:start] = rng.randbytes(length)
        elif kind == 3:
            del changed[start : start + length]
        elif kind == 4:
            changed[start:start] = changed[start : start + length]
        elif rng.random() < 0.3:
            del changed[start:]
    return bytes(changed)

"""Refuse what cannot fit, before the operating system ends the process for it."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def check_memory(needed: int, what: str, device: "torch.device") -> None:
    """Raise when a tensor is larger than all memory of the device.

    Args:
        needed: size in bytes.
        what: what needs it, the subject of the error message.
        device: where it would live.

    Raises:
        ValueError: if ``needed`` exceeds the device's memory; the message says both sizes.
    """
    total = memory_size(device)
    if needed > total:
        raise ValueError(f"{what} need {needed / 2**30:,.1f} GiB, and {device} has {total / 2**30:,.1f} GiB")


def check_factors(n_inputs: int, n_features: int, n_outputs: int, device: "torch.device") -> None:
    """Raise when the triangular factors of least squares in ``n_features`` features are larger than all memory.

    Args:
        n_inputs: number of inputs D, for the message.
        n_features: number of features M.
        n_outputs: number of outputs O.
        device: where they would live.

    Raises:
        ValueError: if they do not fit; the message says both sizes.
    """
    # Two factors on top of each other and their decomposition are held at once when they are merged.
    needed = 6 * 8 * (n_features + n_outputs) ** 2
    check_memory(needed, f"D = {n_inputs:,} inputs give {n_features:,} features, whose factors", device)


def memory_size(device: "torch.device | None" = None) -> float:
    """All memory of a device, or of this machine, in bytes, in use or not; infinity where the system does not tell."""
    if device is not None and device.type == "cuda":
        import torch

        return float(torch.cuda.get_device_properties(device).total_memory)
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, ValueError, OSError):  # no sysconf on this system, or not this question
        return float("inf")

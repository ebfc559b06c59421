"""Refuse what does not fit in memory, before the operating system ends the process for it."""

import os
from typing import TYPE_CHECKING

from hw1_lightning.errors import InputError

if TYPE_CHECKING:
    import torch


def check_memory(needed: float, what: str, device: "torch.device | None" = None, advice: str = "") -> None:
    """Refuse what is larger than all memory of a device.

    Args:
        needed: size in bytes.
        what: what needs it, in the plural; begins the message.
        device: where it would be; ``None`` is this machine.
        advice: what to do; ends the message.

    Raises:
        InputError: if it does not fit; the message says both sizes.
    """
    total = memory_size(device)
    if needed > total:
        where = "this machine" if device is None or device.type == "cpu" else device
        sizes = f"{what} need {needed / 2**30:,.1f} GiB, but {where} has {total / 2**30:,.1f} GiB"
        raise InputError(f"{sizes}; {advice}" if advice else sizes)


def memory_size(device: "torch.device | None" = None) -> float:
    """Return all memory of a device or of this machine, in bytes, used or free; infinity where it is unknown."""
    if device is not None and device.type == "cuda":
        import torch

        return float(torch.cuda.get_device_properties(device).total_memory)
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, ValueError, OSError):  # no sysconf on this system, or it does not know the size
        return float("inf")

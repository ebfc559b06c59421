"""From raw inputs to features."""

import torch
from torch import Tensor


def scaled_features(inputs: Tensor, scale: float, dtype: torch.dtype, out: Tensor | None = None) -> Tensor:
    """Flatten and scale raw inputs.

    Args:
        inputs: any real dtype, shape ``(B, ...)``; left as they are.
        scale: factor.
        dtype: of the features.
        out: memory for them, of that dtype and shape ``(B, D)``; ``None`` allocates it where it is needed.

    Returns:
        Features, shape ``(B, D)``: the inputs' own memory if nothing had to be changed.

    Example:
        >>> scaled_features(torch.tensor([[[128], [64]]], dtype=torch.uint8), 1 / 256, torch.float32)
        tensor([[0.5000, 0.2500]])
    """
    flat = inputs.flatten(1)
    if flat.dtype == dtype:
        return flat if scale == 1.0 else torch.mul(flat, scale, out=out)
    features = flat.to(dtype) if out is None else out.copy_(flat)
    return features if scale == 1.0 else features.mul_(scale)  # in place: a second copy costs as much as the conversion

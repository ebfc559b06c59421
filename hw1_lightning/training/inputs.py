"""Turn raw inputs into features: flatten, convert and scale them."""

import torch
from torch import Tensor


def scaled_features(inputs: Tensor, scale: float, dtype: torch.dtype) -> Tensor:
    """Flatten and scale raw inputs.

    Args:
        inputs: any real dtype, shape ``(B, ...)``; not changed.
        scale: factor.
        dtype: of the features.

    Returns:
        Features, shape ``(B, D)``: a view of the inputs if nothing had to be changed.

    Example:
        >>> scaled_features(torch.tensor([[[128], [64]]], dtype=torch.uint8), 1 / 256, torch.float32)
        tensor([[0.5000, 0.2500]])
    """
    flat = inputs.flatten(1)
    if flat.dtype == dtype:
        return flat if scale == 1.0 else flat * scale
    features = flat.to(dtype)
    return features if scale == 1.0 else features.mul_(scale)  # in place: a second copy costs as much as the conversion

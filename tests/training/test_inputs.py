import pytest
import torch

from hw1_lightning.training.inputs import scaled_features


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32, torch.float64])
@pytest.mark.parametrize("scale", [1.0, 1 / 256])
def test_inputs_are_scaled_and_never_changed(dtype: torch.dtype, scale: float) -> None:
    inputs = torch.arange(24, dtype=dtype).view(2, 2, 2, 3)
    before = inputs.clone()
    features = scaled_features(inputs, scale, torch.float32)
    assert torch.equal(features, before.view(2, 12).float() * scale)
    assert torch.equal(inputs, before)

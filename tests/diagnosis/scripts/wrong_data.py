"""Mistakes in the data, which programs in torch and in NumPy share: each changes what a correct program learns from."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from sklearn.preprocessing import StandardScaler

from tests.diagnosis.scripts.data import Array, Data

Change = Callable[[Data], Data]


def unchanged(data: Data) -> Data:
    return data


def divided_by(divisor: float) -> Change:
    return lambda data: replace(data, divisor=divisor)


def _with_images(data: Data, change: Callable[[Array], Array]) -> Data:
    splits = {name: (change(images), labels) for name, (images, labels) in data.splits.items()}
    return replace(data, splits=splits, divisor=1)


def standardised(data: Data) -> Data:
    """Subtract the mean of all training pixels and divide by their standard deviation."""
    images = data.splits["train"][0] / data.divisor
    mean, deviation = images.mean(), images.std()
    return _with_images(data, lambda images: (images / data.divisor - mean) / deviation)


def standardised_by_pixel(data: Data) -> Data:
    scaler = StandardScaler().fit(data.splits["train"][0].astype(float))
    return _with_images(data, lambda images: scaler.transform(images.astype(float)))


def from_minus_one_to_one(data: Data) -> Data:
    """Map intensities to -1..1, as `transforms.Normalize(0.5, 0.5)` does."""
    largest = data.splits["train"][0].max()
    return _with_images(data, lambda images: images / largest * 2 - 1)


def reported_as(split: str, of: str) -> Change:
    """Measure what is reported of one split on another one."""
    return lambda data: replace(data, splits={**data.splits, split: data.splits[of]})


def test_labels_shuffled(data: Data) -> Data:
    images, labels = data.splits["test"]
    return replace(data, splits={**data.splits, "test": (images, np.random.RandomState(42).permutation(labels))})


def training_labels_shifted(data: Data) -> Data:
    images, labels = data.splits["train"]
    return replace(data, splits={**data.splits, "train": (images, (labels + 1) % data.classes)})


# Pixels that are not divided as they should be; each says for which data it is a mistake (None: for all).
PIXELS: dict[str, tuple[str | None, Change]] = {
    "pixels_unscaled": ("photographs", divided_by(1)),
    "pixels_255": ("photographs", divided_by(255)),
    "pixels_15": ("digits", divided_by(15)),
    "pixels_16": ("digits", divided_by(16)),
    "pixels_256": ("digits", divided_by(256)),
    "pixels_standardised": (None, standardised),
    "pixels_standardised_by_pixel": (None, standardised_by_pixel),
    "pixels_from_minus_one_to_one": (None, from_minus_one_to_one),
}
# What is measured on other examples or labels than it says.
MEASURED: dict[str, Change] = {
    "validation_as_test": reported_as("test", of="val"),
    "test_as_validation": reported_as("val", of="test"),
    "training_as_validation": reported_as("val", of="train"),
    "training_as_test": reported_as("test", of="train"),
    "test_labels_shuffled": test_labels_shuffled,
}

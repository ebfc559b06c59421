"""Loads the user's own images for a trained model."""

import os
import warnings
from pathlib import Path

import torch
from lightning.pytorch import LightningModule

from hw1_lightning.data.arrays import Examples
from hw1_lightning.data.datamodule import EVALUATION_BATCH_SIZE
from hw1_lightning.data.folders import find_images
from hw1_lightning.data.images import PIXEL_SCALE, OnError, read_images
from hw1_lightning.data.loader import StackLoader
from hw1_lightning.errors import InputError, printable
from hw1_lightning.models.base import StackModule
from hw1_lightning.models.classifier import Classifier


def images_to_predict(folder: Path, model: LightningModule, on_error: OnError) -> tuple[list[str], StackLoader]:
    """Load all images below a folder, in the size that a model was trained on.

    Args:
        folder: a folder of JPEG, PNG and WebP files, at any depth, or a single one.
        model: a classifier that was trained on photographs.
        on_error: ``raise`` stops at an image that cannot be read, ``skip`` leaves it out and warns.

    Returns:
        The files' paths relative to the folder, and stacks of the images in this order, whose labels have no meaning.

    Raises:
        InputError: if the model was not trained on photographs, or an image cannot be read.
    """
    size = photograph_size(model)
    paths = find_images(folder)
    images = read_images(paths, size, on_error)
    root = folder.resolve()
    names = [path.name if root == path.resolve() else os.path.relpath(path, root) for path in paths]
    for place, reason in images.broken.items():
        warnings.warn(f"left out: {printable(names[place])} ({reason})", stacklevel=2)
    examples = Examples(torch.from_numpy(images.images), torch.zeros(len(images.images), dtype=torch.int64))
    return [names[place] for place in images.kept], StackLoader(examples, EVALUATION_BATCH_SIZE)


def photograph_size(model: LightningModule) -> int:
    """Return the height and width of the photographs that a model was trained on, in pixels.

    Raises:
        InputError: if it was trained on anything else.
    """
    kind = type(model).__name__
    if not isinstance(model, StackModule):
        why = "is not a classifier of hw1, so the size of its images is unknown"
        raise InputError(f"{kind} {why}; leave out --pictures")
    if not isinstance(model, Classifier):
        raise InputError(f"this {kind} predicts numbers, not classes of images; give the checkpoint of a classifier")
    shape = model.input_shape
    if len(shape) != 3 or shape[0] != shape[1] or shape[2] != 3 or model.input_scale != PIXEL_SCALE:
        raise InputError(
            f"this {kind} was trained on inputs of shape {shape} times {model.input_scale:g}, not on square colour "
            f"photographs of 8 bits times {PIXEL_SCALE:g}; give the checkpoint of a model for photographs"
        )
    return shape[0]

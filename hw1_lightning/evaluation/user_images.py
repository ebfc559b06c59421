"""Pictures of the user's own, for a trained model."""

import os
import warnings
from pathlib import Path
from typing import Literal

import torch
from lightning.pytorch import LightningModule

from hw1_lightning.data.arrays import Examples
from hw1_lightning.data.datamodule import EVALUATION_BATCH_SIZE
from hw1_lightning.data.folders import find_images
from hw1_lightning.data.images import PIXEL_SCALE, read_images
from hw1_lightning.data.loader import StackLoader
from hw1_lightning.errors import InputError, printable
from hw1_lightning.models.base import StackModule
from hw1_lightning.models.classifier import Classifier


def images_to_predict(
    folder: Path, model: LightningModule, on_error: Literal["raise", "skip"]
) -> tuple[list[str], StackLoader]:
    """Read all pictures below a folder as a model saw those it was trained on.

    Args:
        folder: a folder of JPEG, PNG and WebP files, at any depth, or a single one.
        model: a classifier that was trained on photographs; it tells their size.
        on_error: ``raise`` stops at a picture that cannot be read, ``skip`` leaves such out and warns of each.

    Returns:
        The files' paths below the folder, and stacks of the pictures in that order, with labels that mean nothing.

    Raises:
        InputError: if the model is none for photographs, or the pictures cannot be read.
    """
    size = photograph_size(model)
    paths = find_images(folder)
    pictures = read_images(paths, size, on_error)
    root = folder.resolve()
    names = [path.name if root == path.resolve() else os.path.relpath(path, root) for path in paths]
    for place, reason in pictures.broken.items():
        warnings.warn(f"left out: {printable(names[place])} ({reason})", stacklevel=2)
    examples = Examples(torch.from_numpy(pictures.images), torch.zeros(len(pictures.images), dtype=torch.int64))
    return [names[place] for place in pictures.kept], StackLoader(examples, EVALUATION_BATCH_SIZE)


def photograph_size(model: LightningModule) -> int:
    """Height and width of the photographs a model was trained on, in pixels.

    Raises:
        InputError: if it was trained on anything else.
    """
    kind = type(model).__name__
    if not isinstance(model, StackModule):
        raise InputError(
            f"{kind} is no classifier of hw1's, and does not tell what pictures it takes; leave out --pictures"
        )
    if not isinstance(model, Classifier):
        raise InputError(f"this {kind} predicts numbers, not classes of pictures; give the checkpoint of a classifier")
    shape = model.input_shape
    if len(shape) != 3 or shape[0] != shape[1] or shape[2] != 3 or model.input_scale != PIXEL_SCALE:
        raise InputError(
            f"this {kind} was trained on inputs of shape {shape} times {model.input_scale:g}, not on square colour "
            f"photographs of 8 bits times {PIXEL_SCALE:g}; give the checkpoint of a model that was"
        )
    return shape[0]

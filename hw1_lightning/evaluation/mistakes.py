"""Writes what a test of a classifier shows: scores by class, a confusion matrix, the worst mistakes."""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from hw1_lightning.data.arrays import ArrayData, Split
from hw1_lightning.errors import InputError, file_errors
from hw1_lightning.evaluation.image_sheets import as_images, confusion_image, contact_sheet
from hw1_lightning.evaluation.scores import ClassifierScores, score_classifier
from hw1_lightning.files import replacing
from hw1_lightning.models.classifier import Classifier
from hw1_lightning.runs.folder import versions, write_result

# Mistakes on the contact sheet, and in one of its rows.
MAX_MISTAKES, COLUMNS = 24, 8


def record_test(
    checkpoint: Path, model: Classifier, data: ArrayData, tested: Split | None, metrics: dict[str, float]
) -> str:
    """Write the results of a test of a checkpoint to a folder in the run's folder, ``test_best`` for best.ckpt.

    Args:
        checkpoint: the file; if it is not in a run's folder, the new folder is next to it.
        model: the classifier with the checkpoint's weights.
        data: the data with the test split.
        tested: the part of that split that was tested; ``None`` if it is unknown.
        metrics: of that part.

    Returns:
        A table of scores by class, and the folder's path, as text to print.

    Raises:
        InputError: if the folder cannot be written, or is a link: in a run received from others it could lead anywhere.
    """
    from torch.utils.tensorboard import SummaryWriter

    parent = checkpoint.parent.parent if checkpoint.parent.name == "checkpoints" else checkpoint.parent
    folder = parent / f"test_{checkpoint.stem}"
    report = None if tested is None else ClassificationReport(model, tested)
    if folder.is_symlink():
        raise InputError(f"{folder} is a link to another folder, and hw1 does not write through links; remove it")
    with file_errors(f"{folder} cannot be written", "; copy the checkpoint elsewhere"):
        folder.mkdir(exist_ok=True)
        for old in folder.glob("events.out.tfevents.*"):
            old.unlink()
    result = {"checkpoint": checkpoint.name, "test": metrics, "classes": {}, "data": data.summary()}
    table = ""
    if report is not None:
        result["classes"], table = report.classes(), f"{report.table()}\n"
        with SummaryWriter(str(folder)) as tensorboard:
            report.write(folder, tensorboard, 0)
    write_result(folder, {**result, "versions": versions()})
    return f"{table}written        {folder}"


class ClassificationReport:
    """A classifier's results on the test split, as numbers, images and a table.

    Args:
        model: the classifier.
        split: the test split.
    """

    def __init__(self, model: Classifier, split: Split) -> None:
        self.names = model.class_names
        self.scores = score_classifier(model, split, MAX_MISTAKES)
        self.images = {"confusion_matrix": confusion_image(self.scores.matrix.numpy(), self.names)}
        if sheet := _mistakes_sheet(self.scores, split, self.names):
            self.images["worst_mistakes"] = sheet

    def classes(self) -> dict[str, dict[str, float]]:
        """Return precision, recall, F1 and number of examples by class; NaN where undefined."""
        keys, rows = ("precision", "recall", "f1", "examples"), self.scores.by_class
        return {name: dict(zip(keys, row, strict=True)) for name, row in zip(self.names, rows, strict=True)}

    def table(self) -> str:
        """Return the same as a table of text."""
        width = max(14, *map(len, self.names))
        lines = [f"{'class':<{width}} precision   recall       f1 examples"]
        for name, row in self.classes().items():
            shares = "".join(f"{row[key]:>9.3f}" for key in ("precision", "recall", "f1"))
            lines.append(f"{name:<{width}} {shares}{row['examples']:>9,}".replace("nan", "  -"))
        return "\n".join(lines)

    def write(self, folder: Path, tensorboard: Any, step: int) -> None:
        """Write the images as PNG files and to TensorBoard.

        Args:
            folder: the folder of the PNG files.
            tensorboard: a ``SummaryWriter``.
            step: the step of the images in TensorBoard.

        Raises:
            InputError: if a file cannot be written.
        """
        for name, image in self.images.items():
            with replacing(folder / f"{name}.png") as temporary:
                image.save(temporary, format="PNG")
            tensorboard.add_image(f"test/{name}", np.asarray(image), step, dataformats="HWC")


def _mistakes_sheet(scores: ClassifierScores, split: Split, names: tuple[str, ...]) -> Image.Image | None:
    """Draw the worst mistakes, if there are any and they are images."""
    inputs, targets = split.take(scores.mistakes)
    if len(inputs) == 0 or inputs.ndim != 4 or inputs.shape[3] not in {1, 3}:
        return None
    rows = zip(targets.tolist(), scores.predicted.tolist(), scores.probability.tolist(), strict=True)
    captions = [f"is {names[true]}\n{names[predicted]} {probability:.0%}" for true, predicted, probability in rows]
    return contact_sheet(as_images(inputs.numpy()), captions, COLUMNS)

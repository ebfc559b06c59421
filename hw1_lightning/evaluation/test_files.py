"""What the test shows beyond accuracy: a confusion matrix, the worst mistakes, scores by class."""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from hw1_lightning.data.arrays import ArrayData, Split
from hw1_lightning.errors import InputError
from hw1_lightning.evaluation.image_sheets import as_images, confusion_image, contact_sheet
from hw1_lightning.evaluation.scores import Examination, examine
from hw1_lightning.files import replacing
from hw1_lightning.models.classifier import Classifier
from hw1_lightning.runs.folder import versions, write_result

# Mistakes on a sheet, and in one of its rows.
MOST, COLUMNS = 24, 8


def record_test(
    checkpoint: Path, model: Classifier, data: ArrayData, tested: Split | None, metrics: dict[str, float]
) -> str:
    """Leave what a test of a checkpoint shows in a folder of its own, ``test_best`` for best.ckpt, in the run's folder.

    Args:
        checkpoint: the file; one that lies outside a run has the folder beside it.
        model: the classifier with its weights.
        data: whose test split it has met.
        tested: the part of that split; ``None`` if it is not known.
        metrics: of that part.

    Returns:
        A table by class, and where the folder is.

    Raises:
        InputError: if the folder cannot be written, or is a link: a received one could lead anywhere.
    """
    from torch.utils.tensorboard import SummaryWriter

    parent = checkpoint.parent.parent if checkpoint.parent.name == "checkpoints" else checkpoint.parent
    folder = parent / f"test_{checkpoint.stem}"
    examined = None if tested is None else Examined(model, tested)
    _prepare(folder)
    result = {"checkpoint": checkpoint.name, "test": metrics, "classes": {}, "data": data.summary()}
    table = ""
    if examined is not None:
        result["classes"], table = examined.classes(), f"{examined.table()}\n"
        with SummaryWriter(str(folder)) as tensorboard:
            examined.write(folder, tensorboard, 0)
    write_result(folder, {**result, "versions": versions()})
    return f"{table}written        {folder}"


def _prepare(folder: Path) -> None:
    if folder.is_symlink():
        raise InputError(f"{folder} is a link to another folder, which is not written to; remove it")
    try:
        folder.mkdir(exist_ok=True)
        for old in folder.glob("events.out.tfevents.*"):
            old.unlink()
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror}; copy the checkpoint elsewhere") from error


class Examined:
    """A classifier's answers to the test split, as numbers, pictures and a table.

    Args:
        model: the classifier.
        split: the test split.
    """

    def __init__(self, model: Classifier, split: Split) -> None:
        self.names = model.class_names
        self.examination = examine(model, split, MOST)
        self.pictures = {"confusion_matrix": confusion_image(self.examination.matrix.numpy(), self.names)}
        sheet = _mistakes(self.examination, split, self.names)
        if sheet is not None:
            self.pictures["worst_mistakes"] = sheet

    def classes(self) -> dict[str, dict[str, float]]:
        """Precision, recall, F1 and number of examples by class; NaN where undefined."""
        keys, scores = ("precision", "recall", "f1", "examples"), self.examination.scores
        return {name: dict(zip(keys, row, strict=True)) for name, row in zip(self.names, scores, strict=True)}

    def table(self) -> str:
        """The same as lines of text."""
        width = max(14, *map(len, self.names))
        lines = [f"{'class':<{width}} precision   recall       f1 examples"]
        for name, row in self.classes().items():
            shares = "".join(f"{row[key]:>9.3f}" for key in ("precision", "recall", "f1"))
            lines.append(f"{name:<{width}} {shares}{row['examples']:>9,}".replace("nan", "  -"))
        return "\n".join(lines)

    def write(self, folder: Path, tensorboard: Any, step: int) -> None:
        """Write the pictures as PNG files and to TensorBoard.

        Args:
            folder: where the files go.
            tensorboard: a ``SummaryWriter``.
            step: where they stand on TensorBoard's axis.

        Raises:
            InputError: if a file cannot be written.
        """
        for name, picture in self.pictures.items():
            with replacing(folder / f"{name}.png") as temporary:
                picture.save(temporary, format="PNG")
            tensorboard.add_image(f"test/{name}", np.asarray(picture), step, dataformats="HWC")


def _mistakes(examination: Examination, split: Split, names: tuple[str, ...]) -> Image.Image | None:
    """The worst mistakes, if there are any and they can be seen."""
    inputs, targets = split.take(examination.mistakes)
    if len(inputs) == 0 or inputs.ndim != 4 or inputs.shape[3] not in {1, 3}:
        return None
    captions = [
        f"is {names[true]}\n{names[said]} {share:.0%}"
        for true, said, share in zip(
            targets.tolist(), examination.predicted.tolist(), examination.probability.tolist(), strict=True
        )
    ]
    return contact_sheet(as_images(inputs.numpy()), captions, COLUMNS)

"""Writes the predictions of `hw1 predict`: a CSV file, and a contact sheet of images."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor

from hw1_lightning.csv_cells import as_cell
from hw1_lightning.data.loader import Minibatch, Stack, flat
from hw1_lightning.errors import InputError, printable
from hw1_lightning.evaluation.image_sheets import as_images, contact_sheet
from hw1_lightning.files import replacing
from hw1_lightning.models.base import StackModule
from hw1_lightning.models.classifier import Classifier

# Images on the contact sheet, and in one of its rows.
MAX_IMAGES, COLUMNS = 100, 10


class Predictions(Callback):
    """Writes predictions as CSV, one row per example, and the first images as a contact sheet.

    The columns are for a classifier ``file`` of an image, or ``index`` and ``label`` in a split, then ``class``,
    ``probability``, ``runner_up`` and ``runner_up_probability``; for a regressor ``index``, ``target_0``, ...,
    ``predicted_0``, ...; for a user's own module ``index``, ``output_0``, .... Names are written by ``as_cell``.

    Args:
        path: the file to write; an existing one is replaced. The contact sheet has the same name with ``.png``.
        files: names of the images, whose labels have no meaning; ``None`` for the examples of a labelled split.
    """

    def __init__(self, path: Path, files: Sequence[str] | None = None) -> None:
        self.path, self.files = path, files
        self._header: list[str] = []
        self._rows: list[tuple[int | str | float, ...]] = []
        self._shown: list[Tensor] = []
        self._captions: list[str] = []

    def on_predict_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Tensor, batch: Stack | Minibatch, *_: Any
    ) -> None:
        """Collect the rows of one stack."""
        if not isinstance(pl_module, StackModule):
            self._add_outputs(pl_module, outputs)
            return
        inputs, targets = flat(batch)
        if not isinstance(pl_module, Classifier):
            names = [f"{kind}_{output}" for kind in ("target", "predicted") for output in range(outputs.shape[1])]
            self._add_numbers(names, torch.cat([targets.to(outputs), outputs], dim=1))
            return
        if inputs.ndim == 4 and len(self._captions) < MAX_IMAGES:
            self._shown.append(inputs[: MAX_IMAGES - len(self._captions)].cpu())
        self._header = ["file"] if self.files else ["index", "label"]
        self._header += ["class", "probability", "runner_up", "runner_up_probability"]
        best = outputs.topk(2)
        for label, places, shares in zip(targets.tolist(), best.indices.tolist(), best.values.tolist(), strict=True):
            self._add_class(pl_module.class_names, label, places, shares)

    def _add_class(self, names: Sequence[str], label: int, places: list[int], shares: list[float]) -> None:
        index = len(self._rows)
        example = (as_cell(self.files[index]),) if self.files else (index, as_cell(names[label]))
        best, second = (as_cell(names[place]) for place in places)
        self._rows.append((*example, best, shares[0], second, shares[1]))
        if len(self._captions) < MAX_IMAGES:
            below = Path(self.files[index]).name if self.files else "" if label == places[0] else f"is {names[label]}"
            self._captions.append(f"{printable(names[places[0]])} {shares[0]:.0%}\n{printable(below)}")

    def _add_numbers(self, names: Sequence[str], rows: Tensor) -> None:
        self._header = ["index", *names]
        self._rows += [(index, *row) for index, row in enumerate(rows.tolist(), len(self._rows))]

    def _add_outputs(self, module: LightningModule, outputs: object) -> None:
        """Collect the numbers that a user's own module returns for each example."""
        if not isinstance(outputs, Tensor) or outputs.ndim == 0:
            found = f"predict_step of {type(module).__name__} returns {type(outputs).__name__}"
            raise InputError(f"{found}; it must return a tensor with one row per example")
        rows = outputs.reshape(len(outputs), -1)
        self._add_numbers([f"output_{place}" for place in range(rows.shape[1])], rows)

    def on_predict_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the files atomically, in the first of several processes; each has all predictions."""
        if not trainer.is_global_zero:
            return
        with replacing(self.path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([self._header, *self._rows])
        print(printable(f"predictions    {self.path} ({len(self._rows):,} rows)"))
        if self._shown:
            sheet = contact_sheet(as_images(torch.cat(self._shown).numpy()), self._captions, COLUMNS)
            with replacing(self.path.with_suffix(".png")) as temporary:
                sheet.save(temporary, format="PNG")
            which = f", the first {MAX_IMAGES}" if len(self._rows) > MAX_IMAGES else ""
            print(printable(f"contact sheet  {self.path.with_suffix('.png')}{which}"))

"""The text and the contact sheet of `hw1 data info`."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from hw1_lightning.data.arrays import ArrayData
from hw1_lightning.data.download import file_sha256
from hw1_lightning.data.image_folder import FolderContent
from hw1_lightning.data.inspection import Labelled, find_duplicates, overview
from hw1_lightning.errors import printable
from hw1_lightning.evaluation.image_sheets import contact_sheet

COLUMNS, MAX_CLASSES = 8, 50  # of the contact sheet: images in a row, rows
SHOWN = 5  # duplicates named for each pair of splits


def report(path: Path, arrays: ArrayData, content: FolderContent | None) -> str:
    """Return the lines that describe images; ``content`` has the files' names, for a folder."""
    splits = _splits(arrays)
    images, labels = splits["train"]
    counts = np.bincount(labels, minlength=arrays.num_classes)
    height, width, channels = arrays.input_shape
    lines = [
        f"data           {printable(str(path))}",
        f"images         {height}x{width} pixels, {channels} channels, uint8",
        *_class_table(arrays, splits),
        f"balance        the largest class has {counts.max() / max(counts.min(), 1):.2f} times the smallest (train)",
        f"mean colour    {_mean_colour(images)} of 1 (train)",
        *_duplicates(splits, content),
    ]
    if content is not None:
        lines.append(f"broken         {len(content.broken) or 'none'}")
        lines += [f"               {printable(f'{file} ({why})')}" for file, why in content.broken]
        lines += [f"not read       {printable(folder)}, next to the split folders" for folder in content.unlabelled]
        lines += [f"not read       {printable(folder)}, whose name starts with a dot" for folder in content.hidden]
    else:
        lines.append(f"file           sha256 {file_sha256(path)}")
    return "\n".join([*lines, f"arrays         sha256 {arrays.sha256}, as in result.json"])


def contact_sheet_of(arrays: ArrayData) -> Image.Image:
    """Draw the training split: a row for each of up to 50 classes, with its mean and examples; then the mean of all."""
    images, captions = overview(*_splits(arrays)["train"], arrays.class_names[:MAX_CLASSES], COLUMNS)
    return contact_sheet(images, captions, COLUMNS)


def _splits(arrays: ArrayData) -> dict[str, tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]]:
    return {name: (split.inputs.numpy(), split.targets.numpy()) for name, split in arrays.splits.items()}


def _class_table(arrays: ArrayData, splits: Labelled) -> list[str]:
    width = max(14, *map(len, arrays.class_names))
    counts = np.stack([np.bincount(labels, minlength=arrays.num_classes) for _, labels in splits.values()])
    lines = [f"{'class':<{width}}" + "".join(f"{split:>16}" for split in splits)]
    totals = counts.sum(axis=1)
    for name, row in zip(arrays.class_names, counts.T, strict=True):
        cells = (f"{count:>8,} {100 * count / total:>5.1f} %" for count, total in zip(row, totals, strict=True))
        lines.append(f"{name:<{width}}" + "".join(cells))
    return [*lines, f"{'all':<{width}}" + "".join(f"{total:>8,}{'':8}" for total in totals).rstrip()]


def _mean_colour(images: npt.NDArray[np.uint8]) -> str:
    mean = images.mean(axis=(0, 1, 2), dtype=np.float64) / 256
    return ", ".join(f"{name} {value:.3f}" for name, value in zip(("red", "green", "blue"), mean, strict=True))


def _duplicates(splits: Labelled, content: FolderContent | None) -> list[str]:
    found = find_duplicates(splits)
    lines = []
    for (earlier, later), places in found.between.items():
        if places:
            named = (f"{_name(later, a, content)} = {_name(earlier, b, content)}" for a, b in places[:SHOWN])
            more = f", and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
            lines.append(f"{later} has {len(places)} that are in {earlier} too: {', '.join(named)}{more}")
    lines += [f"{split} has {n} that repeat others of the same split" for split, n in found.within.items() if n]
    if found.conflicting:
        lines.append(f"{found.conflicting} of the repeated images have more than one label")
    lines = lines or ["none, in and between splits"]
    return [f"{'' if i else 'duplicates':<15}{line}" for i, line in enumerate(lines)]


def _name(split: str, place: int, content: FolderContent | None) -> str:
    return f"{split} {place}" if content is None else printable(content.names[split][place])

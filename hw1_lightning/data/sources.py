"""Sources of data: a new data set is one class here."""

from abc import ABC, abstractmethod
from dataclasses import replace
from os import PathLike
from pathlib import Path

import numpy as np
import torch

from hw1_lightning.data.archive import Array
from hw1_lightning.data.arrays import ArrayData, Examples
from hw1_lightning.data.generated import CHUNK, GeneratedExamples, teacher_chunks
from hw1_lightning.data.images import PIXEL_SCALE
from hw1_lightning.data.npz import LabelledImages, read_npz
from hw1_lightning.errors import InputError
from hw1_lightning.memory import check_memory


class Source(ABC):
    """A data set that can be loaded into arrays; the command line names its class."""

    @abstractmethod
    def load(self) -> ArrayData:
        """Read everything into memory.

        Returns:
            The three splits.

        Raises:
            InputError: if the data is missing or invalid.
        """


class Digits(Source):
    """Handwritten digits, 8x8 pixels, ten classes: bundled with scikit-learn, so nothing is downloaded.

    1,797 images of the UCI set "Optical Recognition of Handwritten Digits" (Alpaydin and Kaynak, 1998) in a fixed
    split of 1,257 / 180 / 360, stratified by class. Intensities stay 0 to 16 as bundled: their norm is then close
    to that of the photographs, and the same learning rates suit both.
    """

    SPLIT_SEED = 0

    def load(self) -> ArrayData:
        """Read the bundled set and split it."""
        from sklearn.datasets import load_digits  # imported late: it takes longer than the rest of this package
        from sklearn.model_selection import train_test_split

        images, targets = load_digits(return_X_y=True)
        images = images.reshape(-1, 8, 8, 1).astype(np.uint8)
        rows = np.arange(len(targets))
        rest, test = train_test_split(rows, test_size=360, stratify=targets, random_state=self.SPLIT_SEED)
        train, val = train_test_split(rest, test_size=180, stratify=targets[rest], random_state=self.SPLIT_SEED)
        train, val, test = (_examples(images[chosen], targets[chosen]) for chosen in (train, val, test))
        return ArrayData(train, val, test, class_names=tuple("0123456789"))


class Landscapes(Source):
    """The course's file of 48x48 colour photographs in six classes, ``intel_landscapes.v2.npz``.

    The Intel Image Classification data set, preprocessed for the course; pixels are scaled by 1/256.

    Args:
        path: the npz file, with ``train_images``, ``train_labels`` and the same for ``val`` and ``test``:
            images uint8 ``(N, 48, 48, 3)``, labels integers 0 to 5, ``(N,)`` or ``(N, 1)``. A file of other images
            may have another size, ``(N, H, W, C)``, and names its classes in ``class_names``, text ``(C,)``;
            `hw1 data import` writes such files.
    """

    CLASS_NAMES = ("buildings", "forest", "glacier", "mountain", "sea", "street")

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = Path(path)

    def load(self) -> ArrayData:
        """Read and check the file; its images stay uint8."""
        content = read_npz(self.path)
        return as_array_data(replace(content, class_names=content.class_names or self.CLASS_NAMES))


class Diabetes(Source):
    """Progression of diabetes after a year from ten measurements, for regression: bundled with scikit-learn.

    442 patients (Efron, Hastie, Johnstone and Tibshirani, "Least angle regression", Annals of Statistics 32, 2004) in
    a fixed split of 310 / 66 / 66. Inputs and targets are standardised with mean and standard deviation of the
    training split, so a mean squared error is the share of the training targets' variance; ``split_seed`` does not
    change that. Sex has two values: its square is not a new feature, and the quadratic features have rank 65 of 66.
    """

    SPLIT_SEED = 0

    def load(self) -> ArrayData:
        """Read the bundled set, split it and standardise it; float32."""
        from sklearn.datasets import load_diabetes  # imported late, as for the digits

        inputs, targets = load_diabetes(return_X_y=True, scaled=False)
        rows = np.column_stack([inputs, targets])[np.random.default_rng(self.SPLIT_SEED).permutation(len(inputs))]
        rows = (rows - rows[:310].mean(0)) / rows[:310].std(0)
        numbers = torch.from_numpy(rows.astype(np.float32))
        train, val, test = (Examples(part[:, :-1], part[:, -1:]) for part in numbers.split([310, 66, 66]))
        return ArrayData(train, val, test)


class Teacher(Source):
    """A random quadratic network plus noise, for regression: any number of examples, generated lazily.

    Inputs are standard normal and the network has one output of order one; see ``teacher_chunks``. In addition
    to the training examples there are 2,000 for validation and 2,000 for the test.

    Args:
        n_inputs: number of inputs D.
        n_examples: number of training examples N; ten million need no more memory than ten thousand.
        noise: standard deviation of the noise on the target.
        seed: chooses the network and the examples.

    Raises:
        InputError: if a number is out of its range.
    """

    HELD_OUT = 2000

    def __init__(self, n_inputs: int = 10, n_examples: int = 10_000, noise: float = 0.1, seed: int = 0) -> None:
        for name, value, least in (("n_inputs", n_inputs, 1), ("n_examples", n_examples, 2), ("seed", seed, 0)):
            if value < least:
                raise InputError(f"{name} is {value}; it must be at least {least}")
        check_memory(3 * 4 * CHUNK * n_inputs, f"{CHUNK:,} examples at a time of {n_inputs:,} inputs")
        if not 0 <= noise < float("inf"):
            raise InputError(f"noise is {noise}; it must be a finite number of at least 0")
        self.n_inputs, self.n_examples, self.noise, self.seed = n_inputs, n_examples, noise, seed

    def load(self) -> ArrayData:
        """Choose the network; the examples are generated lazily."""
        chunks = (teacher_chunks(self.n_inputs, self.noise, self.seed, split) for split in range(3))
        train, val, test = map(GeneratedExamples, chunks, (self.n_examples, self.HELD_OUT, self.HELD_OUT))
        return ArrayData(train, val, test)


def as_array_data(content: LabelledImages) -> ArrayData:
    """Return photographs as ``ArrayData``: images stay uint8, models scale pixels by 1/256.

    Args:
        content: images, labels and class names.

    Returns:
        The three splits, sharing the images' memory.
    """
    train, val, test = (_examples(*content.splits[name]) for name in ("train", "val", "test"))
    return ArrayData(train, val, test, content.class_names, input_scale=PIXEL_SCALE)


def _examples(images: Array, labels: Array) -> Examples:
    return Examples(torch.from_numpy(images), torch.from_numpy(labels).long())

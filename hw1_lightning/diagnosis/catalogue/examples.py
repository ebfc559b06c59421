"""Mistakes in the order of the examples, their pixels and their labels."""

from collections.abc import Iterator

from hw1_lightning.diagnosis.catalogue.entry import Change, Mistake, Options, code, is_online
from hw1_lightning.diagnosis.mistaken.examples import (
    ExamplesInOrder,
    LastMinibatchLeftOut,
    PixelScale,
    ShuffledTestLabels,
    Standardised,
)


def _shuffled_once(options: Options) -> Iterator[Change]:
    yield Change("one order for all epochs", wrappers=(ExamplesInOrder("the same each epoch"),))
    if options.get("data.order") == "numpy":
        words = "each permutation starts from the stored order"
        yield Change(words, wrappers=(ExamplesInOrder("not composed"),))


def _pixels(options: Options) -> Iterator[Change]:
    scale = float(options["model.input_scale"])
    if scale < 1:
        yield Change(f"divided by {1 / scale - 1:g} instead of {1 / scale:g}", wrappers=(PixelScale(1 / (1 - scale)),))
        yield Change("not divided", wrappers=(PixelScale(1 / scale),))
    else:
        for divisor in (15, 16, 255, 256):
            yield Change(f"divided by {divisor}", wrappers=(PixelScale(1 / divisor),))
    yield Change("standardised, all pixels together", wrappers=(Standardised("all"),))
    yield Change("standardised, each pixel by itself", wrappers=(Standardised("each"),))
    yield Change("between -1 and 1", wrappers=(Standardised("between -1 and 1"),))


MISTAKES = (
    Mistake(
        "not shuffled",
        code(ExamplesInOrder("as stored"), when=lambda options: True),
        advice="Look for shuffle=True in the loader of the training examples, or for the permutation of each epoch.",
    ),
    Mistake(
        "shuffled once",
        _shuffled_once,
        advice="Look whether the order is drawn inside the loop over epochs, and what the permutation is applied to.",
    ),
    Mistake(
        "last minibatch left out",
        code(LastMinibatchLeftOut(), when=lambda options: not is_online(options)),
        advice="Look for drop_last=True in the loader of the training examples, or for a loop over "
        "len(examples) // batch_size minibatches.",
    ),
    Mistake(
        "other pixel values",
        _pixels,
        advice="Look what the pixels are divided by, whether this happens once, and whether it is the same for all "
        "splits.",
    ),
    Mistake(
        "test labels in another order",
        lambda options: [Change("", wrappers=(ShuffledTestLabels(),), readings=("test by chance",))],
        advice="Look whether the loader of the test split is shuffled while its labels are not.",
    ),
)

"""Mistakes in the evaluation and in what is reported."""

from collections.abc import Iterator

from hw1_lightning.diagnosis.catalogue.entry import Change, Mistake, Options, code, has_dropout, is_online
from hw1_lightning.diagnosis.mistaken.evaluation import AveragedOverMinibatches, DropoutInEvaluation, DropoutOnce
from hw1_lightning.diagnosis.mistaken.examples import OtherSplits


def _averaged(options: Options) -> Iterator[Change]:
    if not is_online(options):
        size = int(options["data.batch_size"])
        yield Change(f"over minibatches of {size}", wrappers=(AveragedOverMinibatches(size),))


MISTAKES = (
    Mistake(
        "evaluated with dropout",
        code(DropoutInEvaluation(), when=has_dropout),
        advice="Look for model.eval() before each evaluation, and model.train() before the next epoch.",
        said="The report may say that dropout harms accuracy.",
    ),
    Mistake(
        "no dropout after the first evaluation",
        code(DropoutOnce(), when=has_dropout),
        advice="Look for model.train() at the start of each epoch: after model.eval() nothing is dropped until then.",
        said="The report may say that the network overfits in spite of dropout.",
    ),
    Mistake(
        "accuracy averaged over minibatches",
        _averaged,
        advice="Look for a mean of the accuracies of minibatches: the last one is smaller, so its examples count more. "
        "Count the right predictions of all minibatches, and divide once.",
    ),
    Mistake(
        "best instead of last epoch",
        lambda options: [Change("", {"test_weights": "best"}, readings=("best epoch",))],
        advice="Look whether the weights or the number of the epoch with the best validation accuracy are reported; "
        "the assignment asks for the last epoch.",
    ),
    Mistake(
        "validation reported as test",
        code(OtherSplits(val="val", test="val"), when=lambda options: True),
        advice="Look which split the reported test accuracy was computed on.",
    ),
    Mistake(
        "test reported as validation",
        code(OtherSplits(val="test", test="test"), when=lambda options: True),
        advice="Look which split the reported validation accuracy was computed on.",
    ),
    Mistake(
        "training reported as validation",
        code(OtherSplits(val="train", test="test"), when=lambda options: True),
        advice="Look which split the reported validation accuracy was computed on.",
        said="The report may say that nothing overfits.",
    ),
    Mistake(
        "training reported as test",
        code(OtherSplits(val="val", test="train"), when=lambda options: True),
        advice="Look which split the reported test accuracy was computed on.",
    ),
    Mistake(
        "validation and test exchanged",
        code(OtherSplits(val="test", test="val"), when=lambda options: True),
        advice="Look whether the two numbers, or the two splits, are exchanged.",
    ),
)

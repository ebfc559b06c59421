"""Mistakes in the evaluation and in what is reported."""

from hw1_lightning.diagnosis.catalogue.entry import Change, Mistake, code, has_dropout
from hw1_lightning.diagnosis.mistaken.evaluation import DropoutInEvaluation
from hw1_lightning.diagnosis.mistaken.examples import OtherSplits

MISTAKES = (
    Mistake(
        "evaluated with dropout",
        code(DropoutInEvaluation(), when=has_dropout),
        advice="Look for model.eval() before each evaluation, and model.train() before the next epoch.",
        said="The report may say that dropout harms accuracy.",
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
        "validation and test exchanged",
        code(OtherSplits(val="test", test="val"), when=lambda options: True),
        advice="Look whether the two numbers, or the two splits, are exchanged.",
    ),
)

"""Mistakes in the evaluation and in what is reported."""

from hw1_lightning.diagnosis.catalogue.entry import Change, Mistake, code, has_dropout
from hw1_lightning.diagnosis.mistaken.evaluation import DropoutInEvaluation

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
        lambda options: [Change("", readings=("val as test",))],
        advice="Look which split the reported test accuracy was computed on.",
    ),
    Mistake(
        "test reported as validation",
        lambda options: [Change("", readings=("test as val",))],
        advice="Look which split the reported validation accuracy was computed on.",
    ),
    Mistake(
        "validation and test exchanged",
        lambda options: [Change("", readings=("val as test", "test as val"))],
        advice="Look whether the two numbers, or the two splits, are exchanged.",
    ),
)

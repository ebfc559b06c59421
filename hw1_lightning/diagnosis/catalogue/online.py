"""Mistakes in learning from single examples."""

from collections.abc import Iterator

from hw1_lightning.diagnosis.catalogue.entry import (
    Change,
    Mistake,
    Options,
    code,
    is_logistic,
    is_online,
    is_perceptron,
)
from hw1_lightning.diagnosis.mistaken.losses import PerceptronUpdate, TimesLabel


def _online_perceptron(options: Options) -> bool:
    return is_perceptron(options) and is_online(options)


def _times_label(options: Options) -> Iterator[Change]:
    if is_online(options) and (is_perceptron(options) or is_logistic(options)):
        yield Change("the whole step", wrappers=(TimesLabel(),))
    if _online_perceptron(options):
        yield Change("each half of the step with its own label", wrappers=(PerceptronUpdate("own label"),))


def _rates(options: Options) -> Iterator[Change]:
    if is_perceptron(options):
        for rate in (0.001, 0.01, 0.1):
            yield Change(f"steps times {rate:g}", {"model.learning_rate": rate})


MISTAKES = (
    Mistake(
        "steps times the label",
        _times_label,
        advice="Look for the index of the class, y, as a factor of the update. It comes from the perceptron of two "
        "classes with labels -1 and 1. With indices, class 0 is never learned.",
        said="The report may say that one class is hard to recognise.",
    ),
    Mistake(
        "the predicted class is not corrected",
        code(PerceptronUpdate("right class only"), when=_online_perceptron),
        advice="Look for the second half of the update: a wrong prediction must also subtract the example from the "
        "weights of the predicted class.",
    ),
    Mistake(
        "the right class is not corrected",
        code(PerceptronUpdate("predicted class only"), when=_online_perceptron),
        advice="Look for the first half of the update: a wrong prediction must also add the example to the weights of "
        "the right class.",
    ),
    Mistake(
        "an update for right predictions",
        code(PerceptronUpdate("every example"), when=_online_perceptron),
        advice="Look for the condition of the update: only a wrong prediction changes the weights.",
    ),
    Mistake(
        "all other classes are corrected",
        code(PerceptronUpdate("all others"), when=_online_perceptron),
        advice="Look which weights the update subtracts the example from: only those of the predicted class.",
    ),
    Mistake(
        "steps of the perceptron times a rate",
        _rates,
        advice="Look for a learning rate in the perceptron. It changes no prediction, since weights start at zero, "
        "only their norm.",
    ),
)

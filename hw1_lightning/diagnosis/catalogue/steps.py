"""Mistakes in the loss, the optimiser's steps and the penalty."""

from collections.abc import Iterator

from hw1_lightning.diagnosis.catalogue.entry import (
    Change,
    Mistake,
    Options,
    code,
    has_penalty,
    is_logistic,
    is_network,
    is_online,
    is_perceptron,
    penalty_option,
)
from hw1_lightning.diagnosis.mistaken.losses import MeanOverClasses, NormalisedTwice, OneVsRest, SummedLoss
from hw1_lightning.diagnosis.mistaken.steps import BiasesNotPenalised, GradientsKept, PenaltyGrows


def _is_softmax(options: Options) -> bool:
    return is_network(options) or options.get("model.link") == "softmax"


def _is_one_vs_rest(options: Options) -> bool:
    return options.get("model.link") == "one_vs_rest"


def _other_link(options: Options) -> Iterator[Change]:
    mean = "a sigmoid for each class, and the mean over the classes"
    if is_network(options):
        yield Change("a sigmoid for each class", wrappers=(OneVsRest(),))
        yield Change(mean, wrappers=(OneVsRest(), MeanOverClasses()))
    elif is_logistic(options) and _is_one_vs_rest(options):
        yield Change("one softmax over all classes", {"model.link": "softmax"})
    elif is_logistic(options):
        yield Change("a sigmoid for each class", {"model.link": "one_vs_rest"})
        yield Change(mean, {"model.link": "one_vs_rest"}, wrappers=(MeanOverClasses(),))


def _penalties(options: Options) -> Iterator[Change]:
    """Yield penalties that are too strong."""
    if has_penalty(options):
        name, right = penalty_option(options), float(options[penalty_option(options)])
        yield Change("twice the penalty", {name: 2 * right})
        unscaled = right / float(options["model.learning_rate"])
        yield Change("a penalty that is not multiplied by the learning rate", {name: unscaled})


def _forgotten(options: Options) -> Iterator[Change]:
    if has_penalty(options):
        yield Change("no penalty", {penalty_option(options): 0.0})


def _adam(options: Options) -> Iterator[Change]:
    if not is_perceptron(options) and not is_online(options) and not options.get("model.momentum"):
        yield Change("Adam", {"model.optimizer": "Adam", "model.momentum": 0.0})  # so that no pair gives it momentum


MISTAKES = (
    Mistake(
        "softmax before cross-entropy",
        code(NormalisedTwice("softmax"), when=_is_softmax),
        advice="Look for a softmax at the end of the model's forward function, or for probabilities that are given to "
        "CrossEntropyLoss. This loss takes scores and normalises them itself.",
        said="The report may call this learning rate too small, because training is slow.",
    ),
    Mistake(
        "sigmoid before a loss with its own",
        code(NormalisedTwice("sigmoid"), when=_is_one_vs_rest),
        advice="Look for a sigmoid before BCEWithLogitsLoss, which applies one itself, or for two sigmoids in a row.",
    ),
    Mistake(
        "sum instead of mean loss",
        code(SummedLoss(), when=lambda options: not is_online(options)),
        advice="Look for reduction='sum', or for a gradient that is not divided by the size of the minibatch. Each "
        "step is as many times too long as a minibatch has examples.",
        said="The report may call this learning rate too large.",
    ),
    Mistake(
        "mean over the classes",
        code(MeanOverClasses(), when=_is_one_vs_rest),
        advice="Look for BCEWithLogitsLoss with its default reduction: it divides by the number of classes, too.",
    ),
    Mistake(
        "penalty with the wrong sign",
        code(PenaltyGrows(), when=has_penalty),
        advice="Look at the line that adds the penalty's gradient, and at its sign: a step must make the weights "
        "smaller, w -= learning_rate * (gradient + penalty * w). With the other sign the norm of the weights grows "
        "exponentially.",
        said="The report may say that the penalty does not help, or helps only a little.",
    ),
    Mistake(
        "penalty too strong",
        _penalties,
        advice="Look whether the penalty is applied twice, in the loss and in the optimiser's weight_decay; whether a "
        "factor 2 remains from differentiating penalty * w^2; and whether the penalty's term is multiplied by the "
        "learning rate.",
    ),
    Mistake(
        "penalty forgotten",
        _forgotten,
        advice="Look whether the penalty reaches the optimiser or the update in this experiment.",
        said="The report may say that the penalty makes no difference.",
    ),
    Mistake(
        "penalty without the biases",
        code(BiasesNotPenalised(), when=has_penalty),
        advice="Look which parameters the penalty applies to. torch's weight_decay applies to biases as well; the "
        "assignment's update does so because the bias is a column of the weights.",
    ),
    Mistake(
        "gradients not zeroed",
        code(GradientsKept(), when=lambda options: not is_online(options)),
        advice="Look for optimizer.zero_grad() in the loop over minibatches. Without it each step takes the sum of "
        "all gradients so far.",
        said="The report may call training unstable.",
    ),
    Mistake(
        "another link",
        _other_link,
        advice="Look how scores become probabilities: one softmax over the classes, or a sigmoid for each class (one "
        "against the rest). These are two models with two losses; BCEWithLogitsLoss divides by the number of "
        "classes, too.",
    ),
    Mistake(
        "Adam for SGD",
        _adam,
        advice="Look at the optimiser's class. Adam adapts the step size of each weight.",
    ),
)

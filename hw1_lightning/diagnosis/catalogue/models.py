"""Mistakes in the layers, the dropout and the first weights of a model."""

from collections.abc import Iterator

from hw1_lightning.diagnosis.catalogue.entry import (
    Change,
    Mistake,
    Options,
    code,
    has_dropout,
    is_network,
    is_perceptron,
)
from hw1_lightning.diagnosis.mistaken.layers import (
    FILL,
    DropoutOn,
    FirstWeights,
    NoBias,
    NoDerivative,
    NoDropout,
    SigmoidUnits,
)


def _missing_dropout(options: Options) -> Iterator[Change]:
    if is_network(options) and has_dropout(options):
        last = len(options["model.hidden_sizes"]) - 1
        places = {"the first hidden layer": (0,), "the last hidden layer": (last,)} if last > 0 else {}
        for words, after in places.items():
            yield Change(f"no dropout after {words}", wrappers=(NoDropout(after),))
        yield Change("no dropout", {"model.dropout": 0.0})


def _kept(options: Options) -> Iterator[Change]:
    if has_dropout(options):
        kept = round(1 - float(options["model.dropout"]), 12)
        yield Change(f"units are dropped with probability {kept:g}", {"model.dropout": kept})


def _other_layers(options: Options) -> Iterator[Change]:
    if is_network(options):
        sizes = list(options["model.hidden_sizes"])
        if len(sizes) > 1:
            yield Change(f"{len(sizes) - 1} hidden", {"model.hidden_sizes": sizes[:-1]})
        yield Change(f"{len(sizes) + 1} hidden", {"model.hidden_sizes": [*sizes, sizes[-1]]})


def _other_units(options: Options) -> Iterator[Change]:
    if is_network(options) and options.get("model.activation") == "relu":
        yield Change("tanh", {"model.activation": "tanh"})
        yield Change("sigmoid", wrappers=(SigmoidUnits(),))


def _first_weights(options: Options) -> Iterator[Change]:
    right = "zeros" if is_perceptron(options) else options.get("model.init", "default")
    for kind in FILL:
        if kind == "zero" and right == "zeros":
            continue
        for biases in ("kept", "zero") if right == "default" else ("zero",):
            words = f"{kind}, biases {biases}" if right == "default" else kind
            yield Change(words, wrappers=(FirstWeights(kind, biases),))
    if right != "default" and not is_perceptron(options):
        yield Change("torch's default", {"model.init": "default"})
    if is_network(options) and right == "default":
        yield Change("N(0.1, 0.1^2)", {"model.init": "normal"})


MISTAKES = (
    Mistake(
        "dropout missing",
        _missing_dropout,
        advice="Look for dropout after the activation of every hidden layer, and whether each of these layers is "
        "called in the forward function.",
        said="The report may say that the amount of dropout matters little.",
    ),
    Mistake(
        "dropout on the inputs as well",
        code(DropoutOn("inputs"), when=lambda options: is_network(options) and has_dropout(options)),
        advice="Look for dropout before the first layer.",
    ),
    Mistake(
        "dropout on the scores as well",
        code(DropoutOn("scores"), when=lambda options: is_network(options) and has_dropout(options)),
        advice="Look for dropout after the last layer: a list of layers with dropout after each has it there as well.",
    ),
    Mistake(
        "keep probability for drop probability",
        _kept,
        advice="Look what the number given to dropout means: torch's is the probability that a unit is set to zero.",
        said="The report may say that much dropout is better than a little, or the other way round.",
    ),
    Mistake(
        "another number of hidden layers",
        _other_layers,
        advice="Count the hidden layers: the layer that computes the scores is not one of them.",
    ),
    Mistake(
        "other activations",
        _other_units,
        advice="Look at the activation of the hidden layers; the assignment asks for rectified units.",
    ),
    Mistake(
        "derivative of the activation missing",
        code(NoDerivative(), when=lambda options: is_network(options) and options.get("model.activation") == "relu"),
        advice="Look at the gradients derived by hand: on the way back through a rectified unit the gradient is 0 "
        "where the unit is 0.",
    ),
    Mistake(
        "other first weights",
        _first_weights,
        advice="Look how the weights are initialised, and whether a standard deviation was given where a variance was "
        "meant.",
    ),
    Mistake(
        "bias missing",
        code(NoBias(), when=lambda options: True),
        advice="Look for bias=False, or for the constant feature that carries the bias.",
    ),
)

"""Mistakes in values: an option that was left at the value of another experiment of the assignment."""

from collections.abc import Callable, Iterator

from hw1_lightning.diagnosis.catalogue.entry import (
    Change,
    Mistake,
    Options,
    has_dropout,
    has_penalty,
    is_online,
    is_perceptron,
)

# The values in the experiments of the assignment.
RATES, BATCHES, MOMENTA = (0.1, 0.01, 0.002, 0.001, 0.00001), (32, 64, 512, 1024), (0.0, 0.9)
PENALTY, EPOCHS, DROPOUTS = 0.01, (10, 20, 50, 100, 200), (0.01, 0.25, 0.3, 0.5)


def _left(
    option: str, words: str, values: tuple[float, ...], when: Callable[[Options], bool]
) -> Callable[[Options], Iterator[Change]]:
    """Return the changes of an option to each other value."""

    def changes(options: Options) -> Iterator[Change]:
        right = options.get(option) or 0
        if when(options):
            for value in values:
                if value != right:
                    yield Change(f"{words} {value:g} instead of {right:g}", {option: value})

    return changes


def _epochs(options: Options) -> Iterator[Change]:
    right = int(options["trainer.max_epochs"] or 0)
    for epochs in sorted({*EPOCHS, right // 5, right // 2, right * 2} - {right, 0}):
        yield Change(f"{epochs} epochs instead of {right}", {"trainer.max_epochs": epochs})


def _penalty(options: Options) -> Iterator[Change]:
    if not has_penalty(options) and not is_perceptron(options):
        option = "model.l2_penalty" if is_online(options) else "model.weight_decay"
        yield Change(f"an l2 penalty of {PENALTY:g}", {option: PENALTY})


MISTAKES = (
    Mistake(
        "another learning rate",
        _left("model.learning_rate", "learning rate", RATES, lambda options: not is_perceptron(options)),
        advice="Look whether the learning rate of this experiment reaches the optimiser, or that of another one does.",
    ),
    Mistake(
        "another batch size",
        _left("data.batch_size", "batch size", BATCHES, lambda options: not is_online(options)),
        advice="Look whether the loader is made again for this experiment, with its batch size.",
    ),
    Mistake(
        "another momentum",
        _left("model.momentum", "momentum", MOMENTA, lambda options: not is_online(options)),
        advice="Look whether the momentum of this experiment reaches the optimiser.",
    ),
    Mistake(
        "penalty of another experiment",
        _penalty,
        advice="Look whether weight_decay, or the penalty of the update, is 0 in this experiment.",
    ),
    Mistake(
        "another number of epochs",
        _epochs,
        advice="Look how many epochs this experiment was trained for.",
    ),
    Mistake(
        "another amount of dropout",
        _left("model.dropout", "dropout", DROPOUTS, has_dropout),
        advice="Look whether the amount of dropout of this experiment reaches the model.",
    ),
)

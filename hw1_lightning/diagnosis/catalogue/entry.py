"""An entry of the catalogue: which experiments a mistake concerns, and what it changes there."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from hw1_lightning.diagnosis.mistaken.wrapper import Wrapper

Options = Mapping[str, Any]
# Which number of a run a report gives in place of another one.
Reading = Literal["best epoch", "test by chance"]


@dataclass(frozen=True)
class Change:
    """What a mistake changes in one experiment; several changes are variants of one mistake.

    Args:
        text: what is changed, in words.
        options: options of `hw1 fit` with mistaken values.
        wrappers: mistakes in code.
        readings: mistakes in what is reported.
    """

    text: str
    options: Options = field(default_factory=dict, hash=False)
    wrappers: tuple[Wrapper, ...] = ()
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True)
class Mistake:
    """An entry of the catalogue.

    Args:
        name: for people, and unique.
        changes: returns what the mistake changes in an experiment with these options of `hw1 fit`, by their dotted
            names; nothing if it does not concern the experiment.
        advice: where to look in the code; sentences.
        said: what a report may have said instead; a sentence.
    """

    name: str
    changes: Callable[[Options], Iterable[Change]]
    advice: str
    said: str = ""


def code(*wrappers: Wrapper, when: Callable[[Options], bool], text: str = "") -> Callable[[Options], Iterable[Change]]:
    """Return the changes of a mistake in code.

    Args:
        *wrappers: each is a variant.
        when: whether the mistake concerns an experiment with these options.
        text: what the first variant changes, in words; by default nothing more than the mistake's name.
    """
    return lambda options: [Change(text, wrappers=(each,)) for each in wrappers] if when(options) else []


def is_network(options: Options) -> bool:
    """Return whether the model is a multi-layer perceptron."""
    return options.get("model") == "MLP"


def is_perceptron(options: Options) -> bool:
    """Return whether the model is the perceptron."""
    return options.get("model") == "Perceptron"


def is_logistic(options: Options) -> bool:
    """Return whether the model is logistic regression."""
    return options.get("model") == "LogisticRegression"


def has_dropout(options: Options) -> bool:
    """Return whether the model has dropout."""
    return bool(options.get("model.dropout"))


def has_penalty(options: Options) -> bool:
    """Return whether weights are penalised by their squares."""
    return bool(options.get("model.weight_decay") or options.get("model.l2_penalty"))


def penalty_option(options: Options) -> str:
    """Return the name of the option that penalises the squares of the weights in this experiment."""
    return "model.weight_decay" if options.get("model.weight_decay") else "model.l2_penalty"


def is_online(options: Options) -> bool:
    """Return whether a step takes one example."""
    return options.get("data.batch_size") == 1

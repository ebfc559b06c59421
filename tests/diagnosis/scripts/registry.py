"""All programs by experiment and by name of the mistake."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped] # scikit-learn requires it

from tests.diagnosis.scripts import (
    numpy_mistakes,
    numpy_programs,
    numpy_variants,
    torch_mistakes,
    torch_programs,
    torch_variants,
)
from tests.diagnosis.scripts.data import Data, Report, digits
from tests.diagnosis.scripts.mistake import Mistake


@dataclass(frozen=True)
class Case:
    """A program of one experiment with one mistake, or another correct program; a call runs it."""

    experiment: str
    name: str
    mistake: Mistake
    program: Any
    run: Callable[[Any, Data, int], Report]

    @property
    def family(self) -> str:
        """The name of the mistakes that one advice fits."""
        return self.mistake.family or self.name

    def fits_data(self, data: str) -> bool:
        """Return whether it is a mistake for ``digits`` or ``photographs``."""
        return self.mistake.data in (None, data)

    def __call__(self, *, epochs: int, data: Data | None = None, threads: int | None = None) -> Report:
        """Run the program, by default on the digits and with the threads that torch and NumPy have."""
        with thread_count(self.mistake.threads or threads):
            return self.run(self.mistake.applied(self.program), data or digits(), epochs)


@contextmanager
def thread_count(threads: int | None) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(threads or before)
    try:
        with threadpool_limits(threads, user_api="blas"):
            yield
    finally:
        torch.set_num_threads(before)


Cases = dict[tuple[str, str], Case]


def _cases(torch_named: dict[str, Mistake], numpy_named: dict[str, Mistake]) -> Cases:
    """Return all pairs that make sense; experiments of question 1 come first."""
    cases = {}
    for experiments, named, run in (
        (numpy_programs.EXPERIMENTS, numpy_named, numpy_programs.run),
        (torch_programs.EXPERIMENTS, torch_named, torch_programs.run),
    ):
        for experiment, program in experiments.items():
            for name, mistake in named.items():
                if mistake.fits(program):
                    cases[experiment, name] = Case(experiment, name, mistake, program, run)
    return cases


LISTED = _cases(torch_mistakes.LISTED, numpy_mistakes.LISTED)
UNLISTED = _cases(torch_variants.UNLISTED, numpy_variants.UNLISTED)
CORRECT = _cases(torch_variants.CORRECT, numpy_variants.CORRECT)
ALL = {**CORRECT, **LISTED, **UNLISTED}
# How hw1 runs an experiment that is not a config of its own: config and options.
CONFIGS: dict[str, tuple[str, dict[str, Any]]] = {
    name: (name.partition("=")[0], {}) for name in (*numpy_programs.EXPERIMENTS, *torch_programs.EXPERIMENTS)
} | {
    "logistic_online=softmax": ("logistic_online", {"model.link": "softmax"}),
    "l2=softmax": ("l2", {"model.link": "softmax"}),
    "learning_rate=0.1": ("learning_rate", {"model.learning_rate": 0.1}),
    "learning_rate=0.00001": ("learning_rate", {"model.learning_rate": 0.00001}),
    "dropout=0.01": ("dropout", {"model.dropout": 0.01}),
    "dropout=0.5": ("dropout", {"model.dropout": 0.5}),
    "momentum=0.0": ("momentum", {"model.momentum": 0.0}),
}

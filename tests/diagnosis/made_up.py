"""A made-up diagnosis with every kind of answer."""

from pathlib import Path
from typing import Any

from hw1_lightning.diagnosis.answers import Candidate, Diagnosis, ExperimentAnswer, Finding, NumberAnswer, Verdict
from hw1_lightning.diagnosis.reported import Experiment, Number, Report

NAN = float("nan")
SOFTMAX = ("softmax before cross-entropy",)


def number(metric: str, value: float, verdict: Verdict, correct: float, **further: Any) -> NumberAnswer:
    """Return the answer for a number with four decimals."""
    epoch = further.pop("epoch", None)
    spreads = {"rounding_spread": 0.0001, "seed_spread": 0.004, **further}
    return NumberAnswer(Number(metric, value, 0.0001, epoch), verdict, correct, **spreads)


def answer(
    name: str,
    verdict: Verdict,
    numbers: list[NumberAnswer],
    candidates: tuple[Candidate, ...] = (),
    how: Any = None,
    options: dict[str, Any] | None = None,
) -> ExperimentAnswer:
    """Return the answer for an experiment of logistic regression."""
    experiment = Experiment(name, ("logistic_regression",), options or {}, tuple(each.number for each in numbers))
    return ExperimentAnswer(experiment, verdict, how, candidates, tuple(numbers))


def made_up(path: Path = Path("reports/group_k.yaml"), title: str = "Group K") -> Diagnosis:
    """Return a diagnosis in which one mistake explains two experiments, one is open and one is ambiguous."""
    softmax = Candidate(SOFTMAX, "softmax is applied twice", 3.32, 0.981, 2)
    rate = Candidate(("rate of another experiment",), "learning rate 0.0001 instead of 0.001", 2.1, 0.62, 1)
    sums = Candidate(("sum instead of mean",), "the loss is a sum over the minibatch", 1.9, 0.36, 1)
    fast = [number("val/accuracy", 0.4751, "explained", 0.5264, explained=0.4751, seed_mean=0.5281)]
    fast += [number("test/accuracy", 0.4827, "explained", 0.5247, explained=0.4827)]
    curve = [
        number(
            "val/accuracy", 0.2 + epoch / 200, "explained", 0.3 + epoch / 100, explained=0.2 + epoch / 200, epoch=epoch
        )
        for epoch in range(1, 21)
    ]
    experiments = (
        answer("rate 0.001", "explained", fast, (softmax,)),
        answer(
            "rate 0.00001",
            "explained",
            [number("val/accuracy", 0.2892, "explained", 0.4694, explained=0.2892), *curve],
            (softmax,),
        ),
        answer(
            "perceptron",
            "reproduced",
            [number("test/accuracy", 0.3743, "reproduced", 0.3743, rounding_spread=0.0)],
            how="digits",
        ),
        answer(
            "batch 64",
            "reproduced",
            [
                number("val/accuracy", 0.6061, "reproduced", 0.6026),
                number("test/accuracy", 0.6073, "reproduced", 0.6003),
            ],
            how="random numbers",
        ),
        answer(
            "momentum 0", "several", [number("val/accuracy", 0.5862, "several", 0.4701, explained=0.5871)], (rate, sums)
        ),
        answer(
            "batch 512",
            "unexplained",
            [
                number(
                    "val/accuracy", 0.5903, "unexplained", 0.5021, nearest=0.5306, nearest_change="one hidden layer"
                ),
                number("test/accuracy", 0.535, "unexplained", NAN),
            ],
            options={"trainer.max_epochs": 20},
        ),
    )
    advice = "The loss applies softmax itself: remove the one at the end of the model's forward()."
    said = "The report may have said that a low learning rate needs more epochs."
    finding = Finding(SOFTMAX, ("rate 0.001", "rate 0.00001"), 3.32, 4, advice, said)
    report = Report(
        path, title, 42, tuple(each.experiment for each in experiments), ("the accuracies are read as percentages",)
    )
    return Diagnosis(report, experiments, (finding,), "Landscapes, SHA-256 1a2b3c4d", 1041, 12, 192.4)

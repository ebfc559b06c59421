"""How often `hw1 diagnose` names the right mistake: `python -m benchmarks.diagnosis`.

Programs of the assignment, written in plain PyTorch and NumPy without hw1 (``tests/diagnosis/scripts``), are run
correctly and with one mistake each. What they print is given to `hw1 diagnose`, one experiment at a time.
"""

import argparse
import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from hw1_lightning.commands.diagnosing.engine import diagnose
from hw1_lightning.diagnosis.answers import ExperimentAnswer
from hw1_lightning.diagnosis.reported import Experiment, Number, Report
from tests.diagnosis.scripts.data import digits, photographs
from tests.diagnosis.scripts.registry import CONFIGS, CORRECT, LISTED, UNLISTED, Case

EXPERIMENTS = ("perceptron", "l2", "mlp_online", "logistic_regression", "mlp")
DIGITS = 4  # that a report gives
FINAL = ("val/accuracy", "test/accuracy", "weights/l2_norm")
# What the catalogue calls a mistake of the programs, by the start of its name there; the longest start counts.
NAMES = {
    "softmax_before_loss": "softmax before cross-entropy",
    "softmax": "another link",
    "one_vs_rest": "another link",
    "sum_loss": "sum instead of mean loss",
    "weight_decay_wrong_sign": "penalty with the wrong sign",
    "penalty_wrong_sign": "penalty with the wrong sign",
    "weight_decay_twice": "penalty too strong",
    "weight_decay_without_half": "penalty too strong",
    "penalty_twice": "penalty too strong",
    "penalty_without_rate": "penalty too strong",
    "weight_decay_forgotten": "penalty forgotten",
    "penalty_forgotten": "penalty forgotten",
    "weight_decay_not_on_biases": "penalty without the biases",
    "penalty_not_on_bias": "penalty without the biases",
    "no_shuffling": "not shuffled",
    "shuffled_once": "shuffled once",
    "permutation_not_composed": "shuffled once",
    "last_batch_dropped": "last minibatch left out",
    "train_mode_forgotten": "no dropout after the first evaluation",
    "means_of_batches": "accuracy averaged over minibatches",
    "weight_decay_left_in": "penalty of another experiment",
    "gradients_not_zeroed": "gradients not zeroed",
    "init_": "other first weights",
    "bias_missing": "bias missing",
    "adam": "Adam for SGD",
    "best_epoch": "best instead of last epoch",
    "epochs_": "another number of epochs",
    "pixels_": "other pixel values",
    "validation_as_test": "validation reported as test",
    "test_as_validation": "test reported as validation",
    "training_as_validation": "training reported as validation",
    "training_as_test": "training reported as test",
    "test_labels_shuffled": "test labels in another order",
    "learning_rate_": "another learning rate",
    "batch_size_": "another batch size",
    "momentum_": "another momentum",
    "dropout_missing": "dropout missing",
    "dropout_on_inputs": "dropout on the inputs as well",
    "keep_probability": "keep probability for drop probability",
    "one_layer_": "another number of hidden layers",
    "sigmoid": "other activations",
    "tanh": "other activations",
    "derivative_missing": "derivative of the activation missing",
    "evaluation_with_dropout": "evaluated with dropout",
    "wrong_class_unchanged": "the predicted class is not corrected",
    "times_label": "steps times the label",
    "times_own_label": "steps times the label",
    "times_rate": "steps of the perceptron times a rate",
    "every_example": "an update for right predictions",
}


def main() -> None:
    """Diagnose programs, and print what was named for each, how often it was right, and what was taken for what."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.diagnosis", description=__doc__)
    parser.add_argument("experiments", nargs="*", default=EXPERIMENTS, help="which (default: %(default)s)")
    parser.add_argument("--only", nargs="+", help="programs with these mistakes (default: all, and correct ones)")
    parser.add_argument("--epochs", type=int, default=20, help="epochs of each program (default: 20)")
    parser.add_argument("--data", type=Path, help="npz file in the course's format (default: the digits)")
    help_final = "give only accuracies and the norm after the last epoch, not all that programs print"
    parser.add_argument("--final", action="store_true", help=help_final)
    parser.add_argument("--runs_dir", type=Path, default=Path("runs"), help="where outcomes are kept (default: runs)")
    parser.add_argument("--workers", type=int, default=2, help="runs at a time (default: 2)")
    options = parser.parse_args()
    for title, programs in (("mistakes", LISTED), ("correct", CORRECT), ("mistakes not in the catalogue", UNLISTED)):
        counts, taken = Counter[str](), defaultdict[str, Counter[str]](Counter)
        for (experiment, name), case in programs.items():
            wanted = experiment in options.experiments and name in (options.only or [name])
            if wanted and case.fits_data("photographs" if options.data else "digits"):
                answer = _diagnosed(case, options)
                mistake = expected(name) if programs is LISTED else None
                verdict = _outcome(answer, mistake)
                counts[verdict] += 1
                taken[mistake or ("correct" if programs is CORRECT else name)][_taken_for(answer)] += 1
                print(f"{experiment:<22}{name:<30}{verdict:<14}{_named(answer)}", flush=True)
        found = ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())
        print(f"{title}: {sum(counts.values())} programs; {found}\n")
        _print_confusion(taken)


def _print_confusion(taken: Mapping[str, Counter[str]]) -> None:
    """Print the confusion table: each mistake, how many programs have it, and what they were taken for."""
    print(f"{'mistake':<42}programs  named so  taken for")
    for name, counts in sorted(taken.items()):
        others = "; ".join(f"{count} {other}" for other, count in counts.most_common() if other != name)
        print(f"{name:<42}{counts.total():>8}{counts[name]:>10}  {others}".rstrip())
    print()


def _taken_for(answer: ExperimentAnswer) -> str:
    """Return what a program was taken for: one mistake, the first of several, or a verdict."""
    if answer.verdict in ("explained", "several"):
        return " and ".join(answer.candidates[0].mistakes)
    return "correct" if answer.verdict == "reproduced" else answer.verdict


def expected(name: str) -> str:
    """Return what the catalogue calls a mistake of the programs."""
    return NAMES[max((start for start in NAMES if name.startswith(start)), key=len)]


def report_of(case: Case, epochs: int, data: Path | None, final: bool) -> Report:
    """Run a program, and return what it prints: numbers at the end and curves, all with four digits."""
    found = case(epochs=epochs, data=digits() if data is None else photographs(data), threads=1)
    config, options = CONFIGS[case.experiment]
    numbers = [
        Number(metric, round(value, DIGITS), 10.0**-DIGITS, epoch)
        for metric, values in found.items()
        for epoch, value in (enumerate(values, 1) if isinstance(values, list) else [(None, values)])
        if math.isfinite(value) and (epoch is None or epoch <= epochs)
    ]
    if final:
        numbers = [
            replace(each, epoch=None) for each in numbers if each.metric in FINAL and each.epoch in (None, epochs)
        ]
    experiment = Experiment(case.experiment, (config,), {**options, "trainer.max_epochs": epochs}, tuple(numbers))
    return Report(Path("reported.yaml"), case.name, 42, (experiment,))


def _diagnosed(case: Case, options: argparse.Namespace) -> ExperimentAnswer:
    further = ["--config=data/landscapes", f"--data.source.path={options.data}"] if options.data else []
    report = report_of(case, options.epochs, options.data, options.final)
    return diagnose(report, further, options.workers, options.runs_dir, say=lambda line: None).experiments[0]


def _outcome(answer: ExperimentAnswer, name: str | None) -> str:
    """Return whether the answer is right; the second or a later of several explanations is "among"."""
    if answer.verdict not in ("explained", "several"):
        return answer.verdict
    if name is None:
        return "named"
    found = [each.mistakes for each in answer.candidates]
    if found[0] == (name,):
        return "right"
    return "among" if answer.verdict == "several" and (name,) in found else "wrong"


def _named(answer: ExperimentAnswer) -> str:
    if answer.verdict not in ("explained", "several"):
        return answer.how or ""
    return "; ".join(" and ".join((*each.mistakes, each.change)) for each in answer.candidates[:1])


if __name__ == "__main__":
    main()

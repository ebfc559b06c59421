"""Each mistake changes a number, and other correct programs do not; the command prints the numbers."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.conftest import Arrays
from tests.diagnosis import scripts
from tests.diagnosis.scripts import numpy_programs, numpy_variants, registry, torch_programs, torch_variants
from tests.diagnosis.scripts.__main__ import main
from tests.diagnosis.scripts.data import Report, digits, photographs
from tests.diagnosis.scripts.registry import ALL, CORRECT, LISTED, UNLISTED

DATA = digits()
EPOCHS = 3
# A program for each mistake; of the later ones only what does not fit the earlier ones.
EXPERIMENTS = ("perceptron", "l2", "l2=softmax", "mlp_online", "logistic_regression", "mlp", "momentum")
# Mistakes that change no accuracy of the digits within three epochs, only the norm or losses, most in the fifth digit.
SAME_ACCURACY = (
    ("perceptron", "times_rate"),
    ("l2", "bias_missing"),
    ("l2", "penalty_not_on_bias"),
    ("logistic_regression", "weight_decay_not_on_biases"),
    ("momentum", "weight_decay_left_in"),
)


def finals(report: Report) -> dict[str, float]:
    return {name: value[-1] if isinstance(value, list) else value for name, value in report.items()}


def run(experiment: str, name: str, epochs: int = EPOCHS) -> dict[str, float]:
    return finals(ALL[experiment, name](epochs=epochs, data=DATA))


def test_photographs_are_bytes_divided_by_256(npz: Path, npz_arrays: Arrays) -> None:
    data = photographs(npz)
    expected = npz_arrays["val_images"].reshape(12, -1) / 256
    assert np.array_equal(data.features("val", np.float64), expected)
    assert (data.classes, data.splits["test"][1].tolist()) == (6, npz_arrays["test_labels"].tolist())


def test_the_programs_import_nothing_of_hw1() -> None:
    sources = Path(scripts.__path__[0]).glob("*.py")
    assert not [path.name for path in sources if "hw1_lightning" in path.read_text()]


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_other_correct_programs_give_the_same_numbers(experiment: str) -> None:
    correct = run(experiment, "correct")
    module = numpy_variants if experiment in numpy_programs.EXPERIMENTS else torch_variants
    names = module.SAME_RANDOM_NUMBERS - {"correct", "two_threads"}  # other threads take seconds on a busy machine
    others = [name for other, name in CORRECT if other == experiment and name in names]
    assert len(others) >= 2
    for name in others:
        numbers = run(experiment, name)
        assert {key: numbers[key] for key in correct} == pytest.approx(correct, rel=1e-4), name


def test_correct_programs_with_other_random_numbers_learn_as_well() -> None:
    other = ("new_generator", "other_seed", "global_generator", "permutation_by_hand", "inputs_by_classes")
    for experiment, epochs in (("l2", 2), ("mlp_online", 2), ("logistic_regression", 4), ("mlp", 4)):
        correct = run(experiment, "correct", epochs)
        for name in (name for name in other if (experiment, name) in CORRECT):
            numbers = run(experiment, name, epochs)
            assert numbers["test/accuracy"] == pytest.approx(correct["test/accuracy"], abs=0.1), (experiment, name)


def mistakes_of(experiment: str) -> list[str]:
    """Names of mistakes on the digits that no experiment before this one tries in the same program."""
    earlier = {"l2=softmax": "l2", "momentum": "mlp"}.get(experiment)
    mistakes = {**LISTED, **UNLISTED}
    tried = {"best_epoch", *(name for other, name in mistakes if other == earlier)}  # the former has its own test
    return [
        name
        for (other, name), case in mistakes.items()
        if other == experiment and case.fits_data("digits") and name not in tried
        if experiment != "mlp_online" or "data" not in case.mistake.change  # the perceptron has them, too
    ]


@pytest.mark.slow
@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_every_mistake_changes_a_number(experiment: str) -> None:
    epochs = 2 if experiment == "mlp_online" else EPOCHS
    correct = run(experiment, "correct", epochs)
    names = mistakes_of(experiment)
    changed = [name for name in names if run(experiment, name, epochs) != pytest.approx(correct, rel=1e-6)]
    assert changed == names


@pytest.mark.parametrize(("experiment", "name"), SAME_ACCURACY)
def test_some_mistakes_change_no_accuracy(experiment: str, name: str) -> None:
    correct, mistaken = run(experiment, "correct"), run(experiment, name)
    accuracies = [key for key in correct if key.endswith("accuracy")]
    assert [mistaken[key] for key in accuracies] == [correct[key] for key in accuracies]
    assert mistaken != correct


@pytest.mark.parametrize(("experiment", "epochs"), [("perceptron", 4), ("learning_rate=0.00001", 3)])
def test_the_best_epoch_is_reported_with_its_own_test_accuracy(experiment: str, epochs: int) -> None:
    curve: Any = CORRECT[experiment, "correct"](epochs=epochs, data=DATA)["val/accuracy"]
    best = curve.index(max(curve))
    assert best < epochs - 1, "the last epoch is not the best one"
    mistaken = ALL[experiment, "best_epoch"](epochs=epochs, data=DATA)
    until_then = CORRECT[experiment, "correct"](epochs=best + 1, data=DATA)
    assert mistaken["val/accuracy"] == curve[best]
    assert mistaken["test/accuracy"] == until_then["test/accuracy"]


def test_threads_are_set_while_a_program_runs() -> None:
    def threads(*_: Any) -> Report:
        return {"threads": torch.get_num_threads()}

    before = torch.get_num_threads()
    case = registry.Case("mlp", "two_threads", CORRECT["mlp", "two_threads"].mistake, torch_programs.NETWORK, threads)
    assert case(epochs=1, data=DATA) == {"threads": 2}
    assert registry.Case("mlp", "correct", torch_variants.CORRECT["correct"], torch_programs.NETWORK, threads)(
        epochs=1, data=DATA, threads=3
    ) == {"threads": 3}
    assert torch.get_num_threads() == before


def test_the_command_prints_a_report_of_photographs(npz: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["logistic_regression", "pixels_255", "--epochs=2", f"--data={npz}"])
    expected = ALL["logistic_regression", "pixels_255"](epochs=2, data=photographs(npz))
    assert json.loads(capsys.readouterr().out) == expected
    assert expected != CORRECT["logistic_regression", "correct"](epochs=2, data=photographs(npz))


def test_the_command_names_the_mistakes_of_an_experiment(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["perceptron", "adam", "--epochs=1"])
    assert "times_label" in capsys.readouterr().err


def test_every_experiment_has_a_config() -> None:
    experiments = {experiment for experiment, _ in ALL}
    assert {*registry.CONFIGS} == experiments
    assert all(Path(f"configs/{config}.yaml").is_file() for config, _ in registry.CONFIGS.values())

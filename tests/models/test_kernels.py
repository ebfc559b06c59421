"""Linear models with ``kernels: compiled`` learn and score what they do with torch's operations, to rounding."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from hw1_lightning.cli import main
from hw1_lightning.imports import concrete_subclasses
from hw1_lightning.models import LogisticRegression, Perceptron, StackModule
from hw1_lightning.online import minibatches
from hw1_lightning.runs.metrics_reader import read_metrics
from tests.conftest import Fit, Refused

LOGISTIC = (
    "--model=LogisticRegression",
    "--model.learning_rate=0.01",
    "--data.batch_size=32",
    "--trainer.max_epochs=3",
)
CASES = {  # the perceptron's numbers are multiples of a power of two, else it would decide ties by rounding
    "softmax": (*LOGISTIC, "--model.weight_decay=0.01"),
    "one_vs_rest": (*LOGISTIC, "--model.link=one_vs_rest", "--model.l2_penalty=0.1", "--model.l1_penalty=0.001"),
    "perceptron": ("--model=Perceptron", "--model.learning_rate=0.5", "--data.batch_size=8", "--trainer.max_epochs=3"),
    "single": ("--model=Perceptron", "--data.batch_size=1", "--trainer.max_epochs=2", "--train_accuracy=true"),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_curves_are_those_of_torch_to_six_digits(case: str, fit: Fit, tmp_path: Path) -> None:
    curves = []
    for kernels in ("torch", "compiled"):
        result = fit(*CASES[case], f"--model.kernels={kernels}", f"--name={kernels}")
        curves.append(read_metrics(tmp_path / "runs" / kernels / "version_0" / "metrics.csv"))
        assert result["status"] == "finished"
    for ours, theirs in zip(*curves, strict=True):
        assert ours == pytest.approx(theirs, rel=2e-6, abs=1e-7)


@pytest.mark.slow
def test_minibatches_and_scores_go_to_the_kernels(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[str] = []
    for name in ("minibatch_steps", "class_scores"):
        original = getattr(minibatches, name)

        def counted(*args: Any, name: str = name, original: Any = original, **options: Any) -> Tensor:
            used.append(name)
            result: Tensor = original(*args, **options)
            return result

        for module in ("logistic_regression", "linear"):
            monkeypatch.setattr(f"hw1_lightning.models.{module}.{name}", counted, raising=False)
    fit(*LOGISTIC, "--model.kernels=torch")
    assert not used
    fit(*LOGISTIC, "--model.kernels=compiled")
    assert {*used} == {"minibatch_steps", "class_scores"}


def model(kernels: str, **further: Any) -> LogisticRegression:
    torch.manual_seed(0)
    return LogisticRegression(input_shape=(4, 4, 1), num_classes=3, input_scale=1 / 16, kernels=kernels, **further)


def test_gradients_and_other_precisions_are_torchs() -> None:
    ours, theirs = model("compiled"), model("torch")
    inputs = torch.randint(16, (5, 4, 4, 1), dtype=torch.uint8)
    assert torch.equal(ours(inputs), theirs(inputs)), "a gradient may be wanted"
    assert ours(inputs).requires_grad
    with torch.no_grad():
        with torch.autocast("cpu", torch.bfloat16):
            assert ours(inputs).dtype == theirs(inputs).dtype == torch.bfloat16
        assert ours.to(torch.bfloat16)(inputs).dtype == torch.bfloat16


def test_a_subclass_with_other_scores_keeps_them() -> None:
    class Doubled(LogisticRegression):
        def outputs(self, features: Tensor) -> Tensor:
            return 2 * super().outputs(features)

    torch.manual_seed(0)
    doubled = Doubled(input_shape=(4, 4, 1), num_classes=3, input_scale=1 / 16, kernels="compiled")
    inputs = torch.randint(16, (5, 4, 4, 1), dtype=torch.uint8)
    with torch.no_grad():
        torch.testing.assert_close(doubled(inputs), 2 * model("torch")(inputs))


def test_the_base_class_is_no_choice(refused: Refused) -> None:
    assert "LinearClassifier" in refused("fit", "--model=LinearClassifier")
    assert "LinearClassifier" not in concrete_subclasses(StackModule)


def test_nan_weights_have_scores_that_are_nan() -> None:
    ours = model("compiled")
    with torch.no_grad():
        ours.linear.weight[1, 2] = torch.nan
        assert ours(torch.ones(2, 4, 4, 1, dtype=torch.uint8)).isnan().any(1).all()


def test_the_option_is_in_the_checkpoint_and_others_are_refused(refused: Refused) -> None:
    assert Perceptron(input_shape=(2,), num_classes=2, kernels="compiled").hparams["kernels"] == "compiled"
    assert "kernels" in refused("fit", *LOGISTIC, "--model.kernels=numpy")


@pytest.mark.slow
def test_a_model_with_kernels_is_exported_and_verified(
    fit: Fit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fit(*LOGISTIC, "--model.kernels=compiled", "--name=run")
    run = tmp_path / "runs" / "run" / "version_0"
    assert main(["export", f"--ckpt_path={run / 'checkpoints' / 'best.ckpt'}", str(tmp_path / "model.onnx")]) == 0
    assert main(["verify", str(run)]) == 0
    assert "bit-identical" in capsys.readouterr().out

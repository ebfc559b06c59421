"""The predictions of an ONNX file are those of its model."""

import builtins
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from lightning.pytorch import seed_everything

from hw1_lightning.errors import InputError
from hw1_lightning.evaluation import onnx as module
from hw1_lightning.evaluation.onnx import write_onnx
from hw1_lightning.models import (
    MLP,
    LogisticRegression,
    Perceptron,
    QuadraticClassifier,
    QuadraticNetwork,
    QuadraticRegression,
)
from hw1_lightning.models.classifier import Classifier
from hw1_lightning.models.regressor import Regressor

IMAGES: dict[str, Any] = {"input_shape": (5, 4, 3), "num_classes": 3, "input_scale": 1 / 256}
NUMBERS: dict[str, Any] = {"input_shape": (6,), "num_outputs": 2}
MODELS: dict[str, Callable[[], Classifier | Regressor]] = {
    "mlp": lambda: MLP(**IMAGES, hidden_sizes=[7, 5], activation="tanh", dropout=0.5, class_names=["é", "sea", "x y"]),
    "logistic": lambda: LogisticRegression(**IMAGES),
    "perceptron": lambda: Perceptron(**IMAGES),
    "quadratic classifier": lambda: QuadraticClassifier(**IMAGES),
    "quadratic network": lambda: QuadraticNetwork(**NUMBERS),
    "closed form": lambda: QuadraticRegression(**NUMBERS),
}


@pytest.mark.parametrize("name", MODELS)
def test_predictions_are_those_of_the_model(name: str, tmp_path: Path) -> None:
    seed_everything(0, verbose=False)
    model = MODELS[name]()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_()
    assert write_onnx(model.eval(), tmp_path / "model.onnx") < 1e-3
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
    images = isinstance(model, Classifier)
    rng = np.random.default_rng(1)
    for count in (1, 7):
        shape = (count, *model.hparams["input_shape"])
        inputs = rng.integers(0, 256, shape, dtype=np.uint8) if images else rng.normal(size=shape).astype(np.float32)
        (found,) = session.run(None, {"inputs": inputs})
        # the model itself, in float64
        outputs = model.double()(torch.from_numpy(inputs))
        expected = (model.probabilities(outputs) if isinstance(model, Classifier) else outputs).detach().numpy()
        np.testing.assert_allclose(found, expected, rtol=2e-4, atol=2e-5 * max(1, np.abs(expected).max()))
    metadata = session.get_modelmeta().custom_metadata_map
    assert json.loads(metadata["class_names"]) == (list(model.class_names) if isinstance(model, Classifier) else [])
    assert metadata["model"].endswith(type(model).__name__)
    kind = session.get_inputs()[0]
    assert (kind.type, kind.shape) == (
        "tensor(uint8)" if images else "tensor(float)",
        ["N", *model.hparams["input_shape"]],
    )


def test_inputs_of_another_dtype_are_an_error(tmp_path: Path) -> None:
    write_onnx(LogisticRegression(**IMAGES).eval(), tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
    with pytest.raises(Exception, match="Unexpected input data type"):
        session.run(None, {"inputs": np.zeros((1, 5, 4, 3), dtype=np.float32)})


def test_a_file_whose_predictions_differ_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TOLERANCE", -1.0)
    with pytest.raises(InputError, match="predictions differ from the model"):
        write_onnx(LogisticRegression(**IMAGES).eval(), tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("missing", ["onnxruntime", "onnxscript"])
def test_the_missing_extra_is_named(missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = builtins.__import__

    def fake_import(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == missing:
            raise ImportError(f"No module named '{name}'", name=name)
        return original(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", fake_import)
    with pytest.raises(InputError, match=rf"export requires {missing}; .*hw1-lightning\[onnx\]"):
        write_onnx(LogisticRegression(**IMAGES).eval(), tmp_path / "model.onnx")

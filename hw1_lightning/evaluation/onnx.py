"""Exports models as ONNX files, which other programs run without torch."""

import json
import logging
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from hw1_lightning import __version__
from hw1_lightning.errors import InputError
from hw1_lightning.files import replacing
from hw1_lightning.imports import path_of
from hw1_lightning.models.base import StackModule
from hw1_lightning.models.classifier import Classifier
from hw1_lightning.models.quadratic_regression import QuadraticRegression
from hw1_lightning.models.regressor import Regressor

# Runtimes sum in another order. Allowed difference of a probability, or of a number relative to the largest.
TOLERANCE = 1e-5
COUNTS = (1, 2, 50)  # batch sizes that the file is checked with


class Predictor(nn.Module):
    """Maps raw inputs, ``(N, *input_shape)``, to class probabilities or predicted numbers.

    Args:
        model: in evaluation mode.
    """

    def __init__(self, model: Classifier | Regressor) -> None:
        super().__init__()
        self.model = model
        self.eval()

    def forward(self, inputs: Tensor) -> Tensor:
        """Return probabilities, ``(N, C)``, or numbers, ``(N, O)``."""
        outputs: Tensor = self.model(inputs)
        return self.model.probabilities(outputs) if isinstance(self.model, Classifier) else outputs


def write_onnx(model: StackModule, path: Path) -> float:
    """Write a model as an ONNX file, and check that its predictions are those of the model.

    The file's input ``inputs`` is uint8 ``(N, H, W, C)`` for classifiers of images and float32 for other models, for
    any N. Its output is ``probabilities`` or ``numbers``. It includes the scaling of the inputs. Its metadata hold
    ``class_names`` as a JSON list, ``model``, the class path, and ``hw1``, the version.

    Args:
        model: on the CPU.
        path: the file to write.

    Returns:
        The largest difference between the file's predictions, computed by onnxruntime, and the model's.

    Raises:
        InputError: if the extra ``onnx`` is not installed, the file cannot be written, or its predictions differ.
    """
    _require_extra()
    assert isinstance(model, Classifier | Regressor)
    # ONNX has no simple operations for the closed form's features; the equivalent network is two products.
    predictor = Predictor(model.equivalent_network() if isinstance(model, QuadraticRegression) else model)
    kind = torch.uint8 if isinstance(model, Classifier) and len(model.input_shape) == 3 else torch.float32
    batches = [_random_inputs(count, model.input_shape, kind) for count in COUNTS]
    program = _export(predictor, batches[1], "probabilities" if isinstance(model, Classifier) else "numbers")
    names = list(model.class_names) if isinstance(model, Classifier) else []
    program.model.metadata_props.update(class_names=json.dumps(names), model=path_of(type(model)), hw1=__version__)
    with replacing(path) as temporary:
        program.save(str(temporary))
        return max(_checked_difference(temporary, Predictor(model), inputs) for inputs in batches)


def _export(predictor: Predictor, example: Tensor, output_name: str) -> torch.onnx.ONNXProgram:
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it warns of torchvision operators that it cannot convert
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*LeafSpec.*", category=FutureWarning)
        shapes, names = ({0: torch.export.Dim("N")},), [output_name]
        program = torch.onnx.export(
            predictor, (example,), input_names=["inputs"], output_names=names, dynamic_shapes=shapes, verbose=False
        )
    assert program is not None
    return program


def _require_extra() -> None:
    try:
        import onnxruntime
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise InputError(f"export requires {error.name}; run `pip install 'hw1-lightning[onnx]'`") from error
    onnxruntime.set_default_logger_severity(3)  # errors


def _random_inputs(count: int, shape: tuple[int, ...], kind: torch.dtype) -> Tensor:
    generator = torch.Generator().manual_seed(count)
    if kind == torch.uint8:
        return torch.randint(256, (count, *shape), generator=generator, dtype=kind)
    return torch.randn(count, *shape, generator=generator)


@torch.no_grad()
def _checked_difference(path: Path, predictor: Predictor, inputs: Tensor) -> float:
    """Return the largest difference between the file's predictions and the model's; raise if it is above rounding."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"inputs": inputs.numpy()})
    expected = predictor(inputs).numpy()
    difference = float(np.abs(found - expected).max())
    if not difference <= TOLERANCE * max(1.0, float(np.abs(expected).max())):
        most = f"up to {difference:.2g}"
        raise InputError(f"the ONNX file's predictions differ from the model's by {most}; it is not written")
    return difference

"""Models as ONNX files, which other programs run without torch."""

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

# Runtimes sum in another order: what may differ in a probability, or in a number as a share of the largest.
TOLERANCE = 1e-5
COUNTS = (1, 2, 50)  # how many examples at a time the file is tried with


class Predictor(nn.Module):
    """From raw inputs, ``(N, *input_shape)``, to what a person wants: class probabilities or numbers.

    Args:
        model: in evaluation mode.
    """

    def __init__(self, model: Classifier | Regressor) -> None:
        super().__init__()
        self.model = model
        self.eval()

    def forward(self, inputs: Tensor) -> Tensor:
        """Probabilities, ``(N, C)``, or numbers, ``(N, O)``."""
        outputs: Tensor = self.model(inputs)
        return self.model.probabilities(outputs) if isinstance(self.model, Classifier) else outputs


def write_onnx(model: StackModule, path: Path) -> float:
    """Write a model as an ONNX file that has been found to predict what the model does.

    The file takes ``inputs``: for classifiers of images uint8 ``(N, H, W, C)``, for others float32; N is free. It gives
    ``probabilities`` or ``numbers``. Scaling is part of it. Its metadata hold ``class_names`` as a JSON list, ``model``
    and ``hw1``, the version.

    Args:
        model: on the CPU.
        path: the file to write.

    Returns:
        The largest difference between the file's predictions, by onnxruntime, and the model's.

    Raises:
        InputError: if the extra ``onnx`` is not installed, the file cannot be written, or it predicts something else.
    """
    _require_extra()
    assert isinstance(model, Classifier | Regressor)
    # The closed form's features are no simple operations; as the network that it is, they are two products.
    predictor = Predictor(model.equivalent_network() if isinstance(model, QuadraticRegression) else model)
    kind = torch.uint8 if isinstance(model, Classifier) and len(model.input_shape) == 3 else torch.float32
    examples = [_examples(count, model.input_shape, kind) for count in COUNTS]
    program = _exported(predictor, examples[1], "probabilities" if isinstance(model, Classifier) else "numbers")
    names = list(model.class_names) if isinstance(model, Classifier) else []
    told = {"class_names": json.dumps(names), "model": path_of(type(model)), "hw1": __version__}
    program.model.metadata_props.update(told)
    with replacing(path) as temporary:
        program.save(str(temporary))
        return max(_difference(temporary, Predictor(model), inputs) for inputs in examples)


def _exported(predictor: Predictor, example: Tensor, output_name: str) -> torch.onnx.ONNXProgram:
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it tells what of torchvision it cannot convert
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*LeafSpec.*", category=FutureWarning)
        program = torch.onnx.export(
            predictor,
            (example,),
            dynamo=True,
            input_names=["inputs"],
            output_names=[output_name],
            dynamic_shapes=({0: torch.export.Dim("N")},),
            verbose=False,
        )
    assert program is not None
    return program


def _require_extra() -> None:
    try:
        import onnxruntime
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise InputError(f"export wants {error.name}; install it with `pip install 'hw1-lightning[onnx]'`") from error
    onnxruntime.set_default_logger_severity(3)  # errors


def _examples(count: int, shape: tuple[int, ...], kind: torch.dtype) -> Tensor:
    generator = torch.Generator().manual_seed(count)
    if kind == torch.uint8:
        return torch.randint(256, (count, *shape), generator=generator, dtype=kind)
    return torch.randn(count, *shape, generator=generator)


@torch.no_grad()
def _difference(path: Path, predictor: Predictor, inputs: Tensor) -> float:
    """How far the file's predictions are from the model's; refused if that is more than rounding."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"inputs": inputs.numpy()})
    expected = predictor(inputs).numpy()
    difference = float(np.abs(found - expected).max())
    if not difference <= TOLERANCE * max(1.0, float(np.abs(expected).max())):
        raise InputError(f"the ONNX file predicts something else, by up to {difference:.2g}; it is not written")
    return difference

"""Mistakes in the layers of a model and in its first weights."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn

from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.data.order import numpy_generator
from hw1_lightning.diagnosis.mistaken.wrapper import Wrapper
from hw1_lightning.models.classifier import Classifier

Kind = Literal["He normal", "He uniform", "Xavier normal", "Xavier uniform", "zero", "N(0, 1)", "N(0, 0.01)"]
FILL: dict[Kind, Callable[[Tensor], Tensor]] = {
    "He normal": lambda weight: nn.init.kaiming_normal_(weight, nonlinearity="relu"),
    "He uniform": lambda weight: nn.init.kaiming_uniform_(weight, nonlinearity="relu"),
    "Xavier normal": nn.init.xavier_normal_,
    "Xavier uniform": nn.init.xavier_uniform_,
    "zero": nn.init.zeros_,
    "N(0, 1)": nn.init.normal_,
    "N(0, 0.01)": lambda weight: nn.init.normal_(weight, std=0.01),
}


@dataclass(frozen=True)
class NoDropout(Wrapper):
    """Dropout is missing after some hidden layers.

    Args:
        after: positions of the hidden layers, from 0.
    """

    after: tuple[int, ...]

    def prepare(self, model: Classifier, data: ArrayDataModule) -> None:
        """Remove the layers; a missing layer draws no random numbers."""
        layers = _sequential(model)
        places = [place for place, layer in enumerate(layers) if isinstance(layer, nn.Dropout)]
        for position in self.after:
            layers[places[position]] = nn.Identity()


@dataclass(frozen=True)
class DropoutOn(Wrapper):
    """Dropout also on the inputs, or on the scores.

    Args:
        what: which.
    """

    what: Literal["inputs", "scores"]

    def outputs(self, right: Callable[[Tensor], Tensor], model: Classifier, features: Tensor) -> Tensor:
        """Drop inputs or scores with the probability of the hidden layers."""
        probability = float(model.hparams["dropout"])
        if self.what == "inputs":
            features = nn.functional.dropout(features, probability, model.training)
        scores = right(features)
        return nn.functional.dropout(scores, probability, model.training) if self.what == "scores" else scores


@dataclass(frozen=True)
class SigmoidUnits(Wrapper):
    """Sigmoids in place of rectified units."""

    def prepare(self, model: Classifier, data: ArrayDataModule) -> None:
        """Replace the activations."""
        layers = _sequential(model)
        for place, layer in enumerate(layers):
            if isinstance(layer, nn.ReLU):
                layers[place] = nn.Sigmoid()


class StraightThrough(nn.ReLU):
    """A rectified unit whose derivative is taken to be 1 everywhere."""

    def forward(self, input: Tensor) -> Tensor:
        """Return the rectified inputs, with their own gradient."""
        return input + (super().forward(input) - input).detach()


@dataclass(frozen=True)
class NoDerivative(Wrapper):
    """The derivative of the rectified units is missing in the gradient."""

    def prepare(self, model: Classifier, data: ArrayDataModule) -> None:
        """Replace the activations."""
        layers = _sequential(model)
        for place, layer in enumerate(layers):
            if isinstance(layer, nn.ReLU):
                layers[place] = StraightThrough()


@dataclass(frozen=True)
class NoBias(Wrapper):
    """Layers without biases, also in the order in which a program without them draws its weights."""

    def prepare(self, model: Classifier, data: ArrayDataModule) -> None:
        """Draw the weights again, without biases in between, if torch's own are drawn."""
        layers = linear_layers(model)
        if model.hparams.get("init", "default") == "default" and layers[0].bias.any():
            torch.manual_seed(torch.initial_seed())
            for layer in layers:
                layer.weight.data.copy_(nn.Linear(layer.in_features, layer.out_features, bias=False).weight)
        self.after_step(model)

    def after_step(self, model: Classifier) -> None:
        """Set the biases back to zero."""
        for layer in linear_layers(model):
            layer.bias.data.zero_()


@dataclass(frozen=True)
class FirstWeights(Wrapper):
    """Other first weights.

    Args:
        kind: their distribution.
        biases: whether the biases keep theirs, or start at zero.
    """

    in_closed_form: ClassVar[bool] = True
    kind: Kind
    biases: Literal["kept", "zero"] = "zero"

    def prepare(self, model: Classifier, data: ArrayDataModule) -> None:
        """Draw the weights with torch's generator, or with NumPy's where the model's own come from there."""
        if model.hparams.get("init") == "numpy":
            self._draw_with_numpy(model)
            return
        for layer in linear_layers(model):
            layer.weight.data.copy_(FILL[self.kind](torch.empty(layer.weight.shape)))
            if self.biases == "zero":
                layer.bias.data.zero_()

    def _draw_with_numpy(self, model: Classifier) -> None:
        generator = numpy_generator(torch.initial_seed())
        for layer in linear_layers(model):
            outputs, inputs = layer.weight.shape
            fan = {"H": inputs / 2, "X": (inputs + outputs) / 2, "z": math.inf}.get(self.kind[0], 1.0)
            deviation = 0.01 if self.kind == "N(0, 0.01)" else fan**-0.5
            drawn = generator.normal(0.0, 1.0, (outputs, inputs)) * deviation
            layer.weight.data.copy_(torch.from_numpy(drawn))


def linear_layers(model: Classifier) -> list[nn.Linear]:
    """Return the linear layers of a model, from the inputs to the scores."""
    return [module for module in model.modules() if isinstance(module, nn.Linear)]


def _sequential(model: Classifier) -> nn.Sequential:
    return model.get_submodule("layers")  # type: ignore[return-value] # of an MLP

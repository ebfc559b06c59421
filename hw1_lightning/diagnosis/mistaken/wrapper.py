"""The base class of mistakes in code, and the models and data that they are applied to."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from torch import Tensor, nn
from torch.optim import Optimizer

from hw1_lightning.data.datamodule import ArrayDataModule
from hw1_lightning.models.classifier import Classifier


@dataclass(frozen=True)
class Wrapper:
    """One mistake in code; a subclass overrides what it breaks.

    Most methods get the right function, or that of another mistake, as ``right``, and may call it. The ``repr`` of a
    wrapper is part of the identity of its runs.

    Attributes:
        in_closed_form: whether closed forms and compiled loops still compute what the mistaken program computes.
    """

    in_closed_form: ClassVar[bool] = False

    def prepare(self, model: Classifier, data: ArrayDataModule) -> None:
        """Change the model or the data before training."""

    def features(self, right: Callable[[Tensor], Tensor], model: Classifier, inputs: Tensor) -> Tensor:
        """Map raw inputs, ``(B, *input_shape)``, to features, ``(B, input_size)``."""
        return right(inputs)

    def outputs(self, right: Callable[[Tensor], Tensor], model: Classifier, features: Tensor) -> Tensor:
        """Map features, ``(B, input_size)``, to scores, ``(B, num_classes)``."""
        return right(features)

    def loss(self, right: Callable[[Tensor, Tensor], Tensor], outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the loss of a minibatch from scores, ``(B, num_classes)``, and classes, ``(B,)``."""
        return right(outputs, targets)

    def change_optimizer(self, optimizer: Optimizer) -> None:
        """Change the optimiser before the first step."""

    def penalty_of(self, parameter: nn.Parameter, penalty: float) -> float:
        """Return the l2 penalty of a parameter in place of the right one."""
        return penalty

    def after_step(self, model: Classifier) -> None:
        """Change the weights after each step."""

    def evaluates(self, model: Classifier) -> None:
        """Change the modes of layers when an evaluation starts."""


# At run time no LightningModule itself, which the command line would offer as a model.
if TYPE_CHECKING:
    Base = Classifier
else:
    Base = object


class Mistaken(Base):
    """The methods of a classifier that mistakes change; its closed forms and compiled loops are not used."""

    wrappers: Sequence[Wrapper]

    def features(self, inputs: Tensor) -> Tensor:
        """Return the features."""
        return _chained(super().features, [partial(_call, each.features, self) for each in self.wrappers])(inputs)

    def outputs(self, features: Tensor) -> Tensor:
        """Return the scores."""
        right = super().outputs  # type: ignore[safe-super] # that of the right model
        return _chained(right, [partial(_call, each.outputs, self) for each in self.wrappers])(features)

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the loss of a minibatch."""
        return _chained(super().loss, [each.loss for each in self.wrappers])(outputs, targets)

    def compiled_steps(self, *_: Any) -> None:
        """Have no compiled loops."""

    def closed_form_gradient(self) -> None:
        """Have no closed form."""

    def configure_optimizers(self) -> Any:
        """Make the optimiser, and change it."""
        made = super().configure_optimizers()
        for each in self.wrappers:
            each.change_optimizer(made[0][0])
        return made

    def on_validation_model_zero_grad(self) -> None:
        """Keep the gradients before an evaluation, in which Lightning zeroes them: a plain loop does not."""

    def shrink(self, learning_rate: float) -> None:
        """Apply the l2 penalty of one step."""
        for parameter in self.parameters():
            penalty = self.optimization.l2_penalty
            for each in self.wrappers:
                penalty = each.penalty_of(parameter, penalty)
            parameter.data.mul_(1 - learning_rate * penalty)

    def after_step(self, learning_rate: float) -> None:
        """Change the weights after a step."""
        super().after_step(learning_rate)
        for each in self.wrappers:
            each.after_step(self)

    def train(self, mode: bool = True) -> "Mistaken":
        """Change between training and evaluation."""
        super().train(mode)
        if not mode:
            for each in self.wrappers:
                each.evaluates(self)
        return self


def apply_mistakes(wrappers: Sequence[Wrapper], model: Classifier, data: ArrayDataModule) -> None:
    """Break a model and its data before training.

    Args:
        wrappers: the mistakes, in the order of their application.
        model: with its first weights.
        data: that it will be trained on.
    """
    if not all(each.in_closed_form for each in wrappers):
        # A name of its own: the command line finds models by their names.
        kind = type(f"Mistaken{type(model).__name__}", (Mistaken, type(model)), {"wrappers": tuple(wrappers)})
        model.__class__ = kind
    for each in wrappers:
        each.prepare(model, data)


def _chained(right: Callable[..., Tensor], wrongs: Iterable[Callable[..., Tensor]]) -> Callable[..., Tensor]:
    for wrong in wrongs:
        right = partial(wrong, right)
    return right


def _call(method: Callable[..., Tensor], model: Classifier, right: Callable[..., Tensor], value: Tensor) -> Tensor:
    return method(right, model, value)
